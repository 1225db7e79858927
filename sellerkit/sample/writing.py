"""Who writes what: conversations of a buyer with the shop, and Amazon's notices about them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from sellerkit.sample.catalogue import Store, Texts, texts
from sellerkit.sample.shop import Buyer, Claim, Kind, Mail, Order, Return, Shop

#: Situations in which the shop writes first, under a subject of its own.
PROACTIVE = ("delay", "late_delivery", "out_of_stock", "check_in", "claim", "auto")

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"

#: Situations that no subject of their own fits: Amazon's form calls them a message.
_PLAIN = ("thanks", "nudge", "followup", "guarantee", "holding")


def new_buyer(random: Random, store: Store) -> Buyer:
    """Return somebody who never bought before."""
    alias = "".join(random.choices(_ALPHABET, k=random.choice((13, 14, 14, 14, 15))))
    return Buyer(random.choice(store.first), random.choice(store.last), alias, store)


def amount_of(order: Order) -> str:
    """Return what an order cost as Amazon writes it in that language."""
    if order.store.language == "en":
        return f"{order.store.currency} {order.total:.2f}"
    return f"{order.total:.2f} {order.store.currency}".replace(".", ",")


@dataclass
class Conversation:
    """One buyer's correspondence with the shop, about one order or before any.

    Each method writes one mail into the shop's history and returns it.
    """

    shop: Shop
    random: Random
    buyer: Buyer
    order: Order | None = None
    subject: str = ""
    asked: Mail | None = None
    product: str = field(default="")

    def __post_init__(self) -> None:
        """Settle what the talk is of."""
        if self.order is not None:
            self.product = self.order.product.names[self.buyer.store.language]

    @property
    def texts(self) -> Texts:
        """The buyer's language."""
        return texts(self.buyer.store.language)

    def ask(self, at: dt.datetime, situation: str, *, text: str = "", has_id: bool = True) -> Mail:
        """Let the buyer write, in words of his own where `text` is given."""
        if not self.subject:
            self.subject = self._subject("other" if situation in _PLAIN else situation)
        self.asked = Mail(
            at,
            "buyer",
            self.subject,
            text or self._words("buyer", situation),
            self.buyer,
            self.order,
            notice="BBC_MESSAGE_SENT_TO_MERCHANT" if self.random.random() < 0.93 else "",
            has_id=has_id,
        )
        self.shop.mails.append(self.asked)
        return self.asked

    def answer(
        self,
        at: dt.datetime,
        situation: str,
        *,
        text: str = "",
        subject: str = "",
        attachment: str = "",
        only_copy: bool = False,
    ) -> Mail:
        """Let the shop write: a reply, or of its own accord where nobody asked.

        With `only_copy` the reply is written in Seller Central, so that nothing but Amazon's copy
        of it reaches the mailbox.
        """
        words = text or self._words("seller", situation)
        if only_copy:
            return self.copy(at, words)
        replies = self.asked is not None and situation not in PROACTIVE
        mail = Mail(
            at,
            "seller",
            subject or self._seller_subject(situation),
            words,
            self.buyer,
            self.order,
            answers=self.asked if replies else None,
            automated=situation == "auto",
            attachment=attachment,
        )
        self.shop.mails.append(mail)
        return mail

    def copy(self, at: dt.datetime, text: str) -> Mail:
        """Let Amazon send the shop a copy of its reply."""
        subject = f"Your e-mail to {self.buyer.name}"
        return self._write("copy", at, subject, text, "BBC_MESSAGE_CONFIRMATION_TO_MERCHANT")

    def bounce(self, mail: Mail) -> Mail:
        """Let a mail of the shop come back."""
        back = Mail(
            mail.sent_at + dt.timedelta(minutes=2),
            "bounce",
            "Undelivered Mail Returned to Sender",
            "The mail system could not deliver your message: recipient address rejected.",
            self.buyer,
            self.order,
            answers=mail,
        )
        self.shop.mails.append(back)
        return back

    def opt_out(self, mail: Mail) -> Mail:
        """Let Amazon say that the buyer takes no messages, and that this one did not reach him."""
        order = self.order.order_id if self.order else ""
        notice = Mail(
            mail.sent_at + dt.timedelta(minutes=3),
            "opt_out",
            f"Your message to {self.buyer.name} was not delivered (Order: {order})",
            "The buyer has opted out of receiving unsolicited messages from sellers, so your "
            f"message about order {order} was not delivered.",
            self.buyer,
            self.order,
            notice="BUYER_OPTED_OUT_BSM_MESSAGES",
            answers=mail,
        )
        self.shop.mails.append(notice)
        return notice

    def notice(self, at: dt.datetime, kind: str, reason: str = "") -> Mail:
        """Let Amazon tell the shop about an event of the order."""
        subject, body = self.texts.notice[kind]
        return self._write(
            "notice", at, self._fill(subject), self._fill(body, reason=reason, at=at), kind
        )

    def _write(self, kind: Kind, at: dt.datetime, subject: str, text: str, notice: str) -> Mail:
        mail = Mail(at, kind, subject, text, self.buyer, self.order, notice)
        self.shop.mails.append(mail)
        return mail

    def _subject(self, situation: str) -> str:
        subject = self._fill(self.random.choice(self.texts.subject[situation]))
        if self.order is None or self.order.order_id in subject:
            return subject
        return f"{subject} {self._fill(self.texts.mail['order'])}"

    def _seller_subject(self, situation: str) -> str:
        if situation in PROACTIVE:
            return self._subject(situation)
        return f"{self.texts.mail['reply']}{self.subject or self._subject('other')}"

    def _words(self, side: str, situation: str) -> str:
        """Return a whole text: greeting, one of the templates, closing."""
        mail, prefix = self.texts.mail, "" if side == "buyer" else "seller_"
        greeting = self._fill(self.random.choice(mail[f"{prefix}greetings"]))
        closing = self._fill(self.random.choice(mail[f"{prefix}closings"]))
        body = self._fill(self.random.choice(getattr(self.texts, side)[situation]))
        if not greeting or greeting.endswith(":"):
            body = _capitalised(body)
        return "\n\n".join(part for part in (greeting, body, closing) if part)

    def _fill(self, template: str, reason: str = "", at: dt.datetime | None = None) -> str:
        order = self.order
        day = at or (order.promised_by if order else None)
        return template.format(
            name=self.buyer.name,
            first=self.buyer.first,
            product=self.product,
            order=order.order_id if order else "",
            title=order.product.title if order else "",
            amount=amount_of(order) if order else "",
            carrier=(order.carrier if order else None) or "DHL",
            tracking=(order.tracking_id if order else None) or "",
            date=day.strftime(self.texts.mail["date"]) if day else "",
            reason=reason,
        )


