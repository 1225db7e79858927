"""The share answered on time, week by week."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sellerkit.show.chart import Chart, axis, draw, label, rule, share_axis
from sellerkit.show.display import Html, sentence
from sellerkit.show.palette import LIGHT
from sellerkit.show.view import View
from sellerkit.show.words import (
    NARROW,
    format_count,
    format_day,
    format_list,
    format_percent,
    format_plural,
    format_share,
    known,
)

_UPPER, _LOWER = [0.24, 1], [0, 0.13]  # heights of the shares and of the volumes below them
_HEAD = (
    "Week of", "Inquiries", "On time", "Late", "Missed", "Open", "Share", f"95{NARROW}%",
    "Limits of chance", "Signal",
)  # fmt: skip

#: What a control chart says of a week, in words.
_SIGNALS = {
    "above": "was better than chance alone makes it",
    "below": "was worse than chance alone makes it",
    "shift": "was the eighth or more in a row on one side of the mean",
}


def plot_trend(weekly: pd.DataFrame, view: View, *, target: float | None) -> Chart | Html:
    """Plot the weekly on-time share with its interval, the target, and the number of inquiries.

    Parameters
    ----------
    weekly : pd.DataFrame
        One row per week, oldest first: `week_start`, `met`, `late`, `missed`, `open`, `contacts`,
        `on_time_share`, `low`, `high`, and the control chart's `lower`, `upper`, `signal`.
    view : View
    target : float or None
        Share wanted on time.

    Returns
    -------
    Chart, or Html where no week has a closed inquiry.
    """
    weeks = weekly.reset_index(drop=True)
    if weeks["on_time_share"].notna().sum() == 0:
        return sentence("No inquiry of these weeks has been answered or has run out of time yet.")
    running = _running(weeks, view)
    floor = _floor(weeks, target)
    words = {
        "finding": f"{_finding(weeks[~running], target)}; {signals(weeks)}",
        "measured": "Share of inquiries answered in time, by week of arrival (weeks begin on "
        "Monday), in per cent, with its 95 % interval. Bars: inquiries per week.",
        "sentence": _sentence(weeks, target),
        "head": list(_HEAD),
        "rows": _rows(weeks),
        "key": _key(weeks, running, target),
    }
    layout, narrow = _layouts(weeks, running, target, floor)
    traces = [
        _limits(weeks, floor),
        _intervals(weeks, floor),
        _line(weeks, running, target),
        _volumes(weeks),
    ]
    return draw(traces, words=words, height=320, layout=layout, narrow={"layout": narrow})


def signals(weeks: pd.DataFrame) -> str:
    """Say which weeks moved by more than chance, of a control chart's rows."""
    told = weeks.dropna(subset="signal")
    if told.empty:
        return "no week moved by more than chance"
    return format_list(
        [f"the week of {format_day(week.week_start)} {_SIGNALS[week.signal]}"
         for week in told.itertuples()]
    )  # fmt: skip


def _limits(weeks: pd.DataFrame, floor: float) -> go.Bar:
    low = weeks["lower"].clip(lower=floor)
    return go.Bar(
        x=weeks.index, base=low, y=weeks["upper"] - low, width=1, hoverinfo="skip",
        marker={"color": LIGHT["band"], "line": {"width": 0}},
    )  # fmt: skip


def _running(weeks: pd.DataFrame, view: View) -> pd.Series:
    """Tell which weeks are not over at `as_of`; their share may still move."""
    today = view.as_of.tz_convert(view.zone).tz_localize(None)
    over = pd.to_datetime(weeks["week_start"]) + pd.Timedelta(days=7) <= today
    return ~over


def _below(weeks: pd.DataFrame, target: float | None) -> pd.Series:
    """Tell which weeks are below the target by more than chance: the whole interval is."""
    return weeks["high"] < (0 if target is None else target)


def _floor(weeks: pd.DataFrame, target: float | None) -> float:
    lowest: float = min(weeks["on_time_share"].min(), target if target is not None else 1)
    return max(0.0, math.floor((lowest - 0.06) * 20) / 20)


def _finding(closed: pd.DataFrame, target: float | None) -> str:
    shares = closed["on_time_share"].dropna()
    if shares.empty:
        return "No whole week is behind us yet"
    last = f"The last whole week: {format_share(shares.iloc[-1])} in time"
    if target is None:
        return last
    above = (shares >= target).to_numpy()[::-1]
    streak = int(np.argmin(above == above[0])) if (above != above[0]).any() else len(above)
    side = "at or above" if above[0] else "below"
    weeks = "week was" if streak == 1 else f"{streak} weeks were"
    return f"The last {weeks} {side} the target of {format_share(target, 0)}"


def _sentence(weeks: pd.DataFrame, target: float | None) -> str:
    shares = weeks.dropna(subset="on_time_share")
    worst, last = shares.loc[shares["on_time_share"].idxmin()], shares.iloc[-1]
    goal = f" The target is {format_percent(target, 0)} percent." if target is not None else ""
    return (
        f"On-time share over {format_plural(len(weeks), 'week')}. Lowest in the week of "
        f"{format_day(worst['week_start'])} with {format_percent(worst['on_time_share'])} percent; "
        f"latest {format_percent(last['on_time_share'])} percent.{goal}"
    )


