"""Runs of days on which nothing came, and how much was to be expected on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.measure.hole import FALSE_ALARM, as_holes
from sellerkit.tables import TS_DTYPE

_DAY = pd.Timedelta(days=1)
#: A run is compared with as many days before and after it; with no fewer than a week of them.
_BESIDE = 28
_FEWEST = 7

#: Messages come in bursts: their number in a day varies so many times more than by mere chance.
_BURSTS = 3.0
#: Most buyers who write at all have done so when their order is so old.
_WRITES_AFTER = pd.Timedelta(days=14)


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
    """List runs of days without any, one row per run.

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


def silent_days(
    messages: pd.DataFrame, orders: pd.DataFrame, *, as_of: pd.Timestamp
) -> pd.DataFrame:
    """List runs of days on which an account sold and has no message, where that is unlikely.

    Parameters
    ----------
    messages, orders : pd.DataFrame
        Histories of one account; without any order on file no run needs one.
    as_of : pd.Timestamp
        UTC; its day is not over and is left out.

    Returns
    -------
    pd.DataFrame
        `HOLES`, of kind `silence`; `chance` is that of such a run somewhere in the mailbox.

    Notes
    -----
    What was to be expected: `quiet_runs`. Messages come in bursts, so a run without any has the
    chance of a negative binomial whose variance is three times its mean. In the first weeks of a
    shop buyers do not write yet: no more is expected there than for the orders that are two weeks
    old.
    """
    sent, bought = messages["sent_at"], orders["purchased_at"]
    first = pd.concat([sent, bought]).min()
    counts, sold = by_day(sent, first, as_of), by_day(bought, first, as_of)
    runs = quiet_runs(counts)
    total = sold.cumsum()
    until = total.reindex(runs["until"] - _DAY).to_numpy()
    if len(orders):
        old = total.reindex(runs["until"] - _WRITES_AFTER, fill_value=0).to_numpy()
        new_shop = runs["since"] < first + 2 * _WRITES_AFTER
        waiting = runs["expected"].clip(upper=pd.Series(old * len(sent) / len(orders), runs.index))
        runs["expected"] = runs["expected"].mask(new_shop, waiting)
    runs["chance"] = len(counts) * _BURSTS ** (-runs["expected"] / (_BURSTS - 1))
    has_orders = until > (total - sold).reindex(runs["since"]).to_numpy()
    runs = runs[(has_orders | orders.empty) & (runs["chance"] < FALSE_ALARM)]
    lacking = runs["expected"] * float((messages["sender"] == "buyer").mean())
    return as_holes(
        runs.assign(
            account=messages["account"].iloc[0],
            kind="silence",
            reach_since=runs["since"],
            reach_until=runs["until"],
            inquiries_missing=lacking.round(),
            inquiries_missing_high=np.ceil(lacking + 2 * np.sqrt(_BURSTS * lacking)),
        )
    )
