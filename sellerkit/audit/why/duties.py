"""A duty to write: what triggered it, everything that could have satisfied it, and what did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from sellerkit.audit.duties import ids_of
from sellerkit.audit.why.case import Case, Row, event, listed
from sellerkit.audit.why.derivation import Clock, Derivation, Event, Id, RuleRow, Said, said
from sellerkit.audit.why.inquiries import contact, flaw_role, span

_TITLES = {
    "inquiry": "Inquiry",
    "return": "Return request",
    "late_shipment": "Order problem, shipped late",
    "late_delivery": "Order problem, delivered late",
    "out_of_stock": "Order problem, out of stock",
    "claim": "A-to-z claim",
}

_ORDER_EVENTS = {
    "purchased_at": "the order was bought",
    "latest_ship_at": "latest time to ship",
    "shipped_at": "shipped",
    "promised_by": "promised by then",
    "delivered_at": "delivered",
    "canceled_at": "canceled",
}

_RETURN_EVENTS = {
    "requested_at": "a return was requested",
    "authorized_at": "the return was authorized",
    "refunded_at": "it was refunded",
    "closed_at": "the return was closed",
}

_CLAIM_EVENTS = {
    "filed_at": "the claim was filed",
    "responded_at": "the claim was answered",
    "decided_at": "the claim was decided",
}

#: What satisfied a duty where no message did → the column of its event.
_SATISFIERS = {
    "authorization": ("returns", "authorized_at"),
    "refund": ("returns", "refunded_at"),
    "closure": ("returns", "closed_at"),
    "claim_response": ("claims", "responded_at"),
    "cancellation": ("orders", "canceled_at"),
}

_TRIGGERS = (
    ("messages", "message_id"), ("returns", "return_id"), ("orders", "order_id"),
    ("claims", "claim_id"),
)  # fmt: skip

_PROBLEMS = {
    "late_shipment": "The order was to be shipped by {trigger}. Shipped: {shipped}; canceled: "
    "{canceled}.",
    "late_delivery": "The order was promised by {trigger}. Shipped: {shipped}; delivered: "
    "{delivered}.",
    "out_of_stock": "The seller canceled the order at {trigger}.",
}

_VERDICTS = {
    "met": "That is not later than {due}: met.",
    "late": "That is after {due}, {over} over: late.",
    "missed": "It is {as_of}, later than {due}, and nothing was written: missed.",
    "open": "It is {as_of}, not later than {due}, and nothing is written yet: open.",
}

_OWN_TIME = "the time that the claim itself states"

_WAIVED = "Amazon authorized the return itself: waived, whatever was written."
_NOT_APPLICABLE = "Amazon fulfills the order and writes itself: not applicable."
_BARE = (
    "The file gives the day only; its end, {at}, counts, which is to the seller’s benefit. A "
    "notice of Amazon’s about it would give the time."
)


def obligation(case: Case, row: Row) -> Derivation:
    """Derive the verdict on a duty.

    Parameters
    ----------
    row : dict
        Of obligations, as the audit of the case alone has it.

    Source
    ------
    rules.md, Obligations.
    """
    trigger_id = trigger_of(case, row)
    if row["kind"] == "inquiry":
        return _inquiry(case, row, trigger_id)
    told = _KINDS[row["kind"]](case, row, trigger_id)
    rules = case.rule(row["rule"], row["marketplace"]) + told.rules
    clock = _clock(case, row, told.limit or rules[0].value)
    events = [
        *_written(case, row, told.since),
        *_order_events(case, row),
        *told.events,
        *case.notes(row),
    ]
    kept, left_out = listed(events, row["due_at"])
    return Derivation(
        "obligation", row["obligation_id"], row["account"],
        _TITLES[row["problem"] or row["kind"]], row["status"], order_id=row["order_id"],
        steps=(*told.steps, *_ending(case, row, clock, told.since)),
        events=kept, left_out=left_out, clock=clock, rules=rules,
        caveats=told.caveats,
        agrees=case.agrees("obligations", row, "obligation_id"),
    )  # fmt: skip


@dataclass(frozen=True)
class _Told:
    """What is particular to a kind: from when writing counts, its first steps, its events."""

    since: pd.Timestamp
    steps: list[Said]
    events: list[Event] = field(default_factory=list)
    rules: tuple[RuleRow, ...] = ()
    caveats: tuple[Said, ...] = ()
    limit: str = ""


def trigger_of(case: Case, row: Row) -> str:
    """Return the id of the message, return, order or claim that triggered a duty.

    The duty's own id is a hash of it, so whichever id gives that hash is meant.
    """
    ids = pd.concat(
        [
            frame.loc[(frame["account"] == row["account"]).to_numpy(bool), column]
            for name, column in _TRIGGERS
            for frame in (case.alone.histories[name],)
        ],
        ignore_index=True,
    )
    same = {name: row[name] for name in ("kind", "problem", "account")}
    hashes = ids_of(pd.DataFrame({"trigger_id": ids}).assign(**same).astype("object"))
    return str(ids[(hashes == row["obligation_id"]).to_numpy(bool)].iloc[0])


def _inquiry(case: Case, row: Row, message_id: str) -> Derivation:
    """Derive an inquiry: it is the buyer's message that starts it."""
    (own,) = case.findings("contacts", row["account"], message_id=message_id)
    of_message = contact(case, own)
    return Derivation(
        "obligation", row["obligation_id"], row["account"], _TITLES["inquiry"], row["status"],
        order_id=row["order_id"],
        steps=(said("The message {id} is an inquiry.", id=Id(message_id)), *of_message.steps[:-1]),
        events=of_message.events, left_out=of_message.left_out, clock=of_message.clock,
        rules=of_message.rules[:1],
        agrees=case.agrees("obligations", row, "obligation_id"),
    )  # fmt: skip


