"""Two runs of one small shop, with ten known changes, each of another kind or cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from builders import Row, claim, histories, instant, message, order, return_

from sellerkit.audit import audit
from sellerkit.errors import InputError
from sellerkit.policy import Policy
from sellerkit.report.diff import Changes, diff
from sellerkit.report.findings import findings_of, read_findings, write_findings
from sellerkit.report.load import Run
from sellerkit.report.provenance import RUN, RUN_FILE, Origin

THEN, NOW = "2026-10-01T06:00Z", "2026-10-03T06:00Z"

RULE = """[[rule]]
id = "return.reply_hours"
value = {hours}
from = 2026-09-20
mark = "U"
source = "our own promise"
"""

Frames = dict[str, list[Row]]


def asked(number: int, sent_at: str, **others: Any) -> Row:
    """Return a buyer's message on an order and in a thread of its own."""
    place = {"thread_id": f"t{number}", "order_id": f"302-0000000-000000{number}"}
    return message(sent_at, **place | {"message_id": f"asked{number}"} | others)


def answer(number: int, sent_at: str) -> Row:
    return asked(number, sent_at, message_id=f"answer{number}", sender="seller", topic=None)


def shop_then() -> Frames:
    """What was on file on 1 October, and what stays as it is."""
    still = [asked(0, "2026-09-25T08:00"), answer(0, "2026-09-25T09:00")]
    old = [asked(8, "2026-09-02T08:00"), answer(8, "2026-09-02T09:00")]
    open_ = [asked(n, "2026-10-01T00:00") for n in (1, 2, 3, 6)]
    missed = [
        asked(4, "2026-09-28T08:00"),
        asked(5, "2026-09-28T09:00"),
        asked(9, "2026-09-28T11:00"),
    ]
    returns = [return_("2026-09-26T10:00", order_id="302-0000000-0000010",
                       authorized_at="2026-09-26T20:00", authorized_by="seller")]  # fmt: skip
    return {"messages": still + old + open_ + missed, "returns": returns, "orders": []}


def shop_now() -> Frames:
    """The same and ten things more."""
    frames = shop_then()
    told = frames["messages"]
    told.append(answer(1, "2026-10-01T12:00"))  # 1: open, met since
    told.append(answer(2, "2026-10-02T12:00"))  # 2: open, late since
    # 3: open, its time ran out on the 2nd
    told.append(answer(4, "2026-10-02T08:00"))  # 4: missed, late since
    told.append(answer(5, "2026-09-28T10:00"))  # 5: missed, met by a mail that came late
    told.append(asked(7, "2026-10-02T08:00"))  # 7: appeared since
    told.append(asked(11, "2026-09-29T08:00"))  # 8: appeared, on file late
    marked = {"asked6": {"no_response_needed": True}}  # 6: waived by a mark
    frames["messages"] = [
        row | marked.get(row["message_id"], {})
        for row in told
        if row["message_id"] != "asked9"  # 9: vanished
    ]
    return frames  # 10: the return, by a file of rules


def run_of(frames: Frames, as_of: str, policy: Policy, origin: Origin) -> Run:
    found = audit(histories(**frames), as_of=as_of, policy=policy)
    return Run(found, "UTC", origin.version, ["shop"], {"as_of": as_of}, None, origin=origin)


def rules(folder: Path, hours: int) -> Policy:
    path = folder / "mine.toml"
    path.write_text(RULE.format(hours=hours), "utf-8")
    return Policy.default().with_file(path)


def origin(version: int, files: str, marks: str) -> Origin:
    return Origin(version=version, files=files * 64, marks=marks * 64, readings={"a": "b"})


@pytest.fixture
def changes(tmp_path: Path) -> Changes:
    before = run_of(shop_then(), THEN, rules(tmp_path, 24), origin(1, "a", "0"))
    now = run_of(shop_now(), NOW, rules(tmp_path, 8), origin(2, "b", "1"))
    return diff(findings_of(before), findings_of(now))


def test_ten_known_changes_and_nothing_else(changes: Changes) -> None:
    told = {(c.id if c.what == "contact" else c.what, c.change, c.cause) for c in changes.changes}
    assert told == {
        ("asked1", "met", "since"),
        ("asked2", "late", "since"),
        ("asked3", "missed", "time"),
        ("asked4", "late", "since"),
        ("asked5", "met", "late_data"),
        ("asked6", "waived", "mark"),
        ("asked7", "appeared", "since"),
        ("asked11", "appeared", "late_data"),
        ("asked9", "vanished", "unknown"),
        ("return", "late", "rule"),
    }
    assert len(changes.changes) == 10
    # what was asked on 2 September has left the window, and that is no change
    assert changes.left["contacts"] == 1 and changes.left["obligations"] == 1


