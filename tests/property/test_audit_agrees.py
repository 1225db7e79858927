"""The audit and its slow second version (`oracle.py`) conclude the same from random histories."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import oracle
import pandas as pd
import pytest
from histories_random import Histories, histories
from oracle_world import EVENTS, LIMITS, Row, rows_of, see

from sellerkit.audit import audit
from sellerkit.policy import Policy
from sellerkit.tables import CHECKLIST, FINDINGS, HISTORIES, KINDS, PROBLEMS

SEEDS = range(300)
CHUNK = 25
FEW = 12
CHUNKS = [range(first, first + CHUNK) for first in SEEDS[::CHUNK]]

#: What names a row in a difference. Equal names may repeat (obligations): rows pair in order.
KEYS = {
    "contacts": ("account", "message_id"),
    "obligations": ("account", "kind", "problem", "order_id", "trigger_at", "thread_id"),
    "claims_readiness": ("account", "claim_id"),
    "exposure": ("account", "order_id"),
    "calls_review": ("account", "call_id"),
}

#: Sentences and hashes are the audit's own.
NOT_COMPARED = {"obligation_id", "why"}

#: A user's rules that differ from the default ones in each way that the audit knows.
OTHER_RULES: dict[str, Any] = {
    "crt.unit": "message",
    "crt.window_hours": 36,
    "crt.autoreply_counts": True,
    "problem.cancellation_counts": True,
    "problem.lookback_hours": 24,
    "return.window_days": 14,
    "claim.silence_hours": 24,
}

in_chunks = pytest.mark.parametrize(
    "seeds", CHUNKS, ids=[f"{chunk[0]}-{chunk[-1]}" for chunk in CHUNKS]
)


@in_chunks
def test_agrees_with_the_oracle(seeds: range) -> None:
    report = []
    for seed in seeds:
        frames, as_of, since, until = histories(seed)
        window = {"as_of": as_of, "since": since, "until": until}
        found = audit(frames, **window, policy=Policy.default()).findings
        report += differences(f"seed {seed}", found, concluded(seed))
    assert not report, readable(report)


@pytest.mark.parametrize("day", ["2012-06-01", "2015-12-05", "2019-12-15", "2026-01-01"])
def test_agrees_by_the_rules_of_one_day(day: str) -> None:
    report = []
    for seed in SEEDS[:FEW]:
        frames, as_of, since, until = histories(seed)
        window = {"as_of": as_of, "since": since, "until": until}
        policy = Policy.default().on(dt.date.fromisoformat(day))
        midnight = pd.Timestamp(day, tz="UTC").as_unit("us")
        found = audit(frames, **window, policy=policy).findings
        expected = oracle.audit(frames, **window, policy_day=midnight)
        report += differences(f"seed {seed}", found, expected)
    assert not report, readable(report)


@pytest.mark.parametrize("name", OTHER_RULES)
def test_agrees_by_other_rules(name: str, tmp_path: Path) -> None:
    value = OTHER_RULES[name]
    limits = LIMITS | {name: [("2012-02-01", value)]}
    policy = Policy.default().with_file(rule_file(tmp_path, name, value))
    report = []
    for seed in SEEDS[:FEW]:
        frames, as_of, since, until = histories(seed)
        window = {"as_of": as_of, "since": since, "until": until}
        found = audit(frames, **window, policy=policy).findings
        expected = oracle.audit(frames, **window, limits=limits)
        report += differences(f"seed {seed}", found, expected)
    assert not report, readable(report)


@pytest.mark.parametrize("seed", SEEDS[::20])
def test_row_order_is_irrelevant_and_inputs_stay_unchanged(seed: int) -> None:
    frames, as_of, since, until = histories(seed)
    before = {name: frame.copy(deep=True) for name, frame in frames.items()}
    window = {"as_of": as_of, "since": since, "until": until}
    found = audit(frames, **window).findings
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])
    turned = {name: frame[::-1].reset_index(drop=True) for name, frame in frames.items()}
    again = audit(turned, **window).findings
    for name, frame in found.items():
        key = list(FINDINGS[name].key)
        pd.testing.assert_frame_equal(by_key(frame, key), by_key(again[name], key))


@pytest.mark.parametrize("seed", SEEDS[::20])
def test_findings_have_their_columns_and_keys(seed: int) -> None:
    frames, as_of, since, until = histories(seed)
    found = audit(frames, as_of=as_of, since=since, until=until).findings
    assert list(found) == list(FINDINGS)
    for name, frame in found.items():
        table = FINDINGS[name]
        assert {c: str(t) for c, t in frame.dtypes.items()} == {
            column.name: column.dtype for column in table.columns
        }
        assert not frame.duplicated(list(table.key)).any()


@pytest.mark.parametrize("seed", SEEDS[::20])
def test_counted_contacts_are_met_late_missed_or_open(seed: int) -> None:
    frames, as_of, since, until = histories(seed)
    contacts = audit(frames, as_of=as_of, since=since, until=until).findings["contacts"]
    counted = contacts[contacts["counted"]]
    by_status = counted["status"].value_counts()
    assert sum(by_status.get(s, 0) for s in ("met", "late", "missed", "open")) == len(counted)


@pytest.mark.parametrize("seed", SEEDS[::20])
def test_what_happens_later_changes_nothing(seed: int) -> None:
    frames, as_of, since, until = histories(seed)
    now = {"as_of": as_of, "since": since, "until": until}
    seen = dict(frames)
    for name in ("messages", "orders", "calls"):
        first = frames[name][EVENTS[name]].min(axis=1)
        seen[name] = frames[name][first <= as_of].reset_index(drop=True)
    found, again = audit(frames, **now).findings, audit(seen, **now).findings
    for name, frame in found.items():
        key = list(FINDINGS[name].key)
        pd.testing.assert_frame_equal(by_key(frame, key), by_key(again[name], key))


# --- the histories reach the edges --------------------------------------------------------------


def test_the_histories_reach_every_verdict() -> None:
    seen = Counter(outcome for seed in SEEDS for outcome in outcomes(concluded(seed)))
    missing = [outcome for outcome in expected_outcomes() if not seen[outcome]]
    assert not missing, f"no history of {len(SEEDS)} has {missing}"


def test_the_histories_reach_the_edges_of_time() -> None:
    seen = Counter(edge for seed in SEEDS for edge in edges(seed))
    missing = [edge for edge in EDGES if seen[edge] < 3]
    assert not missing, f"fewer than 3 of {len(SEEDS)} histories have {missing}"


def expected_outcomes() -> Iterator[tuple[Any, ...]]:
    """Name every outcome that rules.md knows."""
    statuses = ("met", "late", "missed", "open")
    yield from (("contact", s) for s in (*statuses, "waived"))
    yield from (("why_not", w) for w in ("automated", "undelivered", "call_only", None))
    more = {"inquiry": ("waived",), "return": ("waived", "not_applicable"), "claim": ()}
    yield from ((kind, None, s) for kind in more for s in (*statuses, *more[kind]))
    problem_statuses = (*statuses, "not_applicable")
    yield from (("order_problem", p, s) for p in PROBLEMS for s in problem_statuses)
    yield from (("proactive", p) for p in (True, False, None))
    yield from (("content", c) for c in ("outside_window", "return_information", None))
    for asked in ("outside_window", "return_information", *PROBLEMS, "claim"):
        yield from (("content_ok", asked, ok) for ok in (True, False, None))
    yield ("content_ok", "inquiry", None)
    yield from (("by", w) for w in ("authorization", "refund", "closure", "claim_response"))
    yield from (("claim", v) for v in ("ready", "gaps", "indefensible"))
    yield from (("item", i, v) for i in CHECKLIST for v in (True, False, None) if possible(i, v))
    yield from (("auto_lost", v) for v in (True, False))
    verdicts = FINDINGS["calls_review"]["verdict"].choices
    yield from (("call", v) for v in verdicts)
    yield from (("followed_up", v) for v in (True, False))
    yield from (("owed", k) for k in ("inquiry", "return", "claim"))
    yield from (("reason", k) for k in KINDS if k != "claim")


def possible(item: str, value: bool | None) -> bool:
    """Tell whether a checklist item can have a value: some apply always."""
    return value is not None or item not in ("order_on_file", "contacted_before")


def outcomes(found: dict[str, list[Row]]) -> Iterator[tuple[Any, ...]]:
    """Name the outcomes that one audit came to."""
    for row in found["contacts"]:
        yield from (("contact", row["status"]), ("why_not", row["why_not"]))
    for row in found["obligations"]:
        yield (row["kind"], row["problem"], row["status"])
        yield from (("proactive", row["proactive"]), ("content", row["content_expected"]))
        yield ("by", row["satisfied_by"])
        asked = row["content_expected"] or row["problem"] or row["kind"]
        yield ("content_ok", asked, row["content_ok"])
    for row in found["claims_readiness"]:
        yield ("claim", row["verdict"])
        yield from (("item", item, row[item]) for item in CHECKLIST)
    for row in found["exposure"]:
        yield ("auto_lost", row["auto_lost"])
        yield from (("reason", kind) for kind in row["reasons"])
    for row in found["calls_review"]:
        yield from (("call", row["verdict"]), ("followed_up", row["followed_up"]))
        yield from (("owed", kind) for kind in row["owed_kinds"])


EDGES = (
    "answered on the last microsecond", "answered one microsecond late", "answered at once",
    "as_of on due_at", "two answers at one instant", "same message id in two accounts",
    "no order", "order not on file", "canceled without a date", "event after as_of",
    "event at as_of", "window cuts a run", "event on since", "event on until",
    "written exactly lookback before", "notice gives the time", "return message within 7 days",
    "return message after exactly 7 days",
)  # fmt: skip


def edges(seed: int) -> set[str]:
    """Name the edges of time and of what is on file that one seed's histories have."""
    frames, as_of, since, until = histories(seed)
    whole = concluded(seed, whole=True)
    micro = pd.Timedelta(microseconds=1)
    due = [r for r in whole["contacts"] + whole["obligations"] if r["status"] != "waived"]
    answered = [(r.get("answered_at", r.get("satisfied_at")), r["due_at"]) for r in due]
    sent = [r["sent_at"] for r in whole["contacts"]]
    found = {
        "answered on the last microsecond": any(at == due_at for at, due_at in answered),
        "answered one microsecond late": any(at and at - micro == d for at, d in answered),
        "answered at once": any(r["response_hours"] == 0 for r in whole["contacts"]),
        "as_of on due_at": any(at is None and due_at == as_of for at, due_at in answered),
        "event on since": since in sent,
        "event on until": until in sent,
        "window cuts a run": window_cuts_a_run(whole["contacts"], since),
        "written exactly lookback before": any(
            r["kind"] == "order_problem"
            and r["satisfied_at"] == r["trigger_at"] - pd.Timedelta(hours=72)
            for r in whole["obligations"]
        ),
    }
    return {name for name, holds in found.items() if holds} | edges_on_file(frames, as_of)


