"""What must hold of the rules whatever the histories are: longer limits, moved clocks, notices."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
from histories_random import Histories, histories
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.audit import audit, contacts_and_obligations
from sellerkit.measure import coverage
from sellerkit.policy import Policy
from sellerkit.tables import FINDINGS, HISTORIES, KINDS, conform

#: Each limit on writing, and the hours that are longer than any that it ever had.
LONGER = {
    "crt.window_hours": ("inquiry", 36),
    "return.reply_hours": ("return", 60),
    "problem.notice_hours": ("order_problem", 30),
    "claim.reply_hours": ("claim", 200),
}

#: What may become of a verdict when there is more time: what was written late may be in time, what
#: is unwritten may be not due yet.
SOFTER = {("late", "met"), ("missed", "open")}

seeds = st.integers(0, 100_000)


def longer(policy: Policy, rule_id: str, hours: int) -> Policy:
    """Return the rules with every row of a limit at so many hours."""
    rules = tuple(
        rule.model_copy(update={"value": hours}) if rule.id == rule_id else rule
        for rule in policy.rules
    )
    return replace(policy, rules=rules)


@settings(max_examples=12)
@given(seeds, st.sampled_from(sorted(LONGER)))
def test_a_longer_limit_never_lowers_coverage(seed: int, rule_id: str) -> None:
    frames, as_of, _, _ = histories(seed)
    policy, (kind, hours) = Policy.default(), LONGER[rule_id]
    assert all(rule.value < hours for rule in policy.rules if rule.id == rule_id)
    _, strict = contacts_and_obligations(frames, as_of=as_of, policy=policy)
    _, mild = contacts_and_obligations(frames, as_of=as_of, policy=longer(policy, rule_id, hours))
    # the same duties, in the same order: how long one has decides none of them
    assert mild["obligation_id"].tolist() == strict["obligation_id"].tolist()
    moved = strict["status"] != mild["status"]
    pairs = set(zip(strict["status"][moved], mild["status"][moved], strict=True))
    assert pairs <= SOFTER and set(strict["kind"][moved]) <= {kind}
    # a claim that names its own deadline has it under any rule
    named = claims_with_deadline(frames, strict)
    assert not moved[named].any()
    before, after = (coverage(found).set_index(["kind", "problem"]) for found in (strict, mild))
    # a share may become undefined, where all that was missed is not due yet
    both = before["coverage"].notna() & after["coverage"].notna()
    assert (after["coverage"] >= before["coverage"] - 1e-12)[both].all()
    assert (after["written_share"] >= before["written_share"] - 1e-12)[both].all()
    assert (after["met"] >= before["met"]).all() and set(before.index.get_level_values(0)) == {
        *KINDS
    }


def claims_with_deadline(frames: Histories, obligations: pd.DataFrame) -> pd.Series:
    """Tell which duties are of claims on orders whose every claim names its deadline."""
    claims = frames["claims"].assign(own=frames["claims"]["respond_by"].notna())
    own = claims.groupby(["account", "order_id"])["own"].all()
    keys = pd.MultiIndex.from_frame(obligations[["account", "order_id"]])
    found = own.reindex(keys).eq(True).to_numpy(bool)
    return pd.Series(found, index=obligations.index) & (obligations["kind"] == "claim")


@settings(max_examples=10)
@given(seeds, st.integers(-3000, 3000))
def test_moving_every_moment_and_the_rules_changes_no_verdict(seed: int, days: int) -> None:
    # Rules begin at midnight UTC and seasons are of days, so the span is of whole days. A day
    # without a time ends at midnight in its store's zone, and where the clocks are put forward
    # that is now an hour earlier, now later: so all stores are Japan's, which has one time all
    # year, or unknown, which counts as UTC. Both are still told from days without a time.
    frames, as_of, since, until = histories(seed)
    frames, span = all_in_japan(frames), pd.Timedelta(days=days)
    policy = with_a_season(Policy.default())
    here = audit(frames, as_of=as_of, since=since, until=until, policy=policy)
    there = audit(
        {name: moved(frame, name, span) for name, frame in frames.items()},
        as_of=as_of + span, since=since + span, until=until + span,
        policy=moved_rules(policy, days),
    )  # fmt: skip
    for name, table in FINDINGS.items():
        back = moved(there.findings[name], name, -span)
        # rules are named by their day, and sentences tell the days
        told = [c for c in table.names if c not in ("rule", "why")]
        pd.testing.assert_frame_equal(here.findings[name][told], back[told])


def all_in_japan(frames: Histories) -> Histories:
    """Return the histories with every store that is known, or told by a currency, Japan's."""
    found = {}
    for name, frame in frames.items():
        changed = {
            column: frame[column].where(frame[column].isna(), value)
            for column, value in (("marketplace", "JP"), ("currency", "JPY"))
            if column in frame
        }
        found[name] = frame.assign(**changed)
    return found


def with_a_season(policy: Policy) -> Policy:
    """Return the rules with seasons of returns that hold in Japan too."""
    ours = [season.model_copy(update={"marketplaces": ("JP",)}) for season in policy.holidays]
    return replace(policy, holidays=(*policy.holidays, *ours))


def moved(frame: pd.DataFrame, name: str, span: pd.Timedelta) -> pd.DataFrame:
    """Return a history or finding with all its instants moved."""
    table = (HISTORIES | FINDINGS)[name]
    instants = [column.name for column in table.columns if column.kind == "ts"]
    return conform(frame.assign(**{c: frame[c] + span for c in instants}), table)


def moved_rules(policy: Policy, days: int) -> Policy:
    """Return the rules with all their days moved."""
    return replace(
        policy,
        rules=tuple(moved_days(rule, ("from_", "to"), days) for rule in policy.rules),
        holidays=tuple(
            moved_days(season, ("first", "last", "returns_until"), days)
            for season in policy.holidays
        ),
    )


def moved_days(row: Any, names: tuple[str, ...], days: int) -> Any:
    """Return a rule or a season with its days moved."""
    held = {name: getattr(row, name) for name in names}
    span = dt.timedelta(days=days)
    return row.model_copy(update={name: day and day + span for name, day in held.items()})


@settings(max_examples=12)
@given(seeds, st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), min_size=1, max_size=6))
def test_an_amazon_notice_changes_no_contact(seed: int, notices: list[tuple[int, bool]]) -> None:
    frames, as_of, _, _ = histories(seed)
    messages = frames["messages"]
    added = []
    for number, (place, beside) in enumerate(notices):
        row = messages.iloc[place % len(messages)].to_dict()
        row |= {"sender": "amazon", "message_id": f"notice-{number}", "no_response_needed": False}
        row["topic"] = ("return", "claim", "refund", "other")[place % 4]
        # at the very instant of a message of the thread, or a moment after it
        row["sent_at"] += pd.Timedelta(0 if beside else place % 7200, unit="s")
        added.append(row)
    more = conform(
        pd.concat([messages, pd.DataFrame(added)], ignore_index=True), HISTORIES["messages"]
    )
    policy = Policy.default()
    before, _ = contacts_and_obligations(frames, as_of=as_of, policy=policy)
    after, _ = contacts_and_obligations(frames | {"messages": more}, as_of=as_of, policy=policy)
    pd.testing.assert_frame_equal(before, after)
