"""How many contacts were answered on time: by window, by week and by group, with intervals."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.measure.clock import wall_clock
from sellerkit.measure.intervals import (
    FEW,
    WAITING_FROM,
    Interval,
    mean_interval,
    quantile_interval,
)
from sellerkit.measure.survival import Z95, median_hours, median_interval, survival_curve
from sellerkit.tables import STATUSES

#: The periods that Amazon's own page shows, in days before `as_of`.
PERIODS = {"last_7_days": 7, "last_30_days": 30, "last_90_days": 90}

_COUNTED = ["met", "late", "missed", "open"]
_CLOSED = ["met", "late", "missed"]


def wilson(k: Any, n: Any, z: float = Z95) -> tuple[Any, Any]:
    """Wilson interval of the share k / n, its lower and upper end.

    Parameters
    ----------
    k, n : int, or array or series of int
        Successes and trials, 0 <= k <= n.
    z : float
        Normal quantile, default 1.959964 for 95 %.

    Returns
    -------
    tuple
        Two floats, each None where n is 0; for arrays two ``float64`` arrays, ``NaN`` there.

    Notes
    -----
    Always contains k / n and stays within 0 to 1, at small n too.

    Source
    ------
    Wilson 1927; without continuity correction.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> round(low, 4), round(high, 4)
    (0.5958, 0.9821)
    >>> wilson(0, 0)
    (None, None)
    """
    trials = np.asarray(n, dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(k, dtype="float64") / trials
        middle = share + z**2 / (2 * trials)
        reach = z * np.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
        scale = 1 + z**2 / trials
        # Rounding alone could leave k / n outside where it is 0 or 1.
        low = np.clip((middle - reach) / scale, 0, share)
        high = np.clip((middle + reach) / scale, share, 1)
    return (low, high) if low.ndim else (_plain(low), _plain(high))


def in_window(
    frame: pd.DataFrame, column: str, since: pd.Timestamp, until: pd.Timestamp
) -> pd.DataFrame:
    """Rows whose instant lies in ``[since, until)``; a missing instant lies nowhere.

    Parameters
    ----------
    frame : pd.DataFrame
        Any finding or history, any order.
    column : str
        Name of the instant that decides, ``sent_at``.
    since, until : pd.Timestamp
        First instant inside, first instant outside.

    Returns
    -------
    pd.DataFrame
        The same columns and index labels.
    """
    return frame[(frame[column] >= since) & (frame[column] < until)]


def status_counts(status: pd.Series, by: Any) -> pd.DataFrame:
    """Rows of each status, one row per value of `by`.

    Parameters
    ----------
    status : pd.Series
        ``str``, the words of `tables.STATUSES`.
    by : pd.Series or array
        Aligned with `status`; rows without a value are left out.

    Returns
    -------
    pd.DataFrame
        One ``int64`` column per status, in the order of `tables.STATUSES`; index: values of `by`.
    """
    flags = pd.DataFrame({name: status == name for name in STATUSES}, index=status.index)
    return flags.groupby(by).sum().astype("int64")


def contact_figures(
    contacts: pd.DataFrame, *, as_of: pd.Timestamp, target: float | None = None
) -> dict[str, Any]:
    """Figures of the contacts given: counts, shares and hours, in one dictionary.

    Parameters
    ----------
    contacts : pd.DataFrame
        The finding of that name, rows sent at or before `as_of`, any order.
    as_of : pd.Timestamp
        The audit's "now", at which contacts without an answer are censored.
    target : float, optional
        Share wanted on time, 0 to 1; without it `answers_to_target` is None.

    Returns
    -------
    dict
        `contacts`, `met`, `late`, `missed`, `open` (counted ones), `waived` (all of them);
        `on_time_share`, `late_share`, `no_response_share`, each with its `…_interval` (a list of
        low and high); `mean_hours`, `median_hours`, `p90_hours` of the answered;
        `km_median_hours` of all; `answers_to_target`. None where undefined.

    Notes
    -----
    contacts = met + late + missed + open. Shares are of met + late + missed: an open contact may
    yet be met. Quantiles interpolate linearly between the two nearest answers.

    Source
    ------
    Rule ids crt.window_hours, crt.target_share, crt.unit; Seller Central help 200549770.
    """
    counted = contacts[contacts["counted"]]
    tally = {name: int((counted["status"] == name).sum()) for name in _COUNTED}
    closed = sum(tally[name] for name in _CLOSED)
    hours, curve = counted["response_hours"], survival_curve(counted, as_of=as_of)
    return {
        "contacts": sum(tally.values()),
        **tally,
        "waived": int((contacts["status"] == "waived").sum()),
        **_share("on_time_share", tally["met"], closed),
        **_share("late_share", tally["late"] + tally["missed"], closed),
        **_share("no_response_share", tally["missed"], closed),
        "few": closed < FEW,
        "mean_hours": _plain(hours.mean()),
        "mean_interval": _ends(mean_interval(hours)),
        "median_hours": _plain(hours.median()),
        "median_interval": _ends(quantile_interval(hours, 0.5)),
        "p90_hours": _plain(hours.quantile(0.9)),
        "p90_interval": _ends(quantile_interval(hours, 0.9)),
        "km_median_hours": median_hours(curve),
        "km_median_interval": _ends(median_interval(curve))
        if len(counted) >= WAITING_FROM
        else None,
        "answers_to_target": answers_to_target(tally["met"], closed, target),
    }


def _share(name: str, k: int, n: int) -> dict[str, Any]:
    return {name: k / n if n else None, f"{name}_interval": list(wilson(k, n)) if n else None}


def _ends(interval: Interval) -> list[float | None] | None:
    return None if interval == (None, None) else list(interval)


def _plain(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def answers_to_target(met: int, closed: int, target: float | None) -> int | None:
    """How many more contacts, all met, bring the on-time share to the target.

    Parameters
    ----------
    met, closed : int
        Contacts answered on time, and all that are met, late or missed.
    target : float or None
        Share wanted, 0 to 1, taken as the decimal that it prints as.

    Returns
    -------
    int or None
        0 where the share is there; None without a target, without a closed contact, and where
        no number will do (a target of 1 after a late answer).

    Examples
    --------
    >>> answers_to_target(80, 100, 0.9)
    100
    """
    if target is None or not closed:
        return None
    # Exact fractions: in floats, (0.9 * 100 - 80) / (1 - 0.9) is a little more than 100.
    goal = Fraction(str(target))
    lacking = goal * closed - met
    if lacking <= 0:
        return 0
    return math.ceil(lacking / (1 - goal)) if goal < 1 else None


def by_period(
    contacts: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    since: pd.Timestamp,
    until: pd.Timestamp,
    target: float | None = None,
) -> dict[str, dict[str, Any]]:
    """Figures of the window, and of the 7, 30 and 90 days before `as_of`.

    Parameters
    ----------
    contacts : pd.DataFrame
        All contacts up to `as_of`, any order.
    as_of, since, until : pd.Timestamp
        The audit's "now", and its window ``[since, until)``.
    target : float, optional
        As in `contact_figures`.

    Returns
    -------
    dict
        `window`, `last_7_days`, `last_30_days`, `last_90_days`: what `contact_figures` returns.

    Notes
    -----
    Periods are ``[as_of - n × 24 h, as_of)`` by `sent_at`.
    """
    spans = spans_before(as_of)
    return {
        name: contact_figures(in_window(contacts, "sent_at", *span), as_of=as_of, target=target)
        for name, span in {"window": (since, until), **spans}.items()
    }


def spans_before(as_of: pd.Timestamp) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the beginning and the end of each of `PERIODS`, by name."""
    return {name: (as_of - pd.Timedelta(days=days), as_of) for name, days in PERIODS.items()}


