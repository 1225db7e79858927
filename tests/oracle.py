"""The audit a second time: slow, literal, and written from `rules.md` alone.

Plain loops over dicts, one rule after another, in the order and words of the text. Nothing here
comes from `sellerkit.audit` or `sellerkit.policy`: where the two versions agree on thousands of
random histories, a misreading would have to be made twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sellerkit.tables import CHECKLIST, HISTORIES, KINDS

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

#: The zones of the stores that tests use; an unknown store counts its days in UTC.
ZONES = {
    "US": "America/Los_Angeles", "UK": "Europe/London", "DE": "Europe/Berlin",
    "JP": "Asia/Tokyo", "AU": "Australia/Sydney",
}  # fmt: skip

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


def audit(
    histories: dict[str, pd.DataFrame],
    *,
    as_of: pd.Timestamp,
    since: pd.Timestamp,
    until: pd.Timestamp,
    policy_day: pd.Timestamp | None = None,
    limits: Limits = LIMITS,
) -> dict[str, list[Row]]:
    """Return the findings as lists of dicts, missing values as None.

    The columns are those of `sellerkit.tables`, without `obligation_id`, `why` and `content_ok`.
    """
    world = see(histories, as_of, policy_day, limits)
    contacts = find_contacts(world)
    obligations = find_obligations(world, contacts)
    readiness = [review_claim(world, c, contacts, obligations) for c in world.claims]
    calls = [review_call(world, call, obligations) for call in world.calls]

    def in_window(rows: list[Row], column: str) -> list[Row]:
        return [r for r in rows if r[column] is not None and since <= r[column] < until]

    return {
        "contacts": in_window(contacts, "sent_at"),
        "obligations": in_window(obligations, "trigger_at"),
        "claims_readiness": in_window([r for r in readiness if r], "filed_at"),
        "exposure": find_exposure(world, contacts, obligations),
        "calls_review": in_window(calls, "started_at"),
    }


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
    orders = {
        (o["account"], o["order_id"]): o for o in rows_at(rows["orders"], "orders", now)
    }
    for row in rows["returns"] + rows["claims"]:
        zone = zone_of(orders.get((row["account"], row["order_id"])))
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


def zone_of(order: Row | None) -> ZoneInfo:
    """Return the zone in which an order's days are counted."""
    return ZoneInfo(ZONES.get(order["marketplace"], "UTC") if order else "UTC")


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
            return message["sent_at"]
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


# --- Contacts -----------------------------------------------------------------------------------


def find_contacts(world: World) -> list[Row]:
    """Return one row per buyer message."""
    contacts = [contact(world, m) for m in world.messages if m["sender"] == "buyer"]
    runs: set[Any] = set()
    for row in contacts:
        run = (row["account"], row["thread_id"], row["answered_by"])
        by_message = world.limit("crt.unit", row["sent_at"]) == "message"
        row["counted"] = row["status"] != "waived" and (by_message or run not in runs)
        if row["status"] != "waived":
            runs.add(run)
    return contacts


def contact(world: World, message: Row) -> Row:
    """Return how a buyer's message was answered."""
    sent_at = message["sent_at"]
    due_at = sent_at + world.limit("crt.window_hours", sent_at) * HOUR
    thread = [
        m
        for m in world.messages
        if m["account"] == message["account"] and m["thread_id"] == message["thread_id"]
    ]
    answers = [m for m in thread if world.is_answer(m) and m["sent_at"] >= sent_at]
    answer = answers[0] if answers else None
    answered_at = answer["sent_at"] if answer else None
    status = "waived" if message["no_response_needed"] else status_at(world, answered_at, due_at)
    row = {
        name: message[name]
        for name in (
            "message_id", "thread_id", "order_id", "account", "marketplace", "sent_at", "topic",
        )
    }  # fmt: skip
    row |= {
        "due_at": due_at,
        "answered_at": answered_at,
        "answered_by": answer["message_id"] if answer else None,
        "response_hours": (answered_at - sent_at) / HOUR if answered_at else None,
        "status": status,
        "why_not": None,
        "rule": world.rule("crt.window_hours", sent_at),
    }
    if status not in ("met", "waived"):
        row["why_not"] = why_not(world, row, thread)
    return row


