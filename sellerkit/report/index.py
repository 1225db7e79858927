"""`index.html`: all runs of all accounts, made anew from the records beside the pages."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from sellerkit import __version__
from sellerkit.report.exporter import render_built
from sellerkit.report.figures import Figures
from sellerkit.report.page import Page, Section
from sellerkit.report.places import PORTFOLIO, link_to
from sellerkit.report.record import Kept, read_records, record_files
from sellerkit.report.writing import write_whole
from sellerkit.show import runs as show
from sellerkit.show.display import Html

INDEX = "index.html"

#: How often an account is taken to be run of which there is but one run.
_WEEKLY = dt.timedelta(days=7)

#: So many runs make a trend line.
_TREND = 13


@dataclass
class Look:
    """One look at one account: what was published of it, and what failed.

    Attributes
    ----------
    as_of, since, until : datetime
    pages : dict of str to (str or None)
        Report → address of its page; None where somebody removed it.
    failed : dict of str to str
        Report → where it failed.
    figures : Figures or None
        None where every report of it failed.
    """

    as_of: dt.datetime
    since: dt.datetime
    until: dt.datetime
    pages: dict[str, str | None] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    figures: Figures | None = None

    @property
    def days(self) -> int:
        """Length of the window."""
        return round((self.until - self.since) / dt.timedelta(days=1))


@dataclass(frozen=True)
class AccountRuns:
    """All looks at one account, newest first.

    Attributes
    ----------
    name : str
    stores : tuple of str
    zone : str
    looks : list of Look
    newest_of_all : datetime
        The newest moment at which any account was looked at: ages are counted to it.
    """

    name: str
    stores: tuple[str, ...]
    zone: str
    looks: list[Look]
    newest_of_all: dt.datetime

    @property
    def last_good(self) -> Look | None:
        """The newest look that has figures."""
        return next((look for look in self.looks if look.figures is not None), None)

    @property
    def age(self) -> dt.timedelta | None:
        """How much older the newest figures are than the newest of all accounts."""
        return None if self.last_good is None else self.newest_of_all - self.last_good.as_of

    @property
    def usual(self) -> dt.timedelta:
        """How often the account is run: the median time between two looks with figures."""
        moments = sorted({look.as_of for look in self.looks if look.figures is not None})
        gaps = [
            (later - earlier).total_seconds()
            for earlier, later in zip(moments, moments[1:], strict=False)
        ]
        return dt.timedelta(seconds=statistics.median(gaps)) if gaps else _WEEKLY

    @property
    def stale(self) -> bool:
        """Whether the next run, and the one after it, did not come."""
        longest = max(2 * self.usual, dt.timedelta(days=1))
        return self.age is not None and self.age >= longest

    @property
    def trend(self) -> list[tuple[dt.datetime, float | None]]:
        """The on-time share of the last looks with a window as long as the newest; oldest first.

        A share that is not known since mail is missing is None.
        """
        newest = self.last_good
        if newest is None:
            return []
        by_day: dict[dt.date, tuple[dt.datetime, float | None]] = {}
        for look in self.looks:
            if look.figures is not None and look.days == newest.days:
                share = None if look.figures.bound else look.figures.on_time_share
                by_day.setdefault(look.as_of.date(), (look.as_of, share))
        return sorted(by_day.values())[-_TREND:]


def write_index(out: Path) -> Path:
    """Write the list of all runs under a folder of reports.

    Only the small records beside the pages are read, never a page. Another command may publish at
    the same time: whoever wrote last looks whether there is a record that he has not seen, so the
    list that stays has them all, and nobody waits for anybody.

    Raises
    ------
    OSError
        The folder cannot be read or written.
    """
    index = out / INDEX
    seen: list[tuple[str, int, int]] | None = None
    while (now := _stamp(files := record_files(out))) != seen:
        kept, unread = read_records(files)
        write_whole(index, render_index(kept, out, unread=unread).encode())
        seen = now
    return index


def _stamp(files: list[Path]) -> list[tuple[str, int, int]]:
    """Return by what it is told that records were added, replaced or removed."""
    found = []
    for path in files:
        try:
            state = path.stat()
        except FileNotFoundError:  # it went just now
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size))
    return found


def render_index(kept: list[Kept], out: Path, *, unread: int = 0) -> str:
    """Return the page with all runs; the same for the same records.

    Parameters
    ----------
    kept : list of Kept
    out : Path
        The folder in which the page will lie.
    unread : int
        Records that could not be read.
    """
    accounts = accounts_of(kept, out)
    portfolios = [one for one in kept if one.record.report == PORTFOLIO and one.page.is_file()]
    portfolios.sort(key=lambda one: one.record.as_of, reverse=True)
    page = Page(
        _section("Overview", "main", show.headline_runs(accounts), show.table_newest(accounts))
    )
    if portfolios:
        rows = [(one.record, link_to(one.page, out)) for one in portfolios]
        page.sections.append(_section("Side by side", "portfolio", show.table_portfolios(rows)))
    for number, account in enumerate(sorted(accounts, key=lambda one: one.name), 1):
        parts = show.table_runs(account)
        page.sections.append(_section(account.name, show.anchor(number), parts))
    footer = show.footer_runs(accounts, [one.record for one in kept], unread, __version__)
    page.sections.append(_section("How this page was made", "how", footer, footer=True))
    return render_built(page, title="All runs, sellerkit")


def _section(title: str, slug: str, *parts: Html, footer: bool = False) -> Section:
    return Section(title, slug, footer, [Markup(part.html) for part in parts])


def accounts_of(kept: Iterable[Kept], out: Path) -> list[AccountRuns]:
    """Return the accounts by name, each with its looks, newest first."""
    by_account: dict[str, list[Kept]] = defaultdict(list)
    for one in kept:
        if one.record.report != PORTFOLIO:
            by_account[one.record.account].append(one)
    newest = max((one.record.as_of for ones in by_account.values() for one in ones), default=None)
    found = []
    for name in sorted(by_account):
        ones = sorted(by_account[name], key=lambda one: one.record.as_of)
        last = ones[-1].record
        assert newest is not None
        found.append(AccountRuns(name, last.stores, last.zone, _looks(ones, out), newest))
    return found


def _looks(kept: list[Kept], out: Path) -> list[Look]:
    by_key: dict[tuple[object, ...], Look] = {}
    for one in kept:
        record = one.record
        key = (record.as_of, record.since, record.until, record.lake_version, record.policy)
        look = by_key.setdefault(key, Look(record.as_of, record.since, record.until))
        if record.failed:
            look.failed[record.report] = record.failed
            continue
        look.pages[record.report] = link_to(one.page, out) if one.page.is_file() else None
        look.figures = record.figures
    return sorted(by_key.values(), key=lambda look: (look.as_of, look.until), reverse=True)
