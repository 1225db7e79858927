"""Amazon's own notices: what happened to an order, with its amount and its deadline.

A notice says of a return, a claim, a refund, a cancellation or an opt-out what no report says in
time, or at all. Each is a row of `NOTICES`; `sellerkit.read.ingest.notices` concludes returns and
claims from all of them.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sellerkit.policy import zone_of
from sellerkit.read.mail.amounts import Money, amount_in
from sellerkit.read.mail.deadlines import day_in, respond_by
from sellerkit.read.mail.mended import mended
from sellerkit.read.mail.wording import phrases, places, says, wording
from sellerkit.tables import PROVENANCE, Table, columns_of
from sellerkit.text.words import SEARCHED, alternation, fold, load

EVENTS = (
    "return_requested", "claim_opened", "claim_decided", "refund_issued", "cancel_requested",
    "opted_out", "internal_note",
)  # fmt: skip

#: ``event``: what the notice says has happened; ``internal_note`` is none of Amazon's, but the
#: moment of a note in a help desk, without its words.
#: ``respond_by``: until when the seller is to answer.
#: ``outcome``, ``claim_reason``: the words of `CLAIMS`. ``requested_on``: the day (``2026-08-24``)
#: on which the buyer asked for the return, as the notice writes it. ``authorized_by``: ``amazon``
#: where the notice says that Amazon authorised the return; null says nothing.
NOTICES = Table(
    "notices",
    ("account", "message_id"),
    columns_of(
        f"""
        account str
        message_id str
        sent_at ts
        marketplace str?
        order_id str?
        event str {"|".join(EVENTS)}
        amount num?
        currency str?
        respond_by ts?
        outcome str? seller_funded|amazon_funded|denied
        claim_reason str? not_received|not_as_described|refund_not_issued|other
        return_reason str?
        requested_on str?
        authorized_by str? amazon
        in_policy bool?
        rma_id str?
        tracking_id str?
        """
    )
    + PROVENANCE,
    "one per notice from Amazon that says what happened to an order, and per internal note",
)

_ORDER = re.compile(r"\b(?:[0-9]{3}|s01)-[0-9]{7}-[0-9]{7}\b", re.ASCII)
_ASIN = re.compile(r"\bb0[a-z0-9]{8}\b", re.ASCII)
_LONGEST_LABEL, _LONGEST_VALUE = 80, 200
#: How far behind an item's code its reason is looked for, and a claim's behind the clause's order.
_LONGEST_ROW, _LONGEST_CLAUSE = 300, 80
_CLAIM_EVENTS = ("claim_decided", "claim_opened")


class Facts(NamedTuple):
    """What one notice says; the columns of `NOTICES`."""

    event: str
    order_id: str | None = None
    amount: float | None = None
    currency: str | None = None
    respond_by: dt.datetime | None = None
    outcome: str | None = None
    claim_reason: str | None = None
    return_reason: str | None = None
    requested_on: str | None = None
    authorized_by: str | None = None
    in_policy: bool | None = None
    rma_id: str | None = None
    tracking_id: str | None = None


@dataclass
class _Text:
    """A notice's words, of which only as much is folded as is asked for."""

    subject: str
    raw: str
    sent_at: dt.datetime
    marketplace: str | None

    @cached_property
    def text(self) -> str:
        """The text, set right."""
        return mended(self.raw)

    @cached_property
    def whole(self) -> str:
        """The text, folded."""
        return fold(self.text)

    @cached_property
    def labels(self) -> dict[str, str]:
        """What lines say behind a label that is known, by what the label tells; first wins."""
        found: dict[str, str] = {}
        for line in self.text.split("\n"):
            label, colon, value = line.replace("\uff1a", ":").partition(":")
            name = (
                _label_names().get(fold(label)) if colon and len(label) <= _LONGEST_LABEL else None
            )
            value = " ".join(value.split())[:_LONGEST_VALUE] if name else ""
            if name and value:
                found.setdefault(name, value)
        return found