def window_cuts_a_run(contacts: list[Row], since: pd.Timestamp) -> bool:
    """Tell whether a run's first message is before the window, and another one in it."""
    first = {(c["thread_id"], c["answered_by"]) for c in contacts if c["sent_at"] < since}
    return any(
        not c["counted"] and c["sent_at"] >= since and (c["thread_id"], c["answered_by"]) in first
        for c in contacts
    )


def edges_on_file(frames: Histories, as_of: pd.Timestamp) -> set[str]:
    """Name the edges of what is on file."""
    messages, orders = frames["messages"], frames["orders"]
    answers = messages[messages["sender"] == "seller"]
    answers = answers[~answers["automated"] & ~answers["undelivered"]]
    on_file = set(zip(orders["account"], orders["order_id"], strict=True))
    about = messages.dropna(subset=["order_id"])
    named = set(zip(about["account"], about["order_id"], strict=True))
    instants = [
        frames[name][column.name]
        for name in ("orders", "returns", "claims", "calls")
        for column in HISTORIES[name].columns
        if column.name in EVENTS[name]
    ]
    asks = messages[(messages["sender"] == "buyer") & (messages["topic"] == "return")]
    asks = asks.dropna(subset=["order_id"]).sort_values("sent_at")
    gaps = asks.groupby(["account", "order_id"])["sent_at"].diff()
    week = pd.Timedelta(days=7)
    found = {
        "two answers at one instant": answers.duplicated(["account", "thread_id", "sent_at"]).any(),
        "same message id in two accounts": messages.duplicated("message_id").any(),
        "no order": messages["order_id"].isna().any(),
        "order not on file": bool(named - on_file),
        "canceled without a date": (
            (orders["status"] == "canceled") & orders["canceled_at"].isna()
        ).any(),
        "event after as_of": any((column > as_of).any() for column in instants),
        "event at as_of": any((column == as_of).any() for column in instants),
        "notice gives the time": notice_gives_the_time(frames),
        "return message within 7 days": (gaps < week).any(),
        "return message after exactly 7 days": (gaps == week).any(),
    }
    return {name for name, holds in found.items() if holds}


