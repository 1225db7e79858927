"""The window of a run: a week or month that is over, or the last thirty days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from sellerkit.errors import UsageError

PERIODS = ("last-week", "last-month", "rolling-30")


def window(period: str, as_of: pd.Timestamp, zone: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first instant of a period and the first after it.

    Parameters
    ----------
    period : str
        ``last-week``: the last whole week, from Monday on. ``last-month``: the last whole month.
        ``rolling-30``: the thirty days before `as_of`.
    as_of : pd.Timestamp
        UTC.
    zone : str
        IANA zone in which weeks and months begin; where the clock is put forward or back in one
        of them, it is an hour shorter or longer.

    Returns
    -------
    pair of pd.Timestamp
        UTC.

    Raises
    ------
    UsageError
        There is no such period.
    """
    if period not in PERIODS:
        raise UsageError(f"--period {period}: there are {', '.join(PERIODS)}")
    if period == "rolling-30":
        return as_of - pd.Timedelta(days=30), as_of
    local = ZoneInfo(zone)
    today = as_of.to_pydatetime().astimezone(local).date()
    if period == "last-week":
        until = today - timedelta(days=today.weekday())
        since = until - timedelta(days=7)
    else:
        until = today.replace(day=1)
        since = (until - timedelta(days=1)).replace(day=1)
    since_at, until_at = (
        pd.Timestamp(datetime.combine(day, time(), local)).tz_convert("UTC").as_unit("us")
        for day in (since, until)
    )
    return since_at, until_at
