"""A broken rule in a message, and whether a buyer was asked how it went: told from their rows."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files

from sellerkit.audit.why.case import Case, Row, event, listed
from sellerkit.audit.why.derivation import Derivation, said

_CHECK_IN = {
    "sent": "A check-in was sent at {sent}: sent.",
    "due": "It is {as_of}, inside these days, and none was sent: due.",
    "skipped": "It is {as_of}, after these days, and none was sent: skipped.",
    "too_early": "It is {as_of}, before these days: too early.",
    "blocked": "Something forbids it: blocked.",
}


@functools.cache
def _meanings() -> dict[str, str]:
    return tomllib.loads(files(__package__).joinpath("meanings.toml").read_text("utf-8"))


def violation(case: Case, row: Row) -> Derivation:
    """Derive that a message breaks a rule: which, where in it, and what the rule means.

    The words themselves are told only where texts are asked for.
    """
    (own,) = case.rows("messages", row["account"], message_id=row["message_id"])
    steps = [said("The seller sent it at {at}.", at=row["sent_at"]),
             said("{rule} ({severity}): {meaning}", rule=row["rule"], severity=row["severity"],
                  meaning=_meanings().get(row["rule"], "a rule on messages."))]  # fmt: skip
    if row["start"] < 0:
        steps.append(said("It is about the whole message."))
    else:
        steps.append(said("It is broken at characters {start} to {end} of the text.",
                          start=row["start"], end=row["end"]))  # fmt: skip
        if case.texts:
            steps.append(said("There stands: {excerpt}", excerpt=row["excerpt"]))
    steps.append(said("{why}", why=row["why"]))
    events, left_out = listed(
        [
            case.message_event(each, "judged" if each["message_id"] == row["message_id"] else "")
            for each in case.rows("messages", row["account"], thread_id=own["thread_id"])
        ],
        row["sent_at"],
    )
    return Derivation(
        "violation", row["message_id"], row["account"], "Message that breaks a rule", row["rule"],
        order_id=row["order_id"], steps=tuple(steps), events=events, left_out=left_out,
        agrees=case.agrees("violations", row, "message_id", "rule", "start"),
    )  # fmt: skip


def check_in(case: Case, row: Row) -> Derivation:
    """Derive whether a delivered order's buyer was asked how it went: rules.md, Check-ins."""
    orders = case.rows("orders", row["account"], order_id=row["order_id"])
    store = orders[0]["marketplace"] if orders else None
    rules = case.rule_at("check_in.from_days", row["from_at"], store)
    rules += case.rule_at("check_in.to_days", row["from_at"], store)
    events = [
        event("orders", order, column, what)
        for order in orders
        for column, what in (("promised_by", "promised by then"), ("delivered_at", "delivered"))
        if order[column] is not None
    ]
    sent = case.rows("messages", row["account"], order_id=row["order_id"])
    events += [
        case.message_event(each, "the check-in" if each["sent_at"] == row["sent_at"] else "")
        for each in sent
    ]
    kept, left_out = listed(events, row["from_at"])
    return Derivation(
        "check_in", row["order_id"], row["account"], "Check-in", row["state"],
        order_id=row["order_id"],
        steps=(
            said("It may be sent from {start} to {end} ({first}, {last}).", start=row["from_at"],
                 end=row["to_at"], first=rules[0].name, last=rules[1].name),
            said(_CHECK_IN[row["state"]], sent=row["sent_at"], as_of=case.as_of),
            said("{why}", why=row["why"]),
        ),
        events=kept, left_out=left_out, rules=rules,
        agrees=case.agrees("check_ins", row, "order_id"),
    )  # fmt: skip
