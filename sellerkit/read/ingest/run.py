"""Files in, a new version of the lake out, and every unit read accounted for.

The one place that knows readers, texts and the lake. Files are read one by one into `Parsed`;
their rows are merged table by table; the lake shows all of it at once, or nothing.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

import sellerkit
from sellerkit.errors import InputError, UnknownFormat
from sellerkit.lake import INGESTS, Lake, Writer
from sellerkit.read import registry
from sellerkit.read.files import sources
from sellerkit.read.ingest.account import FileAccount, IngestReport
from sellerkit.read.ingest.writing import Incoming
from sellerkit.read.marks import NO_RESPONSE_NEEDED
from sellerkit.read.source import Context, Format, Parsed, Source

#: A file of so many bytes is hashed while it is read.
_LARGE = 32 * 2**20


def ingest(
    paths: Iterable[Path],
    lake: str | Path,
    context: Context,
    *,
    format_name: str | None = None,
    chosen: Format | None = None,
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
    chosen : Format, optional
        The same, as a format that has no name: one made of a mapping file.
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
    chosen = registry.by_name(format_name) if format_name else chosen
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
    with ThreadPoolExecutor(1) as beside:
        if len(source.data) > _LARGE:  # hashing takes a while, and nobody waits for it meanwhile
            beside.submit(lambda: source.sha256)
        if form is None:
            parsed = Parsed(read=1, skipped=Counter({registry.why_unknown(source): 1}))
        else:
            parsed = _parsed(form, source, context)
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


def _parsed(form: Format, source: Source, context: Context) -> Parsed:
    try:
        return form.parse(source, context)
    except InputError as error:
        if source.name in str(error):
            raise
        raise InputError(f"{source.name}: {error}") from error


def _read_before(log: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the account of each file that the lake has read, by its hash and how it was read.

    A list of marks is read again: what it marks may have been taken back since.
    """
    log = log[log["format"] != NO_RESPONSE_NEEDED.name]
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
    if all(registry.A_SPREADSHEET in account.skipped for account in accounts):
        raise UnknownFormat(f"{what}: {registry.A_SPREADSHEET}")
    raise UnknownFormat(
        f"{what}: no format that sellerkit knows; "
        "`sellerkit formats` lists them, --format names one, and `sellerkit mapping draft FILE` "
        "describes any other table"
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
    if not Incoming(writer, accounts, context).write():
        return IngestReport(accounts, writer.lake)
    return IngestReport(accounts, writer.commit(_log_rows(accounts, context, reading)))


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
