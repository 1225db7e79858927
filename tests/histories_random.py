"""Small random histories that lean on the edges of the rules.

Instants are drawn from a pool that breeds: most are an instant that is there already, moved by
nothing, by one of the limits, or by a limit and one microsecond. So equal instants, answers on
the last microsecond and windows that cut a run are common, not rare.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from builders import Row
from builders import histories as frames_of
from said import SAID

ZONES = {
    "US": "America/Los_Angeles", "UK": "Europe/London", "DE": "Europe/Berlin",
    "JP": "Asia/Tokyo", "AU": "Australia/Sydney",
}  # fmt: skip

CURRENCIES = {"US": "USD", "UK": "GBP", "DE": "EUR", "JP": "JPY", "AU": "AUD"}

#: Days about which a rule changed, or a season begins or ends.
DAYS = (
    "2011-06-15", "2012-02-01", "2015-11-30", "2015-12-15", "2016-01-01", "2016-01-31",
    "2016-11-14", "2018-10-01", "2019-05-01", "2019-11-01", "2019-12-01", "2020-12-31",
    "2021-01-31", "2021-12-31", "2022-12-31", "2023-01-01", "2025-11-01", "2025-12-20",
    "2026-01-31", "2026-03-10", "2026-06-01",
)  # fmt: skip

MICROSECOND = dt.timedelta(microseconds=1)
LIMIT_HOURS = (12, 24, 48, 72, 7 * 24)

TOPICS = (
    "inquiry", "inquiry", "return", "return", "order_problem", "claim", "refund", "other", None,
)  # fmt: skip

RETURN_WINDOW_BASE = ("delivered_at", "promised_by", "shipped_at", "purchased_at")
PROBLEM_TRIGGERS = ("latest_ship_at", "promised_by", "canceled_at")
CLAIM_WINDOW_BASE = ("promised_by", "delivered_at", "shipped_at", "purchased_at")

Histories = dict[str, pd.DataFrame]


def histories(seed: int) -> tuple[Histories, pd.Timestamp, pd.Timestamp, pd.Timestamp]:
    """Return random histories, and the `as_of`, `since` and `until` by which to audit them."""
    return _Shop(random.Random(seed)).build()


def day_of(seed: int) -> dt.datetime:
    """Return the day about which a seed's histories happen."""
    return _Shop(random.Random(seed)).day


