"""The audit and its slow second version (`oracle.py`) conclude the same from random histories."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import oracle
import pandas as pd
import pytest
from histories_random import Histories, day_of, histories
from oracle_world import EVENTS, LIMITS, Row, rows_of, see

from sellerkit.audit import audit
from sellerkit.policy import Policy
from sellerkit.tables import CHECKLIST, FINDINGS, HISTORIES, KINDS, PROBLEMS

#: Histories that are audited one by one, and such that are joined, as accounts of one seller: an
#: audit of many rows takes hardly longer than one of few. Those of a batch are about one day, so
#: that the moment of one cuts through all. Those beyond 30 that are alone have rare verdicts, or
#: edges of their own moments and windows.
ALONE = [*range(30), 38, 41, 47, 64, 78, 138, 154, 167, 169, 188, 217, 220, 141, 153]
TOGETHER = [seed for seed in range(250) if seed not in ALONE]
BATCH = 10
FEW = 12


class Trial(NamedTuple):
    """Histories to be audited as one, and the moment and window by which."""

    name: str
    members: tuple[Histories, ...]
    as_of: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp

    @property
    def window(self) -> dict[str, pd.Timestamp]:
        return {"as_of": self.as_of, "since": self.since, "until": self.until}

    def audited(self, policy: Policy) -> dict[str, pd.DataFrame]:
        frames = {name: pd.concat([m[name] for m in self.members]) for name in self.members[0]}
        frames = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
        return audit(frames, **self.window, policy=policy).findings

    def expected(self, **rules: Any) -> dict[str, list[Row]]:
        """Return the oracle's findings, member by member: it compares all rows with all."""
        found = [oracle.audit(member, **self.window, **rules) for member in self.members]
        return {name: [row for each in found for row in each[name]] for name in found[0]}


@cache
def alone(seed: int) -> Trial:
    """Return one seed's histories as they are."""
    frames, *window = histories(seed)
    return Trial(f"seed {seed}", (frames,), *window)


@cache
def together(seeds: tuple[int, ...], turn: int) -> Trial:
    """Return several seeds' histories, at the moment and by the window of one of them."""
    _, *window = histories(seeds[turn])
    return Trial(f"seeds {seeds} by {seeds[turn]}", tuple(map(_apart, seeds)), *window)


def _apart(seed: int) -> Histories:
    frames, *_ = histories(seed)
    return {
        name: frame.assign(account=frame["account"] + f" {seed}") for name, frame in frames.items()
    }


BY_DAY = sorted(TOGETHER, key=day_of)
BATCHES = [tuple(BY_DAY[first : first + BATCH]) for first in range(0, len(BY_DAY), BATCH)]
CHUNKS = [
    *([alone(s) for s in ALONE[first : first + BATCH]] for first in range(0, len(ALONE), BATCH)),
    *([together(seeds, turn) for turn in (0, 5)] for seeds in BATCHES),
]
TRIALS = [trial for chunk in CHUNKS for trial in chunk]

#: What names a row in a difference. Equal names may repeat (obligations): rows pair in order.
KEYS = {
    "contacts": ("account", "message_id"),
    "obligations": ("account", "kind", "problem", "order_id", "trigger_at", "thread_id"),
    "claims_readiness": ("account", "claim_id"),
    "exposure": ("account", "order_id"),
    "calls_review": ("account", "call_id"),
}

ALWAYS = {"since": 1990, "until": 2100}

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


@pytest.mark.parametrize("trials", CHUNKS, ids=[chunk[0].name for chunk in CHUNKS])
def test_agrees_with_the_oracle(trials: list[Trial]) -> None:
    report = []
    for trial in trials:
        found = trial.audited(Policy.default())
        report += differences(trial.name, found, concluded(trial))
    assert not report, readable(report)


@pytest.mark.parametrize("day", ["2012-06-01", "2015-12-05", "2019-12-15", "2026-01-01"])
def test_agrees_by_the_rules_of_one_day(day: str) -> None:
    policy = Policy.default().on(dt.date.fromisoformat(day))
    midnight = pd.Timestamp(day, tz="UTC").as_unit("us")
    report = []
    for turn in (0, FEW // 2):
        trial = together(tuple(range(FEW)), turn)
        report += differences(
            trial.name, trial.audited(policy), trial.expected(policy_day=midnight)
        )
    assert not report, readable(report)


@pytest.mark.parametrize("name", OTHER_RULES)
def test_agrees_by_other_rules(name: str, tmp_path: Path) -> None:
    value = OTHER_RULES[name]
    limits = LIMITS | {name: [("2012-02-01", value)]}
    policy = Policy.default().with_file(rule_file(tmp_path, name, value))
    report = []
    for turn in (0, FEW // 2):
        trial = together(tuple(range(FEW)), turn)
        report += differences(trial.name, trial.audited(policy), trial.expected(limits=limits))
    assert not report, readable(report)


@pytest.mark.parametrize("seed", range(0, 200, 20))
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


@pytest.mark.parametrize("seed", range(0, 200, 20))
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


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_counted_contacts_are_met_late_missed_or_open(seed: int) -> None:
    frames, as_of, since, until = histories(seed)
    contacts = audit(frames, as_of=as_of, since=since, until=until).findings["contacts"]
    counted = contacts[contacts["counted"]]
    by_status = counted["status"].value_counts()
    assert sum(by_status.get(s, 0) for s in ("met", "late", "missed", "open")) == len(counted)


@pytest.mark.parametrize("seed", range(0, 200, 20))
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
    seen = Counter(outcome for trial in TRIALS for outcome in outcomes(concluded(trial)))
    missing = [outcome for outcome in expected_outcomes() if not seen[outcome]]
    assert not missing, f"none of {len(TRIALS)} trials has {missing}"


def test_the_histories_reach_the_edges_of_time() -> None:
    seen: Counter[str] = Counter()
    for trial in TRIALS:
        if all(seen[edge] >= 3 for edge in EDGES):
            break
        seen.update(edges(trial))
    missing = [edge for edge in EDGES if seen[edge] < 3]
    assert not missing, f"fewer than 3 of {len(TRIALS)} trials have {missing}"


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


def edges(trial: Trial) -> set[str]:
    """Name the edges of time and of what is on file that a trial's histories have."""
    as_of, since, until = trial.as_of, trial.since, trial.until
    always = {day: pd.Timestamp(f"{year}-01-01", tz="UTC") for day, year in ALWAYS.items()}
    whole = trial._replace(**always).expected()
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
    return {name for name, holds in found.items() if holds}.union(
        *(edges_on_file(frames, as_of) for frames in trial.members)
    )


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
def concluded_by_name(name: str) -> dict[str, list[Row]]:
    return next(trial for trial in TRIALS if trial.name == name).expected()


def concluded(trial: Trial) -> dict[str, list[Row]]:
    """Return the oracle's findings of one of the `TRIALS`."""
    return concluded_by_name(trial.name)


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