def _return(case: Case, row: Row, trigger_id: str) -> _Told:
    if row["thread_id"] is not None:
        step = said(
            "At {at} the buyer wrote about a return ({id}), and no return of the order was "
            "requested within 7 days of it.", at=row["trigger_at"], id=Id(trigger_id),
        )  # fmt: skip
        return _Told(row["trigger_at"], [step, _content(row)])
    (own,) = case.rows("returns", row["account"], return_id=trigger_id)
    first = said("The return {id} was requested at {at}.", id=trigger_id, at=row["trigger_at"])
    authorized = {
        "seller": "An authorization by the seller, a refund, a closure or a message satisfies it.",
        "amazon": _WAIVED,
    }.get(own["authorized_by"], "A refund, a closure or a message satisfies it.")
    events = [
        event("returns", own, column, what, _satisfying(row, "returns", column))
        for column, what in _RETURN_EVENTS.items()
        if own[column] is not None
    ]
    return _Told(row["trigger_at"], [first, said(authorized), _content(row)], events,
                 caveats=_bare(row))  # fmt: skip


def _content(row: Row) -> Said:
    expected = {
        "return_information": "how to return it",
        "outside_window": "that it is outside the return window",
    }[row["content_expected"]]
    judged = {True: "it says so", False: "it does not seem to", None: "not judged"}
    return said(
        "The message is to say {expected}: {judged}. The verdict does not hang on it.",
        expected=expected, judged=judged[row["content_ok"]],
    )  # fmt: skip


def _problem(case: Case, row: Row, trigger_id: str) -> _Told:
    (order,) = case.rows("orders", row["account"], order_id=trigger_id)
    words = {
        name: order[f"{name}_at"] or "not on file" for name in ("shipped", "delivered", "canceled")
    }
    rules = case.rule_at("problem.lookback_hours", row["trigger_at"], row["marketplace"])
    value, _ = case.alone.policy.value(
        "problem.lookback_hours", row["trigger_at"], row["marketplace"]
    )
    since = row["trigger_at"] - pd.Timedelta(hours=float(value or 0))
    steps = [
        said(_PROBLEMS[row["problem"]], trigger=row["trigger_at"], **words),
        said("A warning counts from {since} on ({rule}).", since=since, rule=rules[0].name),
    ]
    if row["problem"] == "out_of_stock":
        counts = case.rule_at("problem.cancellation_counts", row["trigger_at"], row["marketplace"])
        steps.append(
            said("Whether Amazon’s own cancellation mail is enough: {value} ({rule}).",
                 value=counts[0].value, rule=counts[0].name)
        )  # fmt: skip
        rules += counts
    return _Told(since, steps, rules=rules)


