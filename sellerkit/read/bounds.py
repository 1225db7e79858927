"""How wide and how hollow a text table may be, before it is taken for none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sellerkit.errors import InputError
from sellerkit.read.source import Source

#: A spreadsheet has no more columns, and no export of anybody's does.
MAX_COLUMNS = 16_384

#: So many cells may a table have at any rate, and beyond that so many for each of its signs: short
#: lines under a wide header would fill any memory with cells that are not there.
_CELLS, _PER_SIGN = 20_000_000, 8

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
        Millions of lines are far shorter than the header.
    """
    cells = signs = 0
    for number, row, text in records:
        if text:
            cells += width
            signs += len(text) + 1
            if cells > _CELLS and cells > _PER_SIGN * signs:
                raise InputError(
                    f"{source.name}: line {number}: the lines so far have hardly any of the "
                    f"header's {width:,} columns, so they are not of this table"
                )
        yield number, row, text
