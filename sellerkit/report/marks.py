"""The marks of a static chart: bars, lines, bands, dots and intervals as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from sellerkit.report.axes import Plot, Run
from sellerkit.report.cells import draw_cells
from sellerkit.report.svg import (
    area,
    dashes,
    numbers,
    paint,
    percent,
    refuse_others,
    spread,
    tag,
    text_of,
    undrawable,
)
from sellerkit.show.palette import LIGHT

_HOVER = {"customdata", "hoverinfo", "hoverongaps", "hovertemplate", "name", "showlegend"}
_PLACE = {"type", "x", "y", "yaxis"}
_KNOWN = {
    "bar": _PLACE | _HOVER | {"base", "marker", "width"},
    "scatter": _PLACE | _HOVER | {
        "cliponaxis", "connectgaps", "error_y", "fill", "fillcolor", "line", "marker", "mode",
        "text", "textfont", "textposition",
    },
    "heatmap": _PLACE | _HOVER | {
        "colorscale", "showscale", "text", "textfont", "texttemplate", "xgap", "ygap", "z", "zmax",
        "zmin",
    },
}  # fmt: skip
_MODES = {"lines", "markers", "text"}
_FILLS = {None, "none", "tozeroy", "tonexty"}
_SHAPES = {None, "linear", "hv"}
_WIDE = 1000  # x units of the box in which curves are drawn and which is stretched to the plot


def draw_marks(trace: dict[str, Any], plot: Plot) -> list[Markup]:
    """Draw one trace of a figure.

    Parameters
    ----------
    trace : dict
        Of plotly.
    plot : Plot

    Raises
    ------
    ReportError
        A type of trace, or an entry of one, that a static page does not know.
    """
    kind = trace.get("type", "scatter")
    if kind not in _DRAWN:
        raise undrawable(f"a trace of type {kind}")
    refuse_others(trace, _KNOWN[kind], kind)
    return list(_DRAWN[kind](trace, plot))


# ---- bars ----------------------------------------------------------------------------------------


def _bars(trace: dict[str, Any], plot: Plot) -> Iterator[Markup]:
    xs, ys = numbers(trace.get("x"), "bar.x"), numbers(trace.get("y"), "bar.y")
    marker, axis = trace.get("marker", {}), plot.y_of(trace)
    refuse_others(marker, {"color", "line", "pattern"}, "bar.marker")
    colours = spread(marker.get("color"), len(xs))
    wide = trace.get("width", 0.8)
    for x, y, base, colour in zip(xs, ys, _bases(trace, xs, ys, plot), colours, strict=True):
        if x is None or not y:
            continue
        start, end = plot.x.inside(x - wide / 2), plot.x.inside(x + wide / 2)
        top, bottom = sorted((axis.inside(base), axis.inside(base + y)))
        yield tag(
            "rect", x=percent(start), width=percent(end - start), y=top, height=bottom - top,
            fill=area(marker, colour), **_edge(marker.get("line", {})),
        )  # fmt: skip


def _bases(
    trace: dict[str, Any], xs: list[float | None], ys: list[float | None], plot: Plot
) -> list[float]:
    """Return where each bar begins: as the figure says, on those before it, or at 0."""
    if "base" in trace:
        return [float(base or 0) for base in spread(trace["base"], len(xs))]
    if not plot.stacked:
        return [0.0] * len(xs)
    found = []
    for x, y in zip(xs, ys, strict=True):
        place = trace.get("yaxis", "y"), x or 0.0
        found.append(plot.tops[place])
        plot.tops[place] += y or 0.0
    return found


def _edge(line: dict[str, Any]) -> dict[str, Any]:
    if not line.get("width"):
        return {}
    return {"stroke": paint(line["color"]), "stroke_width": line["width"]}


# ---- lines, bands and dots -----------------------------------------------------------------------


def _scatter(trace: dict[str, Any], plot: Plot) -> Iterator[Markup]:
    modes = set(trace.get("mode", "lines+markers").split("+"))
    if modes - _MODES:
        raise undrawable(f"scatter.mode {trace['mode']!r}")
    xs, ys = numbers(trace.get("x"), "scatter.x"), numbers(trace.get("y"), "scatter.y")
    runs = _runs(trace, xs, ys, plot)
    yield from _band(trace, runs, plot)
    yield from _intervals(trace, xs, ys, plot)
    if "lines" in modes:
        yield from _lines(trace, runs, plot)
    if "markers" in modes:
        yield from _dots(trace, xs, ys, plot)
    if "text" in modes:
        yield from _words(trace, xs, ys, plot)
    plot.before = runs


def _runs(
    trace: dict[str, Any], xs: list[float | None], ys: list[float | None], plot: Plot
) -> list[Run]:
    """Return the pieces of a curve between its gaps; steps get the points of their corners."""
    shape, axis = trace.get("line", {}).get("shape"), plot.y_of(trace)
    if shape not in _SHAPES:
        raise undrawable(f"scatter.line.shape {shape!r}")
    runs: list[Run] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if x is not None and y is not None:
            runs[-1].append((plot.x.at(x), axis.at(y)))
        elif not trace.get("connectgaps") and runs[-1]:
            runs.append([])
    return [_steps(run) if shape == "hv" else run for run in runs if run]


def _steps(run: Run) -> Run:
    corners = [(point, (after[0], point[1])) for point, after in pairwise(run)]
    return [point for pair in corners for point in pair] + run[-1:]


def _band(trace: dict[str, Any], runs: list[Run], plot: Plot) -> Iterator[Markup]:
    fill = trace.get("fill")
    if fill not in _FILLS:
        raise undrawable(f"scatter.fill {fill!r}")
    if fill == "tozeroy":
        zero = plot.y_of(trace).zero
        floors = [[(run[0][0], zero), (run[-1][0], zero)] for run in runs]
    elif fill == "tonexty":
        floors = plot.before
    else:
        return
    if len(floors) != len(runs):
        raise undrawable("a band between two curves with different gaps")
    whole = "".join(f"{_path(run + floor[::-1])}Z" for run, floor in zip(runs, floors, strict=True))
    yield _curve(plot, d=whole, fill=paint(trace["fillcolor"]))


def _lines(trace: dict[str, Any], runs: list[Run], plot: Plot) -> Iterator[Markup]:
    line = trace.get("line", {})
    refuse_others(line, {"color", "dash", "shape", "width"}, "scatter.line")
    if line.get("width", 2):
        yield _curve(
            plot, d="".join(map(_path, runs)), fill="none", stroke=paint(line["color"]),
            stroke_width=line.get("width", 2), stroke_dasharray=dashes(line.get("dash")),
            stroke_linejoin="round", vector_effect="non-scaling-stroke",
        )  # fmt: skip


def _path(run: Run) -> str:
    return "M" + "L".join(f"{x * _WIDE:.1f} {y:.1f}" for x, y in run)


def _curve(plot: Plot, **attributes: Any) -> Markup:
    """Return a path that is stretched to the plot's width; its stroke keeps its own."""
    return tag(
        "svg", tag("path", **attributes), x="0", y="0", width="100%", height=plot.height,
        viewBox=f"0 0 {_WIDE} {plot.height:g}", preserveAspectRatio="none", overflow="visible",
    )  # fmt: skip