def notice_gives_the_time(frames: Histories) -> bool:
    """Tell whether an event known by its day stands in the world with another time."""
    as_of = frames["messages"]["sent_at"].max() + pd.Timedelta(days=400)
    world = see(frames, as_of, None, LIMITS)
    given = {r["return_id"]: r["requested_at"] for r in rows_of(frames["returns"])}
    return any(given[r["return_id"]] != r["requested_at"] for r in world.returns)


# --- comparing ----------------------------------------------------------------------------------


@cache
def concluded(seed: int, whole: bool = False) -> dict[str, list[Row]]:
    """Return the oracle's findings of a seed, of its window or of all time."""
    frames, as_of, since, until = histories(seed)
    if whole:
        since, until = (pd.Timestamp(day, tz="UTC") for day in ("1990-01-01", "2100-01-01"))
    return oracle.audit(frames, as_of=as_of, since=since, until=until)


def differences(
    where: str, found: dict[str, pd.DataFrame], expected: dict[str, list[Row]]
) -> list[str]:
    """Return a line for each row and each value in which two audits differ."""
    lines = []
    for name, key in KEYS.items():
        ours = named(rows_of(found[name]), name, key)
        theirs = named(expected[name], name, key)
        for row in sorted(set(ours) | set(theirs)):
            if row not in ours or row not in theirs:
                who = "the audit" if row in ours else "the oracle"
                lines.append(f"{where}, {name} {row}: only {who} has it")
                continue
            lines += [
                f"{where}, {name} {row}: {column} is {ours[row][column]!s} in the audit, "
                f"{value!s} in the oracle"
                for column, value in theirs[row].items()
                if not same(ours[row][column], value)
            ]
    return lines


