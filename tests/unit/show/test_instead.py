"""What stands in the place of what was owed, conflicts, and the derivation behind each row."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from builders import call, claim, histories, instant, message, noticed, order

from sellerkit import show
from sellerkit.audit import Audit, audit, conflicts, derive, not_credited

NOON = "2025-03-10T12:00"
HOSTILE = "<img src=x onerror=alert(1)>"


def audited(as_of: str = "2025-03-20", **rows: Any) -> Audit:
    return audit(histories(**rows), as_of=instant(as_of))


def view(found: Audit, **others: Any) -> show.View:
    run = SimpleNamespace(
        audit=found,
        zone="Europe/Berlin",
        accounts=["shop"],
        why=lambda name, rows: derive(found, name, rows),
        pseudonym=lambda account, buyer_id: "Buyer K7Q2",
        masked=str,
    )
    return show.View.of(run, **others)


def test_each_reason_is_counted_and_each_row_says_what_would_have_counted() -> None:
    messages = [
        message(NOON),
        message("2025-03-10T13:00", "seller", automated=True),
        message("2025-03-11T12:00", thread_id="other"),
        message("2025-03-11T13:00", "seller", thread_id="other", automated=True),
    ]
    found = audited(messages=messages, calls=[call("2025-03-10T14:00")])
    shown = show.table_not_credited(not_credited(found), view(found))
    assert shown.note == {"count": 3}
    assert "<dt>Automatic reply</dt><dd>2</dd>" in shown.html
    assert "<dt>Telephone call</dt><dd>1</dd>" in shown.html
    assert "For 2 duties of this window that were not met" in shown.html
    # the seller's clock, not UTC
    assert "A reply written by a person, by 11 Mar 13:00." in shown.html


def test_what_is_credited_and_perhaps_not_seen_by_amazon_is_told_apart() -> None:
    found = audited(messages=[message(NOON), message(NOON, "seller", channel="other")])
    shown = show.table_not_credited(not_credited(found), view(found)).html
    assert "Nothing uncounted was done" in shown and "1 other was written for" in shown


def test_nothing_done_instead_is_said() -> None:
    found = audited(messages=[message(NOON)])
    shown = show.table_not_credited(not_credited(found), view(found))
    assert "Nothing was done in this window" in shown.html and shown.note == {}


def test_conflicts_name_both_rules_and_the_safe_way() -> None:
    rows = {"orders": [order(latest_ship_at=NOON)], "notices": [noticed("2025-03-09T10:00")]}
    found = audited(**rows)
    shown = show.table_conflicts(conflicts(found), view(found)).html
    for words in (
        "Order problem, shipped late, missed", "problem.notice@2012-02-01",
        "message.opt_out@2017-03-31", "9 Mar 11:00", "[Important]",
    ):  # fmt: skip
        assert words in shown
    assert show.table_conflicts(conflicts(found).head(0), view(found)).html == ""


def due(found: Audit, seen: show.View) -> str:
    return show.table_due(found.obligations, seen).html


def worst(found: Audit, seen: show.View) -> str:
    return show.cases_worst(found.obligations, seen).html


def calls(found: Audit, seen: show.View) -> str:
    return show.table_calls(found.findings["calls_review"], seen).html


def to_answer(found: Audit, seen: show.View) -> str:
    return show.table_to_answer(found.findings["claims_readiness"], seen).html


def exposed(found: Audit, seen: show.View) -> str:
    from sellerkit.measure import exposure_money

    rows = found.findings["exposure"]
    return show.table_exposure(rows, exposure_money(rows, found.histories["orders"]), seen).html


@pytest.mark.parametrize(
    ("table", "step"),
    [
        (due, "and nothing answers it yet: open."),
        (worst, "and nothing answers it: missed."),
        (calls, "A mail was owed when the call began; a call never replaces it."),
        (to_answer, "items that apply"),
        (exposed, "a claim is possible until"),
    ],
)
def test_behind_each_row_stands_its_derivation_and_none_of_a_strangers_words(
    table: Any, step: str
) -> None:
    ids = {"message_id": f"{HOSTILE}@attacker.example"}
    found = audited(
        messages=[
            message(NOON, body="SECRET", **ids),
            message("2025-03-19T14:00", thread_id="two", order_id=None, body="SECRET"),
        ],
        orders=[order(delivered_at="2025-03-08"), order(order_id="302-0000003-0000003")],
        claims=[claim("2025-03-19T12:00", order_id="302-0000003-0000003", claim_id=HOSTILE)],
        calls=[call("2025-03-12T12:00")],
    )
    shown = table(found, view(found))
    assert step in shown
    assert "<details" in shown and "<script" not in shown
    assert "SECRET" not in shown and "attacker" not in shown and "<img" not in shown
    # whoever shows findings without an audit at hand gets the table alone
    bare = table(found, show.View(**{**vars(view(found)), "why": None}))
    assert step not in bare


def test_a_due_row_that_is_not_allowed_says_so_at_once() -> None:
    rows = {"orders": [order(latest_ship_at="2025-03-19T12:00")]}
    found = audited(**rows)
    assert "not allowed as it is" not in due(found, view(found))
    told = audited(**rows, notices=[noticed("2025-03-09T10:00")])
    assert "not allowed as it is: see why" in due(told, view(told))


def test_a_findings_sentence_is_told_by_the_sellers_clock():
    told = view(audited()).told(
        "He wrote on 2026-10-04 22:30 UTC; due by 2026-10-05 22:30 UTC, 1 UTC."
    )
    assert told == "He wrote on 5 Oct 00:30; due by 6 Oct 00:30, 1 UTC."
