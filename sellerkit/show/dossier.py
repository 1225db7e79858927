"""One order whole: what is on file about it, and the head of its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import pandas as pd

from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import (
    CHECKS,
    REASONS,
    format_list,
    format_money,
    format_plural,
    format_span,
    known,
)

Row = Mapping[str, Any]

_CODE = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+){0,5}")

OUTCOMES = {
    None: "undecided",
    "open": "undecided",
    "seller_funded": "granted, paid by the seller",
    "amazon_funded": "paid by Amazon",
    "withdrawn": "withdrawn by the buyer",
    "denied": "denied to the buyer",
}


@dataclass(frozen=True)
class Exhibit:
    """A mail or a line of a report that proves something about the order.

    Attributes
    ----------
    number : int
        From 1, in the order of time; the page, the text and the zip call it so.
    table, id : str
        Of the row that was read from it.
    what : str
        In words, without anything that it says.
    at : pd.Timestamp or None
        When it happened; a line about an order tells of several instants.
    account, marketplace, source, sha256, position, form
        Where it stands: the file as given to ingest, its SHA-256 of then, the place in it, and the
        format as which it was read.
    """

    number: int
    table: str
    id: str
    what: str
    at: pd.Timestamp | None
    account: str
    marketplace: str | None
    source: str
    sha256: str
    position: int
    form: str | None = None

    @property
    def file(self) -> str:
        """The file's bare name: where it lies is nobody else's business."""
        return PurePath(self.source).name

    @property
    def shown_file(self) -> str:
        """The file as a page may name it: a lone mail's file is often called by its subject."""
        lone = self.table == "messages" and self.form != "mbox"
        return "a file of its own" if lone else self.file


@dataclass(frozen=True)
class Dossier:
    """All that is on file at `as_of` about one order.

    Attributes
    ----------
    order_id, account : str
    zone : str
        IANA zone of the order's store.
    as_of : pd.Timestamp
    order : mapping or None
        The row of orders; null where the order itself is on no file that was read.
    histories : mapping of str to tuple of mappings
        Rows of order_items, messages, returns, claims and calls, each by time. A message of the
        order's conversations that names no order is among them.
    derivations : tuple
        What `sellerkit why` derives of the order: `sellerkit.audit.Derivation`.
    readiness : mapping of str to mapping
        Rows of claims_readiness by claim id.
    exposure : mapping or None
        The row of exposure of an order without a claim.
    exhibits : tuple of Exhibit
    """

    order_id: str
    account: str
    zone: str
    as_of: pd.Timestamp
    order: Row | None
    histories: Mapping[str, tuple[Row, ...]]
    derivations: tuple[Any, ...] = ()
    readiness: Mapping[str, Row] = field(default_factory=dict)
    exposure: Row | None = None
    exhibits: tuple[Exhibit, ...] = ()

    @property
    def marketplace(self) -> str | None:
        """The order's store; where it is not on file, that of its first message that has one."""
        rows = [self.order] if self.order else [*self.histories["messages"]]
        return next((row["marketplace"] for row in rows if row["marketplace"]), None)

    @property
    def claims(self) -> tuple[Row, ...]:
        """Its claims, the first filed first."""
        return self.histories["claims"]

    @property
    def duties(self) -> list[Any]:
        """Derivations of what was to be written about it, by the time they began."""
        return sorted(
            (one for one in self.derivations if one.what == "obligation" and one.clock),
            key=lambda one: (one.clock.started_at, one.clock.due_at, one.id),
        )

    def of_order(self, column: str) -> Any:
        """Return a column of the order; null where the order is on no file."""
        return self.order[column] if self.order else None

    def money(self, claim: Row | None = None) -> str:
        """Return a claim's amount, or without one the order's total, in its currency."""
        if claim is not None and known(claim["amount"]):
            return format_money(claim["amount"], claim["currency"] or self.of_order("currency"))
        return format_money(self.of_order("total"), self.of_order("currency"))

    def exhibits_of(self, table: str, id: str) -> list[int]:
        """Return the numbers of the exhibits from which a row was read."""
        return [one.number for one in self.exhibits if (one.table, one.id) == (table, id)]

    @property
    def latest(self) -> Row | None:
        """The claim that matters most now: one that waits for an answer, else the last filed."""
        waiting = [one for one in self.claims if self.hours_left(one) is not None]
        return min(waiting, key=self.hours_left) if waiting else next(iter(self.claims[::-1]), None)

    def hours_left(self, claim: Row) -> Any:
        """Return the hours left to answer a claim; null where it is answered or past."""
        hours = self.readiness[claim["claim_id"]]["hours_left"]
        return hours if known(hours) else None


