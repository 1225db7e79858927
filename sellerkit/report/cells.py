"""A heat map of a static chart as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from sellerkit.report.axes import Axis, Plot
from sellerkit.report.svg import numbers, paint, percent, tag, text_of, undrawable, values
from sellerkit.show.palette import LIGHT, TOKEN_OF, on


def draw_cells(trace: dict[str, Any], plot: Plot) -> Iterator[Markup]:
    """Draw a heat map: its cells, and the counts in them.

    Raises
    ------
    ReportError
        A scale that is no scale of steps, a legend of it, or a template for the labels.
    """
    if trace.get("texttemplate", "") not in ("", "%{text}"):
        raise undrawable(f"heatmap.texttemplate {trace['texttemplate']!r}")
    if trace.get("showscale", True):
        raise undrawable("heatmap.showscale; a key beside the chart says what its colours mean")
    labels = values(trace.get("text")) if trace.get("texttemplate") else []
    axis = plot.y_of(trace)
    xs, ys = numbers(trace["x"], "heatmap.x"), numbers(trace["y"], "heatmap.y")
    for n, (y, row) in enumerate(zip(ys, values(trace["z"]), strict=True)):
        for m, (x, value) in enumerate(zip(xs, row, strict=True)):
            if x is not None and y is not None and value is not None and value == value:
                colour = _colour(trace, value)
                yield _cell(trace, plot, axis, (x, y), colour)
                if labels and labels[n][m]:
                    yield _count(str(labels[n][m]), plot.x.at(x), axis.at(y), colour)


def _cell(
    trace: dict[str, Any], plot: Plot, axis: Axis, at: tuple[float, float], colour: str
) -> Markup:
    x, y = at
    top, bottom = sorted((axis.at(y - 0.5), axis.at(y + 0.5)))
    start, end = plot.x.at(x - 0.5), plot.x.at(x + 0.5)
    # the gap between two cells is an edge in the page's colour: in per cent it could not be pixels
    return tag(
        "rect", x=percent(start), width=percent(end - start), y=top, height=bottom - top,
        fill=paint(colour), stroke=paint(LIGHT["paper"]), stroke_width=trace.get("xgap", 0),
    )  # fmt: skip


def _count(label: str, x: float, y: float, colour: str) -> Markup:
    words = text_of(label)[0]
    fill = f"var(--{on(TOKEN_OF[colour])})" if colour in TOKEN_OF else paint(LIGHT["ink"])
    return tag("text", words, x=percent(x), y=y, dy=".35em", text_anchor="middle", fill=fill)


def _colour(trace: dict[str, Any], value: float) -> str:
    """Return the colour of a value on a scale of steps; a blended one has no token."""
    scale = trace["colorscale"]
    steps = list(zip(scale[::2], scale[1::2], strict=False))
    if len(scale) % 2 or any(low[1] != high[1] for low, high in steps):
        raise undrawable("heatmap.colorscale without steps")
    part = (value - trace["zmin"]) / (trace["zmax"] - trace["zmin"])
    fitting = [low[1] for low, _ in steps if low[0] <= part]
    return str(fitting[-1] if fitting else steps[0][0][1])
