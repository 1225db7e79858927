"""What could still become a claim, and how it runs off."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from sellerkit.show.chart import Chart, axis, draw, label
from sellerkit.show.display import NOTHING, Html
from sellerkit.show.palette import LIGHT
from sellerkit.show.view import View
from sellerkit.show.words import format_count, format_day, format_list, format_money, known


def plot_runoff(runoff: pd.DataFrame, view: View) -> Chart | Html:
    """Plot the value of orders still inside the claim window, day by day, if none is added.

    Parameters
    ----------
    runoff : pd.DataFrame
        One row per currency and day: `currency`, `at`, `orders`, `exposure`.
    view : View

    Returns
    -------
    Chart of the currency with the most orders (the table beneath holds all of them: currencies
    are never added together), or Html of nothing where nothing is exposed:
    `table_exposure` says so.
    """
    if runoff.empty:
        return NOTHING
    today = runoff[runoff["at"] == runoff["at"].min()]
    main = today.loc[today["orders"].idxmax(), "currency"]
    shown = runoff[runoff["currency"] == main] if known(main) else runoff[runoff["currency"].isna()]
    shown = shown.reset_index(drop=True)
    start = float(shown["exposure"].iloc[0])
    half = shown[shown["exposure"] <= start / 2]
    finding = _finding(half, main, view) if start else "The order totals are not on file"
    words = {
        "finding": finding,
        "measured": "Order value still inside the claim window, by day, in "
        f"{main if known(main) else 'an unknown currency'}{_others(today, main)}",
        "sentence": f"Exposure falls from {format_money(start, main)} today to "
        f"{format_money(shown['exposure'].iloc[-1], main)} by {_day(shown['at'].iloc[-1], view)}.",
        "head": ["Day", "Currency", "Order value", "Orders"],
        "rows": _rows(runoff, view),
    }
    return draw([_area(shown, main, view)], words=words, height=240,
                layout=_layout(shown, half, main, view))  # fmt: skip


def _day(at: pd.Timestamp, view: View) -> str:
    return format_day(at.tz_convert(view.zone))


def _finding(half: pd.DataFrame, main: Any, view: View) -> str:
    if half.empty:
        return "If nothing is added, more than half of it is still there at the end"
    return f"If nothing is added, half of it is gone by {_day(half['at'].iloc[0], view)}"


def _others(today: pd.DataFrame, main: Any) -> str:
    others = [
        f"{format_count(row.orders)} in {row.currency if known(row.currency) else 'no currency'}"
        for row in today.itertuples()
        if row.currency != main and known(main)
    ]
    return f"; {format_list(others)} are in the table" if others else ""


def _rows(runoff: pd.DataFrame, view: View) -> list[list[str]]:
    fortnights = runoff[runoff.groupby("currency", dropna=False).cumcount() % 15 == 0]
    return [
        [
            format_day(row.at.tz_convert(view.zone), year=True),
            row.currency if known(row.currency) else "unknown",
            format_money(row.exposure, row.currency),
            format_count(row.orders),
        ]
        for row in fortnights.itertuples()
    ]


def _area(shown: pd.DataFrame, main: Any, view: View) -> go.Scatter:
    days = [f"{_day(at, view)}: {format_money(value, main)}"
            for at, value in zip(shown["at"], shown["exposure"], strict=True)]  # fmt: skip
    return go.Scatter(
        x=shown.index, y=shown["exposure"], mode="lines", fill="tozeroy",
        fillcolor=LIGHT["missed-tint"], customdata=[[day] for day in days],
        line={"color": LIGHT["missed"], "width": 2, "shape": "hv"},
        hovertemplate="%{customdata[0]}<extra></extra>",
    )  # fmt: skip


def _layout(shown: pd.DataFrame, half: pd.DataFrame, main: Any, view: View) -> dict[str, Any]:
    places = list(range(0, len(shown), 30))
    start = float(shown["exposure"].iloc[0])
    now = f"{format_money(start, main)} today"
    labels = [label(now, strong=True, x=0, y=start, yshift=12, xshift=2)]
    if len(half):
        text = f"half by {_day(half['at'].iloc[0], view)}"
        # on the side with more room, which a phone has little of
        late = half.index[0] > len(shown) / 2
        beside = (
            {"xanchor": "right", "xshift": -8, "yshift": -10}
            if late
            else {"xshift": 8, "yshift": 8}
        )
        labels.append(label(text, x=half.index[0], y=start / 2, **beside))
    return {
        "margin": {"l": 56, "r": 20, "t": 24, "b": 28},
        "xaxis": axis(
            showgrid=False, range=[0, len(shown) - 1], tickvals=places,
            ticktext=[_day(shown["at"].iloc[place], view) for place in places],
        ),
        "yaxis": axis(range=[0, 1.1 * (start or 1)], nticks=5, tickformat=",d"),
        "annotations": labels,
    }  # fmt: skip
