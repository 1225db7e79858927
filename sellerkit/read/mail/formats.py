"""The two mail formats: a mailbox (mbox) and a mail by itself (eml)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sellerkit.read.mail.cut_off import cut_off
from sellerkit.read.mail.mailbox import Piece, is_envelope, pieces, unescaped
from sellerkit.read.mail.record import Record, Row, record_of
from sellerkit.read.source import Context, Format, Parsed, Quarantined, Source

_HEADER = re.compile(rb"^([!-9;-~]{1,76})[ \t]?:", re.MULTILINE)
_KNOWN = frozenset(
    {
        b"from", b"to", b"date", b"subject", b"received", b"message-id", b"return-path",
        b"delivered-to", b"mime-version", b"content-type", b"reply-to", b"x-gm-thrid",
    }
)  # fmt: skip
_FROM_LINE = re.compile(rb"From (?![ \t]*:)")
_BOM = b"\xef\xbb\xbf"
#: How much of a mail that does not fit is kept with its reason.
_KEPT_RAW = 200_000


def is_mbox(source: Source) -> bool:
    """Tell whether a file is a mailbox: it begins with ``From ``, somebody, and a date."""
    return is_envelope(source.head.lstrip().partition(b"\n")[0])


def is_eml(source: Source) -> bool:
    """Tell whether a file is one mail: it begins with headers, and two are such as mails have."""
    head = _bare(source.head).replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    names = [name.lower() for name in _HEADER.findall(head)]
    has_headers = bool(_HEADER.match(head)) and len(_KNOWN.intersection(names)) >= 2
    return has_headers and not is_mbox(source)


def parse_mbox(source: Source, context: Context) -> Parsed:
    """Read a mailbox; `source_pos` is the offset of a mail's ``From `` line."""
    return _parse(pieces(source.data), source, context)


def parse_eml(source: Source, context: Context) -> Parsed:
    """Read a file that is one mail; `source_pos` is 0."""
    raw = unescaped(_bare(bytes(source.data)))
    return _parse([Piece(0, raw, b"", True)], source, context)


def _bare(raw: bytes) -> bytes:
    """Return a mail without what some programs put before it: a mark, blank lines, ``From x``."""
    raw = raw.removeprefix(_BOM).lstrip(b"\r\n")
    return raw.partition(b"\n")[2] if _FROM_LINE.match(raw) else raw


def _parse(mails: Iterable[Piece], source: Source, context: Context) -> Parsed:
    parsed = Parsed()
    messages: list[Row] = []
    evidence: list[Row] = []
    seen: dict[object, int] = {}
    for piece in mails:
        parsed.read += 1
        record = _record(piece, source, context)
        if record.trouble and not record.skipped:
            parsed.warnings.append(f"{source.name}, byte {piece.pos}: {record.trouble}")
        if record.skipped:
            parsed.skipped[record.skipped] += 1
        elif record.message is None or record.mail is None:
            parsed.quarantined.append(_quarantined(piece, record.unfit))
        elif (place := seen.setdefault(record.mail["message_id"], len(messages))) < len(messages):
            _repeated(parsed, piece, record, messages[place])
        else:
            messages.append(record.message)
            evidence.append(record.mail)
    parsed.tables = {"messages": messages, "mails": evidence}
    return parsed


def _record(piece: Piece, source: Source, context: Context) -> Record:
    if piece.is_last and (where := cut_off(piece.raw)):
        reason = f"the file ends inside this mail, at byte {len(source.data)}, {where}"
        return Record(unfit=reason, trouble=reason)
    if not piece.raw.strip():
        return Record(unfit="an empty mail")
    return record_of(piece, source.name, context)


def _repeated(parsed: Parsed, piece: Piece, record: Record, first: Row) -> None:
    """Account for a mail whose Message-ID came before: the same mail again, or another under it."""
    if record.message == first | {"source_pos": piece.pos}:
        parsed.skipped["duplicate"] += 1
        return
    reason = f"another mail with the same Message-ID stands at byte {first['source_pos']}"
    parsed.quarantined.append(_quarantined(piece, reason))


def _quarantined(piece: Piece, reason: str) -> Quarantined:
    return Quarantined(piece.pos, reason, piece.raw[:_KEPT_RAW].decode("utf-8", "replace"))


MBOX = Format(
    name="mbox",
    about="a mailbox: Gmail Takeout, Thunderbird, Apple Mail, readpst, most mail programs",
    recognised_by="begins with a line 'From <somebody> <date>'",
    example="From 1654@xxx Mon Jan 06 04:49:45 +0000 2020",
    matches=is_mbox,
    parse=parse_mbox,
)

EML = Format(
    name="eml",
    about="one mail a file: an .eml export, a Maildir, a folder of mails",
    recognised_by="begins with mail headers (From, Date, Subject, Received, …)",
    example="From: Alisa - Amazon Marketplace <a1b2c3d4e5f6g7@marketplace.amazon.com>",
    matches=is_eml,
    parse=parse_eml,
)
