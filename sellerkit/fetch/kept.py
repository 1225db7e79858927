"""Mails of a server kept as mailbox files, so that a finding can be walked back to its bytes.

``<keep>/<user@host>/<folder>/<uidvalidity>/<first uid>-<last uid>.mbox``. The files are the only
state: a mail is fetched if its number (UID) stands in one of them. A file appears by a rename once
it is complete, so a fetch that is killed at any moment has lost nothing and repeats nothing.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sellerkit.errors import InputError
from sellerkit.lake.private import owner_only

#: Signs that a file system, a hidden file or `sellerkit.read.files` would trip over.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|%]|^[._]|[. ]$")
#: What a folder's special use adds to its path: so the reader knows it, whatever its name is.
_USES = {"\\Sent": ".Sent", "\\Drafts": ".Drafts"}
_ESCAPED = re.compile(rb"^(>*From )", re.MULTILINE)
_UID = re.compile(rb"From (\d+)@imap ")
_FILES = "[0-9]*.mbox"
#: Stands in an envelope for a day that the server did not tell; no mail is that old.
_NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)


class Fetched(NamedTuple):
    """One mail as a server gave it: its UID, its bytes, when it arrived, Gmail's labels."""

    uid: int
    raw: bytes
    arrived_at: datetime | None = None
    labels: tuple[str, ...] = ()


def part(name: str) -> str:
    """Return a name as one part of a path, letters of any script as they are."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name) or "%"


def mailbox_folder(keep: Path, user: str, host: str) -> Path:
    """Return where the files of one mailbox are."""
    return keep / part(f"{user}@{host}".lower())


def made(folder: Path) -> Path:
    """Return a folder, made for no eyes but the user's where there is none."""
    with _on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def _on_disk(place: Path) -> Iterator[None]:
    try:
        with owner_only():
            yield
    except OSError as error:
        raise InputError(f"{place}: mails cannot be kept here: {error.strerror}") from error


@dataclass(frozen=True)
class Kept:
    r"""The kept mails of one folder of a server.

    Attributes
    ----------
    folder : Path
    numbering : int
        The folder's UIDVALIDITY: under another one the same UID is another mail.
    use : str
        The folder's special use (``\Sent``), or nothing.
    """

    folder: Path
    numbering: int
    use: str = ""

    @property
    def place(self) -> Path:
        """Where new files go."""
        return self.folder / f"{self.numbering}{_USES.get(self.use, '')}"

    def uids(self) -> set[int]:
        """Return the UIDs of all mails in the files."""
        folders = [f for f in _numberings(self.folder) if _number(f) == self.numbering]
        with _on_disk(self.folder):
            return {uid for each in folders for file in each.glob(_FILES) for uid in _uids(file)}

    def is_renumbered(self) -> bool:
        """Tell whether there are mails under other numberings, and none under this."""
        numbers = {_number(folder) for folder in _numberings(self.folder)}
        return bool(numbers) and self.numbering not in numbers

    def write(self, mails: Sequence[Fetched]) -> None:
        """Write mails, in order of their UIDs, to a new file."""
        unfinished = made(self.place) / ".writing"
        with _on_disk(self.place):
            with unfinished.open("wb") as file:
                for mail in mails:
                    file.writelines(_entry(mail))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.place / f"{mails[0].uid}-{mails[-1].uid}.mbox")


def _numberings(folder: Path) -> Iterator[Path]:
    with _on_disk(folder):
        for each in folder.iterdir() if folder.is_dir() else ():
            if each.name.partition(".")[0].isdecimal() and any(each.glob(_FILES)):
                yield each


def _number(folder: Path) -> int:
    return int(folder.name.partition(".")[0])


def _entry(mail: Fetched) -> Iterator[bytes]:
    """Yield a mail as a mailbox holds it; the line that opens it also says its UID."""
    moment = (mail.arrived_at or _NO_DAY).astimezone(UTC)
    # in English, whatever language the machine speaks
    yield b"From %d@imap %s\r\n" % (mail.uid, moment.ctime().encode("ascii"))
    if mail.labels:
        yield f"X-Gmail-Labels: {','.join(mail.labels)}\r\n".encode()
    yield _ESCAPED.sub(rb">\1", mail.raw)
    yield b"\r\n" if mail.raw.endswith(b"\n") else b"\r\n\r\n"


def _uids(file: Path) -> Iterator[int]:
    """Yield the UIDs in a file of ours; any other line that begins with ``From `` is escaped."""
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = 0
        while at >= 0:
            if found := _UID.match(data, at):
                yield int(found[1])
            at = data.find(b"\nFrom ", at) + 1 or -1
