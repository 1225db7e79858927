"""How a verdict came about: what happened when, the clock, the rules, and each step in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from sellerkit.policy import MARKS, Rule

#: Writes an instant for a reader: in his zone, in UTC, or as ISO 8601.
Moment = Callable[[pd.Timestamp], str]


class Id(str):
    """A message's id in a sentence: a stranger may have chosen it, and a page shortens it."""

    __slots__ = ()

    @property
    def short(self) -> str:
        """Its beginning: enough to find it, without the domain."""
        head = "".join(letter for letter in self.partition("@")[0] if letter.isprintable())
        return head if len(head) <= 16 and "@" not in self else f"{head[:12]}…"


@dataclass(frozen=True)
class Said:
    """A sentence whose instants are still instants, so that each reader gets them in his zone.

    Attributes
    ----------
    template : str
        ``"Due by {due}."``
    values : mapping
        What the blanks stand for. Strangers' words may be among them: they are never read as
        blanks, and whoever shows the sentence escapes it.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def by(self, moment: Moment, *, short: bool = False) -> str:
        """Return the sentence, each instant written by `moment`, messages' ids short or whole."""
        texts = {name: _text(value, moment, short) for name, value in self.values.items()}
        return self.template.format(**texts)


def _text(value: Any, moment: Moment, short: bool) -> str:
    if isinstance(value, pd.Timestamp):
        return moment(value)
    return value.short if short and isinstance(value, Id) else str(value)


def said(template: str, **values: Any) -> Said:
    """Return a sentence with its values."""
    return Said(template, values)


@dataclass(frozen=True)
class Event:
    """Something that happened: when, what, in which row of which history, and from which file.

    Attributes
    ----------
    role : str
        What it means for the verdict: ``starts the clock``, ``answers``, …; often nothing.
    source, position : str, int or None
        The file as given to ingest, and the place in it (byte, line or number of the object).
    text : str or None
        The first line of a message, only where texts are asked for.
    """

    at: pd.Timestamp
    what: str
    table: str
    id: str
    role: str = ""
    source: str | None = None
    position: int | None = None
    text: str | None = None


@dataclass(frozen=True)
class Clock:
    """When it started, how long it ran, and when it was stopped.

    Attributes
    ----------
    limit : str
        ``24 hours``; or whose date it is.
    stopped_at : pd.Timestamp or None
        When what was owed was done.
    set_aside : str
        ``waived`` or ``not_applicable`` where nothing is owed; else nothing.
    """

    started_at: pd.Timestamp
    limit: str
    due_at: pd.Timestamp
    as_of: pd.Timestamp
    stopped_at: pd.Timestamp | None = None
    set_aside: str = ""

    def verdict(self) -> str:
        """Return what the clock alone says: the instant of `due_at` itself is in time."""
        if self.set_aside:
            return self.set_aside
        if self.stopped_at is not None:
            return "met" if self.stopped_at <= self.due_at else "late"
        return "open" if self.as_of <= self.due_at else "missed"


@dataclass(frozen=True)
class RuleRow:
    """A row of the policy: its value, since when it held, its source, and how sure it is.

    Attributes
    ----------
    doubt : bool
        The row is ours, of an assumed date, or something about it is not certain: `sure` says what.
    """

    name: str
    value: str
    since: str
    until: str | None
    stores: str
    mark: str
    sure: str
    source: str
    doubt: bool

    @classmethod
    def of(cls, rule: Rule) -> RuleRow:
        """Return a row of the policy in words."""
        return cls(
            rule.name,
            worded(rule.value, rule.unit),
            rule.from_.isoformat(),
            rule.to.isoformat() if rule.to else None,
            ", ".join(rule.marketplaces) or "all without a row of their own",
            rule.mark,
            f"{MARKS[rule.mark]}. {rule.doubt}".rstrip(". "),
            rule.source,
            rule.mark == "U" or bool(rule.doubt),
        )


def worded(value: Any, unit: str) -> str:
    """Return a rule's value in words: ``24 hours``, ``false``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{float(value):g} {unit.removesuffix('s') if value == 1 else unit}"
    return str(value)


@dataclass(frozen=True)
class Item:
    """One item of a claim's checklist: true, false, or null where it does not apply, and why."""

    name: str
    value: bool | None
    because: Said


@dataclass(frozen=True)
class Derivation:
    """All that a verdict rests on.

    Attributes
    ----------
    what : str
        ``contact``, ``obligation``, ``claim``, ``exposure``, ``call``, ``violation``, ``check_in``.
    id, account : str
    title : str
        In words: ``Inquiry``, ``Order problem, shipped late``.
    verdict : str
    steps : tuple of Said
        From the first event to the verdict, one sentence a step.
    events : tuple of Event
        By time; `left_out` more that the verdict does not rest on are not listed.
    clock : Clock or None
    rules : tuple of RuleRow
    items : tuple of Item
        A claim's checklist.
    caveats : tuple of Said
        What the verdict rests on and nobody can see: a bare date. Of rules see `RuleRow.doubt`.
    conflicts : tuple of Said
        Where what is owed is at the same time not allowed, the safe way.
    agrees : bool or None
        Whether the audit of these records alone gives the same row as the whole audit; null where
        the whole audit has no such row, since its window leaves it out.
    """

    what: str
    id: str
    account: str
    title: str
    verdict: str
    order_id: str | None = None
    steps: tuple[Said, ...] = ()
    events: tuple[Event, ...] = ()
    left_out: int = 0
    clock: Clock | None = None
    rules: tuple[RuleRow, ...] = ()
    items: tuple[Item, ...] = ()
    caveats: tuple[Said, ...] = ()
    conflicts: tuple[Said, ...] = ()
    agrees: bool | None = None

    def as_dict(
        self, moment: Moment = pd.Timestamp.isoformat, *, short: bool = False
    ) -> dict[str, Any]:
        """Return it as JSON or a template takes it: sentences and instants written by `moment`.

        With `short`, as a page shows it: of messages' ids only the beginning.
        """
        plain = asdict(self)
        for name in ("steps", "caveats", "conflicts"):
            plain[name] = [each.by(moment, short=short) for each in getattr(self, name)]
        plain["events"] = [_written(asdict(event), moment) for event in self.events]
        plain["clock"] = _written(asdict(self.clock), moment) if self.clock else None
        plain["items"] = [
            {
                "name": each.name,
                "value": each.value,
                "because": each.because.by(moment, short=short),
            }
            for each in self.items
        ]
        return plain


def _written(values: dict[str, Any], moment: Moment) -> dict[str, Any]:
    return {
        name: moment(value) if isinstance(value, pd.Timestamp) else value
        for name, value in values.items()
    }
