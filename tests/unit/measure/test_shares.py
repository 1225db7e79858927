from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from builders import instant
from hypothesis import given
from hypothesis import strategies as st

from sellerkit.errors import UsageError
from sellerkit.measure import mean_interval, quantile_interval
from sellerkit.measure.shares import (
    answers_to_target,
    by_group,
    by_period,
    contact_figures,
    in_window,
    weekly,
    wilson,
)

AS_OF = instant("2026-10-05T06:00")


@pytest.fixture
def mixed(contacts_of, row, unchanged):
    """Four closed contacts (2 met, 1 late, 1 missed), one open, one waived, one of a run."""
    return unchanged(
        contacts_of(
            ("2026-10-01T08:00", "met", 2.0),
            ("2026-10-01T09:00", "met", 24.0),
            ("2026-10-02T08:00", "late", 34.0),
            ("2026-10-03T04:00", "missed"),
            ("2026-10-05T05:00", "open"),
            ("2026-10-01T08:00", "waived", 1.0),
            row("2026-10-01T08:30", "met", 1.5, counted=False, why_not="run"),
        )
    )


class TestWilson:
    def test_by_hand(self):
        # k=9, n=10: (0.9 + 3.8415/20 ± 1.96·sqrt(0.09/10 + 3.8415/400)) / 1.38415
        low, high = wilson(9, 10)
        assert (round(low, 6), round(high, 6)) == (0.595850, 0.982124)

    def test_of_nothing_is_undefined(self):
        assert wilson(0, 0) == (None, None)

    def test_of_arrays(self):
        low, high = wilson(np.array([0, 10, 0]), pd.Series([10, 10, 0]))
        assert low[0] == 0 and high[1] == 1
        assert math.isnan(low[2]) and math.isnan(high[2])
        assert round(high[0], 6) == round(1 - low[1], 6) == 0.277533

    @given(st.integers(0, 10**6), st.integers(1, 10**6))
    def test_contains_the_share(self, k, n):
        low, high = wilson(min(k, n), n)
        assert 0 <= low <= min(k, n) / n <= high <= 1


def test_in_window_holds_its_first_instant_and_not_its_last(contacts_of):
    contacts = contacts_of(
        ("2026-10-01T00:00", "met", 1.0),
        ("2026-10-02T00:00", "met", 1.0),
    )
    kept = in_window(contacts, "sent_at", instant("2026-10-01"), instant("2026-10-02"))
    assert list(kept.index) == [0]
    assert in_window(contacts[:0], "sent_at", AS_OF, AS_OF).empty
    unanswered = contacts_of(("2026-10-01T00:00", "missed"))
    assert in_window(unanswered, "answered_at", instant("2000-01-01"), AS_OF).empty


