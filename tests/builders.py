"""One-line messages, orders, returns, claims and calls for tests, with sensible defaults.

Instants are given as ISO 8601 text, read as UTC where no offset stands. What belongs together by
default does: every row is of one account, and about one order, in one thread.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.tables import AUDITED, HISTORIES, conform

Row = dict[str, Any]

ACCOUNT = "shop"
ORDER = "302-0000001-0000001"
MARKETPLACE = "DE"


def message(sent_at: str, sender: str = "buyer", **others: Any) -> Row:
    """Return a message of the default order's thread; its id is made of sender and instant."""
    row = {
        "message_id": f"{sender}@{sent_at}",
        "thread_id": "thread",
        "order_id": ORDER,
        "account": ACCOUNT,
        "marketplace": MARKETPLACE,
        "sent_at": sent_at,
        "sender": sender,
        "topic": "inquiry" if sender == "buyer" else None,
        "body": "text",
    }
    return row | others


def order(purchased_at: str = "2025-03-01T10:00", **others: Any) -> Row:
    """Return an order that the merchant ships and that is not shipped yet."""
    row = {
        "order_id": ORDER,
        "account": ACCOUNT,
        "marketplace": MARKETPLACE,
        "purchased_at": purchased_at,
        "status": "unshipped",
        "fulfillment": "merchant",
        "total": 40.0,
        "currency": "EUR",
    }
    return row | others


def return_(requested_at: str, **others: Any) -> Row:
    """Return a return request that nobody answered yet."""
    row = {
        "return_id": f"R@{requested_at}",
        "order_id": ORDER,
        "account": ACCOUNT,
        "requested_at": requested_at,
    }
    return row | others


def claim(filed_at: str, **others: Any) -> Row:
    """Return a claim for an item that did not arrive, not answered yet."""
    row = {
        "claim_id": f"C@{filed_at}",
        "order_id": ORDER,
        "account": ACCOUNT,
        "filed_at": filed_at,
        "reason": "not_received",
    }
    return row | others


def call(started_at: str, **others: Any) -> Row:
    """Return a call by which the seller rang the buyer of his own accord."""
    row = {
        "call_id": f"T@{started_at}",
        "order_id": ORDER,
        "account": ACCOUNT,
        "started_at": started_at,
        "direction": "outbound",
    }
    return row | others


def solicitation(sent_at: str, **others: Any) -> Row:
    """Return a check-in that Amazon's form sent."""
    return {"order_id": ORDER, "account": ACCOUNT, "sent_at": sent_at} | others


def notice(sent_at: str, event: str, **others: Any) -> Row:
    """Return a notice from Amazon about the default order."""
    row = {"account": ACCOUNT, "message_id": f"N@{sent_at}", "order_id": ORDER}
    return row | {"sent_at": sent_at, "event": event} | others


def noticed(sent_at: str, event: str = "opted_out", **others: Any) -> Row:
    """Return what a notice says, an opt-out unless another event is named; ids tell them apart."""
    return notice(sent_at, event, **{"message_id": f"{event}@{sent_at}"} | others)


def histories(**rows: list[Row]) -> dict[str, pd.DataFrame]:
    """Return all seven histories, and what else there are rows of; empty where none are given.

    >>> frames = histories(messages=[message("2025-03-01T10:00")], orders=[order()])
    >>> len(frames), len(frames["messages"]), len(frames["claims"])
    (7, 1, 0)
    """
    unknown = set(rows) - set(AUDITED)
    if unknown:
        raise ValueError(f"no history is called {sorted(unknown)}")
    return {n: _frame(n, rows.get(n, [])) for n in AUDITED if n in HISTORIES or n in rows}


def instant(text: str) -> pd.Timestamp:
    """Return an instant from ISO 8601 text, UTC where no offset stands, in microseconds."""
    return pd.to_datetime(text, utc=True).as_unit("us")


def _frame(name: str, rows: list[Row]) -> pd.DataFrame:
    table = AUDITED[name]
    for row in rows:
        unknown = set(row) - set(table.names)
        if unknown:
            raise ValueError(f"{name} has no columns {sorted(unknown)}")
    instants = {column.name for column in table.columns if column.kind == "ts"}
    plain = [{k: _plain(v, k in instants) for k, v in row.items()} for row in rows]
    return conform(pd.DataFrame(plain), table)


def _plain(value: Any, is_instant: bool) -> Any:
    return instant(value) if is_instant and isinstance(value, str) else value
