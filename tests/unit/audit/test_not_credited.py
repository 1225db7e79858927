"""Replied, but not credited: each reason on both sides of each of its edges.

A buyer's message of noon on 10 March 2025 is due by noon of the 11th.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from builders import call, histories, instant, message, noticed, order, return_

from sellerkit.audit import Audit, audit, not_credited
from sellerkit.audit.not_credited import NOT_CREDITED

ASKED = "2025-03-10T12:00"
ON_TIME, LATE = "2025-03-11T12:00", "2025-03-11T12:00:00.000001"
OTHER = "302-0000002-0000002"


def audited(as_of: str = "2025-04-01", **rows: Any) -> Audit:
    return audit(histories(**rows), as_of=instant(as_of), since="2000-01-01")


def reasons(**rows: Any) -> list[tuple[str, str]]:
    found = not_credited(audited(**rows))
    assert not found["credited"].any()
    return list(zip(found["reason"], found["by"], strict=True))


def seller(sent_at: str, **others: Any) -> dict[str, Any]:
    return message(sent_at, "seller", message_id="answer", **others)


def test_an_automatic_reply_in_time_and_not_after() -> None:
    assert reasons(messages=[message(ASKED), seller(ON_TIME, automated=True)]) == [
        ("automated", "answer")
    ]
    assert reasons(messages=[message(ASKED), seller(LATE, automated=True)]) == []


def test_what_was_sent_before_the_question_is_no_reply_to_it() -> None:
    before = "2025-03-10T11:59:59.999999"
    assert reasons(messages=[seller(before, automated=True), message(ASKED)]) == []
    assert reasons(messages=[seller(ASKED, automated=True), message(ASKED)]) == [
        ("automated", "answer")
    ]


def test_an_undelivered_reply() -> None:
    assert reasons(messages=[message(ASKED), seller(ON_TIME, undelivered=True)]) == [
        ("undelivered", "answer")
    ]


@pytest.mark.parametrize(
    ("told_at", "reason"),
    [
        ("2025-03-10T14:00", "opted_out"),
        ("2025-03-11T14:00", "opted_out"),
        ("2025-03-11T14:00:00.000001", "undelivered"),
        ("2025-03-10T13:59:59.999999", "undelivered"),
    ],
)
def test_amazon_tells_of_an_opt_out_within_24_hours(told_at: str, reason: str) -> None:
    messages = [message(ASKED), seller("2025-03-10T14:00", undelivered=True)]
    assert reasons(messages=messages, notices=[noticed(told_at)]) == [(reason, "answer")]


def test_an_opt_out_stops_only_the_last_message_before_the_notice() -> None:
    messages = [
        message(ASKED),
        message("2025-03-10T13:00", "seller", undelivered=True, message_id="first"),
        message("2025-03-10T14:00", "seller", undelivered=True, message_id="second"),
    ]
    assert reasons(messages=messages, notices=[noticed("2025-03-10T15:00")]) == [
        ("undelivered", "first"),
        ("opted_out", "second"),
    ]


@pytest.mark.parametrize(("at", "count"), [(ASKED, 1), (ON_TIME, 1), (LATE, 0)])
def test_a_call_is_no_answer(at: str, count: int) -> None:
    assert (
        reasons(messages=[message(ASKED)], calls=[call(at)]) == [("phone_only", f"T@{at}")] * count
    )
    assert reasons(messages=[message(ASKED)], calls=[call(at, order_id=OTHER)]) == []


def test_an_internal_note_is_no_answer() -> None:
    note = noticed(ON_TIME, "internal_note")
    assert reasons(messages=[message(ASKED)], notices=[note]) == [
        ("internal_note", note["message_id"])
    ]
    late = noticed(LATE, "internal_note")
    assert reasons(messages=[message(ASKED)], notices=[late]) == []
    assert reasons(messages=[message(ASKED)], notices=[note | {"order_id": OTHER}]) == []


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ({"thread_id": "elsewhere"}, "other_thread"),
        ({"thread_id": "elsewhere", "order_id": None, "buyer_id": "b"}, "other_thread"),
        ({"thread_id": "elsewhere", "channel": "other"}, "wrong_channel"),
        ({"thread_id": "elsewhere", "order_id": None, "buyer_id": "c"}, None),
        ({"thread_id": "elsewhere", "account": "another shop"}, None),
        ({"thread_id": "elsewhere", "automated": True}, None),
    ],
)
def test_an_answer_to_the_same_order_or_buyer_in_another_thread(
    where: dict[str, Any], reason: str | None
) -> None:
    messages = [message(ASKED, buyer_id="b"), seller(ON_TIME, **where)]
    assert reasons(messages=messages) == ([(reason, "answer")] if reason else [])
    late = [message(ASKED, buyer_id="b"), seller(LATE, **where)]
    assert reasons(messages=late) == []


def test_a_return_is_bound_to_its_order_and_so_to_no_thread() -> None:
    written = seller("2025-03-11T12:00", thread_id="elsewhere")
    rows = {"returns": [return_(ASKED)], "orders": [order()], "messages": [written]}
    assert reasons(**rows) == []
    assert reasons(**rows | {"messages": [written | {"automated": True}]}) == [
        ("automated", "answer")
    ]


@pytest.mark.parametrize(
    ("sent_at", "count"), [("2025-03-07T12:00", 1), ("2025-03-07T11:59:59.999999", 0)]
)
def test_a_bounced_warning_counts_from_72_hours_before(sent_at: str, count: int) -> None:
    rows = {"orders": [order(latest_ship_at=ASKED)]}
    bounced = seller(sent_at, undelivered=True)
    assert reasons(messages=[bounced], **rows) == [("undelivered", "answer")] * count


def test_what_is_met_or_waived_is_not_listed() -> None:
    automatic = message(ASKED, "seller", automated=True, message_id="auto")
    assert reasons(messages=[message(ASKED), automatic, seller(ON_TIME)]) == []
    waived = message(ASKED, no_response_needed=True)
    assert reasons(messages=[waived, automatic]) == []


def test_a_late_answer_and_an_open_question_are_listed() -> None:
    automatic = message(ASKED, "seller", automated=True, message_id="auto")
    assert reasons(messages=[message(ASKED), automatic, seller(LATE)]) == [("automated", "auto")]
    rows = {"messages": [message(ASKED), automatic], "as_of": "2025-03-10T13:00"}
    assert reasons(**rows) == [("automated", "auto")]


def test_what_comes_after_as_of_is_not_seen() -> None:
    rows = {"messages": [message(ASKED)], "calls": [call("2025-03-10T14:00")]}
    assert reasons(**rows, as_of="2025-03-10T13:59:59.999999") == []
    assert reasons(**rows, as_of="2025-03-10T14:00") == [("phone_only", "T@2025-03-10T14:00")]
    note = noticed("2025-03-10T14:00", "internal_note")
    rows = {"messages": [message(ASKED)], "notices": [note]}
    assert reasons(**rows, as_of="2025-03-10T13:59:59.999999") == []


def test_an_answer_outside_amazons_messaging_is_credited_and_told() -> None:
    found = not_credited(
        audited(messages=[message(ASKED), seller("2025-03-10T14:00", channel="other")])
    )
    (row,) = found.to_dict("records")
    assert (row["reason"], row["credited"], row["status"]) == ("wrong_channel", True, "met")
    assert "Amazon may not see it" in row["would_have_counted"]
    through = message("2025-03-11T12:00", "seller", message_id="through")
    both = [message(ASKED), seller("2025-03-10T14:00", channel="other"), through]
    assert not_credited(audited(messages=both)).empty
    after = through | {"sent_at": LATE}
    assert len(not_credited(audited(messages=[*both[:2], after]))) == 1


def test_every_reason_of_a_duty_is_a_row_and_says_what_would_have_counted() -> None:
    found = not_credited(
        audited(
            messages=[
                message(ASKED),
                message(ASKED, "seller", automated=True, message_id="auto"),
                message(ASKED, "seller", undelivered=True, message_id="bounced"),
            ],
            calls=[call("2025-03-10T14:00")],
        )
    )
    assert list(found.columns) == NOT_CREDITED.names
    assert found["reason"].tolist() == ["automated", "undelivered", "phone_only"]
    assert found["obligation_id"].nunique() == 1
    assert found["would_have_counted"].str.contains("2025-03-11 12:00 UTC", regex=False).all()
    assert found["at"].tolist() == [pd.Timestamp(at, tz="UTC") for at in
                                    (ASKED, ASKED, "2025-03-10T14:00")]  # fmt: skip


def test_the_window_chooses_the_duties() -> None:
    rows = {"messages": [message(ASKED), seller(ON_TIME, automated=True)]}
    found = audit(histories(**rows), as_of=instant("2025-06-01"))
    assert not_credited(found).empty
    assert len(not_credited(found, found.obligations)) == 1
    assert not_credited(audit(histories(), as_of=instant("2025-06-01"))).empty
