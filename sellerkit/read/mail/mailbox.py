"""A mailbox file cut into its mails.

`mailbox.mbox` of the standard library takes 24 times as long to give the first mail, and splits at
any line that begins with ``From ``. Here such a line counts only at the start of the file or after
a blank line, and only where it ends in a date, as nearly every writer of mailboxes puts it. Newer
Thunderbirds write ``From `` and nothing else; there a header must follow.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, TypeAlias

from sellerkit.read.mail.dates import parse_date

Bytes: TypeAlias = bytes | mmap.mmap

_MONTHS = b"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_ZONE = rb"[+-]\d{4}|[A-Z]{2,5}"
_ENVELOPE_TAIL = re.compile(
    rb"\b(%b) +(\d{1,2}) +(\d{1,2}:\d\d(?::\d\d)?) +(?:(%b) +)?(\d{4})(?: +(%b))?\s*$"
    % (_MONTHS, _ZONE, _ZONE)
)
#: Where a file ends inside such a line, the address alone gives it away.
_CUT_ENVELOPE = re.compile(rb"From [^\s@]{1,200}@\S{0,200}(?: |\Z)")
_BARE = re.compile(
    rb"From \r?\n(?:X-[!-9;-~]{1,70}|ARC-[!-9;-~]{1,30}|Return-Path|Received|From|To|Date|Subject|"
    rb"Message-ID|Delivered-To|MIME-Version|Content-Type|Reply-To|DKIM-Signature|Sender|Cc|"
    rb"Authentication-Results|List-[!-9;-~]{1,30}|In-Reply-To|References):",
    re.IGNORECASE,
)
_BARE_BYTES = 90
#: The date stands in the last bytes of the line; looking at no more keeps hostile lines cheap.
_TAIL_BYTES = 64
_LONGEST_LINE = 2000
_ESCAPED = re.compile(rb"^>+(?=From )", re.MULTILINE)
#: How far the cursor moves before the pages behind it are given back.
_RELEASE_BYTES = 64 * 2**20


class Piece(NamedTuple):
    """One mail as it lies in its file.

    Attributes
    ----------
    pos : int
        Byte offset of its ``From `` line, or of its first byte where there is none.
    raw : bytes
        The mail, without that line, un-escaped.
    envelope : bytes
        That line; empty where there is none.
    is_last : bool
        Nothing follows it in the file.
    """

    pos: int
    raw: bytes
    envelope: bytes
    is_last: bool

    @property
    def envelope_at(self) -> datetime | None:
        """The date in the ``From `` line."""
        return _envelope_date(self.envelope)


def is_envelope(line: bytes) -> bool:
    """Tell whether a line opens a mail: ``From `` somebody, and a date that ends in a year."""
    return line.startswith(b"From ") and bool(_ENVELOPE_TAIL.search(line[-_TAIL_BYTES:]))


def opens_bare(begin: bytes) -> bool:
    """Tell whether bytes begin with a lone ``From `` and one of a mail's headers below it."""
    return bool(_BARE.match(begin))


def pieces(data: Bytes) -> Iterator[Piece]:
    """Yield the mails of a mailbox, in order; what stands before the first is one too."""
    starts = _starts(data)
    start = next(starts, None)
    if start is None or data[:start].strip():
        yield Piece(0, bytes(data[:start]), b"", start is None)
    released = 0
    while start is not None:
        following = next(starts, None)
        yield _piece(data, start, len(data) if following is None else following, following is None)
        if isinstance(data, mmap.mmap) and following and following - released > _RELEASE_BYTES:
            released = _release(data, released, following)
        start = following


def spans(data: Bytes, size: int) -> Iterator[tuple[int, int]]:
    """Yield where to cut a mailbox into spans of about so many bytes, each of whole mails."""
    start = 0
    while start < len(data):
        end = (
            next(_starts(data, start + size), len(data)) if start + size < len(data) else len(data)
        )
        yield start, end
        start = end


def mail_at(data: Bytes, start: int) -> Piece:
    """Return the mail whose ``From `` line stands at an offset."""
    end = end_of(data, start)
    return _piece(data, start, end, end == len(data))


def end_of(data: Bytes, start: int) -> int:
    """Return where the mail ends that stands at an offset."""
    return next(_starts(data, start + 1), len(data))


def unescaped(raw: bytes) -> bytes:
    """Return a mail with no ``>`` before a line's ``From ``.

    Some mailboxes escape each such line, some only bare ones, and files taken out of a mailbox may
    have kept the escapes. How many there were cannot be told, so all go, wherever the mail is from.
    """
    return _ESCAPED.sub(b"", raw) if b">From " in raw else raw


def _starts(data: Bytes, after: int = 0) -> Iterator[int]:
    """Yield the offset of each line that opens a mail, from some place on."""
    at = 0 if not after and data[:5] == b"From " else _next(data, after)
    while at >= 0:
        line = _line(data, at)
        is_cut = at + len(line) == len(data) and _CUT_ENVELOPE.match(line)
        if is_envelope(line) or is_cut or opens_bare(data[at : at + _BARE_BYTES]):
            yield at
        at = _next(data, at)


def _next(data: Bytes, after: int) -> int:
    """Return the offset of the next ``From `` at a line's start after a blank line, else -1."""
    found = data.find(b"\nFrom ", after)
    while found >= 0:
        before = data[max(found - 3, 0) : found]
        if before.endswith((b"\n", b"\n\r")) or before in (b"", b"\r"):
            return found + 1
        found = data.find(b"\nFrom ", found + 1)
    return -1


def _line(data: Bytes, start: int) -> bytes:
    end = data.find(b"\n", start, start + _LONGEST_LINE)
    return bytes(data[start : end if end >= 0 else min(start + _LONGEST_LINE, len(data))])


def _piece(data: Bytes, start: int, end: int, is_last: bool) -> Piece:
    line = _line(data, start)
    raw = unescaped(bytes(data[start + len(line) + 1 : end]))
    return Piece(start, raw, line, is_last)


def _envelope_date(line: bytes) -> datetime | None:
    """Return the date of an envelope line, which is meant in UTC where it names no zone."""
    found = _ENVELOPE_TAIL.search(line[-_TAIL_BYTES:])
    if not found:
        return None
    month, day, clock, zone, year, late_zone = (part or b"" for part in found.groups())
    words = b" ".join([day, month, year, clock, zone or late_zone or b"+0000"])
    return parse_date(words.decode("ascii"))


def _release(data: mmap.mmap, start: int, end: int) -> int:
    """Give the pages of a range back to the system, where that can be done; return its end."""
    first, last = start - start % mmap.PAGESIZE, end - end % mmap.PAGESIZE
    if hasattr(mmap, "MADV_DONTNEED") and last > first:
        data.madvise(mmap.MADV_DONTNEED, first, last - first)
    return last
