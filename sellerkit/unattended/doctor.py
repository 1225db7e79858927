"""`sellerkit doctor`: looks at all that a run needs, and says what is to be mended."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from sellerkit.config import Account, Amazon, Channel, Config, Imap, LocalFolder, PublishTarget
from sellerkit.errors import HeldError, SellerkitError
from sellerkit.fetch.clock import Clock
from sellerkit.fetch.password import login_for
from sellerkit.fetch.server import Server
from sellerkit.lake import Lake, holding
from sellerkit.policy import Policy
from sellerkit.read.files import files_under
from sellerkit.unattended.gather import keep_of
from sellerkit.unattended.state import State

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    what : str
    state : str
        ``ok``; ``note``: worth knowing, no harm; ``bad``: a run would fail, or not be told.
    said : str
        What was found, and where it is bad what to do.
    """

    what: str
    state: Literal["ok", "note", "bad"]
    said: str


@dataclass(frozen=True)
class Asked:
    """What the checks are told.

    Attributes
    ----------
    config : Config
    now : pd.Timestamp
    clock : Clock
    connect : bool
        Whether connections may be opened.
    """

    config: Config
    now: pd.Timestamp
    clock: Clock
    connect: bool = False


def examine_setup(asked: Asked) -> list[Finding]:
    """Look at everything that a run needs; what is wrong with one thing hides no other.

    Connections are opened only where `asked.connect` says so.
    """
    return [finding for check in _CHECKS for finding in check(asked)]


def _tried(what: str, look: Callable[[], str]) -> Finding:
    """Return a finding: the words of a look that went well, or its error."""
    try:
        return Finding(what, "ok", look())
    except SellerkitError as error:
        return Finding(what, "bad", str(error))
    except Exception as error:  # a check that breaks is a finding, not an end of the checks
        return Finding(what, "bad", f"could not be checked ({type(error).__name__}: {error})")


def _file(asked: Asked) -> Iterator[Finding]:
    file = asked.config.file
    count = len(asked.config.accounts)
    yield Finding("configuration", "ok", f"{file}: {count:,} account{'s' * (count > 1)}")
    if os.name == "posix" and file.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Finding("configuration", "bad", f"{file}: others can write it: chmod 600 '{file}'")
    lakes = {account.lake for account in asked.config.accounts}
    if len(lakes) > 1:
        yield Finding("portfolio", "note", "the accounts lie in several lakes, so none is made")
    yield _tried("policy", lambda: Policy.of(asked.config.policy or None).name)


def _accounts(asked: Asked) -> Iterator[Finding]:
    for account in asked.config.accounts:
        yield _tried(f"{account.name}: lake", lambda account=account: _lake(account))  # type: ignore[misc]
        for path in account.files:
            yield _tried(
                f"{account.name}: files",
                lambda path=path: f"{path}: {sum(1 for _ in files_under(path)):,} files",  # type: ignore[misc]
            )
        if not account.files and not account.fetch:
            said = "nothing is read: neither files nor fetch is given"
            yield Finding(f"{account.name}: files", "note", said)
        for source in account.fetch:
            yield from _source(source, account, asked)


def _lake(account: Account) -> str:
    version = Lake.open_or_new(account.lake).version
    if "://" not in account.lake:
        _writable(Path(account.lake))
    return f"{account.lake}: " + (f"version {version}" if version else "the first run makes it")


def _writable(folder: Path) -> str:
    """Try to write into a folder, or into the nearest there is of those that it lies in."""
    place = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if not place.is_dir():
        raise NotADirectoryError(f"{place} is no folder")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise SellerkitError(
            f"{folder}: cannot be written ({error.strerror}); let the user who runs this write it"
        ) from error
    return f"{folder}: can be written"


def _source(source: Imap | Amazon, account: Account, asked: Asked) -> Iterator[Finding]:
    what = f"{account.name}: {source.name}"
    if isinstance(source, Amazon):
        yield _tried(what, lambda: _amazon(source, account, asked))
        return
    yield _tried(what, lambda: _writable(keep_of(source, account)))
    yield _tried(what, lambda: _imap(source, connect=asked.connect))


def _imap(source: Imap, *, connect: bool) -> str:
    from sellerkit.fetch.imap import list_folders

    server = Server(source.host, source.user, source.encryption, source.port)
    login = login_for(server, None, password_env=source.password_env, token_env=source.token_env)
    if not connect:
        return "there is a password; --connect tries it"
    return f"logged in; {len(list_folders(server, login)):,} folders"


