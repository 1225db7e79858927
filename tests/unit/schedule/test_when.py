"""A time of day in one zone, as a crontab says it on a machine in another."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sellerkit.config import load
from sellerkit.errors import UsageError
from sellerkit.schedule import When, plan_of
from sellerkit.schedule.clocks import CronTime, cron_times

SINCE = date(2026, 1, 1)

PAIRS = [
    ("Europe/Berlin", "UTC"),
    ("Europe/Berlin", "America/Los_Angeles"),
    ("Asia/Tokyo", "UTC"),
    ("America/New_York", "Europe/London"),
    ("Australia/Lord_Howe", "Europe/Berlin"),
    ("Pacific/Kiritimati", "America/Los_Angeles"),
    ("Asia/Kolkata", "Pacific/Auckland"),
]


Pair = tuple[datetime, datetime]  # by the machine's clock, and by that of the zone


def started(line: CronTime, by_clock: dict[tuple[int, int], list[Pair]]) -> list[Pair]:
    """Return at which minutes cron starts a line and the line then goes on."""
    minute, hour, dom, _, dow = line.fields.split()
    first, _, last = dom.partition("-")
    return [
        (there, here) for there, here in by_clock[int(hour), int(minute)]
        if (dom == "*" or int(first) <= there.day <= int(last or first))
        and (dow == "*" or there.isoweekday() % 7 == int(dow))
        and (not line.asks or f"{there:%z}{here:%z}{here:%d}".startswith(line.asks))
    ]  # fmt: skip


@pytest.mark.parametrize(("zone", "machine"), PAIRS)
def test_it_is_started_when_it_was_asked_for_and_at_no_other_time(zone: str, machine: str) -> None:
    begin = datetime(2026, 1, 2, tzinfo=UTC)
    by_clock: defaultdict[tuple[int, int], list[Pair]] = defaultdict(list)
    of_time = []
    for n in range(48 * 364):
        moment = begin + timedelta(minutes=30 * n)
        there, here = moment.astimezone(ZoneInfo(machine)), moment.astimezone(ZoneInfo(zone))
        by_clock[there.hour, there.minute].append((there, here))
        if (here.hour, here.minute) == (6, 30):
            of_time.append((there, here))
    days = {"day": of_time, "week": [x for x in of_time if x[1].weekday() == 2]}
    for every, asked in {**days, "month": [x for x in of_time if x[1].day == 1]}.items():
        lines = cron_times(When(time(6, 30), every, 2, zone), ZoneInfo(machine), SINCE)
        assert sorted(pair for line in lines for pair in started(line, by_clock)) == asked
        assert len(asked) >= 11


def test_where_clocks_agree_there_is_one_plain_line() -> None:
    when = When(time(6, 30), "week", 6, "Europe/Berlin")
    assert cron_times(when, ZoneInfo("Europe/Paris"), SINCE) == [CronTime("30 6 * * 0")]
    tokyo = When(time(6, 30), "week", 0, "Asia/Tokyo")
    assert cron_times(tokyo, UTC, SINCE) == [CronTime("30 21 * * 0")]


def test_a_time_that_a_day_lacks_is_known() -> None:
    assert When(time(2, 30), "day", 0, "Europe/Berlin").skipped(SINCE) == date(2026, 3, 29)
    assert When(time(2, 30), "week", 0, "Europe/Berlin").skipped(SINCE) is None
    assert When(time(6, 30), "day", 0, "Europe/Berlin").skipped(SINCE) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"at": "25:00"}, "like 06:30"),
        ({"at": "6"}, "like 06:30"),
        ({"at": "06:30\n* * * * * x"}, "like 06:30"),
        ({"at": "06:30", "every": "hour"}, "day, week, month"),
        ({"at": "06:30", "every": "week", "on": "Caturday"}, "a day of the week"),
        ({"at": "06:30", "every": "day", "on": "Monday"}, "--every week"),
        ({"at": "06:30", "account": "c"}, "has no such account; it has a, b"),
    ],
)
def test_a_slip_is_one_sentence(tmp_path: Path, words: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_of(config(tmp_path), program=["x"], **words)


def config(folder: Path, top: str = "", one: str = "", two: str = "", period: str = "rolling-30"):
    file = folder / "sellerkit.toml"
    accounts = "".join(
        f'[[account]]\nname = "{name}"\n' + (f'timezone = "{zone}"\n' if zone else "")
        for name, zone in (("a", one), ("b", two))
    )
    head = f'timezone = "{top}"\n' if top else ""
    file.write_text(f'{head}{accounts}[reports]\nperiod = "{period}"\n')
    return load(file)


@pytest.mark.parametrize(
    ("zones", "account", "zone"),
    [
        (("Europe/Berlin", "", ""), "", "Europe/Berlin"),
        (("Europe/Berlin", "Asia/Tokyo", "Asia/Tokyo"), "", "Asia/Tokyo"),
        (("Europe/Berlin", "Asia/Tokyo", ""), "", "Europe/Berlin"),
        (("Europe/Berlin", "Asia/Tokyo", ""), "a", "Asia/Tokyo"),
        (("", "", ""), "", "UTC"),
    ],
)
def test_times_are_those_of_the_account(
    tmp_path: Path, zones: tuple[str, str, str], account: str, zone: str
) -> None:
    plan = plan_of(config(tmp_path, *zones), program=["x"], at="06:30", account=account)
    assert plan.when.zone == zone


def test_it_is_as_often_as_the_period_is_over(tmp_path: Path) -> None:
    often = {
        period: plan_of(config(tmp_path, period=period), program=["x"], at="06:30").when.every
        for period in ("last-week", "last-month", "rolling-30")
    }
    assert often == {"last-week": "week", "last-month": "month", "rolling-30": "day"}
