"""What the shop's own systems know, as canonical CSV."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sellerkit.sample.shop import Call, Claim, Order, Return, Shop
from sellerkit.sample.standing import performance_rows

_Row = dict[str, Any]


def write_histories(shop: Shop, folder: Path, as_of: dt.datetime) -> None:
    """Write one canonical CSV per history that no report of Amazon's holds.

    No file names the account: it is the one that the files are ingested under.

    Parameters
    ----------
    shop : Shop
        As it was known at `as_of`.
    folder : Path
        Created if it is not there.
    as_of : datetime
        The day on which the seller noted down what Amazon said of his performance.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "orders": [_order(order) for order in shop.orders if order.on_file],
        "returns": [_return(row) for row in shop.returns],
        "claims": [_claim(claim) for claim in shop.claims],
        "calls": [_call(call) for call in shop.calls],
        "performance": performance_rows(shop, as_of),
        "no_response_needed": [
            {"message_id": mark.message_id, "order_id": mark.order_id, "marked_at": mark.marked_at}
            for mark in shop.marks
        ],
    }
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv", rows)


def write_csv(path: Path, rows: Iterable[_Row]) -> None:
    """Write records as CSV: moments in UTC, flags as words, what is not there as nothing."""
    records = [{key: _text(value) for key, value in row.items()} for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return str(value)


def _order(order: Order) -> _Row:
    return {
        "order_id": order.order_id,
        "marketplace": order.store.code,
        "purchased_at": order.purchased_at,
        "status": order.status,
        "fulfillment": order.fulfillment,
        "shipped_at": order.shipped_at,
        "delivered_at": order.delivered_at,
        "canceled_at": order.canceled_at,
        "canceled_by": order.canceled_by,
        "cancel_reason": order.cancel_reason,
        "carrier": order.carrier,
        "tracking_id": order.tracking_id,
        "signature": order.signature,
    }


def _return(row: Return) -> _Row:
    order = row.order
    return {
        "return_id": row.return_id,
        "order_id": order.order_id,
        "requested_at": row.requested_at,
        "authorized_at": row.authorized_at,
        "authorized_by": row.authorized_by,
        "closed_at": row.closed_at,
        "reason": row.reason,
        "in_policy": row.in_policy,
        "refunded_at": row.refunded_at,
        "refund_amount": order.total if row.refunded_at else None,
        "currency": order.store.currency,
    }


def _claim(claim: Claim) -> _Row:
    return {
        "claim_id": claim.claim_id,
        "order_id": claim.order.order_id,
        "filed_at": claim.filed_at,
        "reason": claim.reason,
        "amount": claim.order.total,
        "currency": claim.order.store.currency,
        "respond_by": claim.respond_by,
        "responded_at": claim.responded_at,
        "decided_at": claim.decided_at,
        "outcome": claim.outcome,
        "appeal_by": claim.appeal_by,
        "appealed_at": claim.appealed_at,
    }


def _call(call: Call) -> _Row:
    return {
        "call_id": call.call_id,
        "order_id": call.order.order_id if call.order else None,
        "started_at": call.started_at,
        "minutes": call.minutes,
        "direction": call.direction,
        "buyer_requested": call.buyer_requested,
        "purpose": call.purpose,
        "notes": call.notes,
    }
