"""What files gave → the lake's tables; each row is accounted for as new, updated or same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.lake import (
    ORDER_PARTS,
    QUARANTINE,
    Merged,
    Writer,
    merge,
    merge_orders,
    stands_alone,
)
from sellerkit.lake.forgotten import Forgotten
from sellerkit.read.ingest import conversations, notices
from sellerkit.read.ingest.account import FileAccount
from sellerkit.read.ingest.marking import merge_marks
from sellerkit.read.mail.evidence import MAILS
from sellerkit.read.mail.notices import NOTICES
from sellerkit.read.mail.telling import notices_of
from sellerkit.read.source import Context
from sellerkit.tables import HISTORIES, MESSAGES, NO_RESPONSE_NEEDED, ORDERS, SOLICITATIONS, Table

#: Tables whose rows are merged by themselves; messages and what their mails say hang together.
_BY_THEMSELVES = [table for table in HISTORIES.values() if table is not MESSAGES] + [SOLICITATIONS]

#: So many rows are merged at a time, all of a key together: ten million would not fit in memory.
CHUNK = 400_000


@dataclass(frozen=True)
class Incoming:
    """What the files of one ingest gave."""

    writer: Writer
    accounts: list[FileAccount]
    context: Context

    @cached_property
    def forgotten(self) -> Forgotten | None:
        """What the lake has forgotten by purges."""
        return Forgotten.of(self.writer.lake)

    def write(self) -> bool:
        """Write all of it; tell whether the lake says anything else than before."""
        changed = [self._table(table) for table in (*_BY_THEMSELVES, NO_RESPONSE_NEEDED)]
        return any([*changed, self._messages(), self._quarantine()])

    def _table(self, table: Table) -> bool:
        incoming = self._gathered(table)
        if incoming.empty:
            return False
        known = ORDER_PARTS if table is ORDERS else None
        on_file = [self.writer.lake.read(each) for each in (table, known) if each]
        changed = False
        alone = stands_alone(incoming, on_file, table)
        for rows, own, *before in _divided(incoming, alone, on_file, table):
            changed |= self._part(table, self._placed(rows), own, *before)
        return changed

    def _part(
        self,
        table: Table,
        incoming: pd.DataFrame,
        alone: np.ndarray,
        on_file: pd.DataFrame,
        parts: pd.DataFrame | None = None,
    ) -> bool:
        """Merge some rows; of orders with the partial records on file."""
        fresh = pd.DataFrame()
        if parts is not None:
            merged, fresh = merge_orders(on_file, parts, incoming, self.writer.version, alone)
            self.writer.upsert(ORDER_PARTS, fresh, only_new=True)
        elif table is NO_RESPONSE_NEEDED:
            merged = merge_marks(on_file, incoming)
        else:
            merged = merge(table, on_file, incoming, alone=alone)
        self._count(table, merged.outcomes)
        return self._upsert(table, merged) or len(fresh) > 0

    def _messages(self) -> bool:
        """Write messages; what depends on other mails is concluded anew from all of them."""
        incoming, mails, said = (
            self._placed(self._gathered(table)) for table in (MESSAGES, MAILS, NOTICES)
        )
        if incoming.empty:
            return self._of_notices()
        untold = conversations.untold(incoming, mails)
        if untold.any():
            incoming = conversations.with_words(incoming, untold)
            found = notices_of(incoming[untold], mails)
            said = pd.concat([said, _conformed(found, NOTICES)], ignore_index=True)
        lake = self.writer.lake
        update = conversations.update(lake.read(MESSAGES), lake.read(MAILS), incoming, mails)
        self.writer.upsert(MESSAGES, update.messages.changed, only_new=update.only_new)
        self.writer.remove(MESSAGES, update.removed)
        self._count(MESSAGES, update.messages.outcomes)
        self._count(MAILS, update.mails.outcomes)
        changed = self._upsert(MAILS, update.mails)
        changed |= len(update.messages.changed) + len(update.removed) > 0
        changed |= self._upsert(NOTICES, merge(NOTICES, lake.read(NOTICES), said))
        return self._of_notices() or changed

    def _of_notices(self) -> bool:
        """Write the returns and claims of which only Amazon's notices tell."""
        said = self.writer.read(NOTICES)
        if said.empty:
            return False
        on_file = {t.name: self.writer.read(t) for t in (tables.RETURNS, tables.CLAIMS)}
        stores = self.writer.read(ORDERS, ["order_id", "account", "marketplace"])
        made = notices.concluded(said, on_file["returns"], on_file["claims"], stores)
        changed = False
        for table, rows in ((tables.RETURNS, made.returns), (tables.CLAIMS, made.claims)):
            before = notices.made_by_mail(on_file[table.name], table)
            merged = merge(table, before, rows.assign(file=0), nulls_erase=True)
            gone = _keys(before, table)[~_index(before, table).isin(_index(rows, table))]
            changed |= self._upsert(table, merged) or len(gone) > 0
            self.writer.remove(table, gone)
            self._count(table, self._by_file(merged.outcomes, rows, table))
        self._warn(made.warnings)
        return changed

    def _by_file(self, outcomes: pd.DataFrame, rows: pd.DataFrame, table: Table) -> pd.DataFrame:
        """Return what became of rows that notices gave, for the notices of this ingest's files."""
        files = {account.sha256: n for n, account in enumerate(self.accounts) if account.parsed}
        place = _index(rows, table).get_indexer(_index(outcomes, table))
        file = rows["source_sha256"].iloc[place].map(files).to_numpy()
        told = ~pd.isna(file)
        return outcomes[told].assign(file=file[told].astype("int64"))

    def _warn(self, sentences: list[str]) -> None:
        """Add what notices leave open, where they are of this ingest's files."""
        for account in self.accounts:
            if account.parsed:
                mine = (f"{account.source}, ", f"{account.source}: ")
                account.parsed.warnings += [said for said in sentences if said.startswith(mine)]

    def _upsert(self, table: Table, merged: Merged) -> bool:
        only_new = not (merged.outcomes["outcome"] == "updated").any()
        self.writer.upsert(table, merged.changed, only_new=only_new)
        return len(merged.changed) > 0

    def _count(self, table: Table, outcomes: pd.DataFrame) -> None:
        """Add what became of each file's rows to its account."""
        counts = outcomes.groupby(["file", "outcome"], observed=True).size()
        for (file, outcome), size in counts.items():
            self.accounts[file].count(table.name, str(outcome), int(size))

    def _gathered(self, table: Table) -> pd.DataFrame:
        """Return rows of one table with their ``file``, in order of the files, which let them go.

        Files that give a few records each (a folder of a hundred thousand mails) make one frame.
        """
        frames: list[pd.DataFrame] = [pd.DataFrame()]
        records: list[dict[str, object]] = []
        for number, account in enumerate(self.accounts):
            rows = account.take_rows(table.name)
            if isinstance(rows, list):
                records.extend(row | {"file": number} for row in rows)
                continue
            frames += [pd.DataFrame.from_records(records)] if records else []
            # a column of one value costs less than nulls that are filled later
            named = {} if "account" in rows else {"account": self.context.account}
            frames.append(rows.assign(file=number, **named))
            records = []
        frames += [pd.DataFrame.from_records(records)] if records else []
        whole = pd.concat([_conformed(frame, table) for frame in frames], ignore_index=True)
        return self._translated(table, whole.fillna({"account": self.context.account}))

    def _translated(self, table: Table, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows as a lake that was purged knows them."""
        return self.forgotten.translated(table, rows) if self.forgotten else rows

    def _placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with the name and the hash of their files."""
        file = rows["file"].to_numpy()
        names = pd.Series([account.source for account in self.accounts], dtype="str")
        hashes = pd.Series([account.sha256 for account in self.accounts], dtype="str")
        return rows.assign(
            source=names.take(file).set_axis(rows.index),
            source_sha256=hashes.take(file).set_axis(rows.index),
        )

    def _quarantine(self) -> bool:
        rows = [
            {
                "account": self.context.account,
                "format": account.format,
                "reason": unit.reason,
                "raw": unit.raw,
                "source": account.source,
                "source_sha256": account.sha256,
                "source_pos": unit.pos,
                "file": number,
            }
            for number, account in enumerate(self.accounts)
            if account.parsed
            for unit in account.parsed.quarantined
        ]
        if not rows:
            return False
        incoming = self._translated(QUARANTINE, _conformed(pd.DataFrame(rows), QUARANTINE))
        return self._upsert(
            QUARANTINE, merge(QUARANTINE, self.writer.lake.read(QUARANTINE), incoming)
        )


def _conformed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return rows with the table's columns and ``file``; of orders also ``updated_at``."""
    full = tables.conform(frame, table)
    full["file"] = frame.get("file", pd.Series(dtype="int64")).astype("int64")
    if table is ORDERS:
        dated = frame.get("updated_at", pd.Series(pd.NaT, index=frame.index))
        full["updated_at"] = pd.to_datetime(dated, utc=True).astype(tables.TS_DTYPE)
    return full


def _divided(
    incoming: pd.DataFrame, alone: np.ndarray, on_file: list[pd.DataFrame], table: Table
) -> Iterator[tuple[Any, ...]]:
    """Yield rows, which of them stand alone, and those on file.

    Not too many at a time, and all of a key together.
    """
    parts = -(-len(incoming) // CHUNK)
    if parts == 1:
        yield incoming, alone, *on_file
    elif alone.all():  # a first ingest: any cut will do
        nothing = [frame.iloc[:0] for frame in on_file]
        for start in range(0, len(incoming), CHUNK):
            here = slice(start, start + CHUNK)
            yield incoming.iloc[here], alone[here], *nothing
    else:
        frames = [incoming, *on_file]
        places = [_hashes(frame[table.key[1]]) % np.uint64(parts) for frame in frames]
        for part in range(parts):
            rows, *before = (f[p == part] for f, p in zip(frames, places, strict=True))
            yield rows, alone[places[0] == part], *before


def _hashes(ids: pd.Series) -> np.ndarray:
    """Return a hash of each id; some at a time, since each is a Python object meanwhile."""
    slices = (ids.iloc[n : n + CHUNK].to_numpy(object) for n in range(0, len(ids), CHUNK))
    none = np.zeros(0, dtype="uint64")
    return np.concatenate([none, *(pd.util.hash_array(s, categorize=False) for s in slices)])


def _keys(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    return rows[list(table.key)]


def _index(rows: pd.DataFrame, table: Table) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(_keys(rows, table))