def _claim(case: Case, row: Row, trigger_id: str) -> _Told:
    (own,) = case.rows("claims", row["account"], claim_id=trigger_id)
    events = [
        event("claims", own, column, what, _satisfying(row, "claims", column))
        for column, what in _CLAIM_EVENTS.items()
        if own[column] is not None
    ]
    steps = [
        said("The claim {id} was filed at {at}.", id=trigger_id, at=row["trigger_at"]),
        said("An answer to the claim or a message on the order satisfies it."),
    ]
    if own["respond_by"] is not None:
        steps.append(said("It is to be answered by {at}, it says.", at=own["respond_by"]))
    limit = "" if own["respond_by"] is None else _OWN_TIME
    return _Told(row["trigger_at"], steps, events, caveats=_bare(row), limit=limit)


_KINDS: dict[str, Callable[[Case, Row, str], _Told]] = {
    "return": _return,
    "order_problem": _problem,
    "claim": _claim,
}


def _bare(row: Row) -> tuple[Said, ...]:
    # the audit says so in its sentence, and nowhere else
    return (said(_BARE, at=row["trigger_at"]),) if "the day only" in row["why"] else ()


def _clock(case: Case, row: Row, limit: str) -> Clock:
    aside = row["status"] if row["status"] in ("waived", "not_applicable") else ""
    return Clock(row["trigger_at"], limit, row["due_at"], case.as_of, row["satisfied_at"], aside)


def _written(case: Case, row: Row, since: pd.Timestamp) -> list[Event]:
    """Return the messages on the order, with what each means for the duty."""
    found = []
    for message in case.rows("messages", row["account"], order_id=row["order_id"]):
        role = ""
        if message["message_id"] == row["satisfied_by"]:
            role = "satisfies it"
        elif message["sender"] == "seller" and message["sent_at"] >= since:
            role = flaw_role(case, message)
        elif message["thread_id"] == row["thread_id"] and message["sent_at"] == row["trigger_at"]:
            role = "starts the clock"
        found.append(case.message_event(message, role))
    return found


def _order_events(case: Case, row: Row) -> list[Event]:
    return [
        event("orders", order, column, what, _satisfying(row, "orders", column))
        for order in case.rows("orders", row["account"], order_id=row["order_id"])
        for column, what in _ORDER_EVENTS.items()
        if order[column] is not None
    ]


def _satisfying(row: Row, table: str, column: str) -> str:
    """Return the role of an event of the row that triggered a duty."""
    if _SATISFIERS.get(row["satisfied_by"] or "") == (table, column):
        return "satisfies it"
    starts = {
        "late_shipment": "latest_ship_at", "late_delivery": "promised_by",
        "out_of_stock": "canceled_at", "return": "requested_at", "claim": "filed_at",
    }  # fmt: skip
    of = {"returns": "return", "claims": "claim", "orders": "order_problem"}[table]
    begins = of == row["kind"] and starts[row["problem"] or row["kind"]] == column
    return "starts the clock" if begins else ""


def _ending(case: Case, row: Row, clock: Clock, since: pd.Timestamp) -> tuple[Said, ...]:
    """Return the steps from the limit to the verdict."""
    if row["status"] == "not_applicable":
        return (said(_NOT_APPLICABLE),)
    words = "{rule} allows {limit}: due by {due}."
    if clock.limit == _OWN_TIME:
        words = "Due by {due}, {limit}; {rule} would say it if the claim did not."
    due = said(words, rule=row["rule"], limit=clock.limit, due=row["due_at"])
    if row["satisfied_at"] is None:
        done = said("Nothing from {since} to {as_of} satisfies it.", since=since, as_of=case.as_of)
    else:
        name = row["satisfied_by"]
        what = f"the {name.replace('_', ' ')}" if name in _SATISFIERS else "the message"
        by = "" if name in _SATISFIERS else Id(f" {name}")
        words = "The first that satisfies it is {what}{by}, at {at}."
        done = said(words, what=what, by=by, at=row["satisfied_at"])
    if row["status"] == "waived":
        return (due, done, said("What Amazon authorized is waived."))
    over = span(clock.stopped_at - clock.due_at) if clock.stopped_at is not None else ""
    verdict = said(_VERDICTS[row["status"]], due=clock.due_at, as_of=clock.as_of, over=over)
    if row["kind"] != "order_problem" or row["satisfied_at"] is None:
        return (due, done, verdict)
    first = "before" if row["proactive"] else "not before"
    proactive = said("It was written {first} the buyer asked on the order.", first=first)
    return due, done, verdict, proactive
