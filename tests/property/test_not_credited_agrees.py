"""What is not credited, and what conflicts, once more in plain loops, on random histories.

The duties are the audit's own, which `oracle.py` checks; channels, buyers and notices are added.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from functools import cache
from typing import Any

import pandas as pd
import pytest
from histories_random import histories
from oracle_world import rows_of

from sellerkit.audit import Audit, audit, conflicts, not_credited
from sellerkit.audit.not_credited import WOULD_HAVE_COUNTED
from sellerkit.tables import NOTICED, conform

Row = dict[str, Any]

SEEDS = range(0, 60, 3)
HOUR, DAY, MICRO = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(microseconds=1)
EVER = {"since": "1900-01-01", "until": "2200-01-01"}


@cache
def enriched(seed: int) -> Audit:
    """Audit a seed's histories with channels, buyers and notices."""
    frames, as_of, _, _ = histories(seed)
    rng = random.Random(seed)
    sent = frames["messages"]
    size = len(sent)
    buyers = [rng.choice(("b1", "b2", "b3", None)) for _ in range(size)]
    sent = sent.assign(
        channel=[rng.choice(("amazon", "amazon", "other")) for _ in range(size)],
        buyer_id=pd.Series(buyers, dtype="str"),
        automated=sent["automated"] | pd.Series([rng.random() < 0.2 for _ in range(size)]),
        undelivered=sent["undelivered"] | pd.Series([rng.random() < 0.3 for _ in range(size)]),
    )
    frames["messages"] = sent
    notices = []
    for number, message in enumerate(rows_of(sent)):
        if message["order_id"] is None or rng.random() < 0.5:
            continue
        after = rng.choice((-MICRO, 0 * HOUR, HOUR, DAY, DAY + MICRO))
        event = rng.choice(("opted_out", "opted_out", "internal_note", "refund_issued"))
        notices.append(
            {"account": message["account"], "message_id": f"n{number}", "event": event}
            | {"order_id": message["order_id"], "sent_at": message["sent_at"] + after}
        )
    frames["notices"] = conform(pd.DataFrame(notices), NOTICED)
    return audit(frames, as_of=as_of, **EVER)


def first(rows: list[Row], at: str, key: str) -> tuple[dt.datetime, str] | None:
    return min(((row[at], row[key]) for row in rows), default=None)


def is_answer(message: Row) -> bool:
    return message["sender"] == "seller" and not message["automated"] and not message["undelivered"]


def blocked(messages: list[Row], notices: list[Row]) -> set[tuple[str, str]]:
    """Name the undelivered messages that an opt-out stopped: the last before each notice."""
    found = set()
    for notice in notices:
        if notice["event"] != "opted_out":
            continue
        before = [
            (m["sent_at"], m["message_id"], m["undelivered"]) for m in messages
            if m["sender"] == "seller" and same_order(m, notice)
            and m["sent_at"] <= notice["sent_at"]
        ]  # fmt: skip
        if before and notice["sent_at"] - max(before)[0] <= DAY and max(before)[2]:
            found.add((notice["account"], max(before)[1]))
    return found


def same_order(one: Row, other: Row) -> bool:
    return (
        one["order_id"] is not None
        and one["account"] == other["account"]
        and one["order_id"] == other["order_id"]
    )


def listed(found: Audit) -> dict[tuple[str, str], tuple[Any, str, bool]]:
    """Return the whole list: at, by and credited, by duty and reason."""
    seen = {name: rows_of(found.histories[name]) for name in ("messages", "calls", "notices")}
    stopped = blocked(seen["messages"], seen["notices"])
    told = {}
    for duty in rows_of(found.obligations):
        for reason, (at, by, credited) in reasons_of(duty, seen, stopped).items():
            told[duty["obligation_id"], reason] = (at, by, credited)
    return told


def reasons_of(
    duty: Row, seen: dict[str, list[Row]], stopped: set[tuple[str, str]]
) -> dict[str, tuple[Any, str, bool]]:
    inquiry = duty["kind"] == "inquiry"
    since = duty["trigger_at"] - (72 * HOUR if duty["kind"] == "order_problem" else 0 * HOUR)

    def in_time(row: Row, column: str = "sent_at") -> bool:
        return row["account"] == duty["account"] and since <= row[column] <= duty["due_at"]

    mine = [
        m for m in seen["messages"]
        if m["sender"] == "seller" and in_time(m)
        and (m["thread_id"] == duty["thread_id"] if inquiry else same_order(m, duty))
    ]  # fmt: skip
    answers = [m for m in mine if is_answer(m)]
    outside = [m for m in answers if m["channel"] == "other"]
    if outside and len(outside) == len(answers):
        return {"wrong_channel": (*first(outside, "sent_at", "message_id"), True)}
    if duty["status"] not in ("late", "missed", "open"):
        return {}
    bounced = [m for m in mine if m["undelivered"]]
    opted = [m for m in bounced if (m["account"], m["message_id"]) in stopped]
    notes = [n for n in seen["notices"] if n["event"] == "internal_note"]
    found = {
        "automated": first([m for m in mine if m["automated"]], "sent_at", "message_id"),
        "undelivered": first([m for m in bounced if m not in opted], "sent_at", "message_id"),
        "opted_out": first(opted, "sent_at", "message_id"),
        "phone_only": first(
            [c for c in seen["calls"] if same_order(c, duty) and in_time(c, "started_at")],
            "started_at", "call_id",
        ),
        "internal_note": first(
            [n for n in notes if same_order(n, duty) and in_time(n)], "sent_at", "message_id"
        ),
        "other_thread": elsewhere(duty, seen, "amazon") if inquiry else None,
        "wrong_channel": elsewhere(duty, seen, "other") if inquiry else None,
    }  # fmt: skip
    return {reason: (*what, False) for reason, what in found.items() if what}