def status_at(world: World, satisfied_at: dt.datetime | None, due_at: dt.datetime) -> str:
    """Return met, late, open or missed, from the instant of the answer."""
    if satisfied_at is not None:
        return "met" if satisfied_at <= due_at else "late"
    return "open" if world.as_of <= due_at else "missed"


def why_not(world: World, row: Row, thread: list[Row]) -> str | None:
    """Return what came in time and is no answer."""
    for reason in ("automated", "undelivered"):
        for m in thread:
            in_time = row["sent_at"] <= m["sent_at"] <= row["due_at"]
            if m["sender"] == "seller" and not world.is_answer(m) and m[reason] and in_time:
                return reason
    for call in world.calls:
        if same_order(call, row) and row["sent_at"] <= call["started_at"] <= row["due_at"]:
            return "call_only"
    return None


# --- Obligations --------------------------------------------------------------------------------


def find_obligations(world: World, contacts: list[Row]) -> list[Row]:
    """Return one row per duty to write, of any date."""
    found = [inquiry(row) for row in contacts if row["counted"] or row["status"] == "waived"]
    found += [return_duty(world, row, row["requested_at"], row) for row in world.returns
              if row["requested_at"] is not None]
    found += [return_duty(world, m, m["sent_at"], None) for m in messages_that_ask_back(world)]
    for order in world.orders.values():
        found += order_problems(world, order)
    found += [claim_duty(world, c) for c in world.claims if c["filed_at"] is not None]
    return found


def duty(kind: str, row: Row, trigger_at: dt.datetime, due_at: dt.datetime, rule: str) -> Row:
    """Return an obligation of which nothing is concluded yet."""
    return {
        "kind": kind,
        "problem": None,
        "order_id": row["order_id"],
        "thread_id": None,
        "account": row["account"],
        "marketplace": None,
        "trigger_at": trigger_at,
        "due_at": due_at,
        "satisfied_at": None,
        "satisfied_by": None,
        "status": None,
        "proactive": None,
        "content_expected": None,
        "rule": rule,
    }


def inquiry(row: Row) -> Row:
    """Return the duty to answer a buyer's message."""
    found = duty("inquiry", row, row["sent_at"], row["due_at"], row["rule"])
    return found | {
        "thread_id": row["thread_id"],
        "marketplace": row["marketplace"],
        "satisfied_at": row["answered_at"],
        "satisfied_by": row["answered_by"],
        "status": row["status"],
    }


def messages_that_ask_back(world: World) -> list[Row]:
    """Return the buyer's messages that ask for a return of which there is no row."""
    triggers: list[Row] = []
    for message in world.messages:
        asks = message["sender"] == "buyer" and message["topic"] == "return"
        if not asks or message["no_response_needed"] or message["order_id"] is None:
            continue
        at = message["sent_at"]
        on_file = any(
            same_order(r, message)
            and r["requested_at"] is not None
            and abs(r["requested_at"] - at) <= 7 * DAY
            for r in world.returns
        )
        asked = any(same_order(t, message) and at - t["sent_at"] <= 7 * DAY for t in triggers)
        if not on_file and not asked:
            triggers.append(message)
    return triggers


def return_duty(world: World, row: Row, at: dt.datetime, on_file: Row | None) -> Row:
    """Return the duty to answer a return request: a row of returns, or a buyer's message."""
    order = world.order_of(row)
    due_at = at + world.limit("return.reply_hours", at) * HOUR
    found = duty("return", row, at, due_at, world.rule("return.reply_hours", at))
    if on_file is None:
        found |= {"thread_id": row["thread_id"], "marketplace": row["marketplace"]}
    elif order is not None:
        found["marketplace"] = order["marketplace"]
    in_policy = on_file["in_policy"] if on_file else None
    outside = in_policy is False or (in_policy is None and window_is_over(world, order, at))
    found["content_expected"] = "outside_window" if outside else "return_information"
    if order is not None and order["fulfillment"] == "amazon":
        return found | {"status": "not_applicable"}
    satisfy(found, [written(world, row, at), *return_events(on_file, at)])
    waived = on_file is not None and on_file["authorized_by"] == "amazon"
    found["status"] = "waived" if waived else status_at(world, found["satisfied_at"], due_at)
    return found