def facts_of(
    told: str | None,
    subject: str | None,
    text: str | None,
    sent_at: dt.datetime,
    marketplace: str | None = None,
) -> Facts | None:
    """Read a notice of Amazon's.

    Parameters
    ----------
    told : str or None
        What is known of it without its words: its header ``X-Space-Notification-Type``, else its
        kind ``opt_out``, else its topic.
    subject, text : str or None
        Of the mail as it came. Only the first `SEARCHED` signs are read.
    sent_at : datetime
        With its zone.
    marketplace : str or None
        The store: whose days and whose dollars are meant.

    Returns
    -------
    Facts or None
        None where it is no notice of these kinds, or one about a claim that does not say whether
        the claim was made or decided. What the notice does not say, or says in words that
        `notices.toml` does not know, is null.
    """
    title = fold(mended((subject or "")[:SEARCHED]))
    said = _Text(title, (text or "")[:SEARCHED], sent_at, marketplace)
    event = _event(told or "", said)
    if event is None:
        return None
    order = _ORDER.search(said.subject) or _ORDER.search(said.whole)
    facts = Facts(event, order[0].upper() if order else None)
    if event == "return_requested":
        return _of_return(facts, said)
    if event in _CLAIM_EVENTS:
        return _of_claim(facts, said)
    if event == "refund_issued":
        return _with_amount(facts, said, "refund")
    return facts


def notice_of(message: dict[str, object], kind: str) -> dict[str, object] | None:
    """Return the row of `NOTICES` for a row of `MESSAGES`; None where it is no notice.

    Parameters
    ----------
    message : dict
        With the subject and text of the mail, and the topic that its headers told.
    kind : str
        Its kind in `evidence.MAILS`.
    """
    if kind not in ("amazon", "opt_out"):
        return None
    rule, topic = str(message.get("topic_rule") or ""), message.get("topic")
    header = rule.removeprefix("header:") if rule.startswith("header:") else ""
    told = header or ("opt_out" if kind == "opt_out" else str(topic or ""))
    subject, text, store = message.get("subject"), message.get("body"), message.get("marketplace")
    sent_at = message["sent_at"]
    assert isinstance(sent_at, dt.datetime), "a message has the instant at which it was sent"
    facts = facts_of(
        told,
        subject if isinstance(subject, str) else None,
        text if isinstance(text, str) else None,
        sent_at,
        store if isinstance(store, str) else None,
    )
    if facts is None:
        return None
    same = ("account", "message_id", "sent_at", "marketplace", "source_pos")
    row = {name: message.get(name) for name in same} | facts._asdict()
    return row | {"order_id": facts.order_id or message.get("order_id")}


@functools.cache
def _label_names() -> dict[str, str]:
    labels = wording()["labels"]
    return {fold(label): name for name, list_ in labels.items() for label in list_}


def _event(told: str, said: _Text) -> str | None:
    """Return what a notice says has happened: as told, else by its subject, else by its text."""
    known: str | None = wording()["told"].get(told)
    if known:
        return known
    if told == "claim" or _subjects("claim").search(said.subject):
        return _step(said)
    events = {"return": "return_requested", "refund": "refund_issued", "cancel": "cancel_requested"}
    kinds = (kind for kind in events if _subjects(kind).search(said.subject))
    return next((events[kind] for kind in kinds), None)


def _step(said: _Text) -> str | None:
    """Tell whether a claim was made or decided; None where the notice does not say."""
    by_subject = (event for event in _CLAIM_EVENTS if says(said.subject, "claim", "subject", event))
    by_text = (event for event in _CLAIM_EVENTS if says(said.whole, "claim", "text", event))
    return next(by_subject, None) or next(by_text, None)


def names_an_event(subject: str) -> bool:
    """Tell whether a folded subject is that of a notice, and of no other mail of Amazon's."""
    return any(_subjects(kind).search(subject) for kind in ("claim", "return", "refund", "cancel"))


