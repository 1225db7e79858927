"""What a rule file holds: dated rows, return seasons and events, each with how sure it is."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Value = float | int | bool | str
Mark = Literal["A", "B", "C", "U"]

#: How sure a row is, in words.
MARKS = {
    "A": "A: Amazon’s own page",
    "B": "B: Amazon’s words, quoted",
    "C": "C: a third party only",
    "U": "ours, or of an assumed date: no Amazon source states it",
}

#: A value that says that there was no such rule.
NO_RULE = "none"

_UNITS = ("_hours", "_days", "_share")


class Rule(BaseModel):
    """One row: the value of a limit between two dates, with its source and how sure it is.

    Attributes
    ----------
    id : str
    value : float, int, bool or str
        ``none`` where there was no such rule.
    unit : str
    from_ : date
        Inclusive, midnight UTC.
    to : date or None
        Exclusive; None: until the next row of the same id and stores.
    marketplaces : tuple of str
        Country codes; empty is the default row, for every store without a row of its own.
    mark : {"A", "B", "C", "U"}
        See `MARKS`.
    source : str
    note : str
        What the value alone does not say.
    doubt : str
        What is not certain about the row: two dates in conflict, an inferred year, a choice of
        ours.
    layer : int
        0 for the rows that ship with sellerkit, more for those of users' files, which lie above.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    value: Value
    unit: str = ""
    from_: dt.date = Field(alias="from")
    to: dt.date | None = None
    marketplaces: tuple[str, ...] = ()
    mark: Mark
    source: str = Field(min_length=1)
    note: str = ""
    doubt: str = ""
    layer: int = Field(default=0, exclude=True)

    @property
    def name(self) -> str:
        """How a finding names this row: ``crt.window@2012-02-01``."""
        stem = self.id
        for unit in _UNITS:
            stem = stem.removesuffix(unit)
        return f"{stem}@{self.from_.isoformat()}"


class Holiday(BaseModel):
    """An extended return season: bought (or shipped) between two days, returnable until a third."""

    model_config = ConfigDict(extra="forbid")

    basis: Literal["purchased", "shipped"]
    first: dt.date
    last: dt.date
    returns_until: dt.date
    marketplaces: tuple[str, ...]
    mark: Mark
    source: str = Field(min_length=1)
    note: str = ""
    doubt: str = ""


class Event(BaseModel):
    """Something that changed and is no limit.

    Attributes
    ----------
    date : date
        Its place among the others.
    when : str
        The date as it is known: ``2012-07``, ``2026-08-11 or 08-25``.
    what : str
    marketplaces : tuple of str
        Empty where the source names none.
    """

    model_config = ConfigDict(extra="forbid")

    date: dt.date
    when: str = Field(min_length=4)
    what: str = Field(min_length=1)
    marketplaces: tuple[str, ...] = ()
    mark: Mark
    source: str = Field(min_length=1)
    doubt: str = ""


class Pack(BaseModel):
    """What one rule file says, or the several that ship with sellerkit."""

    model_config = ConfigDict(extra="forbid")

    name: str = "user"
    version: str = ""
    rule: list[Rule] = []
    holiday: list[Holiday] = []
    event: list[Event] = []


def shown(value: object) -> str:
    """Return what stood in a file, short enough for a sentence."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number of that size"  # Python refuses to write one of thousands of digits
    if isinstance(value, list | dict):
        return f"a {'list' if isinstance(value, list) else 'table'}"
    return repr(value[:40]) if isinstance(value, str) else str(value)


def near(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that refuses a word: what it may have been meant to be."""
    words = sorted(set(known))
    alike = difflib.get_close_matches(word[:80], words, n=3, cutoff=0.6)
    within = [w for w in words if len(word) > 2 and word[:80] in w and w not in alike][:3]
    if alike or within:
        return f"; near it: {', '.join(alike + within)}"
    return f"; there are {', '.join(words)}" if len(words) <= 30 else ""
