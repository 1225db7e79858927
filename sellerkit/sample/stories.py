"""Single cases, told event by event in `stories.toml`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sellerkit.sample.catalogue import products, profile, read_toml, stores
from sellerkit.sample.dispatch import new_order
from sellerkit.sample.shop import Call, Claim, Mail, Mark, Return, Shop
from sellerkit.sample.writing import Conversation, new_buyer, note_claim, note_return

#: How a story names an order's fields; its times are local.
_ORDER_TIMES = {
    "ship_by": "latest_ship_at",
    "shipped": "shipped_at",
    "promised": "promised_by",
    "delivered": "delivered_at",
    "canceled": "canceled_at",
}
_ORDER_WORDS = ("fulfillment", "canceled_by", "cancel_reason", "signature", "on_file")
_CLAIM_REPLY = dt.timedelta(hours=72)


def all_stories(*, core: bool = False) -> list[dict[str, Any]]:
    """Return the stories as the file tells them, or only those that a small sample needs."""
    told: list[dict[str, Any]] = read_toml("stories.toml")["story"]
    return [story for story in told if story.get("core", not core)]


class Teller:
    """Tells one story into the shop's history."""

    def __init__(self, shop: Shop, seed: int, number: int, story: dict[str, Any]) -> None:
        """Take the order, with what the story says about it."""
        self.shop = shop
        self.random = Random(f"{seed}/story/{number}")
        self.zone = ZoneInfo(profile()["zone"])
        self.number = number
        store = stores()[story["store"]]
        self.order = new_order(
            self.random,
            new_buyer(self.random, store),
            self._utc(story["bought"]),
            **self._given(story),
        )
        shop.orders.append(self.order)
        self.talk = Conversation(shop, self.random, self.order.buyer, self.order)
        self.other = Conversation(shop, self.random, new_buyer(self.random, store), self.order)

    def tell(self, events: Iterable[dict[str, Any]]) -> None:
        """Let the events happen, in their order."""
        told = {
            "buyer": self._buyer,
            "seller": self._seller,
            "return": self._return,
            "claim": self._claim,
            "call": self._call,
            "mark": self._mark,
        }
        for event in events:
            what = next(key for key in told if key in event)
            told[what](self._utc(event["at"]), event)

    def _given(self, story: dict[str, Any]) -> dict[str, Any]:
        """Return the order's fields that the story sets; false says that it never happens."""
        given: dict[str, Any] = {"lines": ((products()[story["product"]], 1),)}
        for key, column in _ORDER_TIMES.items():
            if key in story:
                given[column] = self._utc(story[key]) if story[key] else None
        given |= {key: story[key] for key in _ORDER_WORDS if key in story}
        if not story.get("tracking", True):
            given["tracking_id"] = None
        return given

    def _utc(self, local: dt.datetime) -> dt.datetime:
        return local.replace(tzinfo=self.zone).astimezone(dt.UTC)

    def _moment(self, event: dict[str, Any], key: str) -> dt.datetime | None:
        return self._utc(event[key]) if key in event else None

    def _talk(self, event: dict[str, Any]) -> Conversation:
        return self.other if event.get("second") else self.talk

    def _said(self, event: dict[str, Any], key: str) -> str:
        said: str = event.get(key, "")
        return said.replace("{order}", self.order.order_id)

    def _buyer(self, at: dt.datetime, event: dict[str, Any]) -> None:
        talk = self._talk(event)
        mail = talk.ask(
            at, event["buyer"], text=self._said(event, "text"), has_id=event.get("has_id", True)
        )
        if "exports" in event:
            self._swap(mail, replace(mail, exports=tuple(event["exports"])))

    def _swap(self, mail: Mail, other: Mail) -> None:
        self.shop.mails[self.shop.mails.index(mail)] = other

    def _seller(self, at: dt.datetime, event: dict[str, Any]) -> None:
        talk = self._talk(event)
        mail = talk.answer(
            at,
            event["seller"],
            text=self._said(event, "text"),
            subject=self._said(event, "subject"),
            attachment=event.get("attachment", ""),
        )
        if event.get("bounced"):
            talk.bounce(mail)
        if event.get("opted_out"):
            talk.opt_out(mail)

    def _return(self, at: dt.datetime, event: dict[str, Any]) -> None:
        row = Return(
            f"Ds{self.number:02d}{self.random.randrange(10**5):05d}RRMA",
            self.order,
            at,
            event["return"],
            event.get("in_policy", True),
            self._moment(event, "authorized"),
            event.get("by"),
            self._moment(event, "closed"),
            self._moment(event, "refunded"),
        )
        note_return(self.talk, row)

    def _claim(self, at: dt.datetime, event: dict[str, Any]) -> None:
        claim = Claim(
            f"AZ-{self.number:02d}{self.random.randrange(10**6):06d}",
            self.order,
            at,
            event["claim"],
            at + _CLAIM_REPLY,
            self._moment(event, "responded"),
            self._moment(event, "decided"),
            event.get("outcome", "open"),
            self._moment(event, "appealed"),
        )
        note_claim(self.talk, claim)

    def _call(self, at: dt.datetime, event: dict[str, Any]) -> None:
        self.shop.calls.append(
            Call(
                f"call-{self.number:02d}-{at:%m%d}",
                at,
                self.order,
                float(event["minutes"]),
                event.get("direction", "outbound"),
                event.get("requested", False),
                event["call"],
                event["notes"],
            )
        )

    def _mark(self, at: dt.datetime, event: dict[str, Any]) -> None:
        if event["mark"] == "order":
            self.shop.marks.append(Mark(at, order_id=self.order.order_id))
        elif self.talk.asked is not None:
            self.shop.marks.append(Mark(at, message_id=self.talk.asked.message_id))
