"""Check-ins and their slow second version agree on random histories that lean on the edges."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pandas as pd
from builders import histories as frames_of
from histories_random import Histories, histories
from oracle_check_ins import WINDOW, find_check_ins
from oracle_world import Limits, Row, rows_of

from sellerkit.audit import audit
from sellerkit.policy import Policy
from sellerkit.tables import AUDITED, TS_DTYPE, conform, empty

SEEDS = range(120)
#: The instant to which all of them are moved, so that one audit judges all.
NOW = pd.Timestamp("2025-06-11T09:00", tz="UTC").as_unit("us")
MICROSECOND = pd.Timedelta(microseconds=1)
DAY = pd.Timedelta(days=1)

#: A word of each reason in its sentence.
REASONS = {
    "opt_out": "opted out", "claim": "claim", "return": "return asked for", "inquiry": "message of",
    "duty": "owed in writing",
}  # fmt: skip


@cache
def shops(seed: int) -> Histories:
    """Return random histories with check-ins, opt-outs and buyers, seen from the instant `NOW`.

    Their accounts are the seed's own, so that many can be audited at once.
    """
    frames, as_of, _, _ = histories(seed)
    rng = random.Random(f"check-ins {seed}")
    pool = frames["messages"]["sent_at"].tolist()
    frames["orders"] = orders = delivered(frames["orders"], pool, rng)
    windows = [at + n * DAY for at in orders["delivered_at"].dropna() for n in (5, 30)] or pool
    edges = [*windows, *(at + n * DAY for at in pool for n in (0, 1, 3))]
    frames["messages"] = written(frames["messages"], edges, rng)
    events = [*pool, *edges]
    keys = list(zip(orders["account"], orders["order_id"], strict=True)) or [("north", "302-1")]
    sent = [
        {
            "account": account,
            "order_id": order,
            "sent_at": beside(rng.choice((windows, events)), rng),
        }
        for account, order in dict.fromkeys(rng.choice(keys) for _ in range(rng.choice((0, 0, 1))))
    ]
    told = [
        {
            "account": rng.choice(keys)[0],
            "message_id": f"n{number}",
            "order_id": rng.choice((*[order for _, order in keys], None)),
            "sent_at": beside(events, rng),
            "event": rng.choice(("opted_out", "opted_out", "refund_issued")),
        }
        for number in range(rng.choice((0, 0, 0, 1, 2)))
    ]
    frames |= {n: f for n, f in frames_of(solicitations=sent, notices=told).items() if len(f)}
    now = beside(rng.choice((windows, edges)), rng) if rng.random() < 0.8 else as_of
    return {name: moved(frame, NOW - now, seed) for name, frame in frames.items()}


def moved(frame: pd.DataFrame, by: pd.Timedelta, seed: int) -> pd.DataFrame:
    """Return a history moved in time, under accounts of its own."""
    instants = {n: frame[n] + by for n in frame if str(frame[n].dtype) == TS_DTYPE}
    return frame.assign(account=frame["account"] + f" {seed}", **instants)


def whole(seeds: range) -> Histories:
    """Return the histories of many seeds as one."""
    return {
        name: conform(pd.concat([shops(s)[name] for s in seeds if name in shops(s)]), table)
        for name, table in AUDITED.items()
    }


@cache
def expected(seed: int) -> list[Row]:
    """Return what the oracle makes of a seed."""
    return by_oracle(seed, WINDOW)


def by_oracle(seed: int, window: Limits) -> list[Row]:
    nothing = {name: empty(table) for name, table in AUDITED.items()}
    return find_check_ins(nothing | shops(seed), as_of=NOW, window=window)


def delivered(orders: pd.DataFrame, pool: list[pd.Timestamp], rng: random.Random) -> pd.DataFrame:
    """Return orders most of which are delivered so that an edge of a window meets an event."""
    at = [
        beside(pool, rng) - rng.choice((0, 0, 5, 5, 30, 30, 40)) * DAY
        if rng.random() < 0.7
        else given
        for given in orders["delivered_at"]
    ]
    column = pd.Series(at, index=orders.index, dtype=orders["delivered_at"].dtype)
    return orders.assign(delivered_at=column)


def written(messages: pd.DataFrame, edges: list[pd.Timestamp], rng: random.Random) -> pd.DataFrame:
    """Return messages with buyers, some of which are check-ins."""
    topic, sent = messages["topic"].tolist(), messages["sent_at"].tolist()
    for row, sender in enumerate(messages["sender"]):
        if sender == "seller" and rng.random() < 0.12:
            topic[row] = "check_in"
            sent[row] = beside(edges, rng) if edges and rng.random() < 0.6 else sent[row]
    buyers = [rng.choice(("ann", "ben", None)) for _ in range(len(messages))]
    return messages.assign(
        topic=pd.Series(topic, index=messages.index, dtype="str"),
        sent_at=pd.Series(sent, index=messages.index, dtype=messages["sent_at"].dtype),
        buyer_id=pd.Series(buyers, index=messages.index, dtype="str"),
    )


def beside(instants: list[pd.Timestamp], rng: random.Random) -> pd.Timestamp:
    """Return one of the instants, or the one before or after it."""
    return (rng.choice(instants) + rng.choice((-1, 0, 0, 1)) * MICROSECOND).as_unit("us")


def differences(seeds: range, rows: list[Row], policy: Policy | None = None) -> list[str]:
    """Return a line for each value in which the audit of many seeds differs from the oracle's."""
    found = audit(whole(seeds), as_of=NOW, policy=policy).findings["check_ins"]
    ours, theirs = by_order(rows_of(found)), by_order(rows)
    lines = [f"{key} stands in one only" for key in set(ours) ^ set(theirs)]
    for key in set(ours) & set(theirs):
        one, other = ours[key], theirs[key]
        lines += [
            f"{key}: {name} is {one[name]} here, {other[name]} in the oracle"
            for name in ("state", "from_at", "to_at", "sent_at")
            if one[name] != other[name]
        ]
        told = [name for name, words in REASONS.items() if words in one["why"]]
        if told != ([other["trouble"]] if other["trouble"] else []):
            lines.append(f"{key}: {one['why']!r}, the oracle says {other['trouble']}")
    return lines


