"""A derivation says what the audit says, and rests on the records of one order or thread alone.

For every row of random histories: the audit of only the records that the derivation looks at comes
to the same row (so nothing else can have mattered), and the clock that it shows, read by itself,
comes to the same verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pandas as pd
import pytest
from histories_random import histories

from sellerkit.audit import Audit, Derivation, audit, derive, not_credited
from sellerkit.audit.why.case import Case, Key, records_about, rows_of
from sellerkit.audit.why.explain import ID

SEEDS = (28, 35, 66, 68, 89)
EVER = {"since": "1900-01-01", "until": "2200-01-01"}

VERDICT = {
    "contacts": "status",
    "obligations": "status",
    "claims_readiness": "verdict",
    "calls_review": "verdict",
}


@cache
def audited(seed: int) -> Audit:
    frames, as_of, _, _ = histories(seed)
    return audit(frames, as_of=as_of, **EVER)


def findings(found: Audit) -> Iterator[tuple[str, pd.DataFrame]]:
    yield from ((name, found.findings[name]) for name in (*VERDICT, "exposure"))


def keys_of(name: str, row: dict) -> Key:
    thread = row.get("thread_id")
    return Key(row["account"], row.get("order_id"), thread, row.get("call_id"))


@cache
def derived(seed: int) -> dict[str, list[tuple[dict, Derivation]]]:
    """Return for each finding its rows and their derivations."""
    found = audited(seed)
    return {
        name: list(zip(rows_of(frame), derive(found, name, frame), strict=True))
        for name, frame in findings(found)
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_records_of_one_order_or_thread_alone_give_the_same_rows(seed: int) -> None:
    """Locality: each order's and each thread's rows, audited without all the others."""
    found = audited(seed)
    by_key: dict[Key, list[tuple[str, dict]]] = {}
    for name, frame in findings(found):
        for row in rows_of(frame):
            key = keys_of(name, row)
            # an order's threads come with it, so only what names no order needs its thread
            key = key._replace(thread_id=None) if name != "contacts" and key.order_id else key
            by_key.setdefault(key, []).append((name, row))
    for key, rows in by_key.items():
        alone = Case.of(found, [key]).alone.findings
        for name, row in rows:
            same = {(r["account"], r[ID[name]]): r for r in rows_of(alone[name])}
            assert same.get((row["account"], row[ID[name]])) == row, (seed, key, name)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_verdict_stated_is_the_finding(seed: int) -> None:
    for name, pairs in derived(seed).items():
        for row, told in pairs:
            assert told.agrees is True
            assert told.id == row[ID[name]]
            if name in VERDICT:
                assert told.verdict == row[VERDICT[name]]
            else:
                assert (told.verdict == "auto_lost") == row["auto_lost"]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_violation_is_broken_in_its_conversation_alone(seed: int) -> None:
    found = audited(seed)
    frame = found.findings["violations"]
    told = derive(found, "violations", frame)
    assert [(one.id, one.agrees) for one in told] == [(m, True) for m in frame["message_id"]]
    assert [one.verdict for one in told] == frame["rule"].tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_clock_by_itself_gives_the_verdict(seed: int) -> None:
    for name in ("contacts", "obligations"):
        for row, told in derived(seed)[name]:
            assert told.clock is not None
            assert told.clock.verdict() == told.verdict
            started = [e for e in told.events if e.role == "starts the clock"]
            assert started, told
            assert {e.at for e in started} == {told.clock.started_at}
            stopped = [e for e in told.events if e.role in ("answers", "satisfies it")]
            if row["status"] == "not_applicable":
                continue
            at = row["answered_at"] if name == "contacts" else row["satisfied_at"]
            assert [e.at for e in stopped] == [at] * len(stopped)
            assert bool(stopped) == (at is not None)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_checklist_and_each_sentence_are_whole(seed: int) -> None:
    for name, pairs in derived(seed).items():
        for row, told in pairs:
            if name == "claims_readiness":
                assert {item.name: item.value for item in told.items} == {
                    item.name: row[item.name] for item in told.items
                }
                assert len(told.items) == 11
            words = told.as_dict()
            sentences = [*words["steps"], *words["caveats"], *words["conflicts"]]
            assert sentences
            assert not [s for s in sentences if "None" in s or "{" in s or "nan" in s.split()]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_contacts_name_as_not_credited_is_listed(seed: int) -> None:
    """`why_not` is the first of its three reasons in the list, and null where there is none."""
    found = audited(seed)
    listed = not_credited(found)
    names = {"automated": "automated", "undelivered": "undelivered", "phone_only": "call_only"}
    told = listed[listed["reason"].isin(list(names)) & ~listed["credited"]]
    order = {reason: n for n, reason in enumerate(names)}
    first = told.sort_values("reason", key=lambda s: s.map(order)).drop_duplicates("obligation_id")
    ours = dict(zip(first["obligation_id"], first["reason"].map(names), strict=True))
    owed = found.obligations[found.obligations["kind"] == "inquiry"]
    contacts = found.contacts
    counted = contacts[contacts["counted"] | (contacts["status"] == "waived")]
    assert len(owed) == len(counted)
    pairs = zip(owed["obligation_id"], counted["why_not"].astype("object"), strict=True)
    for obligation_id, why_not in pairs:
        assert ours.get(obligation_id) == (why_not if isinstance(why_not, str) else None)


def test_records_of_others_are_left_out() -> None:
    found = audited(0)
    for key in {keys_of("contacts", row) for row in rows_of(found.contacts)}:
        records = records_about(found.histories, [key])
        for name, frame in records.items():
            assert set(frame["account"]) <= {key.account}
            if name != "messages":
                assert set(frame["order_id"].dropna()) <= {key.order_id}


def test_the_seeds_reach_the_verdicts() -> None:
    """What the tests above say, they say of every status of every kind."""
    seen = Counter(
        (told.what, told.verdict) for s in SEEDS for p in derived(s).values() for _, told in p
    )
    wanted = [(w, v) for w in ("contact", "obligation") for v in ("met", "late", "missed", "open")]
    wanted += [("contact", "waived"), ("obligation", "waived"), ("obligation", "not_applicable")]
    wanted += [("claim", v) for v in ("ready", "gaps", "indefensible")]
    wanted += [("exposure", v) for v in ("exposed", "auto_lost")]
    wanted += [("call", v) for v in ("email_owed", "delivery", "not_permitted", "requested")]
    assert not [each for each in wanted if not seen[each]]
