"""What another roster would have made of the same inquiries, and the cheapest hours to add."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sellerkit.errors import UsageError
from sellerkit.measure.intervals import FEW
from sellerkit.measure.roster import (
    Capacity,
    added_up,
    capacity_of,
    edges_of,
    laid_out,
    micros_of,
    roster,
)
from sellerkit.measure.shares import wilson

_HORIZON = pd.Timedelta(days=21)
_MANY = (
    60  # blocks a search adds at most: more than a working week is another plan, not an added hour
)


def replay(
    contacts: pd.DataFrame, shifts: pd.DataFrame, *, zone: str, seed: int = 0
) -> pd.DataFrame:
    """Answer the real inquiries in order of arrival, by the hours and the rate of a roster.

    Parameters
    ----------
    contacts : pd.DataFrame
        The contacts of a window, any order; read are `sent_at`, `due_at`, `counted`.
    shifts : pd.DataFrame
        As `sellerkit.measure.roster` returns it.
    zone : str
        IANA name of the zone whose clock the shifts follow.
    seed : int
        For which mails a shift does not see, where it sees not all; the same gives the same.

    Returns
    -------
    pd.DataFrame
        One row per counted contact, by `sent_at`: `message_id`, `sent_at`, `due_at`,
        `answered_at` (``datetime64[us, UTC]``, null where the roster does not get to it within
        21 days), `hours` (``float64``), `late` (``bool``).

    Notes
    -----
    First come, first served, one queue, empty at the window's first inquiry; an answer takes
    1 / `answers_per_hour` of the time in which a shift is open. Nobody is ill and no hour is
    spent on anything else, so this is the best that the hours can give.
    """
    asked = _asked(contacts)
    if asked.empty:
        return _replayed(asked, np.empty(0))
    span = {
        "zone": zone,
        "first": asked["sent_at"].min(),
        "last": asked["sent_at"].max() + _HORIZON,
    }
    laid = laid_out(shifts, **span)
    seen = _seen(micros_of(asked["sent_at"]), laid, np.random.default_rng(seed))
    turn = np.argsort(seen, kind="stable")
    done = np.empty(len(seen))
    done[turn] = _finished(seen[turn], capacity_of(laid))
    return _replayed(asked, done)


def _asked(contacts: pd.DataFrame) -> pd.DataFrame:
    counted = contacts.loc[contacts["counted"], ["message_id", "sent_at", "due_at"]]
    return counted.sort_values(["sent_at", "message_id"], ignore_index=True)


def _seen(sent: np.ndarray, laid: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    """Return when each inquiry is first seen: at once, or when the shift opens that sees it."""
    if (laid["reached"] >= 1).all():
        return sent
    opens, closes = micros_of(laid["opens_at"]), np.maximum.accumulate(micros_of(laid["closes_at"]))
    shift = np.searchsorted(closes, sent, side="right")
    waits = np.ones(len(sent), dtype=bool)
    while (waits & (shift < len(opens) - 1)).any():
        at = np.minimum(shift, len(opens) - 1)
        waits &= random.random(len(sent)) >= laid["reached"].to_numpy("float64")[at]
        shift = np.where(waits, shift + 1, shift)
    return np.maximum(sent, opens[np.minimum(shift, len(opens) - 1)])


def _finished(sent: np.ndarray, line: Capacity) -> np.ndarray:
    """Return when each inquiry, by arrival, is answered; infinite where never.

    Measured in answers that the roster could give, arrival i is at a(i) and is done at
    d(i) = max(a(i), d(i - 1)) + 1, so d(i) - i is the running maximum of a(i) - i + 1.
    """
    place = np.arange(len(sent))
    done = np.maximum.accumulate(line.by(sent) - place) + place + 1
    return line.when(done)


def _replayed(asked: pd.DataFrame, done: np.ndarray) -> pd.DataFrame:
    never = ~np.isfinite(done)
    # rounded up: an answer is never before it could have been given
    micros = np.ceil(np.where(never, 0, done)).astype("int64").astype("datetime64[us]")
    answered = pd.Series(micros).dt.tz_localize("UTC").mask(never)
    hours = (answered - asked["sent_at"]) / pd.Timedelta(hours=1)
    late = never | (answered > asked["due_at"]).to_numpy(bool)
    return asked.assign(answered_at=answered, hours=hours, late=late)


def late_share(replayed: pd.DataFrame) -> dict[str, Any]:
    """Return the share that a replay answers late, with its interval.

    Parameters
    ----------
    replayed : pd.DataFrame
        As `replay` returns it.

    Returns
    -------
    dict
        `contacts`, `late` (int), `late_share`, `low`, `high` (Wilson 95 %; None of no contact).
    """
    late, n = int(replayed["late"].sum()), len(replayed)
    low, high = wilson(late, n)
    return {"contacts": n, "late": late, "late_share": late / n if n else None,
            "low": low, "high": high}  # fmt: skip


def added_hours(
    contacts: pd.DataFrame,
    shifts: pd.DataFrame,
    *,
    zone: str,
    target: float,
    answers_per_hour: float,
    block_hours: int = 1,
    weekend_cost: float = 1.0,
) -> pd.DataFrame:
    """Search the cheapest hours to add to a roster until the target is reached.

    Parameters
    ----------
    contacts, shifts, zone
        As in `replay`.
    target : float
        Share to be answered in time, above 0 and at most 1.
    answers_per_hour : float
        Of the hours added.
    block_hours : int
        How long a block is: nobody comes in for less. 1 to 24.
    weekend_cost : float
        What an hour of Saturday or Sunday costs, an hour of the week costing 1.

    Returns
    -------
    pd.DataFrame
        The blocks to add, most useful first: `weekday`, `opens`, `closes`, `answers_per_hour`,
        `cost` (of this and those before it), `on_time_share` (with this and those before it). No
        row where the roster reaches the target as it is, or where there is no contact; the last
        row is below the target where no hours that were tried reach it.

    Raises
    ------
    UsageError
        A target, rate, block or cost that is none.

    Notes
    -----
    Greedy: at each step the block that brings most answers into time for its cost, then every
    block that is not needed any more is taken back. Good and small, not proven the smallest; a
    single block and a pair of equal cost are found exactly where one reaches the target.
    """
    if not 0 < target <= 1 or answers_per_hour <= 0 or not 1 <= block_hours <= 24:
        raise UsageError("a target is above 0 and at most 1, a rate above 0, a block 1 to 24 hours")
    if weekend_cost <= 0:
        raise UsageError("an hour of the weekend costs more than nothing")
    search = _Search(contacts, shifts, zone, answers_per_hour, block_hours, weekend_cost)
    return search.table(search.reach(target))


def cover(
    contacts: pd.DataFrame,
    text: str,
    *,
    zone: str,
    target: float | None,
    answers_per_hour: float = 12,
) -> dict[str, Any] | None:
    """Return what a roster would have made of a window, and the hours to add to it.

    Parameters
    ----------
    contacts : pd.DataFrame
        The contacts of a window, any order.
    text : str
        As `sellerkit.measure.roster` reads it; empty asks nothing.
    zone : str
        IANA name of the zone whose clock the shifts follow.
    target : float or None
        Share to be answered in time; without it no hours are sought.
    answers_per_hour : float
        Of shifts that name no rate, and of the hours added.

    Returns
    -------
    dict or None
        `roster` (the text), what `late_share` returns, `few` (fewer than `FEW` contacts),
        `seen_late` and `seen_closed` (int: late or missed ones among the closed, as they were),
        and `added` (as `added_hours` returns it, or None). None of an empty text.

    Raises
    ------
    UsageError
        A roster that cannot be read, or no such zone.
    """
    if not text.strip():
        return None
    shifts = roster(text, answers_per_hour=answers_per_hour)
    status = contacts.loc[contacts["counted"], "status"]
    replayed = replay(contacts, shifts, zone=zone)
    return {
        "roster": text,
        **late_share(replayed),
        "few": len(replayed) < FEW,
        "seen_late": int(status.isin(["late", "missed"]).sum()),
        "seen_closed": int(status.isin(["met", "late", "missed"]).sum()),
        "added": None
        if target is None
        else added_hours(
            contacts, shifts, zone=zone, target=target, answers_per_hour=answers_per_hour
        ),
    }


class _Search:
    """Blocks of hours tried on one set of inquiries."""

    def __init__(
        self,
        contacts: pd.DataFrame,
        shifts: pd.DataFrame,
        zone: str,
        rate: float,
        block: int,
        weekend_cost: float,
    ) -> None:
        self.asked, self.shifts, self.zone = _asked(contacts), shifts, zone
        days, starts = np.divmod(np.arange(7 * 24), 24)
        fits = starts + block <= 24
        self.blocks = pd.DataFrame(
            {"weekday": days[fits], "opens": starts[fits].astype(float),
             "closes": starts[fits] + float(block), "answers_per_hour": float(rate),
             "reached": 1.0}
        )  # fmt: skip
        weekend = self.blocks["weekday"] > 4
        self.costs = block * np.where(weekend, weekend_cost, 1.0)
        if len(self.asked):
            self.sent, self.due = micros_of(self.asked["sent_at"]), micros_of(self.asked["due_at"])
            self.base = self._edges(self.shifts)
            # laid out once: the search adds up thousands of rosters
            self.added = [self._edges(self.blocks.loc[[each]]) for each in self.blocks.index]

    def _edges(self, shifts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the instants at which shifts open and close, and how the rate changes there."""
        first, last = self.asked["sent_at"].min(), self.asked["sent_at"].max() + _HORIZON
        return edges_of(laid_out(shifts, zone=self.zone, first=first, last=last))

    def met(self, chosen: list[int]) -> int:
        """Return how many are in time with the blocks chosen."""
        parts = [self.base, *(self.added[each] for each in chosen)]
        edges, changes = (np.concatenate(column) for column in zip(*parts, strict=True))
        done = _finished(self.sent, added_up(edges, changes))
        return int((np.ceil(done) <= self.due).sum())

    def reach(self, target: float) -> list[int]:
        """Return blocks with which the target is reached, or with which nothing more helps."""
        chosen: list[int] = []
        n = len(self.asked)
        now = self.met(chosen) if n else 0
        while now < target * n and len(chosen) < _MANY:
            tried = [self.met([*chosen, each]) for each in self.blocks.index]
            gain = (np.minimum(tried, np.ceil(target * n)) - now) / self.costs
            best = int(np.argmax(gain))
            if gain[best] <= 0:
                break
            chosen.append(best)
            now = tried[best]
        return self._needed(chosen, target) if now >= target * n else chosen

    def _needed(self, chosen: list[int], target: float) -> list[int]:
        for each in list(chosen):
            without = [other for other in chosen if other != each]
            if self.met(without) >= target * len(self.asked):
                chosen = without
        return chosen

    def table(self, chosen: list[int]) -> pd.DataFrame:
        rows = self.blocks.loc[chosen].reset_index(drop=True)
        rows["cost"] = np.cumsum(self.costs[chosen])
        shares = [self.met(chosen[: n + 1]) / len(self.asked) for n in range(len(chosen))]
        return rows.assign(on_time_share=np.array(shares, dtype="float64"))
