"""The story of one order: each event and due time in its lane, and when time had run out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from sellerkit.show.display import Html, render
from sellerkit.show.dossier import OUTCOMES, Dossier, Row, appeal_by, as_code, quoted
from sellerkit.show.drawn import LANES, draw_story
from sellerkit.show.view import View
from sellerkit.show.words import REASONS, format_money, format_span, known

#: Column of a history's row → lane, words; a deadline is no event and stays in sight.
_COLUMNS = {
    "orders": {
        "purchased_at": ("Order", "Order bought"),
        "shipped_at": ("Order", "Shipped"),
        "delivered_at": ("Order", "Delivered"),
        "canceled_at": ("Order", "Order canceled"),
        "latest_ship_at": ("Due", "To be shipped by then"),
        "promised_by": ("Due", "Delivery promised by then"),
    },
    "returns": {
        "requested_at": ("Return, refund", "Return requested"),
        "authorized_at": ("Return, refund", "Return authorized"),
        "refunded_at": ("Return, refund", "Refunded"),
        "closed_at": ("Return, refund", "Return closed"),
    },
    "claims": {
        "filed_at": ("Claim", "A-to-z claim filed"),
        "responded_at": ("Claim", "Claim answered"),
        "decided_at": ("Claim", "Claim decided"),
        "appealed_at": ("Claim", "Appeal filed"),
    },
}

_NOTICES = {
    "return_requested": "Amazon told of a return request",
    "claim_opened": "Amazon told of the claim",
    "claim_decided": "Amazon told how the claim was decided",
    "refund_issued": "Amazon told of a refund",
    "cancel_requested": "Amazon passed on a wish to cancel",
    "opted_out": "Amazon said that the buyer opted out",
}

#: Roles of events in a derivation with which something owed was done.
_DONE = ("answers", "satisfies it")


class Event(NamedTuple):
    """One thing that happened or was due: when, where it is drawn, its sign and words."""

    at: pd.Timestamp
    lane: str
    icon: str
    words: str
    detail: str = ""
    exhibits: tuple[int, ...] = ()


def story_of(case: Dossier, view: View) -> list[Event]:
    """Return all events and due times of an order, by time."""
    order = [("orders", case.order)] if case.order else []
    rows = order + [(name, row) for name in ("returns", "claims") for row in case.histories[name]]
    events = [event for name, row in rows for event in _of_row(case, name, row)]
    events += [_message(case, row, view) for row in case.histories["messages"]]
    events += [_call(case, row, view) for row in case.histories["calls"]]
    events += _due(case, view)
    return sorted(events, key=lambda each: (each.at, LANES.index(each.lane), each.words))


def timeline_dossier(case: Dossier, view: View) -> Html:
    """Draw the order's story in lanes, with a bar for each duty, and list it event by event.

    Parameters
    ----------
    case : Dossier
    view : View
        In the zone of the order's store; with its texts the beginning of each message is shown.
    """
    events = story_of(case, view)
    over = _over(case)
    rows = [
        {**event._asdict(), "number": number, "at": view.moment(event.at, weekday=True),
         "past": any(start <= event.at < end for start, end in over),
         "ahead": event.at > view.as_of}
        for number, event in enumerate(events, 1)
    ]  # fmt: skip
    years = {str(event.at.tz_convert(view.zone).year): None for event in events}
    return render(
        "timeline",
        note={"count": len(rows)} if rows else {},
        events=rows,
        years=" and ".join(years),
        drawn=draw_story(case, events, view) if rows else None,
        icons={event.icon for event in events},
        over={one.verdict for one in case.duties},
        finding=_finding(case),
        zone=view.zone,
        as_of=view.moment(view.as_of, weekday=True),
    )


def _finding(case: Dossier) -> str:
    """Return in a sentence for how long something was owed after its time."""
    over = _over(case)
    if not over:
        return "At no time was something owed whose time was over"
    longest = format_span(max(end - start for start, end in over))
    return f"Time ran out on {len(over)} of {len(case.duties)} duties, the longest by {longest}"


def _over(case: Dossier) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the times in which something was owed whose time had run out."""
    clocks = [one.clock for one in case.duties if not one.clock.set_aside]
    ends = [(clock.due_at, clock.stopped_at or clock.as_of) for clock in clocks]
    return [(due, end) for due, end in ends if end > due]


