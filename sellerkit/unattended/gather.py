"""The first half of a run for one account: what is new is fetched, and read into its lake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sellerkit.config import Account, Amazon, Imap
from sellerkit.errors import InputError, LakeError, UnknownFormat, UsageError
from sellerkit.fetch.clock import Clock
from sellerkit.fetch.kept import mailbox_folder
from sellerkit.incidents import Brought, Failure
from sellerkit.lake import patient
from sellerkit.read.files import files_under
from sellerkit.read.ingest import IngestReport, ingest
from sellerkit.read.source import Context
from sellerkit.unattended.steps import Say, Steps

if TYPE_CHECKING:
    from sellerkit.fetch.amazon import Fetched
    from sellerkit.fetch.imap import FetchReport

#: Accounts that share a lake wait for each other's writing, but not for ever.
_PATIENCE_SECONDS = 3600.0


@dataclass(frozen=True)
class Gather:
    """What is to be gathered.

    Attributes
    ----------
    account : Account
    as_of : pd.Timestamp
    clock : Clock
        The real one, for waiting for reports.
    fetchers : Fetchers
    """

    account: Account
    as_of: pd.Timestamp
    clock: Clock
    fetchers: Fetchers

    @property
    def name(self) -> str:
        """The account's."""
        return self.account.name


@dataclass
class Gathered:
    """What came of it."""

    account: str
    failures: list[Failure] = field(default_factory=list)
    brought: list[Brought] = field(default_factory=list)


def _imap(source: Imap, account: Account) -> FetchReport:
    from sellerkit.fetch.imap import fetch
    from sellerkit.fetch.password import login_for
    from sellerkit.fetch.server import Server

    server = Server(source.host, source.user, source.encryption, source.port)
    login = login_for(
        server, None, password_env=source.password_env, token_env=source.token_env
    )  # fmt: skip
    return fetch(server, login, keep_of(source, account), names=source.folders, since=source.since)


def _amazon(source: Amazon, account: Account, clock: Clock) -> Fetched:
    from sellerkit.fetch.amazon import Wanted, fetch_amazon

    stores = source.marketplaces or [account.marketplace or ""]
    wanted = Wanted(account.name, tuple(stores), tuple(source.reports))
    return fetch_amazon(wanted, account.lake, source.keep, clock=clock)


@dataclass(frozen=True)
class Fetchers:
    """How sources are asked; a test has its own."""

    imap: Callable[[Imap, Account], FetchReport] = _imap
    amazon: Callable[[Amazon, Account, Clock], Fetched] = _amazon


def keep_of(source: Imap, account: Account) -> Path:
    """Return where the fetched mails of an account stay.

    Raises
    ------
    UsageError
        The lake is far away, and the source names no folder.
    """
    if source.keep is None and "://" in account.lake:
        raise UsageError(
            f"{source.name}: keep is missing: the lake is far away, so say in which folder the "
            "mails stay"
        )
    return source.keep or Path(account.lake.rstrip("/\\") + ".mail")


def gather(task: Gather, say: Say) -> Gathered:
    """Fetch from all sources of an account, and read what there is into its lake.

    A source that fails keeps no other out, and a file that cannot be read no other file.
    """
    account = task.account
    steps, found = Steps(account.name, say), Gathered(account.name)
    with patient(_PATIENCE_SECONDS):
        for source in account.fetch:
            before = len(steps.failures)
            new = 0
            with steps.step("fetch", source.name) as came:
                new = _fetched(source, task, steps)
                came.append(f"{new:,} new")
            failed = len(steps.failures) > before
            moment = task.as_of.to_pydatetime()
            found.brought.append(Brought(source.name, moment, new, failed))
        _ingest(account, steps)
    found.failures = steps.failures
    return found


def lost_gathering(task: Gather, said: str, say: Say) -> Gathered:
    """Return what came of an account whose process ended before its work did."""
    steps = Steps(task.name, say)
    steps.fail("run", task.name, said)
    return Gathered(task.name, steps.failures)


def _fetched(source: Imap | Amazon, task: Gather, steps: Steps) -> int:
    """Fetch from one source and return how much is new; of what came in part, that it failed."""
    if isinstance(source, Imap):
        report = task.fetchers.imap(source, task.account)
        for warning in report.warnings:
            steps.note("fetch", warning)
        if report.trouble:
            steps.fail("fetch", source.name, str(report.trouble))
        return sum(folder.fetched for folder in report.folders)
    fetched = task.fetchers.amazon(source, task.account, task.clock)
    for note in fetched.notes:
        steps.note("fetch", note)
    if fetched.problems:
        steps.fail("fetch", source.name, "; ".join(fetched.problems))
    return sum(bool(file.parsed) for file in fetched.ingest.files) if fetched.ingest else 0


def _ingest(account: Account, steps: Steps) -> None:
    """Read the account's files and the mails that were ever fetched."""
    mailboxes = [source for source in account.fetch if isinstance(source, Imap)]
    own = frozenset(a.lower() for a in [*account.own_addresses, *(m.user for m in mailboxes)])
    context = Context(account.name, account.marketplace, own)
    with steps.step("ingest") as came:
        files: list[Path] = []
        for path in account.files:
            try:
                files += files_under(path)
            except InputError as error:
                steps.fail("ingest", str(path), str(error))
        for mailbox in mailboxes:
            place = mailbox_folder(keep_of(mailbox, account), mailbox.user, mailbox.host)
            files += sorted(place.rglob("*.mbox"))
        if not files:
            came.append("no files")
            return
        reports = _read(files, account.lake, context, steps)
        if reports is None:
            raise UnknownFormat(
                f"{files[0]} and {len(files) - 1:,} more files: no format that sellerkit knows; "
                "`sellerkit formats` lists them"
            )
        came.append(_came(reports, steps))


def _read(
    files: list[Path], lake: str, context: Context, steps: Steps
) -> list[IngestReport] | None:
    """Read files at once; where one of them cannot be read, all but that one.

    None is what files give of which none is of a known format.
    """
    try:
        return [ingest(files, lake, context)]
    except LakeError:
        raise
    except UnknownFormat:
        return None
    except InputError as error:
        if len(files) == 1:
            steps.fail("ingest", str(files[0]), str(error))
            return []
    half = len(files) // 2
    parts = (_read(part, lake, context, steps) for part in (files[:half], files[half:]))
    return [report for part in parts for report in part or ()]


def _came(reports: list[IngestReport], steps: Steps) -> str:
    """Return what an ingest added, in words; its warnings are said."""
    new = quarantined = 0
    for report in reports:
        for warning in report.warnings:
            steps.note("ingest", warning)
        fresh = [file for file in report.files if file.parsed]
        quarantined += sum(file.quarantined for file in fresh)
        new += sum(counts["new"] for file in fresh for counts in file.tables.values())
    held = f", {quarantined:,} quarantined" if quarantined else ""
    return f"{new:,} new rows{held}"
