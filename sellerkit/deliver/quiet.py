"""A source that brings nothing when it should: quiet for longer than it ever was.

There is no rate of arrival that fits each mailbox: some are empty every Sunday. So a source is
measured by its own past: how long it was quiet at most, counted from fetch to fetch.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from sellerkit.incidents import Brought

#: Of a source that brought something less often than this, nothing is known yet.
LEAST = 7

#: So many times its longest pause before is too long.
FACTOR = 1.5

#: A fetch that comes before this part of the usual time between two says nothing by being empty.
PART = 0.75


@dataclass(frozen=True)
class Quiet:
    """A source that is quiet for too long.

    Attributes
    ----------
    source : str
    since : datetime
        When it last brought something.
    span : timedelta
        How long ago that is.
    longest : timedelta
        Its longest pause before; 0 where each fetch brought something.
    """

    source: str
    since: dt.datetime
    span: dt.timedelta
    longest: dt.timedelta


def quiet_sources(
    brought: Sequence[Brought], as_of: dt.datetime, before: dt.datetime | None
) -> list[Quiet]:
    """Return the sources that are too quiet as of now and were not as of an earlier run.

    Parameters
    ----------
    brought : sequence of Brought
        Of all sources in all runs, oldest first.
    as_of : datetime
        Only sources that were asked in this run are looked at.
    before : datetime or None
        As of when was told last.
    """
    found = []
    for source in dict.fromkeys(row.source for row in brought if row.as_of == as_of):
        rows = [row for row in brought if row.source == source and not row.failed]
        now = _quiet([row for row in rows if row.as_of <= as_of])
        earlier = _quiet([row for row in rows if before is not None and row.as_of <= before])
        if now and now.span + now.since == as_of and not (earlier and earlier.since == now.since):
            found.append(now)
    return found


def _quiet(rows: Sequence[Brought]) -> Quiet | None:
    """Return that a source is too quiet as of its last answer, if it is."""
    moments = [row.as_of for row in rows]
    full = [number for number, row in enumerate(rows) if row.new]
    if len(full) < LEAST or rows[-1].new:
        return None
    # a pause before a full fetch ends with the last empty one: when mail came after it, who knows
    pauses = [moments[b - 1] - moments[a] for a, b in zip(full, full[1:], strict=False)]
    usual = statistics.median(
        (b - a).total_seconds() for a, b in zip(moments, moments[1:], strict=False)
    )
    span, longest = moments[-1] - moments[full[-1]], max(pauses)
    if span <= FACTOR * longest or span.total_seconds() < PART * usual:
        return None
    return Quiet(rows[-1].source, moments[full[-1]], span, longest)
