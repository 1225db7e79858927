"""Any table or list of objects → lines of text cells: CSV, spreadsheets, JSON, JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from sellerkit.errors import InputError
from sellerkit.read.documents import documents, raw_text, word
from sellerkit.read.files import is_spreadsheet
from sellerkit.read.flat import MAX_RAW, Lines, decoded, plain, read_lines, table_lines
from sellerkit.read.mapping.sheet import MAX_MEMORY, MAX_SECONDS
from sellerkit.read.source import Context, Parsed, Quarantined, Source

_READER = str(Path(__file__).with_name("sheet.py"))
#: Excel before 2007.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_sheet(source: Source) -> bool:
    """Tell whether a file is a spreadsheet."""
    return is_spreadsheet(source.data) or source.head.startswith(_OLE)


def table(source: Source, context: Context, header: int, sheet: str | None) -> Lines:
    """Read a CSV or a spreadsheet; columns under their plain names (`sellerkit.read.flat.plain`).

    Raises
    ------
    InputError
        It cannot be read, has no such sheet or no such row, or a column's name stands twice.
    """
    if is_sheet(source):
        return _sheet_lines(source, header, sheet)
    if header == 1:
        return read_lines(source, context)
    lines = decoded(source, context)[0].split("\n")
    if len(lines) < header:
        raise _no_header(source, header, len(lines))
    below = Source(source.name, "\n".join(lines[header - 1 :]).encode())
    found = read_lines(below, context)
    found.at = [number + header - 1 for number in found.at]
    found.parsed.quarantined = [
        replace(unit, pos=unit.pos + header - 1) for unit in found.parsed.quarantined
    ]
    return found


def _no_header(source: Source, header: int, rows: int) -> InputError:
    return InputError(f"{source.name}: there is no row {header} for a header, only {rows:,} rows")


def _sheet_lines(source: Source, header: int, sheet: str | None) -> Lines:
    rows = sheet_rows(source, sheet)
    if len(rows) < header:
        raise _no_header(source, header, len(rows))
    names = [plain(name) for name in rows[header - 1]]
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        raise InputError(f"{source.name}: row {header}: column {twice[0]} stands twice")
    below = enumerate(rows[header:], header + 1)
    return table_lines(((number, cells, "\t".join(cells)) for number, cells in below), names)


def sheet_rows(source: Source, sheet: str | None) -> list[list[str]]:
    """Return a sheet's cells as text; dates as ISO 8601.

    Raises
    ------
    InputError
        The file is damaged, encrypted or a bomb, or has no such sheet; the message lists them.
    """
    said = _read_book(source, sheet)
    if not said["names"]:
        raise InputError(f"{source.name}: there is no sheet in it")
    if "rows" not in said:
        names = said["names"]
        raise InputError(f"{source.name}: no sheet is called {sheet!r}; there are {names}")
    return cast("list[list[str]]", said["rows"])


def sheet_names(source: Source) -> list[str]:
    """Return what the sheets of a workbook are called.

    Raises
    ------
    InputError
        The file is damaged, encrypted or a bomb.
    """
    return cast("list[str]", _read_book(source, None)["names"])


def _read_book(source: Source, sheet: str | None) -> dict[str, Any]:
    """Have a sheet read by a process that may not grow: see `sellerkit.read.mapping.sheet`."""
    done = subprocess.run(
        [sys.executable, "-P", _READER],
        input=json.dumps(sheet).encode() + b"\n" + bytes(source.data),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what Rust says when memory ends
        check=False,
    )
    if done.returncode:
        raise InputError(
            f"{source.name}: reading the spreadsheet takes more than {MAX_MEMORY / 2**20:,.0f} MB "
            f"or {MAX_SECONDS} seconds; save the sheet as CSV"
        )
    said: dict[str, Any] = json.loads(done.stdout)
    if fault := said.get("fault"):
        raise InputError(f"{source.name}: the spreadsheet cannot be read ({fault}); save it anew")
    return said


def objects(source: Source, records: str | None) -> Iterator[tuple[int, Any, str]]:
    """Give a JSON file's records: where each stands, the record, and what is wrong with it.

    Raises
    ------
    InputError
        It is no JSON, or has no list at `records`; the message names those that there are.
    """
    count = 0
    for document in documents(source):
        if document.fault:
            yield document.line or 0, document.raw, document.fault
            continue
        for each in listed_in(source, document.value, records):
            pos = count if document.line is None else document.line
            yield pos, each, "" if isinstance(each, dict) else "it is no object"
            count += 1


def listed_in(source: Source, value: Any, records: str | None) -> list[Any]:
    """Return the records of a document.

    Raises
    ------
    InputError
        As `objects`.
    """
    found = follow(value, records) if records else value
    if isinstance(found, list):
        return found
    if records is None and isinstance(found, dict):
        return [found]
    lists = ", ".join(list_paths(value)) or "none"
    raise InputError(f"{source.name}: records: no list at {records!r}; there are {lists}")


def list_paths(value: Any, above: str = "", depth: int = 3) -> list[str]:
    """Return the paths of the lists of objects in a document."""
    if not isinstance(value, dict) or not depth:
        return []
    found = []
    for name, inner in value.items():
        path = f"{above}{name}"
        if isinstance(inner, list) and any(isinstance(each, dict) for each in inner):
            found.append(path)
        found += list_paths(inner, f"{path}.", depth - 1)
    return found


def follow(value: Any, path: str) -> Any:
    """Return what is at ``a.b.0``; null where nothing is. A field may have dots in its name."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part[:9]) < len(value):
            value = value[int(part[:9])]
        else:
            return None
    return value


def object_lines(source: Source, records: str | None, paths: Iterable[str]) -> Lines:
    """Read a JSON file; columns are the paths asked for.

    Raises
    ------
    InputError
        As `objects`.
    """
    wanted = list(dict.fromkeys(paths))
    broken = Parsed()

    def rows() -> Iterator[tuple[int, list[str], str]]:
        for pos, each, fault in objects(source, records):
            raw = raw_text(each)
            if fault:
                broken.read += 1
                broken.quarantined.append(Quarantined(pos, fault, raw[:MAX_RAW]))
            else:
                yield pos, [_value(follow(each, path)) for path in wanted], raw

    lines = table_lines(rows(), wanted)
    lines.parsed.read += broken.read
    lines.parsed.quarantined += broken.quarantined
    return lines


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return word(raw_text(value))
    return word(value)
