"""What is new of an account since it was told last: due, missed, limits crossed, quiet sources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sellerkit.config import Limits
from sellerkit.deliver.limits import Share, crossed
from sellerkit.deliver.owed import read_owed
from sellerkit.deliver.quiet import Quiet, quiet_sources
from sellerkit.deliver.words import counted, words
from sellerkit.errors import InputError
from sellerkit.incidents import Brought
from sellerkit.report.findings import SUMMARY
from sellerkit.show.words import (
    format_kind,
    format_limit,
    format_moment,
    format_share,
    format_span,
)

Kind = Literal["missed", "late", "older", "due", "limit", "quiet"]


@dataclass(frozen=True)
class Item:
    """One thing that is new.

    Attributes
    ----------
    kind : str
        ``missed``: its time ran out since the last run; ``late``: so it did, and it was written
        after; ``older``: missed before the last run, which did not know of it; ``due``: its time
        runs out soon; ``limit``, ``quiet``.
    id : str
        The same in each run, so that it is told once.
    line : str
        A sentence; of a duty with the id of its order, as pages have it, and nothing else of the
        buyer.
    """

    kind: Kind
    id: str
    line: str


@dataclass(frozen=True)
class News:
    """What is new of one account.

    Attributes
    ----------
    since : pd.Timestamp or None
        As of when it was told last; None in a first run.
    as_of : pd.Timestamp
    due_hours : float
    due : int
        How many duties are due within the hours, those that were told among them.
    items : tuple of Item
    """

    since: pd.Timestamp | None
    as_of: pd.Timestamp
    due_hours: float
    due: int
    items: tuple[Item, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is new."""
        return not self.items

    def without(self, ids: AbstractSet[str]) -> News:
        """Return what is new but for what was told already."""
        return replace(self, items=tuple(item for item in self.items if item.id not in ids))

    def headline(self) -> str:
        """Return all of it in one sentence, without anything of a buyer's."""
        said = []
        hours = format_limit(self.due_hours)
        for kind in ("missed", "late", "older", "due"):
            count = sum(item.kind == kind for item in self.items)
            name = "due_more" if kind == "due" and count < self.due else kind
            if count:
                said.append(counted("headline", name, count, hours=hours, all=f"{self.due:,}"))
        said += [item.line for item in self.items if item.kind in ("limit", "quiet")]
        sentence = "; ".join(said)
        return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


@dataclass(frozen=True)
class _Look:
    """One run's findings, as far as they are told."""

    as_of: pd.Timestamp
    since: pd.Timestamp
    summary: dict[str, Any]
    owed: pd.DataFrame

    @classmethod
    def read(cls, folder: Path) -> _Look:
        place = folder / SUMMARY
        try:
            summary = json.loads(place.read_text("utf-8"))
            moments = (summary["as_of"], summary["window"]["since"])
            as_of, since = (pd.Timestamp(text).tz_convert("UTC").as_unit("us") for text in moments)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"{place}: cannot be read ({type(error).__name__}); where {folder} is removed, "
                "all is told as in a first run"
            ) from error
        return cls(as_of, since, summary, read_owed(folder))


def news(
    previous: Path | None,
    findings: Path,
    *,
    as_of: pd.Timestamp,
    due_hours: float,
    limits: Limits,
    fetched: Sequence[Brought],
    zone: str = "UTC",
) -> News:
    """Tell what is new of an account.

    Parameters
    ----------
    previous : Path or None
        The folder of the findings that were told last; None at first: then what was missed in
        the window is new.
    findings : Path
        Those of this run, with `owed.OWED` in their folder.
    as_of : pd.Timestamp
        UTC.
    due_hours : float
        What falls due within so many hours is told, once.
    limits : Limits
    fetched : sequence of Brought
        What the account's sources brought in all runs, oldest first.
    zone : str
        In which times are shown.

    Raises
    ------
    InputError
        Findings that cannot be read.
    """
    now = _Look.read(findings)
    before = _Look.read(previous) if previous else None
    since = before.as_of if before else None
    soon = _soon(now, as_of, due_hours)
    known = _soon(before, before.as_of, due_hours) if before else None
    shares = crossed(now.summary, before.summary if before else None, limits)
    items = [
        *_over(now, before, zone),
        *(_duty("due", row, zone) for row in _not_in(soon, known)),
        *(_limit(share) for share in shares),
        *(_silence(one) for one in quiet_sources(fetched, as_of, since)),
    ]
    return News(since, as_of, due_hours, len(soon), tuple(items))


def _soon(look: _Look, as_of: pd.Timestamp, hours: float) -> pd.DataFrame:
    """Return what is open and due within some hours, the most urgent first."""
    owed = look.owed
    soon = owed["due_at"] <= as_of + pd.Timedelta(hours=hours)
    return owed[(owed["status"] == "open") & soon]


def _not_in(rows: pd.DataFrame, others: pd.DataFrame | None) -> list[dict[str, Any]]:
    known = set() if others is None else set(others["key"])
    found: list[dict[str, Any]] = rows[~rows["key"].isin(known)].to_dict("records")
    return found


def _over(now: _Look, before: _Look | None, zone: str) -> Iterator[Item]:
    """Give the duties whose time ran out and of which the earlier run did not say so."""
    over = now.owed[now.owed["status"] != "open"]
    if before is None:
        rows = over[(over["status"] == "missed") & (over["trigger_at"] >= now.since)]
        yield from (_duty("missed", row, zone) for row in rows.to_dict("records"))
        return
    for row in _not_in(over, before.owed[before.owed["status"] != "open"]):
        if row["due_at"] > before.as_of:
            yield _duty(row["status"], row, zone)
        elif row["status"] == "missed":
            yield _duty("older", row, zone)


def _duty(kind: Kind, row: dict[str, Any], zone: str) -> Item:
    said = words()["line"]
    order = said["order"].format(order=row["order_id"]) if pd.notna(row["order_id"]) else ""
    line = said[kind].format(
        what=format_kind(row["kind"], row["problem"]), order=order,
        due=format_moment(row["due_at"], zone, weekday=True),
    )  # fmt: skip
    return Item(kind, f"{kind}/{row['key']}", line)


def _limit(share: Share) -> Item:
    said = words()["limit"]
    values = dict.fromkeys((share.lowest, share.highest))
    line = said[share.state].format(
        what=said[share.name], share=" to ".join(format_share(value) for value in values),
        limit=format_share(share.limit),
    )  # fmt: skip
    return Item("limit", f"limit/{share.name}/{share.state}", line)


def _silence(one: Quiet) -> Item:
    said = words()["quiet"]["longer" if one.longest else "never"]
    spans = {"span": format_span(one.span), "longest": format_span(one.longest)}
    line = said.format(source=one.source, **spans)
    return Item("quiet", f"quiet/{one.source}/{one.since.isoformat()}", line)