class TestContactFigures:
    def test_by_hand(self, mixed):
        figures = contact_figures(mixed, as_of=AS_OF, target=0.9)
        assert {k: figures[k] for k in ("contacts", "met", "late", "missed", "open", "waived")} == {
            "contacts": 5, "met": 2, "late": 1, "missed": 1, "open": 1, "waived": 1,
        }  # fmt: skip
        assert figures["on_time_share"] == 0.5
        assert figures["late_share"] == 0.5
        assert figures["no_response_share"] == 0.25
        assert figures["on_time_share_interval"] == list(wilson(2, 4))
        assert figures["late_share_interval"] == list(wilson(2, 4))
        assert figures["no_response_share_interval"] == list(wilson(1, 4))
        assert figures["mean_hours"] == 20
        assert figures["median_hours"] == 24
        assert figures["p90_hours"] == pytest.approx(32)  # 24 + 0.8 · (34 − 24)
        # Waits: 1 (open), 2, 24, 34, 50 (missed): 3/4 wait beyond 2 h, 1/2 beyond 24 h.
        assert figures["km_median_hours"] == 24
        assert figures["answers_to_target"] == 16  # (2 + 16) / (4 + 16) = 0.9

    def test_of_nothing(self, contacts_of):
        figures = contact_figures(contacts_of(), as_of=AS_OF, target=0.9)
        counts = ("contacts", "met", "late", "missed", "open", "waived")
        assert all(figures[name] == 0 for name in counts)
        assert figures["few"]
        others = {*figures} - {*counts, "few"}
        assert all(figures[name] is None for name in others)

    def test_of_one(self, contacts_of):
        figures = contact_figures(contacts_of(("2026-10-01", "met", 3.0)), as_of=AS_OF)
        assert figures["on_time_share"] == 1 and figures["late_share"] == 0
        assert figures["mean_hours"] == figures["median_hours"] == figures["p90_hours"] == 3
        assert figures["km_median_hours"] == 3
        assert figures["answers_to_target"] is None  # no target was given

    def test_an_open_one_alone_has_no_share(self, contacts_of):
        figures = contact_figures(contacts_of(("2026-10-05T05:00", "open")), as_of=AS_OF)
        assert figures["contacts"] == figures["open"] == 1
        assert figures["on_time_share"] is None and figures["on_time_share_interval"] is None
        assert figures["mean_hours"] is None and figures["km_median_hours"] is None

    def test_ties_in_the_hours(self, contacts_of):
        contacts = contacts_of(*[("2026-10-01T08:00", "met", 5.0)] * 4)
        figures = contact_figures(contacts, as_of=AS_OF)
        assert figures["median_hours"] == figures["p90_hours"] == figures["km_median_hours"] == 5

    def test_hours_are_calendar_hours_over_a_clock_change(self, contacts_of):
        # 24 hours by UTC from Berlin's Saturday noon are Sunday 11:00 on the wall.
        contacts = contacts_of(("2026-10-24T12:00+02:00", "met", 24.0))
        figures = contact_figures(contacts, as_of=instant("2026-10-26"))
        assert figures["median_hours"] == figures["km_median_hours"] == 24

    @given(st.lists(st.sampled_from(["met", "late", "missed", "open", "waived"]), max_size=30))
    def test_the_counts_add_up_and_shares_are_shares(self, contacts_of, statuses):
        hours = {"met": 2.0, "late": 30.0}
        rows = [("2026-10-01", status, hours.get(status)) for status in statuses]
        figures = contact_figures(contacts_of(*rows), as_of=AS_OF, target=0.9)
        parts = [figures[name] for name in ("met", "late", "missed", "open")]
        assert figures["contacts"] == sum(parts) == len(statuses) - figures["waived"]
        for name in ("on_time_share", "late_share", "no_response_share"):
            share = figures[name]
            assert (share is None) == (sum(parts[:3]) == 0)
            if share is not None:
                low, high = figures[f"{name}_interval"]
                assert 0 <= low <= share <= high <= 1


class TestAnswersToTarget:
    @pytest.mark.parametrize(
        ("met", "closed", "target", "answers"),
        [
            (80, 100, 0.9, 100),  # in floats 101
            (90, 100, 0.9, 0),
            (89, 100, 0.9, 10),
            (0, 1, 0.9, 9),
            (3, 4, 1.0, None),
            (4, 4, 1.0, 0),
            (0, 0, 0.9, None),
            (1, 2, None, None),
        ],
    )
    def test_by_hand(self, met, closed, target, answers):
        assert answers_to_target(met, closed, target) == answers

    @given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 99))
    def test_is_the_smallest_that_does(self, met, closed, percent):
        met = min(met, closed)
        answers = answers_to_target(met, closed, percent / 100)
        assert (met + answers) * 100 >= percent * (closed + answers)
        if answers:
            assert (met + answers - 1) * 100 < percent * (closed + answers - 1)


def test_by_period_takes_each_window_from_its_first_instant_on(contacts_of, unchanged):
    contacts = unchanged(
        contacts_of(
            ("2026-10-05T06:00", "open"),  # at as_of: in no period
            ("2026-09-28T06:00", "met", 1.0),  # first instant of the 7 days
            ("2026-09-28T05:59", "met", 1.0),
            ("2026-09-05T06:00", "late", 30.0),
            ("2026-07-07T06:00", "missed"),
            ("2026-07-07T05:59", "missed"),
        )
    )
    since, until = instant("2026-09-01"), instant("2026-09-28T06:00")
    periods = by_period(contacts, as_of=AS_OF, since=since, until=until, target=0.9)
    assert {name: figures["contacts"] for name, figures in periods.items()} == {
        "window": 2, "last_7_days": 1, "last_30_days": 3, "last_90_days": 4,
    }  # fmt: skip
    assert periods["last_30_days"]["on_time_share"] == 2 / 3
    assert periods["last_30_days"]["answers_to_target"] == 7


