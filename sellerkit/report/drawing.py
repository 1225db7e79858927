"""A chart as a drawing: the figures of a plotly chart as SVG, for pages without any script.

The drawing has no viewBox: places across are shares of the width and places down are pixels, so
that words and dots keep their size at any width. Only curves are stretched. Colours are the page's
custom properties, so that it is dark where the page is. Whatever a figure uses that is not drawn
here raises; nothing of it is left out silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from sellerkit.report.axes import Axis, Plot, draw_grid, draw_x_labels, draw_y_labels, read_axis
from sellerkit.report.marks import draw_marks
from sellerkit.report.page import Figure
from sellerkit.report.svg import (
    dashes,
    numbers,
    paint,
    percent,
    refuse_others,
    tag,
    text_of,
    undrawable,
    values,
)

_LAYOUT = {
    "annotations", "barmode", "dragmode", "font", "height", "hoverlabel", "hovermode", "margin",
    "paper_bgcolor", "plot_bgcolor", "shapes", "showlegend", "template", "xaxis",
}  # fmt: skip
_LABEL = {
    "font", "showarrow", "text", "x", "xanchor", "xref", "xshift", "y", "yanchor", "yref", "yshift",
}  # fmt: skip
_RULE = {"line", "type", "x0", "x1", "xref", "y0", "y1", "yref"}

#: Which kind of trace lies under which.
_UNDER = ("heatmap", "bar", "scatter")

_HEIGHT = 300
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_DOWN = {"top": ".85em", "middle": ".35em", "bottom": "-.25em"}


def draw_still(figure: Figure) -> Markup:
    """Draw a chart, and once more for a phone where it has other labels there.

    Parameters
    ----------
    figure : Figure

    Returns
    -------
    Markup
        ``<div class="draw …">``, one or two; the page's CSS shows one of them.

    Raises
    ------
    ReportError
        An entry of the figure that a static page cannot draw.
    """
    narrow = figure.caption.get("narrow") or {}
    if not narrow:
        return _draw(figure.data, figure.layout, "draw")
    changes = narrow.get("data", [])
    data = [trace | (changes[n] if n < len(changes) else {}) for n, trace in enumerate(figure.data)]
    layout = figure.layout | narrow.get("layout", {})
    wide = _draw(figure.data, figure.layout, "draw only-w")
    return wide + _draw(data, layout, "draw only-n")


def _draw(data: list[dict[str, Any]], layout: dict[str, Any], name: str) -> Markup:
    axes = [key for key in layout if key.startswith("yaxis")]
    refuse_others(layout, _LAYOUT | set(axes), "layout")
    if layout.get("showlegend"):
        raise undrawable("layout.showlegend")
    height = layout.get("height", _HEIGHT)
    margin = layout["margin"]
    plot = _plot(data, layout, height)
    drawn = [part for axis in plot.ys.values() for part in draw_grid(axis)]
    for trace in sorted(data, key=_depth):
        drawn += draw_marks(trace, plot)
    ground = height - margin["b"]
    for each in layout.get("shapes", []):
        drawn.append(_rule(each, plot, margin["t"], ground))
    drawn += [part for axis in plot.ys.values() for part in draw_y_labels(axis)]
    foot = plot.ys[layout["xaxis"].get("anchor", "y")]
    drawn += draw_x_labels(plot.x, foot.start, layout["xaxis"].get("title"))
    for each in layout.get("annotations", []):
        drawn.append(_label(each, plot, margin["t"], ground))
    picture = tag("svg", *drawn, width="100%", height=height, aria_hidden="true")
    return tag("div", picture, class_=name, style=f"padding:0 {margin['r']}px 0 {margin['l']}px")


def _depth(trace: dict[str, Any]) -> int:
    kind = trace.get("type", "scatter")
    return _UNDER.index(kind) if kind in _UNDER else len(_UNDER)


def _plot(data: list[dict[str, Any]], layout: dict[str, Any], height: float) -> Plot:
    stacked = layout.get("barmode") == "stack"
    places = [(t.get("yaxis", "y"), t["type"]) for t in data if t.get("type") == "bar"]
    if not stacked and len(places) > len(set(places)):
        raise undrawable("bars side by side")
    across = read_axis(layout["xaxis"], [], (0, 1), "xaxis")
    ends = height - layout["margin"]["b"], layout["margin"]["t"]
    down: dict[str, Axis] = {}
    for key in sorted(key for key in layout if key.startswith("yaxis")):
        name = "y" + key.removeprefix("yaxis")
        held = _held([t for t in data if t.get("yaxis", "y") == name], stacked=stacked)
        down[name] = read_axis(layout[key], held, ends, key)
    return Plot(across, down, height, stacked)


def _held(traces: list[dict[str, Any]], *, stacked: bool) -> Iterator[float]:
    """Yield the values that an axis must reach: each, and the heights of what stands stacked."""
    sums: dict[Any, float] = {}
    for trace in traces:
        ys = numbers(trace.get("y"), "y")
        yield from (y for y in ys if y is not None)
        if stacked and trace.get("type") == "bar":
            for x, y in zip(values(trace.get("x")), ys, strict=True):
                sums[x] = sums.get(x, 0.0) + (y or 0.0)
    yield from sums.values()


def _rule(given: dict[str, Any], plot: Plot, top: float, ground: float) -> Markup:
    """Draw a target or a limit."""
    refuse_others(given, _RULE, "shape")
    if given.get("type") != "line":
        raise undrawable(f"a shape of type {given.get('type')}")
    line = given["line"]
    x = [_across(given[key], given.get("xref", "x"), plot) for key in ("x0", "x1")]
    y = [_down(given[key], given.get("yref", "y"), plot, top, ground) for key in ("y0", "y1")]
    return tag(
        "line", x1=percent(x[0]), x2=percent(x[1]), y1=y[0], y2=y[1], stroke=paint(line["color"]),
        stroke_width=line["width"], stroke_dasharray=dashes(line.get("dash")),
    )  # fmt: skip


def _label(given: dict[str, Any], plot: Plot, top: float, ground: float) -> Markup:
    refuse_others(given, _LABEL, "annotation")
    if given.get("showarrow", True):
        raise undrawable("annotation.showarrow")
    words, bold = text_of(given["text"])
    x = _across(given["x"], given.get("xref", "x"), plot)
    y = _down(given["y"], given.get("yref", "y"), plot, top, ground) - given.get("yshift", 0)
    return tag(
        "text", words, x=percent(x), dx=given.get("xshift"), y=y,
        dy=_DOWN[given.get("yanchor", "middle")], font_weight=600 if bold else None,
        text_anchor=_ANCHORS[given.get("xanchor", "center")], fill=paint(given["font"]["color"]),
    )  # fmt: skip


def _across(value: float, ref: str, plot: Plot) -> float:
    return value if ref == "paper" else plot.x.at(value)


def _down(value: float, ref: str, plot: Plot, top: float, ground: float) -> float:
    return ground - value * (ground - top) if ref == "paper" else plot.ys[ref].at(value)