def _of_row(case: Dossier, name: str, row: Row) -> Iterator[Event]:
    key = {"orders": "order_id", "returns": "return_id", "claims": "claim_id"}[name]
    exhibits = tuple(case.exhibits_of(name, row[key]))
    for column, (lane, words) in _COLUMNS[name].items():
        if known(row[column]):
            icon = "open" if lane == "Due" else "dot"
            yield Event(row[column], lane, icon, words, _detail(row, column), exhibits)


def _detail(row: Row, column: str) -> str:
    if column == "shipped_at":
        return " ".join(str(row[name]) for name in ("carrier", "tracking_id") if known(row[name]))
    if column == "filed_at":
        return f"{row['claim_id']}, {REASONS[row['reason']]}"
    if column == "decided_at":
        return OUTCOMES[row["outcome"]].capitalize()
    if column == "authorized_at" and known(row["authorized_by"]):
        return f"by {'Amazon' if row['authorized_by'] == 'amazon' else 'the seller'}"
    if column == "requested_at":
        return str(row["return_id"])
    if column == "canceled_at" and known(row["canceled_by"]):
        return f"by {'Amazon' if row['canceled_by'] == 'amazon' else 'the ' + row['canceled_by']}"
    if column == "refunded_at" and known(row["refund_amount"]):
        return format_money(row["refund_amount"], row["currency"])
    return ""


def _message(case: Dossier, row: Row, view: View) -> Event:
    exhibits = tuple(case.exhibits_of("messages", row["message_id"]))
    said = quoted(row["body"], view)
    excerpt = f"“{said}”" if said else ""
    if row["sender"] == "amazon":
        told = {one["message_id"]: one["event"] for one in case.histories["notices"]}
        words = _NOTICES.get(told.get(row["message_id"], ""), "Amazon sent a notice")
        return Event(row["sent_at"], "Amazon", "dot", words, excerpt, exhibits)
    if row["sender"] == "buyer":
        return Event(row["sent_at"], "Buyer", "dot", "The buyer wrote", excerpt, exhibits)
    icon, words, detail = _sent(case, row)
    parts = [part for part in (detail, excerpt) if part]
    return Event(row["sent_at"], "Seller", icon, words, " · ".join(parts), exhibits)


def _sent(case: Dossier, row: Row) -> tuple[str, str, str]:
    """Return sign and words of a message of the seller's, and what it answered."""
    if row["undelivered"]:
        return "missed", "A reply bounced", "not delivered, so not credited"
    done = [
        one for one in case.duties
        if any((e.table, e.id) == ("messages", row["message_id"]) and e.role in _DONE
               for e in one.events)
    ]  # fmt: skip
    if row["automated"] and not done:
        return "waived", "An automatic reply", "not credited as an answer"
    verdicts = {one.verdict for one in done}
    said = [f"{_named(one.title)}: {one.verdict}" for one in done]
    icon = "late" if "late" in verdicts else "met"
    return icon if done else "dot", "The seller wrote", "; ".join(dict.fromkeys(said))


def _call(case: Dossier, row: Row, view: View) -> Event:
    minutes = f", {row['minutes']:.0f} min" if known(row["minutes"]) else ""
    said = quoted(row["notes"], view)
    notes = f" · “{said}”" if said else ""
    who = "The buyer called" if row["direction"] == "inbound" else "The seller called"
    detail = f"{as_code(row['purpose']) or 'purpose not told'}{minutes}; a call is no answer{notes}"
    exhibits = tuple(case.exhibits_of("calls", row["call_id"]))
    return Event(row["started_at"], "Calls", "dot", who, detail, exhibits)


def _due(case: Dossier, view: View) -> Iterator[Event]:
    """Yield when each duty was due, and by when a claim can be appealed."""
    for one in case.duties:
        clock = one.clock
        if not clock.set_aside:
            words = {"missed": "nothing had been written", "late": "it was written later"}
            name = f"Due: {_named(one.title)}"
            yield Event(clock.due_at, "Due", "open", name, words.get(one.verdict, ""))
    for claim in case.claims:
        until = appeal_by(claim, view)[0]
        if known(until):
            yield Event(until, "Due", "open", "Appeal possible until then", claim["claim_id"])


def _named(title: str) -> str:
    """Return a duty's title inside a sentence; the name of the claim keeps its capital."""
    return title if title.startswith("A-to-z") else title[0].lower() + title[1:]
