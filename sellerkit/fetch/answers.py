"""What a server answers to FETCH, read from the pieces that `imaplib` cuts it into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from imap_tools.imap_utf7 import utf7_decode

from sellerkit.fetch.kept import Fetched
from sellerkit.read.mail.dates import parse_date

#: A line, or a line up to the length of a literal, and that literal; None for no answer at all.
Item: TypeAlias = bytes | tuple[bytes, bytes] | None

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb"\bINTERNALDATE \"([^\"]*)\"")
_LABELS = re.compile(rb"\bX-GM-LABELS \(((?:\"(?:[^\"\\]|\\.)*\"|[^()\"])*)\)")
_LABEL = re.compile(rb"\"((?:[^\"\\]|\\.)*)\"|([^\s\"]+)")
_LITERAL = re.compile(rb"\{\d+\}$")
_BODY = re.compile(rb"\bBODY\[\] $")


def sizes_in(answer: Iterable[Item]) -> dict[int, int]:
    """Return the size of each mail by its UID."""
    sizes = {}
    for said, _ in _answers(answer):
        uid, size = _UID.search(said), _SIZE.search(said)
        if uid and size:
            sizes[int(uid[1])] = int(size[1])
    return sizes


def mails_in(answer: Iterable[Item]) -> Iterator[Fetched]:
    """Yield the mails in an answer; what is none (a change of flags) is passed over."""
    for said, raw in _answers(answer):
        labels = _LABELS.search(said)
        # a label may say anything, even what looks like another part of the answer
        rest = _LABELS.sub(b"", said)
        uid, day = _UID.search(rest), _DATE.search(rest)
        if uid and raw is not None:
            arrived_at = parse_date(day[1].strip().decode("ascii", "replace")) if day else None
            yield Fetched(int(uid[1]), raw, arrived_at, _names(labels[1]) if labels else ())


def _answers(answer: Iterable[Item]) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield of each mail what the server says about it, and its bytes.

    Literals are put back as quoted text, but for the mail itself.
    """
    said, raw = b"", None
    for item in answer:
        if isinstance(item, tuple):
            before = _LITERAL.sub(b"", item[0])
            if _BODY.search(before):
                said, raw = said + before, item[1]
            else:
                said += before + b'"%b"' % re.sub(rb"([\\\"])", rb"\\\1", item[1])
        elif item is not None:
            yield said + item, raw
            said, raw = b"", None


def _names(labels: bytes) -> tuple[str, ...]:
    r"""Return Gmail's labels as Takeout names them: ``\Sent`` is Sent."""
    names = []
    for quoted, bare in _LABEL.findall(labels):
        name = utf7_decode(re.sub(rb"\\(.)", rb"\1", quoted) or bare)
        names.append(" ".join(name.removeprefix("\\").replace(",", " ").split()))
    return tuple(name for name in names if name)
