"""Cover hours: who answers when, as a small table, and how many answers it can give by when."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import NamedTuple

import numpy as np
import pandas as pd

from sellerkit.errors import UsageError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHIFT = re.compile(
    r"(?P<first>[a-z]{3})(?:\s*-\s*(?P<last>[a-z]{3}))?\s+"
    r"(?P<opens>\d{1,2}:\d{2})\s*-\s*(?P<closes>\d{1,2}:\d{2})"
    r"(?:\s+(?P<rate>\d+(?:\.\d+)?)/h)?(?:\s+(?P<reached>\d{1,3})%)?"
)
_COLUMNS = ["weekday", "opens", "closes", "answers_per_hour", "reached"]
_HOUR = 3_600_000_000  # microseconds


def roster(text: str, *, answers_per_hour: float = 12) -> pd.DataFrame:
    """Read the hours at which somebody answers from a line of text.

    Parameters
    ----------
    text : str
        Shifts, parted by commas or semicolons: ``Mon-Fri 08:00-18:00, Sat 09:00-13:00 6/h 80%``,
        where 80 of 100 waiting mails are seen at all in the shift. ``24:00`` ends a day; a shift
        past midnight is written as two.
    answers_per_hour : float
        For shifts that name no rate of their own.

    Returns
    -------
    pd.DataFrame
        One row per shift and day: `weekday` (0 Monday to 6 Sunday, ``int64``), `opens`, `closes`
        (hours of the local clock, 0 to 24), `answers_per_hour`, `reached` (the chance that a mail
        which waits in the shift is seen in it, above 0 and at most 1; ``float64``).

    Raises
    ------
    UsageError
        A shift that cannot be read, ends before it begins, or answers nothing.

    Examples
    --------
    >>> roster("Sat-Sun 09:00-13:30 6/h")[["weekday", "opens", "closes"]].values.tolist()
    [[5.0, 9.0, 13.5], [6.0, 9.0, 13.5]]
    """
    rows = [
        row
        for part in re.split(r"[,;]", text)
        if part.strip()
        for row in _shift(part.strip(), answers_per_hour)
    ]
    if not rows:
        raise UsageError("the roster has no shift; write it like Mon-Fri 08:00-18:00")
    return pd.DataFrame(rows, columns=_COLUMNS)


def _shift(text: str, rate: float) -> list[tuple[int, float, float, float, float]]:
    found = _SHIFT.fullmatch(text.lower())
    names = found and (found["first"], found["last"] or found["first"])
    if not found or not names or not set(names) <= set(_DAYS):
        raise UsageError(f"the shift {text!r} cannot be read; write it like Mon-Fri 08:00-18:00")
    first, last = (_DAYS.index(name) for name in names)
    opens, closes = _clock(found["opens"], text), _clock(found["closes"], text)
    given = float(found["rate"]) if found["rate"] else rate
    reached = int(found["reached"]) / 100 if found["reached"] else 1.0
    if opens >= closes or given <= 0 or not 0 < reached <= 1:
        raise UsageError(f"the shift {text!r} ends before it begins or answers nothing")
    days = (last - first) % 7 + 1
    return [((first + n) % 7, opens, closes, given, reached) for n in range(days)]


def _clock(text: str, shift: str) -> float:
    hours, minutes = (int(part) for part in text.split(":"))
    if minutes > 59 or hours + minutes / 60 > 24:
        raise UsageError(f"the shift {shift!r} names {text}, which no clock shows")
    return hours + minutes / 60


class Capacity(NamedTuple):
    """How many answers a roster can have given by when: a line that rises while a shift is open.

    Attributes
    ----------
    at : np.ndarray
        ``int64`` microseconds since 1970 in UTC at which a shift opens or closes, rising.
    answers : np.ndarray
        ``float64``, never falling: answers possible up to then.
    """

    at: np.ndarray
    answers: np.ndarray

    def by(self, micros: np.ndarray) -> np.ndarray:
        """Return how many answers were possible by each instant."""
        return np.interp(micros, self.at, self.answers)

    def when(self, answers: np.ndarray) -> np.ndarray:
        """Return the first instant by which so many are possible; infinite where never."""
        after = np.searchsorted(self.answers, answers, side="left")
        after = np.clip(after, 1, len(self.at) - 1)
        low, high = self.answers[after - 1], self.answers[after]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(high > low, (answers - low) / (high - low), 1.0)
        reached = self.at[after - 1] + part * (self.at[after] - self.at[after - 1])
        return np.where(answers > self.answers[-1], np.inf, reached)


def capacity(
    shifts: pd.DataFrame, *, zone: str, first: pd.Timestamp, last: pd.Timestamp
) -> Capacity:
    """Lay a roster out over the days between two instants.

    Parameters
    ----------
    shifts : pd.DataFrame
        As `roster` returns it. Two that overlap add up: two people answer.
    zone : str
        IANA name of the zone whose clock the shifts follow.
    first, last : pd.Timestamp
        UTC; the days that hold them are included.

    Returns
    -------
    Capacity

    Raises
    ------
    UsageError
        No such zone.

    Notes
    -----
    A shift over the night of a clock change is an hour longer or shorter, as it is for the one
    who works it; one that begins in the hour that is left out begins when that hour would end.
    """
    return capacity_of(laid_out(shifts, zone=zone, first=first, last=last))


def capacity_of(laid: pd.DataFrame) -> Capacity:
    """Add up shifts that are laid out over their days, as `laid_out` returns them."""
    return added_up(*edges_of(laid))


def edges_of(laid: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the instants at which shifts open and close, and how the rate changes at each."""
    rates = laid["answers_per_hour"].to_numpy("float64")
    edges = np.concatenate([micros_of(laid["opens_at"]), micros_of(laid["closes_at"])])
    return edges, np.concatenate([rates, -rates])


