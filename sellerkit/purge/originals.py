"""Files as they were fetched: of a purged mail its place stays, of a purged report its name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.lake import QUARANTINE, Lake
from sellerkit.lake.forgotten import Forgotten
from sellerkit.lake.tokens import is_token
from sellerkit.purge.plan import ALL
from sellerkit.read.files import files_under
from sellerkit.read.mail.formats import is_eml, is_mbox
from sellerkit.read.mail.mailbox import Piece, pieces
from sellerkit.read.mail.mime import parse_mail
from sellerkit.read.mail.reading import PURGED
from sellerkit.read.mail.record import message_id_of
from sellerkit.read.source import Source

#: The line by which `sellerkit fetch imap` knows which mail of the server this is.
_FETCHED = re.compile(rb"From [0-9]+@imap ")
_NOBODY = b"From purged@purged Thu Jan  1 00:00:00 1970"


def stubbed(folders: Iterable[Path], forgotten: Forgotten | None, lake: Lake) -> dict[str, Any]:
    """Take out of original files what a lake has forgotten.

    A mail in a mailbox becomes a stub, by which a fetch knows that it has come; a file that is one
    mail is removed; another file is emptied where no row is left of it in the lake. What holds both
    is left, and said.

    Parameters
    ----------
    folders : iterable of Path
    forgotten : Forgotten or None
    lake : Lake

    Returns
    -------
    dict
        ``mails``: how many were taken out; ``emptied``: how many files were removed or emptied;
        ``left``: files that hold purged rows still, beside others.
    """
    found: dict[str, Any] = {"mails": 0, "emptied": 0, "left": []}
    folders = list(folders)
    if not folders or forgotten is None:
        return found
    accounts = pd.Series(sorted(lake.ingests()["account"].dropna().unique()), dtype="str")
    state = _files(lake)
    for file in (file for folder in folders for file in files_under(folder)):
        source = Source(str(file), file.read_bytes())
        if is_mbox(source):
            found["mails"] += _mailbox(file, source.data, forgotten, accounts)
        elif is_eml(source) and _gone([_whole(source)], forgotten, accounts).all():
            file.unlink()
            found["mails"] += 1
            found["emptied"] += 1
        elif state.get(source.sha256) == "gone":
            _write(file, b"")
            found["emptied"] += 1
        elif state.get(source.sha256) == "both":
            found["left"].append(str(file))
    return found


def _mailbox(file: Path, data: Any, forgotten: Forgotten, accounts: pd.Series) -> int:
    """Take the purged mails out of a mailbox; return how many."""
    found = list(pieces(data))
    gone = _gone(found, forgotten, accounts)
    if not gone.any():
        return 0
    parts = []
    ends = [*(piece.pos for piece in found[1:]), len(data)]
    for piece, end, goes in zip(found, ends, gone, strict=True):
        line = piece.envelope if _FETCHED.match(piece.envelope) else _NOBODY
        stub = line.rstrip(b"\r\n") + b"\r\n" + PURGED + b"\r\n\r\n"
        parts.append(stub if goes else bytes(data[piece.pos : end]))
    _write(file, b"".join(parts))
    return int(gone.sum())


def _whole(source: Source) -> Piece:
    return Piece(0, bytes(source.data), b"", True)


def _gone(found: list[Piece], forgotten: Forgotten, accounts: pd.Series) -> np.ndarray:
    """Tell which mails a lake has forgotten, in whichever of its accounts."""
    own = [message_id_of(parse_mail(piece.raw), piece.raw) for piece in found]
    ids = pd.Series(own, dtype="str")
    gone = np.zeros(len(ids), dtype=bool)
    for account in accounts:
        whose = pd.Series(account, index=ids.index, dtype="str")
        gone |= (forgotten.lookup("message", whose, ids) != ids).to_numpy(bool)
    return gone


def _files(lake: Lake) -> dict[str, str]:
    """Return for each file that purged rows are from, by its hash, ``gone`` or ``both``."""
    gone, kept = set[str](), set[str]()
    for table in (*ALL.values(), QUARANTINE):
        if "source_sha256" not in table:
            continue
        own = "reason" if table is QUARANTINE else _OWN.get(table.name, "source_sha256")
        rows = lake.read(table, ["source_sha256", own])
        away = is_token(rows[own]).to_numpy(bool)
        gone.update(rows.loc[away, "source_sha256"].dropna())
        kept.update(rows.loc[~away, "source_sha256"].dropna())
    return {sha: "both" if sha in kept else "gone" for sha in gone}


_OWN = {
    "messages": "message_id", "notices": "message_id", "orders": "order_id",
    "order_parts": "order_id", "order_items": "order_id", "returns": "order_id",
    "claims": "order_id", "calls": "call_id", "solicitations": "order_id",
    "no_response_needed": "marks",
}  # fmt: skip


def _write(file: Path, data: bytes) -> None:
    """Write in the place of a file, with its rights; whoever reads it sees one or the other."""
    fresh = file.with_name(f".{file.name}.purging")
    with fresh.open("wb") as opened:
        os.fchmod(opened.fileno(), file.stat().st_mode & 0o777)
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)