def _rows(weeks: pd.DataFrame) -> list[list[str]]:
    return [
        [
            format_day(week.week_start, year=True),
            *(
                format_count(n)
                for n in (week.contacts, week.met, week.late, week.missed, week.open)
            ),
            format_share(week.on_time_share),
            f"{format_percent(week.low)} to {format_percent(week.high)}",
            f"{format_percent(week.lower)} to {format_percent(week.upper)}",
            _SIGNALS[week.signal] if known(week.signal) else "",
        ]
        for week in weeks.itertuples()
    ]


def _key(weeks: pd.DataFrame, running: pd.Series, target: float | None) -> dict[str, str]:
    key = {"pale": f"95{NARROW}% interval", "band": "what chance alone does to a week of that size"}
    if target is not None:
        key["target"] = f"target {format_share(target, 0)}"
    if _below(weeks, target).any():
        key["missed"] = "the whole interval lies below the target"
    if running.any() and weeks.loc[running, "on_time_share"].notna().any():
        key["hollow"] = "week not over yet"
    return key


def _intervals(weeks: pd.DataFrame, floor: float) -> go.Scatter:
    low = weeks["low"].clip(lower=floor)
    return go.Scatter(
        x=weeks.index, y=low, mode="markers", marker={"opacity": 0}, hoverinfo="skip",
        error_y={
            "type": "data", "symmetric": False, "array": weeks["high"] - low,
            "arrayminus": low * 0, "color": LIGHT["met-pale"], "thickness": 8, "width": 0,
        },
    )  # fmt: skip


def _line(weeks: pd.DataFrame, running: pd.Series, target: float | None) -> go.Scatter:
    below = _below(weeks, target)
    fill = np.where(running, LIGHT["paper"], np.where(below, LIGHT["missed"], LIGHT["met"]))
    edge = np.where(running, LIGHT["met"], LIGHT["paper"])
    return go.Scatter(
        x=weeks.index, y=weeks["on_time_share"], mode="lines+markers", connectgaps=False,
        line={"color": LIGHT["met"], "width": 2},
        marker={
            "size": 10, "color": list(fill), "line": {"color": list(edge), "width": 2},
            "symbol": list(np.where(below & ~running, "square", "circle")),
        },
        customdata=_rows(weeks),
        hovertemplate="Week of %{customdata[0]}<br>%{customdata[6]} of %{customdata[1]} inquiries"
        "<extra></extra>",
    )  # fmt: skip


def _volumes(weeks: pd.DataFrame) -> go.Bar:
    return go.Bar(
        x=weeks.index, y=weeks["contacts"], yaxis="y2", width=0.62,
        marker={"color": LIGHT["line2"]}, hoverinfo="skip",
    )  # fmt: skip


def _layouts(
    weeks: pd.DataFrame, running: pd.Series, target: float | None, floor: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    span = [-0.6, len(weeks) - 0.4]
    labels = [format_day(day) for day in weeks["week_start"]]
    step = max(1, len(weeks) // 4)
    wide = {
        "margin": {"l": 44, "r": 96, "t": 12, "b": 28},
        "xaxis": _weeks_axis(labels, 1, span),
        "yaxis": share_axis(floor, 1.015, _step(floor), domain=_UPPER),
        "yaxis2": axis(domain=_LOWER, showgrid=False, showticklabels=False, rangemode="tozero"),
        "annotations": _labels(weeks, running, target),
        "shapes": _target(target),
    }
    narrow = {
        "margin": {"l": 40, "r": 6, "t": 12, "b": 28},
        "xaxis": _weeks_axis(labels, step, span),
        "annotations": [],
    }
    return wide, narrow


def _step(floor: float) -> float:
    return 0.05 if floor >= 0.7 else 0.1 if floor >= 0.4 else 0.2


def _weeks_axis(labels: list[str], step: int, span: list[float]) -> dict[str, Any]:
    places = list(range(len(labels)))[::-step][::-1]
    texts = [labels[place] for place in places]
    return axis(showgrid=False, range=span, tickvals=places, ticktext=texts, anchor="y2")


def _labels(weeks: pd.DataFrame, running: pd.Series, target: float | None) -> list[dict[str, Any]]:
    place: dict[str, Any] = {"xref": "paper", "x": 1, "xshift": 8}
    when = "so far this week" if running.iloc[-1] else "in the last week"
    count = format_plural(int(weeks["contacts"].iloc[-1]), "inquiry", "inquiries")
    labels = [
        label(count, **place, y=0.09, yref="paper"),
        label(when, **place, y=0.03, yref="paper"),
    ]
    if target is not None:
        labels.append(label(f"target {format_share(target, 0)}", strong=True, **place, y=target))
    return labels


def _target(target: float | None) -> list[dict[str, Any]]:
    if target is None:
        return []
    return [rule(dashed=True, xref="paper", x0=0, x1=1, yref="y", y0=target, y1=target)]
