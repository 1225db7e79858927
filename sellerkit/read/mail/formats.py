"""The two mail formats: a mailbox (mbox) and a mail by itself (eml)."""

from __future__ import annotations

import re

from sellerkit.read.mail.mailbox import Piece, end_of, is_envelope, opens_bare, pieces, unescaped
from sellerkit.read.mail.reading import read_mails, repeats
from sellerkit.read.mail.spans import is_large, read_large
from sellerkit.read.source import Context, Format, Parsed, Source, Unit

_HEADER = re.compile(rb"^([!-9;-~]{1,76})[ \t]{0,9}:", re.MULTILINE)
_KNOWN = frozenset(
    {
        b"from", b"to", b"date", b"subject", b"received", b"message-id", b"return-path",
        b"delivered-to", b"mime-version", b"content-type", b"reply-to", b"x-gm-thrid",
    }
)  # fmt: skip
_FROM_LINE = re.compile(rb"From (?![ \t]*:)")
_BOM = b"\xef\xbb\xbf"


def is_mbox(source: Source) -> bool:
    """Tell whether a file is a mailbox: it begins with ``From ``, somebody, and a date."""
    head = source.head.lstrip()
    return is_envelope(head.partition(b"\n")[0]) or opens_bare(head)


def is_eml(source: Source) -> bool:
    """Tell whether a file is one mail: it begins with headers, and two are such as mails have.

    One is enough in a file that is called a mail: a bare ``Subject`` could be any text's.
    """
    head = _bare(source.head).replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    names = [name.lower() for name in _HEADER.findall(head)]
    enough = 1 if source.name.lower().endswith(".eml") else 2
    has_headers = bool(_HEADER.match(head)) and len(_KNOWN.intersection(names)) >= enough
    return has_headers and not is_mbox(source)


def parse_mbox(source: Source, context: Context) -> Parsed:
    """Read a mailbox; `source_pos` is the offset of a mail's ``From `` line."""
    if is_large(source):
        return read_large(source, context)
    parsed = read_mails(pieces(source.data), source.name, len(source.data), context)
    again = repeats(parsed, enumerate(parsed.tables["messages"]), source.data)
    parsed.tables = {
        name: [row for number, row in enumerate(rows) if number not in again]
        for name, rows in parsed.tables.items()
    }
    return parsed


def parse_eml(source: Source, context: Context) -> Parsed:
    """Read a file that is one mail; `source_pos` is 0."""
    raw = unescaped(_bare(bytes(source.data)))
    return read_mails([Piece(0, raw, b"", True)], source.name, len(source.data), context)


def mail_at(source: Source, pos: int, context: Context) -> Unit | None:
    """Return a mail as it lies in its mailbox, with its ``From `` line."""
    if not 0 <= pos < len(source.data):
        return None
    return _unit("byte", bytes(source.data[pos : end_of(source.data, pos)]))


def whole_mail(source: Source, pos: int, context: Context) -> Unit | None:
    """Return the file that is the mail."""
    return _unit("whole file", bytes(source.data))


def _unit(counts: str, data: bytes) -> Unit:
    return Unit(counts, data, data.decode("utf-8", "backslashreplace"))


def _bare(raw: bytes) -> bytes:
    """Return a mail without what some programs put before it: a mark, blank lines, ``From x``."""
    raw = raw.removeprefix(_BOM).lstrip(b"\r\n")
    return raw.partition(b"\n")[2] if _FROM_LINE.match(raw) else raw


MBOX = Format(
    name="mbox",
    about="a mailbox: Gmail Takeout, Thunderbird, Apple Mail, readpst, most mail programs",
    recognised_by="begins with a line 'From <somebody> <date>'",
    example="From 1654@xxx Mon Jan 06 04:49:45 +0000 2020",
    matches=is_mbox,
    parse=parse_mbox,
    unit=mail_at,
)

EML = Format(
    name="eml",
    about="one mail a file: an .eml export, a Maildir, a folder of mails",
    recognised_by="begins with mail headers (From, Date, Subject, Received, …)",
    example="From: Alisa - Amazon Marketplace <a1b2c3d4e5f6g7@marketplace.amazon.com>",
    matches=is_eml,
    parse=parse_eml,
    unit=whole_mail,
)
