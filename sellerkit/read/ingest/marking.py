"""Marks into the lake and out of it: which messages need no response, by the seller's own word.

A mark names a message or an order. Marks stand in a table of their own and are laid over the
messages when these are read, so a list may come before its mails. Marking and taking back make a
version of the lake as an ingest does, and stand in its log.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sellerkit
from sellerkit import tables
from sellerkit.errors import InputError
from sellerkit.lake import QUARANTINE, Lake, Merged, Writer, merge
from sellerkit.lake.marks import with_marks
from sellerkit.read import marks
from sellerkit.read.ingest.account import FileAccount
from sellerkit.read.source import Context, Source
from sellerkit.tables import MESSAGES, NO_RESPONSE_NEEDED

#: How a pasted list is called in the log of ingests.
PASTED = marks.PASTED.name

_KEY = list(NO_RESPONSE_NEEDED.key)
#: What is looked at of a message: not its text, which is most of a lake.
_SEEN = ("account", "message_id", "order_id", "sender", "sent_at", "no_response_needed")
_FOREVER = np.iinfo("int64").max


@dataclass(frozen=True)
class MarkReport:
    """What a list did.

    Attributes
    ----------
    files : list of FileAccount
        What was read, in lines; for each ``tables`` the marks ``new``, ``updated``, ``same``.
    marks : pd.DataFrame
        One row for each id: account, kind (``message`` or ``order``), marks (the id), marked_at,
        outcome (``new``, ``updated``, ``same``; ``taken back``, ``not marked``) and messages:
        how many buyers' messages on file it names.
    marked : int
        How many buyers' messages of these accounts are marked now, by whatever.
    still_marked : dict of str to int
        After taking back: ids of which messages are marked still, by another mark or by the file
        that the message came from, and how many.
    lake : Lake
    """

    files: list[FileAccount]
    marks: pd.DataFrame
    marked: int
    still_marked: dict[str, int]
    lake: Lake

    @property
    def unmatched(self) -> list[str]:
        """Ids that no buyer's message on file has."""
        return self.marks.loc[self.marks["messages"] == 0, "marks"].tolist()

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON holds it."""
        moments = self.marks["marked_at"]
        text = moments.map(lambda t: t.isoformat()).astype("object").where(moments.notna(), None)
        return {
            "files": [account.as_dict() for account in self.files],
            "marks": self.marks.assign(marked_at=text).to_dict("records"),
            "unmatched": self.unmatched,
            "still_marked": self.still_marked,
            "messages_marked": self.marked,
            "lake_version": self.lake.version,
        }


def mark(
    lists: Sequence[Source],
    lake: str | Path,
    context: Context,
    *,
    now: pd.Timestamp,
    at: pd.Timestamp | None = None,
) -> MarkReport:
    """Mark the messages and orders that lists name as needing no response.

    Parameters
    ----------
    lists : sequence of Source
        `no_response_needed.csv`, or ids as somebody pasted them.
    lake : str or Path
        Made where there is none yet: a list may come before its mails.
    context : Context
        The account, where a list does not name it.
    now : pd.Timestamp
        A pasted list marks an order's messages sent before this, unless `at` says otherwise:
        what the buyer writes later was not seen by who made the list.
    at : pd.Timestamp, optional
        The same for every line that names no time of its own, those of a CSV too.

    Raises
    ------
    InputError
        A list names nothing, or is no text; the lake cannot be written.
    """
    with Lake.open_or_new(lake).writing() as writer:
        known = _message_ids(writer.lake)
        files = [_read(source, context, known) for source in lists]
        incoming = _gathered(files, now, at)
        merged = merge_marks(writer.lake.read(NO_RESPONSE_NEEDED), incoming)
        writer.upsert(NO_RESPONSE_NEEDED, merged.changed)
        _count(files, merged.outcomes)
        set_aside = _write_quarantine(writer, files, context)
        committed = writer.lake
        if len(merged.changed) or set_aside:
            committed = writer.commit(_log(files, context, "mark"))
    outcomes = merged.outcomes.drop_duplicates(_KEY, keep="first")
    asked = incoming[_KEY].drop_duplicates().merge(outcomes, on=_KEY)
    return _report(files, asked.merge(committed.read(NO_RESPONSE_NEEDED), on=_KEY), committed)


def unmark(
    lists: Sequence[Source] | None, lake: str | Path, context: Context, *, name: str = "all marks"
) -> MarkReport:
    """Take marks back, from the next version of the lake on; the versions before keep them.

    Parameters
    ----------
    lists : sequence of Source or None
        What to take back, as for `mark`; None takes back all marks of the account.
    lake : str or Path
    context : Context
    name : str
        What stands in the log as the source, where no list was given.

    Raises
    ------
    InputError
        No lake here; a list names nothing.
    """
    with Lake.open(lake).writing() as writer:
        on_file = writer.lake.read(NO_RESPONSE_NEEDED)
        if lists is None:
            files = [_nothing_read(name)]
            asked = on_file.loc[on_file["account"] == context.account, _KEY]
        else:
            named = on_file.loc[on_file["kind"] == "message", "marks"]
            known = _message_ids(writer.lake) | frozenset(named)
            files = [_read(source, context, known) for source in lists]
            asked = _gathered(files, None, None)[_KEY].drop_duplicates()
        found = asked.merge(on_file, on=_KEY, how="left", indicator="where")
        there = (found["where"] == "both").to_numpy(bool)
        writer.remove(NO_RESPONSE_NEEDED, found.loc[there, _KEY])
        files[0].tables = {NO_RESPONSE_NEEDED.name: _counts() | {"removed": int(there.sum())}}
        committed = writer.lake
        if there.any():
            committed = writer.commit(_log(files, context, "unmark"))
    outcome = np.where(there, "taken back", "not marked")
    return _report(files, found.assign(outcome=outcome), committed, taken_back=True)


def merge_marks(on_file: pd.DataFrame, incoming: pd.DataFrame) -> Merged:
    """Merge marks into those on file: of two for one id the one that reaches further stands.

    A mark without `marked_at` reaches furthest: it marks every message of its order. (For `merge`
    a null says nothing; here it says the most.)

    Parameters
    ----------
    on_file : pd.DataFrame
        `NO_RESPONSE_NEEDED`.
    incoming : pd.DataFrame
        The same columns and ``file``, oldest first.
    """
    rows = pd.concat([on_file.assign(file=-1), incoming], ignore_index=True)
    micros = rows["marked_at"].astype("int64")
    rows["reach"] = micros.where(rows["marked_at"].notna(), _FOREVER)
    rows = rows.sort_values([*_KEY, "file", "reach"], kind="stable")
    rows = rows.drop_duplicates([*_KEY, "file"], keep="last")
    rows["furthest"] = rows.groupby(_KEY)["reach"].cummax()
    new = ~rows.duplicated(_KEY)
    wider = ~new & (rows["furthest"] > rows.groupby(_KEY)["furthest"].shift().fillna(0))
    rows["outcome"] = np.select([new, wider], ["new", "updated"], "same")
    arrived = rows[rows["file"] >= 0]
    changed = arrived[arrived["outcome"] != "same"].drop_duplicates(_KEY, keep="last")
    return Merged(
        tables.conform(changed.reset_index(drop=True), NO_RESPONSE_NEEDED),
        arrived[[*_KEY, "file", "outcome"]].reset_index(drop=True),
    )


def _read(source: Source, context: Context, known: Collection[str]) -> FileAccount:
    """Read one list, as the CSV if its header says so, else as pasted."""
    begun = time.perf_counter()
    is_csv = marks.matches(source)
    parsed = marks.parse(source, context) if is_csv else marks.parse_pasted(source, context, known)
    if not len(parsed.tables[NO_RESPONSE_NEEDED.name]):
        raise InputError(
            f"{source.name}: it names no order and no message; write one order id or Message-ID "
            "a line, or a CSV with the column order_id or message_id, and marked_at"
        )
    return FileAccount(
        source.name,
        source.sha256,
        marks.NO_RESPONSE_NEEDED.name if is_csv else PASTED,
        parsed.read,
        dict(parsed.skipped),
        len(parsed.quarantined),
        time.perf_counter() - begun,
        parsed=parsed,
    )


def _nothing_read(name: str) -> FileAccount:
    return FileAccount(name, hashlib.sha256(b"").hexdigest(), None, 0, {}, 0, 0.0)


def _gathered(
    files: list[FileAccount], now: pd.Timestamp | None, at: pd.Timestamp | None
) -> pd.DataFrame:
    """Return the marks of all lists, with ``file``, the files' names, and their times filled in."""
    frames = []
    for number, account in enumerate(files):
        assert account.parsed is not None
        frame = pd.DataFrame(account.parsed.tables[NO_RESPONSE_NEEDED.name])
        frame = tables.conform(
            frame.assign(source=account.source, source_sha256=account.sha256), NO_RESPONSE_NEEDED
        )
        moment = at if at is not None else now if account.format == PASTED else None
        if moment is not None:
            frame["marked_at"] = frame["marked_at"].fillna(moment)
        frames.append(frame.assign(file=number))
    return pd.concat(frames, ignore_index=True)


