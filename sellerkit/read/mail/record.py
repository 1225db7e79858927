"""One mail as a message and as evidence: a row of `MESSAGES` and one of `MAILS`."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from sellerkit.read.mail.dates import received_at, sent_at
from sellerkit.read.mail.direction import (
    NOT_ABOUT_A_BUYER,
    Direction,
    direction,
    folder_of,
    is_automated,
    order_id,
)
from sellerkit.read.mail.mailbox import Piece
from sellerkit.read.mail.mended import mended
from sellerkit.read.mail.mime import Mail, parse_mail
from sellerkit.read.mail.strangers import is_strangers
from sellerkit.read.source import Context
from sellerkit.text import amazon_text, clean, html_text, own_text

Row = dict[str, object]

#: No mail server takes larger mails, and Amazon's none of half the size.
MAX_MAIL = 64 * 2**20
#: The rest of a large mail are its attachments; nobody reads longer texts.
MAX_TEXT = 16 * 2**20
#: The headers of a mail are some thousand bytes; what has more is made to tire its reader.
MAX_HEADERS = 2**20

_HEADER_END = re.compile(rb"\n\r?\n")

#: Headers that a mailbox adds or changes: the same mail exported twice has others.
_STORE_HEADERS = re.compile(
    rb"^(?:X-GM-THRID|X-Gmail-Labels|X-GM-LABELS|Status|X-Status|X-Keywords|X-UID|X-IMAP|"
    rb"X-Mozilla-Status2?|X-Mozilla-Keys)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
_IN_BRACKETS = re.compile(r"<\s{0,9}([^<>\s]{1,900})\s{0,9}>")
_REPORTED_ID = re.compile(
    r"^[> \t]{0,9}(?:Original-)?Message-ID:\s{0,9}<([^<>\s]{1,900})>", re.IGNORECASE | re.MULTILINE
)
#: Who wrote a mail of each kind. A bounce is no message of anybody's: it stands as a notice.
_SENDERS = {"buyer": "buyer", "seller": "seller", "copy": "seller"}


class Record(NamedTuple):
    """What became of one mail: its two rows, or why it is skipped or does not fit."""

    message: Row | None = None
    mail: Row | None = None
    skipped: str = ""
    unfit: str = ""
    trouble: str = ""


def record_of(piece: Piece, path: str, context: Context) -> Record:
    """Read one mail.

    Parameters
    ----------
    piece : Piece
        Its bytes, and what the mailbox says of it.
    path : str
        The file's name as given: its folder may say that it was sent.
    context : Context
    """
    if is_strangers(piece.raw, path, context):
        return Record(skipped=NOT_ABOUT_A_BUYER)
    if unfit := _too_large(piece.raw):
        return Record(unfit=unfit)
    mail = parse_mail(piece.raw)
    if (signs := len(mail.plain) + len(mail.html)) > MAX_TEXT:
        return Record(unfit=f"its text has {signs:,} characters, of {MAX_TEXT:,} that are read")
    return _record(mail, piece, path, context)


def _record(mail: Mail, piece: Piece, path: str, context: Context) -> Record:
    whole = mended(clean(mail.plain) or clean(html_text(mail.html)))
    folder = folder_of(mail.headers.get("x-gmail-labels", []), path)
    found = direction(mail, whole, folder, context)
    if found.skipped:
        return Record(skipped=found.skipped, trouble=mail.trouble)
    moment = sent_at(
        mail.headers.get("date", []), mail.headers.get("received", []), piece.envelope_at
    )
    if moment is None:
        return Record(unfit="no date: neither Date nor Received says when it was sent")
    said: Row = {
        "account": context.account,
        "message_id": message_id_of(mail, piece.raw),
        "sent_at": moment,
        "buyer_id": found.buyer_id,
        "automated": found.kind in ("seller", "copy", "buyer") and is_automated(mail),
        "undelivered": False,
    }
    order = order_id(mail, whole)
    body = _body(mail, whole, found.kind)
    message = said | _words(mail, found, body) | {"order_id": order, "source_pos": piece.pos}
    message["thread_id"] = found.buyer_id or said["message_id"]
    evidence = said | _evidence(mail, whole, found.kind) | {"named_order_id": order}
    evidence["text_key"] = _text_key(body)
    evidence["received_at"] = received_at(mail.headers.get("received", []))
    return Record(message, evidence, trouble=mail.trouble)


def _too_large(raw: bytes) -> str:
    """Return what of a mail is larger than a mail's can be; nothing where it is as it should."""
    if len(raw) > MAX_MAIL:
        return f"it has {len(raw):,} bytes; no mail has more than {MAX_MAIL:,}"
    end = _HEADER_END.search(raw)
    headers = end.start() if end else len(raw)
    if headers > MAX_HEADERS:
        return f"its headers have {headers:,} bytes; no mail's have more than {MAX_HEADERS:,}"
    return ""


def _words(mail: Mail, found: Direction, body: str) -> Row:
    """Return what a message says, and where."""
    return {
        "marketplace": found.marketplace,
        "sender": _SENDERS.get(found.kind, "amazon"),
        "channel": "other" if found.kind == "bounce" else "amazon",
        "topic": found.topic,
        "topic_rule": found.topic_rule,
        "subject": " ".join(mended(clean(mail.first("subject"))).split()) or None,
        "body": body or None,
        "attachments": mail.attachments,
    }


def _evidence(mail: Mail, whole: str, kind: str) -> Row:
    """Return what a mail says about other mails."""
    earlier = _ids(mail.first("in-reply-to"))
    # the nearest mail stands last in References
    earlier += reversed(_ids(mail.first("references")))
    voids: list[str] = []
    if kind == "bounce":
        reported = _REPORTED_ID.findall(f"{mail.embedded}\n{whole}")
        voids = list(dict.fromkeys([*reported, *earlier]))
    return {"kind": kind, "references": list(dict.fromkeys(earlier)), "voids": voids}


def _body(mail: Mail, whole: str, kind: str) -> str:
    """Return the writer's own words."""
    if kind not in _SENDERS:
        return whole
    if kind == "seller":
        return own_text(whole, fenced=False)
    words = amazon_text(mail.html) if mail.html else None
    return own_text(mended(words) if words else whole, fenced=True)


def _ids(line: str) -> list[str]:
    return _IN_BRACKETS.findall(line[:20000])


def message_id_of(mail: Mail, raw: bytes) -> str:
    """Return a mail's Message-ID without brackets; where there is none, a hash of the mail."""
    line = mail.first("message-id")
    own = _ids(line) or clean(line).split()[:1]
    return own[0] if own else "sha256:" + hashlib.sha256(_canonical(raw)).hexdigest()


def _canonical(raw: bytes) -> bytes:
    """Return a mail's bytes as any mailbox would give them: line ends, without its own headers."""
    plain = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head, blank, body = plain.partition(b"\n\n")
    return _STORE_HEADERS.sub(b"", head + b"\n") + blank + body.rstrip(b"\n")


def _text_key(body: str) -> str | None:
    words = " ".join(body.casefold().split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32] if words else None
