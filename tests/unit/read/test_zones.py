"""A day ends where its store's clocks say so: at both changes of the clocks, and on leap days."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from builders import histories, message

from sellerkit.audit import audit
from sellerkit.policy import marketplaces
from sellerkit.read import values

ZONES = sorted({store.zone for store in marketplaces().values()})
DAY, STEP = dt.timedelta(days=1), dt.timedelta(minutes=15)
LEAP = [dt.date(2024, 2, 28), dt.date(2024, 2, 29), dt.date(2028, 2, 29), dt.date(2100, 2, 28)]


def changes(zone: ZoneInfo, year: int) -> list[dt.date]:
    """Return the days on which a zone's clocks are changed."""
    days = [dt.datetime(year, 1, 1, tzinfo=zone) + n * DAY for n in range(366)]
    noons = [day.replace(hour=12) for day in days]
    return [b.date() for a, b in zip(noons, noons[1:], strict=False)
            if a.utcoffset() != b.utcoffset()]  # fmt: skip


def last_instant(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the last microsecond at which a zone's calendar shows a day, by looking at each."""
    begin = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) - DAY
    shown = [begin + n * STEP for n in range(4 * 24 * 4)]
    last = max(at for at in shown if at.astimezone(zone).date() == day)
    return last + STEP - dt.timedelta(microseconds=1)


@pytest.mark.parametrize("name", ZONES)
def test_a_day_ends_as_its_zone_has_it(name: str) -> None:
    zone = ZoneInfo(name)
    changed = [day for year in (2007, 2026) for day in changes(zone, year)]
    days = sorted({day + n * DAY for day in changed for n in (-1, 0, 1)} | set(LEAP))
    written = pd.Series([day.isoformat() for day in days], dtype="str")
    found, bad = values.instants(written, pd.Series(name, index=written.index))
    assert not bad.any()
    assert [at.to_pydatetime() for at in found] == [last_instant(day, zone) for day in days]


def test_clocks_are_changed_both_ways_in_some_zones_and_never_in_others() -> None:
    counts = {name: len(changes(ZoneInfo(name), 2026)) for name in ZONES}
    assert set(counts.values()) == {0, 2} and counts["Europe/Berlin"] == 2


def test_a_29th_of_february_that_there_is_not_is_no_day() -> None:
    cells = pd.Series(["2026-02-29", "2100-02-29", "1900-02-29", "2000-02-29"], dtype="str")
    _, bad = values.instants(cells, pd.Series("UTC", index=cells.index))
    assert bad.tolist() == [True, True, True, False]


def test_24_hours_are_24_hours_on_the_nights_on_which_clocks_are_changed() -> None:
    rows = []
    for store in marketplaces().values():
        zone = ZoneInfo(store.zone)
        for day in [*changes(zone, 2026), dt.date(2028, 2, 29)]:
            sent = dt.datetime(day.year, day.month, day.day, 23, 30, tzinfo=zone) - DAY
            own = f"{store.code}{day}"
            rows.append(message(sent.isoformat(), message_id=own, thread_id=own, order_id=None,
                                marketplace=store.code))  # fmt: skip
    found = audit(histories(messages=rows), as_of="2029-01-01T00:00:00Z", since="2026-01-01")
    contacts = found.findings["contacts"]
    assert len(contacts) == len(rows) > 2 * len(ZONES)
    assert (contacts["due_at"] - contacts["sent_at"] == pd.Timedelta(hours=24)).all()
