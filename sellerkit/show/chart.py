"""A chart that brings its own words: finding, what is measured, a sentence, and its data."""

from __future__ import annotations

import html
import json
import textwrap
from typing import Any

import plotly.graph_objects as go

from sellerkit.show.palette import LIGHT
from sellerkit.show.words import NARROW

#: The output type by which JupyterLab and the page know a chart.
PLOTLY_MIME = "application/vnd.plotly.v1+json"

_FONT = (
    '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, '
    '"Noto Sans", "Liberation Sans", sans-serif'
)


_LINE = 110  # signs of a caption that is drawn


class Chart(go.Figure):  # type: ignore[misc]  # plotly comes untyped
    """A plotly Figure that shows itself as data, never as HTML, and carries its caption.

    The caption lies in ``layout.meta``, where the page's exporter finds it: `finding` (the bold
    title), `measured` (the line under it), `sentence` (for who cannot see it), `head` and `rows`
    (the data as a table), `key` (pairs of a sign and its word), and `narrow` (`layout` and `data`
    entries that take the place of the wide ones on a phone).
    """

    # plotly's own display would ask a global renderer, which differs between a kernel, a lab and
    # a batch run; without it IPython takes the mimebundle below, the same everywhere
    _ipython_display_ = None
    _repr_html_ = None

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {PLOTLY_MIME: json.loads(self.to_json()), "text/plain": self.sentence}

    def titled(self) -> Chart:
        """Return the chart with its caption drawn in it, for where none stands beside it.

        ``layout.meta.plain`` keeps what a page takes back, since its captions are text.
        """
        layout, meta = self.layout, dict(self.layout.meta)
        lines = textwrap.wrap(html.escape(meta["measured"], quote=False), _LINE)
        room = 34 + 16 * len(lines)
        plain = {"height": layout.height, "margin": layout.margin.to_plotly_json()}
        title = {
            "text": f"<b>{html.escape(meta['finding'], quote=False)}</b>",
            "font": {"size": 14, "color": LIGHT["ink"]},
            "subtitle": {"text": "<br>".join(lines), "font": {"size": 12, "color": LIGHT["soft"]}},
            "x": 0, "xanchor": "left", "y": 1, "yanchor": "top", "yref": "container",
            "pad": {"t": 10, "l": 4},
        }  # fmt: skip
        return Chart(self).update_layout(
            title=title,
            height=layout.height + room,
            margin={"t": plain["margin"]["t"] + room},
            meta=meta | {"plain": {"title": None, **plain}},
        )

    @property
    def sentence(self) -> str:
        """What the chart shows, in one sentence."""
        return str(self.layout.meta["sentence"])


def draw(
    traces: list[Any],
    *,
    words: dict[str, Any],
    height: int,
    layout: dict[str, Any],
    narrow: dict[str, Any] | None = None,
) -> Chart:
    """Return a chart in the house's clothes.

    Parameters
    ----------
    traces : list of plotly traces
    words : dict
        `finding`, `measured`, `sentence`, `head`, `rows`, and `key` where one is needed.
    height : int
        Pixels.
    layout : dict
        What differs from the house's layout, key by key.
    narrow : dict, optional
        `layout` and `data` entries for a phone.
    """
    # pairs, since the JSON of a figure has its keys sorted
    key = [[name, word] for name, word in words.get("key", {}).items()]
    meta = {"narrow": narrow or {}, **words, "key": key}
    return Chart(traces, {**_LAYOUT, **layout, "height": height, "meta": meta})


def axis(**changes: Any) -> dict[str, Any]:
    """Return an axis: hairlines, no frame, no zoom (a page is scrolled over a chart)."""
    return {
        "fixedrange": True,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "gridcolor": LIGHT["line"],
        "gridwidth": 1,
        "automargin": False,
        "ticklabelstandoff": 6,
        "tickfont": {"color": LIGHT["faint"], "size": 12},
        **changes,
    }


def share_axis(floor: float, top: float, step: float, **changes: Any) -> dict[str, Any]:
    """Return an axis of shares from `floor` to 1; the highest label alone names the unit."""
    count = round((1 - floor) / step)
    places = [1 - step * n for n in range(count + 1)]
    texts = [f"{place * 100:.0f}" for place in places]
    texts[0] += f"{NARROW}%"
    return axis(range=[floor, top], tickvals=places, ticktext=texts, **changes)


def label(text: str, *, strong: bool = False, **place: Any) -> dict[str, Any]:
    """Return a direct label; `text` is ours, never a stranger's."""
    colour = LIGHT["ink"] if strong else LIGHT["soft"]
    return {
        "text": f"<b>{text}</b>" if strong else text,
        "showarrow": False,
        "font": {"size": 12, "color": colour},
        "xanchor": "left",
        "yanchor": "middle",
        **place,
    }


def rule(*, dashed: bool = False, **place: Any) -> dict[str, Any]:
    """Return a line across the plot: dashed for a target, solid for a limit."""
    stroke = {"color": LIGHT["ink"], "width": 1.25, "dash": "5px,3px" if dashed else "solid"}
    return {"type": "line", "line": stroke, **place}


_LAYOUT: dict[str, Any] = {
    # plotly's own is seven kilobytes of colours that are not ours, in each chart of a page
    "template": "none",
    "font": {"family": _FONT, "size": 12, "color": LIGHT["faint"]},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "margin": {"l": 40, "r": 8, "t": 12, "b": 28, "pad": 0},
    "showlegend": False,
    "dragmode": False,
    "hoverlabel": {
        "bgcolor": LIGHT["paper"],
        "bordercolor": LIGHT["line2"],
        "font": {"family": _FONT, "size": 12, "color": LIGHT["ink"]},
    },
    "xaxis": axis(showgrid=False),
    "yaxis": axis(),
}
