"""Which limits changed between two instants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from sellerkit.policy.pack import Policy
from sellerkit.policy.rule import Rule, Value


class RuleChange(NamedTuple):
    """A limit that changed at an instant: the row that began, and the values on either side."""

    rule: Rule
    at: pd.Timestamp
    before: Value | None
    now: Value | None


def rule_changes(
    policy: Policy, ids: Iterable[str], since: pd.Timestamp, until: pd.Timestamp | None = None
) -> list[RuleChange]:
    """List the limits whose value changed strictly between two instants, oldest first.

    Parameters
    ----------
    policy : Policy
    ids : iterable of str
        ``crt.window_hours`` and so on.
    since, until : pd.Timestamp
        UTC; without `until` all that the policy knows of what comes after `since`.

    Returns
    -------
    list of RuleChange
        A row that begins with the value of the one before it is no change. Empty where the rules
        of one day judge everything.
    """
    found: dict[tuple[object, ...], RuleChange] = {}
    for rule_id in ids:
        rows = [rule for rule in policy.rules if rule.id == rule_id]
        days = {day for rule in rows for day in (rule.from_, rule.to) if day is not None}
        stores = sorted({code for rule in rows for code in rule.marketplaces})
        for day in sorted(days):
            at = pd.Timestamp(day, tz="UTC").as_unit("us")
            if at > since and (until is None or at < until):
                for store in (None, *stores):
                    change = _change(policy, rows, at, store)
                    if change.before != change.now:
                        key = (change.rule.name, change.rule.marketplaces, change.before)
                        found.setdefault(key, change)
    return sorted(found.values(), key=lambda change: (change.at, change.rule.name))


def _change(policy: Policy, rows: list[Rule], at: pd.Timestamp, store: str | None) -> RuleChange:
    """Return a limit's rows just before an instant and at it, in one store."""
    instants = (at - pd.Timedelta(1, unit="us"), at)
    names = [policy.value(rows[0].id, instant, store)[1] for instant in instants]
    # a row for this store goes before one for all, and may begin on the same day
    ranked = sorted(rows, key=lambda rule: store not in rule.marketplaces)
    before, now = (next(rule for rule in ranked if rule.name == name) for name in names)
    values = (None if rule.value == "none" else rule.value for rule in (before, now))
    return RuleChange(now, at, *values)
