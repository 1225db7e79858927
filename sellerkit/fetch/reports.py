"""The reports that Amazon can be asked for, and the periods in which it takes the requests."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from sellerkit.errors import UsageError


@dataclass(frozen=True)
class Report:
    """One row of reports.toml, which explains the fields."""

    name: str
    type: str
    about: str
    kind: Literal["requested", "listed", "orders"]
    dated: bool
    suffix: str
    roles: list[str]
    days: int | None = None
    english: bool = False
    private: bool = False


@functools.cache
def reports() -> dict[str, Report]:
    """Return every report by its name."""
    text = files(__package__).joinpath("reports.toml").read_text("utf-8")
    return {name: Report(name, **row) for name, row in tomllib.loads(text).items()}


def chosen_reports(names: Iterable[str]) -> list[Report]:
    """Return the reports of these names, without any name all of them.

    Raises
    ------
    UsageError
        There is none of that name; the message lists those that there are.
    """
    known = reports()
    for name in names:
        if name not in known:
            raise UsageError(f"--report {name}: no such report; there are {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names)] or list(known.values())


def periods(
    since: dt.datetime, until: dt.datetime, days: int | None
) -> list[tuple[dt.datetime, dt.datetime]]:
    """Part a period into pieces of at most so many days, each beginning where the last one ends.

    Examples
    --------
    >>> first, last = dt.datetime(2026, 1, 1), dt.datetime(2026, 2, 10)
    >>> [(a.day, b.day) for a, b in periods(first, last, 30)]
    [(1, 31), (31, 10)]
    """
    step = dt.timedelta(days=days) if days else until - since
    pieces = []
    while since < until:
        pieces.append((since, min(since + step, until)))
        since += step
    return pieces


def instant(text: str, option: str) -> dt.datetime:
    """Read ISO 8601; a day alone is its midnight, without an offset it is UTC.

    Raises
    ------
    UsageError
        It is no such thing; the message names the option.
    """
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: no date or time; write it as 2026-10-05") from error
    return read.replace(tzinfo=dt.UTC) if read.tzinfo is None else read.astimezone(dt.UTC)


def written(moment: dt.datetime) -> str:
    """Return an instant as Amazon takes it, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