def elsewhere(duty: Row, seen: dict[str, list[Row]], channel: str) -> tuple[Any, str] | None:
    """Return the first answer in time on the inquiry's order, or to its buyer."""
    asked = [
        (m["sent_at"], m["message_id"], m["buyer_id"]) for m in seen["messages"]
        if m["sender"] == "buyer" and m["account"] == duty["account"]
        and m["thread_id"] == duty["thread_id"] and m["sent_at"] >= duty["trigger_at"]
    ]  # fmt: skip
    buyer = min(asked, key=lambda each: each[:2])[2]
    answers = [
        m for m in seen["messages"]
        if is_answer(m) and m["channel"] == channel and m["account"] == duty["account"]
        and duty["trigger_at"] <= m["sent_at"] <= duty["due_at"]
    ]  # fmt: skip
    on_order = first([m for m in answers if same_order(m, duty)], "sent_at", "message_id")
    to_buyer = first(
        [m for m in answers if buyer is not None and m["buyer_id"] == buyer],
        "sent_at",
        "message_id",
    )
    # of two at one instant that on the order
    return min([each for each in (on_order, to_buyer) if each], key=lambda e: e[0], default=None)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_list_agrees_with_plain_loops(seed: int) -> None:
    found = enriched(seed)
    ours = not_credited(found, found.obligations)
    assert not ours.duplicated(["obligation_id", "reason"]).any()
    told = {
        (row["obligation_id"], row["reason"]): (row["at"], row["by"], row["credited"])
        for row in rows_of(ours)
    }
    assert told == listed(found)


def test_the_histories_have_every_reason() -> None:
    seen = Counter()
    for seed in SEEDS:
        found = enriched(seed)
        seen.update(not_credited(found, found.obligations)["reason"])
    assert set(seen) == set(WOULD_HAVE_COUNTED)


# --- conflicts ------------------------------------------------------------------------------------


def opted_out_at(duty: Row, found: Audit) -> dt.datetime | None:
    messages, notices = (rows_of(found.histories[name]) for name in ("messages", "notices"))
    here = [m for m in messages if same_order(m, duty)]
    buyers = {m["buyer_id"] for m in here} - {None}
    theirs = [m for m in messages if m["account"] == duty["account"] and m["buyer_id"] in buyers]
    moments = [
        n["sent_at"] for n in notices
        if n["event"] == "opted_out"
        and (same_order(n, duty) or any(same_order(n, m) for m in theirs))
    ]  # fmt: skip
    return min(moments, default=None)


def barred(duty: Row, found: Audit) -> dict[str, dt.datetime]:
    """Return since when which rule forbids a duty."""
    orders = [o for o in rows_of(found.histories["orders"]) if same_order(o, duty)]
    order = orders[0] if orders else dict.fromkeys(("delivered_at", "promised_by", "shipped_at"))
    told: dict[str, dt.datetime | None] = {}
    if duty["kind"] == "order_problem":
        if found.as_of >= pd.Timestamp("2017-03-31", tz="UTC"):
            told["opted_out"] = opted_out_at(duty, found)
        base = order["delivered_at"] or order["promised_by"] or order["shipped_at"]
        if base and base + 30 * DAY < found.as_of:
            told["after_30_days"] = base + 30 * DAY
    undecided = any(
        same_order(c, duty) and c["filed_at"] == duty["trigger_at"] and c["decided_at"] is None
        for c in rows_of(found.histories["claims"])
    )
    kept_until = order["delivered_at"] and order["delivered_at"] + 30 * DAY
    if duty["kind"] == "claim" and undecided and kept_until and kept_until < found.as_of:
        told["personal_data"] = kept_until
    return {name: at for name, at in told.items() if at is not None}


@pytest.mark.parametrize("seed", SEEDS)
def test_conflicts_agree_with_plain_loops(seed: int) -> None:
    found = enriched(seed)
    told = {
        (row["obligation_id"], row["conflict"]): row["barred_since"]
        for row in rows_of(conflicts(found))
    }
    assert told == {
        (duty["obligation_id"], name): at
        for duty in rows_of(found.obligations)
        if duty["status"] in ("open", "missed")
        for name, at in barred(duty, found).items()
    }


def test_the_histories_have_every_conflict() -> None:
    seen = Counter(name for seed in SEEDS for name in conflicts(enriched(seed))["conflict"])
    assert set(seen) == {"opted_out", "after_30_days", "personal_data"}
