"""How wide and how hollow a table or a document may be, before it is taken for none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sellerkit.errors import InputError
from sellerkit.read.source import Source

#: A spreadsheet has no more columns, and no export of anybody's does.
MAX_COLUMNS = 16_384

#: No cell has more characters: a quote sign that nothing closes makes the rest of a file one.
MAX_CELL = 16 * 2**20

#: So many cells may a table have at any rate, and beyond that so many for each of its signs: short
#: lines under a wide header would fill any memory with cells that are not there.
_CELLS, _PER_SIGN = 20_000_000, 8

#: So many signs that begin something may a document have at any rate, and beyond that one for each
#: so many bytes: an empty list of two bytes takes thirty times that in memory.
_MARKS, _BYTES_A_MARK = 2_000_000, 8

#: So many lines may a text table have at any rate; of more each has so many signs on average, since
#: a row without a word takes a hundred times its length in memory.
_ROWS, _SIGNS_A_ROW = 500_000, 16

Record = tuple[int, list[str], str]


def check_names(source: Source, names: list[str], line: int) -> None:
    """Raise where a header names a column twice, or has far too many."""
    if len(names) > MAX_COLUMNS:
        raise InputError(
            f"{source.name}: line {line}: {len(names):,} columns; a table has {MAX_COLUMNS:,} at "
            "most, so this is none, or its lines have lost their ends"
        )
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        raise InputError(f"{source.name}: line {line}: column {twice[0]} stands twice")


def bounded(records: Iterable[Record], width: int, source: Source) -> Iterator[Record]:
    """Yield the records; raise once nearly all of what they would fill is empty.

    Raises
    ------
    InputError
        Very many lines are far shorter than the header, or than any row.
    """
    cells = signs = rows = 0
    for number, row, text in records:
        if text:
            rows += 1
            cells += width
            signs += len(text) + 1
            hollow = cells > _CELLS and cells > _PER_SIGN * signs
            if hollow or (rows > _ROWS and signs < _SIGNS_A_ROW * rows):
                raise InputError(
                    f"{source.name}: line {number}: the lines so far have hardly any of the "
                    f"header's {width:,} columns, so they are not of this table"
                )
        yield number, row, text


def hollow(data: bytes, marks: bytes) -> str:
    """Return what is wrong with a document of megabytes that says hardly anything.

    Parameters
    ----------
    data : bytes
        The document.
    marks : bytes
        The signs that begin something in documents of its kind.

    Returns
    -------
    str
        Empty where there are not millions of them, or something stands between them.
    """
    if len(data) < _MARKS:
        return ""
    begun = sum(data.count(bytes([mark])) for mark in marks)
    if begun <= _MARKS or begun * _BYTES_A_MARK <= len(data):
        return ""
    said = " ".join(marks.decode())
    return f"{len(data):,} bytes that say hardly anything but {begun:,} of {said}; not read"
