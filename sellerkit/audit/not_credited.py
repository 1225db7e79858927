"""Replied, but not credited: what was done in time in the place of what was owed, and would count.

`contacts.why_not` names the first of three reasons, as tables.md fixes it. This list has all seven,
for every kind of duty, with the message, call or note that it was. It changes no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import (
    DAY,
    NAT,
    NONE,
    Timeline,
    codes_of,
    instants_of,
    micros_from,
    micros_of,
    pick,
    time_order,
)
from sellerkit.audit.run import Audit
from sellerkit.audit.words import say

#: Each reason → what would have made it count.
WOULD_HAVE_COUNTED = {
    "automated": "A reply written by a person, by {due}.",
    "undelivered": "The same reply sent again so that it arrives, by {due}.",
    "opted_out": "A message that passes the buyer’s opt-out: a reply to what he wrote himself, or "
    "one under a contact reason that Amazon lets through, by {due}.",
    "wrong_channel": "The same words through Amazon’s messaging (Seller Central, or the buyer’s "
    "@marketplace.amazon address), by {due}.",
    "phone_only": "A mail on the order beside the call, by {due}; a call never replaces it.",
    "internal_note": "The note sent to the buyer as a reply, by {due}.",
    "other_thread": "The same answer in the conversation in which the buyer asked, by {due}.",
}  # fmt: skip

_CREDITED = (
    "It is credited here, but did not go through Amazon’s messaging, so Amazon may not see it; "
    "through that it counts for both."
)

NOT_CREDITED = tables.Table(
    "not_credited",
    ("obligation_id", "reason"),
    tables.columns_of(
        f"""
        obligation_id str
        kind str {"|".join(tables.KINDS)}
        problem str?
        order_id str?
        thread_id str?
        account str
        marketplace str?
        trigger_at ts
        due_at ts
        status str
        reason str {"|".join(WOULD_HAVE_COUNTED)}
        at ts
        by str
        credited bool
        would_have_counted str
        """
    ),
    "one per duty and per reason for which something done in time was not credited",
)

#: Amazon says within a day that a buyer opted out of a message (as the mail reader reads it).
_OPT_OUT_WITHIN = DAY


def not_credited(found: Audit, obligations: pd.DataFrame | None = None) -> pd.DataFrame:
    """List what was done in time for a duty and is not credited, and what would have counted.

    Parameters
    ----------
    found : Audit
    obligations : pd.DataFrame, optional
        Rows of obligations; default those of the window.

    Returns
    -------
    pd.DataFrame
        `NOT_CREDITED`, in the order of obligations, reasons in the order of `WOULD_HAVE_COUNTED`:
        for each late, missed or open duty and each reason the first such message, call or note
        from its trigger (of an order problem from as long before it as a warning counts) to
        `due_at`, both inclusive. ``credited`` is true in rows of another sort: duties that were
        written for, but by no message that Amazon's messaging has.

    Notes
    -----
    An inquiry looks at its conversation, calls and notes of its order; an answer on the same
    order, or to the same buyer, in another conversation is ``other_thread``, or ``wrong_channel``
    where it did not go through Amazon's messaging. The other duties look at their order. Internal
    notes are known where the help desk's ticket names an order.
    """
    owed = found.findings["obligations"] if obligations is None else obligations
    owed = owed.reset_index(drop=True)
    desk = _Desk.of(found, owed)
    rows = np.arange(len(owed))
    unmet = owed["status"].isin(["late", "missed", "open"]).to_numpy(bool)
    parts = []
    for reason, find in _FINDERS.items():
        for at, by in find(desk):
            seen = unmet & (at != NAT) & (at <= desk.due)
            parts.append(_part(owed, rows[seen], reason, at[seen], by[seen], credited=False))
    at, by, seen = _elsewhere_only(desk)
    parts.append(_part(owed, rows[seen], "wrong_channel", at[seen], by[seen], credited=True))
    whole = pd.concat(parts, ignore_index=True)
    places = whole["reason"].map({reason: n for n, reason in enumerate(WOULD_HAVE_COUNTED)})
    whole = whole.assign(place=places).sort_values(["row", "place", "at"], kind="stable")
    whole = whole.drop_duplicates(["row", "reason"])
    return tables.conform(whole, NOT_CREDITED).reset_index(drop=True)


@dataclass(frozen=True)
class _Desk:
    """The evidence, and for each duty its thread, order and buyer as codes, its start and end."""

    evidence: Evidence
    is_inquiry: np.ndarray
    threads: np.ndarray
    orders: np.ndarray
    buyers: np.ndarray
    message_buyers: np.ndarray
    message_threads: np.ndarray
    on_order: dict[str, np.ndarray]
    since: np.ndarray
    due: np.ndarray

    @classmethod
    def of(cls, found: Audit, owed: pd.DataFrame) -> _Desk:
        evidence = Evidence.at(found.histories, found.as_of, found.policy)
        messages = evidence.messages
        names = ("messages", "calls", "notices")
        frames = [evidence.histories[name] for name in names]
        orders, *on_order = codes_of(*([f["account"], f["order_id"]] for f in (owed, *frames)))
        threads, of_messages = codes_of(
            *([frame["account"], frame["thread_id"]] for frame in (owed, messages))
        )
        problem = (owed["kind"] == "order_problem").to_numpy(bool)
        lookback = found.policy.limit(
            "problem.lookback_hours", owed["trigger_at"], owed["marketplace"]
        )
        trigger = micros_of(owed["trigger_at"])
        since = np.where(problem, trigger - micros_from(lookback.value), trigger)
        asked = Timeline(np.where(evidence.is_buyer, of_messages, NONE), evidence.sent)
        buyer_ids = pick(messages["buyer_id"], asked.first(threads, trigger))
        buyers, message_buyers = codes_of(
            [owed["account"], buyer_ids], [messages["account"], messages["buyer_id"]]
        )
        return cls(
            evidence, (owed["kind"] == "inquiry").to_numpy(bool), threads, orders, buyers,
            message_buyers, of_messages, dict(zip(names, on_order, strict=True)), since,
            micros_of(owed["due_at"]),
        )  # fmt: skip

    def first(self, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return when the first of some messages was sent for each duty, and which it was."""
        sent = self.evidence.sent
        in_thread = Timeline(np.where(events, self.message_threads, NONE), sent)
        on_order = Timeline(np.where(events, self.on_order["messages"], NONE), sent)
        rows = np.where(
            self.is_inquiry,
            in_thread.first(self.threads, self.since),
            on_order.first(self.orders, self.since),
        )
        return self.told(rows)

    def told(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return instants and ids of messages by their rows."""
        at = np.full(len(rows), NAT)
        at[rows != NONE] = self.evidence.sent[rows[rows != NONE]]
        return at, self.evidence.message_ids(rows).to_numpy(object)

    def of_others(self, name: str, column: str, key: str, events: np.ndarray) -> _Found:
        """Return the first row of calls or notices on each duty's order."""
        frame = self.evidence.histories[name]
        micros = micros_of(frame[column])
        codes = np.where(events & (micros != NAT), self.on_order[name], NONE)
        # of two at one instant the smaller id, whatever the order of the rows
        order = time_order(micros, frame[key])
        frame, micros, codes = frame.iloc[order], micros[order], codes[order]
        rows = Timeline(codes, micros).first(self.orders, self.since)
        at = np.full(len(rows), NAT)
        at[rows != NONE] = micros[rows[rows != NONE]]
        return at, pick(frame[key], rows).to_numpy(object)


_Found = tuple[np.ndarray, np.ndarray]


def _automated(desk: _Desk) -> Iterator[_Found]:
    own = desk.evidence
    automated = own.messages["automated"].to_numpy(bool) & ~own.autoreply_counts
    yield desk.first(own.is_seller & automated)


def _undelivered(desk: _Desk) -> Iterator[_Found]:
    own = desk.evidence
    bounced = own.messages["undelivered"].to_numpy(bool) & ~_blocked(desk)
    yield desk.first(own.is_seller & bounced)


def _opted_out(desk: _Desk) -> Iterator[_Found]:
    yield desk.first(_blocked(desk))


def _blocked(desk: _Desk) -> np.ndarray:
    """Tell which messages were not delivered because the buyer had opted out.

    Amazon's notice names the order: the last message of the seller's before it is meant.
    """
    own = desk.evidence
    notices = own.histories["notices"]
    said = (notices["event"] == "opted_out").to_numpy(bool)
    at = micros_of(notices["sent_at"])[said]
    sellers = np.where(own.is_seller, desk.on_order["messages"], NONE)
    rows = Timeline(sellers, own.sent).last(desk.on_order["notices"][said], at)
    near = rows != NONE
    near[near] = at[near] - own.sent[rows[near]] <= _OPT_OUT_WITHIN
    blocked = np.zeros(len(own.messages), dtype=bool)
    blocked[rows[near]] = True
    return blocked & own.messages["undelivered"].to_numpy(bool)


def _other_thread(desk: _Desk) -> Iterator[_Found]:
    yield from _in_other_threads(desk, outside=False)


def _wrong_channel(desk: _Desk) -> Iterator[_Found]:
    yield from _in_other_threads(desk, outside=True)


def _outside(desk: _Desk) -> np.ndarray:
    """Tell which messages did not go through Amazon's messaging."""
    return (desk.evidence.messages["channel"] == "other").to_numpy(bool)


def _in_other_threads(desk: _Desk, *, outside: bool) -> Iterator[_Found]:
    """Yield answers on an inquiry's order and to its buyer.

    None of them is in the inquiry's own thread: one there, in time, would have met it.
    """
    own = desk.evidence
    went = own.is_answer & (_outside(desk) == outside)
    for groups, of_duties in (
        (desk.on_order["messages"], desk.orders),
        (desk.message_buyers, desk.buyers),
    ):
        asked = np.where(desk.is_inquiry, of_duties, NONE)
        rows = Timeline(np.where(went, groups, NONE), own.sent).first(asked, desk.since)
        yield desk.told(rows)


def _phone_only(desk: _Desk) -> Iterator[_Found]:
    calls = desk.evidence.histories["calls"]
    yield desk.of_others("calls", "started_at", "call_id", np.ones(len(calls), dtype=bool))


def _internal_note(desk: _Desk) -> Iterator[_Found]:
    notices = desk.evidence.histories["notices"]
    notes = (notices["event"] == "internal_note").to_numpy(bool)
    yield desk.of_others("notices", "sent_at", "message_id", notes)


_FINDERS: dict[str, Callable[[_Desk], Iterator[_Found]]] = {
    "automated": _automated,
    "undelivered": _undelivered,
    "opted_out": _opted_out,
    "wrong_channel": _wrong_channel,
    "phone_only": _phone_only,
    "internal_note": _internal_note,
    "other_thread": _other_thread,
}


def _elsewhere_only(desk: _Desk) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return duties for which answers came in time, but none through Amazon's messaging."""
    own = desk.evidence
    through = ~_outside(desk)
    seen_at, _ = desk.first(own.is_answer & through)
    at, by = desk.first(own.is_answer & ~through)
    in_time = (at != NAT) & (at <= desk.due)
    return at, by, in_time & ((seen_at == NAT) | (seen_at > desk.due))


def _part(
    owed: pd.DataFrame,
    rows: np.ndarray,
    reason: str,
    at: np.ndarray,
    by: np.ndarray,
    *,
    credited: bool,
) -> pd.DataFrame:
    template = _CREDITED if credited else WOULD_HAVE_COUNTED[reason]
    return owed.iloc[rows].assign(
        row=rows,
        reason=reason,
        at=instants_of(at).set_axis(rows),
        by=pd.Series(by, index=rows, dtype="str"),
        credited=credited,
        would_have_counted=pd.Series(
            say(template, {"due": owed["due_at"]}, rows), index=rows, dtype="str"
        ),
    )
