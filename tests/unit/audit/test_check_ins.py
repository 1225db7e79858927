"""Check-ins on orders small enough to work by hand, on both sides of each edge.

The order was delivered on 2025-03-05 at noon UTC, so its buyer may be asked how it went from
2025-03-10 to 2025-04-04, both at noon.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from builders import (
    Row,
    call,
    claim,
    histories,
    instant,
    message,
    notice,
    order,
    return_,
    solicitation,
)

from sellerkit.audit import audit
from sellerkit.policy import Policy

INSIDE = "2025-03-20T12:00"
AFTER = "2025-05-01"
OTHER = "302-0000002-0000002"
DELIVERED = order(status="shipped", delivered_at="2025-03-05T12:00")


def found(as_of: str = INSIDE, orders: tuple[Row, ...] = (DELIVERED,), **rows: Any) -> pd.DataFrame:
    frames = histories(orders=list(orders), **rows)
    return audit(frames, as_of=instant(as_of), policy=Policy.default()).findings["check_ins"]


def one(as_of: str = INSIDE, **rows: Any) -> pd.Series:
    (row,) = (row for _, row in found(as_of, **rows).iterrows())
    return row


def check_in(sent_at: str, **others: Any) -> Row:
    return message(sent_at, "seller", **{"topic": "check_in", **others})


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2025-03-05T12:00", "too_early"),
        ("2025-03-10T11:59:59.999999", "too_early"),
        ("2025-03-10T12:00", "due"),
        ("2025-04-04T12:00", "due"),
        ("2025-04-04T12:00:00.000001", "skipped"),
    ],
)
def test_the_window_has_both_its_ends_in_it(as_of: str, state: str) -> None:
    row = one(as_of)
    assert row["state"] == state
    assert (row["from_at"], row["to_at"]) == (
        instant("2025-03-10T12:00"),
        instant("2025-04-04T12:00"),
    )
    assert pd.isna(row["sent_at"])


def test_an_order_has_a_row_once_its_delivery_is_on_file_and_has_happened() -> None:
    assert found("2025-03-05T11:59:59.999999").empty
    assert found("2025-06-01", orders=(order(promised_by="2025-03-05", status="shipped"),)).empty
    amazons = DELIVERED | {"fulfillment": "amazon"}
    assert found(orders=(amazons,))["state"].tolist() == ["due"]
    assert found(orders=()).empty


@pytest.mark.parametrize(
    ("sent_at", "when"),
    [
        ("2025-03-10T11:59:59.999999", "before its window began"),
        ("2025-03-10T12:00", "inside its window"),
        ("2025-04-04T12:00", "inside its window"),
        ("2025-04-04T12:00:00.000001", "after its window had ended"),
    ],
)
@pytest.mark.parametrize("by_form", [True, False])
def test_a_message_or_a_form_of_amazons_is_a_check_in(
    sent_at: str, when: str, by_form: bool
) -> None:
    name = "solicitations" if by_form else "messages"
    row = one(AFTER, **{name: [solicitation(sent_at) if by_form else check_in(sent_at)]})
    assert (row["state"], row["sent_at"]) == ("sent", instant(sent_at))
    assert when in row["why"]


@pytest.mark.parametrize(
    "others",
    [
        {"topic": "other"},
        {"undelivered": True},
        {"order_id": OTHER},
        {"order_id": None},
        {"account": "another"},
        {"sender": "buyer", "no_response_needed": True},
        {"sent_at": "2025-03-20T12:00:00.000001"},
    ],
)
def test_what_is_no_check_in_on_the_order_by_now(others: dict[str, Any]) -> None:
    assert one(messages=[check_in("2025-03-12") | others])["state"] == "due"


def test_the_first_of_several_counts_and_an_automatic_one_does() -> None:
    messages = [check_in("2025-03-14"), check_in("2025-03-12", automated=True)]
    row = one(messages=messages, solicitations=[solicitation("2025-03-13")])
    assert row["sent_at"] == instant("2025-03-12")


# what opens, when it is over, and the word for it
TROUBLES = {
    "claim": (
        {"claims": [claim("2025-03-12", decided_at="2025-03-18", outcome="denied")]},
        "an A-to-z claim of 2025-03-12 00:00 UTC",
    ),
    "return": (
        {"returns": [return_("2025-03-12", authorized_at="2025-03-12", closed_at="2025-03-18")]},
        "a return asked for on 2025-03-12",
    ),
    "refund": (
        {"returns": [return_("2025-03-12", refunded_at="2025-03-18", closed_at="2025-03-25")]},
        "a return asked for on 2025-03-12",
    ),
    "inquiry": (
        {"messages": [message("2025-03-12"), message("2025-03-18", "seller")]},
        "the buyer's message of 2025-03-12",
    ),
}


@pytest.mark.parametrize("name", TROUBLES)
@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2025-03-11T23:59:59.999999", "due"),
        ("2025-03-12", "blocked"),
        ("2025-03-17T23:59:59.999999", "blocked"),
        ("2025-03-18", "due"),
    ],
)
def test_a_buyer_in_trouble_is_not_to_be_asked(name: str, as_of: str, state: str) -> None:
    rows, words = TROUBLES[name]
    row = one(as_of, **rows)
    assert row["state"] == state
    assert (words in row["why"]) == (state == "blocked")


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ({"claims": [claim("2025-03-12", outcome="open")]}, "blocked"),
        ({"claims": [claim("2025-03-12", outcome="withdrawn")]}, "due"),
        ({"claims": [claim("2025-03-12", order_id=OTHER)]}, "due"),
        ({"returns": [return_("2025-03-12", account="another")]}, "due"),
        ({"messages": [message("2025-03-12", no_response_needed=True)]}, "due"),
        ({"messages": [message("2025-03-12", order_id=None)]}, "due"),
        ({"calls": [call("2025-03-12")]}, "due"),
    ],
)
def test_what_is_trouble_on_the_order(rows: dict[str, Any], state: str) -> None:
    assert one(**rows)["state"] == state


@pytest.mark.parametrize(
    ("as_of", "state"),
    [("2025-03-13T12:00", "blocked"), ("2025-03-13T12:00:00.000001", "too_early")],
)
def test_a_notice_that_is_overdue_is_too_late_and_no_trouble_any_more(
    as_of: str, state: str
) -> None:
    late = {"promised_by": "2025-03-12T12:00", "delivered_at": "2025-03-12T12:00:00.000001"}
    row = one(as_of, orders=(DELIVERED | late | {"shipped_at": "2025-03-02"},))
    assert row["state"] == state
    assert ("owed in writing since 2025-03-12 12:00 UTC" in row["why"]) == (state == "blocked")


def test_what_was_missed_still_waits_where_the_buyer_wrote() -> None:
    assert one("2025-03-30", messages=[message("2025-03-12")])["state"] == "blocked"


@pytest.mark.parametrize(
    ("event", "others", "state"),
    [
        ("opted_out", {}, "blocked"),
        ("opted_out", {"sent_at": "2025-03-20T12:00:00.000001"}, "due"),
        ("opted_out", {"order_id": OTHER}, "due"),
        ("opted_out", {"account": "another"}, "due"),
        ("refund_issued", {}, "due"),
    ],
)
def test_a_buyer_who_opted_out(event: str, others: dict[str, Any], state: str) -> None:
    row = one(notices=[notice("2025-02-01", event) | others])
    assert row["state"] == state
    assert ("opted out of messages on 2025-02-01" in row["why"]) == (state == "blocked")


def test_who_opted_out_is_known_by_the_address_in_other_orders_too() -> None:
    orders = (DELIVERED, DELIVERED | {"order_id": OTHER})
    messages = [
        message("2025-02-01", "seller", order_id=OTHER, buyer_id="ann"),
        message("2025-03-01", "seller", buyer_id="ann"),
    ]
    told = [notice("2025-02-02", "opted_out", order_id=OTHER)]
    states = found(orders=orders, messages=messages, notices=told)["state"]
    assert states.tolist() == ["blocked", "blocked"]
    messages[1]["buyer_id"] = "ben"
    states = found(orders=orders, messages=messages, notices=told)["state"]
    assert states.tolist() == ["due", "blocked"]


def test_of_a_window_that_is_over_its_end_is_asked_about() -> None:
    until = claim("2025-04-04T12:00", decided_at="2025-04-04T12:00:00.000001", outcome="denied")
    row = one(AFTER, claims=[until])
    assert row["state"] == "blocked"
    assert row["why"] == (
        "No check-in was to be sent by 2025-04-04 12:00 UTC: an A-to-z claim of 2025-04-04 12:00 "
        "UTC was not decided."
    )
    assert one(AFTER, claims=[claim("2025-04-04T12:00:00.000001")])["state"] == "skipped"


def test_one_that_was_sent_stays_sent_and_says_what_spoke_against_it() -> None:
    open_then = claim(
        "2025-03-11", responded_at="2025-03-11T01:00", decided_at="2025-03-12", outcome="denied"
    )
    row = one(AFTER, claims=[open_then], messages=[check_in("2025-03-12")])
    assert (row["state"], "although an A-to-z claim" in row["why"]) == ("sent", True)
    row = one(AFTER, claims=[open_then], messages=[check_in("2025-03-12T00:00:00.000001")])
    assert (row["state"], "although" in row["why"]) == ("sent", False)


def test_a_check_in_that_crosses_a_question_is_seen_as_sent_to_one_who_waits() -> None:
    row = one(messages=[message("2025-03-11"), check_in("2025-03-12")])
    assert "although the buyer's message of 2025-03-11" in row["why"]


def test_the_days_are_the_policys(tmp_path: Any) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        "[[rule]]\nid = 'check_in.from_days'\nvalue = 3\nunit = 'days'\nfrom = 2012-02-01\n"
        "marketplaces = ['DE']\nmark = 'U'\nsource = 'a test'\n"
    )
    orders = [DELIVERED, DELIVERED | {"order_id": OTHER, "marketplace": "UK"}]
    policy = Policy.default().with_file(rules)
    rows = audit(histories(orders=orders), as_of="2025-03-09", policy=policy).findings["check_ins"]
    assert rows["state"].tolist() == ["due", "too_early"]
