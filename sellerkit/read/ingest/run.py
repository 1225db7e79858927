"""Files in, a new version of the lake out, and every unit read accounted for.

The one place that knows readers, texts and the lake. Files are read one by one into `Parsed`;
their rows are merged table by table; the lake shows all of it at once, or nothing.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

import sellerkit
from sellerkit import tables
from sellerkit.errors import InputError
from sellerkit.lake import (
    INGESTS,
    ORDER_PARTS,
    QUARANTINE,
    Lake,
    Merged,
    Writer,
    merge,
    merge_orders,
)
from sellerkit.read import registry
from sellerkit.read.files import sources
from sellerkit.read.ingest import conversations
from sellerkit.read.ingest.account import FileAccount, IngestReport
from sellerkit.read.mail.evidence import MAILS
from sellerkit.read.source import Context, Format, Parsed, Rows, Source
from sellerkit.tables import HISTORIES, Table

#: Tables that rows may be of.
_TABLES: dict[str, Table] = {
    table.name: table for table in (*HISTORIES.values(), tables.NO_RESPONSE_NEEDED, MAILS)
}

UNKNOWN = "unknown format"


def ingest(
    paths: Iterable[Path],
    lake: str | Path,
    context: Context,
    *,
    format_name: str | None = None,
    on_file: Callable[[str], None] = lambda name: None,
) -> IngestReport:
    """Read files, folders, archives and mailboxes into the lake.

    Parameters
    ----------
    paths : iterable of Path
    lake : str or Path
        Made where there is none yet.
    context : Context
        Account, store, and the seller's own addresses.
    format_name : str, optional
        Read every file as this format, instead of telling it from the content.
    on_file : callable
        Told each file's name before it is read.

    Returns
    -------
    IngestReport
        The same files again give no new and no updated rows, and leave the lake's version.

    Raises
    ------
    InputError
        A path that does not exist, a file that cannot be read as what it is, no file of a known
        format, or a lake that cannot be written. Nothing was changed then.
    """
    chosen = registry.by_name(format_name) if format_name else None
    paths = list(paths)
    before = _read_before(Lake.open_or_new(lake).ingests())
    reading = _reading(context, chosen)
    accounts = []
    for source in sources(paths):
        on_file(source.name)
        # hashing a large file takes a while: a new lake knows none
        known = before.get((source.sha256, reading)) if before else None
        accounts.append(_known(source, known) if known else _read(source, context, chosen))
    _refuse_the_unreadable(paths, accounts)
    if not any(account.parsed for account in accounts):
        return IngestReport(accounts, Lake.open_or_new(lake))
    with Lake.open_or_new(lake).writing() as writer:
        return _write(writer, accounts, context, reading)


def _read(source: Source, context: Context, chosen: Format | None) -> FileAccount:
    begun = time.perf_counter()
    form = chosen or registry.detect(source)
    if form is None:
        parsed = Parsed(read=1, skipped=Counter({UNKNOWN: 1}))
    else:
        parsed = form.parse(source, context)
    return FileAccount(
        source.name,
        source.sha256,
        form.name if form else None,
        parsed.read,
        dict(parsed.skipped),
        len(parsed.quarantined),
        time.perf_counter() - begun,
        parsed=parsed,
    )


def _read_before(log: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the account of each file that the lake has read, by its hash and how it was read."""
    rows = log.drop_duplicates(["source_sha256", "reading"], keep="first")
    return {(row["source_sha256"], row["reading"]): row for row in rows.to_dict("records")}


def _known(source: Source, row: dict[str, Any]) -> FileAccount:
    """Account for a file that the lake has read: the same bytes say the same again."""
    counts = {name: own["rows"] for name, own in json.loads(row["tables"]).items()}
    return FileAccount(
        source.name,
        source.sha256,
        row["format"] if isinstance(row["format"], str) else None,
        int(row["read"]),
        json.loads(row["skipped"]),
        int(row["quarantined"]),
        0.0,
        {n: {"rows": size, "new": 0, "updated": 0, "same": size} for n, size in counts.items()},
    )


def _refuse_the_unreadable(paths: list[Path], accounts: list[FileAccount]) -> None:
    if not accounts:
        raise InputError(f"{', '.join(map(str, paths))}: no files here")
    if any(account.format for account in accounts):
        return
    what = accounts[0].source if len(accounts) == 1 else f"{len(accounts)} files"
    raise InputError(
        f"{what}: no format that sellerkit knows; "
        "`sellerkit formats` lists them, --format names one"
    )


def _reading(context: Context, chosen: Format | None) -> str:
    """Name the options under which a file is read: under others it may say something else."""
    own = ",".join(sorted(context.own_addresses))
    form = chosen.name if chosen else ""
    store = context.marketplace or ""
    return "|".join((sellerkit.__version__, context.account, store, form, own))


def _write(
    writer: Writer, accounts: list[FileAccount], context: Context, reading: str
) -> IngestReport:
    changed = _write_histories(writer, accounts, context)
    changed |= _write_quarantine(writer, accounts, context)
    if not changed:
        return IngestReport(accounts, writer.lake)
    return IngestReport(accounts, writer.commit(_log_rows(accounts, context, reading)))


