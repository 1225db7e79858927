"""The oracle's contacts and obligations: rules.md, sections of these names."""

from __future__ import annotations

import datetime as dt

from oracle_world import (
    DAY,
    END_OF_DAY,
    HOUR,
    SEASONS,
    Row,
    World,
    first_known,
    same_order,
    zone_of,
)
from said import says

# --- Contacts -----------------------------------------------------------------------------------


def find_contacts(world: World) -> list[Row]:
    """Return one row per buyer message."""
    contacts = [contact(world, m) for m in world.messages if m["sender"] == "buyer"]
    runs: set[tuple[str, str, str | None]] = set()
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
    found += [
        return_duty(world, row, row["requested_at"], row)
        for row in world.returns
        if row["requested_at"] is not None
    ]
    found += [return_duty(world, m, m["sent_at"], None) for m in messages_that_ask_back(world)]
    for order in world.orders.values():
        found += order_problems(world, order)
    found += [claim_duty(world, c) for c in world.claims if c["filed_at"] is not None]
    return [row | {"content_ok": content_ok(world, row)} for row in found]


def content_ok(world: World, row: Row) -> bool | None:
    """Return whether the message that satisfied a duty says what the duty asks for."""
    expected = row["content_expected"] or row["problem"]
    if row["kind"] == "claim":
        expected = "claim"
    for message in world.messages:
        if (message["account"], message["message_id"]) == (row["account"], row["satisfied_by"]):
            return says(message["body"], message["language"], expected)
    return None


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
    done = [(at, by) for at, by in ways if at is not None]
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
    zone = zone_of(order, order)
    for store, basis, first, last, returns_until in SEASONS:
        if order["marketplace"] == store and order[basis] is not None:
            day = order[basis].astimezone(zone).date().isoformat()
            if first <= day <= last:
                last_day = dt.date.fromisoformat(returns_until)
                ends.append(dt.datetime.combine(last_day, END_OF_DAY, tzinfo=zone))
    return bool(at > max(ends))


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
    if (
        ship_by is not None
        and not canceled_by_then
        and (shipped_at is None or shipped_at > ship_by)
    ):
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
