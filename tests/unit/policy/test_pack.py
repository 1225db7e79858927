"""The rules that ship: the contract's table, each row on both sides of its dates, the lookup."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pandas as pd
import pytest

from sellerkit.errors import UsageError
from sellerkit.policy import NO_RULE, Policy, Rule, marketplaces
from sellerkit.policy.checks import fault_of_holiday, fault_of_rule

PACK = Policy.default()
US, UK, DE, CA, IN, IT = "US", "UK", "DE", "CA", "IN", "IT"

#: rules.md, Policy packs, by hand: what holds at an instant (in a store), and the row's name.
CONTRACT = [
    ("crt.window_hours", "2010-01-01T00:00", 24, "crt.window@2012-02-01"),
    ("crt.window_hours", "2015-11-30T23:59:59.999999", 24, "crt.window@2012-02-01"),
    ("crt.window_hours", "2015-12-01T00:00", 12, "crt.window@2015-12-01"),
    ("crt.window_hours", "2015-12-31T23:59:59.999999", 12, "crt.window@2015-12-01"),
    ("crt.window_hours", "2016-01-01T00:00", 24, "crt.window@2016-01-01"),
    ("crt.target_share", "2018-09-30T23:59:59.999999", 0.9, "crt.target@2012-02-01"),
    ("crt.target_share", "2018-10-01T00:00", 0.9, "crt.target@2018-10-01"),
    ("crt.unit", "2026-10-05T00:00", "run", "crt.unit@2012-02-01"),
    ("crt.autoreply_counts", "2026-10-05T00:00", False, "crt.autoreply_counts@2012-02-01"),
    ("return.reply_hours", "2015-12-31T23:59:59.999999", 24, "return.reply@2012-02-01"),
    ("return.reply_hours", "2016-01-01T00:00", 48, "return.reply@2016-01-01"),
    ("return.window_days", "2026-10-05T00:00", 30, "return.window@2012-02-01"),
    ("problem.notice_hours", "2026-10-05T00:00", 24, "problem.notice@2012-02-01"),
    ("problem.lookback_hours", "2026-10-05T00:00", 72, "problem.lookback@2012-02-01"),
    ("problem.cancellation_counts", "2026-10-05T00:00", False,
     "problem.cancellation_counts@2012-02-01"),
    ("claim.reply_hours", "2016-11-13T23:59:59.999999", 168, "claim.reply@2012-02-01"),
    ("claim.reply_hours", "2016-11-14T00:00", 72, "claim.reply@2016-11-14"),
    ("claim.reply_hours", "2019-11-30T23:59:59.999999", 72, "claim.reply@2016-11-14"),
    ("claim.reply_hours", "2019-12-01T00:00", 48, "claim.reply@2019-12-01"),
    ("claim.reply_hours", "2022-12-31T23:59:59.999999", 48, "claim.reply@2019-12-01"),
    ("claim.reply_hours", "2023-01-01T00:00", 72, "claim.reply@2023-01-01"),
    ("claim.silence_hours", "2019-10-31T23:59:59.999999", None, "claim.silence@2012-02-01"),
    ("claim.silence_hours", "2019-11-01T00:00", 48, "claim.silence@2019-11-01"),
    ("claim.silence_hours", "2023-01-01T00:00", 72, "claim.silence@2023-01-01"),
    ("claim.contact_wait_hours", "2026-10-05T00:00", 48, "claim.contact_wait@2012-02-01"),
    ("claim.window_days", "2026-10-05T00:00", 90, "claim.window@2012-02-01"),
    ("claim.appeal_days", "2026-10-05T00:00", 30, "claim.appeal@2012-02-01"),
    ("message.proactive_days", "2026-10-05T00:00", 30, "message.proactive@2012-02-01"),
    ("message.important_override", "2017-04-30T23:59:59.999999", False,
     "message.important_override@2012-02-01"),
    ("message.important_override", "2017-05-01T00:00", True,
     "message.important_override@2017-05-01"),
    ("message.important_override", "2025-04-24T23:59:59.999999", True,
     "message.important_override@2017-05-01"),
    ("message.important_override", "2025-04-25T00:00", False,
     "message.important_override@2025-04-25"),
    ("check_in.from_days", "2026-10-05T00:00", 5, "check_in.from@2012-02-01"),
    ("check_in.to_days", "2026-10-05T00:00", 30, "check_in.to@2012-02-01"),
    ("phone.delivery_only", "2019-04-30T23:59:59.999999", False, "phone.delivery_only@2012-02-01"),
    ("phone.delivery_only", "2019-05-01T00:00", True, "phone.delivery_only@2019-05-01"),
    ("pii.retention_days", "2026-10-05T00:00", 30, "pii.retention@2012-02-01"),
]  # fmt: skip

#: policy.md, by hand: rows beyond the contract, in the stores where they differ.
FURTHER = [
    ("crt.open_counts_after_hours", "2012-06-30", None, 0),
    ("crt.open_counts_after_hours", "2012-07-01", None, 24),
    ("crt.is_account_metric", "2018-09-30", None, True),
    ("crt.is_account_metric", "2018-10-01", None, False),
    ("return.claim_granted_after_hours", "2019-11-01", US, 48),
    ("return.claim_granted_after_hours", "2019-10-31", US, None),
    ("return.claim_granted_after_hours", "2019-11-01", DE, None),
    ("return.cross_border_days", "2024-11-10", UK, None),
    ("return.cross_border_days", "2024-11-11", UK, 4),
    ("return.cross_border_days", "2025-08-10", DE, 4),
    ("return.cross_border_days", "2025-08-11", DE, 3),
    ("return.cross_border_days", "2025-08-11", US, None),
    ("return.window_electronics_days", "2024-03-24", IT, 30),
    ("return.window_electronics_days", "2024-03-25", IT, 14),
    ("return.window_electronics_days", "2024-03-25", US, 30),
    ("return.window_days", "2024-03-25", IT, 30),
    ("refund.after_receipt_business_days", "2026-01-25", US, 2),
    ("refund.after_receipt_business_days", "2026-01-26", US, None),
    ("refund.after_receipt_business_days", "2026-01-26", DE, 2),
    ("refund.after_receipt_days", "2026-01-25", US, None),
    ("refund.after_receipt_days", "2026-01-26", US, 4),
    ("return.high_value_exemption", "2026-02-07", US, True),
    ("return.high_value_exemption", "2026-02-08", US, False),
    ("odr.max_share", "2026-10-05", None, 0.01),
    ("cancel.max_share", "2026-10-05", None, 0.025),
    ("cancel.max_share", "2026-10-05", IN, 0.02),
    ("cancel.business_max_share", "2026-10-05", CA, 0.01),
    ("cancel.business_max_share", "2026-10-05", US, None),
    ("late_shipment.max_share", "2026-10-05", None, 0.04),
    ("tracking.min_share", "2026-10-05", None, 0.95),
    ("on_time_delivery.min_share", "2024-09-24", US, 0.97),
    ("on_time_delivery.min_share", "2024-09-25", US, 0.90),
    ("on_time_delivery.min_share", "2024-09-25", DE, 0.97),
    ("order.auto_cancel_business_days", "2020-09-29", None, None),
    ("order.auto_cancel_business_days", "2020-09-30", None, 7),
    ("order.auto_cancel_days", "2020-09-29", None, 30),
    ("order.auto_cancel_days", "2020-09-30", None, None),
    ("return_dissatisfaction.max_share", "2016-01-01", None, 0.10),
    ("claim.info_reply_hours", "2016-11-13", None, 168),
    ("claim.info_reply_hours", "2019-12-01", None, None),
    ("claim.info_reply_hours", "2026-10-05", None, 72),
    ("message.opt_out", "2017-03-30", None, False),
    ("message.opt_out", "2017-03-31", None, True),
    ("message.order_id_required", "2020-11-05", None, False),
    ("message.order_id_required", "2020-11-06", None, True),
]


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


@pytest.mark.parametrize(("rule_id", "when", "value", "name"), CONTRACT)
def test_the_contract_holds_on_both_sides_of_each_date(rule_id, when, value, name) -> None:
    for store in (None, US, DE, "JP"):
        assert PACK.value(rule_id, at(when), store) == (value, name)


@pytest.mark.parametrize(("rule_id", "when", "store", "value"), FURTHER)
def test_what_policy_md_says_beyond_the_contract(rule_id, when, store, value) -> None:
    assert PACK.value(rule_id, at(when), store)[0] == value


def neighbours(rule: Rule) -> list[Rule]:
    """The rows of the same id and stores, in the order of their dates."""
    own = [r for r in PACK.rules if (r.id, r.marketplaces) == (rule.id, rule.marketplaces)]
    return sorted(own, key=lambda row: row.from_)


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda r: f"{r.name}{r.marketplaces}")
def test_each_row_holds_from_its_first_instant_and_not_before(rule: Rule) -> None:
    store = rule.marketplaces[0] if rule.marketplaces else None
    value = None if rule.value == NO_RULE else rule.value
    first, before = at(str(rule.from_)), at(str(rule.from_)) - pd.Timedelta("1us")
    assert PACK.value(rule.id, first, store) == (value, rule.name)
    assert PACK.row(rule.id, first, store) == rule
    own = neighbours(rule)
    place = own.index(rule)
    default = [r for r in PACK.rules if r.id == rule.id and not r.marketplaces]
    if place:
        assert PACK.row(rule.id, before, store) == own[place - 1]
    elif rule.marketplaces:
        begun = [r for r in default if r.from_ < rule.from_] or default
        assert PACK.row(rule.id, before, store) == begun[-1]
    else:
        assert PACK.row(rule.id, before, store) == rule
    if place + 1 < len(own):
        last = at(str(own[place + 1].from_)) - pd.Timedelta("1us")
        assert PACK.row(rule.id, last, store) == rule


def test_what_ships_is_right_by_the_checks_for_users() -> None:
    faults = [fault_of_rule(rule, PACK.rules) for rule in PACK.rules]
    faults += [fault_of_holiday(holiday) for holiday in PACK.holidays]
    assert [fault for fault in faults if fault] == []
    assert all(set(event.marketplaces) <= set(marketplaces()) for event in PACK.events)


def test_every_id_has_a_row_for_all_stores_and_names_lead_to_one_id() -> None:
    ids = {rule.id for rule in PACK.rules}
    assert {rule.id for rule in PACK.rules if not rule.marketplaces} == ids
    for name in {rule.name for rule in PACK.rules}:
        assert len({rule.id for rule in PACK.rules if rule.name == name}) == 1, name


def test_no_row_stands_twice() -> None:
    keys = [(r.id, r.from_, code) for r in PACK.rules for code in r.marketplaces or ("",)]
    assert len(keys) == len(set(keys))


def test_what_is_assumed_says_what_is_in_doubt_and_units_are_one_for_an_id() -> None:
    unsaid = [rule.name for rule in PACK.rules if rule.mark == "U" and not rule.doubt]
    assert unsaid == []
    units = {(rule.id, rule.unit) for rule in PACK.rules}
    assert len(units) == len({rule.id for rule in PACK.rules})


def test_events_stand_in_order_and_conflicts_are_said() -> None:
    days = [event.date for event in PACK.events]
    assert all(one <= other for one, other in pairwise(days))
    assert all(event.doubt for event in PACK.events if " or " in event.when)
    told = " ".join(event.what for event in PACK.events)
    for words in ("removed from the seller performance page", "Temporary telephone numbers"):
        assert words in told


def test_assumed_is_what_is_marked_u() -> None:
    instants = pd.Series([at("2022-12-31"), at("2023-01-01")])
    assert list(PACK.limit("claim.silence_hours", instants).assumed) == [False, True]


def test_a_limit_is_looked_up_for_each_event_in_its_own_store() -> None:
    instants = pd.Series([at("2026-01-26")] * 4, index=[7, 3, 9, 1])
    found = PACK.limit(
        "refund.after_receipt_days",
        instants,
        pd.Series(["US", "DE", None, "US"], index=instants.index, dtype="str"),
    )
    assert found.value.index.tolist() == [7, 3, 9, 1]
    assert found.value.fillna(-1).tolist() == [4, -1, -1, 4]


def test_one_day_judges_everything() -> None:
    pinned = PACK.on(dt.date(2015, 12, 5))
    assert pinned.value("crt.window_hours", at("2026-01-01"))[0] == 12
    assert "2015-12-05" in pinned.name


def test_an_unknown_id_is_refused_with_what_is_near() -> None:
    with pytest.raises(UsageError, match=r"crt\.windw_hours.*near it: crt\.window_hours"):
        PACK.value("crt.windw_hours", at("2026-01-01"))