def weekly(
    contacts: pd.DataFrame, *, zone: str, as_of: pd.Timestamp, weeks: int = 13
) -> pd.DataFrame:
    """Contacts and share on time per week of arrival, one row per week, oldest first.

    Parameters
    ----------
    contacts : pd.DataFrame
        All contacts up to `as_of`, any order.
    zone : str
        IANA name of the zone in which weeks begin on Monday at 00:00.
    as_of : pd.Timestamp
        The last week is the one that runs just before it; it may not be over.
    weeks : int
        How many, default 13: a quarter.

    Returns
    -------
    pd.DataFrame
        `week_start` (``datetime.date``, a Monday), `met`, `late`, `missed`, `open`, `contacts`
        (``int64``), `on_time_share`, `low`, `high` (Wilson 95 %; ``NaN`` where nothing is
        closed). Always `weeks` rows.

    Notes
    -----
    Counted contacts sent before `as_of`. The week of a clock change has an hour more or less.
    """
    past = contacts[contacts["counted"] & (contacts["sent_at"] < as_of)]
    instant_before = pd.Series([as_of - pd.Timedelta(1, unit="us")])
    last = _week_numbers(instant_before, zone)[0]
    counts = status_counts(past["status"], _week_numbers(past["sent_at"], zone))
    rows = _with_share(counts.reindex(range(last - weeks + 1, last + 1), fill_value=0))
    starts = (rows.index.to_numpy() * 7 - 3).astype("datetime64[D]").astype("object")
    rows.insert(0, "week_start", pd.Series(starts, index=rows.index, dtype="object"))
    return rows.reset_index(drop=True)


