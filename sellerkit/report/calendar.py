"""What must be written as a calendar (RFC 5545), to be imported or subscribed to."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from icalendar import Alarm, Calendar, Event

from sellerkit import __version__
from sellerkit.errors import InputError
from sellerkit.report.writing import write_whole
from sellerkit.show.words import format_kind, known

#: How long an event is shown before the time is up; it ends when the mail is due.
_SHOWN = pd.Timedelta(minutes=30)

#: How long before that a calendar reminds.
_REMIND = pd.Timedelta(hours=2)


def calendar_of(
    duties: pd.DataFrame, as_of: pd.Timestamp, said: Callable[[pd.Timestamp], str]
) -> bytes:
    """Return duties as a calendar: an event each that ends when the mail is due.

    Parameters
    ----------
    duties : pd.DataFrame
        Columns of `tables.OBLIGATIONS`.
    as_of : pd.Timestamp
        Stands in for the time of writing, so that the same duties give the same bytes.
    said : callable
        Gives an instant in the seller's words.

    Returns
    -------
    bytes
        An event's UID is its obligation's id: importing again updates it. Order and store are in
        it; nothing of the buyer is.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//sellerkit//due {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Mails to buyers")
    for row in duties.to_dict("records"):
        calendar.add_component(_event(row, as_of, said))
    return bytes(calendar.to_ical())


def _event(row: dict[str, Any], as_of: pd.Timestamp, said: Callable[[pd.Timestamp], str]) -> Event:
    event, what = Event(), format_kind(row["kind"], row["problem"])
    over = row["status"] == "missed"
    where = [row[name] for name in ("order_id", "marketplace") if known(row[name])]
    begins = row["due_at"] - _SHOWN
    event.add("uid", f"{row['obligation_id']}@sellerkit")
    event.add("dtstamp", as_of.to_pydatetime())
    # a later look goes before an earlier one, whichever is imported last
    event.add("sequence", int(as_of.timestamp() // 60))
    event.add("dtstart", begins.to_pydatetime())
    event.add("dtend", row["due_at"].to_pydatetime())
    event.add("summary", " · ".join([f"{'Overdue' if over else 'Write'}: {what}", *where]))
    event.add("description", _description(row, said))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    if not over:
        event.add_component(_alarm(what, begins, row["trigger_at"]))
    return event


def _description(row: dict[str, Any], said: Callable[[pd.Timestamp], str]) -> str:
    lines = [
        f"Account: {row['account']}",
        f"Came in: {said(row['trigger_at'])}",
        f"Due: {said(row['due_at'])}",
        f"Rule: {row['rule']}",
        # to be pasted into a shell, and the id is made of what a mail said
        f"Why: sellerkit why {shlex.quote(row['obligation_id'])}",
        f"Text: sellerkit draft {shlex.quote(row['obligation_id'])}",
    ]
    return "\n".join(lines)


def _alarm(what: str, begins: pd.Timestamp, came: pd.Timestamp) -> Alarm:
    """Remind two hours before, or when half of a shorter time is over."""
    before = min(_REMIND, max(pd.Timedelta(0), (begins - came) / 2))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"Write: {what}")
    alarm.add("trigger", -before.floor("min").to_pytimedelta())
    return alarm


def write_calendar(calendar: bytes, path: Path) -> None:
    """Write a calendar whole, so that a program that reads it never sees half of one.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    try:
        write_whole(path, calendar)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
