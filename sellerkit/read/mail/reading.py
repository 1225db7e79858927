"""Mails, one after another, as rows; each accounted for."""

from __future__ import annotations

from collections.abc import Iterable

from sellerkit.read.mail.cut_off import cut_off
from sellerkit.read.mail.mailbox import Piece
from sellerkit.read.mail.record import Record, Row, record_of
from sellerkit.read.source import Context, Parsed, Quarantined

#: How much of a mail that does not fit is kept with its reason.
_KEPT_RAW = 200_000


def read_mails(mails: Iterable[Piece], name: str, size: int, context: Context) -> Parsed:
    """Read mails of one file, whose name and size are given, into lists of rows."""
    parsed = Parsed()
    messages: list[Row] = []
    evidence: list[Row] = []
    seen: dict[object, int] = {}
    for piece in mails:
        parsed.read += 1
        record = _record(piece, name, size, context)
        if record.trouble and not record.skipped:
            parsed.warnings.append(f"{name}, byte {piece.pos}: {record.trouble}")
        if record.skipped:
            parsed.skipped[record.skipped] += 1
        elif record.message is None or record.mail is None:
            set_aside(parsed, piece.pos, piece.raw, record.unfit)
        elif (place := seen.setdefault(record.mail["message_id"], len(messages))) < len(messages):
            repeated(parsed, record.message, messages[place], piece.raw)
        else:
            messages.append(record.message)
            evidence.append(record.mail)
    parsed.tables = {"messages": messages, "mails": evidence}
    return parsed


def _record(piece: Piece, name: str, size: int, context: Context) -> Record:
    if piece.is_last and (where := cut_off(piece.raw)):
        reason = f"the file ends inside this mail, at byte {size}, {where}"
        return Record(unfit=reason, trouble=reason)
    if not piece.raw.strip():
        return Record(unfit="an empty mail")
    return record_of(piece, name, context)


def repeated(parsed: Parsed, message: Row, first: Row, raw: bytes) -> None:
    """Account for a mail whose Message-ID came before: the same mail again, or another under it."""
    pos = message["source_pos"]
    if message == first | {"source_pos": pos}:
        parsed.skipped["duplicate"] += 1
        return
    reason = f"another mail with the same Message-ID stands at byte {first['source_pos']}"
    set_aside(parsed, pos, raw, reason)


def set_aside(parsed: Parsed, pos: object, raw: bytes, reason: str) -> None:
    """Put a mail that does not fit into quarantine."""
    kept = raw[:_KEPT_RAW].decode("utf-8", "replace")
    parsed.quarantined.append(Quarantined(int(str(pos)), reason, kept))
