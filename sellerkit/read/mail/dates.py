"""The instant at which a mail was sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: A mail from before Amazon had sellers, or from the next century, has a wrong clock.
_FIRST_YEAR, _LAST_YEAR = 1995, 2100


def parse_date(text: str) -> datetime | None:
    """Return a mail date in UTC; None where it cannot be read, names no zone, or cannot be true."""
    # ``-0000`` is an instant in UTC of an unknown zone, which the standard library takes for naive
    try:
        written = parsedate_to_datetime(text[:200].replace("-0000", "+0000"))
        moment = written.astimezone(UTC) if written.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return moment if moment and _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def sent_at(
    dates: Iterable[str], received: Iterable[str], envelope: datetime | None
) -> datetime | None:
    """Return when a mail was sent: by its Date, else the top Received, else the mailbox's line."""
    for text in dates:
        if moment := parse_date(text):
            return moment
    for text in received:
        moment = parse_date(text.rpartition(";")[2])
        return moment or envelope
    return envelope
