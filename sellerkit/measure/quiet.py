"""Runs of days on which nothing came, and how much was to be expected on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.tables import TS_DTYPE

_DAY = pd.Timedelta(days=1)
#: A run is compared with as many days before and after it; with no fewer than a week of them.
_BESIDE = 28
_FEWEST = 7


def by_day(instants: pd.Series, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
    """Count instants on each UTC day from that of `first` to the last that is over at `last`.

    Returns
    -------
    pd.Series
        ``int64``, indexed by the day's beginning.
    """
    days = pd.date_range(first.floor("D"), last.floor("D"), inclusive="left", unit="us")
    return instants.dt.floor("D").value_counts().reindex(days, fill_value=0).astype("int64")


def quiet_runs(counts: pd.Series) -> pd.DataFrame:
    """Runs of days without any, one row per run.

    Parameters
    ----------
    counts : pd.Series
        As `by_day` returns it.

    Returns
    -------
    pd.DataFrame
        `since`, `until` (the first day and the one after the last) and `expected`: how many
        would have come as on the same weekdays in the four weeks before or after, whichever had
        fewer; 0 where there is no week to compare with.
    """
    quiet = np.flatnonzero(counts.to_numpy() == 0)
    cuts = np.flatnonzero(np.diff(quiet) > 1) + 1
    rows = [
        (counts.index[run[0]], counts.index[run[-1]] + _DAY, _expected(counts, run[0], run[-1] + 1))
        for run in np.split(quiet, cuts)
        if len(run)
    ]
    frame = pd.DataFrame(rows, columns=["since", "until", "expected"])
    return frame.astype({"since": TS_DTYPE, "until": TS_DTYPE, "expected": "float64"})


def _expected(counts: pd.Series, start: int, end: int) -> float:
    values = counts.to_numpy()
    # by place from the run on: days a multiple of seven away have the same weekday
    weekdays = (np.arange(len(values)) - start) % 7
    in_run = np.bincount(weekdays[start:end], minlength=7)
    found = []
    for pool in (slice(max(0, start - _BESIDE), start), slice(end, end + _BESIDE)):
        if len(values[pool]) >= _FEWEST:
            sums = np.bincount(weekdays[pool], values[pool], minlength=7)
            days = np.bincount(weekdays[pool], minlength=7)
            found.append(float((in_run * sums / days).sum()))
    return min(found, default=0.0)
