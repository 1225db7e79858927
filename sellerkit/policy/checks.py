"""What a row may say: an id that there is, a value that fits its unit, stores and dates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from sellerkit.policy.marketplaces import marketplaces
from sellerkit.policy.rule import NO_RULE, Holiday, Rule, Value, near, shown

#: The most that a span of time may be: a hundred years.
_MOST = {"hours": 876_000, "days": 36_500, "business days": 26_000, "months": 1_200}

#: More than this is a slip whatever it counts.
_MOST_NUMBER = 1e9

#: Units whose values are words out of a few.
_CHOICES = {"run or message": ("run", "message")}

Fault = tuple[str, str] | None


def fault_of_rule(rule: Rule, ours: Sequence[Rule]) -> Fault:
    """Return what is wrong with a user's row: the field and why; None where it is right.

    Parameters
    ----------
    rule : Rule
        With its unit.
    ours : sequence of Rule
        The rows that it adds to or overrides.
    """
    of_id = [row for row in ours if row.id == rule.id]
    if not of_id:
        return "id", f"no rule is called {rule.id}{near(rule.id, (row.id for row in ours))}"
    if rule.unit not in {row.unit for row in of_id}:
        return "unit", f"{rule.id} is in {of_id[0].unit}, not in {rule.unit[:40]}"
    if rule.value == NO_RULE and any(row.value == NO_RULE for row in of_id):
        why = ""
    else:
        why = fault_of_value(rule.value, rule.unit)
    if why:
        return "value", why
    if rule.to and rule.to <= rule.from_:
        return "to", f"{rule.to} is not after from, {rule.from_}; `to` is the first day after"
    return _fault_of_stores(rule.marketplaces)


def fault_of_holiday(holiday: Holiday) -> Fault:
    """Return what is wrong with a return season: the field and why; None where it is right."""
    if holiday.last < holiday.first:
        return "last", f"{holiday.last} is before first, {holiday.first}"
    if holiday.returns_until < holiday.last:
        return "returns_until", f"{holiday.returns_until} is before last, {holiday.last}"
    if not holiday.marketplaces:
        return "marketplaces", "it names no store"
    return _fault_of_stores(holiday.marketplaces)


def _fault_of_stores(codes: Iterable[str]) -> Fault:
    known = marketplaces()
    for code in codes:
        if code not in known:
            meant = {"GB": "; near it: UK"}.get(code) or near(code.upper(), known)
            return "marketplaces", f"no store is called {code[:40]!r}{meant}"
    return None


def fault_of_value(value: Value, unit: str) -> str:
    """Return why a value does not fit a unit; nothing where it does."""
    if unit == "flag":
        return "" if isinstance(value, bool) else f"{shown(value)} is not true or false"
    if unit in _CHOICES:
        return "" if value in _CHOICES[unit] else f"{shown(value)} is not {unit}"
    if unit in ("share", "count", *_MOST):
        return _fault_of_number(value, unit)
    return "" if isinstance(value, str) and value else f"{shown(value)} is no words"


def _fault_of_number(value: Value, unit: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{shown(value)} is no number"
    if value > _MOST_NUMBER or value < 0 or math.isnan(value):
        return f"{shown(value)} is not a number from 0 on that can be meant"
    if unit == "share":
        return "" if value <= 1 else f"{shown(value)} is no share; a share lies between 0 and 1"
    if unit == "count":
        return "" if value == int(value) else f"{shown(value)} is no whole number"
    return "" if value <= _MOST[unit] else f"{shown(value)} {unit} are more than a hundred years"
