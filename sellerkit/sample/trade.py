"""Ordinary business: orders that go well or go wrong as they do, and the mails about them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

from sellerkit.sample.catalogue import Service, arrival, products, profile, stores
from sellerkit.sample.dispatch import new_order, purchase_moment
from sellerkit.sample.shop import Mail, Mark, Order, Return, Shop
from sellerkit.sample.writing import Conversation, new_buyer, note_return

#: What buyers write about once they have the goods, and how often.
_AFTER_DELIVERY = {
    "product": 30, "return": 26, "damaged": 17, "wrong": 10, "refund": 6, "thanks": 11,
}  # fmt: skip
#: How many days after delivery they write about it.
_AFTER_DAYS = {
    "product": 4.0, "return": 7.0, "damaged": 1.2, "wrong": 1.0, "refund": 18.0, "thanks": 1.5,
}  # fmt: skip
_REASONS = ("CR-UNWANTED_ITEM", "CR-DEFECTIVE", "CR-NOT_COMPATIBLE", "CR-QUALITY_UNACCEPTABLE")
_HOUR = dt.timedelta(hours=1)


class Trade:
    """The simulation of ordinary business; each order has random numbers of its own.

    So another number of orders, or another story beside them, leaves every order as it was.
    """

    def __init__(self, shop: Shop, seed: int) -> None:
        """Open for business."""
        self.shop = shop
        self.seed = seed
        self.service = Service.of_shop()
        self.as_of: dt.datetime = profile()["as_of"]
        self.opened: dt.datetime = profile()["since"] - dt.timedelta(days=5)

    def order(self, number: int) -> None:
        """Let one buyer order, and write or be written to as it happens."""
        random = Random(f"{self.seed}/order/{number}")
        every = list(stores().values())
        store = random.choices(every, [store.weight for store in every])[0]
        buyer = new_buyer(random, store)
        last = self.as_of - 6 * _HOUR
        bought = purchase_moment(random, self.opened, last, store.clock)
        if random.random() < 0.12:
            order = new_order(random, buyer, bought, fulfillment="amazon")
        else:
            order = self._fate(random, new_order(random, buyer, bought))
            if random.random() < 0.03:
                order = replace(order, tracking_id=None)
        self.shop.orders.append(order)
        talk = Conversation(self.shop, random, buyer, order)
        if random.random() < 0.04:
            self._presale(random, before_order(talk), before=bought)
        self._course(random, talk, order)

    def stranger(self, number: int) -> None:
        """Let somebody ask about a product, whether or not he ever buys it."""
        random = Random(f"{self.seed}/stranger/{number}")
        every = list(stores().values())
        store = random.choices(every, [store.weight for store in every])[0]
        product = random.choice(list(products().values()))
        talk = Conversation(self.shop, random, new_buyer(random, store))
        talk.product = product.names[store.language]
        at = purchase_moment(random, self.opened, self.as_of - 6 * _HOUR, store.clock)
        self.discuss(random, talk, "presale", at)

    def _presale(self, random: Random, talk: Conversation, before: dt.datetime) -> None:
        at = before - random.uniform(30, 80) * _HOUR
        self.discuss(random, talk, "presale", at)

    def _fate(self, random: Random, order: Order) -> Order:
        """Return the order with what goes wrong with a few of them."""
        draw = random.random()
        assert order.latest_ship_at and order.shipped_at and order.promised_by
        if draw < 0.012:
            at = order.shipped_at - random.uniform(0.5, 5) * _HOUR
            return _canceled(order, max(at, order.purchased_at + _HOUR), "seller", "NoInventory")
        if draw < 0.024:
            asked = arrival(random, order.purchased_at, 0.2, order.store.clock)
            at = self.service.answer_at(random, asked)
            return _canceled(order, at, "buyer", "BuyerCanceled")
        if draw < 0.055:
            shipped = self.service.answer_at(random, order.latest_ship_at + 8 * _HOUR)
            delay = shipped - order.shipped_at
            delivered = order.delivered_at + delay if order.delivered_at else None
            return replace(order, shipped_at=shipped, delivered_at=delivered)
        if draw < 0.085:
            days = dt.timedelta(days=random.choice((1, 1, 2, 3)))
            noon = order.promised_by - random.uniform(7, 12) * _HOUR
            return replace(order, delivered_at=noon + days)
        return order

    def _course(self, random: Random, talk: Conversation, order: Order) -> None:
        """Write the mails that the order's fate calls for, or those that any order may bring."""
        if order.canceled_at is not None:
            self._cancellation(random, talk, order)
        elif order.fulfillment == "merchant" and _is_late(order.shipped_at, order.latest_ship_at):
            self._problem(random, talk, "delay", order.latest_ship_at)
        elif order.fulfillment == "merchant" and _is_late(order.delivered_at, order.promised_by):
            self._problem(random, talk, "late_delivery", order.promised_by)
        elif random.random() < (0.25 if order.fulfillment == "amazon" else 0.6):
            self._matter(random, talk, order)
        elif order.delivered_at and order.fulfillment == "merchant" and random.random() < 0.2:
            week = order.delivered_at + dt.timedelta(days=random.uniform(6, 12))
            talk.answer(self.service.answer_at(random, week), "check_in")

    def _cancellation(self, random: Random, talk: Conversation, order: Order) -> None:
        assert order.canceled_at
        if order.canceled_by == "buyer":
            asked = order.canceled_at - random.uniform(1, 5) * _HOUR
            talk.ask(max(asked, order.purchased_at + _HOUR / 2), "cancel")
            talk.notice(max(asked, order.purchased_at + _HOUR / 2), "BRC_SELLER_NOTIFICATION")
            talk.answer(order.canceled_at + _HOUR / 6, "cancel")
            return
        draw = random.random()
        if draw < 0.75:
            talk.answer(order.canceled_at + _HOUR / 4, "out_of_stock")
        elif draw < 0.9:
            talk.answer(order.canceled_at + random.uniform(28, 60) * _HOUR, "out_of_stock")

    def _problem(
        self, random: Random, talk: Conversation, what: str, due: dt.datetime | None
    ) -> None:
        """Warn the buyer before, after, too late or never; some ask before they hear of it."""
        assert due is not None
        draw = random.random()
        if draw < 0.5:
            talk.answer(self.service.answer_at(random, due - random.uniform(30, 45) * _HOUR), what)
        elif draw < 0.78:
            talk.answer(self.service.answer_at(random, due + 8 * _HOUR), what)
        elif draw < 0.9:
            talk.answer(self.service.answer_at(random, due + random.uniform(26, 60) * _HOUR), what)
        if draw >= 0.5 and random.random() < 0.6:
            self.discuss(random, talk, "where", arrival(random, due, 0.5, talk.buyer.store.clock))

    def _matter(self, random: Random, talk: Conversation, order: Order) -> None:
        """Let the buyer write about the order, before or after it arrives."""
        clock = order.store.clock
        if order.fulfillment == "merchant" and random.random() < 0.27:
            start = order.shipped_at or order.purchased_at
            self.discuss(random, talk, "where", arrival(random, start, 1.2, clock))
            return
        if order.delivered_at is None:
            return
        what = random.choices(list(_AFTER_DELIVERY), list(_AFTER_DELIVERY.values()))[0]
        at = arrival(random, order.delivered_at, _AFTER_DAYS[what], clock)
        if what == "return" and order.fulfillment == "merchant":
            self._return(random, talk, order, at)
        else:
            self.discuss(random, talk, what, at)

    def _return(self, random: Random, talk: Conversation, order: Order, at: dt.datetime) -> None:
        """Let the buyer send something back: by Amazon's form, by a mail, or by both."""
        assert order.delivered_at
        in_policy = at - order.delivered_at <= dt.timedelta(days=30)
        by_form = random.random() < 0.6
        if by_form:
            row = self._form(random, order, at, in_policy)
            note_return(talk, row)
            if random.random() < 0.65:
                return
            at += random.uniform(0.2, 3) * _HOUR
        self.discuss(random, talk, "return", at, reply="return" if in_policy else "return_outside")

    def _form(self, random: Random, order: Order, at: dt.datetime, in_policy: bool) -> Return:
        by_amazon = in_policy and random.random() < 0.55
        decided = at + _HOUR / 30 if by_amazon else self.service.answer_at(random, at)
        back = self.service.answer_at(random, decided + random.uniform(6, 14) * 24 * _HOUR)
        row = Return(
            f"D{random.choice('nbkx')}{random.randrange(10**7):07d}RRMA",
            order,
            at,
            random.choice(_REASONS),
            in_policy,
        )
        if not in_policy:
            return replace(row, closed_at=decided)
        if not by_amazon and random.random() < 0.08:
            return row
        by = "amazon" if by_amazon else "seller"
        kept = random.random() < 0.1
        return replace(
            row,
            authorized_at=decided,
            authorized_by=by,
            refunded_at=None if kept else back.replace(second=0),
            closed_at=None if kept else back + _HOUR,
        )

    def discuss(
        self, random: Random, talk: Conversation, what: str, at: dt.datetime, reply: str = ""
    ) -> None:
        """Let the buyer ask, perhaps again while nothing comes, and the shop answer."""
        first = talk.ask(at, what)
        if what == "thanks" and random.random() < 0.7:
            self.shop.marks.append(Mark(at + 3 * _HOUR, message_id=first.message_id))
            return
        answered = self.service.answer_at(random, at)
        if random.random() < (0.3 if what == "thanks" else 0.008):
            self._nudges(random, talk, at, at + 4 * 24 * _HOUR)
            return
        self._nudges(random, talk, at, answered)
        said = self._reply(random, talk, answered, self._fitting(talk, reply or what))
        if what in ("where", "damaged", "wrong", "refund", "product") and random.random() < 0.3:
            self._second_round(random, talk, said.sent_at)

    def _fitting(self, talk: Conversation, situation: str) -> str:
        """Return what the shop can say: no tracking number where there is none."""
        tracked = talk.order is not None and talk.order.tracking_id is not None
        if situation == "where" and not tracked:
            return "holding"
        return "product" if situation == "presale" else situation

    def _nudges(
        self, random: Random, talk: Conversation, asked: dt.datetime, answered: dt.datetime
    ) -> None:
        at = arrival(random, asked + 9 * _HOUR, 0.4, talk.buyer.store.clock)
        while at < answered and random.random() < 0.55:
            talk.ask(at, random.choices(("nudge", "guarantee"), (9, 1))[0])
            at = arrival(random, at + 7 * _HOUR, 0.5, talk.buyer.store.clock)

    def _reply(self, random: Random, talk: Conversation, at: dt.datetime, what: str) -> Mail:
        """Let the shop answer: by mail, with Amazon's copy of it, or in Seller Central."""
        draw = random.random()
        said = talk.answer(at, what, only_copy=draw < 0.05)
        if draw > 0.9:
            talk.copy(at + dt.timedelta(minutes=random.randrange(1, 9)), said.text)
        return said

    def _second_round(self, random: Random, talk: Conversation, said_at: dt.datetime) -> None:
        at = arrival(random, said_at, 0.7, talk.buyer.store.clock)
        what = "followup" if random.random() < 0.7 else "thanks"
        asked = talk.ask(at, what)
        if what == "thanks" and random.random() < 0.8:
            self.shop.marks.append(Mark(at + 2 * _HOUR, message_id=asked.message_id))
            return
        answer = "holding" if what == "followup" else "thanks"
        self._reply(random, talk, self.service.answer_at(random, at), answer)


def before_order(talk: Conversation) -> Conversation:
    """Return the same buyer's talk from before he had an order."""
    return Conversation(talk.shop, talk.random, talk.buyer, product=talk.product)


def _canceled(order: Order, at: dt.datetime, by: str, reason: str) -> Order:
    return replace(
        order,
        canceled_at=at,
        canceled_by=by,
        cancel_reason=reason,
        shipped_at=None,
        delivered_at=None,
    )


def _is_late(happened: dt.datetime | None, due: dt.datetime | None) -> bool:
    return happened is not None and due is not None and happened > due
