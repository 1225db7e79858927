"""A large mailbox read by several processes, a span of whole mails at a time.

Each process opens the file itself and reads its span of it, so that no mail travels between
processes but as a row. What one gave is joined in the order of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from sellerkit.read.mail.mailbox import Piece, pieces, spans
from sellerkit.read.mail.reading import read_mails, repeats
from sellerkit.read.mail.record import Row
from sellerkit.read.mail.telling import notices_of, told
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.read.workers import in_processes, part_of

#: About so much of a mailbox is read at once: topics are told of thousands of mails as fast as of
#: hundreds. Smaller mailboxes are not worth a second process.
SPAN_BYTES = 48 * 2**20


def is_large(source: Source) -> bool:
    """Tell whether a mailbox is worth several processes, and can be opened by them."""
    return source.path is not None and len(source.data) > SPAN_BYTES


def read_large(source: Source, context: Context) -> Parsed:
    """Read a mailbox in several processes.

    Raises
    ------
    InputError
        A process died.
    """
    size = len(source.data)
    work = [
        (str(source.path), source.name, start, end, size, context)
        for start, end in spans(source.data, SPAN_BYTES)
    ]
    return _joined(in_processes(_read_span, work, source), source)


def _read_span(work: tuple[str, str, int, int, int, Context]) -> Parsed:
    """Read one span: its rows as frames, with language and topic."""
    path, name, start, end, size, context = work
    data = part_of(path, start, end)
    parsed = read_mails(_placed(data, start, end == size), name, size, context)
    frames = {n: pd.DataFrame.from_records(rows) for n, rows in parsed.tables.items()}
    if len(frames["messages"]):
        frames["messages"] = told(frames["messages"])
        frames["notices"] = notices_of(frames["messages"], frames["mails"])
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
        name: pd.concat(
            [pd.DataFrame(part.tables.get(name, [])) for part in parts], ignore_index=True
        )
        for name in ("messages", "mails", "notices")
    }
    told_of = frames.pop("notices")
    messages = frames["messages"]
    if not len(messages):
        return whole
    several = messages[messages.duplicated("message_id", keep=False)]
    again = repeats(whole, zip(several.index, _records(several), strict=True), source.data)
    whole.tables |= {
        name: frame.drop(index=list(again)).reset_index(drop=True) for name, frame in frames.items()
    }
    if len(told_of):
        kept = told_of["source_pos"].isin(messages["source_pos"].drop(index=list(again)))
        whole.tables["notices"] = told_of[kept]
    return whole


def _records(messages: pd.DataFrame) -> list[Row]:
    return messages.astype("object").where(messages.notna(), None).to_dict("records")