def as_code(text: Any) -> str | None:
    """Return a reason or a purpose where it is a code, ``CR-DEFECTIVE``; free words are texts."""
    return text if known(text) and _CODE.fullmatch(text) else None


def quoted(body: Any, view: View) -> str:
    """Return the beginning of a message where the view shows texts; else nothing."""
    return view.excerpt(body)


def headline_dossier(case: Dossier, view: View) -> Html:
    """Say how the order stands: the claim's readiness, or what was not done for it.

    Parameters
    ----------
    case : Dossier
    view : View
        In the zone of the order's store.
    """
    return render(
        "dossier_head",
        order_id=case.order_id,
        account=case.account,
        answer=_answer(case, view),
        action=_action(case, view),
        store=case.marketplace or "unknown",
        view=view,
    )


def _answer(case: Dossier, view: View) -> str:
    claim = case.latest
    if claim is None:
        return f"No A-to-z claim is on file. {_duties_in_words(case)}"
    ready = case.readiness[claim["claim_id"]]
    checks = [ready[name] for name in CHECKS if known(ready[name])]
    what = f"The claim of {view.moment(claim['filed_at'])} ({REASONS[claim['reason']]})"
    fails = format_list([CHECKS[name].lower() for name in ready["missing"]])
    passed = f"{sum(map(bool, checks))} of {len(checks)} checks hold"
    return {
        "ready": f"{what} can be defended: {passed}.",
        "gaps": f"{what} has gaps: {passed}. Missing: {fails}.",
        "indefensible": f"{what} is lost by the rules as it stands. Missing: {fails}.",
    }[ready["verdict"]]


def _duties_in_words(case: Dossier) -> str:
    judged = [one.verdict for one in case.duties if one.verdict in ("met", "late", "missed")]
    if not case.duties:
        return "Nothing had to be written about the order."
    if not judged:
        return "No duty of the order has run out of time."
    failed = len(judged) - judged.count("met")
    duties = format_plural(len(judged), "duty", "duties")
    return f"{failed or 'None'} of {duties} whose time is over was late or missed."


def _action(case: Dossier, view: View) -> str:
    claim = case.latest
    if claim is None:
        return ""
    left = case.hours_left(claim)
    if left is not None:
        return f"Answer within {format_span(pd.Timedelta(hours=float(left)))}."
    until = appeal_by(claim, view)[0]
    if claim["outcome"] == "seller_funded" and not known(claim["appealed_at"]) and known(until):
        over = until < view.as_of
        words = "The time to appeal ended" if over else "An appeal is possible until"
        return f"{words} {view.moment(until)}."
    return ""


def appeal_by(claim: Row, view: View) -> tuple[Any, Any]:
    """Return by when a claim can be appealed, and the rule that says so: null if it says itself."""
    if known(claim["appeal_by"]):
        return claim["appeal_by"], None
    if claim["outcome"] != "seller_funded" or not known(claim["decided_at"]):
        return None, None
    rule = view.policy.row("claim.appeal_days", claim["decided_at"])
    return claim["decided_at"] + pd.Timedelta(days=float(rule.value)), rule


def cards_dossier(case: Dossier, view: View) -> Html:
    """Show the order, its delivery, its duties, and the claims or what could become one."""
    counts = [(name, _count(case, name)) for name in ("met", "late", "missed", "open", "waived")]
    return render(
        "dossier_cards",
        case=case,
        view=view,
        money=case.money(),
        items=sum(row["quantity"] or 0 for row in case.histories["order_items"]),
        titles=[row["title"] for row in case.histories["order_items"] if row["title"]],
        counts=dict(counts),
        duties=len(case.duties),
        waits=_waits(case),
        claims=[
            {**claim, "money": case.money(claim), "words": OUTCOMES[claim["outcome"]],
             "said": REASONS[claim["reason"]],
             "verdict": case.readiness[claim["claim_id"]]["verdict"]}
            for claim in case.claims
        ],
    )  # fmt: skip


def _count(case: Dossier, verdict: str) -> int:
    return sum(one.verdict == verdict for one in case.duties)


def _waits(case: Dossier) -> str:
    """Return how many messages there are of each side."""
    senders: Iterable[str] = [row["sender"] for row in case.histories["messages"]]
    counts = {name: list(senders).count(name) for name in ("buyer", "seller", "amazon")}
    return (
        f"{format_plural(counts['buyer'], 'message')} from the buyer, {counts['seller']} from the "
        f"seller, {format_plural(counts['amazon'], 'notice')} from Amazon"
    )
