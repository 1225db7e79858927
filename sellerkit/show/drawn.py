"""A story as a drawing: a lane for each side, a bar for each duty, all on one axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sellerkit.show.view import View
from sellerkit.show.words import format_day, format_plural

if TYPE_CHECKING:
    from sellerkit.show.dossier import Dossier
    from sellerkit.show.story import Event

#: The lanes of the drawing, from above.
LANES = ("Order", "Buyer", "Seller", "Amazon", "Calls", "Return, refund", "Claim", "Due")

#: Signs nearer than this, in per cent of the axis, become one.
_NEAR = 2.6

#: So much of the axis is left free at each end.
_MARGIN = 0.03

_STEPS = (1, 2, 3, 5, 7, 14, 30, 61, 91, 183, 366, 731)
_MOST_TICKS = 8

#: The worst first: what a sign for several events shows.
_RANKS = ("missed", "late", "met", "open", "waived", "dot")


def draw_story(case: Dossier, events: Sequence[Event], view: View) -> dict[str, Any]:
    """Return the places of signs and bars in per cent of the axis, for the template.

    Parameters
    ----------
    case : Dossier
    events : sequence of Event
        By time; an event's number is its place.
    view : View
    """
    axis = _Axis(case, events, view)
    lanes = list(dict.fromkeys(event.lane for event in sorted(events, key=_rank_of_lane)))
    return {
        "lanes": [{"name": name, "signs": _signs(name, events, axis)} for name in lanes],
        "bars": [_bar(one, axis) for one in case.duties],
        "ticks": axis.ticks(),
        "now": axis.place(view.as_of) if axis.shows(view.as_of) else None,
        "sentence": _sentence(case, events, view),
    }


def _rank_of_lane(event: Event) -> int:
    return LANES.index(event.lane)


class _Axis:
    """From the first event to the last; to `as_of` too where it is not far beyond."""

    def __init__(self, case: Dossier, events: Sequence[Event], view: View) -> None:
        self.zone = view.zone
        moments = [event.at for event in events]
        first, last = min(moments), max(moments)
        span = max(last - first, pd.Timedelta(days=1))
        if last < view.as_of <= last + span / 4:
            last = view.as_of
        self.first = first - span * _MARGIN
        self.whole = max(last - first, pd.Timedelta(days=1)) + 2 * span * _MARGIN

    def place(self, at: pd.Timestamp) -> float:
        share = (at - self.first) / self.whole
        return round(min(max(share, 0.0), 1.0) * 100, 2)

    def shows(self, at: pd.Timestamp) -> bool:
        return self.first <= at <= self.first + self.whole

    def ticks(self) -> list[dict[str, Any]]:
        """Return midnights of the zone, so many days apart that there are few."""
        days = self.whole / pd.Timedelta(days=1)
        step = next((one for one in _STEPS if days / one <= _MOST_TICKS), 365 * 5)
        day = (self.first.tz_convert(self.zone) + pd.Timedelta(days=1)).tz_localize(None)
        ticks = []
        for midnight in pd.date_range(day.normalize(), periods=_MOST_TICKS + 1, freq=f"{step}D"):
            at = midnight.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward")
            if self.shows(at):
                ticks.append({"at": self.place(at), "text": format_day(midnight)})
        return ticks


def _signs(lane: str, events: Sequence[Event], axis: _Axis) -> list[dict[str, Any]]:
    """Return the signs of a lane; events too near to be told apart share one."""
    groups: list[list[tuple[int, Event]]] = []
    for number, event in enumerate(events, 1):
        if event.lane != lane:
            continue
        if groups and axis.place(event.at) - axis.place(groups[-1][0][1].at) < _NEAR:
            groups[-1].append((number, event))
        else:
            groups.append([(number, event)])
    return [
        {
            "at": axis.place(group[0][1].at),
            "icon": min((event.icon for _, event in group), key=_RANKS.index),
            "numbers": _numbers([number for number, _ in group]),
        }
        for group in groups
    ]


def _numbers(numbers: list[int]) -> str:
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}–{numbers[-1]}"
    if len(numbers) > 3:
        return f"{numbers[0]}…{numbers[-1]}"
    return ",".join(map(str, numbers))


def _bar(one: Any, axis: _Axis) -> dict[str, Any]:
    """Return the bar of a duty: the time allowed, what of it was used, and the time over."""
    clock = one.clock
    start, due = axis.place(clock.started_at), axis.place(clock.due_at)
    done = axis.place(clock.stopped_at or clock.as_of)
    if clock.set_aside:
        used, over = 0.0, 0.0
    else:
        # a duty done before it began (a notice ahead of a late shipment) used none of its time
        used, over = max(min(done, due) - start, 0.0), max(done - due, 0.0)
    return {
        "name": one.title,
        "status": one.verdict,
        "start": start,
        "allowed": round(max(due - start, 0.3), 2),
        "used": round(used, 2),
        "due": due,
        "done": None if clock.set_aside or clock.stopped_at is None else done,
        "over": round(over, 2) if one.verdict in ("late", "missed") else 0,
    }


def _sentence(case: Dossier, events: Sequence[Event], view: View) -> str:
    first, last = (view.moment(events[end].at, year=True) for end in (0, -1))
    duties = [f"{one.title}: {one.verdict.replace('_', ' ')}" for one in case.duties]
    told = f"; duties: {', '.join(duties)}" if duties else "; no duty"
    return f"{format_plural(len(events), 'event')} from {first} to {last}{told}."
