"""When a configuration is to be run, and by which words: what every scheduler is told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from sellerkit.config import Amazon, Config, Imap
from sellerkit.errors import UsageError
from sellerkit.schedule.words import writable

Every: TypeAlias = Literal["day", "week", "month"]

#: How often a report of a period is made where nothing else is asked for.
OFTEN: dict[str, Every] = {"last-week": "week", "last-month": "month", "rolling-30": "day"}

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

#: Where `sellerkit fetch amazon` finds its credentials, if they are in the environment.
_AMAZON = ("SP_API_REFRESH_TOKEN", "LWA_APP_ID", "LWA_CLIENT_SECRET")


@dataclass(frozen=True)
class When:
    """A time of day, every day, on a day of each week, or on the first of each month.

    Attributes
    ----------
    at : datetime.time
        By the clock of `zone`.
    every : str
        ``day``, ``week`` or ``month``.
    weekday : int
        Of a week: 0 is Monday.
    zone : str
        IANA name.
    """

    at: time
    every: Every
    weekday: int
    zone: str

    @classmethod
    def said(cls, at: str, every: str, on: str, zone: str) -> When:
        """Return what a user said.

        Raises
        ------
        UsageError
            No time of day, no such interval, or no day of the week.
        """
        found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", at, re.ASCII)
        if not found:
            raise UsageError(f"--at {at}: write a time of day like 06:30")
        if every not in get_args(Every):
            raise UsageError(f"--every {every}: there are {', '.join(get_args(Every))}")
        days = [n for n, day in enumerate(WEEKDAYS) if on and day.lower().startswith(on.lower())]
        if on and (every != "week" or len(on) < 3 or not days):
            raise UsageError(f"--on {on}: a day of the week, like Monday, and --every week")
        hour, minute = (int(part) for part in found.groups())
        return cls(time(hour, minute), every, days[0] if days else 0, zone)  # type: ignore[arg-type]

    @property
    def day(self) -> str:
        """The day of a week."""
        return WEEKDAYS[self.weekday]

    def words(self) -> str:
        """Return it as a person says it: ``every Monday at 06:30 Europe/Berlin``."""
        days = {"day": "day", "week": self.day, "month": "first of the month"}
        return f"every {days[self.every]} at {self.at:%H:%M} {self.zone}"

    def cron(self) -> str:
        """Return the five fields of cron, for what knows the zone by itself."""
        # 0 is Sunday there, and 7 not everywhere
        days = {"day": "* * *", "week": f"* * {(self.weekday + 1) % 7}", "month": "1 * *"}
        return f"{self.at.minute} {self.at.hour} {days[self.every]}"

    def moments(self, since: date, days: int) -> Iterator[datetime]:
        """Yield the moments of all days from `since` on, whatever the interval is."""
        zone = ZoneInfo(self.zone)
        for n in range(days):
            yield datetime.combine(since + timedelta(days=n), self.at, zone)

    def skipped(self, since: date) -> date | None:
        """Return a day within a year on which the clock is put forward past this time."""
        for moment in self.moments(since, 366):
            if self.every == "week" and moment.weekday() != self.weekday:
                continue
            there = moment.astimezone(ZoneInfo("UTC")).astimezone(moment.tzinfo)
            if there.replace(tzinfo=None) != moment.replace(tzinfo=None):
                return moment.date()
        return None


@dataclass(frozen=True)
class Plan:
    """What a scheduler is to start, and when.

    Attributes
    ----------
    config : Config
    when : When
    program : sequence of str
        The words that start sellerkit on this machine.
    name : str
        Small letters, digits and ``-``; what the entry is called.
    account : str
        The only one to be run; empty for all.
    """

    config: Config
    when: When
    program: Sequence[str]
    name: str
    account: str = ""

    @property
    def home(self) -> Path:
        """The folder of the configuration."""
        return self.config.file.parent

    @property
    def words_after(self) -> list[str]:
        """The words of the command after the configuration."""
        return ["--account", self.account] if self.account else []

    @property
    def words(self) -> list[str]:
        """The words of the command."""
        return [*self.program, "run", "--config", str(self.config.file), *self.words_after]

    @property
    def secrets(self) -> list[str]:
        """The environment variables in which a run looks for secrets."""
        sources = [source for account in self.config.accounts for source in account.fetch]
        names = [name for _, name in self.config.variables()]
        for source in sources:
            if isinstance(source, Imap):
                names += [source.password_env, source.token_env]
            elif isinstance(source, Amazon):
                names += _AMAZON
        return sorted(set(names))


def plan_of(
    config: Config, *, program: Sequence[str], at: str, every: str = "", on: str = "",
    account: str = "",
) -> Plan:  # fmt: skip
    """Return what is to be started, and when.

    Parameters
    ----------
    config : Config
        As `sellerkit.config.load` reads it.
    program : sequence of str
        The words that start sellerkit.
    at, every, on : str
        ``06:30``; ``day``, ``week`` or ``month``, empty: as often as the configuration's period
        is over; a day of the week, empty: Monday.
    account : str
        The only one to be run; empty for all.

    Raises
    ------
    UsageError
        No such time or account, or a name that no scheduler's file can hold.
    """
    chosen = [each for each in config.accounts if account in ("", each.name)]
    if not chosen:
        names = ", ".join(each.name for each in config.accounts)
        raise UsageError(f"--account {account}: {config.file} has no such account; it has {names}")
    zones = {each.timezone or config.timezone for each in chosen}
    zone = zones.pop() if len(zones) == 1 else config.timezone
    when = When.said(at, every or OFTEN[config.reports.period], on, zone)
    for word in program:
        writable(word, "the path of sellerkit")
    writable(str(config.file), "the path of the configuration")
    writable(account, "the name of the account")
    return Plan(config, when, tuple(program), _name(config.file, account), account)


def _name(file: Path, account: str) -> str:
    """Return a name that is one harmless word everywhere."""
    parts = ("sellerkit", file.parent.name, account)
    # accents stand behind their letters there, so that the letters stay
    plain = (
        unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode() for part in parts
    )
    words = [re.sub(r"[^a-z0-9]+", "-", part.lower())[:40].strip("-") for part in plain]
    return "-".join(word for word in words if word)
