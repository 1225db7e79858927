"""Must and must not at once: each conflict on both sides of its edges, and the safe way."""

from __future__ import annotations

from typing import Any

import pytest
from builders import claim, histories, instant, message, noticed, order, return_

from sellerkit.audit import audit, conflicts
from sellerkit.audit.conflicts import CONFLICTS

SHIP_BY = "2026-03-10T12:00"
OTHER = "302-0000002-0000002"


def found(as_of: str = "2026-03-11T00:00", **rows: Any) -> list[dict[str, Any]]:
    frame = conflicts(audit(histories(**rows), as_of=instant(as_of), since="2000-01-01"))
    assert list(frame.columns) == CONFLICTS.names
    return frame.to_dict("records")


def names(as_of: str = "2026-03-11T00:00", **rows: Any) -> list[str]:
    return [row["conflict"] for row in found(as_of, **rows)]


def late(**others: Any) -> dict[str, Any]:
    return order("2026-03-01T10:00", latest_ship_at=SHIP_BY, **others)


# --- opted out ------------------------------------------------------------------------------------


def test_a_delay_notice_owed_to_a_buyer_who_opted_out() -> None:
    (row,) = found(orders=[late()], notices=[noticed("2026-03-05T10:00")])
    assert (row["conflict"], row["kind"], row["status"]) == ("opted_out", "order_problem", "open")
    assert row["rule"] == "problem.notice@2012-02-01"
    assert row["barred_by"] == "message.opt_out@2017-03-31"
    assert row["barred_since"] == instant("2026-03-05T10:00")
    assert "contact reason or template" in row["safe_way"]


def test_an_opt_out_that_as_of_does_not_know_yet() -> None:
    rows = {"orders": [late()], "notices": [noticed("2026-03-10T20:00")]}
    assert names("2026-03-10T20:00", **rows) == ["opted_out"]
    assert names("2026-03-10T19:59:59.999999", **rows) == []


def test_the_opt_out_is_known_from_another_order_of_the_buyers() -> None:
    elsewhere = noticed("2026-03-05T10:00", order_id=OTHER)
    messages = [
        message("2026-02-01", buyer_id="b"),
        message("2026-02-02", buyer_id="b", order_id=OTHER, thread_id="other"),
    ]
    assert names(orders=[late()], notices=[elsewhere]) == []
    assert names(orders=[late()], notices=[elsewhere], messages=messages) == ["opted_out"]
    messages[1]["buyer_id"] = "c"
    assert names(orders=[late()], notices=[elsewhere], messages=messages) == []


def test_a_notice_written_or_not_owed_is_no_conflict() -> None:
    notices = [noticed("2026-03-05T10:00")]
    wrote = message("2026-03-10T13:00", "seller")
    assert names(orders=[late()], notices=notices, messages=[wrote]) == []
    assert names(orders=[late(fulfillment="amazon")], notices=notices) == []
    assert names(orders=[late()], notices=[noticed("2026-03-05T10:00", "refund_issued")]) == []


def test_replies_pass_an_opt_out() -> None:
    """An inquiry, a return and a claim are answered, not written of one's own accord."""
    rows = {
        "orders": [order("2026-03-01T10:00")],
        "messages": [message("2026-03-10T12:00")],
        "returns": [return_("2026-03-10T12:00")],
        "claims": [claim("2026-03-10T12:00")],
    }
    assert names(**rows, notices=[noticed("2026-03-05T10:00")]) == []


@pytest.mark.parametrize(
    ("as_of", "way"),
    [
        ("2017-05-01T00:00", "[Important]"),
        ("2017-04-30T23:59:59.999999", "contact reason"),
        ("2025-04-24T23:59:59.999999", "[Important]"),
        ("2025-04-25T00:00", "contact reason"),
    ],
)
def test_the_override_of_the_day(as_of: str, way: str) -> None:
    due = instant(as_of).isoformat()
    ship_by = (instant(as_of) - instant("2026-03-01T12:00") + instant("2026-03-01")).isoformat()
    orders = [order(ship_by, latest_ship_at=ship_by)]
    (row,) = found(due, orders=orders, notices=[noticed("2017-04-01")])
    assert row["safe_way"].count(way) == 1


def test_an_out_of_stock_notice_is_the_cancellation() -> None:
    canceled = late(canceled_at="2026-03-09T12:00", canceled_by="seller", status="canceled")
    (row,) = found(orders=[canceled], notices=[noticed("2026-03-05T10:00")])
    assert row["problem"] == "out_of_stock"
    assert row["safe_way"].startswith("Let the cancellation itself be the notice")


# --- after 30 days --------------------------------------------------------------------------------


def delivered(at: str) -> dict[str, Any]:
    """Return an order that was delivered late, of which the buyer was never told."""
    return order(
        "2026-01-01T10:00", status="shipped", shipped_at="2026-01-02T10:00",
        latest_ship_at="2026-01-03T10:00", promised_by="2026-01-05T10:00", delivered_at=at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-02-09T10:00", []),
        ("2026-02-09T10:00:00.000001", ["after_30_days"]),
    ],
)
def test_a_notice_owed_after_30_days(as_of: str, expected: list[str]) -> None:
    assert names(as_of, orders=[delivered("2026-01-10T10:00")]) == expected


def test_the_safe_way_after_30_days_is_to_answer_the_buyer_if_he_wrote() -> None:
    orders = [delivered("2026-01-10T10:00")]
    (silent,) = found("2026-03-01", orders=orders)
    assert silent["safe_way"].startswith("Do not write first any more.")
    assert silent["barred_by"] == "message.proactive@2012-02-01"
    assert silent["barred_since"] == instant("2026-02-09T10:00")
    asked = message("2026-02-01", no_response_needed=True)
    (row,) = found("2026-03-01", orders=orders, messages=[asked])
    assert row["safe_way"].startswith("The buyer has written on the order: answer")


def test_without_a_shipment_no_order_is_complete() -> None:
    assert names("2026-12-01", orders=[late()]) == []
    assert names("2026-12-01", orders=[late(promised_by="2026-03-12T10:00")]) == ["after_30_days"]


# --- personal data --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-02-14T10:00", []),
        ("2026-02-14T10:00:00.000001", ["personal_data"]),
    ],
)
def test_a_claim_to_be_answered_when_the_buyers_data_should_be_gone(
    as_of: str, expected: list[str]
) -> None:
    orders = [delivered("2026-01-15T10:00") | {"promised_by": None}]
    rows = {"orders": orders, "claims": [claim("2026-02-13T10:00")]}
    assert names(as_of, **rows) == expected
    decided = {"claims": [claim("2026-02-13T10:00", decided_at="2026-02-14T09:00")]}
    assert names(as_of, **rows | decided) == []


def test_nothing_on_file_is_no_conflict() -> None:
    assert found() == []