class TestWeekly:
    def test_by_hand(self, mixed):
        weeks = weekly(mixed, zone="Europe/Berlin", as_of=AS_OF, weeks=2)
        assert list(weeks["week_start"]) == [dt.date(2026, 9, 28), dt.date(2026, 10, 5)]
        last, running = weeks.to_dict("records")
        assert [last[k] for k in ("met", "late", "missed", "open", "contacts")] == [2, 1, 1, 0, 4]
        assert last["on_time_share"] == 0.5
        assert (last["low"], last["high"]) == wilson(2, 4)
        assert running["open"] == running["contacts"] == 1
        assert math.isnan(running["on_time_share"]) and math.isnan(running["low"])

    def test_of_nothing_has_every_week(self, contacts_of):
        weeks = weekly(contacts_of(), zone="UTC", as_of=AS_OF)
        assert len(weeks) == 13
        assert (weeks["contacts"] == 0).all() and weeks["on_time_share"].isna().all()
        assert list(weeks.columns) == [
            "week_start", "met", "late", "missed", "open", "contacts", "on_time_share", "low",
            "high",
        ]  # fmt: skip

    def test_a_week_that_ends_at_as_of_is_the_last(self, contacts_of):
        midnight = instant("2026-10-05T00:00+02:00")
        weeks = weekly(contacts_of(), zone="Europe/Berlin", as_of=midnight, weeks=1)
        assert list(weeks["week_start"]) == [dt.date(2026, 9, 28)]

    def test_weeks_begin_at_local_midnight_before_and_after_a_clock_change(self, contacts_of):
        contacts = contacts_of(
            ("2026-10-18T21:59", "met", 1.0),  # Sunday 23:59 in Berlin, +02:00
            ("2026-10-18T22:00", "met", 1.0),  # Monday 00:00
            ("2026-10-25T22:59", "late", 30.0),  # Sunday 23:59, +01:00 since that night
            ("2026-10-25T23:00", "met", 1.0),  # Monday 00:00
        )
        as_of = instant("2026-10-28")
        weeks = weekly(contacts, zone="Europe/Berlin", as_of=as_of, weeks=3)
        assert list(weeks["week_start"]) == [
            dt.date(2026, 10, 12), dt.date(2026, 10, 19), dt.date(2026, 10, 26),
        ]  # fmt: skip
        assert list(weeks["contacts"]) == [1, 2, 1]
        assert list(weeks["late"]) == [0, 1, 0]

    def test_an_unknown_zone_is_named(self, contacts_of):
        for zone in ("Europe/Atlantis", "", "../etc/passwd"):
            with pytest.raises(UsageError, match="no time zone"):
                weekly(contacts_of(), zone=zone, as_of=AS_OF)


class TestByGroup:
    def test_by_hand_with_those_without_a_value_last(self, contacts_of, row, unchanged):
        contacts = unchanged(
            contacts_of(
                row("2026-10-01", "met", 2.0, marketplace="FR"),
                row("2026-10-01", "late", 30.0, marketplace="FR"),
                row("2026-10-01", "met", 4.0, marketplace=None),
                row("2026-10-05", "open", marketplace="DE"),
            )
        )
        groups = by_group(contacts, "marketplace", as_of=AS_OF)
        assert groups["marketplace"].isna().tolist() == [False, False, True]
        assert groups["marketplace"].tolist()[:2] == ["DE", "FR"]
        assert groups["contacts"].tolist() == [1, 2, 1]
        assert groups["on_time_share"].isna().tolist() == [True, False, False]
        french = groups.iloc[1]
        assert (french["low"], french["high"]) == wilson(1, 2)
        assert french["mean_hours"] == 16

    def test_of_nothing(self, contacts_of):
        groups = by_group(contacts_of(), "topic", as_of=AS_OF)
        assert groups.empty and groups["contacts"].dtype == "int64"
        assert groups["on_time_share"].dtype == "float64"


def test_hours_have_intervals_and_few_contacts_say_so(contacts_of):
    rows = [("2026-10-01T08:00", "met", float(n)) for n in range(1, 12)]
    few = contact_figures(contacts_of(*rows), as_of=AS_OF)
    assert few["few"] and few["mean_interval"] is None
    low, high = few["p90_interval"]  # 9 of 10 or fewer lie below the 9th of 11 in 9 of 100 samples
    assert 8 < low < 9 and high is None
    rows += [("2026-10-01T08:00", "late", 24.0 + n / 2) for n in range(1, 201)]
    many = contact_figures(contacts_of(*rows), as_of=AS_OF)
    hours = pd.Series([row[2] for row in rows])
    assert not many["few"]
    assert many["median_interval"] == list(quantile_interval(hours, 0.5))
    assert many["p90_interval"] == list(quantile_interval(hours, 0.9))
    assert many["mean_interval"] == list(mean_interval(hours))
    low, high = many["km_median_interval"]
    assert low <= many["km_median_hours"] <= high


def test_few_is_of_the_closed_ones(contacts_of):
    rows = [("2026-10-01T08:00", "met", 1.0)] * 11
    assert contact_figures(contacts_of(*rows, *[("2026-10-05T01:00", "open")] * 5), as_of=AS_OF)[
        "few"
    ]
    assert not contact_figures(contacts_of(*rows, ("2026-10-01T08:00", "missed")), as_of=AS_OF)[
        "few"
    ]
