"""Text tables, line by line: encoding, delimiter, header, and every line accounted for."""

from __future__ import annotations

import codecs
import csv
import functools
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from sellerkit.errors import InputError
from sellerkit.read.bounds import MAX_CELL, Record, bounded, check_names
from sellerkit.read.regular import NOTHING, regular_cells
from sellerkit.read.source import Context, Parsed, Quarantined, Source

#: Of a raw line so much is kept in quarantine.
MAX_RAW = 20_000

BLANK = "blank line"

PREAMBLE = "preamble"

LOST = "some characters were lost before it came here (\ufffd stands for them); none is guessed"

#: So many lines may stand before a header that is looked for by its names.
MAX_PREAMBLE = 50

#: … and the header begins within so many characters.
_HEADER_SIGNS = 200_000

_NO_ALIASES: Mapping[str, str] = {}

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

#: Two kana in a row, as Japan's cp932 writes them: no text in cp1252 has these bytes.
_KANA = re.compile(rb"(?:\x82[\x9f-\xf1]|\x83[\x40-\x96]){2}")


@dataclass
class Lines:
    """The data lines of a text table.

    Attributes
    ----------
    cells : pd.DataFrame
        ``str``, one row per line that fits the header; nulls where a cell says nothing. Columns
        by their plain names (see `plain`).
    at : sequence of int
        For each row its line number in the file, from 1.
    raw : callable
        For a row its text.
    parsed : Parsed
        The account so far: lines read, blank ones skipped, those that do not fit the header.
    header : int
        The header's line number in the file.
    """

    cells: pd.DataFrame
    at: Sequence[int]
    raw: Callable[[int], str]
    parsed: Parsed = field(default_factory=Parsed)
    header: int = 1

    def quarantine(self, faults: dict[int, str]) -> pd.DataFrame:
        """Set rows aside, each with its reason, and return the cells of the others.

        Parameters
        ----------
        faults : dict of int to str
            Row → what is wrong with it.
        """
        for row in sorted(faults):
            self.parsed.quarantined.append(
                Quarantined(self.at[row], faults[row], self.raw(row)[:MAX_RAW])
            )
        return self.cells.drop(index=list(faults)) if faults else self.cells


def plain(name: str) -> str:
    """Return a column's name as it is compared: case folded, blanks, hyphens and lines alike."""
    return re.sub(r"[\s_-]+", "_", name.strip().strip('"\ufeff').casefold()).strip("_")


def header_of(
    source: Source,
    holding: Iterable[str] = (),
    aliases: Mapping[str, str] = _NO_ALIASES,
) -> list[str]:
    """Return the header's names as they stand in a source; empty if it is no text.

    Parameters
    ----------
    source : Source
    holding : iterable of str
        Plain names that the header must have, where lines may stand before it. By default, and
        where no line has them all, the first line is the header.
    aliases : mapping of str to str
        Plain names in other languages → the English ones.
    """
    head = source.head
    fallback = "utf-8" if _is_utf8(head) else "cp932" if _KANA.search(head) else "cp1252"
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), fallback)
    text = head[: len(head) // 2 * 2].decode(encoding, "replace").lstrip("\ufeff")
    _, line = header_line(text, holding, aliases)
    return [] if "\0" in line else _names(line)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # its last character may be cut
    except UnicodeDecodeError:
        return False
    return True


def header_line(text: str, holding: Iterable[str], aliases: Mapping[str, str]) -> tuple[int, str]:
    """Return the header's place among the lines, from 0, and the line itself."""
    wanted = set(holding)
    # cut first: to split off a line copies all the others
    end = text.find("\n", _HEADER_SIGNS)
    lines = text[: end if end >= 0 else len(text)].split("\n", MAX_PREAMBLE + 1 if wanted else 1)
    for place, line in enumerate(lines[: MAX_PREAMBLE + 1] if wanted else ()):
        if wanted <= {aliased(name, aliases) for name in _names(line)}:
            return place, line.rstrip("\r")
    return 0, lines[0].rstrip("\r")


def _names(line: str) -> list[str]:
    return [name.strip().strip('"') for name in line.rstrip("\r").split(delimiter_of(line))]


def aliased(name: str, aliases: Mapping[str, str]) -> str:
    """Return a column's plain name, the English one where it is known in another language."""
    return aliases.get(plain(name), plain(name))


def delimiter_of(header: str) -> str:
    """Return the sign that parts a header's names: tab, else comma, else semicolon."""
    return next((sign for sign in "\t,;" if sign in header), ",")


class CharsetError(InputError):
    """The bytes are no text in the encodings that were tried."""


def decoded(source: Source, context: Context) -> tuple[str, str]:
    """Return a file's text and its encoding; no byte is dropped or replaced.

    A byte order mark decides; else UTF-8 if all of it is; else Japan's cp932 for a Japanese store
    or where kana show it; else cp1252.

    Raises
    ------
    CharsetError
        None of them fits; the message names the byte.
    """
    data = bytes(source.data)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strictly(source, data, name), name
    if b"\0" in data:
        raise CharsetError(
            f"{source.name}: byte {data.index(0)} is zero, so this is no text in UTF-8, cp1252 or "
            "cp932 (it may be UTF-16 without its mark); save it as UTF-8"
        )
    if source.encoding:
        return _strictly(source, data, source.encoding), source.encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        japanese = (
            context.marketplace == "JP"
            or b"amazon.co.jp" in data.lower()
            or _KANA.search(source.head) is not None
        )
        name = "cp932" if japanese else "cp1252"
        return _strictly(source, data, name), name


def _strictly(source: Source, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise CharsetError(
            f"{source.name}: byte {error.start} is no character of {encoding}, nor is the file "
            "UTF-8; save it as UTF-8, or name the store with --marketplace"
        ) from error


def read_lines(
    source: Source,
    context: Context,
    holding: Iterable[str] = (),
    aliases: Mapping[str, str] = _NO_ALIASES,
    wanted: frozenset[str] = frozenset(),
) -> Lines:
    """Read a text table.

    Tab files have no quoting (an inch mark is an inch mark); comma and semicolon files have CSV's.
    A line that is too short lacks its last columns; one that is too long is quarantined.

    Parameters
    ----------
    source : Source
    context : Context
    holding : iterable of str
        Plain names that tell the header from lines before it; these are skipped as preamble.
    aliases : mapping of str to str
        Plain names in other languages → the English ones, by which the columns are then called.
    wanted : frozenset of str
        The columns to read, where not all are; those that the table lacks are left out.

    Raises
    ------
    InputError
        The encoding is none that fits, a column's name stands twice, or there are far too many.
    """
    text, encoding = decoded(source, context)
    text = text.removeprefix("\ufeff")
    before, header = header_line(text, holding, aliases)
    sign = delimiter_of(header)
    body = text.split("\n", before)[before] if before else text
    records = (
        _unquoted(body, before + 1) if sign == "\t" else _quoted(body, sign, source, before + 1)
    )
    written = header.split("\t") if sign == "\t" else next(records, (1, [], ""))[1]
    names = [aliased(name, aliases) for name in written]
    check_names(source, names, before + 1)
    read = [name for name in names if name in wanted] if wanted else names
    lines = _regular(body, names, read, before, source) if sign == "\t" else None
    if lines is None:
        below = itertools.islice(records, sign == "\t", None)  # the header of another is taken
        lines = _sorted_out(bounded(below, len(names), source), names)
    lines.header = before + 1
    if before:
        lines.parsed.read += before
        lines.parsed.skipped[PREAMBLE] += before
    if not encoding.startswith("utf-8"):
        lines.parsed.warnings.append(f"{source.name}: read as {encoding}")
    if "\ufffd" in text:
        lines.parsed.warnings.append(f"{source.name}: {LOST}")
    return lines


def _unquoted(text: str, first: int) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), first):
        line = line.removesuffix("\r")
        yield number, line.split("\t"), line


