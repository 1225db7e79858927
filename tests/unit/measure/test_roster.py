"""Rosters, and what they would have made of the same inquiries."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from random import Random

import numpy as np
import pandas as pd
import pytest
from builders import instant
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.errors import UsageError
from sellerkit.measure import added_hours, late_share, replay, roster
from sellerkit.measure.roster import capacity
from sellerkit.sample.catalogue import Service, profile

BERLIN = "Europe/Berlin"


def test_a_roster_is_read_from_a_line():
    found = roster(
        "Mon-Tue 08:00-18:30, sat 9:00-13:00 6/h 50%; Fri-Mon 20:00-24:00", answers_per_hour=4
    )
    assert found.values.tolist() == [
        [0, 8, 18.5, 4, 1], [1, 8, 18.5, 4, 1],
        [5, 9, 13, 6, 0.5],
        [4, 20, 24, 4, 1], [5, 20, 24, 4, 1], [6, 20, 24, 4, 1], [0, 20, 24, 4, 1],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "Mon", "Mon 8-18", "Moo 08:00-18:00", "Mon 18:00-08:00", "Mon 08:00-08:00",
     "Mon 08:00-25:00", "Mon 08:61-09:00", "Mon 08:00-18:00 0/h", "Mon 08:00-18:00 0%",
     "Mon 08:00-18:00 101%"],
)  # fmt: skip
def test_what_is_no_roster_is_refused(text):
    with pytest.raises(UsageError):
        roster(text)


def test_no_zone_is_refused(contacts_of):
    with pytest.raises(UsageError, match="no time zone"):
        replay(contacts_of(("2026-10-01T08:00", "met", 2)), roster("Mon 08:00-09:00"), zone="Mars")


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 5.0), ("2026-03-29", 4.0), ("2026-10-24", 5.0), ("2026-10-25", 6.0)],
)
def test_a_night_shift_at_the_change_of_clocks(day, hours):
    # in Berlin 02:00 to 03:00 is left out on 29 March and comes twice on 25 October
    shifts = roster("Mon-Sun 00:00-05:00", answers_per_hour=1)
    begin = pd.Timestamp(day, tz=BERLIN)
    line = capacity(shifts, zone=BERLIN, first=begin, last=begin)
    edges = [begin, begin + pd.Timedelta(hours=12)]
    micros = np.array([at.timestamp() * 1e6 for at in edges])
    assert np.diff(line.by(micros)).tolist() == [pytest.approx(hours)]


def test_one_after_the_other_by_hand(contacts_of):
    # Thursday 1 October, two an hour from 08:00 to 10:00 in Berlin, which is 06:00 to 08:00 UTC
    contacts = contacts_of(
        ("2026-09-30T22:00", "open"),  # waits for the morning: 06:30
        ("2026-10-01T06:10", "open"),  # behind the first: 07:00
        ("2026-10-01T07:20", "open"),  # at once: 07:50
        ("2026-10-01T07:50", "open"),  # ten minutes today, twenty tomorrow
        ("2026-10-01T09:00", "waived"),
    )
    found = replay(contacts, roster("Mon-Sun 08:00-10:00 2/h"), zone=BERLIN)
    assert found["answered_at"].tolist() == [
        instant(at)
        for at in ("2026-10-01T06:30", "2026-10-01T07:00", "2026-10-01T07:50", "2026-10-02T06:20")
    ]
    assert not found["late"].any()
    assert late_share(found)["late_share"] == 0


def test_by_due_at_includes_due_at_itself(contacts_of):
    # sent on Saturday 08:30 UTC, due on Sunday 08:30, when the hour's one answer is given
    contacts = contacts_of(("2026-10-03T08:30", "open"))
    shift = roster("Sun 09:30-10:30 1/h")
    assert replay(contacts, shift, zone=BERLIN)["late"].tolist() == [False]
    contacts.loc[0, "due_at"] -= pd.Timedelta(1, "us")
    assert replay(contacts, shift, zone=BERLIN)["late"].tolist() == [True]


def test_what_nobody_gets_to_is_late_and_without_an_instant(contacts_of):
    contacts = contacts_of(*[("2026-10-03T08:30", "open")] * 5)
    found = replay(contacts, roster("Mon 09:00-09:30 1/h"), zone=BERLIN)
    assert found["answered_at"].notna().tolist() == [True, False, False, False, False]
    assert found["late"].all()


def test_of_nothing(contacts_of):
    found = replay(contacts_of(), roster("Mon 09:00-09:30"), zone=BERLIN)
    assert late_share(found) == {
        "contacts": 0, "late": 0, "late_share": None, "low": None, "high": None,
    }  # fmt: skip
    none = added_hours(
        contacts_of(), roster("Mon 09:00-09:30"), zone=BERLIN, target=0.9, answers_per_hour=1
    )
    assert none.empty


def minute_by_minute(sent: list[int], shifts: list[tuple[int, int, int, int]]) -> list[int | None]:
    """Answer in order of arrival, looking at every minute of nine days in UTC."""
    waiting, answers = list(enumerate(sent)), [None] * len(sent)
    worked = 0.0
    for minute in range(9 * 24 * 60):
        weekday, of_day = (minute // 1440) % 7, minute % 1440
        rate = sum(
            r for day, opens, closes, r in shifts
            if day == weekday and opens * 60 <= of_day < closes * 60
        )  # fmt: skip
        if not waiting or waiting[0][1] > minute:
            worked = 0.0
            continue
        worked += rate / 60
        while waiting and worked >= 1 - 1e-9:
            if waiting[0][1] > minute:
                worked = 0.0
                break
            number, _ = waiting.pop(0)
            answers[number] = minute + 1
            worked -= 1
    return answers


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 6 * 1440), max_size=12).map(sorted),
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(1, 4)), min_size=1, max_size=4
    ),
)
def test_agrees_with_a_clock_that_ticks(sent, given_shifts):
    monday = instant("2026-09-28")
    # an answer takes a whole number of minutes, so that the ticking clock can be exact
    shifts = [(day, opens, opens + hours, 4) for day, opens, hours in given_shifts]
    ticking = minute_by_minute(sent, shifts)
    contacts = pd.DataFrame(
        {"message_id": [f"{n:03}" for n in range(len(sent))],
         "sent_at": pd.Series([monday + pd.Timedelta(minutes=m) for m in sent],
                              dtype="datetime64[us, UTC]")}
    )  # fmt: skip
    contacts = contacts.assign(due_at=contacts["sent_at"] + pd.Timedelta(hours=24), counted=True)
    frame = pd.DataFrame(
        [(*shift, 1.0) for shift in shifts],
        columns=["weekday", "opens", "closes", "answers_per_hour", "reached"],
    )
    found = replay(contacts, frame, zone="UTC")["answered_at"]
    for at, minute in zip(found, ticking, strict=True):
        if minute is None or minute > 8 * 1440:
            continue
        expected = monday + pd.Timedelta(minutes=minute)
        assert abs((at - expected).total_seconds()) <= 60


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_more_hours_never_make_more_late(seed):
    random = Random(seed)
    start = instant("2026-09-28")
    sent = sorted(random.randrange(7 * 24 * 60) for _ in range(30))
    contacts = pd.DataFrame(
        {"message_id": [f"{n:03}" for n in range(30)],
         "sent_at": [start + pd.Timedelta(minutes=m) for m in sent], "counted": True}
    )  # fmt: skip
    contacts["due_at"] = contacts["sent_at"] + pd.Timedelta(hours=24)
    few = roster("Mon-Fri 09:00-12:00 2/h")
    more = pd.concat([few, roster("Sat 10:00-12:00 2/h")])
    assert replay(contacts, more, zone=BERLIN)["late"].sum() <= (
        replay(contacts, few, zone=BERLIN)["late"].sum()
    )


def test_the_search_finds_the_saturday(contacts_of):
    # nobody works on weekends: Friday evening's mails are late on Monday
    evening = [(f"2026-10-02T{hour}:00", "open") for hour in range(17, 22)]
    night = ("2026-10-02T22:30", "open")  # half past midnight in Berlin: Saturday
    base = roster("Mon-Fri 08:00-18:00 12/h")
    wanted = {"zone": BERLIN, "target": 1.0, "answers_per_hour": 12}
    found = added_hours(contacts_of(*evening, night), base, **wanted)
    assert found[["weekday", "cost", "on_time_share"]].values.tolist() == [[5, 1, 1]]
    # without the one of the night an hour of Friday reaches them all, and is cheaper
    found = added_hours(contacts_of(*evening), base, **wanted, weekend_cost=9)
    assert found[["weekday", "opens", "cost"]].values.tolist() == [[4, 23, 1]]


@settings(max_examples=6)
@given(st.integers(0, 10**6))
def test_no_block_of_the_search_is_idle(seed):
    random = Random(seed)
    start = instant("2026-09-28")
    minutes = sorted(random.randrange(14 * 24 * 60) for _ in range(25))
    contacts = pd.DataFrame(
        {"message_id": [f"{n:03}" for n in range(25)],
         "sent_at": [start + pd.Timedelta(minutes=m) for m in minutes], "counted": True}
    )  # fmt: skip
    contacts["due_at"] = contacts["sent_at"] + pd.Timedelta(hours=24)
    base = roster("Wed 10:00-12:00 6/h")
    kwargs = {"zone": BERLIN, "target": 0.9, "answers_per_hour": 6.0, "block_hours": 4}
    found = added_hours(contacts, base, **kwargs)
    columns = list(base)
    full = pd.concat([base, found.assign(reached=1.0)[columns]])
    assert 1 - late_share(replay(contacts, full, zone=BERLIN))["late_share"] >= 0.9
    for number in found.index:
        less = pd.concat([base, found.assign(reached=1.0).drop(index=number)[columns]])
        assert 1 - late_share(replay(contacts, less, zone=BERLIN))["late_share"] < 0.9


@pytest.mark.parametrize("change", [{"target": 0}, {"target": 1.1}, {"answers_per_hour": 0},
                                    {"block_hours": 0}, {"weekend_cost": 0}])  # fmt: skip
def test_a_search_for_nothing_is_refused(contacts_of, change):
    wanted = {"target": 0.9, "answers_per_hour": 6.0} | change
    with pytest.raises(UsageError):
        added_hours(contacts_of(), roster("Mon 08:00-09:00"), zone=BERLIN, **wanted)


def _hours_of_the_sample(period: dict) -> str:
    names = {"weekday": "Mon-Fri", "saturday": "Sat", "sunday": "Sun"}
    return ", ".join(
        f"{names[name]} {opens:02}:00-{closes:02}:00 60/h {chance:.0%}"
        for name, (opens, closes, chance) in period["shifts"].items()
    )


@pytest.mark.parametrize("number", range(4))
def test_the_hours_of_the_sample_give_its_own_late_share(number):
    """The generator answers by its opening hours; replayed, they give the share that it had."""
    period, random = profile()["service"][number], Random(number)
    service = Service(zoneinfo.ZoneInfo(BERLIN), (period,))
    begin = dt.datetime(2026, 9, 7, tzinfo=dt.UTC)
    sent = sorted(begin + dt.timedelta(minutes=random.randrange(28 * 1440)) for _ in range(400))
    answered = [service.answer_at(random, at) for at in sent]
    own = np.mean([a - s > dt.timedelta(hours=24) for s, a in zip(sent, answered, strict=True)])
    contacts = pd.DataFrame(
        {"message_id": [f"{n:03}" for n in range(400)],
         "sent_at": pd.Series(sent, dtype="datetime64[us, UTC]"), "counted": True}
    )  # fmt: skip
    contacts["due_at"] = contacts["sent_at"] + pd.Timedelta(hours=24)
    found = late_share(replay(contacts, roster(_hours_of_the_sample(period)), zone=BERLIN))
    assert found["low"] <= own <= found["high"]
