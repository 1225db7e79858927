"""Mails, one after another, as rows; each accounted for."""

from __future__ import annotations

from collections.abc import Iterable

from sellerkit.read.mail.cut_off import cut_off
from sellerkit.read.mail.mailbox import Bytes, Piece, mail_at
from sellerkit.read.mail.record import Record, Row, record_of
from sellerkit.read.source import Context, Parsed, Quarantined

#: What a purge leaves of a mail in a mailbox, so that a fetch knows that it has come.
PURGED = b"X-Sellerkit-Purged: 1"

#: How much of a mail that does not fit is kept with its reason.
_KEPT_RAW = 200_000


def read_mails(mails: Iterable[Piece], name: str, size: int, context: Context) -> Parsed:
    """Read mails of one file, whose name and size are given, into lists of rows.

    A mail that stands in the file twice gives two rows: see `repeats`.
    """
    parsed = Parsed()
    messages: list[Row] = []
    evidence: list[Row] = []
    for piece in mails:
        parsed.read += 1
        record = _record(piece, name, size, context)
        if record.trouble and not record.skipped:
            parsed.warnings.append(f"{name}, byte {piece.pos}: {record.trouble}")
        if record.skipped:
            parsed.skipped[record.skipped] += 1
        elif record.message is None or record.mail is None:
            _set_aside(parsed, piece.pos, piece.raw, record.unfit)
        else:
            messages.append(record.message)
            evidence.append(record.mail)
    parsed.tables = {"messages": messages, "mails": evidence}
    return parsed


def _record(piece: Piece, name: str, size: int, context: Context) -> Record:
    if piece.raw.strip() == PURGED:
        return Record(skipped="purged")
    if piece.is_last and (where := cut_off(piece.raw)):
        reason = f"the file ends inside this mail, at byte {size}, {where}"
        return Record(unfit=reason, trouble=reason)
    if not piece.raw.strip():
        return Record(unfit="an empty mail")
    return record_of(piece, name, context)


def repeats(parsed: Parsed, rows: Iterable[tuple[int, Row]], data: Bytes) -> set[int]:
    """Account for mails whose Message-ID came before: the same mail again, or another under it.

    Parameters
    ----------
    parsed : Parsed
        The account to add to.
    rows : iterable of (int, Row)
        Messages with their number, in order of the file.
    data : bytes or mmap
        The whole mailbox.

    Returns
    -------
    set of int
        The numbers that are to be left out.
    """
    first: dict[object, Row] = {}
    again = set()
    for number, row in rows:
        earlier = first.setdefault(row["message_id"], row)
        if earlier is row:
            continue
        again.add(number)
        pos = int(str(row["source_pos"]))
        if row == earlier | {"source_pos": row["source_pos"]}:
            parsed.skipped["duplicate"] += 1
        else:
            where = f"another mail with the same Message-ID stands at byte {earlier['source_pos']}"
            _set_aside(parsed, pos, mail_at(data, pos).raw, where)
    return again


def _set_aside(parsed: Parsed, pos: int, raw: bytes, reason: str) -> None:
    """Put a mail that does not fit into quarantine."""
    parsed.quarantined.append(Quarantined(pos, reason, raw[:_KEPT_RAW].decode("utf-8", "replace")))
