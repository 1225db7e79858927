"""A draft as a mail that a mail program opens to be read, completed and sent by a person."""

from __future__ import annotations

import os
import re
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from sellerkit.draft.compose import Draft
from sellerkit.errors import InputError, printable

_LONGEST_SUBJECT = 200


def eml(draft: Draft) -> bytes:
    """Return a draft as a mail (RFC 5322) that says of itself that it is not sent.

    ``X-Unsent: 1`` makes Outlook, Apple Mail and Thunderbird's add-ons open it for editing. It has
    no From and no Date: the program that sends it adds its own. To is the buyer's alias at
    Amazon's relay, or absent where that is not on file.
    """
    mail = EmailMessage(SMTP)
    mail["X-Unsent"] = "1"
    if draft.to.address:
        mail["To"] = draft.to.address
    mail["Subject"] = " ".join(printable(draft.subject).split())[:_LONGEST_SUBJECT]
    if draft.to.replies_to:
        mail["In-Reply-To"] = mail["References"] = f"<{draft.to.replies_to}>"
    mail.set_content(draft.text, cte="quoted-printable")
    return mail.as_bytes()


def file_name(draft: Draft) -> str:
    """Return the name of a draft's file: its order, its text, its obligation."""
    parts = (draft.duty["order_id"], draft.template, draft.duty["obligation_id"])
    words = [re.sub(r"[^A-Za-z0-9_-]", "-", part)[:60] for part in parts if isinstance(part, str)]
    return "_".join(words) + ".eml"


def write_eml(drafts: list[Draft], folder: Path) -> list[tuple[Path, bool]]:
    """Write a mail file for each draft, for no eyes but the user's.

    Returns
    -------
    list of (Path, bool)
        Each file and whether it was written: one that is there is left as it is, since somebody
        may have edited it.

    Raises
    ------
    InputError
        The folder cannot be written to.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for draft in drafts:
            path = folder / file_name(draft)
            try:
                place = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                written.append((path, False))
                continue
            with os.fdopen(place, "wb") as file:
                file.write(eml(draft))
            written.append((path, True))
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}") from error
    return written
