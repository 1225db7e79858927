"""What happened in the sample shop: plain records of orders, mails, returns, claims and calls."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from sellerkit.sample.catalogue import Product, Store

#: Who wrote a mail, or what it is: `copy` is Amazon's copy of a reply that was written in Seller
#: Central, `noise` is what has nothing to do with any buyer.
Kind = Literal["buyer", "seller", "copy", "notice", "bounce", "opt_out", "noise"]

_Event = TypeVar("_Event", "Order", "Return", "Claim")


@dataclass(frozen=True)
class Buyer:
    """A customer: his name, his store, and the relay alias that Amazon gave him."""

    first: str
    last: str
    alias: str
    store: Store

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def address(self) -> str:
        """The relay address."""
        return f"{self.alias}@marketplace.{self.store.domain}"


@dataclass(frozen=True)
class Order:
    """An order and what became of it; an event that has not happened is None."""

    order_id: str
    buyer: Buyer
    lines: tuple[tuple[Product, int], ...]
    purchased_at: dt.datetime
    fulfillment: Literal["merchant", "amazon"] = "merchant"
    latest_ship_at: dt.datetime | None = None
    shipped_at: dt.datetime | None = None
    promised_by: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    canceled_at: dt.datetime | None = None
    canceled_by: str | None = None
    cancel_reason: str | None = None
    carrier: str | None = None
    tracking_id: str | None = None
    signature: bool | None = None
    town: tuple[str, str, str] = ("", "", "")
    #: False where the order is older than every report that the seller kept.
    on_file: bool = True

    @property
    def store(self) -> Store:
        """Where it was bought."""
        return self.buyer.store

    @property
    def product(self) -> Product:
        """What a mail about the order speaks of."""
        return self.lines[0][0]

    @property
    def total(self) -> float:
        """What the buyer paid, in the store's currency."""
        currency = self.store.currency
        return round(sum(product.prices[currency] * n for product, n in self.lines), 2)

    @property
    def status(self) -> str:
        """`pending`, `unshipped`, `shipped` or `canceled`."""
        if self.canceled_at:
            return "canceled"
        return "shipped" if self.shipped_at else "unshipped"

    def known(self, as_of: dt.datetime) -> Order:
        """Return the order as it was known at an instant."""
        events = ("shipped_at", "delivered_at", "canceled_at")
        order = _without_later(self, events, as_of)
        if order.canceled_at is None:
            order = replace(order, canceled_by=None, cancel_reason=None)
        if order.shipped_at is None:
            order = replace(order, carrier=None, tracking_id=None)
        return replace(order, signature=None) if order.delivered_at is None else order


@dataclass(frozen=True)
class Mail:
    """A mail as it lies in the shop's mailbox.

    Attributes
    ----------
    notice : str
        Amazon's X-Space-Notification-Type, empty where the mail has none.
    answers : Mail or None
        What a reply answers, a copy repeats, or a bounce is about.
    automated : bool
        An auto-responder wrote it.
    attachment : str
        Name of a picture that hangs on it, empty for none.
    has_id : bool
        False for the rare mail without a Message-ID.
    exports : tuple of {'mbox', 'eml'}
        Into which exports it goes; empty leaves that to its date.
    """

    sent_at: dt.datetime
    kind: Kind
    subject: str
    text: str
    buyer: Buyer | None = None
    order: Order | None = None
    notice: str = ""
    answers: Mail | None = None
    automated: bool = False
    attachment: str = ""
    has_id: bool = True
    exports: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Forty hexadecimal digits that tell this mail from every other."""
        alias = self.buyer.alias if self.buyer else ""
        key = "\0".join((self.kind, alias, self.sent_at.isoformat(), self.subject, self.text))
        return hashlib.sha256(key.encode()).hexdigest()[:40]

    @property
    def message_id(self) -> str:
        """The Message-ID, without brackets, in the shape that its sender's system gives."""
        mark = self.digest
        if self.kind in ("seller", "bounce"):
            return f"{mark[:24]}@nordlicht-outdoor.example"
        if self.kind == "noise" and not self.notice:
            return f"{mark[:24]}@fachhandel-post.example"
        return f"010201{mark[:10]}-{mark[10:26]}-000000@email.amazonses.com"


@dataclass(frozen=True)
class Return:
    """A return that a buyer asked for by Amazon's form."""

    return_id: str
    order: Order
    requested_at: dt.datetime
    reason: str
    in_policy: bool = True
    authorized_at: dt.datetime | None = None
    authorized_by: str | None = None
    closed_at: dt.datetime | None = None
    refunded_at: dt.datetime | None = None

    def known(self, as_of: dt.datetime) -> Return:
        """Return what was known of it at an instant."""
        events = ("authorized_at", "closed_at", "refunded_at")
        known = _without_later(self, events, as_of)
        return known if known.authorized_at else replace(known, authorized_by=None)


@dataclass(frozen=True)
class Claim:
    """An A-to-z Guarantee claim."""

    claim_id: str
    order: Order
    filed_at: dt.datetime
    reason: str
    respond_by: dt.datetime
    responded_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    outcome: str = "open"
    appealed_at: dt.datetime | None = None

    @property
    def appeal_by(self) -> dt.datetime | None:
        """Until when the seller may appeal against a decision that cost him money."""
        if self.decided_at is None or self.outcome != "seller_funded":
            return None
        return self.decided_at + dt.timedelta(days=30)

    def known(self, as_of: dt.datetime) -> Claim:
        """Return what was known of it at an instant."""
        known = _without_later(self, ("responded_at", "decided_at", "appealed_at"), as_of)
        return known if known.decided_at else replace(known, outcome="open")


@dataclass(frozen=True)
class Call:
    """A telephone call with a buyer."""

    call_id: str
    started_at: dt.datetime
    order: Order | None
    minutes: float
    direction: str
    buyer_requested: bool
    purpose: str
    notes: str


@dataclass(frozen=True)
class Mark:
    """That the seller marked a mail, or all of an order's, as needing no response."""

    marked_at: dt.datetime
    message_id: str = ""
    order_id: str = ""


@dataclass
class Shop:
    """All that happened, in the order in which the simulation thought of it."""

    orders: list[Order] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def known(self, as_of: dt.datetime) -> Shop:
        """Return the shop's history up to an instant, each list in time's order."""
        orders = [order.known(as_of) for order in self.orders if order.purchased_at <= as_of]
        returns = [row.known(as_of) for row in self.returns if row.requested_at <= as_of]
        claims = [claim.known(as_of) for claim in self.claims if claim.filed_at <= as_of]
        return Shop(
            sorted(orders, key=lambda order: (order.purchased_at, order.order_id)),
            sorted(
                (mail for mail in self.mails if mail.sent_at <= as_of),
                key=lambda mail: (mail.sent_at, mail.digest),
            ),
            sorted(returns, key=lambda row: (row.requested_at, row.return_id)),
            sorted(claims, key=lambda claim: (claim.filed_at, claim.claim_id)),
            sorted(
                (call for call in self.calls if call.started_at <= as_of),
                key=lambda call: (call.started_at, call.call_id),
            ),
            sorted(
                (mark for mark in self.marks if mark.marked_at <= as_of),
                key=lambda mark: (mark.marked_at, mark.message_id, mark.order_id),
            ),
        )


def _without_later(event: _Event, columns: tuple[str, ...], as_of: dt.datetime) -> _Event:
    later: dict[str, Any] = {
        column: None for column in columns if (getattr(event, column) or as_of) > as_of
    }
    return replace(event, **later)
