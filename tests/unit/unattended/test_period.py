"""Windows of a run: whole weeks and months of the user's zone, whatever its clocks do."""

from __future__ import annotations

import pandas as pd
import pytest

from sellerkit.errors import UsageError
from sellerkit.unattended.period import window


@pytest.mark.parametrize(
    ("period", "as_of", "zone", "since", "until"),
    [
        # Monday 00:30 in Berlin is still Sunday in UTC
        ("last-week", "2026-10-04T22:30", "Europe/Berlin", "2026-09-27T22:00", "2026-10-04T22:00"),
        ("last-week", "2026-10-04T21:59", "Europe/Berlin", "2026-09-20T22:00", "2026-09-27T22:00"),
        # the week in which the clock is put back has an hour more
        ("last-week", "2026-10-28T06:00", "Europe/Berlin", "2026-10-18T22:00", "2026-10-25T23:00"),
        ("last-month", "2026-03-31T23:00", "Asia/Tokyo", "2026-02-28T15:00", "2026-03-31T15:00"),
        ("last-month", "2026-01-15T00:00", "UTC", "2025-12-01T00:00", "2026-01-01T00:00"),
        ("rolling-30", "2026-10-05T06:00", "Europe/Berlin", "2026-09-05T06:00", "2026-10-05T06:00"),
    ],
)  # fmt: skip
def test_windows(period: str, as_of: str, zone: str, since: str, until: str) -> None:
    found = window(period, pd.Timestamp(as_of, tz="UTC"), zone)
    assert found == (pd.Timestamp(since, tz="UTC"), pd.Timestamp(until, tz="UTC"))


def test_there_is_no_other_period() -> None:
    with pytest.raises(UsageError, match="there are last-week, last-month, rolling-30"):
        window("yesterday", pd.Timestamp("2026-10-05", tz="UTC"), "UTC")
