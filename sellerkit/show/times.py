"""How long buyers wait: the answers by hour, and the curve that counts those who still wait."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sellerkit.show.chart import Chart, axis, draw, label, rule, share_axis
from sellerkit.show.display import NOTHING, Html, sentence
from sellerkit.show.palette import LIGHT
from sellerkit.show.view import View
from sellerkit.show.words import (
    NARROW,
    format_count,
    format_hours,
    format_limit,
    format_percent,
    format_plural,
    format_share,
)

#: Where the bins of the histogram begin, in hours; the last one is open.
HOUR_EDGES = tuple(range(49))

_LONGEST = 72  # hours that the curve shows
_GRID = 0.1  # hours between two points of a thinned curve
_HOUR = pd.Timedelta(hours=1)


def limit_hours(contacts: pd.DataFrame) -> float | None:
    """Return the hours allowed for an answer, or None where they differ among the contacts."""
    limits = ((contacts["due_at"] - contacts["sent_at"]) / _HOUR).unique()
    return float(limits[0]) if len(limits) == 1 else None


def plot_response_times(
    histogram: pd.DataFrame, contacts: pd.DataFrame, view: View
) -> Chart | Html:
    """Plot answers by hours waited; below the axis, those without an answer at their age now.

    Parameters
    ----------
    histogram : pd.DataFrame
        Of `contacts`, by `HOUR_EDGES`: `from_hours`, `to_hours`, `answered`, `met`, `late`.
    contacts : pd.DataFrame
        The contacts of the window; counted ones are drawn.
    view : View

    Returns
    -------
    Chart, or Html of nothing where nobody wrote: `words_of_waiting` says so.
    """
    counted = contacts[contacts["counted"]]
    if counted.empty:
        return NOTHING
    limit = limit_hours(counted)
    waiting = {
        status: (view.as_of - counted.loc[counted["status"] == status, "sent_at"]) / _HOUR
        for status in ("open", "missed")
    }
    words = {
        "finding": _finding(histogram),
        "measured": "Answered inquiries per hour of waiting; below the axis, those that wait",
        "sentence": _histogram_sentence(histogram, waiting),
        "head": ["Hours waited", "In time", "Late"],
        "rows": _histogram_rows(histogram),
        "key": _histogram_key(histogram, waiting),
    }
    traces = [_bars(histogram, "met"), _bars(histogram, "late")]
    traces += [_waiters(ages, status) for status, ages in waiting.items() if len(ages)]
    layout = _histogram_layout(histogram, limit)
    return draw(traces, words=words, height=280, layout=layout)


def _finding(histogram: pd.DataFrame) -> str:
    answered = int(histogram["answered"].sum())
    if not answered:
        return "No inquiry of the window has been answered"
    early = int(histogram.loc[histogram["to_hours"] <= 6, "answered"].sum())
    return f"{format_share(early / answered, 0)} of the answers came within 6 hours"


def _histogram_sentence(histogram: pd.DataFrame, waiting: dict[str, pd.Series]) -> str:
    return (
        f"Histogram of hours to the answer: {format_count(histogram['met'].sum())} in time, "
        f"{format_count(histogram['late'].sum())} late. Without an answer: "
        f"{format_count(len(waiting['missed']))} past their time, "
        f"{format_count(len(waiting['open']))} not yet due."
    )


def _histogram_rows(histogram: pd.DataFrame) -> list[list[str]]:
    def bin_words(row: Any) -> str:
        if np.isinf(row.to_hours):
            return f"over {row.from_hours:g}"
        return f"{row.from_hours:g} to {row.to_hours:g}"

    return [
        [bin_words(row), format_count(row.met), format_count(row.late)]
        for row in histogram.itertuples()
        if row.answered
    ]


def _histogram_key(histogram: pd.DataFrame, waiting: dict[str, pd.Series]) -> dict[str, str]:
    key = {"met": "in time"}
    if histogram["late"].sum():
        key["late"] = "late"
    for status, ages in waiting.items():
        if len(ages):
            key[status] = f"{format_count(len(ages))} {status}, at their age now"
    return key


def _bars(histogram: pd.DataFrame, status: str) -> go.Bar:
    # overlay: the strokes lie on the colour, they do not take its place
    pattern = {
        "shape": "/", "size": 5, "solidity": 0.3, "fgcolor": LIGHT["late-hatch"],
        "fillmode": "overlay",
    }  # fmt: skip
    marker = {"color": LIGHT[status], "line": {"width": 0}}
    hours = [row[0] for row in _all_bins(histogram)]
    return go.Bar(
        x=histogram["from_hours"] + 0.5, y=histogram[status], width=0.88, customdata=hours,
        marker=marker | ({"pattern": pattern} if status == "late" else {}),
        hovertemplate="%{customdata}: %{y} " + {"met": "in time", "late": "late"}[status]
        + "<extra></extra>",
    )  # fmt: skip


def _all_bins(histogram: pd.DataFrame) -> list[tuple[str]]:
    ends = histogram["to_hours"]
    return [
        (f"{begin:g} to {end:g} h" if np.isfinite(end) else f"over {begin:g} h",)
        for begin, end in zip(histogram["from_hours"], ends, strict=True)
    ]


def _waiters(ages: pd.Series, status: str) -> go.Scatter:
    """Draw each age once per half hour; what is older than the axis stands at its end."""
    shown = (ages.clip(upper=HOUR_EDGES[-1] + 0.5) * 2).round().div(2)
    counts = shown.value_counts()
    hollow = status == "open"
    texts = [format_count(n) if age > HOUR_EDGES[-1] else "" for age, n in counts.items()]
    return go.Scatter(
        x=counts.index, y=[0.5] * len(counts), yaxis="y2", mode="markers+text",
        text=texts, textposition="middle left", textfont={"size": 12, "color": LIGHT["ink"]},
        marker={
            "size": 9, "symbol": "circle" if hollow else "square",
            "color": LIGHT["paper" if hollow else "missed"],
            "line": {"color": LIGHT["ink" if hollow else "paper"], "width": 1.25 if hollow else 0},
        },
        customdata=counts.to_numpy(), cliponaxis=False,
        hovertemplate="%{customdata} " + status + ", waiting about %{x} h<extra></extra>",
    )  # fmt: skip


def _histogram_layout(histogram: pd.DataFrame, limit: float | None) -> dict[str, Any]:
    last = HOUR_EDGES[-1]
    hours = [*range(0, last, 6), last + 0.5]
    texts = [str(hour) for hour in hours[:-1]] + [f">{last}{NARROW}h"]
    layout: dict[str, Any] = {
        "margin": {"l": 40, "r": 14, "t": 22, "b": 8},
        "barmode": "stack",
        "xaxis": axis(showgrid=False, range=[-0.6, last + 1.6], tickvals=hours, ticktext=texts),
        "yaxis": axis(domain=[0.21, 1], rangemode="tozero", nticks=5, tickformat=",d"),
        "yaxis2": axis(domain=[0, 0.08], range=[0, 1], showgrid=False, showticklabels=False),
    }
    if limit is not None and limit < last:
        # parted where the axis writes its hours
        parts = ((0, 0.09), (0.21, 1.06))
        layout["shapes"] = [
            rule(x0=limit, x1=limit, yref="paper", y0=low, y1=high) for low, high in parts
        ]
        place: dict[str, Any] = {"x": limit, "xshift": 6, "yref": "paper", "yanchor": "top"}
        late = f"{format_count(histogram['late'].sum())} answered late"
        limits = f"{limit:g}{NARROW}h limit"
        layout["annotations"] = [
            label(limits, strong=True, y=1.06, **place),
            label(late, y=0.98, **place),
        ]
    return layout


def plot_survival(
    curve: pd.DataFrame, *, limit: float | None, target: float | None
) -> Chart | Html:
    """Plot the share answered after so many hours, those who still wait counted as waiting.

    Parameters
    ----------
    curve : pd.DataFrame
        Kaplan–Meier: `hours`, `answered_share`, `low`, `high`, `at_risk`.
    limit : float or None
        Hours allowed; None where they differ.
    target : float or None
        Share wanted on time.

    Returns
    -------
    Chart, or Html of nothing where nobody wrote: `words_of_waiting` says so.
    """
    if curve.empty:
        return NOTHING
    thin = _thin(curve)
    mark = limit if limit is not None else 24.0
    by_limit = float(thin.loc[thin["hours"] <= mark, "answered_share"].iloc[-1])
    finding = (
        f"Counting those that still wait, {format_share(by_limit)} are answered by "
        f"{format_limit(mark)}"
    )
    words = {
        "finding": finding,
        "measured": "Share answered after so many hours, with 95 % band (Kaplan–Meier)",
        "sentence": f"Curve of the share answered by hours waited. {finding}.",
        "head": ["Hours", "Share answered", f"95{NARROW}%", "Still waiting before"],
        "rows": _curve_rows(thin),
        "key": {"target": f"target {format_share(target, 0)}"} if target is not None else {},
    }
    layout = _curve_layout(limit, target, by_limit)
    return draw(_curve_traces(thin), words=words, height=280, layout=layout)


def _thin(curve: pd.DataFrame) -> pd.DataFrame:
    """Return the steps on a fine grid: a curve of a million waits would be a page of its own."""
    grid = np.arange(0, _LONGEST + _GRID, _GRID)
    places = np.searchsorted(curve["hours"].to_numpy(), grid + 1e-9, side="right") - 1
    thin = curve.iloc[places].assign(hours=grid.round(1)).reset_index(drop=True)
    changed = thin["answered_share"].diff().fillna(1) != 0
    return thin[changed | (thin.index == len(thin) - 1)]


def _curve_rows(thin: pd.DataFrame) -> list[list[str]]:
    asked = [1, 2, 4, 6, 12, 24, 36, 48, 72]
    rows = [thin[thin["hours"] <= hour].iloc[-1] for hour in asked]
    return [
        [
            str(hour),
            format_share(row["answered_share"]),
            f"{format_percent(row['low'])} to {format_percent(row['high'])}",
            format_count(row["at_risk"]),
        ]
        for hour, row in zip(asked, rows, strict=True)
    ]


def _curve_traces(thin: pd.DataFrame) -> list[go.Scatter]:
    steps: dict[str, Any] = {"x": thin["hours"], "mode": "lines", "hoverinfo": "skip"}
    edge = {"width": 0, "shape": "hv"}
    return [
        go.Scatter(**steps, y=thin["low"].fillna(thin["answered_share"]), line=edge),
        go.Scatter(
            **steps, y=thin["high"].fillna(thin["answered_share"]), line=edge,
            fill="tonexty", fillcolor=LIGHT["met-pale"],
        ),
        go.Scatter(
            x=thin["hours"], y=thin["answered_share"], mode="lines",
            line={"color": LIGHT["met"], "width": 2, "shape": "hv"},
            hovertemplate="%{y:.1%} answered by %{x} h<extra></extra>",
        ),
    ]  # fmt: skip


def _curve_layout(limit: float | None, target: float | None, by_limit: float) -> dict[str, Any]:
    ticks = {"tickvals": list(range(0, _LONGEST + 1, 12)), "range": [0, _LONGEST]}
    layout: dict[str, Any] = {
        "margin": {"l": 44, "r": 12, "t": 12, "b": 44},
        "xaxis": axis(showgrid=False, title=_title("hours after the inquiry"), **ticks),
        "yaxis": share_axis(0, 1.02, 0.25),
        "shapes": [],
    }
    if target is not None:
        layout["shapes"].append(rule(dashed=True, x0=0, x1=_LONGEST, y0=target, y1=target))
    if limit is not None:
        layout["shapes"].append(rule(x0=limit, x1=limit, yref="paper", y0=0, y1=1))
        text = f"{format_share(by_limit)} by {limit:g}{NARROW}h"
        layout["annotations"] = [
            label(text, strong=True, x=limit, xshift=8, y=max(0.06, by_limit - 0.1))
        ]
    return layout


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12, "color": LIGHT["faint"]}, "standoff": 6}


def words_of_waiting(figures: dict[str, Any]) -> Html:
    """Return how many were answered, missed and open, and what counting the waiting does."""
    if not figures["contacts"]:
        return sentence("No buyer wrote in this window, so there is no response time to show.")
    text = (
        f"Of {format_plural(figures['contacts'], 'inquiry', 'inquiries')}, "
        f"{format_count(figures['met'] + figures['late'])} were answered, "
        f"{format_count(figures['missed'])} were missed and {format_count(figures['open'])} "
        "are open. Those without an answer are counted as still waiting, not left out: the plain "
        f"median of the answered is {format_hours(figures['median_hours'])}, with the unanswered "
        f"counted it is {format_hours(figures['km_median_hours'])}."
    )
    return sentence(text)