class _Shop:
    """One seed's shop: its accounts, orders and threads, and the pool of instants."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        # what is said changes nothing of what happens when
        self.texts = random.Random(f"texts {rng.getstate()[1][:2]}")
        self.day = dt.datetime.fromisoformat(rng.choice(DAYS)).replace(tzinfo=dt.UTC)
        self.pool = [self.day + dt.timedelta(hours=rng.randrange(48)), self.day]
        self.accounts = ["north", "south"][: rng.choice((1, 1, 2))]
        self.order_ids = [f"302-000000{n}-0000001" for n in range(rng.randint(1, 4))]
        self.stores = {
            (account, order_id): rng.choice((*ZONES, None))
            for account in self.accounts
            for order_id in self.order_ids
        }
        self.diligence = rng.choice((0.0, 0.3, 1.0))
        self.messages: list[Row] = []
        self.orders: dict[tuple[str, str], Row] = {}

    def build(self) -> tuple[Histories, pd.Timestamp, pd.Timestamp, pd.Timestamp]:
        rng = self.rng
        self.orders = {key: self.order(*key) for key in self.stores if rng.random() < 0.85}
        for _ in range(rng.choice((4, 8, 16, 30))):
            self.correspond()
        returns = [self.return_(n) for n in range(rng.randint(0, 4))]
        claims = [self.claim(n) for n in range(rng.randint(0, 4))]
        calls = [self.call(n) for n in range(rng.randint(0, 4))]
        self.messages = self.messages[:60]
        frames = frames_of(
            messages=self.messages,
            orders=list(self.orders.values()),
            returns=returns,
            claims=claims,
            calls=calls,
        )
        shuffled = {
            name: frame.sample(frac=1, random_state=rng.randrange(2**32)).reset_index(drop=True)
            for name, frame in frames.items()
        }
        since, until = sorted((self.instant(), self.instant()))
        if since == until:
            until += MICROSECOND
        if rng.random() < 0.6:
            since, until = self.day - dt.timedelta(days=200), self.day + dt.timedelta(days=200)
        return shuffled, _stamp(self.now()), _stamp(since), _stamp(until)

    def now(self) -> dt.datetime:
        """Return an `as_of`: mostly late, often in the middle, on or beside an event."""
        rng, hour = self.rng, dt.timedelta(hours=1)
        late = self.day + dt.timedelta(days=rng.choice((12, 40, 120)))
        orders = self.orders.values()
        ends = [base_of(order, *CLAIM_WINDOW_BASE) + 90 * 24 * hour for order in orders]
        troubles = [order[c] for order in orders for c in PROBLEM_TRIGGERS if order[c]]
        trouble = rng.choice(troubles or [late]) + rng.choice((0, 5, 24)) * hour
        edges = (rng.choice(ends or [late]), trouble, self.instant(), sorted(self.pool)[-3])
        return late if rng.random() < 0.5 else self.beside(rng.choice(edges))

    # --- instants -------------------------------------------------------------------------------

    def instant(self) -> dt.datetime:
        """Return an instant near the others, often just on the edge of a limit from one."""
        rng = self.rng
        if rng.random() < 0.35:
            at = self.day + dt.timedelta(minutes=rng.randrange(-9 * 24 * 60, 9 * 24 * 60))
        else:
            at = rng.choice(self.pool)
            if rng.random() < 0.7:
                at += rng.choice((1, 1, 1, -1)) * dt.timedelta(hours=rng.choice(LIMIT_HOURS))
                at += rng.choice((-1, 0, 0, 1)) * MICROSECOND
        if abs(at - self.day) > dt.timedelta(days=20):
            at = self.day
        self.pool.append(at)
        return at

    def beside(self, at: dt.datetime) -> dt.datetime:
        """Return the instant, or the one before or after it."""
        return at + self.rng.choice((-1, 0, 1)) * MICROSECOND

    def maybe(self, share: float) -> dt.datetime | None:
        return self.instant() if self.rng.random() < share else None

    def after(self, at: dt.datetime, share: float) -> dt.datetime | None:
        """Return an instant soon after another, or none."""
        if self.rng.random() >= share:
            return None
        hours = self.rng.choice((0, 1, 5, *LIMIT_HOURS))
        return at + dt.timedelta(hours=hours) + self.rng.choice((0, 0, 1)) * MICROSECOND

    def end_of_day(self, at: dt.datetime, store: str | None) -> dt.datetime:
        """Return the last microsecond of the instant's day in the store's zone."""
        zone = ZoneInfo(ZONES[store] if store else "UTC")
        local = at.astimezone(zone)
        return local.replace(hour=23, minute=59, second=59, microsecond=999999).astimezone(dt.UTC)

    def day_only(self, at: dt.datetime, topic: str, row: Row) -> dt.datetime:
        """Return an instant as a report of days gives it; Amazon's notice may know the time."""
        rng = self.rng
        if rng.random() < 0.5:
            return at
        last = self.end_of_day(at, self.store_of(row))
        for _ in range(rng.choice((0, 0, 1, 2))):
            sent_at = last - dt.timedelta(minutes=rng.choice((0, 5, 600, 1439, 1440)))
            self.messages.append(
                self.message() | row_of(row) | {"sender": "amazon", "topic": topic}
                | {"sent_at": sent_at}
            )  # fmt: skip
            self.pool.append(sent_at)
        return last

    # --- rows -----------------------------------------------------------------------------------

    def correspond(self) -> None:
        """Add a message, or where the seller is diligent the buyer's and his answer."""
        rng = self.rng
        message = self.message()
        order = self.orders.get((message["account"], message["order_id"]))
        if order and message["sender"] == "seller" and rng.random() < 0.2:
            trigger_at = rng.choice([order[c] or self.instant() for c in PROBLEM_TRIGGERS])
            message["sent_at"] = self.beside(trigger_at - dt.timedelta(hours=72))
        if message["topic"] == "return" and rng.random() < 0.2:
            week_later = message["sent_at"] + dt.timedelta(days=7)
            again = self.new_id(message["account"]) | {"sent_at": self.beside(week_later)}
            self.messages.append(message | again)
        message |= self.new_id(message["account"])
        self.messages.append(message)
        if message["sender"] == "amazon" or rng.random() >= self.diligence:
            return
        for _ in range(rng.choice((1, 1, 1, 5))):
            at = self.after(message["sent_at"], 1)
            self.pool.append(at)
            other = "seller" if message["sender"] == "buyer" else "buyer"
            message = message | self.new_id(message["account"]) | {"sender": other, "sent_at": at}
            message |= {"automated": False, "undelivered": False, "no_response_needed": False}
            message["topic"] = rng.choice(TOPICS) if other == "buyer" else None
            self.messages.append(message)

    def new_id(self, account: str) -> Row:
        """Return an id that sorts otherwise than its instant; two accounts may share one."""
        used = {message["message_id"] for message in self.messages if message["account"] == account}
        numbers = [f"m{number:03}" for number in range(150)]
        return {"message_id": self.rng.choice([n for n in numbers if n not in used])}

    def store_of(self, row: Row) -> str | None:
        """Return the store whose days a row is counted in: its order's, else its currency's."""
        order = self.orders.get((row["account"], row["order_id"]))
        by_currency = {currency: store for store, currency in CURRENCIES.items()}
        own = order["marketplace"] if order else None
        return own or by_currency.get(row["currency"])

    def key(self) -> Row:
        account, order_id = self.rng.choice(list(self.stores))
        return {"account": account, "order_id": order_id}

    def message(self) -> Row:
        rng = self.rng
        row = self.key()
        store = self.stores[row["account"], row["order_id"]]
        thread = f"{row['order_id']}/{rng.choice((1, 1, 1, 2))}"
        if rng.random() < 0.12:
            row["order_id"] = None
            thread = rng.choice((thread, "loose"))
        sender = rng.choice(("buyer",) * 5 + ("seller",) * 4 + ("amazon",))
        buyers = sender == "buyer"
        return (
            row
            | self.new_id(row["account"])
            | {
                "thread_id": thread,
                "marketplace": store if rng.random() < 0.9 else None,
                "sent_at": self.instant(),
                "sender": sender,
                "topic": rng.choice(TOPICS) if buyers or sender == "amazon" else None,
                **self.words(rng.choice((True, False))),
                "no_response_needed": buyers and rng.random() < 0.12,
                "automated": rng.random() < 0.15,
                "undelivered": rng.random() < 0.12,
            }
        )

    def words(self, has_body: bool) -> Row:
        """Return a body and its language, drawn from a source of its own."""
        body, language, _ = self.texts.choice(SAID)
        return {"body": body, "language": language} if has_body else {"body": None}

    def order(self, account: str, order_id: str) -> Row:
        rng = self.rng
        store = self.stores[account, order_id]
        days = rng.choice((0, 1, 3, 20, 31, 85, 92))
        purchased_at = self.instant() - dt.timedelta(days=days)
        if rng.random() < 0.2:
            purchased_at = self.beside(self.end_of_day(purchased_at, store))
        shipped_at = self.maybe(0.65)
        if shipped_at and rng.random() < 0.4:
            shipped_at = purchased_at
        canceled_at = self.maybe(0.25)
        status = rng.choice(("shipped", "unshipped", "pending"))
        row = {
            "account": account,
            "order_id": order_id,
            "marketplace": store,
            "purchased_at": purchased_at,
            "status": "canceled" if canceled_at or rng.random() < 0.07 else status,
            "fulfillment": rng.choice(("merchant",) * 5 + ("amazon",)),
            "latest_ship_at": self.maybe(0.7),
            "shipped_at": shipped_at,
            "promised_by": self.maybe(0.6),
            "delivered_at": self.maybe(0.5),
            "canceled_at": canceled_at,
            "canceled_by": rng.choice(("buyer", "seller", "seller", "amazon", None)),
            "total": rng.choice((None, 10.0, 25.5)),
            "carrier": rng.choice((None, "DHL", "DHL")),
            "tracking_id": rng.choice((None, "JD0001", "JD0001")),
            "signature": rng.choice((None, None, True, False)),
        }
        for column in ("latest_ship_at", "promised_by", "delivered_at"):
            if row[column] and rng.random() < 0.2:
                row[column] = self.end_of_day(row[column], store)
        if rng.random() < 0.3:
            row |= self.punctual(row)
        return row

    def punctual(self, row: Row) -> Row:
        """Return what makes an order beyond reproach but, at times, for its tracking."""
        at = row["purchased_at"]
        return {
            "status": "shipped",
            "fulfillment": "merchant",
            "latest_ship_at": at + dt.timedelta(days=2),
            "shipped_at": at + dt.timedelta(days=self.rng.choice((1, 2))),
            "promised_by": at + dt.timedelta(days=4),
            "delivered_at": at + dt.timedelta(days=self.rng.choice((3, 4))),
            "canceled_at": None,
            "canceled_by": None,
            "carrier": "DHL",
            "tracking_id": self.rng.choice(("JD0001", "JD0001", None)),
        }

    def return_(self, number: int) -> Row:
        rng = self.rng
        row = self.key()
        requested_at = self.instant()
        order = self.orders.get((row["account"], row["order_id"]))
        if order and rng.random() < 0.3:
            requested_at = self.end_of_return_window(order)
        row |= {"currency": self.currency()}
        row |= {"requested_at": self.day_only(requested_at, "return", row)}
        refunded_at = self.after(requested_at, 0.35)
        return row | {
            "return_id": f"R{number}",
            "authorized_at": self.after(requested_at, 0.4),
            "authorized_by": rng.choice(("seller", "seller", "amazon", None)),
            "closed_at": self.after(requested_at, 0.3),
            "in_policy": rng.choice((True, False, None, None)),
            "refunded_at": self.day_only(refunded_at, "refund", row) if refunded_at else None,
            "refund_amount": 10.0 if refunded_at else None,
        }

    def currency(self) -> str | None:
        return self.rng.choice((*CURRENCIES.values(), None, None))

    def end_of_return_window(self, order: Row) -> dt.datetime:
        """Return an instant about the end of the plain return window, or of a season's."""
        if self.rng.random() < 0.5:
            base = base_of(order, *RETURN_WINDOW_BASE)
            return self.beside(base + dt.timedelta(days=30))
        year = self.day.year + (self.day.month > 1)
        last_day = dt.datetime(year, 1, 31, 12, tzinfo=dt.UTC)
        return self.beside(self.end_of_day(last_day, order["marketplace"]))

    def claim(self, number: int) -> Row:
        rng = self.rng
        row = self.key()
        row |= {"currency": self.currency()}
        happened_at = self.instant()
        filed_at = self.day_only(happened_at, "claim", row)
        reasons = ("not_received", "not_as_described", "refund_not_issued", "other")
        return row | {
            "claim_id": f"C{number}",
            "filed_at": filed_at,
            "reason": rng.choice(reasons),
            "amount": rng.choice((None, 12.5)),
            "respond_by": self.after(filed_at, 0.4),
            "responded_at": self.after(happened_at, 0.4),
            "decided_at": self.after(filed_at, 0.2),
            "outcome": rng.choice((None, "open", "withdrawn")),
        }

    def call(self, number: int) -> Row:
        rng = self.rng
        purposes = ("delivery", "Scheduling", "DELIVERY", "other", None, None, None)
        row: dict[str, Any] = {
            "call_id": f"T{number}",
            "started_at": self.instant(),
            "direction": rng.choice(("outbound", "inbound")),
            "buyer_requested": rng.random() < 0.4,
            "purpose": rng.choice(purposes),
        }
        key = self.key()
        return row | key | ({"order_id": None} if rng.random() < 0.15 else {})


def base_of(order: Row, *columns: str) -> dt.datetime:
    """Return the first instant of the order that is known."""
    return next(order[column] for column in columns if order[column])


def row_of(row: Row) -> Row:
    """Return which order of which account a row is about."""
    return {"account": row["account"], "order_id": row["order_id"]}


def _stamp(at: dt.datetime) -> pd.Timestamp:
    return pd.Timestamp(at).as_unit("us")
