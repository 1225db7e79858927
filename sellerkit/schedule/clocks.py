"""A time in one zone as a crontab says it on a machine that lives in another.

Debian's cron goes by the clock of the machine. Where that is another than the one wanted, a
crontab needs a line for each difference that there is between the two in the course of a year,
and each line asks whether its difference is the present one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sellerkit.schedule.plan import When

#: So many days are looked at; within two years each rule of a zone is met twice.
_DAYS = 731


@dataclass(frozen=True)
class CronTime:
    """A line of a crontab.

    Attributes
    ----------
    fields : str
        The five fields.
    asks : tuple of str
        What ``date +%z`` of the machine and ``date +%z``, ``%d`` of the zone may give, one behind
        the other, for the line to be obeyed; none where it always is.
    """

    fields: str
    asks: tuple[str, ...] = ()

    @property
    def of_day(self) -> bool:
        """Whether the line asks for the day of the month too."""
        return any(len(each) > len("+0000+0000") for each in self.asks)


def cron_times(when: When, machine: tzinfo, since: date) -> list[CronTime]:
    """Return the lines of a crontab for a time.

    Parameters
    ----------
    when : When
    machine : datetime.tzinfo
        The zone of the machine's clock.
    since : datetime.date
        From which day on the rules of both zones are looked at.
    """
    found: defaultdict[tuple[int, int, int], set[str]] = defaultdict(set)
    same = True
    for moment in when.moments(since, _DAYS):
        there = moment.astimezone(machine)
        shift = (there.date() - moment.date()).days
        same = same and there.utcoffset() == moment.utcoffset()
        found[there.hour, there.minute, shift].add(_offset(there) + _offset(moment))
    if same:
        return [CronTime(when.cron())]
    alone = len(found) == 1
    return [
        CronTime(f"{minute} {hour} {_days(when, shift)}", _asks(when, shift, offsets, alone))
        for (hour, minute, shift), offsets in sorted(found.items())
    ]


def _offset(moment: datetime) -> str:
    return f"{moment:%z}"


def _days(when: When, shift: int) -> str:
    if when.every == "day":
        return "* * *"
    if when.every == "week":
        return f"* * {(when.weekday + 1 + shift) % 7}"
    return {-1: "28-31 * *", 0: "1 * *", 1: "2 * *"}[shift]


def _asks(when: When, shift: int, offsets: set[str], alone: bool) -> tuple[str, ...]:
    # the last day of a month has no number, so it is asked whether it is the first there
    last = when.every == "month" and shift < 0
    if alone and not last:
        return ()
    return tuple(sorted(offset + ("01" if last else "") for offset in offsets))
