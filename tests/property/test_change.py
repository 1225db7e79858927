"""The parts of a change, of audits of random histories: they add up, and each is what it says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest
from histories_random import histories

from sellerkit.audit import Audit, audit
from sellerkit.measure import PARTS
from sellerkit.policy import Policy
from sellerkit.report.compare import RULES, Comparison, compare

SEEDS = range(0, 300, 30)

#: What each limit that the shares rest on is before a day, and from then on.
LIMITS: dict[str, tuple[Any, Any]] = {
    "crt.window_hours": (24, 12),
    "crt.unit": ("run", "message"),
    "crt.autoreply_counts": (False, True),
    "return.reply_hours": (24, 72),
    "problem.notice_hours": (24, 5),
    "problem.lookback_hours": (72, 12),
    "problem.cancellation_counts": (False, True),
    "claim.reply_hours": (168, 24),
}


def changing(day: dt.date) -> Policy:
    """Return the rules with each of those limits changed on a day, and on no other."""
    default = Policy.default()
    kept = [rule for rule in default.rules if rule.id not in LIMITS]
    for rule_id, values in LIMITS.items():
        row = next(rule for rule in default.rules if rule.id == rule_id)
        for value, first in zip(values, (dt.date(2000, 1, 1), day), strict=True):
            kept.append(row.model_copy(update={"value": value, "from_": first}))
    return replace(default, rules=tuple(kept))


@cache
def compared(seed: int) -> tuple[Audit, Comparison]:
    """Return an audit of the time after a day on which the rules changed, against that before."""
    frames, _, _, _ = histories(seed)
    turn = frames["messages"]["sent_at"].median().ceil("D")
    span = pd.Timedelta(days=(4, 9, 15)[seed // 30 % 3])
    run = audit(
        frames,
        as_of=turn + span + pd.Timedelta(days=seed // 30 % 4),
        since=turn,
        until=turn + span,
        policy=changing(turn.date()),
    )
    # every other time a window of another length, which overlaps
    return run, compare(run, None if seed // 30 % 2 else (turn - span, turn + span / 3))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_parts_add_up_to_the_change(seed: int) -> None:
    _, found = compared(seed)
    figures = found.figures[found.figures["why_null"].isna()]
    assert (figures[PARTS].sum(axis=1) - figures["change"]).abs().max() < 1e-9 or figures.empty
    rounded = found.points.dropna()
    assert (rounded[PARTS].sum(axis=1) - rounded["change"]).abs().max() < 1e-9 or rounded.empty
    cells = found.cells.fillna({"kind": "inquiry"}).groupby(["figure", "kind"])[PARTS].sum()
    for row in figures.fillna({"kind": "inquiry"}).to_dict("records"):
        own = cells.loc[(row["figure"], row["kind"])]
        assert own.to_dict() == pytest.approx({part: row[part] for part in PARTS}, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_without_a_change_of_rules_the_rules_did_exactly_nothing(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, found = compared(seed)
    # a change long before what is on file
    policy = changing(dt.date(2005, 1, 1))
    still = audit(run.histories, as_of=run.as_of, since=run.since, until=run.until, policy=policy)
    quick = compare(still, found.before.window)
    assert not quick.rules
    assert (quick.figures["due_to_rules"].dropna() == 0).all()
    # audits under the other window's rules, left out above, come to the same
    monkeypatch.setattr("sellerkit.report.compare._may_differ", lambda *_: True)
    pd.testing.assert_frame_equal(compare(still, found.before.window).figures, quick.figures)


def test_the_same_window_twice_has_no_change() -> None:
    for seed in SEEDS[::4]:
        run, _ = compared(seed)
        found = compare(run, (run.since, run.until))
        figures = found.figures[found.figures["why_null"].isna()]
        assert (figures[["change", *PARTS]] == 0).all(axis=None)


def test_each_part_matters_in_some_of_them() -> None:
    moved = dict.fromkeys(PARTS, 0)
    for seed in SEEDS:
        _, found = compared(seed)
        assert {change.rule.id for change in found.rules} == set(LIMITS) == set(RULES)
        for part in PARTS:
            moved[part] += int((found.figures[part].abs() > 0.01).any())
    assert min(moved.values()) >= 3, moved


def test_other_names_of_topics_change_nothing_else() -> None:
    # returns are triggered by their topic; of the others only the name is
    names = {"inquiry": "refund", "refund": "claim", "claim": "inquiry"}
    for seed in SEEDS[::4]:
        run, found = compared(seed)
        messages = run.histories["messages"]
        asked = messages["sender"] == "buyer"
        topics = messages["topic"].where(~asked, messages["topic"].replace(names))
        renamed = run.histories | {"messages": messages.assign(topic=topics)}
        again = compare(
            audit(renamed, as_of=run.as_of, since=run.since, until=run.until, policy=run.policy),
            found.before.window,
        )
        pd.testing.assert_frame_equal(found.figures, again.figures)
        key = ["figure", "kind", "topic", "marketplace"]
        cells = found.cells.assign(topic=found.cells["topic"].replace(names))
        pd.testing.assert_frame_equal(
            cells.sort_values(key, ignore_index=True),
            again.cells.sort_values(key, ignore_index=True),
        )