def _intervals(
    trace: dict[str, Any], xs: list[float | None], ys: list[float | None], plot: Plot
) -> Iterator[Markup]:
    bars = trace.get("error_y")
    if not bars:
        return
    known = {"array", "arrayminus", "color", "symmetric", "thickness", "type", "visible", "width"}
    refuse_others(bars, known, "scatter.error_y")
    above = numbers(bars["array"], "error_y.array")
    below = numbers(bars["arrayminus"], "error_y.arrayminus") if "arrayminus" in bars else above
    axis = plot.y_of(trace)
    for x, y, up, down in zip(xs, ys, above, below, strict=True):
        if x is not None and y is not None:
            place = percent(plot.x.at(x))
            yield tag(
                "line", x1=place, x2=place, y1=axis.inside(y + (up or 0)),
                y2=axis.inside(y - (down or 0)), stroke=paint(bars["color"]),
                stroke_width=bars.get("thickness", 2),
            )  # fmt: skip


def _dots(
    trace: dict[str, Any], xs: list[float | None], ys: list[float | None], plot: Plot
) -> Iterator[Markup]:
    marker, axis, count = trace.get("marker", {}), plot.y_of(trace), len(xs)
    refuse_others(marker, {"color", "line", "opacity", "size", "symbol"}, "scatter.marker")
    if marker.get("opacity") == 0:
        return
    line = marker.get("line", {})
    columns = [
        spread(given, count)
        for given in (
            marker.get("color"), marker.get("symbol", "circle"), marker.get("size", 6),
            line.get("color"), line.get("width", 0),
        )
    ]  # fmt: skip
    for x, y, colour, symbol, size, edge, wide in zip(xs, ys, *columns, strict=True):
        if x is not None and y is not None:
            drawn = {"fill": paint(colour), **_edge({"color": edge, "width": wide})}
            yield _dot(symbol, percent(plot.x.at(x)), axis.at(y), size / 2, drawn)


def _dot(symbol: str, x: str, y: float, half: float, drawn: dict[str, Any]) -> Markup:
    if symbol == "circle":
        return tag("circle", cx=x, cy=y, r=half, **drawn)
    if symbol == "square":
        shift = f"translate({-half:g} {-half:g})"
        return tag("rect", x=x, y=y, width=2 * half, height=2 * half, transform=shift, **drawn)
    raise undrawable(f"scatter.marker.symbol {symbol!r}")


#: Where a label stands beside its dot: across, how it is anchored, and down.
_BESIDE = {
    "middle left": (-9, "end", ".35em"),
    "middle right": (9, "start", ".35em"),
    "middle center": (0, "middle", ".35em"),
    "top center": (0, "middle", "-.7em"),
    "bottom center": (0, "middle", "1.4em"),
}


def _words(
    trace: dict[str, Any], xs: list[float | None], ys: list[float | None], plot: Plot
) -> Iterator[Markup]:
    where = trace.get("textposition", "middle center")
    if where not in _BESIDE:
        raise undrawable(f"scatter.textposition {where!r}")
    across, anchor, down = _BESIDE[where]
    colour = paint(trace.get("textfont", {}).get("color", LIGHT["ink"]))
    axis = plot.y_of(trace)
    for x, y, label in zip(xs, ys, spread(trace.get("text"), len(xs)), strict=True):
        if x is not None and y is not None and label:
            yield tag(
                "text", text_of(str(label))[0], x=percent(plot.x.at(x)), dx=across, y=axis.at(y),
                dy=down, text_anchor=anchor, fill=colour,
            )  # fmt: skip


_DRAWN: dict[str, Callable[[dict[str, Any], Plot], Iterator[Markup]]] = {
    "bar": _bars,
    "scatter": _scatter,
    "heatmap": draw_cells,
}
