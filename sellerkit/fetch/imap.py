r"""Mails from a mail server: what is not yet kept is fetched, nothing on the server is changed.

Folders are opened with EXAMINE and mails read with BODY.PEEK, so not even ``\Seen`` is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from imap_tools import AND, BaseMailBox
from imap_tools.errors import MailboxFetchError, MailboxFolderSelectError
from imap_tools.utils import check_command_status

from sellerkit.errors import InputError
from sellerkit.fetch.answers import mails_in, sizes_in
from sellerkit.fetch.folders import Folder, chosen, folders_of, has_labels, left_out, usual
from sellerkit.fetch.kept import Fetched, Kept, made, mailbox_folder
from sellerkit.fetch.server import Login, Server, connected, explained, said

#: A file of kept mails holds at most so many, and about so many bytes; so much a kill can cost.
BATCH_MAILS = 200
BATCH_BYTES = 32 * 2**20

#: A server that refuses so many mails in a row has no broken mail, but wants to give none.
_REFUSALS = 10


@dataclass
class FolderAccount:
    """What became of one folder: ``listed == kept + fetched + missing``, unless the line was lost.

    Attributes
    ----------
    listed : int
        Mails that the server has, since the day asked for.
    kept : int
        Of these on disk already.
    fetched : int
    missing : int
        Listed and then not given: mostly deleted in that very moment.
    """

    folder: str
    uidvalidity: int
    listed: int = 0
    kept: int = 0
    fetched: int = 0
    missing: int = 0


@dataclass
class FetchReport:
    """What a fetch brought.

    Attributes
    ----------
    place : Path
        The folder of this mailbox's files.
    left_out : list of str
        Folders of the server that were not asked for.
    trouble : InputError or None
        Why not all has come; what has come is kept.
    """

    place: Path
    folders: list[FolderAccount] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    trouble: InputError | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the report for JSON."""
        return {
            "place": str(self.place),
            "folders": [vars(account) for account in self.folders],
            "left_out": self.left_out,
            "trouble": str(self.trouble) if self.trouble else None,
        }


@dataclass(frozen=True)
class _Line:
    """What holds for all folders of one fetch."""

    mailbox: BaseMailBox
    labelled: bool
    since: date | None
    on_mails: Callable[[str, int, int], None]


def list_folders(server: Server, login: Login) -> list[Folder]:
    """Return the folders of a mailbox that can hold mails."""
    with connected(server, login) as mailbox:
        return folders_of(mailbox)


def fetch(
    server: Server,
    login: Login,
    keep: Path,
    *,
    names: Sequence[str] = (),
    since: date | None = None,
    on_mails: Callable[[str, int, int], None] = lambda folder, done, of: None,
) -> FetchReport:
    """Fetch the mails that are not yet kept.

    Parameters
    ----------
    server : Server
    login : Login
    keep : Path
        Where the files of all mailboxes are.
    names : sequence of str
        Folders; none for the usual ones (`folders.usual`).
    since : date, optional
        Mails that arrived earlier are not asked for.
    on_mails : callable
        Told the folder, how many of its new mails have come, and how many there are.

    Raises
    ------
    InputError
        The server cannot be reached, refuses the login, or the files cannot be written. Where the
        line is lost on the way, `FetchReport.trouble` says so, for what came is worth reading.
    UsageError
        There is no folder of a name.
    """
    report = FetchReport(mailbox_folder(keep, server.user, server.host))
    made(keep)
    lock = FileLock(made(report.place) / ".lock", timeout=0)
    try:
        with lock, connected(server, login) as mailbox:
            labelled = has_labels(mailbox)
            line = _Line(mailbox, labelled, since, on_mails)
            wanted = _wanted(mailbox, names, report, labelled=labelled)
            for folder in wanted:
                try:
                    with explained(server):
                        _fetch_folder(line, folder, report)
                except InputError as error:  # of several the first is the cause
                    report.trouble = report.trouble or error
    except Timeout as error:
        raise InputError(f"{report.place}: another fetch of this mailbox is running") from error
    return report


def _wanted(
    mailbox: BaseMailBox, names: Sequence[str], report: FetchReport, *, labelled: bool
) -> list[Folder]:
    folders = folders_of(mailbox)
    if names:
        return chosen(folders, names)
    wanted = usual(folders, labelled=labelled)
    report.left_out = left_out(folders, wanted)
    if not any(folder.holds_sent for folder in wanted):
        report.warnings.append(
            "no folder of sent mails is known, so mails written in this mailbox are not seen; "
            "name it with --folder (--list-folders shows what there is)"
        )
    return wanted


