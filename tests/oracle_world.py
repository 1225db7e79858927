"""The oracle's limits, and what it sees at `as_of`: rules.md, Time and Policy packs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

Row = dict[str, Any]
Limits = dict[str, list[tuple[str, Any]]]

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
END_OF_DAY = dt.time(23, 59, 59, 999999)

#: The dated limits: for each id its values, each from a day on (midnight UTC).
LIMITS: Limits = {
    "crt.window_hours": [("2012-02-01", 24), ("2015-12-01", 12), ("2016-01-01", 24)],
    "crt.unit": [("2012-02-01", "run")],
    "crt.autoreply_counts": [("2012-02-01", False)],
    "return.reply_hours": [("2012-02-01", 24), ("2016-01-01", 48)],
    "return.window_days": [("2012-02-01", 30)],
    "problem.notice_hours": [("2012-02-01", 24)],
    "problem.lookback_hours": [("2012-02-01", 72)],
    "problem.cancellation_counts": [("2012-02-01", False)],
    "claim.reply_hours": [
        ("2012-02-01", 168), ("2016-11-14", 72), ("2019-12-01", 48), ("2023-01-01", 72),
    ],
    "claim.silence_hours": [("2012-02-01", None), ("2019-11-01", 48), ("2023-01-01", 72)],
    "claim.contact_wait_hours": [("2012-02-01", 48)],
    "claim.window_days": [("2012-02-01", 90)],
    "phone.delivery_only": [("2012-02-01", False), ("2019-05-01", True)],
}  # fmt: skip

#: Extended return seasons: store, what counts, first and last day of it, last day to return.
SEASONS = [
    ("US", "shipped_at", "2015-11-01", "2015-12-31", "2016-01-31"),
    ("US", "shipped_at", "2020-10-01", "2020-12-31", "2021-01-31"),
    ("AU", "purchased_at", "2021-10-01", "2021-12-31", "2022-01-31"),
    ("US", "purchased_at", "2025-11-01", "2025-12-31", "2026-01-31"),
]

#: The zones of the stores that tests use, and the stores of their currencies. The store decides;
#: where it is unknown, the row's currency; where that is too, days are counted in UTC.
ZONES = {
    "US": "America/Los_Angeles", "UK": "Europe/London", "DE": "Europe/Berlin",
    "JP": "Asia/Tokyo", "AU": "Australia/Sydney",
}  # fmt: skip

STORES = {"USD": "US", "GBP": "UK", "EUR": "DE", "JPY": "JP", "AUD": "AU"}

#: What happens at some instant; the first column is the row's own first event.
EVENTS = {
    "messages": ["sent_at"],
    "orders": ["purchased_at", "shipped_at", "delivered_at", "canceled_at"],
    "returns": ["requested_at", "authorized_at", "closed_at", "refunded_at"],
    "claims": ["filed_at", "responded_at", "decided_at", "appealed_at"],
    "calls": ["started_at"],
}

#: What is only known since an event, and goes unseen with it.
HANGS_ON = {
    "canceled_at": ["canceled_by", "cancel_reason"],
    "authorized_at": ["authorized_by"],
    "refunded_at": ["refund_amount"],
    "decided_at": ["outcome"],
    "delivered_at": ["signature"],
}

#: The topic of Amazon's notice about an event that may be known by its day only.
NOTICES = {"requested_at": "return", "refunded_at": "refund", "filed_at": "claim"}


@dataclass
class World:
    """What is seen at `as_of`, and the limits by which it is judged."""

    as_of: dt.datetime
    limits: Limits
    policy_day: dt.datetime | None
    messages: list[Row]
    orders: dict[tuple[str, str], Row]
    returns: list[Row]
    claims: list[Row]
    calls: list[Row]

    def limit(self, name: str, at: dt.datetime) -> Any:
        """Return the value that held at an instant."""
        return self._row(name, at)[1]

    def rule(self, name: str, at: dt.datetime) -> str:
        """Return the name of the row that held at an instant: ``crt.window@2012-02-01``."""
        return f"{name.removesuffix('_hours')}@{self._row(name, at)[0]}"

    def _row(self, name: str, at: dt.datetime) -> tuple[str, Any]:
        at = self.policy_day or at
        chosen = self.limits[name][0]
        for row in self.limits[name]:
            if dt.datetime.fromisoformat(row[0]).replace(tzinfo=dt.UTC) <= at:
                chosen = row
        return chosen

    def order_of(self, row: Row) -> Row | None:
        """Return the order on file that a message, return, claim or call is about."""
        return self.orders.get((row["account"], row["order_id"]))

    def on_order(self, sender: str, row: Row) -> list[Row]:
        """Return one side's messages on the row's order, in order of time."""
        return [m for m in self.messages if m["sender"] == sender and same_order(m, row)]

    def is_answer(self, message: Row) -> bool:
        """Tell whether a seller's message counts as one that he wrote."""
        if message["sender"] != "seller" or message["undelivered"]:
            return False
        counts = self.limit("crt.autoreply_counts", message["sent_at"])
        return counts or not message["automated"]

    def first_write(self, row: Row, at: dt.datetime) -> Row | None:
        """Return the first message by which the seller wrote on the order at or after `at`."""
        for message in self.on_order("seller", row):
            if self.is_answer(message) and message["sent_at"] >= at:
                return message
        return None