def _quoted(text: str, sign: str, source: Source, first: int) -> Iterator[Record]:
    # a buyer's message may be longer than the csv module's default of 128 KiB
    csv.field_size_limit(MAX_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    begin = first
    try:
        for cells in rows:
            yield begin, cells, sign.join(cells)
            begin = rows.line_num + first
    except csv.Error as error:
        what = f"{error}; is a quote sign never closed?" if "limit" in str(error) else str(error)
        raise InputError(f"{source.name}: line {begin}: {what}") from error


def table_lines(records: Iterable[Record], names: list[str]) -> Lines:
    """Return the rows of any other table: each where it stands, its cells, and as raw text."""
    return _sorted_out(iter(records), names)


def _sorted_out(records: Iterator[Record], names: list[str]) -> Lines:
    width = len(names)
    at: list[int] = []
    raw: list[str] = []
    rows: list[list[str]] = []
    parsed = Parsed()
    blank_at_end = 0
    for number, cells, text in records:
        if not text.strip():
            blank_at_end += 1
            continue
        parsed.read += 1 + blank_at_end
        parsed.skipped[BLANK] += blank_at_end
        blank_at_end = 0
        if len(cells) > width:
            reason = f"{len(cells)} cells where the header has {width}"
            parsed.quarantined.append(Quarantined(number, reason, text[:MAX_RAW]))
            continue
        at.append(number)
        raw.append(text)
        rows.append(cells if len(cells) == width else cells + [""] * (width - len(cells)))
    parsed.skipped += Counter()  # drops the zero
    # object first: a frame of ten million small strings is made fastest from rows
    cells = pd.DataFrame(rows, columns=names, dtype="str")
    return Lines(cells.apply(_said), at, raw.__getitem__, parsed)


def _regular(
    body: str, names: list[str], read: list[str], before: int, source: Source
) -> Lines | None:
    """Read a tab table whose lines are all of the header's width; none where one is not."""
    if source.encoding == "utf-8" and not before:  # a part: its bytes are at hand as they should be
        cells = regular_cells(bytes(source.data), names, read)
    else:
        cells = regular_cells(body.encode("utf-8", "surrogatepass"), names, read)
    if cells is None:
        return None
    at = range(before + 2, before + 2 + len(cells))

    @functools.cache
    def below() -> list[str]:
        # taken apart once, and only where a line is set aside: that may be each of a million
        return body.split("\n")[1:]

    return Lines(cells, at, lambda row: below()[row].removesuffix("\r"), Parsed(read=len(cells)))


def _said(values: pd.Series) -> pd.Series:
    values = values.str.strip()
    return values.mask(values.str.casefold().isin(NOTHING))


def require(source: Source, lines: Lines, columns: Iterable[str], spelled: str = "_") -> None:
    """Raise where a column is missing that a row cannot do without."""
    for name in columns:
        if name not in lines.cells:
            there = ", ".join(n.replace("_", spelled) for n in lines.cells.columns) or "none"
            raise InputError(
                f"{source.name}: line {lines.header}: column {name.replace('_', spelled)} "
                f"is missing; there are {there}"
            )


def unknown_columns(source: Source, lines: Lines, known: Iterable[str]) -> None:
    """Warn once of columns that are not read."""
    extra = [name for name in lines.cells.columns if name and name not in set(known)]
    if extra:
        lines.parsed.warnings.append(f"{source.name}: columns not read: {', '.join(extra)}")