def _week_numbers(instants: pd.Series, zone: str) -> np.ndarray:
    days = wall_clock(instants, zone).to_numpy("datetime64[D]").astype("int64")
    return np.asarray((days + 3) // 7)  # 1970-01-01, day 0, was a Thursday


def _with_share(counts: pd.DataFrame) -> pd.DataFrame:
    rows = counts[_COUNTED].copy()
    rows["contacts"] = rows[_COUNTED].sum(axis=1)
    closed = rows[_CLOSED].sum(axis=1)
    rows["on_time_share"] = rows["met"] / closed
    rows["low"], rows["high"] = wilson(rows["met"], closed)
    return rows


_GROUP_DTYPES = {
    **dict.fromkeys(["contacts", *_COUNTED, "waived"], "int64"),
    **dict.fromkeys(
        ["on_time_share", "low", "high", "late_share", "no_response_share", "mean_hours",
         "median_hours", "p90_hours", "km_median_hours"], "float64"),
}  # fmt: skip


def by_group(contacts: pd.DataFrame, column: str, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Figures per value of a column (marketplace, topic, account), one row per value.

    Parameters
    ----------
    contacts : pd.DataFrame
        The contacts of a window, any order.
    column : str
        Column to group by; meant for few values.
    as_of : pd.Timestamp
        As in `contact_figures`.

    Returns
    -------
    pd.DataFrame
        `column`, then `contacts`, `met`, `late`, `missed`, `open`, `waived` (``int64``),
        `on_time_share`, `low`, `high` (Wilson 95 %), `late_share`, `no_response_share`,
        `mean_hours`, `median_hours`, `p90_hours`, `km_median_hours` (``float64``, ``NaN`` where
        undefined). Sorted by value; contacts without one are the last row.
    """
    rows = []
    for value, part in contacts.groupby(column, dropna=False):
        figures = contact_figures(part, as_of=as_of)
        low, high = figures["on_time_share_interval"] or (None, None)
        rows.append({column: value, **figures, "low": low, "high": high})
    frame = pd.DataFrame(rows, columns=[column, *_GROUP_DTYPES])
    return frame.astype({column: contacts[column].dtype, **_GROUP_DTYPES})
