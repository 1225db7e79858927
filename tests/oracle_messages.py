"""The oracle's violations that hang on the history: rules.md, Messages that break the rules.

Of texts it knows only the ones that the test puts there: plain marks instead of phrases.
"""

from __future__ import annotations

import datetime as dt

from oracle_world import DAY, HOUR, Row, World, first_known, same_order

ASKS = "Please leave a review."
ORDER_ID = "302-"
ALLOWED = (dt.datetime(2017, 5, 1, tzinfo=dt.UTC), dt.datetime(2025, 4, 25, tzinfo=dt.UTC))
DAYS = 30


def find_violations(world: World, obligations: list[Row]) -> list[tuple[str, str, str]]:
    """Return account, message id and rule of each violation that needs the history."""
    found = []
    for message in world.messages:
        if message["sender"] == "seller":
            name = (message["account"], message["message_id"])
            found += [(*name, rule) for rule in broken(world, message, obligations)]
    return sorted(found)


def broken(world: World, message: Row, obligations: list[Row]) -> list[str]:
    """Return the rules that a seller's message breaks."""
    rules = []
    if is_repeated(world, message):
        rules.append("repeat_request")
    tagged = "[Important]" in (message["subject"] or "")
    day = world.policy_day or message["sent_at"]
    if tagged and not ALLOWED[0] <= day < ALLOWED[1]:
        rules.append("important_tag")
    if is_proactive(world, message, obligations):
        if is_late(world, message):
            rules.append("too_late")
        texts = (message["subject"] or "") + (message["body"] or "")
        if message["body"] is not None and ORDER_ID not in texts:
            rules.append("no_order_id")
        if message["attachments"]:
            rules.append("attachment")
    return rules


def is_proactive(world: World, message: Row, obligations: list[Row]) -> bool:
    """Tell whether nobody asked for a message, and it is about no trouble."""
    for other in world.messages:
        same_thread = (other["account"], other["thread_id"]) == (
            message["account"], message["thread_id"],
        )  # fmt: skip
        if same_thread and other["sender"] == "buyer" and other["sent_at"] <= message["sent_at"]:
            return False
    if message["topic"] in ("order_problem", "return", "claim", "refund"):
        return False
    return message["topic"] == "check_in" or not any(
        same_order(duty, message) and begun_by(world, duty, message["sent_at"])
        for duty in obligations
        if duty["kind"] != "inquiry"
    )


def begun_by(world: World, duty: Row, at: dt.datetime) -> bool:
    """Tell whether a duty's trouble had begun at an instant."""
    begun = duty["trigger_at"]
    if duty["kind"] == "order_problem":
        begun -= world.limit("problem.lookback_hours", begun) * HOUR
    return bool(begun <= at)


def is_late(world: World, message: Row) -> bool:
    """Tell whether a message was sent more than 30 days after the order was completed."""
    order = world.order_of(message)
    if order is None:
        return False
    done = first_known(order, "delivered_at", "promised_by", "shipped_at")
    return done is not None and message["sent_at"] > done + DAYS * DAY


def is_repeated(world: World, message: Row) -> bool:
    """Tell whether a message asks for a review of which an earlier one asked already."""

    def asks(other: Row) -> bool:
        return ASKS in (other["body"] or "")

    if not (asks(message) or message["topic"] == "check_in"):
        return False
    for other in world.on_order("seller", message):
        if other is message:
            return False
        if asks(other) or other["topic"] == "check_in":
            return True
    return False
