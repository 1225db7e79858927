"""The folders of a mailbox, and which of them an audit needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from imap_tools import BaseMailBox, FolderInfo

from sellerkit.errors import UsageError
from sellerkit.fetch.kept import part
from sellerkit.read.mail.direction import folder_of

#: What RFC 6154 says that a folder is for.
_USES = ("\\All", "\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash")
_NOT_WORTH_A_WORD = ("\\Drafts", "\\Junk", "\\Trash")


@dataclass(frozen=True)
class Folder:
    r"""One folder of a server.

    Attributes
    ----------
    name : str
        As the server calls it, in letters of any script.
    delimiter : str
        What stands between a folder's name and that of a folder in it.
    use : str
        What the server says that it is for (``\Sent``), or nothing.
    """

    name: str
    delimiter: str = "/"
    use: str = ""

    @property
    def parts(self) -> list[str]:
        """The names of the folders that it lies in, and its own."""
        return self.name.split(self.delimiter) if self.delimiter else [self.name]

    @property
    def holds_sent(self) -> bool:
        """Tell whether mails that were sent lie here: the server says so, or its name does."""
        return (
            self.use in ("\\Sent", "\\All") or folder_of([], "/".join(self.parts) + "/") == "sent"
        )

    def under(self, place: Path) -> Path:
        """Return the path that stands for it under another."""
        return place.joinpath(*map(part, self.parts))


def folders_of(mailbox: BaseMailBox) -> list[Folder]:
    """Return the folders of a mailbox that can hold mails, in the server's order."""
    found = mailbox.folder.list()
    return [_folder(info) for info in found if not _holds_folders_only(info)]


def _folder(info: FolderInfo) -> Folder:
    flags = {flag.lower() for flag in info.flags}
    use = next((use for use in _USES if use.lower() in flags), "")
    name = "INBOX" if info.name.upper() == "INBOX" else info.name
    return Folder(name, "" if info.delim == "NIL" else info.delim, use)


def _holds_folders_only(info: FolderInfo) -> bool:
    return bool({"\\noselect", "\\nonexistent"} & {flag.lower() for flag in info.flags})


def has_labels(mailbox: BaseMailBox) -> bool:
    """Tell whether a mail carries its labels, as Gmail's do: then one folder holds all mails."""
    # asked anew: servers tell more of themselves once they know who asks
    _, said = mailbox.client.capability()
    return b"X-GM-EXT-1" in said[-1].split()


def usual(folders: Sequence[Folder], *, labelled: bool) -> list[Folder]:
    """Return the folders that hold a conversation: the inbox, what was sent, what was put away.

    With labels it is *All Mail* alone, which has each mail once, archived ones too.
    """
    if labelled and (everything := [f for f in folders if f.use == "\\All"]):
        return everything
    sent = [f for f in folders if f.use == "\\Sent"] or [f for f in folders if f.holds_sent]
    return [f for f in folders if f.name == "INBOX" or f in sent or f.use == "\\Archive"]


def chosen(folders: Sequence[Folder], names: Iterable[str]) -> list[Folder]:
    """Return the folders of some names.

    Raises
    ------
    UsageError
        There is none of a name; the message lists those that there are.
    """
    known = {folder.name: folder for folder in folders}
    wanted = ["INBOX" if name.upper() == "INBOX" else name for name in dict.fromkeys(names)]
    if missing := [name for name in wanted if name not in known]:
        raise UsageError(f"--folder {missing[0]}: no such folder; there are {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(wanted)]


def left_out(folders: Sequence[Folder], wanted: Sequence[Folder]) -> list[str]:
    """Return the names of the other folders that may hold something of a buyer's."""
    if any(folder.use == "\\All" for folder in wanted):
        return []
    others = (f for f in folders if f not in wanted and f.use not in _NOT_WORTH_A_WORD)
    return [folder.name for folder in others if folder.use != "\\All"]