def _write_histories(writer: Writer, accounts: list[FileAccount], context: Context) -> bool:
    frames = {name: _gathered(accounts, name, context) for name in _TABLES}
    changed = False
    for name, incoming in frames.items():
        if name == "messages" and len(incoming) + len(frames[MAILS.name]):
            changed |= _write_messages(writer, incoming, frames[MAILS.name], accounts)
        elif not len(incoming) or name == MAILS.name:
            continue
        elif name == "orders":
            changed |= _write_orders(writer, incoming, accounts)
        else:
            merged = merge(_TABLES[name], writer.lake.read(_TABLES[name]), incoming)
            changed |= _upsert(writer, _TABLES[name], merged)
            _count(accounts, name, merged.outcomes)
    return changed


def _write_orders(writer: Writer, incoming: pd.DataFrame, accounts: list[FileAccount]) -> bool:
    lake = writer.lake
    merged, parts = merge_orders(
        lake.read(tables.ORDERS), lake.read(ORDER_PARTS), incoming, writer.version
    )
    writer.upsert(ORDER_PARTS, parts, only_new=True)
    _count(accounts, "orders", merged.outcomes)
    return _upsert(writer, tables.ORDERS, merged) or len(parts) > 0


def _write_messages(
    writer: Writer, incoming: pd.DataFrame, mails: pd.DataFrame, accounts: list[FileAccount]
) -> bool:
    """Merge messages; what depends on other mails is concluded anew from all of them."""
    lake = writer.lake
    update = conversations.update(lake.read(tables.MESSAGES), lake.read(MAILS), incoming, mails)
    writer.upsert(MAILS, update.mails.changed, only_new=_only_new(update.mails))
    writer.upsert(tables.MESSAGES, update.messages.changed, only_new=update.only_new)
    writer.remove(tables.MESSAGES, update.removed)
    _count(accounts, "messages", update.messages.outcomes)
    _count(accounts, MAILS.name, update.mails.outcomes)
    return len(update.messages.changed) + len(update.mails.changed) + len(update.removed) > 0


def _upsert(writer: Writer, table: Table, merged: Merged) -> bool:
    writer.upsert(table, merged.changed, only_new=_only_new(merged))
    return len(merged.changed) > 0


def _only_new(merged: Merged) -> bool:
    return not (merged.outcomes["outcome"] == "updated").any()


def _count(accounts: list[FileAccount], name: str, outcomes: pd.DataFrame) -> None:
    """Add what became of each file's rows to its account."""
    counts = outcomes.groupby(["file", "outcome"], observed=True).size()
    for (file, outcome), size in counts.items():
        own = accounts[file].tables.setdefault(name, {"rows": 0, "new": 0, "updated": 0, "same": 0})
        own[str(outcome)] += int(size)
        own["rows"] += int(size)


def _gathered(accounts: list[FileAccount], name: str, context: Context) -> pd.DataFrame:
    """Return all rows of one table, with ``file`` and where they are from, in order of the files.

    Files that give a few records each (a folder of a hundred thousand mails) make one frame.
    """
    frames: list[pd.DataFrame] = []
    records: list[dict[str, object]] = []
    for number, account in enumerate(accounts):
        rows: Rows = account.parsed.tables.get(name, []) if account.parsed else []
        origin = {"file": number, "source": account.source, "source_sha256": account.sha256}
        if isinstance(rows, list):
            records.extend(row | origin for row in rows)
            continue
        if records:
            frames.append(pd.DataFrame.from_records(records))
            records = []
        frames.append(rows.assign(**origin))
    if records:
        frames.append(pd.DataFrame.from_records(records))
    return _one(frames, name, context)


def _one(frames: list[pd.DataFrame], name: str, context: Context) -> pd.DataFrame:
    table, extra = _TABLES[name], ["file"] + (["updated_at"] if name == "orders" else [])
    whole = []
    for frame in frames:
        full = tables.conform(frame, table)
        full["file"] = frame["file"].astype("int64")
        if "updated_at" in extra:
            dated = frame.get("updated_at", pd.Series(pd.NaT, index=frame.index))
            full["updated_at"] = pd.to_datetime(dated, utc=True).astype(tables.TS_DTYPE)
        whole.append(full)
    if not whole:
        return tables.empty(table).assign(
            file=pd.Series(dtype="int64"), updated_at=pd.Series(dtype=tables.TS_DTYPE)
        )
    rows = pd.concat(whole, ignore_index=True) if len(whole) > 1 else whole[0]
    rows["account"] = rows["account"].fillna(context.account)
    return rows.reset_index(drop=True)


def _write_quarantine(writer: Writer, accounts: list[FileAccount], context: Context) -> bool:
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
        for number, account in enumerate(accounts)
        if account.parsed
        for unit in account.parsed.quarantined
    ]
    if not rows:
        return False
    incoming = tables.conform(pd.DataFrame(rows), QUARANTINE)
    incoming["file"] = [row["file"] for row in rows]
    merged = merge(QUARANTINE, writer.lake.read(QUARANTINE), incoming)
    return _upsert(writer, QUARANTINE, merged)


def _log_rows(accounts: list[FileAccount], context: Context, reading: str) -> pd.DataFrame:
    rows = [
        {
            **{
                k: v
                for k, v in account.as_dict().items()
                if k not in ("sha256", "tables", "skipped")
            },
            "account": context.account,
            "source_sha256": account.sha256,
            "reading": reading,
            "skipped": json.dumps(dict(sorted(account.skipped.items()))),
            "tables": json.dumps(account.tables, sort_keys=True),
        }
        for account in accounts
    ]
    return pd.DataFrame(rows, columns=[c for c in INGESTS.names if c in rows[0]])
