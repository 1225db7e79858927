"""The dated rules in words: what a row says, when it held, and all of it as a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby

from sellerkit.policy.pack import Policy
from sellerkit.policy.rule import MARKS, NO_RULE, Event, Holiday, Rule

_MEASURES = ("hours", "days", "business days", "months")

_INTRO = """# The dated rules

Every rule that sellerkit knows, with the dates between which it held, its source, and how sure it
is. This page is made from the rule files: `sellerkit policy page > docs/policy.md`.

An event is judged by the row that held at its own instant, in its own store. Days begin at midnight
UTC, and both are named. Before its first row a limit holds as that row says; `none` says that there
was no such rule. A row with stores goes before the one for all. Rows of pages without a date stand
from 2012-02-01 and say so. A figure of a report that rests on a row marked U is called "assumed"
there. Not every row decides a finding: Amazon's targets for orders and shipping, and what it does
by itself, are on record for comparison.
"""

_OWN_FILE = """## Rows of your own

`--policy mine.toml` lays rows of yours over these, `--policy 2018-10-01` judges everything by one
day's rules, and `--policy mine.toml,2018-10-01` does both. `sellerkit policy check mine.toml` says
whether a file is right and what it changes.

```toml
[[rule]]
id = "crt.window_hours"
value = 12
from = 2026-11-27         # inclusive
to = 2026-12-24           # the first day after; leave it out for a rule that stays
marketplaces = ["US"]     # leave it out for all stores
mark = "U"
source = "our own promise in the weeks before Christmas"
```

A row holds from its `from` to its `to`, or where it has none until your next row of the same id and
stores; before and after that the rows above hold on. A row without `marketplaces` goes before the
rows above in every store. An unknown id, store or field, a value that does not fit its unit, and
dates that are reversed or overlap are refused. A return season is a `[[holiday]]` with `basis`
(`purchased` or `shipped`), `first`, `last`, `returns_until` (all inclusive), `marketplaces`, `mark`
and `source`.
"""


def value_words(rule: Rule) -> str:
    """Return a row's value with its unit: ``24 hours``, ``0.9``, ``true``, ``none``."""
    if isinstance(rule.value, bool):
        return str(rule.value).lower()
    number = f"{rule.value:g}" if isinstance(rule.value, int | float) else rule.value
    if rule.value == NO_RULE or rule.unit in ("share", "count", "run or message"):
        return number
    unit = rule.unit.removesuffix("s") if rule.value == 1 and rule.unit in _MEASURES else rule.unit
    return f"{number} {unit}"


def until(rule: Rule, rules: Iterable[Rule]) -> dt.date | None:
    """Return the first day on which a row no longer held; None where it still does.

    That is its own `to`, else the `from` of the next row of the same id, stores and file.
    """
    own = (rule.id, rule.marketplaces, rule.layer)
    later = [
        row.from_
        for row in rules
        if (row.id, row.marketplaces, row.layer) == own and row.from_ > rule.from_
    ]
    return rule.to or min(later, default=None)


def in_force(rule: Rule, rules: Iterable[Rule]) -> str:
    """Return the days on which a row held, both inclusive: ``2015-12-01 to 2015-12-31``."""
    end = until(rule, rules)
    last = (end - dt.timedelta(days=1)).isoformat() if end else ""
    return f"{rule.from_} to {last}" if end else f"since {rule.from_}"


def stores(rule: Rule | Holiday | Event) -> str:
    """Return the country codes of a row's stores, ``all`` where it names none."""
    return ", ".join(rule.marketplaces) or "all"


def page(policy: Policy) -> str:
    """Return the whole timeline as Markdown: the rows of each id, return seasons, and events.

    Parameters
    ----------
    policy : Policy
        The rules of users' files included.
    """
    subjects = groupby(_ordered(policy.rules), key=lambda rule: rule.id)
    sections = [_section(rule_id, list(rows), policy) for rule_id, rows in subjects]
    told = (f"{mark}: {words.removeprefix(f'{mark}: ')}" for mark, words in MARKS.items())
    marks = "\n".join(f"- {words}" for words in told)
    title = f"Rules: {policy.name}. How sure a row is:\n\n{marks}\n"
    parts = [_INTRO, title, *sections, _seasons(policy.holidays), _events(policy.events)]
    return "\n".join([*parts, _OWN_FILE])


def _ordered(rules: Sequence[Rule]) -> list[Rule]:
    """Return rows by subject and id, in the order of the files; of an id by store and date."""
    subjects = list(dict.fromkeys(rule.id.partition(".")[0] for rule in rules))
    ids = list(dict.fromkeys(rule.id for rule in rules))
    return sorted(
        rules,
        key=lambda rule: (
            subjects.index(rule.id.partition(".")[0]), ids.index(rule.id),
            rule.layer, rule.marketplaces, rule.from_,
        ),
    )  # fmt: skip


def _section(rule_id: str, rows: list[Rule], policy: Policy) -> str:
    head = ["value", "in force", "stores", "mark", "source"]
    table = [
        [value_words(row), in_force(row, policy.rules), stores(row), row.mark, row.source]
        for row in rows
    ]
    lines = [f"## {rule_id}\n", _table(head, table), ""]
    for row in rows:
        which = f"{row.name}" + (f" ({stores(row)})" if row.marketplaces else "")
        lines += [f"- `{which}`: {_cell(row.note)}"] if row.note else []
        lines += [f"- `{which}`, in doubt: {_cell(row.doubt)}"] if row.doubt else []
    return "\n".join(lines).rstrip() + "\n"


def _seasons(holidays: Iterable[Holiday]) -> str:
    head = ["which orders", "returnable until", "stores", "mark", "source", "note", "in doubt"]
    table = [
        [f"{row.basis} {row.first} to {row.last}", row.returns_until.isoformat(), stores(row),
         row.mark, row.source, row.note, row.doubt]
        for row in holidays
    ]  # fmt: skip
    return (
        f"## Extended holiday returns\n\nDays of the store's own zone.\n\n{_table(head, table)}\n"
    )


def _events(events: Iterable[Event]) -> str:
    head = ["when", "what", "stores", "mark", "source", "in doubt"]
    table = [
        [row.when, row.what, ", ".join(row.marketplaces) or "–", row.mark, row.source, row.doubt]
        for row in events
    ]
    intro = "## What else changed\n\nNo limits, so nothing is judged by them."
    return f"{intro}\n\n{_table(head, table)}\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """Return text that stays in its cell and is no markup, whatever a user's file says."""
    line = " ".join(text.split())
    return line.translate({ord(c): f"\\{c}" for c in "\\|<>*_`[]"})
