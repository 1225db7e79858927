"""The oracle's check-ins: rules.md, section of that name, and docs/readings.md where it is silent.

Plain loops: for each delivered order the instant at which it is asked about, and then one question
after another.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd
from oracle_duties import find_contacts, find_obligations
from oracle_world import DAY, LIMITS, Limits, Row, World, rows_of, same_order, see

MICROSECOND = dt.timedelta(microseconds=1)

#: The limits that only check-ins know.
WINDOW: Limits = {
    "check_in.from_days": [("2012-02-01", 5)],
    "check_in.to_days": [("2012-02-01", 30)],
}


def find_check_ins(
    histories: dict[str, pd.DataFrame], *, as_of: pd.Timestamp, window: Limits = WINDOW
) -> list[Row]:
    """Return one row per delivered order, with what stood against asking its buyer."""
    world = see(histories, as_of, None, LIMITS | window)
    now = world.as_of
    forms = [r for r in rows_of(histories["solicitations"]) if r["sent_at"] <= now]
    notices = [r for r in rows_of(histories["notices"]) if r["sent_at"] <= now]
    duties = find_obligations(world, find_contacts(world))
    return [
        check_in(world, order, forms, notices, duties)
        for order in world.orders.values()
        if order["delivered_at"] is not None
    ]


def check_in(
    world: World, order: Row, forms: list[Row], notices: list[Row], duties: list[Row]
) -> Row:
    """Return how one order stands."""
    delivered_at = order["delivered_at"]
    from_at = delivered_at + world.limit("check_in.from_days", delivered_at) * DAY
    to_at = delivered_at + world.limit("check_in.to_days", delivered_at) * DAY
    sent = [form["sent_at"] for form in forms if same_order(form, order)]
    for message in world.on_order("seller", order):
        if message["topic"] == "check_in" and not message["undelivered"]:
            sent.append(message["sent_at"])
    sent_at = min(sent) if sent else None
    asked_at = min(world.as_of, to_at) if sent_at is None else sent_at - MICROSECOND
    trouble = trouble_at(world, order, asked_at, notices, duties)
    if sent_at is not None:
        state = "sent"
    elif trouble is not None:
        state = "blocked"
    elif world.as_of < from_at:
        state = "too_early"
    else:
        state = "due" if world.as_of <= to_at else "skipped"
    return {
        "order_id": order["order_id"],
        "account": order["account"],
        "state": state,
        "from_at": from_at,
        "to_at": to_at,
        "sent_at": sent_at,
        "trouble": trouble,
    }


def trouble_at(
    world: World, order: Row, at: dt.datetime, notices: list[Row], duties: list[Row]
) -> str | None:
    """Return the first thing that stood against asking the buyer, at an instant."""
    if any(opt_out <= at for opt_out in opt_outs_of(world, order, notices)):
        return "opt_out"
    for claim in world.claims:
        undecided = claim["decided_at"] is None and claim["outcome"] in (None, "open")
        pending = undecided or (claim["decided_at"] is not None and at < claim["decided_at"])
        if same_order(claim, order) and claim["filed_at"] <= at and pending:
            return "claim"
    for row in world.returns:
        ends = [row[c] for c in ("refunded_at", "closed_at") if row[c] is not None]
        begun = row["requested_at"] is not None and row["requested_at"] <= at
        if same_order(row, order) and begun and all(at < end for end in ends):
            return "return"
    found = [duty for duty in duties if same_order(duty, order) and is_unwritten(duty, at)]
    if any(duty["kind"] == "inquiry" for duty in found):
        return "inquiry"
    return "duty" if found else None


def is_unwritten(duty: Row, at: dt.datetime) -> bool:
    """Tell whether something was owed in writing at an instant, and still of use."""
    if duty["status"] in ("waived", "not_applicable") or duty["trigger_at"] > at:
        return False
    if duty["satisfied_at"] is not None and duty["satisfied_at"] <= at:
        return False
    return duty["kind"] in ("inquiry", "return") or at <= duty["due_at"]


def opt_outs_of(world: World, order: Row, notices: list[Row]) -> list[dt.datetime]:
    """Return when the buyer of an order opted out, by this order or another one of his."""
    found = []
    for notice in notices:
        if notice["event"] != "opted_out" or notice["order_id"] is None:
            continue
        if notice["account"] != order["account"]:
            continue
        buyers = buyers_of(world, notice)
        if same_order(notice, order) or buyers & buyers_of(world, order):
            found.append(notice["sent_at"])
    return found


def buyers_of(world: World, row: Row) -> set[str]:
    """Return who is known to have written, or been written to, on a row's order."""
    return {
        m["buyer_id"] for m in world.messages if same_order(m, row) and m["buyer_id"] is not None
    }
