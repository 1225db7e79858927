"""One id → every row of a lake that has it, each with the file that it came from."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sellerkit.errors import InputError
from sellerkit.lake.log import QUARANTINE
from sellerkit.lake.merge import ORDER_PARTS
from sellerkit.lake.store import Lake
from sellerkit.tables import NO_RESPONSE_NEEDED, SOLICITATIONS

#: The column that names a row of a history, and the instant at which what it tells happened.
IDS = {
    "messages": ("message_id", "sent_at"),
    "orders": ("order_id", "purchased_at"),
    "returns": ("return_id", "requested_at"),
    "claims": ("claim_id", "filed_at"),
    "calls": ("call_id", "started_at"),
}

#: What happened to an order, told in the order of time.
EVENTS = ("returns", "claims", "calls", "messages", SOLICITATIONS.name)

_MOMENTS = {name: at for name, (_, at) in IDS.items()} | {SOLICITATIONS.name: "sent_at"}

#: An id that is not on file may be a slip; of so many like it the closest are named.
_CANDIDATES = 2000
_NAMED = 3


@dataclass(frozen=True)
class Record:
    """One row and where it is from.

    Attributes
    ----------
    table : str
        A history, ``solicitations``, ``order_parts`` or ``no_response_needed``.
    row : dict
        Its columns that are not null.
    form : str or None
        The format as which its file was read.
    """

    table: str
    row: dict[str, Any]
    form: str | None

    @property
    def at(self) -> pd.Timestamp | None:
        """When it happened."""
        return self.row.get(_MOMENTS[self.table]) if self.table in _MOMENTS else None


@dataclass(frozen=True)
class Found:
    """What one account has under an id.

    Attributes
    ----------
    table : str
        What the id is of: ``messages``, ``orders``, ``returns``, ``claims`` or ``calls``.
    account : str
    records : list of Record
        The row itself; of an order then its parts, its items and its events by time; last the
        marks that say that a message needs no response.
    """

    table: str
    account: str
    records: list[Record]

    def of(self, *tables: str) -> list[Record]:
        """Return the records of some tables."""
        return [record for record in self.records if record.table in tables]


def find(lake: Lake, wanted: str, account: str | None = None) -> list[Found]:
    """Return what each account has under an id.

    Parameters
    ----------
    lake : Lake
    wanted : str
        The id of an order, message, return, claim or call.
    account : str, optional
        One account only.

    Raises
    ------
    InputError
        No such account; or no such id, and then the closest ones are named, and where quarantine
        speaks of it.
    """
    frames = lake.histories(account)
    whole = frames | {
        ORDER_PARTS.name: lake.read(ORDER_PARTS),
        NO_RESPONSE_NEEDED.name: lake.read(NO_RESPONSE_NEEDED),
    }
    forms = forms_of(lake)
    found = [
        Found(name, owner, [Record(*pair, forms.get(_file(pair[1]))) for pair in rows])
        for name in IDS
        for owner in _owners(frames, name, wanted)
        for rows in [list(_rows(whole, name, owner, wanted))]
    ]
    if not found:
        raise InputError(_unknown(lake, frames, wanted))
    return found


def _owners(frames: dict[str, pd.DataFrame], name: str, wanted: str) -> list[str]:
    """Return the accounts that have the id; an order that only others speak of counts too."""
    speaking = ("order_items", *EVENTS) if name == "orders" else ()
    column = IDS[name][0]
    owners: set[str] = set()
    for frame in (frames[own] for own in (name, *speaking)):
        owners.update(frame.loc[(frame[column] == wanted).to_numpy(bool), "account"])
    return sorted(owners)


def _rows(
    frames: dict[str, pd.DataFrame], name: str, owner: str, wanted: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the table and the columns of every row of an id."""
    column = IDS[name][0]
    own = list(_where(frames[name], owner, column, wanted))
    yield from ((name, row) for row in own)
    marked = {("message", wanted)} if name == "messages" else {("order", wanted)}
    if name == "orders":
        parts = _where(frames[ORDER_PARTS.name], owner, column, wanted)
        for row in sorted(parts, key=_arrival):
            yield ORDER_PARTS.name, row
        for row in _where(frames["order_items"], owner, column, wanted):
            yield "order_items", row
        events = [(t, row) for t in EVENTS for row in _where(frames[t], owner, column, wanted)]
        yield from sorted(events, key=lambda event: event[1][_MOMENTS[event[0]]])
        marked |= {("message", row["message_id"]) for table, row in events if table == "messages"}
    elif name == "messages":
        marked |= {("order", row["order_id"]) for row in own if "order_id" in row}
    for kind, marks in sorted(marked if name in ("orders", "messages") else ()):
        for row in _where(frames[NO_RESPONSE_NEEDED.name], owner, "marks", marks):
            if row["kind"] == kind:
                yield NO_RESPONSE_NEEDED.name, row


def _where(frame: pd.DataFrame, owner: str, column: str, value: str) -> Iterator[dict[str, Any]]:
    rows = frame[((frame["account"] == owner) & (frame[column] == value)).to_numpy(bool)]
    for row in rows.to_dict("records"):
        yield {str(name): said for name, said in row.items() if pd.notna(said)}


def _arrival(part: dict[str, Any]) -> tuple[int, str, int]:
    """Order parts as they came, as the merge of orders does."""
    return part["arrived"], part.get("source", ""), part.get("source_pos", 0)


def forms_of(lake: Lake) -> dict[tuple[str, str], str]:
    """Return the format as which each file was read, by its name and SHA-256."""
    log = lake.ingests().sort_values("version")
    log = log[log["format"].notna()]
    files = zip(log["source"], log["source_sha256"], strict=True)
    return dict(zip(files, log["format"], strict=True))


def _file(row: dict[str, Any]) -> tuple[str, str]:
    return row.get("source", ""), row.get("source_sha256", "")


def _unknown(lake: Lake, frames: dict[str, pd.DataFrame], wanted: str) -> str:
    """Say that an id is not on file, and what may have been meant."""
    what = f"{lake.address}: no order, message, return, claim or call has the id {wanted[:200]}"
    close = _close(frames, wanted)
    if close:
        what += f"; do you mean {' or '.join(close)}?"
    aside = lake.read(QUARANTINE)
    speaking = aside[aside["raw"].str.contains(wanted, regex=False).fillna(False).to_numpy(bool)]
    if len(speaking):
        row = speaking.iloc[0]
        what += (
            f"; quarantine holds {len(speaking):,} that name it, the first from {row['source']}, "
            f"position {row['source_pos']}: {row['reason']}"
        )
    return what


def _close(frames: dict[str, pd.DataFrame], wanted: str) -> list[str]:
    ids = pd.concat([frames[name][column] for name, (column, _) in IDS.items()])
    ids = ids.drop_duplicates()
    head, tail = wanted[:6], wanted[-6:]
    like = ids.str.startswith(head) | ids.str.endswith(tail) | ids.str.contains(wanted, regex=False)
    some = ids[like.to_numpy(bool)].head(_CANDIDATES)
    return difflib.get_close_matches(wanted[:200], some.tolist(), n=_NAMED, cutoff=0.6)
