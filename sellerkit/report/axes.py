"""The axes of a static chart: x as a share of the plot's width, y in pixels from its top."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from sellerkit.report.svg import numbers, paint, percent, refuse_others, tag, text_of, undrawable
from sellerkit.show.palette import LIGHT

_KNOWN = {
    "anchor", "automargin", "domain", "fixedrange", "gridcolor", "gridwidth", "nticks", "range",
    "rangemode", "showgrid", "showline", "showticklabels", "tickfont", "tickformat",
    "ticklabelstandoff", "ticks", "ticktext", "tickvals", "title", "zeroline",
}  # fmt: skip
_FORMATS = {",d": "{:,.0f}", "d": "{:.0f}", "": "{:g}"}

_STANDOFF = 6  # px between the plot and a label
_ROOM = 0.95  # how much of an axis the data fill where the figure leaves its range open
_TICKS = 5
_ROUND = (2, 5, 10)


@dataclass(frozen=True)
class Axis:
    """A scale from values to places.

    Attributes
    ----------
    low, high : float
        The values at the axis's start and end; `low` may be the larger.
    start, end : float
        Their places: shares of the width for x, pixels for y.
    ticks : tuple of (float, str)
    grid, labels : bool
    """

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...]
    grid: bool
    labels: bool

    def at(self, value: float) -> float:
        """Return the place of a value."""
        part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def inside(self, value: float) -> float:
        """Return the place of a value, or the end of the axis that it lies beyond."""
        low, high = sorted((self.low, self.high))
        return self.at(min(max(value, low), high))

    @property
    def zero(self) -> float:
        """Where areas and bars stand: at 0, or at the end nearest to it."""
        return self.inside(0)


#: A piece of a curve: places of its points, x as a share of the width and y in pixels.
Run = list[tuple[float, float]]


@dataclass
class Plot:
    """Where marks go: the axes, the plot's height, and what the traces so far leave behind."""

    x: Axis
    ys: dict[str, Axis]
    height: float
    stacked: bool = False
    tops: dict[tuple[str, float], float] = field(default_factory=lambda: defaultdict(float))
    before: list[Run] = field(default_factory=list)

    def y_of(self, trace: dict[str, Any]) -> Axis:
        """Return the y axis of a trace."""
        return self.ys[trace.get("yaxis", "y")]


def read_axis(
    given: dict[str, Any], held: Iterable[float], places: tuple[float, float], name: str
) -> Axis:
    """Read an axis of a figure's layout.

    Parameters
    ----------
    given : dict
        Of plotly: ``range``, ``tickvals`` …
    held : iterable of float
        All values that it holds, for where no range is given.
    places : pair of float
        Of the whole plot: its start and end.
    name : str
        ``xaxis``, ``yaxis2`` …

    Raises
    ------
    ReportError
        An entry that a static page does not know, such as ``type``.
    """
    refuse_others(given, _KNOWN, name)
    low, high = given.get("range") or _range_of(given, list(held))
    whole = places[1] - places[0]
    first, last = given.get("domain", (0, 1))
    return Axis(
        low, high, places[0] + first * whole, places[0] + last * whole, _ticks(given, low, high),
        given.get("showgrid", True), given.get("showticklabels", True),
    )  # fmt: skip


def _range_of(given: dict[str, Any], held: list[float]) -> tuple[float, float]:
    if given.get("rangemode") != "tozero":
        raise undrawable("an axis without a range that does not begin at 0")
    return 0, (max(held, default=0) or 1) / _ROOM


def _ticks(given: dict[str, Any], low: float, high: float) -> tuple[tuple[float, str], ...]:
    wording = _FORMATS.get(given.get("tickformat", ""))
    if wording is None:
        raise undrawable(f"tickformat {given['tickformat']!r}")
    if "tickvals" in given:
        places = [at for at in numbers(given["tickvals"], "tickvals") if at is not None]
    else:
        step = _step((high - low) / given.get("nticks", _TICKS))
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        places = [n * step for n in range(first, last + 1)]
    texts = given.get("ticktext") or [wording.format(at) for at in places]
    ends = sorted((low, high))
    pairs = zip(places, texts, strict=True)
    return tuple((at, text_of(str(text))[0]) for at, text in pairs if ends[0] <= at <= ends[1])


def _step(rough: float) -> float:
    """Return the round step that plotly takes too: the next of 2, 5 and 10 times a power of ten."""
    base: float = 10 ** math.floor(math.log10(rough))
    return base * next(n for n in _ROUND if n >= rough / base - 1e-9)


def draw_grid(axis: Axis) -> list[Markup]:
    """Return the horizontal hairlines of a y axis."""
    stroke = paint(LIGHT["line"])
    return [
        tag("line", x1="0", x2="100%", y1=axis.at(value), y2=axis.at(value), stroke=stroke)
        for value, _ in axis.ticks
        if axis.grid
    ]


def draw_y_labels(axis: Axis) -> list[Markup]:
    """Return the labels at the left of the plot."""
    return [
        tag("text", text, x="0", dx=-_STANDOFF, y=axis.at(value), dy=".35em", text_anchor="end")
        for value, text in axis.ticks
        if axis.labels
    ]


def draw_x_labels(axis: Axis, bottom: float, title: dict[str, Any] | None) -> list[Markup]:
    """Return the labels under the plot, and the axis's title under these."""
    base = bottom + _STANDOFF + 3
    words = [
        tag("text", text, x=percent(axis.at(value)), y=base, dy=".85em", text_anchor="middle")
        for value, text in axis.ticks
        if axis.labels
    ]
    if title and title.get("text"):
        below = base + 12 + title.get("standoff", 0)
        name = text_of(title["text"])[0]
        words.append(tag("text", name, x="50%", y=below, dy=".85em", text_anchor="middle"))
    return words