def named(rows: list[Row], name: str, key: tuple[str, ...]) -> dict[str, Row]:
    """Return rows by their key as text; rows of one key are numbered, sorted by all they hold."""
    expected = set(FINDINGS[name].names) - NOT_COMPARED
    assert all(set(row) - NOT_COMPARED == expected for row in rows)
    rows = sorted(rows, key=lambda row: [str(row[column]) for column in sorted(expected)])
    found: dict[str, Row] = {}
    seen: Counter[str] = Counter()
    for row in rows:
        label = ", ".join(str(row[column]) for column in key)
        seen[label] += 1
        found[f"({label}) no. {seen[label]}"] = row
    return found


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, numbers to nine digits."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def readable(report: list[str]) -> str:
    """Return the first lines of a report, and how many there are."""
    return "\n".join([f"{len(report)} differences", *report[:20]])


def by_key(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return a finding in the order of its key."""
    return frame.sort_values(key).reset_index(drop=True)


def rule_file(folder: Path, name: str, value: Any) -> Path:
    """Write a user's rule file of one row, and return its path."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    path = folder / "rules.toml"
    path.write_text(
        f"[[rule]]\nid = {name!r}\nvalue = {text}\nunit = 'any'\nfrom = 2012-02-01\n"
        "mark = 'U'\nsource = 'a test'\n",
        encoding="utf-8",
    )
    return path
