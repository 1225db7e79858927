"""A file and its mapping → a history: columns renamed, then read as a canonical CSV is."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from sellerkit.errors import InputError
from sellerkit.read import canonical, json_parts
from sellerkit.read.documents import has_lines, is_json
from sellerkit.read.flat import Lines, decoded, delimiter_of, plain
from sellerkit.read.mapping.model import UNIX, UNIX_MS, Cell, Mapping
from sellerkit.read.mapping.records import (
    is_sheet,
    listed_in,
    object_lines,
    sheet_names,
    sheet_rows,
    table,
)
from sellerkit.read.source import Context, Format, Parsed, Source, Unit
from sellerkit.read.text_parts import record_at

_ISO_LOCAL = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
_ISO = rf"{_ISO_LOCAL}|\d{{4}}-\d{{2}}-\d{{2}}"
_TOLD = "%Y-%m-%dT%H:%M:%S.%f%z"
#: What tells one message from another, where it has no id.
_WORDS = ("thread_id", "order_id", "sent_at", "sender", "buyer_id", "subject", "body")


def format_of(mapping: Mapping) -> Format:
    """Return a mapping as a format, so that files can be read by it."""
    return Format(
        name=f"mapping:{mapping.history}:{mapping.digest}",
        about=f"{mapping.history}, as your mapping file says",
        recognised_by="--mapping",
        example='sent_at = { column = "Date", format = "%d/%m/%Y %H:%M", timezone = "UTC" }',
        matches=lambda source: False,
        parse=partial(parse, mapping=mapping),
        unit=partial(unit_at, mapping=mapping),
    )


def parse(source: Source, context: Context, *, mapping: Mapping) -> Parsed:
    """Read a file by its mapping.

    Raises
    ------
    InputError
        The file cannot be read as a table or as JSON, or lacks a column that the mapping names.
    """
    context = replace(
        context,
        account=mapping.account or context.account,
        marketplace=mapping.marketplace or context.marketplace,
    )
    lines = _lines(source, context, mapping)
    faults: dict[int, str] = {}
    sheet = is_sheet(source)
    columns = {
        name: _column(lines, name, cell, mapping, faults, sheet=sheet)
        for name, cell in mapping.columns.items()
    }
    lines.cells = pd.DataFrame(columns, index=lines.cells.index).astype("str")
    if mapping.history == "messages":
        lines.cells["message_id"] = _ids(lines.cells)
    return canonical.typed(lines, mapping.table, context, faults)


def unit_at(
    source: Source, pos: int, context: Context, *, mapping: Mapping | None = None
) -> Unit | None:
    """Return the line, row or object that stands at a position of a file.

    Raises
    ------
    InputError
        The mapping is not given, and it alone says where the rows are.
    """
    if mapping is None and _hangs_on_mapping(source, context):
        raise InputError(f"{source.name}: a mapping file says where its rows are")
    if is_sheet(source):
        return _row_at(source, pos, mapping.sheet if mapping else None)
    if not is_json(source):
        return record_at(source, pos, context, header=mapping.header if mapping else 1)

    def records(documents: list[Any]) -> Iterator[Any]:
        path = mapping.records if mapping else None
        return (each for one in documents for each in listed_in(source, one, path))

    return json_parts.unit_at(source, pos, context, units=records)


def _hangs_on_mapping(source: Source, context: Context) -> bool:
    """Tell whether rows may be in one sheet of several, below another header, or within JSON."""
    if is_sheet(source):
        return len(sheet_names(source)) > 1
    if is_json(source):
        return not has_lines(source)
    first = decoded(source, context)[0].split("\n", 1)[0]
    return delimiter_of(first) not in first


def _row_at(source: Source, pos: int, sheet: str | None) -> Unit | None:
    rows = sheet_rows(source, sheet)
    if not 0 < pos <= len(rows):
        return None
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(rows[pos - 1])
    return Unit("row", line.getvalue().encode("utf-8", "replace"), line.getvalue())


def _lines(source: Source, context: Context, mapping: Mapping) -> Lines:
    """Read the file's cells, and check that what the mapping names is there."""
    theirs = {name: cell.theirs for name, cell in mapping.columns.items() if cell.theirs}
    if is_json(source):
        lines = object_lines(source, mapping.records, theirs.values())
        for name, path in theirs.items():
            if len(lines.cells) and lines.cells[path].isna().all():
                lines.parsed.warnings.append(
                    f"{source.name}: no record has {path!r}, which the mapping calls {name}"
                )
        return lines
    lines = table(source, context, mapping.header, mapping.sheet)
    for name, column in theirs.items():
        if plain(column) not in lines.cells:
            raise InputError(
                f"{source.name}: row {mapping.header}: column {column!r} is missing, which the "
                f"mapping calls {name}; there are {', '.join(filter(None, lines.cells.columns))}"
            )
    # as the mapping calls them, whether they came from a table or from JSON
    renamed = {column: lines.cells[plain(column)] for column in theirs.values()}
    lines.cells = pd.DataFrame(renamed, index=lines.cells.index)
    return lines


