"""What only the history tells of a message: whether it was asked for, was late or a repetition."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import ACCOUNT, ORDER, claim, histories, message, order, return_

from sellerkit.audit import audit
from sellerkit.measure.summary import _tally
from sellerkit.tables import VIOLATIONS

WINDOW = {"as_of": "2026-01-01", "since": "2025-01-01"}
NAMED = f"Which name shall we engrave on {ORDER}?"
REVIEW = f"Please leave a review of order {ORDER}."


def found(**rows: list) -> pd.DataFrame:
    return audit(histories(**rows), **WINDOW).findings["violations"]


def told(*messages: dict, **others: list) -> list[tuple[str, str]]:
    rows = found(messages=list(messages), **others)
    return list(zip(rows["message_id"], rows["rule"], strict=True))


def seller(sent_at: str, body: str | None = NAMED, **others: object) -> dict:
    return message(sent_at, "seller", body=body, message_id=f"s{sent_at[5:10]}", **others)


def test_the_columns_and_offsets_of_a_finding():
    rows = found(
        messages=[seller("2025-03-01T10:00", f"See shop.example.com or b.example.org {ORDER}")]
    )
    assert list(rows.columns) == VIOLATIONS.names
    row = rows.iloc[0]
    assert (row["rule"], row["severity"], row["excerpt"]) == (
        "external_link", "error", "shop.example.com",
    )  # fmt: skip
    assert (row["start"], row["end"]) == (4, 20)
    assert "places more: 1" in row["why"]
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("asked_at", "proactive"),
    [
        ("2025-03-01T09:59", False),
        ("2025-03-01T10:00", False),
        ("2025-03-01T10:00:00.000001", True),
    ],
)
def test_a_buyers_message_in_the_thread_asked_for_it(asked_at, proactive):
    rows = told(seller("2025-03-01T10:00", "No id here"), message(asked_at))
    assert (("s03-01", "no_order_id") in rows) is proactive


def test_a_buyers_message_elsewhere_did_not_ask_for_it():
    asked = message("2025-03-01T09:00", thread_id="another")
    assert told(seller("2025-03-01T10:00", "No id here"), asked) == [("s03-01", "no_order_id")]


@pytest.mark.parametrize(
    "others",
    [
        {"returns": [return_("2025-03-01T10:00")]},
        {"claims": [claim("2025-03-01T10:00")]},
        # 72 hours before the order should have left
        {"orders": [order(latest_ship_at="2025-03-04T10:00")]},
        {
            "orders": [
                order(canceled_at="2025-03-04T10:00", canceled_by="seller", status="canceled")
            ]
        },
    ],
)
def test_what_is_about_trouble_on_the_order_is_not_unasked(others):
    late = seller("2025-03-01T10:00", "No id here")
    early = seller("2025-02-28T10:00", "No id here")
    assert told(early, late, **others) == [("s02-28", "no_order_id")]
    checks_in = seller("2025-03-01T10:00", "No id here", topic="check_in")
    assert told(checks_in, **others) == [("s03-01", "no_order_id")]


@pytest.mark.parametrize("topic", ["order_problem", "return", "claim", "refund"])
def test_a_message_whose_topic_is_trouble_is_not_unasked(topic):
    assert told(seller("2025-03-01T10:00", "No id here", topic=topic)) == []


@pytest.mark.parametrize(
    ("dates", "late"),
    [
        ({"delivered_at": "2025-03-01T10:00", "promised_by": "2025-01-01T10:00"}, False),
        ({"delivered_at": "2025-03-01T09:59:59.999999"}, True),
        ({"promised_by": "2025-03-01T09:59", "shipped_at": "2025-03-20T10:00"}, True),
        ({"shipped_at": "2025-03-01T09:59"}, True),
        ({"shipped_at": "2025-03-01T10:00"}, False),
        ({}, False),
    ],
)
def test_too_late_is_after_thirty_days(dates, late):
    rows = told(seller("2025-03-31T10:00"), orders=[order(**dates)])
    assert (("s03-31", "too_late") in rows) is late
    asked = message("2025-03-01T10:00")
    assert told(seller("2025-03-31T10:00"), asked, orders=[order(**dates)]) == []


def test_too_late_without_an_order_on_file_is_not_said():
    assert told(seller("2025-03-31T10:00")) == []


def test_the_second_request_on_an_order_is_a_repetition():
    first, second = seller("2025-03-01T10:00", REVIEW), seller("2025-03-05T10:00", REVIEW)
    assert told(first, second) == [("s03-05", "repeat_request")]
    row = found(messages=[first, second]).iloc[0]
    assert REVIEW[row["start"] : row["end"]] == row["excerpt"] != ""
    elsewhere = second | {"order_id": "302-0000009-0000009"}
    assert told(first, elsewhere) == []
    assert told(first | {"order_id": None}, second | {"order_id": None}) == []
    assert told(first | {"account": "other"}, second) == []


def test_requests_that_never_arrived_or_a_machine_sent_count():
    first = seller("2025-03-01T10:00", REVIEW, undelivered=True, automated=True)
    second = seller("2025-03-05T10:00", REVIEW, undelivered=True)
    assert told(first, second) == [("s03-05", "repeat_request")]


def test_an_earlier_check_in_counts_and_a_later_one_is_none_by_its_words_alone():
    check_in = seller("2025-03-01T10:00", f"All well with {ORDER}?", topic="check_in")
    assert told(check_in, seller("2025-03-05T10:00", REVIEW)) == [("s03-05", "repeat_request")]
    given = seller("2025-03-06T10:00", f"All well with {ORDER}?", topic="check_in")
    assert told(check_in, given) == [("s03-06", "repeat_request")]
    by_words = given | {"topic_rule": "words:check_in"}
    assert told(check_in, by_words) == []


@pytest.mark.parametrize(
    ("sent_at", "broken"),
    [
        ("2017-04-30T23:59", True), ("2017-05-01T00:00", False), ("2025-04-24T23:59", False),
        ("2025-04-25T00:00", True),
    ],
)  # fmt: skip
def test_the_tag_overrode_an_opt_out_between_two_days(sent_at, broken):
    rows = audit(
        histories(messages=[message(sent_at, "seller", subject="[Important]", body=NAMED)]),
        as_of="2026-01-01", since="2012-01-01",
    ).findings["violations"]  # fmt: skip
    assert (list(rows["rule"]) == ["important_tag"]) is broken


def test_attachments_are_wrong_unasked_only():
    assert told(seller("2025-03-01T10:00", attachments=1)) == [("s03-01", "attachment")]
    asked = message("2025-02-01T10:00")
    assert told(seller("2025-03-01T10:00", attachments=1), asked) == []
    assert told(seller("2025-03-01T10:00", attachments=0)) == []


def test_only_the_sellers_messages_of_the_window_are_judged():
    body = f"shop.example.com {ORDER}"
    rows = audit(
        histories(
            messages=[
                message("2025-03-01T10:00", "seller", body=body, message_id="before"),
                message("2025-03-02T00:00", "seller", body=body, message_id="first"),
                message("2025-03-02T10:00", "buyer", body=body, message_id="buyer"),
                message("2025-03-03T00:00", "seller", body=body, message_id="after"),
            ]
        ),
        as_of="2026-01-01", since="2025-03-02", until="2025-03-03",
    ).findings["violations"]  # fmt: skip
    assert list(rows["message_id"]) == ["first"]
    assert _tally(rows["rule"]) == {"external_link": 1}
    assert set(rows["account"]) == {ACCOUNT}


def test_no_messages_and_no_texts_give_no_violations():
    assert found().empty
    assert told(seller("2025-03-01T10:00", None, subject=None)) == []
