"""`sellerkit run`: fetch, ingest, audit, reports, publish, tell; for all accounts of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sellerkit.config import Account, Config
from sellerkit.errors import SellerkitError, UsageError
from sellerkit.fetch.clock import Clock
from sellerkit.incidents import Failure
from sellerkit.lake import Lake
from sellerkit.report.index import write_index
from sellerkit.unattended.delivery import Delivery, publish_all, tell_all
from sellerkit.unattended.examine import (
    Build,
    Examine,
    Examined,
    Look,
    build,
    build_portfolio,
    examine,
    lost_examining,
)
from sellerkit.unattended.gather import Fetchers, Gather, gather, lost_gathering
from sellerkit.unattended.old import remove_old, remove_remains
from sellerkit.unattended.period import window
from sellerkit.unattended.state import State
from sellerkit.unattended.steps import Say, Steps
from sellerkit.unattended.workers import Crew, crew

#: A run that was stopped is gone on with, as of its own moment, for so long.
GOES_ON = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Tools:
    """What a run works with; a test has its own.

    Attributes
    ----------
    clock : Clock
        The real one, for waiting; what a run is as of, it is told.
    """

    clock: Clock
    fetchers: Fetchers = field(default_factory=Fetchers)
    build: Build = build
    delivery: Delivery = field(default_factory=Delivery)


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes
    ----------
    as_of, since, until : pd.Timestamp
    failures : list of Failure
        Those that are over by now too.
    pages : list of Path
        The pages of this run, the list of all runs last.
    addresses : list of str
        Where something was published.
    news : dict of str to str
        The headline of each account of which something is new.
    """

    as_of: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp
    failures: list[Failure]
    pages: list[Path]
    addresses: list[str]
    news: dict[str, str]

    @property
    def failed(self) -> list[Failure]:
        """What went wrong and is not mended."""
        return [failure for failure in self.failures if not failure.over]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "window": {"since": self.since.isoformat(), "until": self.until.isoformat()},
            "pages": [str(page) for page in self.pages],
            "published": self.addresses,
            "news": self.news,
            "failures": [vars(failure) for failure in self.failures],
        }


def unfinished(config: Config, period: str, now: pd.Timestamp) -> pd.Timestamp | None:
    """Return the moment as of which a run was stopped that is worth going on with."""
    last = State(config.state).run().get("run", {})
    if last.get("ended", True) or last.get("period") != period:
        return None
    as_of = pd.Timestamp(last["as_of"])
    return as_of if pd.Timedelta(0) <= now - as_of <= GOES_ON else None


def run(
    config: Config,
    *,
    as_of: pd.Timestamp,
    period: str,
    tools: Tools,
    only: str = "",
    say: Say = lambda event: None,
) -> Outcome:
    """Do the whole chain for a period.

    Parameters
    ----------
    config : Config
    as_of : pd.Timestamp
        UTC. A second run as of the same moment on the same inputs changes nothing.
    period : str
        Of `period.PERIODS`.
    tools : Tools
    only : str
        The name of one account; empty for all.
    say : callable
        Told each step as it begins and ends.

    Returns
    -------
    Outcome
        An account, source, file, report or target that fails is among its failures, and keeps
        none of the others out.

    Raises
    ------
    UsageError
        There is no such period or account.
    HeldError
        Another run is at work; the message says which.
    InputError, ReportError
        The folder of reports, or what an earlier run left there, cannot be used.
    """
    accounts = [account for account in config.accounts if only in ("", account.name)]
    if not accounts:
        known = ", ".join(account.name for account in config.accounts)
        raise UsageError(f"--account {only}: {config.file} has no such account; it has {known}")
    since, until = window(period, as_of, config.timezone)
    look = Look(as_of, since, until, config.policy)
    state, steps = State(config.state), Steps("", say)
    with state.alone():
        with steps.step("state"):
            stopped = state.begin(as_of, period, [account.name for account in accounts])
            if stopped:
                steps.failures.append(stopped)
                remove_remains(config.reports.out)
        night = _Night(config, accounts, look, tools, state, steps)
        with crew(min(config.limits.parallel, len(accounts)), say) as workers:
            night.gather(workers)
            examined = night.examine(workers)
        pages = night.pages(examined)
        addresses = publish_all(pages, config, state, steps, tools.delivery)
        news = tell_all(
            examined, addresses, config, steps, as_of=as_of, state=state, delivery=tools.delivery
        )
        with steps.step("state"):
            state.end()
    headlines = {name: one.headline() for name, one in news.items() if not one.empty}
    return Outcome(as_of, since, until, steps.failures, pages, addresses, headlines)


@dataclass
class _Night:
    """One run on its way; `versions` are those of the lakes, once all is read in."""

    config: Config
    accounts: list[Account]
    look: Look
    tools: Tools
    state: State
    steps: Steps
    versions: dict[str, int] = field(default_factory=dict)

    def gather(self, workers: Crew) -> None:
        tools, as_of = self.tools, self.look.as_of
        tasks = [Gather(one, as_of, tools.clock, tools.fetchers) for one in self.accounts]
        for found in workers.for_each(tasks, gather, lost_gathering):
            self.steps.failures += found.failures
            with self.steps.step("state", found.account):
                self.state.account(found.account).brought(found.brought)

    def examine(self, workers: Crew) -> list[Examined]:
        # all accounts of a lake are looked at in one version of it, whatever comes in meanwhile
        for lake in dict.fromkeys(account.lake for account in self.accounts):
            with suppress(SellerkitError):  # the audit says why
                self.versions[lake] = Lake.open_or_new(lake).version
        tasks = [
            Examine(
                account, self.look, self.versions.get(account.lake, 0),
                tuple(self.config.reports.names), self.config.reports.out,
                self.state.account(account.name), self.tools.build,
            )
            for account in self.accounts
        ]  # fmt: skip
        examined = workers.for_each(tasks, examine, lost_examining)
        for one in examined:
            self.steps.failures += one.failures
        return examined

    def pages(self, examined: Sequence[Examined]) -> list[Path]:
        """Return the pages of this run, with the portfolio and the list of all runs, made now."""
        pages = [page for one in examined for page in one.pages]
        out, lakes = self.config.reports.out, {account.lake for account in self.accounts}
        if len(self.accounts) > 1 and len(lakes) == 1:
            with self.steps.step("portfolio"):
                version = self.versions.get(lakes.pop(), 0)
                lake = self.accounts[0].lake
                pages.append(build_portfolio(lake, self.look, out, version, self.tools.build))
        elif len(self.accounts) > 1:
            self.steps.note("portfolio", "the accounts lie in several lakes, so none is made")
        with self.steps.step("index"):
            remove_old(out, self.config.reports.keep)
            pages.append(write_index(out))
        return pages
