"""The lake: a folder (or object store) of Delta Lake tables, committed all together or not at all.

Each table has Delta's own atomic commits, but an ingest writes several. The last thing that an
ingest writes is its rows in ``ingests``, and they name the Delta version of every table. What
they name is what a reader sees: so an ingest that dies half-way has changed nothing, and the next
one first takes its remains back.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from sellerkit import tables
from sellerkit.errors import InputError, LakeError
from sellerkit.lake.lock import only_writer
from sellerkit.lake.log import INGESTS, PURGED, TABLES
from sellerkit.lake.marks import with_marks
from sellerkit.lake.private import owner_only
from sellerkit.lake.rows import rows_of
from sellerkit.lake.told import with_told
from sellerkit.tables import Table

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Lake:
    """Histories at one version of a lake.

    Attributes
    ----------
    address : str
        A folder, or an address that Delta Lake understands (``s3://…``).
    version : int
        Number of the ingest that is seen; 0 is a lake into which nothing was ingested yet.
    """

    address: str
    version: int
    _versions: dict[str, int]

    @classmethod
    def open(cls, address: str | Path, version: int | None = None) -> Lake:
        """Open a lake for reading, at its newest version or at one of the past.

        Raises
        ------
        InputError
            There is no lake at the address, or it has no such version.
        """
        lake = cls._newest(str(address))
        if lake.version == 0:
            raise InputError(
                f"{address}: no lake here; make one with `sellerkit ingest PATH --lake {address}`"
            )
        if version is None or version == lake.version:
            return lake
        known = lake.ingests()
        row = known[known["version"] == version].head(1)
        if row.empty:
            raise InputError(
                f"{address}: no version {version}; it has versions 1 to {lake.version}"
            )
        versions = json.loads(row["versions"].iloc[0])
        if PURGED in versions:
            raise InputError(
                f"{address}: version {version} is gone: it held buyers’ data; the purge as of "
                f"{versions[PURGED]} left no version but its own"
            )
        return cls(str(address), version, versions)

    @classmethod
    def open_or_new(cls, address: str | Path) -> Lake:
        """Open a lake at its newest version; where there is none yet, an empty one."""
        return cls._newest(str(address))

    @classmethod
    def _newest(cls, address: str) -> Lake:
        try:
            log = DeltaTable(_join(address, INGESTS.name)).to_pyarrow_table(
                columns=["version", "versions"]
            )
        except TableNotFoundError:
            return cls(address, 0, {})
        except (DeltaError, OSError) as error:
            raise InputError(f"{address}: the lake cannot be read: {error}") from error
        if not log.num_rows:
            return cls(address, 0, {})
        rows = log.to_pandas().sort_values("version")
        return cls(address, int(rows["version"].iloc[-1]), json.loads(rows["versions"].iloc[-1]))

    def read(self, table: Table, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read a table as of this version; one that does not exist yet is empty."""
        if table.name not in self._versions:
            return tables.empty(table)
        place = _join(self.address, table.name)
        try:
            data = rows_of(DeltaTable(place, version=self._versions[table.name]), columns)
        except (DeltaError, OSError, pa.ArrowException) as error:
            raise InputError(f"{place}: the table cannot be read: {error}") from error
        if columns:
            return data.select(list(columns)).to_pandas()
        return tables.from_arrow(data, table)

    def histories(self, account: str | None = None) -> dict[str, pd.DataFrame]:
        """Return all that an audit looks at (`tables.AUDITED`), of all accounts or of one.

        Raises
        ------
        InputError
            No history of that account; the message lists those on file.
        """
        frames = {name: self.read(table) for name, table in tables.AUDITED.items()}
        marks = self.read(tables.NO_RESPONSE_NEEDED)
        frames["messages"] = with_marks(frames["messages"], marks)
        if tables.TOLD.name in self._versions:
            frames["messages"] = with_told(frames["messages"], self.read(tables.TOLD))
        if account is None:
            return frames
        known = accounts_of(frames)
        if account not in known:
            raise InputError(
                f"{self.address}: no account {account!r}; it has {', '.join(known) or 'none'}"
            )
        return {
            name: frame[frame["account"] == account].reset_index(drop=True)
            for name, frame in frames.items()
        }

    def ingests(self) -> pd.DataFrame:
        """Return the log of ingests up to this version, one row per file."""
        if self.version == 0:
            return tables.empty(INGESTS)
        log = DeltaTable(_join(self.address, INGESTS.name)).to_pyarrow_table()
        frame = tables.from_arrow(log, INGESTS)
        return frame[frame["version"] <= self.version].reset_index(drop=True)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Open the lake for writing; nothing is seen by readers until `Writer.commit`.

        Raises
        ------
        InputError
            Another process writes to the lake, or it cannot be written: no right to, a full disk.
        """
        with owner_only(), only_writer(self.address):
            newest = Lake._newest(self.address)
            writer = Writer(newest)
            try:
                writer.take_back_remains()
                yield writer
            except (DeltaError, OSError) as error:
                raise LakeError(
                    f"{self.address}: cannot be written: {_cause(error)}; nothing was changed"
                ) from error
            finally:
                writer.close()


class Writer:
    """The one that may write to a lake. `lake` is what was committed before."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.version = lake.version + 1
        # appends run beside the merging of the next rows; all else waits for them
        self._beside = ThreadPoolExecutor(max_workers=1)
        self._appends: list[Future[None]] = []

    def close(self) -> None:
        """Wait for appends under way. What went wrong in one, `commit` has raised."""
        self._beside.shutdown(wait=True)

    def _settle(self) -> None:
        appends, self._appends = self._appends, []
        for append in appends:
            append.result()

    def take_back_remains(self) -> None:
        """Undo what an ingest that died before its commit has left in the tables."""
        committed = self.lake._versions
        for name in _tables_at(self.lake.address):
            place = _join(self.lake.address, name)
            try:
                table = DeltaTable(place)
            except TableNotFoundError:
                continue
            if name not in committed:
                table.delete()
            elif table.version() != committed[name]:
                table.restore(committed[name])

    def read(self, table: Table, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read a table as it stands after what was written so far."""
        self._settle()
        place = _join(self.lake.address, table.name)
        if not DeltaTable.is_deltatable(place):
            return self.lake.read(table, columns)
        newest = {table.name: DeltaTable(place).version()}
        return Lake(self.lake.address, self.version, newest).read(table, columns)

    def upsert(self, table: Table, rows: pd.DataFrame, *, only_new: bool = False) -> None:
        """Write rows by key: insert the new ones, replace those on file."""
        if not len(rows):
            return
        place, data = _join(self.lake.address, table.name), tables.to_arrow(rows, table)
        if only_new:
            while len(self._appends) > 1:  # what waits to be written fills the memory
                self._appends.pop(0).result()
            self._appends.append(self._beside.submit(_append, place, data))
            return
        self._settle()
        if not DeltaTable.is_deltatable(place):
            _append(place, data)
            return
        same_key = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
        (
            DeltaTable(place)
            # a table that an earlier version of the kit wrote may lack a column
            .merge(data, same_key, source_alias="s", target_alias="t", merge_schema=True)
            .when_matched_update_all()
            .when_not_matched_insert_all()
            .execute()
        )

    def remove(self, table: Table, keys: pd.DataFrame) -> None:
        """Delete the rows of these keys."""
        self._settle()
        place = _join(self.lake.address, table.name)
        if not len(keys) or not DeltaTable.is_deltatable(place):
            return
        same_key = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
        data = pa.Table.from_pandas(keys[list(table.key)], preserve_index=False)
        merger = DeltaTable(place).merge(data, same_key, source_alias="s", target_alias="t")
        merger.when_matched_delete().execute()

    def commit(self, files: pd.DataFrame) -> Lake:
        """Make all that was written visible at once, with the account of each file read.

        Parameters
        ----------
        files : pd.DataFrame
            Columns of `INGESTS` but for version, ingested_at and versions.
        """
        versions = self._versions()
        rows = files.assign(
            version=self.version,
            ingested_at=dt.datetime.now(dt.UTC),
            versions=json.dumps(versions, sort_keys=True),
        )
        write_deltalake(
            _join(self.lake.address, INGESTS.name), tables.to_arrow(rows, INGESTS), mode="append"
        )
        return Lake(self.lake.address, self.version, versions)

    def replace(self, table: Table, rows: pd.DataFrame) -> None:
        """Write rows in the place of all that a table holds; its older versions stay."""
        self._settle()
        _overwrite(_join(self.lake.address, table.name), rows, table)

    def rewrite(self, log: pd.DataFrame, as_of: str) -> Lake:
        """Make what was written the newest version as it now is, and those before it gone.

        Parameters
        ----------
        log : pd.DataFrame
            `INGESTS`: all rows, as they are to stand.
        as_of : str
            Of the purge; a reader of an older version is told.
        """
        newest = json.dumps(versions := self._versions(), sort_keys=True)
        gone = json.dumps({PURGED: as_of})
        is_newest = log["version"] == self.lake.version
        rows = log.assign(versions=is_newest.map({True: newest, False: gone}))
        _overwrite(_join(self.lake.address, INGESTS.name), rows, INGESTS)
        return Lake(self.lake.address, self.lake.version, versions)

    def _versions(self) -> dict[str, int]:
        """Return the Delta version of each table as it stands."""
        self._settle()
        names = [n for n in _tables_at(self.lake.address) if n != INGESTS.name]
        places = {name: _join(self.lake.address, name) for name in names}
        return {
            name: DeltaTable(place).version()
            for name, place in sorted(places.items())
            if DeltaTable.is_deltatable(place)
        }


def _cause(error: Exception) -> str:
    """Return why something could not be written, in the system's own words without Delta's."""
    last = _COLOUR.sub("", str(error)).strip().rsplit("\n", 1)[-1].strip(" ↳│")
    return "the disk is full" if "os error 28" in last else last[-300:]


def _overwrite(place: str, rows: pd.DataFrame, table: Table) -> None:
    data = tables.to_arrow(rows, table)
    write_deltalake(place, data, mode="overwrite", schema_mode="overwrite")


def _append(place: str, data: pa.Table) -> None:
    # a table that an earlier version of the kit wrote may lack a column
    write_deltalake(place, data, mode="append", schema_mode="merge")


def accounts_of(histories: dict[str, pd.DataFrame]) -> list[str]:
    """Return the accounts that occur in histories, sorted."""
    found: set[Any] = set()
    for frame in histories.values():
        found.update(frame["account"].dropna().unique())
    return sorted(found)


def _tables_at(address: str) -> tuple[str, ...]:
    if "://" in address:
        return TABLES
    return tuple(name for name in TABLES if (Path(address) / name).is_dir())


def _join(address: str, name: str) -> str:
    return f"{address.rstrip('/')}/{name}"