def _column(
    lines: Lines, name: str, cell: Cell, mapping: Mapping, faults: dict[int, str], *, sheet: bool
) -> pd.Series:
    """Return one of our columns as text that a canonical CSV could have."""
    if cell.theirs is None:
        constant = _text(cell.constant)
        return pd.Series(constant, index=lines.cells.index, dtype="str")
    cells = lines.cells[cell.theirs]
    if cell.values is not None:
        ours = {key.strip().casefold(): _text(value) for key, value in cell.values.items()}
        said = [ours.get(text.casefold()) for text in cells.fillna("")]
        cells = pd.Series(said, index=cells.index, dtype="str").fillna(cells)
    if mapping.table[name].kind != "ts":
        return cells
    zone = cell.timezone or mapping.timezone
    told, bad, why = _instants(cells, cell, zone, iso_too=sheet)
    for row in bad.index[bad.to_numpy(bool)]:
        faults.setdefault(row, f"{name}: {cells[row][:80]!r} {why}")
    return told


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _instants(
    cells: pd.Series, cell: Cell, zone: str | None, *, iso_too: bool
) -> tuple[pd.Series, pd.Series, str]:
    """Return dates as ISO 8601, which of them could not be read, and why.

    A spreadsheet's own dates are ISO 8601 already, whatever pattern is given for its texts.
    """
    given = cells.notna()
    if cell.format in (UNIX, UNIX_MS):
        unit = {UNIX: 1, UNIX_MS: 1000}[cell.format]
        seconds = pd.to_numeric(cells, errors="coerce") / unit
        micros = (seconds.where(seconds.between(0, 4e9)) * 1e6).round().astype("Int64")
        moments = pd.to_datetime(micros, unit="us", utc=True)
        return _told(moments), given & moments.isna(), "is no count of seconds since 1970"
    dates = cells.str.fullmatch(_ISO).fillna(False).astype(bool) if iso_too else ~given
    if cell.format is None:
        return _localised(cells, zone)
    if not cell.has_time:
        days = pd.to_datetime(cells.mask(dates), format=cell.format, errors="coerce")
        told = days.dt.strftime("%Y-%m-%d").astype("str").where(~dates, cells)
        return told, given & told.isna(), f"is not of the form {cell.format}"
    utc = cell.names_zone
    moments = pd.to_datetime(cells.mask(dates), format=cell.format, errors="coerce", utc=utc)
    local = _told(moments) if utc else moments.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").astype("str")
    told, unclear, _ = _localised(local.where(~dates, cells), zone)
    why = f"is not of the form {cell.format}, or no single instant in {zone or 'its zone'}"
    return told, (given & told.isna()) | unclear, why


def _localised(cells: pd.Series, zone: str | None) -> tuple[pd.Series, pd.Series, str]:
    """Give times without an offset that of the zone; an hour that comes twice or never has none."""
    local = cells.str.fullmatch(_ISO_LOCAL).fillna(False).astype(bool)
    why = f"is no single instant in {zone}: there the clock was changed; give the offset"
    if zone is None or not local.any():
        return cells, pd.Series(False, index=cells.index), why
    naive = pd.to_datetime(cells[local].str.replace(",", "."), format="ISO8601", errors="coerce")
    moments = naive.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
    told = cells.copy()
    told[local] = _told(moments)
    return told, local & told.isna(), why


def _told(moments: pd.Series) -> pd.Series:
    return moments.dt.strftime(_TOLD).astype("str")


def _ids(cells: pd.DataFrame) -> pd.Series:
    """Return the messages' ids; one without gets a hash of what it says, and when, and where."""
    words = [cells[name].fillna("") for name in _WORDS if name in cells]
    texts = ["\0".join(row) for row in zip(*words, strict=True)]
    hashes = ["sha256:" + hashlib.sha256(t.encode("utf-8", "replace")).hexdigest() for t in texts]
    own = pd.Series(hashes, index=cells.index, dtype="str")
    return cells["message_id"].str.strip("<> ").fillna(own) if "message_id" in cells else own
