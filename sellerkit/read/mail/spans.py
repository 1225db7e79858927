"""A large mailbox read by several processes, a span of whole mails at a time.

Each process opens the file itself and reads its span of it, so that no mail travels between
processes but as a row. What one gave is joined in the order of the file.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import loky
import pandas as pd

from sellerkit.errors import InputError
from sellerkit.read.mail.mailbox import Piece, pieces, spans
from sellerkit.read.mail.reading import read_mails, repeats
from sellerkit.read.mail.record import Row
from sellerkit.read.mail.telling import told
from sellerkit.read.source import Context, Parsed, Source

#: About so much of a mailbox is read at once. Smaller mailboxes are not worth a second process.
SPAN_BYTES = 24 * 2**20

_WORKERS = 4


def is_large(source: Source) -> bool:
    """Tell whether a mailbox is worth several processes, and can be opened by them."""
    return source.path is not None and len(source.data) > SPAN_BYTES


def read_large(source: Source, context: Context) -> Parsed:
    """Read a mailbox in several processes.

    Raises
    ------
    InputError
        A process died: out of memory, or stopped from outside.
    """
    work = [(source.path, source.name, span, len(source.data), context)
            for span in spans(source.data, SPAN_BYTES)]  # fmt: skip
    try:
        with loky.ProcessPoolExecutor(min(_cores(), len(work), _WORKERS)) as pool:
            return _joined(list(pool.map(_read_span, work)), source)
    except loky.BrokenProcessPool as error:
        raise InputError(
            f"{source.name}: a process that read it died (out of memory?); nothing was changed"
        ) from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read_span(work: tuple[str, str, tuple[int, int], int, Context]) -> Parsed:
    """Read one span: its rows as frames, with language and topic."""
    path, name, (start, end), size, context = work
    with open(path, "rb") as file:  # noqa: PTH123 - an unpacked member has no Path
        file.seek(start)
        data = file.read(end - start)
    parsed = read_mails(_placed(data, start, end == size), name, size, context)
    frames = {n: pd.DataFrame.from_records(rows) for n, rows in parsed.tables.items()}
    if len(frames["messages"]):
        frames["messages"] = told(frames["messages"])
    return replace(parsed, tables=frames)


def _placed(data: bytes, start: int, at_end: bool) -> Iterator[Piece]:
    """Yield the mails of a span, placed in the whole file."""
    for piece in pieces(data):
        yield piece._replace(pos=piece.pos + start, is_last=piece.is_last and at_end)


def _joined(parts: list[Parsed], source: Source) -> Parsed:
    """Return what all spans gave as one; a mail of one span may stand in another too."""
    whole = Parsed(
        sum(part.read for part in parts),
        sum((part.skipped for part in parts), Counter()),
        [unit for part in parts for unit in part.quarantined],
        warnings=[sentence for part in parts for sentence in part.warnings],
    )
    frames = {
        name: pd.concat([pd.DataFrame(part.tables[name]) for part in parts], ignore_index=True)
        for name in ("messages", "mails")
    }
    messages = frames["messages"]
    if not len(messages):
        return whole
    several = messages[messages.duplicated("message_id", keep=False)]
    again = repeats(whole, zip(several.index, _records(several), strict=True), source.data)
    whole.tables |= {
        name: frame.drop(index=list(again)).reset_index(drop=True) for name, frame in frames.items()
    }
    return whole


def _records(messages: pd.DataFrame) -> list[Row]:
    return messages.astype("object").where(messages.notna(), None).to_dict("records")