def _message_ids(lake: Lake) -> frozenset[str]:
    return frozenset(lake.read(MESSAGES, ["message_id"])["message_id"])


def _counts() -> dict[str, int]:
    return {"rows": 0, "new": 0, "updated": 0, "same": 0}


def _count(files: list[FileAccount], outcomes: pd.DataFrame) -> None:
    for (file, outcome), size in outcomes.groupby(["file", "outcome"]).size().items():
        own = files[file].tables.setdefault(NO_RESPONSE_NEEDED.name, _counts())
        own[str(outcome)] += int(size)
        own["rows"] += int(size)


def _report(
    files: list[FileAccount], listed: pd.DataFrame, lake: Lake, *, taken_back: bool = False
) -> MarkReport:
    messages = with_marks(lake.read(MESSAGES, _SEEN), lake.read(NO_RESPONSE_NEEDED))
    buyers = messages[(messages["sender"] == "buyer").to_numpy(bool)]
    named = _named(listed, buyers)
    counted = named.groupby(_KEY).size().rename("messages").reset_index()
    rows = listed[[*_KEY, "marked_at", "outcome"]].merge(counted, on=_KEY, how="left")
    rows["messages"] = rows["messages"].fillna(0).astype("int64")
    still = named[named["no_response_needed"].to_numpy(bool)]
    left = still.groupby("marks").size() if taken_back else pd.Series(dtype="int64")
    ours = buyers[buyers["account"].isin(listed["account"]).to_numpy(bool)]
    return MarkReport(
        files,
        rows,
        int(ours["no_response_needed"].sum()),
        {str(marks): int(size) for marks, size in left.items()},
        lake,
    )


