"""Amazon's own notices: what happened to an order, with its amount and its deadline.

A notice says of a return, a claim, a refund, a cancellation or an opt-out what no report says in
time, or at all. Each is a row of `NOTICES`; `sellerkit.read.ingest.notices` concludes returns and
claims from all of them.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import NamedTuple

from sellerkit.policy import zone_of
from sellerkit.read.mail.amounts import Money, amount_in
from sellerkit.read.mail.deadlines import day_in, respond_by
from sellerkit.read.mail.mended import mended
from sellerkit.read.mail.wording import phrases, wording
from sellerkit.tables import PROVENANCE, Table, columns_of
from sellerkit.text.words import SEARCHED, alternation, fold, load

EVENTS = (
    "return_requested", "claim_opened", "claim_decided", "refund_issued", "cancel_requested",
    "opted_out",
)  # fmt: skip

#: ``event``: what the notice says has happened. ``respond_by``: until when the seller is to answer.
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
    "one per notice from Amazon that says what happened to an order",
)

_ORDER = re.compile(r"\b(?:[0-9]{3}|s01)-[0-9]{7}-[0-9]{7}\b", re.ASCII)
_ASIN = re.compile(r"\bb0[a-z0-9]{8}\b", re.ASCII)
_LONGEST_VALUE = 200
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


class _Text(NamedTuple):
    """A notice's text: folded whole, the lines that begin with a label, where it was sent."""

    subject: str
    whole: str
    labels: dict[str, str]
    sent_at: dt.datetime
    marketplace: str | None


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
    said = _text(subject or "", text or "", sent_at, marketplace)
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


def _text(subject: str, text: str, sent_at: dt.datetime, marketplace: str | None) -> _Text:
    subject, text = mended(subject[:SEARCHED]), mended(text[:SEARCHED])
    return _Text(fold(subject), fold(text), _labels(text), sent_at, marketplace)


def _labels(text: str) -> dict[str, str]:
    """Return what lines say behind a label that is known, by what the label tells; first wins."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        label, colon, value = line.replace("\uff1a", ":").partition(":")
        name = _label_names().get(fold(label[:80]))
        value = " ".join(value.split())[:_LONGEST_VALUE]
        if colon and name and value:
            found.setdefault(name, value)
    return found


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
    for part, text in (("subject", said.subject), ("text", said.whole)):
        for event in _CLAIM_EVENTS:
            if phrases("claim", part, event).search(text):
                return event
    return None


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
    return bool(phrases(name, "phrases").search(fold(value) if value else said.whole))


def _listed_reason(said: _Text) -> str | None:
    """Return the reason that stands in the table of items, behind the first item's code."""
    item = _ASIN.search(said.whole)
    if not item:
        return None
    found = phrases("return_reasons", "known").search(said.whole, item.end(), item.end() + 300)
    return _spelled()[found[0]] if found else None


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
    found = {name for name in wording()["outcome"] if phrases("outcome", name).search(text)}
    if "amazon_funded" in found:
        found -= {"seller_funded"}
    return found.pop() if len(found) == 1 else None


def _claim_reason(said: _Text) -> str | None:
    clause = phrases("claim_reason", "clauses").search(said.whole)
    said_why = said.labels.get("reason") or ""
    if clause and not said_why:
        said_why = said.whole[clause.end() : clause.end() + 60]
    why = fold(said_why)
    names = wording()["claim_reason"]["words"]
    known = (name for name in names if phrases("claim_reason", "words", name).search(why))
    return next(known, "other") if why else None


def _with_amount(facts: Facts, said: _Text, kind: str) -> Facts:
    if kind == "claim" and (line := said.labels.get("claim_amount")):
        money = amount_in(fold(line), (), said.marketplace)
    else:
        money = _named(said, tuple(map(fold, wording()["amount"][kind])))
    return facts._replace(**money._asdict()) if money else facts


def _named(said: _Text, labels: tuple[str, ...]) -> Money | None:
    return amount_in(f"{said.subject} | {said.whole}", labels, said.marketplace)


def _deadline(said: _Text) -> dt.datetime | None:
    zone = zone_of(said.marketplace)
    return respond_by(said.whole, said.sent_at, zone, said.marketplace)
