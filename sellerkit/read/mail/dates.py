"""The instant at which a mail was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: A mail from before Amazon had sellers, or from the next century, has a wrong clock.
_FIRST_YEAR, _LAST_YEAR = 1995, 2100
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
#: How nearly every program writes it; the standard library, which knows all others, is slow.
_PLAIN = re.compile(
    r"\s*(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) "
    r"([+-])([01]\d)([0-5]\d)\s*",
    re.ASCII,
)


def parse_date(text: str) -> datetime | None:
    """Return a mail date in UTC; None where it cannot be read, names no zone, or cannot be true."""
    if (plain := _PLAIN.fullmatch(text)) and plain[2] in _MONTHS:
        moment = _plainly(plain)
    else:
        moment = _by_standard(text)
    return moment if moment and _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _plainly(found: re.Match[str]) -> datetime | None:
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        local = datetime(
            int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
        return local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError):
        return None


def _by_standard(text: str) -> datetime | None:
    # ``-0000`` is an instant in UTC of an unknown zone, which the standard library takes for naive
    try:
        written = parsedate_to_datetime(text[:200].replace("-0000", "+0000"))
        return written.astimezone(UTC) if written.tzinfo else None
    except (ValueError, OverflowError):
        return None


def sent_at(
    dates: Iterable[str], received: Iterable[str], envelope: datetime | None
) -> datetime | None:
    """Return when a mail was sent: by its Date, else the top Received, else the mailbox's line."""
    for text in dates:
        if moment := parse_date(text):
            return moment
    return received_at(received) or envelope


def received_at(received: Iterable[str]) -> datetime | None:
    """Return when the last server took a mail in, by the topmost Received; None without one."""
    return next((parse_date(text.rpartition(";")[2]) for text in received), None)
