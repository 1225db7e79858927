"""The audit a second time: slow, literal, and written from `rules.md` alone.

Plain loops over dicts, one rule after another, in the order and words of the text. Nothing here
comes from `sellerkit.audit` or `sellerkit.policy`: where the two versions agree on thousands of
random histories, a misreading would have to be made twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd
from oracle_duties import claim_duty, find_contacts, find_obligations
from oracle_world import DAY, HOUR, LIMITS, Limits, Row, World, first_known, same_order, see

from sellerkit.tables import CHECKLIST, KINDS


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

    The columns are those of `sellerkit.tables`, without `obligation_id` and `why`.
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
    of_order = [o for o in obligations if same_order(o, claim) and o["status"] != "not_applicable"]
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


def all_of(tests: Iterable[bool]) -> bool | None:
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
        and o["thread_id"] is None  # one that a message triggered is among the messages
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
    asked: list[dt.datetime] = [m["sent_at"] for m in world.on_order("buyer", order)]
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
