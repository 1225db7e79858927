"""Where the lines of a text file and the records of a table stand, so that one can be cut out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from itertools import chain, islice

from sellerkit.read.flat import decoded, delimiter_of, header_line
from sellerkit.read.source import Context, Source, Unit

_NO_ALIASES: Mapping[str, str] = {}


def line_at(source: Source, pos: int, context: Context) -> Unit | None:
    """Return a line of a text, from 1, without its end."""
    text, encoding = decoded(source, context)
    lines = text.split("\n")
    return part(source, "line", lines[pos - 1], encoding) if 0 < pos <= len(lines) else None


def record_at(
    source: Source,
    pos: int,
    context: Context,
    *,
    header: int = 1,
    holding: Iterable[str] = (),
    aliases: Mapping[str, str] = _NO_ALIASES,
) -> Unit | None:
    """Return the record that begins in a line of a text table; a quoted cell may span lines.

    Parameters
    ----------
    source : Source
    pos : int
        The line's number, as `sellerkit.read.flat.read_lines` counts.
    context : Context
    header : int
        The header's line, where it is known.
    holding, aliases
        As `read_lines` looked for the header, where it did.
    """
    text, encoding = decoded(source, context)
    rows = text.removeprefix("\ufeff").split("\n", header - 1)
    if len(rows) < header:
        return None
    before, names = header_line(rows[-1], holding, aliases)
    body, first = rows[-1].split("\n", before)[before], header + before
    sign = delimiter_of(names)
    # as the reader counts them: tab files by line feeds, others also by lone carriage returns
    lines = io.StringIO(body, newline="\n" if sign == "\t" else "")
    begin = list(islice(lines, pos - first, pos - first + 1)) if pos >= first else []
    if not begin:
        return None
    found = begin[0] if sign == "\t" else _whole_record(begin[0], lines, sign)
    return part(source, "line", found, encoding)


def _whole_record(first: str, lines: io.StringIO, sign: str) -> str:
    """Return the CSV record that begins with a line."""
    csv.field_size_limit(2**31 - 1)
    taken: list[str] = []

    def read() -> Iterable[str]:
        for line in chain([first], lines):
            taken.append(line)
            yield line

    try:
        next(csv.reader(read(), delimiter=sign), None)
    except csv.Error:
        return first
    return "".join(taken)


def part(source: Source, counts: str, text: str, encoding: str, shown: str | None = None) -> Unit:
    """Return a part of a file's text with the bytes that it has there, which bear no mark."""
    if encoding == "utf-16":
        encoding = "utf-16-le" if source.head.startswith(b"\xff\xfe") else "utf-16-be"
    data = text.encode(encoding.removesuffix("-sig"))
    return Unit(counts, data, text if shown is None else shown)