@functools.cache
def _subjects(kind: str) -> re.Pattern[str]:
    """Compile Amazon's subject templates, the same from which the topics are told."""
    return re.compile(alternation(load("topics.toml")["subject"][kind]))


def _of_return(facts: Facts, said: _Text) -> Facts:
    day = _requested_on(said)
    by_amazon = _says(said.labels.get("authorization", ""), said, "authorized")
    inside = _says(said.labels.get("policy", ""), said, "in_policy")
    return facts._replace(
        respond_by=_deadline(said),
        return_reason=said.labels.get("return_reason") or _listed_reason(said),
        requested_on=day.isoformat() if day else None,
        authorized_by="amazon" if by_amazon else None,
        in_policy=True if inside else None,
        rma_id=said.labels.get("rma_id"),
        tracking_id=said.labels.get("tracking_id"),
    )


def _requested_on(said: _Text) -> dt.date | None:
    """Return the day of the request; one that is later than the notice was not understood."""
    day = day_in(fold(said.labels.get("requested_on", "")), said.marketplace)
    # the day is Amazon's, the instant's that of UTC: they may differ by one
    last = said.sent_at.date() + dt.timedelta(days=1)
    return day if day and day <= last else None


def _says(value: str, said: _Text, name: str) -> bool:
    """Tell whether the line with a label has a phrase, or the text of a notice without that line.

    A buyer's comment stands in the same text, so the line decides where there is one.
    """
    return says(fold(value) if value else said.whole, name, "phrases")


def _listed_reason(said: _Text) -> str | None:
    """Return the reason that stands in the table of items, behind the first item's code."""
    item = _ASIN.search(said.whole)
    if not item:
        return None
    behind = said.whole[item.end() : item.end() + _LONGEST_ROW]
    found = min(places(behind, "return_reasons", "known"), default=None)
    return _spelled()[found[1]] if found else None


@functools.cache
def _spelled() -> dict[str, str]:
    return {fold(reason): reason for reason in wording()["return_reasons"]["known"]}


def _of_claim(facts: Facts, said: _Text) -> Facts:
    facts = _with_amount(facts, said, "claim")
    if facts.event == "claim_decided":
        return facts._replace(outcome=_outcome(said.whole))
    return facts._replace(respond_by=_deadline(said), claim_reason=_claim_reason(said))


def _outcome(text: str) -> str | None:
    """Return how a claim ended: granted means at the seller's cost, unless Amazon says it pays."""
    found = {name for name in wording()["outcome"] if says(text, "outcome", name)}
    if "amazon_funded" in found:
        found -= {"seller_funded"}
    return found.pop() if len(found) == 1 else None


def _claim_reason(said: _Text) -> str | None:
    why = fold(said.labels.get("reason", "")) or _clause(said.whole)
    names = wording()["claim_reason"]["words"]
    known = (name for name in names if says(why, "claim_reason", "words", name))
    return next(known, "other") if why else None


def _clause(text: str) -> str:
    """Return what stands behind the clause that says why, to the end of its length."""
    for at, _ in places(text, "claim_reason", "clauses"):
        clause = text[at : at + 2 * _LONGEST_CLAUSE]
        for begin, because in places(clause[:_LONGEST_CLAUSE], "claim_reason", "because"):
            return clause[begin + len(because) :][:_LONGEST_CLAUSE]
    return ""


def _with_amount(facts: Facts, said: _Text, kind: str) -> Facts:
    if kind == "claim" and (line := said.labels.get("claim_amount")):
        money = amount_in(fold(line), (), said.marketplace)
    else:
        money = _named(said, phrases("amount", kind))
    return facts._replace(**money._asdict()) if money else facts


def _named(said: _Text, labels: tuple[str, ...]) -> Money | None:
    return amount_in(f"{said.subject} | {said.whole}", labels, said.marketplace)


def _deadline(said: _Text) -> dt.datetime | None:
    zone = zone_of(said.marketplace)
    return respond_by(said.whole, said.sent_at, zone, said.marketplace)