def _amazon(source: Amazon, account: Account, asked: Asked) -> str:
    from sellerkit.fetch.amazon import connect
    from sellerkit.fetch.reports import chosen_reports

    chosen = chosen_reports(source.reports)
    stores = list(source.marketplaces) or [account.marketplace or ""]
    if stores == [""]:
        raise SellerkitError("marketplaces is missing: the stores to fetch, as DE")
    # opening one asks nothing of Amazon yet: it needs the library and the credentials
    connection = connect(account.name, stores, asked.clock)
    try:
        if asked.connect:
            end, begin = asked.clock.now(), asked.clock.now() - pd.Timedelta(hours=1)
            report = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
            words = (f"{end:%Y-%m-%dT%H:%M:%SZ}", f"{begin:%Y-%m-%dT%H:%M:%SZ}")
            list(connection.listed(report, stores[0], words[1], words[0]))
            return "Amazon accepts the credentials"
    finally:
        connection.close()
    return f"there are credentials, for {len(chosen):,} reports; --connect tries them"


def _machine(asked: Asked) -> Iterator[Finding]:
    config = asked.config
    yield _tried("reports", lambda: _writable(config.reports.out))
    yield _tried("state", lambda: _last_run(State(config.state)))
    yield _disk(config)
    kernel = importlib.util.find_spec("ipykernel")
    yield (
        Finding("notebooks", "ok", "their kernel is installed") if kernel else
        Finding("notebooks", "bad", "ipykernel is missing: pip install ipykernel")
    )  # fmt: skip
    browser = next((path for path in map(shutil.which, _BROWSERS) if path), None)
    yield (
        Finding("PDF", "ok", f"printed by {browser}") if browser else
        Finding("PDF", "note", "no chromium here, so pages cannot be printed as PDF; HTML can")
    )  # fmt: skip
    yield _tried("clock", lambda: _clock(asked))


def _disk(config: Config) -> Finding:
    place = next(
        each for each in (config.reports.out, *config.reports.out.parents) if each.exists()
    )
    free = shutil.disk_usage(place).free // 2**20
    least = config.limits.free_disk_mb
    if free < least:
        said = f"{free:,} MB are free at {place}, and {least:,} should be: make room"
        return Finding("disk", "bad", said)
    return Finding("disk", "ok", f"{free:,} MB are free at {place}")


def _last_run(state: State) -> str:
    """Say how the last run ended, and whether one is at work."""
    said = state.run().get("run", {})
    if not said:
        return "no run yet"
    try:
        with holding(state.lock):
            ended = "ended" if said.get("ended") else "was stopped; the next one makes up for it"
            return f"the run as of {said.get('as_of')} {ended}"
    except HeldError as error:
        return f"a run is at work: {error}"


def _clock(asked: Asked) -> str:
    """Compare the clock with the newest ingest of each lake: that cannot lie ahead."""
    for lake in dict.fromkeys(account.lake for account in asked.config.accounts):
        newest = Lake.open_or_new(lake).ingests()["ingested_at"].max()
        if not pd.isna(newest) and newest > asked.now + pd.Timedelta(minutes=5):
            raise SellerkitError(
                f"it is {asked.now:%Y-%m-%d %H:%M} UTC by this machine, and {lake} was written on "
                f"{newest:%Y-%m-%d %H:%M} UTC: set the clock"
            )
    zone = asked.config.timezone
    return f"{asked.now.tz_convert(zone):%Y-%m-%d %H:%M} in {zone}"


def _delivery(asked: Asked) -> Iterator[Finding]:
    config = asked.config
    for one in {one.name: one for one in (*config.publish, *config.tell)}.values():
        yield _tried(one.name, lambda one=one: _reached(one, connect=asked.connect))  # type: ignore[misc]
    if not config.tell:
        said = "nobody is told of what is due or fails: give a [[tell]]"
        yield Finding("tell", "note", said)


def _reached(one: PublishTarget | Channel, *, connect: bool) -> str:
    """Look whether a target or a channel has all that it needs; nothing is sent there."""
    from sellerkit.deliver import reach

    if isinstance(one, LocalFolder):
        return _writable(one.folder)
    return reach.reach(one, connect=connect)


_CHECKS = (_file, _accounts, _machine, _delivery)
