"""Ask Amazon for its reports, wait for them, keep them as files and read them into the lake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sellerkit.errors import InputError, UsageError
from sellerkit.fetch.clock import Clock
from sellerkit.fetch.progress import (
    ASKED,
    DOWNLOADED,
    NEW,
    Progress,
    Request,
    account_folder,
    alone,
)
from sellerkit.fetch.reports import chosen_reports, instant, written
from sellerkit.fetch.run import Run
from sellerkit.policy import marketplaces
from sellerkit.read.ingest import IngestReport, ingest
from sellerkit.read.source import Context

if TYPE_CHECKING:
    from sellerkit.fetch.connection import Connection

#: The window where none is asked for, in days.
DEFAULT_DAYS = 30

#: Amazon answers only up to two minutes ago.
_LAG = dt.timedelta(minutes=3)


@dataclass(frozen=True)
class Wanted:
    """What the user asks for: stores by country code, reports by name (none: all), a window."""

    account: str
    stores: tuple[str, ...]
    reports: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def window(self, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
        """Return since and until; until is not later than Amazon answers for."""
        latest = (now - _LAG).replace(second=0, microsecond=0)
        until = min(instant(self.until, "--until"), latest) if self.until else latest
        before = until - dt.timedelta(days=DEFAULT_DAYS)
        since = instant(self.since, "--since") if self.since else before
        if since >= until:
            raise UsageError(
                f"--since {written(since)} is not before --until {written(until)}, "
                "which is never later than three minutes ago"
            )
        return since, until


@dataclass(frozen=True)
class Fetched:
    """What became of a fetch.

    Attributes
    ----------
    requests : list of Request
        Every report that was asked for, one for each store and period, and how it went.
    problems : list of str
        Sentences for the user: what could not be had, and why.
    ingest : IngestReport or None
        What became of the files in the lake; null where there was none.
    went_on : str
        The end of the window of a stopped run that was gone on with; else empty.
    """

    folder: Path
    requests: list[Request]
    problems: list[str]
    ingest: IngestReport | None
    went_on: str = ""

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of what could be had."""
        odd = [r for r in self.requests if r.state == DOWNLOADED and r.said]
        read = self.ingest.warnings if self.ingest else []
        return [f"{request.files[0]}: {request.said}" for request in odd] + read

    def as_dict(self) -> dict[str, Any]:
        """Return it as the command writes it."""
        requests = [asdict(request) for request in self.requests]
        for request in requests:
            del request["next_page"]
        return {
            "folder": str(self.folder),
            "requests": requests,
            "problems": self.problems,
            "ingest": self.ingest.as_dict() if self.ingest else None,
        }


def connect(account: str, stores: list[str], clock: Clock) -> Connection:
    """Open a connection to Amazon's API.

    Raises
    ------
    UsageError
        The library is not installed, its environment makes no sense to it, credentials are
        missing, or the stores lie in two regions.
    """
    try:
        from sellerkit.fetch.connection import Connection
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sp_api", "httpx"):
            raise
        raise UsageError(
            'fetching from Amazon needs one library more: pip install "sellerkit[spapi]"'
        ) from error
    except (ValueError, KeyError) as error:
        raise UsageError(
            f"AWS_ENV or SP_API_DEFAULT_MARKETPLACE in the environment: {error}; "
            "the first may be PRODUCTION or SANDBOX, the second a country code"
        ) from error
    return Connection(account, stores, clock)


def fetch_amazon(
    wanted: Wanted,
    lake: str | Path,
    keep: Path,
    *,
    clock: Clock,
    connect: Callable[[str, list[str], Clock], Connection] = connect,
    say: Callable[[str], None] = lambda sentence: None,
) -> Fetched:
    """Fetch reports and read them into the lake.

    Parameters
    ----------
    wanted : Wanted
    lake : str or Path
    keep : Path
        Where the files go, in a folder of the account's own, with a list of what was asked for: a
        run that was stopped goes on from there when it is asked for in the same words.
    clock : Clock
    connect : callable
        Opens the connection.
    say : callable
        Told what is being done.

    Returns
    -------
    Fetched
        A report that cannot be had keeps none of the others out.

    Raises
    ------
    UsageError
        No such report or store, a window that is none, missing credentials or library.
    InputError
        Amazon does not accept the credentials, or the folder or the lake cannot be written.
    """
    chosen, stores = chosen_reports(wanted.reports), _stores(wanted.stores)
    since, until = (written(end) for end in wanted.window(clock.now()))
    folder = account_folder(keep, wanted.account)
    with alone(folder):
        progress = Progress(folder, wanted.account)
        connection = connect(wanted.account, stores, clock)
        run = Run(connection, progress, clock, say)
        try:
            names = ",".join(report.name for report in chosen)
            words = "|".join((",".join(stores), names, wanted.since, wanted.until))
            window = progress.window(words, (since, until))
            for report in chosen:
                for store in stores:
                    run.begin(report, store, instant(window[0], ""), instant(window[1], ""))
            run.wait()
        finally:
            connection.close()
        say("reading …")
        read = _ingest(run, wanted.account, lake)
        if not any(request.state in (NEW, ASKED) for request in run.requests):
            progress.close(words)
    went_on = window[1] if window[1] != until else ""
    return Fetched(folder, run.requests, run.problems, read, went_on)


def _stores(codes: Iterable[str]) -> list[str]:
    stores = list(dict.fromkeys(code.upper() for code in codes))
    for code in stores:
        if code not in marketplaces():
            known = ", ".join(marketplaces())
            raise UsageError(f"--marketplace {code}: no such store; there are {known}")
    if not stores:
        raise UsageError("--marketplace is missing: the stores to fetch, as DE")
    return stores


def _ingest(run: Run, account: str, lake: str | Path) -> IngestReport | None:
    """Read the files of each store, since a bare date is of the store's own zone."""
    read: list[IngestReport] = []
    for store in dict.fromkeys(request.store for request in run.requests):
        names = [n for r in run.requests if r.store == store for n in r.files]
        files = [run.progress.folder / name for name in dict.fromkeys(names)]
        context = Context(account, store)
        if files:
            read += _read(files, lake, context, run.problems)
    if not read:
        return None
    return IngestReport([file for one in read for file in one.files], read[-1].lake)


def _read(
    files: list[Path], lake: str | Path, context: Context, problems: list[str]
) -> list[IngestReport]:
    """Read files at once; where one cannot be read, one by one, so that it keeps no other out."""
    try:
        return [ingest(files, lake, context)]
    except InputError as error:
        if len(files) == 1:
            problems.append(str(error))
            return []
    return [report for file in files for report in _read([file], lake, context, problems)]