def _named(listed: pd.DataFrame, buyers: pd.DataFrame) -> pd.DataFrame:
    """Return the buyers' messages that each mark names: by its id, or by its order and the time."""
    found = []
    for kind in ("message", "order"):
        own = listed[listed["kind"] == kind]
        right = buyers.assign(marks=buyers[f"{kind}_id"])
        pairs = own.merge(
            right[["account", "marks", "sent_at", "no_response_needed"]], on=["account", "marks"]
        )
        inside = pairs["marked_at"].isna() | (pairs["sent_at"] < pairs["marked_at"])
        found.append(pairs[inside | (kind == "message")])
    return pd.concat(found, ignore_index=True)


def _write_quarantine(writer: Writer, files: list[FileAccount], context: Context) -> bool:
    """Keep the lines without an id, as an ingest does."""
    rows = [
        {
            "account": context.account,
            "format": account.format,
            "reason": unit.reason,
            "raw": unit.raw,
            "source": account.source,
            "source_sha256": account.sha256,
            "source_pos": unit.pos,
            "file": number,
        }
        for number, account in enumerate(files)
        if account.parsed
        for unit in account.parsed.quarantined
    ]
    if not rows:
        return False
    incoming = pd.DataFrame(rows)
    own = tables.conform(incoming, QUARANTINE).assign(file=incoming["file"])
    changed = merge(QUARANTINE, writer.lake.read(QUARANTINE), own).changed
    writer.upsert(QUARANTINE, changed)
    return len(changed) > 0


def _log(files: list[FileAccount], context: Context, did: str) -> pd.DataFrame:
    """Return the rows of the log; `reading` tells that they were marked, or taken back."""
    rows = []
    for account in files:
        said = account.as_dict()
        kept = ("source", "format", "read", "used", "quarantined", "seconds")
        rows.append(
            {name: said[name] for name in kept}
            | {
                "account": context.account,
                "source_sha256": account.sha256,
                "reading": f"{did}|{sellerkit.__version__}|{context.account}",
                "skipped": json.dumps(said["skipped"], sort_keys=True),
                "tables": json.dumps(account.tables, sort_keys=True),
            }
        )
    return pd.DataFrame(rows)
