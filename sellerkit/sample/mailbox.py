"""The mailbox's exports: Gmail Takeout's mbox, and single mails saved as .eml."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from sellerkit.errors import UsageError
from sellerkit.sample.mails import mail_bytes
from sellerkit.sample.shop import Mail

#: When the Takeout was made; what came in later was saved mail by mail.
TAKEOUT_AT = dt.datetime(2026, 10, 3, 16, 0, tzinfo=dt.UTC)

_FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)


def write_mailbox(mails: Iterable[Mail], folder: Path) -> None:
    """Write the exports into a folder: `takeout.mbox`, and a folder `eml` of single mails.

    Parameters
    ----------
    mails : iterable of Mail
        In time's order, which is the order in the mbox.
    folder : Path
        Created if it is not there.

    Raises
    ------
    UsageError
        The folder holds single mails of another sample, which would be taken for this one's.
    """
    singles = folder / "eml"
    singles.mkdir(parents=True, exist_ok=True)
    exported = [(mail, _exports(mail)) for mail in mails]
    names = {_file_name(mail) for mail, exports in exported if "eml" in exports}
    if strangers := {path.name for path in singles.iterdir()} - names:
        raise UsageError(f"{singles}: {min(strangers)} is not of this sample; give another folder")
    with (folder / "takeout.mbox").open("wb") as takeout:
        for mail, exports in exported:
            data = mail_bytes(mail)
            for _ in range(exports.count("mbox")):
                takeout.write(_entry(mail, data))
            if "eml" in exports:
                (singles / _file_name(mail)).write_bytes(data)


def _exports(mail: Mail) -> tuple[str, ...]:
    return mail.exports or (("mbox",) if mail.sent_at < TAKEOUT_AT else ("eml",))


def _file_name(mail: Mail) -> str:
    return f"{mail.sent_at:%Y-%m-%d_%H%M}_{mail.digest[:6]}.eml"


def _entry(mail: Mail, data: bytes) -> bytes:
    """Return the mail as Takeout wraps it: separator, Gmail's headers, ``From`` quoted (mboxrd)."""
    number = int(mail.digest[:15], 16) % 10**18 + 10**18
    head = (
        f"From {number}@xxx {mail.sent_at:%a %b %d %H:%M:%S} +0000 {mail.sent_at:%Y}\r\n"
        f"X-GM-THRID: {_thread(mail)}\r\n"
        f"X-Gmail-Labels: {_labels(mail)}\r\n"
    )
    body = _FROM_LINE.sub(rb">\1", data)
    return head.encode("ascii") + body + (b"\r\n" if body.endswith(b"\n") else b"\r\n\r\n")


def _thread(mail: Mail) -> int:
    key = mail.digest
    if mail.buyer is not None:
        key = mail.buyer.alias + (mail.order.order_id if mail.order else "")
    return int(hashlib.sha256(key.encode()).hexdigest()[:15], 16) % 10**18 + 10**18


def _labels(mail: Mail) -> str:
    """Return Gmail's labels; the account was switched from English to German in August."""
    german = mail.sent_at >= dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
    if mail.kind == "seller":
        return "Gesendet" if german else "Sent"
    inbox = "Posteingang" if german else "Inbox"
    folder = "" if mail.kind in ("noise", "bounce") else ",Amazon"
    # "Geöffnet", as an encoded word
    opened = ",=?UTF-8?Q?Ge=C3=B6ffnet?=" if german else ",Opened"
    return inbox + folder + opened