def satisfy(found: Row, ways: list[tuple[dt.datetime | None, str | None]]) -> None:
    """Note the earliest of the ways in which a duty was done; of equal ones the first."""
    done = [way for way in ways if way[0] is not None]
    if done:
        found["satisfied_at"], found["satisfied_by"] = min(done, key=lambda way: way[0])


def written(world: World, row: Row, at: dt.datetime) -> tuple[dt.datetime | None, str | None]:
    """Return when the seller wrote on the order at or after `at`, and by which message."""
    message = world.first_write(row, at)
    return (message["sent_at"], message["message_id"]) if message else (None, None)


def return_events(on_file: Row | None, at: dt.datetime) -> list[tuple[dt.datetime, str]]:
    """Return the events that answer a return request, in the order in which they count."""
    if on_file is None:
        return []
    by_seller = on_file["authorized_by"] == "seller"
    events = [
        (on_file["authorized_at"] if by_seller else None, "authorization"),
        (on_file["refunded_at"], "refund"),
        (on_file["closed_at"], "closure"),
    ]
    return [(when, what) for when, what in events if when is not None and when >= at]


def window_is_over(world: World, order: Row | None, at: dt.datetime) -> bool:
    """Tell whether an instant is later than the end of the order's return window."""
    if order is None:
        return False
    start = first_known(order, "delivered_at", "promised_by", "shipped_at", "purchased_at")
    if start is None:
        return False
    ends = [start + world.limit("return.window_days", at) * DAY]
    zone = zone_of(order)
    for store, basis, first, last, returns_until in SEASONS:
        if order["marketplace"] == store and order[basis] is not None:
            day = order[basis].astimezone(zone).date().isoformat()
            if first <= day <= last:
                last_day = dt.date.fromisoformat(returns_until)
                ends.append(dt.datetime.combine(last_day, END_OF_DAY, tzinfo=zone))
    return at > max(ends)


def order_problems(world: World, order: Row) -> list[Row]:
    """Return the duties to say that an order is late or canceled."""
    ship_by, shipped_at = order["latest_ship_at"], order["shipped_at"]
    promised_by, delivered_at = order["promised_by"], order["delivered_at"]
    canceled_at = order["canceled_at"]
    if canceled_at is None:
        canceled_by_then = order["status"] == "canceled"
    else:
        canceled_by_then = ship_by is not None and canceled_at <= ship_by
    found = []
    if ship_by is not None and not canceled_by_then and (shipped_at is None or shipped_at > ship_by):
        found.append(problem_duty(world, order, "late_shipment", ship_by))
    if shipped_at is not None and promised_by is not None:
        arrived_late = delivered_at is not None and delivered_at > promised_by
        not_arrived = delivered_at is None and order["tracking_id"] is not None
        if arrived_late or not_arrived:
            found.append(problem_duty(world, order, "late_delivery", promised_by))
    if canceled_at is not None and order["canceled_by"] == "seller":
        found.append(problem_duty(world, order, "out_of_stock", canceled_at))
    return [row for row in found if row["trigger_at"] < world.as_of]


def problem_duty(world: World, order: Row, problem: str, at: dt.datetime) -> Row:
    """Return the duty to tell the buyer of one problem."""
    due_at = at + world.limit("problem.notice_hours", at) * HOUR
    found = duty("order_problem", order, at, due_at, world.rule("problem.notice_hours", at))
    found |= {"problem": problem, "marketplace": order["marketplace"]}
    if order["fulfillment"] == "amazon":
        return found | {"status": "not_applicable"}
    from_at = at - world.limit("problem.lookback_hours", at) * HOUR
    ways = [written(world, order, from_at)]
    if problem == "out_of_stock" and world.limit("problem.cancellation_counts", at):
        ways.append((at, "cancellation"))
    satisfy(found, ways)
    found["status"] = status_at(world, found["satisfied_at"], due_at)
    asked = [m["sent_at"] for m in world.on_order("buyer", order) if m["sent_at"] >= from_at]
    if found["satisfied_at"] is None:
        found["proactive"] = False
    else:
        found["proactive"] = not asked or found["satisfied_at"] < min(asked)
    return found


