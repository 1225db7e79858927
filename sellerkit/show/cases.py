"""The worst cases: why each was judged so, what happened when, and by which rule."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from sellerkit.policy import MARKS, Rule
from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import (
    REASONS,
    format_day,
    format_kind,
    format_limit,
    format_money,
    format_span,
    known,
)

_MOST_EVENTS = 9

#: Column of an order → what happened then.
_ORDER_EVENTS = {
    "purchased_at": "Order bought",
    "latest_ship_at": "Latest ship time",
    "shipped_at": "Shipped",
    "promised_by": "Promised by then",
    "delivered_at": "Delivered",
    "canceled_at": "Order canceled",
}
#: Days by which something should have happened; they matter where it did not.
_DEADLINES = ("latest_ship_at", "promised_by")

_RETURN_EVENTS = {
    "requested_at": "Return requested",
    "authorized_at": "Return authorized",
    "refunded_at": "Refunded",
    "closed_at": "Return closed",
}
_CLAIM_EVENTS = {
    "filed_at": "A-to-z claim filed",
    "responded_at": "Claim answered",
    "decided_at": "Claim decided",
}
_HISTORY_EVENTS = {"orders": _ORDER_EVENTS, "returns": _RETURN_EVENTS, "claims": _CLAIM_EVENTS}


class _Event(NamedTuple):
    """One thing that happened: when, its sign, its words, and a second line."""

    at: pd.Timestamp
    icon: str
    words: str
    detail: str = ""


def cases_worst(obligations: pd.DataFrame, view: View, *, limit: int = 6) -> Html:
    """Show the worst late and missed duties as rows that open.

    Parameters
    ----------
    obligations : pd.DataFrame
        Those of the window.
    view : View
    limit : int
        How many.

    Notes
    -----
    Claims first, then missed before late, the longest over first.
    """
    harmful = obligations[obligations["status"].isin(["late", "missed"])]
    over = harmful["satisfied_at"].fillna(view.as_of) - harmful["due_at"]
    ranked = harmful.assign(
        over=over, other=harmful["kind"] != "claim", written=harmful["status"] == "late"
    ).sort_values(
        ["other", "written", "over", "obligation_id"], ascending=[True, True, False, True]
    )
    shown = ranked.head(limit)
    cases = [
        _case(row, buyer, money, view) | {"derived": derived}
        for row, buyer, money, derived in zip(
            shown.to_dict("records"),
            view.buyers(shown),
            _stakes(shown, view),
            view.derivations("obligations", shown),
            strict=True,
        )  # fmt: skip
    ]
    note = {"count": len(cases)} if cases else {}
    return render("cases", note=note, cases=cases, total=len(harmful), zone=view.zone,
                  file=view.rest_in("obligations"))  # fmt: skip


def _stakes(shown: pd.DataFrame, view: View) -> list[str]:
    totals, currencies = view.orders_of(shown, "total"), view.orders_of(shown, "currency")
    return [
        format_money(total, currency) if known(total) else "–"
        for total, currency in zip(totals, currencies, strict=True)
    ]


def _case(row: dict[str, Any], buyer: str, money: str, view: View) -> dict[str, Any]:
    allowed = row["due_at"] - row["trigger_at"]
    whole = allowed + row["over"]
    return {
        "status": row["status"],
        "what": format_kind(row["kind"], row["problem"]) + _reason(row, view),
        "buyer": buyer,
        "order_id": row["order_id"] if known(row["order_id"]) else "",
        "due": view.moment(row["due_at"]),
        "over": format_span(row["over"]),
        "allowed": round(allowed / whole * 100, 1) if whole > pd.Timedelta(0) else 0,
        "money": money,
        "why": view.told(row["why"]),
        "events": [_shown(event, row, view) for event in _events(row, view)],
        "rule": _rule(row["rule"], view),
    }


def _reason(row: dict[str, Any], view: View) -> str:
    if row["kind"] != "claim":
        return ""
    claims = view.rows_of("claims", row["account"], order_id=row["order_id"])
    reasons = claims.loc[claims["filed_at"] == row["trigger_at"], "reason"]
    return f", {REASONS[reasons.iloc[0]]}" if len(reasons) else ""


def _shown(event: _Event, row: dict[str, Any], view: View) -> dict[str, Any]:
    written = row["satisfied_at"]
    past = event.at >= row["due_at"] and not (known(written) and event.at >= written)
    return {**event._asdict(), "at": view.moment(event.at), "past": past}


def _events(row: dict[str, Any], view: View) -> list[_Event]:
    """Return what happened on the order and in the thread around the duty, in order of time."""
    events = [*_due_events(row), *_messages(row, view)]
    deadlines_matter = row["kind"] in ("order_problem", "claim")
    for name, columns in _HISTORY_EVENTS.items():
        for record in _records(name, row, view):
            events += [
                _Event(record[column], "dot", words)
                for column, words in columns.items()
                if known(record[column])
                and record[column] <= view.as_of
                and (deadlines_matter or column not in _DEADLINES)
            ]
    before = row["trigger_at"] - pd.Timedelta(days=30)
    near = sorted(event for event in set(events) if event.at >= before)
    return _around(near, row["due_at"])


def _around(events: list[_Event], due_at: pd.Timestamp) -> list[_Event]:
    """Keep the events nearest to the deadline where there are too many for one line."""
    nearest = sorted(events, key=lambda event: abs(event.at - due_at))[:_MOST_EVENTS]
    return sorted(nearest)


def _records(name: str, row: dict[str, Any], view: View) -> list[dict[str, Any]]:
    if not known(row["order_id"]):
        return []
    found = view.rows_of(name, row["account"], order_id=row["order_id"])
    return [dict(record) for record in found.to_dict("records")]


def _due_events(row: dict[str, Any]) -> list[_Event]:
    nothing = row["status"] == "missed" or row["satisfied_at"] > row["due_at"]
    return [_Event(row["due_at"], "open", "Due", "nothing had been written" if nothing else "")]


def _messages(row: dict[str, Any], view: View) -> list[_Event]:
    keys = {"order_id": row["order_id"], "thread_id": row["thread_id"]}
    sent = view.rows_of("messages", row["account"], **keys)
    return [_message(message, row, view) for message in sent.to_dict("records")]


def _message(message: dict[str, Any], row: dict[str, Any], view: View) -> _Event:
    at = message["sent_at"]
    if message["sender"] == "buyer":
        words = view.excerpt(message["body"])
        return _Event(at, "dot", "The buyer wrote", f"“{words}”" if words else "")
    if message["sender"] == "amazon":
        return _Event(at, "dot", "Amazon sent a notice")
    if message["undelivered"]:
        return _Event(at, "missed", "A reply bounced", "not delivered, so not credited")
    if message["automated"]:
        return _Event(at, "waived", "An automatic reply", "not credited as an answer")
    answers = message["message_id"] == row["satisfied_by"]
    sign = ("late" if row["status"] == "late" else "met") if answers else "met"
    return _Event(
        at, sign, "The seller wrote", "this answers it, after its time" if answers else ""
    )


def _rule(name: str, view: View) -> dict[str, Any]:
    """Return the row of the policy by which a case was judged, in words."""
    row = next((rule for rule in view.policy.rules if rule.name == name), None)
    if row is None:  # a limit stated by the claim itself is no row of the policy
        return {"name": name, "rows": []}
    return {
        "name": name,
        "rows": [
            ("Value", _value(row)),
            ("In force", _in_force(row)),
            ("Stores", ", ".join(row.marketplaces) or "all without a row of their own"),
            ("How sure", MARKS[row.mark]),
            ("Source", row.source),
        ],
    }


def _value(row: Rule) -> str:
    number = isinstance(row.value, int | float) and not isinstance(row.value, bool)
    return format_limit(row.value, row.unit) if number else f"{row.value}"


def _in_force(row: Rule) -> str:
    since = f"since {format_day(row.from_, year=True)}"
    return f"{since} until {format_day(row.to, year=True)}" if row.to else since
