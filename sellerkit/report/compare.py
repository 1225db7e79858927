"""Two windows side by side: what changed, and whether the rules, the mix or the seller did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from sellerkit.audit import Audit, contacts_and_obligations, instant
from sellerkit.errors import UsageError
from sellerkit.measure import PARTS, Tallies, change_by_cell, points, split_change, tally_cells
from sellerkit.policy import Policy, RuleChange, Window, rule_changes

#: The window just before the audit's own, of the same length.
PREVIOUS = "previous"

#: The limits on which contacts and obligations rest.
RULES = (
    "crt.window_hours", "crt.unit", "crt.autoreply_counts", "return.reply_hours",
    "problem.notice_hours", "problem.lookback_hours", "problem.cancellation_counts",
    "claim.reply_hours",
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """A window ``[since, until)``, and the instant as of which it was looked at. All UTC."""

    since: pd.Timestamp
    until: pd.Timestamp
    as_of: pd.Timestamp

    @property
    def window(self) -> Window:
        """First instant inside, first instant outside."""
        return self.since, self.until


@dataclass(frozen=True)
class Comparison:
    """What changed between an earlier window and that of an audit, and what it is due to.

    Attributes
    ----------
    before, now : Look
    rules : tuple of RuleChange
        The limits whose value changed between the first instant of one and the last of the other.
    figures : pd.DataFrame
        One row per headline share (`sellerkit.measure.split_change`).
    cells : pd.DataFrame
        The same by topic and marketplace (`sellerkit.measure.change_by_cell`).
    """

    before: Look
    now: Look
    rules: tuple[RuleChange, ...]
    figures: pd.DataFrame
    cells: pd.DataFrame

    @property
    def points(self) -> pd.DataFrame:
        """Change and parts of each figure in points of per cent, rounded so that they add up."""
        names = ["change", *PARTS]
        exact = self.figures[names].dropna()
        rounded = [points(change, parts) for change, *parts in exact.to_numpy().tolist()]
        rows = pd.DataFrame(
            [[change, *parts] for change, parts in rounded], index=exact.index, columns=names
        )
        return rows.reindex(self.figures.index)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as `sellerkit.measure.to_json` can write it."""
        return {
            "before": vars(self.before),
            "now": vars(self.now),
            "rules_changed": [_told(change) for change in self.rules],
            "figures": _records(self.figures),
            "cells": _records(self.cells),
        }


def parse_window(text: str) -> Window | None:
    """Read what a window is compared with: ``previous`` (None), or ``SINCE..UNTIL``.

    Raises
    ------
    UsageError
        Neither of the two, or a window that ends before it begins.
    """
    if text == PREVIOUS:
        return None
    since, sign, until = text.partition("..")
    if not sign:
        raise UsageError(
            f"compare is {text!r}; write {PREVIOUS}, or a window like 2026-08-06..2026-09-05"
        )
    window = (
        instant(since.strip(), "compare, its first instant"),
        instant(until.strip(), "compare, its first instant after the window"),
    )
    if window[0] >= window[1]:
        raise UsageError(f"the window to compare with begins at {since} and ends at {until}")
    return window


def compare(found: Audit, window: Window | None = None) -> Comparison:
    """Compare an audit's window with an earlier one.

    Parameters
    ----------
    found : Audit
    window : pair of pd.Timestamp, optional
        UTC, ``[since, until)``; default the window just before, of the same length.

    Returns
    -------
    Comparison

    Raises
    ------
    UsageError
        The other window does not end before or with the audit's own.

    Notes
    -----
    Each window is looked at equally long after its end: the earlier one as it stood at
    `as_of` less the distance of the two ends, in the histories that the audit saw. At one `as_of`
    the earlier would have had more time for late replies, and a share of unanswered ones would
    rise from window to window with nobody answering less.

    "By the rules of the other window" is an audit of its own, under `Policy.shifted`: due dates,
    and which messages are one contact, hang on the rules. Where no limit changed, the rules' part
    is 0 and these audits are left out.
    """
    since, until = window or (found.since - (found.until - found.since), found.since)
    if until > found.until:
        raise UsageError(
            f"the window to compare with ends at {until}, later than the audit's own, which ends "
            f"at {found.until}; the earlier one is given to --compare"
        )
    now = Look(found.since, found.until, found.as_of)
    before = Look(since, until, found.as_of - (found.until - until))
    tallies = _tallies(found, before, now)
    return Comparison(
        before,
        now,
        tuple(rule_changes(found.policy, RULES, min(since, now.since), now.until)),
        split_change(tallies),
        change_by_cell(tallies),
    )


def _tallies(found: Audit, before: Look, now: Look) -> Tallies:
    then = _tally(found, before, found.policy)
    today = tally_cells(found.contacts, found.obligations, since=now.since, until=now.until)
    if not _may_differ(found.policy, min(before.since, now.since)):
        return Tallies(then, today, then, today)
    return Tallies(
        then,
        today,
        _tally(found, before, found.policy.shifted(before.window, now.window)),
        _tally(found, now, found.policy.shifted(now.window, before.window)),
    )


def _tally(found: Audit, look: Look, policy: Policy) -> pd.DataFrame:
    judged = contacts_and_obligations(found.histories, as_of=look.as_of, policy=policy)
    return tally_cells(*judged, since=look.since, until=look.until)


def _may_differ(policy: Policy, since: pd.Timestamp) -> bool:
    """Tell whether a limit changes anywhere that a verdict of the windows could look.

    A reply may come before an order problem, by the lookback at most, and long after a window.
    """
    values = [rule.value for rule in policy.rules if rule.id == "problem.lookback_hours"]
    hours = [float(value) for value in values if value != "none"]
    earliest = since - pd.Timedelta(hours=max(hours, default=0))
    return bool(rule_changes(policy, RULES, earliest))


def _told(change: RuleChange) -> dict[str, Any]:
    rule = change.rule
    return {
        "id": rule.id,
        "rule": rule.name,
        "at": change.at,
        "before": change.before,
        "now": change.now,
        "marketplaces": list(rule.marketplaces),
        "mark": rule.mark,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(row) for row in frame.astype("object").to_dict("records")]
