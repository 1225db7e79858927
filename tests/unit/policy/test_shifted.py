"""Events of one window judged by the rules of another, and which limits changed between."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from builders import instant

from sellerkit.policy import Policy, rule_changes

NOVEMBER = instant("2015-11-01"), instant("2015-12-01")
DECEMBER = instant("2015-12-01"), instant("2016-01-01")
LAST = pd.Timedelta(1, unit="us")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.default()


def hours(policy: Policy, *instants: pd.Timestamp) -> list[float]:
    """Return the hours to answer a buyer at each instant."""
    return policy.limit("crt.window_hours", pd.Series(instants)).value.tolist()


def test_a_window_is_judged_by_the_rules_of_the_other(policy: Policy) -> None:
    # 12 hours in December 2015, 24 before and after
    november = policy.shifted(NOVEMBER, DECEMBER)
    assert hours(november, NOVEMBER[0], NOVEMBER[1] - LAST) == [12, 12]
    assert hours(november, NOVEMBER[0] - LAST, NOVEMBER[1]) == [24, 24]
    december = policy.shifted(DECEMBER, NOVEMBER)
    # December is a day longer: its last instant still falls on the last day of November
    assert hours(december, DECEMBER[0], DECEMBER[1] - LAST) == [24, 24]
    assert hours(december, DECEMBER[1]) == [12]


def test_windows_of_one_length_are_apart_by_their_distance(policy: Policy) -> None:
    week = pd.Timedelta(days=7)
    first = instant("2015-11-20"), instant("2015-11-27")
    shifted = policy.shifted(first, (first[0] + week, first[1] + week))
    changes_at = instant("2015-12-01") - week
    assert hours(shifted, changes_at - LAST, changes_at) == [24, 12]


def test_a_missing_instant_has_the_first_row_as_ever(policy: Policy) -> None:
    never = pd.Series([pd.NaT], dtype="datetime64[us, UTC]")
    names = [
        p.limit("claim.reply_hours", never).rule.tolist()
        for p in (policy, policy.shifted(NOVEMBER, DECEMBER))
    ]
    assert names == [["claim.reply@2012-02-01"]] * 2


def test_the_rules_of_one_day_stay_those_of_that_day(policy: Policy) -> None:
    pinned = policy.on(dt.date(2015, 12, 5)).shifted(DECEMBER, NOVEMBER)
    assert hours(pinned, *DECEMBER, *NOVEMBER) == [12, 12, 12, 12]


def test_a_shift_to_the_same_window_moves_nothing(policy: Policy) -> None:
    same = policy.shifted(DECEMBER, DECEMBER)
    instants = [DECEMBER[0] - LAST, DECEMBER[0], DECEMBER[1] - LAST, DECEMBER[1]]
    assert hours(same, *instants) == hours(policy, *instants) == [24, 12, 12, 24]


def test_changes_are_named_with_both_values(policy: Policy) -> None:
    ids = ["crt.window_hours", "claim.silence_hours", "crt.target_share"]
    found = rule_changes(policy, ids, instant("2015-12-01"), instant("2019-11-02"))
    assert [(c.rule.name, c.before, c.now) for c in found] == [
        # not that of the first instant; and crt.target began anew in 2018 with the same value
        ("crt.window@2016-01-01", 12, 24),
        ("claim.silence@2019-11-01", None, 48),
    ]
    assert [c.at for c in found] == [instant("2016-01-01"), instant("2019-11-01")]
    assert not rule_changes(policy, ids, instant("2016-01-01"), instant("2019-11-01"))
    assert not rule_changes(policy.on(dt.date(2015, 12, 5)), ids, instant("2000-01-01"))


def test_without_an_end_what_is_still_to_come_is_listed(policy: Policy) -> None:
    found = rule_changes(policy, ["claim.reply_hours"], instant("2019-12-01"))
    assert [change.rule.name for change in found] == ["claim.reply@2023-01-01"]


def test_a_row_for_one_store_is_a_change_there(policy: Policy, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rule]]\nid = "return.reply_hours"\nvalue = 24\nunit = "hours"\nfrom = 2025-01-01\n'
        'to = 2025-02-01\nmarketplaces = ["DE"]\nmark = "U"\nsource = "a test"\n'
    )
    found = rule_changes(policy.with_file(rules), ["return.reply_hours"], instant("2024-01-01"))
    assert [(c.at.date().isoformat(), c.rule.name, c.before, c.now) for c in found] == [
        ("2025-01-01", "return.reply@2025-01-01", 48, 24),
        ("2025-02-01", "return.reply@2016-01-01", 24, 48),
    ]
