"""A large report read by several threads, a part of whole lines at a time.

Arrow cuts and converts the columns without Python's lock, so threads keep all cores busy, and what
they give need not travel from process to process: that took as long as the reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pandas as pd

from sellerkit.read.flat import CharsetError
from sellerkit.read.source import Context, Parsed, Quarantined, Source
from sellerkit.read.workers import in_threads, part_of

#: About so much of a report is read at once. Smaller ones are not worth a second thread.
PART_BYTES = 24 * 2**20

Reader = Callable[[Source, Context], Parsed]


def by_parts(source: Source, context: Context, read: Reader) -> Parsed:
    """Read a report by a function that looks at one line at a time.

    Parameters
    ----------
    source : Source
    context : Context
    read : callable
        Reads a report, or a part of one under the same header, into frames with `source_pos`.

    Returns
    -------
    Parsed
        As `read` gives for the whole; its frames have a fresh index.

    Notes
    -----
    Only tab-separated UTF-8 is taken apart: there every line feed ends a line. Amounts that could
    be read in two ways are decided by their column, so here by those of the part.
    """
    head = source.head.partition(b"\n")[0]
    if source.path is None or len(source.data) <= PART_BYTES or b"\t" not in head:
        return read(source, context)
    header = source.data.find(b"\n") + 1

    def read_part(span: tuple[int, int]) -> tuple[Parsed, int]:
        """Read a part; return what it gives and how many lines it has."""
        lines = part_of(str(source.path), *span)
        part = Source(source.name, source.data[:header] + lines, encoding="utf-8")
        return read(part, context), lines.count(b"\n")

    try:
        return _joined(in_threads(read_part, list(_cuts(source, header))))
    except CharsetError:  # a part is not UTF-8, so none of them is meant to be
        return read(source, context)


def _cuts(source: Source, header: int) -> Iterator[tuple[int, int]]:
    """Yield parts of whole lines, cut between two that are not blank and not of one order.

    Lines that begin alike are mostly of one order, and what is whole need not be folded again.
    """
    data, start = source.data, header
    while start < len(data):
        end = start + PART_BYTES
        while end := data.find(b"\n", end) + 1:
            before = data[data.rfind(b"\n", start, end - 1) + 1 : end]
            after = data[end : data.find(b"\n", end) + 1 or len(data)]
            is_blank = not before.strip() or not after.strip()
            if not is_blank and before.split(b"\t", 1)[0] != after.split(b"\t", 1)[0]:
                break
        yield start, end or len(data)
        start = end or len(data)


def _joined(parts: list[tuple[Parsed, int]]) -> Parsed:
    """Return what all parts gave as one, with the line numbers of the whole."""
    whole = Parsed()
    frames: dict[str, list[pd.DataFrame]] = {}
    before = 0
    for parsed, lines in parts:
        whole.read += parsed.read
        whole.skipped += Counter(parsed.skipped)
        whole.quarantined += [
            Quarantined(unit.pos + before, unit.reason, unit.raw) for unit in parsed.quarantined
        ]
        whole.warnings += [said for said in parsed.warnings if said not in whole.warnings]
        for name, rows in parsed.tables.items():
            frame = pd.DataFrame(rows)
            frames.setdefault(name, []).append(
                frame.assign(source_pos=frame["source_pos"] + before)
            )
        before += lines
    whole.tables |= {name: pd.concat(each, ignore_index=True) for name, each in frames.items()}
    return whole
