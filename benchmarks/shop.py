"""Histories of a large shop, from a seed: whole columns at a time, so that 20 million orders take a minute.

``write(folder, orders)`` writes a Parquet file for each history that an audit looks at: a message for
four orders, a return for forty, a claim for four hundred, a call for two thousand. A million orders
are made at a time, each million from a seed of its own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sellerkit import tables

AS_OF = "2026-10-05T06:00Z"

HOUR = 3_600_000_000
DAY = 24 * HOUR
_PART = 1_000_000
_BEGIN = int(np.datetime64("2025-10-01", "us").astype("int64"))

#: What sellers write: templates, with the order's id in them.
_ANSWERS = (
    "Hello, thank you for your message about order {}. We have shipped it and it will arrive soon.",
    "Hello, you can send the item of order {} back within 30 days; the label is attached.",
    "Guten Tag, Ihre Bestellung {} ist unterwegs. Wir melden uns, sobald wir mehr wissen.",
    "We are sorry that order {} is late. You will get it this week, or a refund.",
    "Order {} was delivered. If all is well, please leave us a review; mail me at shop@example.com",
)
_QUESTIONS = (
    "Where is my order {}? It was promised for last week.",
    "I want to return order {}. How do I send it back?",
    "Wann kommt meine Bestellung {} an?",
)


def write(folder: Path, orders: int) -> None:
    """Write the histories of so many orders to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        name: pq.ParquetWriter(folder / f"{name}.parquet", table.arrow_schema)
        for name, table in tables.AUDITED.items()
    }
    for first in range(0, orders, _PART):
        size = min(_PART, orders - first)
        for name, part in _histories(first, size).items():
            files[name].write_table(_whole(part, tables.AUDITED[name]))
    for name, file in files.items():
        if name not in ("messages", "orders", "returns", "claims", "calls"):
            file.write_table(tables.AUDITED[name].arrow_schema.empty_table())
        file.close()


def _whole(columns: dict[str, pa.Array], table: tables.Table) -> pa.Table:
    """Return columns as a table's, those that are not given null or their default."""
    size = len(next(iter(columns.values())))
    found = []
    for column in table.columns:
        values = columns.get(column.name)
        if values is None:
            values = pa.array([column.default], column.arrow_type).take(
                pa.array(np.zeros(size, int))
            )
        found.append(values.cast(column.arrow_type))
    return pa.table(found, schema=table.arrow_schema)


