"""A buyer's message: when its clock started, what answered it, and whether it is counted."""

from __future__ import annotations

import pandas as pd

from sellerkit.audit.why.case import Case, Row, event, listed
from sellerkit.audit.why.derivation import Clock, Derivation, Event, Id, Said, said

_FLAWS = {
    "automated": "no answer: automatic",
    "undelivered": "no answer: not delivered",
}

_WHY_NOT = {
    "automated": "An automatic reply came in time; it is not credited.",
    "undelivered": "A reply went out in time and was not delivered; it is not credited.",
    "call_only": "There was a call in time; a call is no written answer.",
}

_VERDICTS = {
    "met": "The answer came by {due}: met.",
    "late": "The answer came after {due}, {over} over: late.",
    "missed": "It is {as_of}, later than {due}, and nothing answers it: missed.",
    "open": "It is {as_of}, not later than {due}, and nothing answers it yet: open.",
    "waived": "It is marked as needing no response: waived, whatever was written.",
}


def contact(case: Case, row: Row) -> Derivation:
    """Derive the verdict on a buyer's message.

    Parameters
    ----------
    row : dict
        Of contacts, as the audit of the case alone has it.

    Source
    ------
    rules.md, Contacts: response time.
    """
    thread = case.rows("messages", row["account"], thread_id=row["thread_id"])
    own = next(each for each in thread if each["message_id"] == row["message_id"])
    rule = case.rule(row["rule"], row["marketplace"])
    clock = Clock(
        row["sent_at"], rule[0].value, row["due_at"], case.as_of, row["answered_at"],
        "waived" if row["status"] == "waived" else "",
    )  # fmt: skip
    events, left_out = listed(
        [*_thread_events(case, row, thread), *_calls(case, row), *case.notes(row)], row["due_at"]
    )
    counting = case.rule_at("crt.unit", row["sent_at"], own["marketplace"])
    return Derivation(
        "contact", row["message_id"], row["account"], "Buyer’s message", row["status"],
        order_id=row["order_id"],
        steps=(
            said("The buyer wrote at {at}; this starts the clock.", at=row["sent_at"]),
            *inquiry_steps(row, clock, row["rule"]),
            _counted(case, row),
        ),
        events=events, left_out=left_out, clock=clock, rules=rule + counting,
        agrees=case.agrees("contacts", row, "message_id"),
    )  # fmt: skip


def inquiry_steps(row: Row, clock: Clock, rule: str) -> tuple[Said, ...]:
    """Return the steps from the clock to the verdict, for a contact's columns."""
    due = said(
        "{rule} allows {limit}: due by {due}.", rule=rule, limit=clock.limit, due=row["due_at"]
    )
    if row["answered_at"] is None:
        answer = said("No message in the thread at or after it, up to {as_of}, is an answer.",
                      as_of=clock.as_of)  # fmt: skip
    else:
        answer = said(
            "The first answer in the thread at or after it is {by}, at {at}, {span} later.",
            by=Id(row["answered_by"]), at=row["answered_at"],
            span=span(row["answered_at"] - row["sent_at"]),
        )  # fmt: skip
    steps = [due, answer, verdict_step(row["status"], clock)]
    if row["why_not"] is not None:
        steps.append(said(_WHY_NOT[row["why_not"]]))
    return tuple(steps)


def verdict_step(status: str, clock: Clock) -> Said:
    """Return the step from the clock to the verdict."""
    over = span(clock.stopped_at - clock.due_at) if clock.stopped_at is not None else ""
    return said(_VERDICTS[status], due=clock.due_at, as_of=clock.as_of, over=over)


def span(time: pd.Timedelta) -> str:
    """Return a time in hours; what would round to nothing in seconds."""
    number = time / pd.Timedelta(hours=1)
    if 0 < number < 0.05:
        return f"{time.total_seconds():g} seconds"
    return f"{number:,.1f} hours"


def _counted(case: Case, row: Row) -> Said:
    if row["status"] == "waived":
        return said("What is waived is not counted.")
    if row["counted"]:
        return said("It is counted in the figures.")
    others = case.findings("contacts", row["account"], thread_id=row["thread_id"])
    first = next(
        each for each in others
        if each["counted"] and each["answered_by"] == row["answered_by"]
    )  # fmt: skip
    shares = "the same answer" if row["answered_by"] else "having no answer"
    return said(
        "It is not counted: {first}, of {at}, came first in the thread and shares {shares}; such a "
        "run counts once.", first=Id(first["message_id"]), at=first["sent_at"], shares=shares,
    )  # fmt: skip


def _thread_events(case: Case, row: Row, thread: list[Row]) -> list[Event]:
    found = []
    for message in thread:
        role = ""
        if message["message_id"] == row["message_id"]:
            role = "starts the clock"
        elif message["message_id"] == row["answered_by"]:
            role = "answers"
        elif message["sender"] == "seller" and row["sent_at"] <= message["sent_at"]:
            role = _FLAWS.get(case.flaw(message), "")
        found.append(case.message_event(message, role))
    return found


def _calls(case: Case, row: Row) -> list[Event]:
    if row["order_id"] is None:
        return []
    calls = case.rows("calls", row["account"], order_id=row["order_id"])
    return [
        event("calls", call, "started_at", f"a call, {call['direction']}", "no answer: a call")
        for call in calls
        if call["started_at"] is not None and row["sent_at"] <= call["started_at"] <= row["due_at"]
    ]


def flaw_role(case: Case, message: Row) -> str:
    """Return the role of a seller's message that is no answer."""
    return _FLAWS.get(case.flaw(message), "")