def _fetch_folder(line: _Line, folder: Folder, report: FetchReport) -> None:
    mailbox = line.mailbox
    kept = Kept(folder.under(report.place), _examine(mailbox, folder), folder.use)
    account = FolderAccount(folder.name, kept.numbering)
    report.folders.append(account)
    if kept.is_renumbered():
        report.warnings.append(
            f"{folder.name}: the server has numbered its mails anew (UIDVALIDITY "
            f"{kept.numbering}), so all are fetched again; the lake knows them by their Message-ID"
        )
    listed = _listed(mailbox, line.since)
    known = kept.uids()
    new = [uid for uid in listed if uid not in known]
    account.listed, account.kept = len(listed), len(listed) - len(new)
    for batch in _batches(mailbox, new):
        line.on_mails(folder.name, account.fetched, len(new))
        mails = _mails(mailbox, batch, line.labelled)
        if mails:
            kept.write(mails)
        account.fetched += len(mails)
    line.on_mails(folder.name, account.fetched, len(new))
    account.missing = len(new) - account.fetched
    if account.missing:
        report.warnings.append(
            f"{folder.name}: {account.missing:,} mails stand in the server's list and were not "
            "given by it; the next run asks for them again"
        )


def _examine(mailbox: BaseMailBox, folder: Folder) -> int:
    """Open a folder for reading only; return its UIDVALIDITY."""
    try:
        mailbox.folder.set(folder.name, readonly=True)
    except MailboxFolderSelectError as error:
        raise InputError(f"{folder.name}: the server does not open it ({said(error)})") from error
    _, numbering = mailbox.client.response("UIDVALIDITY")
    if not numbering or not numbering[-1]:
        raise InputError(
            f"{folder.name}: the server gives no UIDVALIDITY, so its mails cannot be told apart; "
            "export them as a mailbox file instead, see docs/mail.md"
        )
    return int(numbering[-1])


def _listed(mailbox: BaseMailBox, since: date | None) -> list[int]:
    """Return the UIDs of a folder, the oldest first."""
    # servers compare days in a zone of their own: a day more is asked for, so none is missed
    criteria = AND(date_gte=since - timedelta(days=1)) if since else "ALL"
    return sorted(int(uid) for uid in mailbox.uids(criteria, charset=None))


def _batches(mailbox: BaseMailBox, uids: Sequence[int]) -> Iterator[list[int]]:
    """Cut UIDs into batches that fit into memory, by the sizes that the server tells."""
    for start in range(0, len(uids), BATCH_MAILS):
        window = uids[start : start + BATCH_MAILS]
        sizes = sizes_in(_ask(mailbox, window, "(UID RFC822.SIZE)"))
        batch: list[int] = []
        weight = 0
        for uid in window:
            if batch and weight + sizes.get(uid, 0) > BATCH_BYTES:
                yield batch
                batch, weight = [], 0
            batch.append(uid)
            weight += sizes.get(uid, 0)
        yield batch


def _mails(mailbox: BaseMailBox, uids: Sequence[int], labelled: bool) -> list[Fetched]:
    try:
        return _given(mailbox, uids, labelled)
    except MailboxFetchError as error:
        return _singly(mailbox, uids, labelled, error)


def _singly(
    mailbox: BaseMailBox, uids: Sequence[int], labelled: bool, refusal: MailboxFetchError
) -> list[Fetched]:
    """Ask for mails one by one: some servers refuse all for the sake of a single broken one."""
    mails: list[Fetched] = []
    for asked, uid in enumerate(uids):
        if asked == _REFUSALS and not mails:
            raise refusal
        with suppress(MailboxFetchError):
            mails += _given(mailbox, [uid], labelled)
    return mails


def _given(mailbox: BaseMailBox, uids: Sequence[int], labelled: bool) -> list[Fetched]:
    parts = "(UID INTERNALDATE X-GM-LABELS BODY.PEEK[])"
    parts = parts if labelled else parts.replace(" X-GM-LABELS", "")
    asked = set(uids)
    # a server may give a mail twice, or one that was not asked for
    found = {mail.uid: mail for mail in mails_in(_ask(mailbox, uids, parts)) if mail.uid in asked}
    return [found[uid] for uid in sorted(found)]


def _ask(mailbox: BaseMailBox, uids: Iterable[int], parts: str) -> list[Any]:
    # imap-tools' own fetch parses each mail and forgets its bytes
    answer = mailbox.client.uid("FETCH", ",".join(map(str, uids)), parts)
    check_command_status(answer, MailboxFetchError)
    return answer[1]