def same_order(one: Row, other: Row) -> bool:
    """Tell whether two rows are about one order of one account."""
    return (
        one["order_id"] is not None
        and one["order_id"] == other["order_id"]
        and one["account"] == other["account"]
    )


def first_known(row: Row, *columns: str) -> Any:
    """Return the first value that is known (SQL's coalesce)."""
    return next((row[c] for c in columns if row[c] is not None), None)


# --- Time ---------------------------------------------------------------------------------------


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Return a frame's rows as dicts of plain Python values."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return value
        if pd.isna(value):
            return None
        if isinstance(value, pd.Timestamp):
            return value.to_pydatetime().astimezone(dt.UTC)
        return value.item() if hasattr(value, "item") else value

    return [{k: plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def see(
    histories: dict[str, pd.DataFrame],
    as_of: pd.Timestamp,
    policy_day: pd.Timestamp | None,
    limits: Limits,
) -> World:
    """Return what is seen at `as_of`."""
    now = as_of.to_pydatetime()
    rows = {name: rows_of(histories[name]) for name in EVENTS}
    messages = rows_at(rows["messages"], "messages", now)
    messages.sort(key=lambda m: (m["sent_at"], m["message_id"]))
    orders = {(o["account"], o["order_id"]): o for o in rows_at(rows["orders"], "orders", now)}
    for kind in ("returns", "claims"):
        for account in {row["account"] for row in rows[kind]}:
            own = [row for row in rows[kind] if row["account"] == account]
            place_days(own, orders, zones_read_in(account, own, orders))
    for row in rows["returns"] + rows["claims"]:
        zone = zone_of(orders.get((row["account"], row["order_id"])), row)
        for column, topic in NOTICES.items():
            if row.get(column) is not None:
                row[column] = with_time(row, row[column], topic, zone, messages)
    return World(
        as_of=now,
        limits=limits,
        policy_day=None if policy_day is None else policy_day.to_pydatetime(),
        messages=messages,
        orders=orders,
        returns=rows_at(rows["returns"], "returns", now),
        claims=rows_at(rows["claims"], "claims", now),
        calls=rows_at(rows["calls"], "calls", now),
    )


def zones_read_in(
    account: str, rows: list[Row], orders: dict[tuple[str, str], Row]
) -> list[ZoneInfo]:
    """Return the zones that a reader without orders may have taken, the likeliest first."""
    of_money = {STORES[r["currency"]] for r in rows if r["currency"] in STORES}
    stores = {order["marketplace"] for order in orders.values() if order["account"] == account}
    of_stores = stores - {None} - of_money
    named = [sorted(ZONES[store] for store in each) for each in (of_money, of_stores)]
    return [ZoneInfo(zone) for zone in (*named[0], "UTC", *named[1])]


def place_days(
    rows: list[Row], orders: dict[tuple[str, str], Row], read_in: list[ZoneInfo]
) -> None:
    """Move ends of days, as a reader without orders placed them, to the zone of the order."""
    for row in rows:
        zone = zone_of(orders.get((row["account"], row["order_id"])), row)
        for column in EVENTS["returns"] + EVENTS["claims"]:
            at = row.get(column)
            if at is None or at.astimezone(zone).time() == END_OF_DAY:
                continue
            for other in read_in:
                local = at.astimezone(other)
                if local.time() == END_OF_DAY:
                    end = dt.datetime.combine(local.date(), END_OF_DAY, zone)
                    row[column] = end.astimezone(dt.UTC)
                    break


def zone_of(order: Row | None, row: Row) -> ZoneInfo:
    """Return the zone in which the days of an order, and of a row about it, are counted."""
    store = order["marketplace"] if order else None
    store = store or STORES.get(row["currency"])
    return ZoneInfo(ZONES[store] if store else "UTC")


def with_time(
    row: Row, at: dt.datetime, topic: str, zone: ZoneInfo, messages: list[Row]
) -> dt.datetime:
    """Return when an event was: where only its day is known, as Amazon's notice of it says."""
    local = at.astimezone(zone)
    if local.time() != END_OF_DAY:
        return at
    for message in messages:
        about_it = message["sender"] == "amazon" and message["topic"] == topic
        on_the_day = message["sent_at"].astimezone(zone).date() == local.date()
        if about_it and on_the_day and same_order(message, row):
            at = message["sent_at"]
            break
    return at


def rows_at(rows: list[Row], name: str, now: dt.datetime) -> list[Row]:
    """Return the rows that were there at an instant, as they read then."""
    return [row_at(row, name, now) for row in rows if is_there(row, name, now)]


def is_there(row: Row, name: str, now: dt.datetime) -> bool:
    """Tell whether the first event of a row had happened."""
    happened = [row[column] for column in EVENTS[name] if row[column] is not None]
    return bool(happened) and min(happened) <= now


def row_at(row: Row, name: str, now: dt.datetime) -> Row:
    """Return a row without the events that were still to come, and what hangs on them."""
    row = dict(row)
    for column in EVENTS[name]:
        if row[column] is not None and row[column] > now:
            row[column] = None
            row |= {other: None for other in HANGS_ON.get(column, []) if other in row}
            if name == "orders" and column == f"{row['status']}_at":
                row["status"] = None
    return row