def added_up(edges: np.ndarray, changes: np.ndarray) -> Capacity:
    """Return the line whose rate, in answers per hour, changes so much at each instant."""
    order = np.argsort(edges, kind="stable")
    at, rate = edges[order], np.cumsum(changes[order])
    answers = np.concatenate([[0.0], np.cumsum(np.diff(at) / _HOUR * rate[:-1])])
    return Capacity(at, answers)


def _days(zone: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    try:
        clock = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"no time zone is called {zone!r}; an IANA name such as Europe/Berlin is wanted"
        ) from error
    begin, end = (at.tz_convert(clock).tz_localize(None).normalize() for at in (first, last))
    return pd.date_range(begin, end + dt.timedelta(days=1), freq="D")


def laid_out(
    shifts: pd.DataFrame, *, zone: str, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    """Return each shift of each day between two instants, by when it opens.

    Parameters
    ----------
    shifts, zone, first, last
        As in `capacity`.

    Returns
    -------
    pd.DataFrame
        The shifts' columns, `opens_at` and `closes_at` (``datetime64[us, UTC]``).
    """
    days = _days(zone, first, last)
    laid = pd.DataFrame({"day": days, "weekday": days.day_of_week}).merge(shifts, on="weekday")
    laid["opens_at"] = _instants(laid["day"], laid["opens"], zone)
    laid["closes_at"] = _instants(laid["day"], laid["closes"], zone)
    return laid.sort_values(["opens_at", "closes_at"], ignore_index=True)


def _instants(day: pd.Series, hours: pd.Series, zone: str) -> pd.Series:
    local = day + pd.to_timedelta(hours, unit="h").dt.round("min")
    # of an hour that comes twice the first pass: a shift is not worked twice
    first_pass = np.ones(len(local), dtype=bool)
    utc = local.dt.tz_localize(
        zoneinfo.ZoneInfo(zone), ambiguous=first_pass, nonexistent="shift_forward"
    )
    return utc.dt.tz_convert("UTC").astype("datetime64[us, UTC]")


def micros_of(instants: pd.Series) -> np.ndarray:
    """Return instants as microseconds since 1970, ``int64``."""
    return instants.to_numpy("datetime64[us]").astype("int64")
