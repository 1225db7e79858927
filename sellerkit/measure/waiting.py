"""Waits compared: the Kaplan–Meier curve of each group, and whether two periods differ."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.measure.intervals import FEW, WAITING_FROM
from sellerkit.measure.survival import median_hours, median_interval, survival_curve, waits

_CURVE = ["hours", "answered_share", "low", "high", "at_risk"]


def survival_by(contacts: pd.DataFrame, column: str, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Kaplan–Meier curve per value of a column (marketplace, topic, agent), one below the other.

    Parameters
    ----------
    contacts : pd.DataFrame
        The contacts of a window, any order.
    column : str
        Column to group by; meant for few values.
    as_of : pd.Timestamp
        As in `survival_curve`.

    Returns
    -------
    pd.DataFrame
        `column`, then the columns of `survival_curve`. Sorted by value; contacts without one are
        last. A value without a counted contact has no row.
    """
    curves = [
        survival_curve(part, as_of=as_of).assign(**{column: value})
        for value, part in contacts.groupby(column, dropna=False)
    ]
    dtype = contacts[column].dtype
    if not curves:
        return survival_curve(contacts, as_of=as_of).assign(**{column: pd.Series(dtype=dtype)})[
            [column, *_CURVE]
        ]
    found = pd.concat(curves, ignore_index=True)
    return found.astype({column: dtype})[[column, *_CURVE]]


def medians_by(contacts: pd.DataFrame, column: str, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Median wait per value of a column, those still waiting included, with its 95 % interval.

    Parameters
    ----------
    contacts, column, as_of
        As in `survival_by`.

    Returns
    -------
    pd.DataFrame
        `column`, `contacts` (``int64``, counted ones), `km_median_hours`, `low`, `high`
        (``float64``; ``NaN`` where the curve or its band never reaches a half, and the interval of
        fewer than 16), `few` (``bool``: fewer than 12 contacts). Sorted by value; contacts without
        one are last.
    """
    rows = []
    for value, part in contacts.groupby(column, dropna=False):
        curve = survival_curve(part, as_of=as_of)
        low, high = median_interval(curve)
        n = int(part["counted"].sum())
        low, high = (low, high) if n >= WAITING_FROM else (None, None)
        row = {column: value, "contacts": n, "km_median_hours": median_hours(curve)}
        rows.append(row | {"low": low, "high": high, "few": n < FEW})
    frame = pd.DataFrame(rows, columns=[column, *_MEDIANS])
    return frame.astype({column: contacts[column].dtype, **_MEDIANS})


_MEDIANS = {
    "contacts": "int64",
    "km_median_hours": "float64",
    "low": "float64",
    "high": "float64",
    "few": "bool",
}


def log_rank(before: pd.DataFrame, after: pd.DataFrame, *, as_of: pd.Timestamp) -> dict[str, Any]:
    """Test whether the waits of two periods differ by more than chance (log-rank).

    Parameters
    ----------
    before, after : pd.DataFrame
        The contacts of the two periods, any order.
    as_of : pd.Timestamp
        The instant at which those without an answer in either were last seen waiting.

    Returns
    -------
    dict
        `contacts_before`, `contacts_after` (counted), `answers_expected`, `answers_seen` (of the
        second period: how many answers it would have, waited both alike, and has), `chi_square`
        and `p_value` (one degree of freedom). The last two are None where nothing can be told:
        a period without contacts, or no moment at which both wait and one is answered.

    Notes
    -----
    More answers seen than expected: the second period answers faster.

    Source
    ------
    Mantel 1966; variance of the hypergeometric distribution, so ties are allowed.
    """
    parts = [waits(frame, as_of=as_of) for frame in (before, after)]
    times = np.unique(np.concatenate([hours[answered] for hours, answered in parts]))
    risks = [len(hours) - np.searchsorted(np.sort(hours), times) for hours, _ in parts]
    events = [_events(hours[answered], times) for hours, answered in parts]
    at_risk, answered = risks[0] + risks[1], events[0] + events[1]
    expected = answered * risks[1] / at_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = expected * (1 - risks[1] / at_risk) * (at_risk - answered) / (at_risk - 1)
    variance = float(np.where(at_risk > 1, spread, 0.0).sum())
    seen, wanted = int(events[1].sum()), float(expected.sum())
    chi_square = (seen - wanted) ** 2 / variance if variance > 0 else None
    return {
        "contacts_before": len(parts[0][0]),
        "contacts_after": len(parts[1][0]),
        "answers_expected": wanted,
        "answers_seen": seen,
        "chi_square": chi_square,
        "p_value": None if chi_square is None else math.erfc(math.sqrt(chi_square / 2)),
    }


def _events(answered: np.ndarray, times: np.ndarray) -> np.ndarray:
    ordered = np.sort(answered)
    return np.searchsorted(ordered, times, side="right") - np.searchsorted(ordered, times)