def _histories(first: int, size: int) -> dict[str, dict[str, pa.Array]]:
    random = np.random.default_rng([11, first])
    ids = _order_ids(first + np.arange(size))
    bought = _BEGIN + random.integers(0, 365 * DAY, size)
    orders = _orders(random, ids, bought)
    return {
        "orders": orders,
        "messages": _messages(random, orders, bought, first),
        "returns": _returns(random, orders, bought, size // 40, first),
        "claims": _claims(random, orders, bought, max(size // 400, 1), first),
        "calls": _calls(random, orders, bought, max(size // 2000, 1), first),
    }


def _order_ids(numbers: np.ndarray) -> pa.Array:
    # in no order, and no two alike: what they are taken modulo by is a prime
    mixed = numbers * 400_000_000_003 % 99_999_999_999_973
    high, low = (pc.utf8_lpad(_text(n), 7, "0") for n in divmod(mixed, 10_000_000))
    return pc.binary_join_element_wise("302", high, low, "-")


def _text(numbers: np.ndarray) -> pa.Array:
    return pc.cast(pa.array(numbers), pa.string())


def _choice(
    random: np.random.Generator, words: list[str | None], shares: list[float], size: int
) -> pa.Array:
    edges = np.cumsum(shares)[:-1]
    return pa.array(words, pa.string()).take(
        pa.array(np.searchsorted(edges, random.random(size), "right"))
    )


def _instants(micros: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    # whole seconds, as files have them
    whole = micros // 1_000_000 * 1_000_000
    return pa.array(whole, pa.timestamp("us", "UTC"), mask=None if known is None else ~known)


def _orders(random: np.random.Generator, ids: pa.Array, bought: np.ndarray) -> dict[str, pa.Array]:
    size = len(ids)
    canceled = random.random(size) < 0.02
    shipped = ~canceled & (random.random(size) < 0.98)
    ship_at = bought + random.integers(2 * HOUR, 3 * DAY, size)
    arrive_at = ship_at + random.integers(DAY, 6 * DAY, size)
    arrived = shipped & (random.random(size) < 0.9)
    status = np.select([canceled, shipped], ["canceled", "shipped"], "unshipped")
    by = _choice(random, ["seller", "buyer", "amazon"], [0.5, 0.4, 0.1], size)
    return {
        "order_id": ids,
        "account": pa.array(["shop"]).take(pa.array(np.zeros(size, int))),
        "marketplace": _choice(random, ["DE", "US", "UK", "FR"], [0.5, 0.2, 0.2, 0.1], size),
        "purchased_at": _instants(bought),
        "status": pa.array(status),
        "fulfillment": _choice(random, ["merchant", "amazon"], [0.7, 0.3], size),
        "latest_ship_at": _instants(bought + 68 * HOUR),
        "shipped_at": _instants(ship_at, shipped),
        "promised_by": _instants(bought + 8 * DAY),
        "delivered_at": _instants(arrive_at, arrived),
        "canceled_at": _instants(bought + random.integers(HOUR, 2 * DAY, size), canceled),
        "canceled_by": pc.if_else(pa.array(canceled), by, pa.scalar(None, pa.string())),
        "total": pa.array(random.integers(500, 20_000, size) / 100),
        "currency": pa.array(["EUR"]).take(pa.array(np.zeros(size, int))),
        "carrier": _choice(random, ["DHL", None], [0.9, 0.1], size),
        "tracking_id": pc.if_else(
            pa.array(random.random(size) < 0.9), ids, pa.scalar(None, pa.string())
        ),
    }


def _of(orders: dict[str, pa.Array], rows: np.ndarray, *names: str) -> dict[str, pa.Array]:
    return {name: orders[name].take(pa.array(rows)) for name in names}


def _messages(
    random: np.random.Generator, orders: dict[str, pa.Array], bought: np.ndarray, first: int
) -> dict[str, pa.Array]:
    size = len(bought)
    asked = np.sort(random.choice(size, size // 9 + 1, replace=False))
    at = bought[asked] + random.integers(HOUR, 20 * DAY, len(asked))
    answered = np.flatnonzero(random.random(len(asked)) < 0.9)
    waits = random.exponential(14 * HOUR, len(answered)).astype("int64")
    again = np.flatnonzero(random.random(len(asked)) < 0.25)
    rows = np.concatenate([asked, asked[answered], asked[again]])
    sent = np.concatenate(
        [at, at[answered] + waits, at[again] + random.integers(0, 30 * HOUR, len(again))]
    )
    buyer = np.ones(len(rows), dtype=bool)
    buyer[len(asked) : len(asked) + len(answered)] = False
    of_order = _of(orders, rows, "order_id", "account", "marketplace")
    mixed = (first + np.arange(len(rows))) * 2_654_435_761 % 999_999_937
    topic = _choice(
        random, ["inquiry", "return", "order_problem", "refund"], [0.6, 0.15, 0.2, 0.05], len(rows)
    )
    return of_order | {
        "message_id": pc.binary_join_element_wise(
            _text(mixed), _text(first + np.arange(len(rows))), "@mail", "-"
        ),
        "thread_id": pc.binary_join_element_wise("b", of_order["order_id"], "/"),
        "sent_at": _instants(sent),
        "sender": pa.array(np.where(buyer, "buyer", "seller")),
        "buyer_id": of_order["order_id"],
        "topic": pc.if_else(pa.array(buyer), topic, pa.scalar(None, pa.string())),
        "body": _bodies(random, buyer, of_order["order_id"]),
        "language": _choice(random, ["en", "de"], [0.6, 0.4], len(rows)),
        "automated": pa.array(~buyer & (random.random(len(rows)) < 0.05)),
        "no_response_needed": pa.array(buyer & (random.random(len(rows)) < 0.03)),
        "undelivered": pa.array(~buyer & (random.random(len(rows)) < 0.01)),
    }


def _bodies(random: np.random.Generator, buyer: np.ndarray, order_ids: pa.Array) -> pa.Array:
    templates = [template.partition("{}")[::2] for template in (*_QUESTIONS, *_ANSWERS)]
    which = random.integers(0, len(_QUESTIONS), len(buyer))
    # one answer of a hundred breaks a rule
    other = random.integers(len(_QUESTIONS), len(templates) - 1, len(buyer))
    other[random.random(len(buyer)) < 0.01] = len(templates) - 1
    place = pa.array(np.where(buyer, which, other))
    before, after = (
        pa.array(part, pa.string()).take(place) for part in zip(*templates, strict=True)
    )
    return pc.binary_join_element_wise(before, order_ids, after, "")


def _returns(
    random: np.random.Generator,
    orders: dict[str, pa.Array],
    bought: np.ndarray,
    count: int,
    first: int,
) -> dict[str, pa.Array]:
    rows = np.sort(random.choice(len(bought), count, replace=False))
    at = bought[rows] + random.integers(5 * DAY, 40 * DAY, count)
    granted, refunded, closed = (random.random(count) < share for share in (0.6, 0.5, 0.3))
    by = _choice(random, ["seller", "amazon"], [0.7, 0.3], count)
    return _of(orders, rows, "order_id", "account", "currency") | {
        "return_id": pc.binary_join_element_wise("R", _text(first + np.arange(count)), ""),
        "requested_at": _instants(at),
        "authorized_at": _instants(at + random.integers(0, 60 * HOUR, count), granted),
        "authorized_by": pc.if_else(pa.array(granted), by, pa.scalar(None, pa.string())),
        "refunded_at": _instants(at + random.integers(DAY, 20 * DAY, count), refunded),
        "closed_at": _instants(at + random.integers(DAY, 30 * DAY, count), closed),
    }


def _claims(
    random: np.random.Generator,
    orders: dict[str, pa.Array],
    bought: np.ndarray,
    count: int,
    first: int,
) -> dict[str, pa.Array]:
    rows = np.sort(random.choice(len(bought), count, replace=False))
    at = bought[rows] + random.integers(10 * DAY, 60 * DAY, count)
    reasons: list[str | None] = ["not_received", "not_as_described", "refund_not_issued", "other"]
    return _of(orders, rows, "order_id", "account", "currency") | {
        "claim_id": pc.binary_join_element_wise("C", _text(first + np.arange(count)), ""),
        "filed_at": _instants(at),
        "reason": _choice(random, reasons, [0.5, 0.3, 0.1, 0.1], count),
        "respond_by": _instants(at + 3 * DAY, random.random(count) < 0.5),
        "responded_at": _instants(
            at + random.integers(0, 5 * DAY, count), random.random(count) < 0.7
        ),
    }


def _calls(
    random: np.random.Generator,
    orders: dict[str, pa.Array],
    bought: np.ndarray,
    count: int,
    first: int,
) -> dict[str, pa.Array]:
    rows = np.sort(random.choice(len(bought), count, replace=False))
    return _of(orders, rows, "order_id", "account") | {
        "call_id": pc.binary_join_element_wise("P", _text(first + np.arange(count)), ""),
        "started_at": _instants(bought[rows] + random.integers(DAY, 30 * DAY, count)),
        "direction": _choice(random, ["outbound", "inbound"], [0.8, 0.2], count),
        "purpose": _choice(random, ["delivery", "other", None], [0.4, 0.4, 0.2], count),
        "buyer_requested": pa.array(random.random(count) < 0.3),
    }
