"""The dated rules, and which of them held at an instant in a marketplace."""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sellerkit.errors import InputError, UsageError

_UNITS = ("_hours", "_days", "_share")

Value = float | int | bool | str

#: How sure a row is, in words.
MARKS = {
    "A": "A: Amazon’s own page",
    "B": "B: Amazon’s words, quoted",
    "C": "C: a third party only",
    "U": "ours, or of an assumed date: no Amazon source states it",
}


class Rule(BaseModel):
    """One row: the value of a limit between two dates, with its source and how sure it is."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    value: Value
    unit: str
    from_: dt.date = Field(alias="from")
    to: dt.date | None = None
    marketplaces: tuple[str, ...] = ()
    mark: Literal["A", "B", "C", "U"]
    source: str = Field(min_length=1)

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
    mark: Literal["A", "B", "C", "U"]
    source: str


class _Pack(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = "user"
    version: str = ""
    rule: list[Rule] = []
    holiday: list[Holiday] = []


class Limit(NamedTuple):
    """A limit, looked up for many events: one value and one row's name for each.

    Attributes
    ----------
    value : pd.Series
        The value that held (``float64``, or ``object`` for words and flags); null where there was
        no such rule.
    rule : pd.Series
        The row's name (``str``), ``crt.window@2012-02-01``.
    assumed : pd.Series
        ``bool``: the row is marked U, so ours or of an assumed date.
    """

    value: pd.Series
    rule: pd.Series
    assumed: pd.Series


def _midnight(day: dt.date) -> pd.Timestamp:
    return pd.Timestamp(day, tz="UTC").as_unit("us")


@dataclass(frozen=True)
class Policy:
    """The dated rules in force for an audit.

    Attributes
    ----------
    name : str
        What a report calls it: ``amazon 2026.11``, with the user's file and the pinned day if any.
    rules : tuple of Rule
    holidays : tuple of Holiday
    day : pd.Timestamp or None
        Where set, every event is judged by the rules of this day.
    """

    name: str
    rules: tuple[Rule, ...]
    holidays: tuple[Holiday, ...]
    day: pd.Timestamp | None = None

    @classmethod
    def default(cls) -> Policy:
        """Return the rules that ship with sellerkit."""
        pack = _parse(files(__package__).joinpath("amazon.toml").read_text("utf-8"), "amazon.toml")
        return cls(f"{pack.name} {pack.version}", tuple(pack.rule), tuple(pack.holiday))

    @classmethod
    def of(cls, what: str | None) -> Policy:
        """Return the default rules, those of one day, or those changed by a file.

        Parameters
        ----------
        what : str or None
            A date (``2015-12-05``: judge the whole history by that day's rules), the path of a
            TOML file of rows that add to or override the default ones, or nothing.

        Raises
        ------
        UsageError
            Neither a date nor a file.
        InputError
            A file that is no rule file; the message names the row and the field.
        """
        policy = cls.default()
        if not what:
            return policy
        try:
            return policy.on(dt.date.fromisoformat(what))
        except ValueError:
            pass
        path = Path(what)
        if not path.is_file():
            raise UsageError(
                f"--policy {what}: neither a date like 2018-10-01 nor a file that exists"
            )
        return policy.with_file(path)

    def on(self, day: dt.date) -> Policy:
        """Return the same rules, every event judged by those of one day."""
        return replace(self, name=f"{self.name}, rules of {day.isoformat()}", day=_midnight(day))

    def with_file(self, path: Path) -> Policy:
        """Return the rules with a user's rows added.

        A row without marketplaces takes the place of all of ours of that id; a row with them is
        put beside ours and holds there.
        """
        text = path.read_text("utf-8")
        pack = _parse(text, str(path))
        theirs = {rule.id for rule in pack.rule if not rule.marketplaces}
        kept = tuple(rule for rule in self.rules if rule.id not in theirs)
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        return replace(
            self,
            name=f"{self.name} + {path.name} ({digest})",
            rules=kept + tuple(pack.rule),
            holidays=self.holidays + tuple(pack.holiday),
        )

    def limit(self, rule_id: str, at: pd.Series, marketplace: pd.Series | None = None) -> Limit:
        """Look a limit up for many events, each by its own instant and marketplace.

        Parameters
        ----------
        rule_id : str
            ``crt.window_hours`` and so on.
        at : pd.Series
            ``datetime64[us, UTC]``, the events' instants; null gives the first row's.
        marketplace : pd.Series, optional
            ``str``, aligned with `at`; null takes the default row.

        Returns
        -------
        Limit
            Aligned with `at`.

        Raises
        ------
        UsageError
            No rule of that id.
        """
        rows = [rule for rule in self.rules if rule.id == rule_id]
        if not rows:
            known = ", ".join(sorted({rule.id for rule in self.rules}))
            raise UsageError(f"no rule is called {rule_id}; there are {known}")
        chosen = self._choose(rows, at, None)
        for code in sorted({code for rule in rows for code in rule.marketplaces}):
            if marketplace is not None:
                here = (marketplace == code).to_numpy(bool)
                chosen = np.where(here, self._choose(rows, at, code), chosen)
        return _limit(rows, chosen, at.index)

    def value(
        self, rule_id: str, at: pd.Timestamp, marketplace: str | None = None
    ) -> tuple[Value | None, str]:
        """Look a limit up for one event: its value (None where there was no such rule) and row."""
        stores = pd.Series([marketplace], dtype="str")
        found = self.limit(rule_id, pd.Series([at]).dt.as_unit("us"), stores)
        value = found.value.iloc[0]
        return (None if pd.isna(value) else value), str(found.rule.iloc[0])

    def _choose(self, rows: list[Rule], at: pd.Series, code: str | None) -> np.ndarray:
        """Return for each event the index of its row among `rows`."""
        instants = at if self.day is None else pd.Series(self.day, index=at.index)
        micros = instants.to_numpy("datetime64[us]")
        order = sorted(range(len(rows)), key=lambda i: rows[i].from_)
        fits = [i for i in order if not rows[i].marketplaces or code in rows[i].marketplaces]
        own = [i for i in fits if code in rows[i].marketplaces]
        default = [i for i in fits if not rows[i].marketplaces]
        chosen = np.full(len(at), (default or fits or order)[0])
        for i in default + own:
            begun = micros >= np.datetime64(rows[i].from_, "us")
            end = rows[i].to
            if end is not None:
                begun &= micros < np.datetime64(end, "us")
            chosen = np.where(begun, i, chosen)
        return chosen


def _limit(rows: list[Rule], chosen: np.ndarray, index: pd.Index) -> Limit:
    values = [None if rule.value == "none" else rule.value for rule in rows]
    numeric = all(
        v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values
    )
    table = np.array(values, dtype="float64" if numeric else "object")
    names = np.array([rule.name for rule in rows], dtype=object)
    doubts = np.array([rule.mark == "U" for rule in rows])
    return Limit(
        pd.Series(table[chosen], index=index),
        pd.Series(names[chosen], index=index, dtype="str"),
        pd.Series(doubts[chosen], index=index),
    )


def _parse(text: str, where: str) -> _Pack:
    try:
        return _Pack.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: not a TOML file: {error}") from error
    except ValidationError as error:
        raise InputError(f"{where}: {_first_fault(error.errors())}") from error


def _first_fault(faults: Iterable[object]) -> str:
    fault: dict[str, object] = dict(next(iter(faults)))  # type: ignore[call-overload]
    place: tuple[object, ...] = fault["loc"]  # type: ignore[assignment]
    numbered = [f"row {part + 1}" if isinstance(part, int) else str(part) for part in place]
    return f"{', '.join(numbered)}: {fault['msg']}"