def test_each_cause_says_its_fact(changes: Changes) -> None:
    by_id = {
        change.id if change.what == "contact" else change.what: change for change in changes.changes
    }
    assert by_id["asked1"].also == ("obligations",)
    assert by_id["asked1"].before["status"] == "open" and by_id["asked1"].after["status"] == "met"
    assert "2026-09-28 10:00 UTC, before the earlier run looked" in by_id["asked5"].why
    assert "24 hours" in by_id["return"].why and "8 hours" in by_id["return"].why
    assert "2026-10-02 00:00 UTC" in by_id["asked3"].why
    assert "the files read" in by_id["asked9"].why and "the rules" in by_id["asked9"].why


def test_the_same_run_twice_changed_nothing(tmp_path: Path) -> None:
    run = run_of(shop_then(), THEN, Policy.default(), origin(1, "a", "0"))
    found = diff(findings_of(run), findings_of(run))
    assert not found.changes and not any(found.left.values()) and not any(found.entered.values())
    assert not any(found.differs.values())


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda o: replace_reading(o), "mapping"),
        (lambda o: o.model_copy(update={"files": "b" * 64}), "late_data"),
    ],
)
def test_another_topic_is_the_mappings_or_the_files(
    change: Callable[[Origin], Origin], cause: str
) -> None:
    then, frames = origin(1, "a", "0"), shop_then()
    frames["messages"] = [
        row | ({"topic": "other"} if row["message_id"] == "asked0" else {})
        for row in frames["messages"]
    ]
    before = run_of(shop_then(), THEN, Policy.default(), then)
    now = run_of(frames, THEN, Policy.default(), change(then))
    found = diff(findings_of(before), findings_of(now)).changes
    assert [(c.id, c.change, c.cause) for c in found] == [("asked0", "changed", cause)]


def replace_reading(of: Origin) -> Origin:
    return of.model_copy(update={"readings": {"a": "c"}})


def test_a_claim_and_its_readiness_are_one_change() -> None:
    then = {"orders": [order("2026-09-20T10:00")], "claims": [claim("2026-09-29T04:00")]}
    now = {**then, "claims": [claim("2026-09-29T04:00", responded_at="2026-10-02T20:00")]}
    one = run_of(then, THEN, Policy.default(), origin(1, "a", "0"))
    other = run_of(now, NOW, Policy.default(), origin(2, "b", "0"))
    found = [c for c in diff(findings_of(one), findings_of(other)).changes if c.what == "claim"]
    assert [(c.change, c.cause) for c in found] == [("late", "since")]
    assert found[0].also == ("claims_readiness",)
    assert found[0].before["readiness"] and found[0].after["readiness"]


def test_findings_are_read_as_they_were_written(tmp_path: Path) -> None:
    run = run_of(shop_then(), THEN, Policy.default(), origin(1, "a", "0"))
    write_findings(run, tmp_path / "2026-10-01.findings")
    for place in ("2026-10-01.findings", "2026-10-01.html"):
        found = read_findings(tmp_path / place)
        assert found.run == findings_of(run).run and found.as_of == instant(THEN)
        assert not diff(found, findings_of(run)).changes


def test_findings_of_an_earlier_sellerkit_leave_the_cause_open(tmp_path: Path) -> None:
    before = replace(
        findings_of(run_of(shop_then(), THEN, Policy.default(), origin(1, "a", "0"))), run=None
    )
    now = findings_of(run_of(shop_now(), NOW, Policy.default(), origin(2, "b", "0")))
    causes = {c.id: c.cause for c in diff(before, now).changes}
    assert causes["asked9"] == "unknown" and causes["asked1"] == "since"


@pytest.mark.parametrize("bad", ["nothing", "summary", "parquet", "run"])
def test_what_are_no_findings_is_told_in_one_sentence(tmp_path: Path, bad: str) -> None:
    folder = tmp_path / "x.findings"
    if bad != "nothing":
        write_findings(run_of(shop_then(), THEN, Policy.default(), origin(1, "a", "0")), folder)
    names = {"summary": "summary.json", "parquet": "violations.parquet"}
    if bad in names:
        (folder / names[bad]).write_text("[1", "utf-8")
    if bad == "run":
        data = pq.read_table(folder / RUN_FILE).replace_schema_metadata({RUN: b"[1"})
        pq.write_table(data, folder / RUN_FILE)
    with pytest.raises(InputError, match=r"x\.findings"):
        read_findings(folder)


def test_a_run_may_be_long(tmp_path: Path) -> None:
    """Most rows of two runs are alike; a repeated key is no second change."""
    run = run_of(shop_then(), THEN, Policy.default(), origin(1, "a", "0"))
    found = findings_of(run)
    many = dict(found.frames) | {
        "contacts": pd.concat([found.frames["contacts"]] * 2, ignore_index=True)
    }
    assert not diff(found, replace(found, frames=many)).changes
