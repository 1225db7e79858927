"""The dated rules, and which of them held at an instant in a marketplace."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.errors import UsageError
from sellerkit.policy.file import parse, read_user_file
from sellerkit.policy.rule import NO_RULE, Event, Holiday, Pack, Rule, Value, near

#: From its first instant to the first after it.
Window = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class Limit:
    """A limit, looked up for many events: one value and one row's name for each.

    Most often one of the two is asked for, so each is made when it is.
    """

    _rows: list[Rule]
    _chosen: np.ndarray
    _index: pd.Index

    @cached_property
    def value(self) -> pd.Series:
        """The value that held (``float64``, or ``object`` for words and flags).

        Null where there was no such rule.
        """
        values = [None if rule.value == NO_RULE else rule.value for rule in self._rows]
        numeric = all(
            v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values
        )
        return self._of(np.array(values, dtype="float64" if numeric else "object"))

    @cached_property
    def rule(self) -> pd.Series:
        """The row's name (``str``), ``crt.window@2012-02-01``."""
        return self._of(pd.array([rule.name for rule in self._rows], dtype="str"))

    @cached_property
    def assumed(self) -> pd.Series:
        """``bool``: the row is marked U, so ours or of an assumed date."""
        return self._of(np.array([rule.mark == "U" for rule in self._rows]))

    def _of(self, by_row: Any) -> pd.Series:
        return pd.Series(by_row.take(self._chosen), index=self._index, copy=False)


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
    events : tuple of Event
        What else changed, and when: no limits.
    moved : pair of windows or None
        Where set, the events of the first are judged by the rules of the second (`shifted`).
    """

    name: str
    rules: tuple[Rule, ...]
    holidays: tuple[Holiday, ...]
    day: pd.Timestamp | None = None
    events: tuple[Event, ...] = ()
    moved: tuple[Window, Window] | None = None

    @classmethod
    def default(cls) -> Policy:
        """Return the rules that ship with sellerkit."""
        pack = _shipped()
        name = f"{pack.name} {pack.version}"
        return cls(name, tuple(pack.rule), tuple(pack.holiday), events=tuple(pack.event))

    @classmethod
    def of(cls, what: str | None) -> Policy:
        """Return the default rules, those of one day, those changed by a file, or both.

        Parameters
        ----------
        what : str or None
            A date (``2015-12-05``: judge the whole history by that day's rules), the path of a
            TOML file of rows that add to or override the default ones, or several of them with
            commas between (``mine.toml,2015-12-05``); or nothing.

        Raises
        ------
        UsageError
            Neither a date nor a file, or two dates.
        InputError
            A file that is no rule file; the message names the file, line, row and field.
        """
        policy = cls.default()
        if not what:
            return policy
        for part in [what] if _is_file(what) else [part.strip() for part in what.split(",")]:
            day = _day(part)
            if day and policy.day is not None:
                raise UsageError(f"--policy {what}: two dates; all is judged by one of them")
            if not day and not _is_file(part):
                raise UsageError(
                    f"--policy {part}: neither a date like 2018-10-01 nor a file that exists"
                )
            policy = policy.on(day) if day else policy.with_file(Path(part))
        return policy

    def on(self, day: dt.date) -> Policy:
        """Return the same rules, every event judged by those of one day."""
        return replace(self, name=f"{self.name}, rules of {day.isoformat()}", day=_midnight(day))

    def shifted(self, window: Window, to: Window) -> Policy:
        """Return the same rules, what happened in one window judged by the rules of another.

        Parameters
        ----------
        window, to : pair of pd.Timestamp
            UTC, ``[since, until)``. An event is looked up at its place in the other window: of
            windows of one length that is its instant plus their distance, else it is in
            proportion, so that the last day of December falls on the last of November. What lies
            outside follows the same line.

        Notes
        -----
        Rules of one day (`on`) stay those of that day. Holiday seasons hold by the calendar day on
        which an order was bought, and are not moved.
        """
        return replace(self, moved=(window, to))

    def with_file(self, path: Path) -> Policy:
        """Return the rules with a user's rows laid over them.

        A row of his holds from its `from` to its `to`, or where it has none until his next one of
        the same id and stores; before and after that ours hold on. Without marketplaces it holds
        in every store, with them in those. Without `to` it takes the place of a row of ours with
        the same id, `from` and marketplaces, so that its name means one row.

        Raises
        ------
        InputError
            A file that is no rule file; see `sellerkit.policy.file.read_user_file`.
        """
        pack, text = read_user_file(path, self.rules)
        theirs = {_key(rule) for rule in pack.rule if rule.to is None}
        kept = tuple(rule for rule in self.rules if _key(rule) not in theirs)
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        return replace(
            self,
            name=f"{self.name} + {path.name} ({digest})",
            rules=kept + tuple(pack.rule),
            holidays=self.holidays + tuple(pack.holiday),
        )

    def rows(self, name: str) -> list[Rule]:
        """Return the rows of an id, or those that findings call so, in the order of their dates.

        Parameters
        ----------
        name : str
            ``crt.window_hours``, or as a finding's `rule` has it ``crt.window@2012-02-01``.

        Raises
        ------
        UsageError
            There is none; the message names those that are spelt alike.
        """
        found = [rule for rule in self.rules if name in (rule.id, rule.name)]
        if not found:
            said = near(name.partition("@")[0], (rule.id for rule in self.rules))
            raise UsageError(f"no rule is called {name[:80]}{said}")
        return sorted(found, key=lambda rule: (rule.layer, rule.marketplaces, rule.from_))

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
        rows = [rule for rule in self.rules if rule.id == rule_id] or self.rows(rule_id)
        chosen = self._choose(rows, at, None)
        for code in sorted({code for rule in rows for code in rule.marketplaces}):
            if marketplace is not None:
                here = (marketplace == code).to_numpy(bool)
                chosen = np.where(here, self._choose(rows, at, code), chosen)
        return Limit(rows, chosen, at.index)

    def value(
        self, rule_id: str, at: pd.Timestamp, marketplace: str | None = None
    ) -> tuple[Value | None, str]:
        """Look a limit up for one event: its value (None where there was no such rule) and row."""
        stores = pd.Series([marketplace], dtype="str")
        found = self.limit(rule_id, pd.Series([at]).dt.as_unit("us"), stores)
        value = found.value.iloc[0]
        return (None if pd.isna(value) else value), str(found.rule.iloc[0])

    def row(self, rule_id: str, at: pd.Timestamp, marketplace: str | None = None) -> Rule:
        """Return the row of a limit that held at an instant in a store.

        Raises
        ------
        UsageError
            No rule of that id.
        """
        rows = [rule for rule in self.rules if rule.id == rule_id] or self.rows(rule_id)
        return rows[self._choose(rows, pd.Series([at]).dt.as_unit("us"), marketplace)[0]]

    def _choose(self, rows: list[Rule], at: pd.Series, code: str | None) -> np.ndarray:
        """Return for each event the index of its row among `rows`."""
        instants = at if self.day is None else pd.Series(self.day, index=at.index)
        micros = instants.to_numpy("datetime64[us]")
        if self.moved is not None and self.day is None:
            micros = _moved(micros, *self.moved)
        order = sorted(
            range(len(rows)),
            key=lambda i: (rows[i].layer, bool(rows[i].marketplaces), rows[i].from_),
        )
        fits = [i for i in order if not rows[i].marketplaces or code in rows[i].marketplaces]
        default = [i for i in fits if not rows[i].marketplaces]
        first = min(default or fits or order, key=lambda i: rows[i].from_)
        chosen = np.full(len(at), first)
        for i in fits:
            begun = micros >= np.datetime64(rows[i].from_, "us")
            end = rows[i].to
            if end is not None:
                begun &= micros < np.datetime64(end, "us")
            chosen = np.where(begun, i, chosen)
        return chosen


def _moved(micros: np.ndarray, window: Window, to: Window) -> np.ndarray:
    """Return where instants would lie in another window; missing ones stay missing."""
    (since, until), (since_there, until_there) = window, to
    pace = (until_there - since_there) / (until - since)
    begun, begun_there = (
        at.to_datetime64().astype("datetime64[us]") for at in (since, since_there)
    )
    return np.asarray(begun_there + (micros - begun) * pace)


def _key(rule: Rule) -> tuple[str, dt.date, frozenset[str]]:
    return rule.id, rule.from_, frozenset(rule.marketplaces)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # a name that is too long for one
        return False


@functools.cache
def _shipped() -> Pack:
    """Return the rows of amazon.toml and, a file for each subject, of amazon_*.toml beside it."""
    folder = files(__package__)
    names = sorted(
        entry.name for entry in folder.iterdir()
        if entry.name.startswith("amazon") and entry.name.endswith(".toml")
    )  # fmt: skip
    packs = [parse(folder.joinpath(name).read_text("utf-8"), name) for name in names]
    return packs[0].model_copy(
        update={
            "rule": [rule for pack in packs for rule in pack.rule],
            "holiday": [holiday for pack in packs for holiday in pack.holiday],
            "event": sorted((e for pack in packs for e in pack.event), key=lambda e: e.date),
        }
    )
