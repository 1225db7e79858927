"""What hangs on the history is told alike by the audit and its slow second version."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache

import pandas as pd
import pytest
from histories_random import Histories, histories
from oracle_duties import find_contacts, find_obligations
from oracle_messages import ASKS, find_violations
from oracle_world import LIMITS, see

from sellerkit.audit import audit

SEEDS = range(24)
TOLD = ("repeat_request", "too_late", "no_order_id", "attachment", "important_tag")
BODIES = ("The lid fits 302-0000001-0000001.", "The lid fits.", f"{ASKS} 302-0000001-0000001", None)
SUBJECTS = (None, "[Important] lid", "302-0000002-0000001")


def with_texts(seed: int, frames: Histories) -> Histories:
    """Return histories whose seller messages have texts, topics and attachments."""
    rng = random.Random(seed)
    messages = frames["messages"].copy()
    for name, choices in {
        "body": BODIES,
        "subject": SUBJECTS,
        "attachments": (0, 0, 1),
        "topic": (None, None, "check_in", "return"),
    }.items():
        drawn = pd.Series([rng.choice(choices) for _ in range(len(messages))])
        seller = messages["sender"] == "seller"
        values = messages[name].astype("object").where(~seller, drawn)
        messages[name] = values.astype(messages[name].dtype)
    return frames | {"messages": messages}


@cache
def told(seed: int) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    frames, as_of, _, _ = histories(seed)
    frames = with_texts(seed, frames)
    found = audit(frames, as_of=as_of, since="1990-01-01").findings["violations"]
    found = found[found["rule"].isin(TOLD)]
    ours = sorted(zip(found["account"], found["message_id"], found["rule"], strict=True))
    world = see(frames, as_of, None, LIMITS)
    # what an answer has to say is another test's: for the duties no words are read
    wordless = frames["messages"].assign(
        body=pd.Series(None, index=frames["messages"].index, dtype="str")
    )
    silent = see(frames | {"messages": wordless}, as_of, None, LIMITS)
    theirs = find_violations(world, find_obligations(silent, find_contacts(silent)))
    until = as_of.to_pydatetime()
    before = {(m["account"], m["message_id"]) for m in world.messages if m["sent_at"] < until}
    return ours, [row for row in theirs if row[:2] in before]


@pytest.mark.parametrize("seed", SEEDS)
def test_agrees_with_the_oracle(seed: int) -> None:
    ours, theirs = told(seed)
    assert ours == theirs


def test_the_histories_reach_every_rule() -> None:
    seen = Counter(rule for seed in SEEDS for _, _, rule in told(seed)[1])
    assert not [rule for rule in TOLD if not seen[rule]]