def claim_duty(world: World, claim: Row) -> Row:
    """Return the duty to answer a claim."""
    at = claim["filed_at"]
    due_at = claim["respond_by"] or at + world.limit("claim.reply_hours", at) * HOUR
    found = duty("claim", claim, at, due_at, world.rule("claim.reply_hours", at))
    order = world.order_of(claim)
    found["marketplace"] = order["marketplace"] if order else None
    satisfy(found, [(claim["responded_at"], "claim_response"), written(world, claim, at)])
    found["status"] = status_at(world, found["satisfied_at"], due_at)
    return found


# --- A-to-z readiness ---------------------------------------------------------------------------


def review_claim(
    world: World, claim: Row, contacts: list[Row], obligations: list[Row]
) -> Row | None:
    """Return the checklist of one claim and its verdict."""
    if claim["filed_at"] is None:
        return None
    own = claim_duty(world, claim)
    order = world.order_of(claim)
    items = (
        delivery_items(claim, order)
        | writing_items(world, claim, contacts, obligations)
        | {"claim_answered": None if own["status"] == "open" else own["status"] == "met"}
        | {"refund_recorded": refund_recorded(world, claim)}
    )
    true = sum(items[item] is True for item in CHECKLIST)
    missing = [item for item in CHECKLIST if items[item] is False]
    columns = ("claim_id", "order_id", "account", "filed_at", "respond_by", "reason", "amount")
    return {name: claim[name] for name in columns} | {
        "verdict": verdict_on(claim, missing),
        "score": true / (true + len(missing)),
        "hours_left": (own["due_at"] - world.as_of) / HOUR if own["status"] == "open" else None,
        **items,
        "missing": missing,
        "exposure": claim["amount"]
        if claim["amount"] is not None
        else (order["total"] if order else None),
    }


def verdict_on(claim: Row, missing: list[str]) -> str:
    """Return what can be hoped of a claim."""
    untracked = claim["reason"] == "not_received" and "tracking" in missing
    if "no_silence" in missing or untracked:
        return "indefensible"
    return "gaps" if missing else "ready"


def delivery_items(claim: Row, order: Row | None) -> dict[str, bool | None]:
    """Return the items that the order itself proves."""
    items: dict[str, bool | None] = {
        "order_on_file": order is not None,
        "tracking": None,
        "shipped_on_time": None,
        "delivery_proof": None,
    }
    if order is None:
        return items
    not_received = claim["reason"] == "not_received"
    if order["fulfillment"] == "merchant" and (order["shipped_at"] is not None or not_received):
        items["tracking"] = order["carrier"] is not None and order["tracking_id"] is not None
    if order["shipped_at"] is not None and order["latest_ship_at"] is not None:
        items["shipped_on_time"] = order["shipped_at"] <= order["latest_ship_at"]
    if not_received:
        arrived = order["delivered_at"] is not None and order["delivered_at"] < claim["filed_at"]
        items["delivery_proof"] = arrived or order["signature"] is True
    return items


def writing_items(
    world: World, claim: Row, contacts: list[Row], obligations: list[Row]
) -> dict[str, bool | None]:
    """Return the items that the seller's messages prove."""
    filed_at = claim["filed_at"]
    written_on = [m for m in world.on_order("seller", claim) if world.is_answer(m)]
    of_order = [
        o for o in obligations if same_order(o, claim) and o["status"] != "not_applicable"
    ]
    inquiries = [o for o in of_order if o["kind"] == "inquiry" and o["due_at"] <= filed_at]
    returns = [o for o in of_order if o["kind"] == "return"]
    problems = [o for o in of_order if o["kind"] == "order_problem"]
    silent = is_silent(world, claim, filed_at, contacts, obligations)
    return {
        "contacted_before": any(m["sent_at"] < filed_at for m in written_on),
        "inquiries_answered": all_of(
            o["status"] == "met" for o in inquiries if o["status"] != "waived"
        ),
        "no_silence": None if silent is None else not silent,
        "return_answered": all_of(o["status"] in ("met", "waived") for o in returns),
        "problem_notified": all_of(o["status"] == "met" for o in problems),
    }


def all_of(tests: Any) -> bool | None:
    """Return whether all hold, or None where there is none."""
    held = list(tests)
    return all(held) if held else None