def by_order(rows: list[Row]) -> dict[tuple[str, str], Row]:
    return {(row["account"], row["order_id"]): row for row in rows}


def test_agrees_with_the_oracle() -> None:
    report = differences(SEEDS, [row for seed in SEEDS for row in expected(seed)])
    assert not report, "\n".join([f"{len(report)} differences", *report[:20]])


def test_agrees_by_a_user_s_window(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        "[[rule]]\nid = 'check_in.from_days'\nvalue = 3\nunit = 'days'\nfrom = 2012-02-01\n"
        "mark = 'U'\nsource = 'a test'\n"
    )
    window = WINDOW | {"check_in.from_days": [("2012-02-01", 3)]}
    policy = Policy.default().with_file(rules)
    few = SEEDS[:30]
    report = differences(few, [row for seed in few for row in by_oracle(seed, window)], policy)
    assert not report, "\n".join(report[:20])


def test_the_histories_reach_every_state_reason_and_edge() -> None:
    seen: Counter[str] = Counter()
    for row in (row for seed in SEEDS for row in expected(seed)):
        seen[f"{row['state']} {row['trouble']}"] += 1
        seen["on from_at"] += row["from_at"] == NOW
        seen["on to_at"] += row["to_at"] == NOW
        seen["sent on an edge"] += row["sent_at"] in (row["from_at"], row["to_at"])
    wanted = [f"{state} None" for state in ("too_early", "due", "skipped", "sent")]
    wanted += ["on from_at", "on to_at", "sent on an edge"]
    wanted += [f"{state} {reason}" for state in ("sent", "blocked") for reason in REASONS]
    assert not [what for what in wanted if not seen[what]], seen


def test_what_happens_later_changes_nothing() -> None:
    frames = whole(SEEDS[:30])
    seen = dict(frames)
    for name in ("messages", "solicitations", "notices"):
        seen[name] = frames[name][frames[name]["sent_at"] <= NOW].reset_index(drop=True)
    assert sum(map(len, seen.values())) < sum(map(len, frames.values()))
    found, again = (audit(f, as_of=NOW).findings["check_ins"] for f in (frames, seen))
    pd.testing.assert_frame_equal(found, again)