def _capitalised(text: str) -> str:
    """Return the text with its first letter upright, also behind a mark such as ``¿``."""
    for place, sign in enumerate(text[:2]):
        if sign.isalpha():
            return text[:place] + sign.upper() + text[place + 1 :]
    return text


def note_return(talk: Conversation, row: Return) -> None:
    """Put a return on file, with Amazon's notices of the request and of the refund."""
    talk.shop.returns.append(row)
    talk.notice(row.requested_at, "RETURN_REQUEST", row.reason)
    if row.refunded_at is not None:
        talk.notice(row.refunded_at, "REFUND_ISSUED")


_DECISIONS = {
    "seller_funded": "The claim was granted, and the amount was charged to your account.",
    "amazon_funded": "Amazon covered the cost. You should not be held responsible.",
    "denied": "The claim was denied: it was decided in your favor.",
    "withdrawn": "The buyer withdrew the claim.",
}


def note_claim(talk: Conversation, claim: Claim) -> None:
    """Put a claim on file, with Amazon's notices of its filing and of the decision."""
    talk.shop.claims.append(claim)
    talk.notice(claim.filed_at, "A_Z_CLAIM_RESPONDENT_NOTIFY", claim.reason.replace("_", " "))
    if claim.decided_at is not None:
        talk.notice(claim.decided_at, "A_Z_CLAIM_RESPONDENT_CLOSE", _DECISIONS[claim.outcome])