def is_silent(
    world: World, row: Row, at: dt.datetime, contacts: list[Row], obligations: list[Row]
) -> bool | None:
    """Tell whether the buyer of the order was left without an answer too long, at an instant.

    None where there was no such rule.
    """
    hours = world.limit("claim.silence_hours", at)
    if hours is None:
        return None
    waiting = [
        (c["sent_at"], c["answered_at"])
        for c in contacts
        if same_order(c, row) and c["status"] != "waived"
    ] + [
        (o["trigger_at"], o["satisfied_at"])
        for o in obligations
        if same_order(o, row)
        and o["kind"] == "return"
        and o["status"] not in ("waived", "not_applicable")
    ]
    return any(
        at - asked_at > hours * HOUR and (answered_at is None or answered_at > at)
        for asked_at, answered_at in waiting
    )


def refund_recorded(world: World, claim: Row) -> bool | None:
    """Tell whether the refund that the buyer misses is on file."""
    if claim["reason"] != "refund_not_issued":
        return None
    return any(same_order(r, claim) and r["refunded_at"] is not None for r in world.returns)


# --- Exposure -----------------------------------------------------------------------------------


def find_exposure(world: World, contacts: list[Row], obligations: list[Row]) -> list[Row]:
    """Return the orders on which a claim could still come, and would hurt."""
    found = []
    for order in world.orders.values():
        start = first_known(order, "promised_by", "delivered_at", "shipped_at", "purchased_at")
        if order["fulfillment"] != "merchant" or start is None:
            continue
        if any(same_order(claim, order) for claim in world.claims):
            continue
        ends_at = start + world.limit("claim.window_days", start) * DAY
        broken = {
            o["kind"]
            for o in obligations
            if same_order(o, order) and o["status"] in ("missed", "late")
        }
        if world.as_of < ends_at and broken:
            found.append(
                {
                    "order_id": order["order_id"],
                    "account": order["account"],
                    "claim_window_ends_at": ends_at,
                    "claimable_from": claimable_from(world, order),
                    "auto_lost": bool(is_silent(world, order, world.as_of, contacts, obligations)),
                    "exposure": order["total"],
                    "reasons": [kind for kind in KINDS if kind in broken],
                }
            )
    return found


def claimable_from(world: World, order: Row) -> dt.datetime | None:
    """Return the earliest instant at which the buyer may file a claim, having asked first."""
    asked = [m["sent_at"] for m in world.on_order("buyer", order)]
    asked += [
        r["requested_at"]
        for r in world.returns
        if same_order(r, order) and r["requested_at"] is not None
    ]
    if not asked:
        return None
    return min(asked) + world.limit("claim.contact_wait_hours", min(asked)) * HOUR


# --- Calls --------------------------------------------------------------------------------------


def review_call(world: World, call: Row, obligations: list[Row]) -> Row:
    """Return what was owed at a call and whether it should have been a mail."""
    at = call["started_at"]
    owed = {
        o["kind"]
        for o in obligations
        if same_order(o, call)
        and o["kind"] in ("inquiry", "return", "claim")
        and o["trigger_at"] <= at
        and o["status"] not in ("waived", "not_applicable")
        and (o["satisfied_at"] is None or o["satisfied_at"] > at)
    }
    next_write = world.first_write(call, at)
    return {
        "call_id": call["call_id"],
        "order_id": call["order_id"],
        "account": call["account"],
        "started_at": at,
        "verdict": call_verdict(world, call, owed),
        "owed_kinds": [kind for kind in KINDS if kind in owed],
        "followed_up": next_write is not None and next_write["sent_at"] <= at + 24 * HOUR,
    }


def call_verdict(world: World, call: Row, owed: set[str]) -> str:
    """Return the first verdict that fits."""
    if owed:
        return "email_owed"
    if (call["purpose"] or "").casefold() in ("delivery", "scheduling"):
        return "delivery"
    if world.limit("phone.delivery_only", call["started_at"]) and not call["buyer_requested"]:
        return "not_permitted"
    if call["buyer_requested"]:
        return "requested"
    senders = [
        m["sender"]
        for m in world.messages
        if same_order(m, call)
        and m["sender"] in ("buyer", "seller")
        and m["sent_at"] < call["started_at"]
    ]
    changes = sum(one != other for one, other in zip(senders, senders[1:], strict=False))
    return "complex" if changes >= 4 else "email_preferred"
