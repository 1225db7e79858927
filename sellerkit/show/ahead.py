"""What next: when late ones leave the windows, and the share of the coming days."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from sellerkit.show.chart import Chart, axis, draw, label, rule, share_axis
from sellerkit.show.display import NOTHING, Html, render
from sellerkit.show.palette import LIGHT
from sellerkit.show.view import View
from sellerkit.show.words import (
    format_count,
    format_day,
    format_percent,
    format_plural,
    format_share,
    known,
)

#: The period that is drawn; the others are in the table.
_DRAWN = 30

_PERIODS = (7, 30, 90)


def table_leaving(leaves: pd.DataFrame, view: View, *, limit: int = 8) -> Html:
    """List the late and missed inquiries that leave the 30 days next, with the other periods.

    Parameters
    ----------
    leaves : pd.DataFrame
        One row per contact and period that holds it: `account`, `message_id`, `order_id`,
        `status`, `sent_at`, `period`, `leaves_at`.
    view : View
    limit : int
        How many are listed.
    """
    held = leaves[leaves["period"] == _DRAWN].sort_values(["leaves_at", "account", "message_id"])
    shown = held.head(limit)
    rows = [
        {**row, "buyer": buyer, "came": view.moment(row["sent_at"], weekday=True),
         "leaves": [_leaves(row["sent_at"], days, view) for days in _PERIODS]}
        for row, buyer in zip(shown.to_dict("records"), view.buyers(shown), strict=True)
    ]  # fmt: skip
    soon = held["leaves_at"] <= view.as_of + pd.Timedelta(days=14)
    counts = {days: int((leaves["period"] == days).sum()) for days in _PERIODS}
    return render("leaving", rows=rows, total=len(held), soon=int(soon.sum()), counts=counts,
                  file=view.rest_in("contacts"))  # fmt: skip


def _leaves(sent_at: pd.Timestamp, days: int, view: View) -> str:
    at = sent_at + pd.Timedelta(days=days)
    return format_day(at.tz_convert(view.zone)) if at >= view.as_of else "left"


def plot_ahead(ahead: pd.DataFrame, view: View, *, target: float | None) -> Chart | Html:
    """Plot the on-time share of the 30 days on each coming day, if no new inquiry comes in.

    Parameters
    ----------
    ahead : pd.DataFrame
        One row per period and day: `period`, `at`, `closed`, `open`, `share`, `low`, `high`,
        `answers_to_target`.
    view : View
    target : float or None

    Returns
    -------
    Chart, or Html of nothing where the 30 days hold no inquiry: `table_leaving` says so.
    """
    own = ahead[ahead["period"] == _DRAWN].reset_index(drop=True)
    if own["share"].isna().all():
        return NOTHING
    floor = _floor(own, target)
    finding = _finding(own)
    words = {
        "finding": finding,
        "measured": "Share of the inquiries of the last 30 days that were answered in time, if no "
        "new one comes in; the band holds what the open ones can still make of it, in per cent",
        "sentence": f"Line of the share over {len(own) - 1} days. {finding}.",
        "head": ["Day", *(f"{days} days" for days in _PERIODS), "Inside, 30 days", "To the target"],
        "rows": _rows(ahead, view),
        "key": {"pale": "with every open one missed, or met"}
        | ({"target": f"target {format_share(target, 0)}"} if target is not None else {}),
    }
    narrow = {
        "margin": {"l": 40, "r": 80, "t": 12, "b": 28}, "xaxis": _days_axis(own, 7, view),
    }  # fmt: skip
    return draw(_traces(own, floor, view), words=words, height=240,
                layout=_layout(own, floor, target, view), narrow={"layout": narrow})  # fmt: skip


def _finding(own: pd.DataFrame) -> str:
    first, last = own["share"].iloc[0], own["share"].dropna().iloc[-1]
    days = own["share"].dropna().index[-1]
    goes = (
        f"With nothing new, the share of the 30 days goes from {format_share(first)} to "
        f"{format_share(last)} in {days} days"
    )
    needed = own["answers_to_target"].iloc[0]
    if not known(needed) or not needed:
        return goes
    return f"{goes}; {format_plural(int(needed), 'more answer')} in time would reach the target now"


def _floor(own: pd.DataFrame, target: float | None) -> float:
    lowest = min(own["low"].min(), target if target is not None else 1.0)
    return max(0.0, math.floor((lowest - 0.04) * 20) / 20)


def _rows(ahead: pd.DataFrame, view: View) -> list[list[str]]:
    shares = ahead.pivot(index="at", columns="period", values="share")
    own = ahead[ahead["period"] == _DRAWN].set_index("at")
    return [
        [
            format_day(at.tz_convert(view.zone), year=True),
            *(format_share(shares.at[at, days]) for days in _PERIODS),
            format_count(own.at[at, "closed"] + own.at[at, "open"]),
            format_count(own.at[at, "answers_to_target"]),
        ]
        for at in shares.index
    ]


def _traces(own: pd.DataFrame, floor: float, view: View) -> list[go.Scatter]:
    said = [
        [f"{_day(row.at, view)}: {format_share(row.share)}, "
         f"{format_percent(row.low)} to {format_percent(row.high)}"]
        for row in own.itertuples()
    ]  # fmt: skip
    edge: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip", "line": {"width": 0}}
    return [
        go.Scatter(x=own.index, y=own["low"].clip(lower=floor), **edge),
        go.Scatter(
            x=own.index, y=own["high"], **edge, fill="tonexty", fillcolor=LIGHT["met-pale"]
        ),
        go.Scatter(
            x=own.index, y=own["share"], mode="lines+markers", customdata=said,
            line={"color": LIGHT["met"], "width": 2}, marker={"size": 6, "color": LIGHT["met"]},
            hovertemplate="%{customdata[0]}<extra></extra>",
        ),
    ]  # fmt: skip


def _day(at: pd.Timestamp, view: View) -> str:
    return format_day(at.tz_convert(view.zone))


def _layout(own: pd.DataFrame, floor: float, target: float | None, view: View) -> dict[str, Any]:
    last = own["share"].dropna()
    layout: dict[str, Any] = {
        "margin": {"l": 44, "r": 84, "t": 12, "b": 28},
        "xaxis": _days_axis(own, 2, view),
        "yaxis": share_axis(floor, 1.015, 0.05 if floor >= 0.7 else 0.1 if floor >= 0.4 else 0.2),
        "annotations": [
            label(format_share(last.iloc[-1]), strong=True, x=last.index[-1], xshift=10,
                  y=last.iloc[-1])
        ],
    }  # fmt: skip
    if target is not None:
        apart = abs(last.iloc[-1] - target) > (1.015 - floor) * 0.08
        layout["shapes"] = [
            rule(dashed=True, xref="paper", x0=0, x1=1, yref="y", y0=target, y1=target)
        ]
        if apart:
            text = f"target {format_share(target, 0)}"
            layout["annotations"].append(label(text, x=1, xref="paper", xshift=8, y=target))
    return layout


def _days_axis(own: pd.DataFrame, step: int, view: View) -> dict[str, Any]:
    places = list(range(0, len(own), step))
    return axis(
        showgrid=False, range=[-0.3, len(own) - 0.7], tickvals=places,
        ticktext=[_day(own["at"].iloc[place], view) for place in places],
    )  # fmt: skip
