"""When those messages come in that are answered late or not at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sellerkit.show.chart import Chart, axis, draw, label
from sellerkit.show.display import Html, sentence
from sellerkit.show.palette import LIGHT
from sellerkit.show.words import format_count, format_list, format_plural

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

#: The least count of each shade; below the first nothing is late.
_SHADES = (1, 2, 4, 7, 10)


def plot_arrivals(arrivals: pd.DataFrame, *, zone: str) -> Chart | Html:
    """Plot late and missed inquiries by local weekday and hour of arrival, as a heat map.

    Parameters
    ----------
    arrivals : pd.DataFrame
        168 rows: `weekday` (0 Monday), `hour`, `contacts`, `late` (late or missed).
    zone : str
        IANA zone of the hours.

    Returns
    -------
    Chart, or Html where nothing was late.
    """
    came = arrivals["contacts"].to_numpy().reshape(7, 24)
    late = arrivals["late"].to_numpy().reshape(7, 24)
    if not came.sum():
        return sentence("No buyer wrote in this window.")
    if not late.sum():
        total = format_plural(int(came.sum()), "inquiry", "inquiries")
        return sentence(f"None of the window’s {total} was answered late or missed.")
    words = {
        "finding": _finding(late),
        "measured": "Inquiries answered late or not at all, by weekday and hour of arrival, "
        f"{zone}; at the right, of how many that arrived.",
        "sentence": f"Heat map by weekday and hour. {_finding(late)}.",
        "head": ["Day", *(f"{hour:02}" for hour in range(24)), "All"],
        "rows": _rows(came, late),
        "key": _key(late),
    }
    return draw(
        [_cells(came, late)],
        words=words,
        height=258,
        layout=_layout(came, late),
        narrow={"layout": _narrow(came, late), "data": [{"texttemplate": "", "xgap": 1}]},
    )


def _finding(late: np.ndarray) -> str:
    by_day, total = late.sum(axis=1), int(late.sum())
    worst = sorted(np.argsort(-by_day, kind="stable")[:2])
    days = [_DAYS[day] for day in worst if by_day[day]]
    part = int(by_day[worst].sum())
    return (
        f"{format_count(part)} of the {format_count(total)} late or missed inquiries arrived on a "
        f"{format_list(days, 'or')}"
    )


def _rows(came: np.ndarray, late: np.ndarray) -> list[list[str]]:
    def cell(bad: int, of: int) -> str:
        return f"{bad}/{of}" if of else ""

    return [
        [_DAYS[day][:3], *map(cell, late[day], came[day]), cell(late[day].sum(), came[day].sum())]
        for day in range(7)
    ]


def _shade(late: np.ndarray) -> np.ndarray:
    return np.searchsorted(_SHADES, late, side="right")


def _key(late: np.ndarray) -> dict[str, str]:
    ends = [*(low - 1 for low in _SHADES[1:]), None]
    names = {}
    for number, (low, high) in enumerate(zip(_SHADES, ends, strict=True), start=1):
        word = f"{low} or more" if high is None else str(low) if low == high else f"{low} to {high}"
        if number <= _shade(late).max():
            names[f"heat{number}"] = word
    return {"heat0": "arrived, none late", **names}


def _cells(came: np.ndarray, late: np.ndarray) -> go.Heatmap:
    steps = [LIGHT[f"heat{number}"] for number in range(len(_SHADES) + 1)]
    edges = np.linspace(0, 1, len(steps) + 1)
    scale = [[edges[n + end], colour] for n, colour in enumerate(steps) for end in (0, 1)]
    return go.Heatmap(
        z=np.where(came > 0, _shade(late), np.nan), x=list(range(24)), y=list(range(7)),
        zmin=-0.5, zmax=len(steps) - 0.5, colorscale=scale, showscale=False, xgap=2, ygap=2,
        text=np.where(late > 0, late.astype(str), ""), texttemplate="%{text}",
        customdata=np.dstack([came, late]), hoverongaps=False, textfont={"size": 12},
        hovertemplate="%{y}, hour %{x}: %{customdata[1]} of %{customdata[0]} late or missed"
        "<extra></extra>",
    )  # fmt: skip


def _layout(came: np.ndarray, late: np.ndarray) -> dict[str, Any]:
    return {
        "margin": {"l": 40, "r": 72, "t": 4, "b": 24},
        "xaxis": _hours(3),
        "yaxis": axis(
            showgrid=False, range=[6.5, -0.5], tickvals=list(range(7)),
            ticktext=[day[:3] for day in _DAYS],
        ),
        "annotations": _ends(came, late, "{} of {}"),
    }  # fmt: skip


def _narrow(came: np.ndarray, late: np.ndarray) -> dict[str, Any]:
    return {
        "margin": {"l": 34, "r": 48, "t": 4, "b": 24},
        "xaxis": _hours(6),
        "annotations": _ends(came, late, "{}/{}"),
    }


def _hours(step: int) -> dict[str, Any]:
    hours = list(range(0, 24, step))
    return axis(
        showgrid=False, range=[-0.5, 23.5], tickvals=hours, ticktext=[f"{h:02}" for h in hours]
    )


def _ends(came: np.ndarray, late: np.ndarray, wording: str) -> list[dict[str, Any]]:
    by_day = late.sum(axis=1)
    return [
        label(
            wording.format(format_count(by_day[day]), format_count(came[day].sum())),
            strong=bool(by_day[day] and by_day[day] == by_day.max()),
            x=1, xref="paper", xshift=6, y=day,
        )
        for day in range(7)
    ]  # fmt: skip
