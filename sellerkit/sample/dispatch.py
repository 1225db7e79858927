"""How an order is taken, packed and delivered."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sellerkit.sample.catalogue import Product, Store, arrival, products, profile
from sellerkit.sample.shop import Buyer, Order

_DAY = dt.timedelta(days=1)
_TRACKING = {
    "DHL": ("00340434", 12),
    "DPD": ("0150", 10),
    "GLS": ("6", 10),
    "UPS": ("1Z84A6V0", 10),
    "FedEx": ("77", 10),
}


def new_order(random: Random, buyer: Buyer, purchased_at: dt.datetime, **given: Any) -> Order:
    """Return an order that goes as orders do, but for the fields that are given.

    An order that Amazon fulfills has no carrier, tracking id or signature on the shop's file.
    """
    plan: dict[str, Any] = {
        "order_id": order_id(random, buyer.store),
        "lines": _lines(random),
        "town": tuple(random.choice(buyer.store.towns)),
    }
    plan |= _journey(random, buyer.store, purchased_at)
    plan |= given
    if plan.get("fulfillment") == "amazon":
        plan |= {"carrier": None, "tracking_id": None, "signature": None}
    if plan.get("canceled_at") is not None:
        plan |= {"shipped_at": None, "delivered_at": None, "carrier": None, "tracking_id": None}
    return Order(buyer=buyer, purchased_at=purchased_at, **plan)


def order_id(random: Random, store: Store) -> str:
    """Return an order id as the store gives them."""
    prefix = random.choice(store.order_prefixes)
    return f"{prefix}-{random.randrange(10**7):07d}-{random.randrange(10**7):07d}"


def _lines(random: Random) -> tuple[tuple[Product, int], ...]:
    goods = list(products().values())
    count = 2 if random.random() < 0.1 else 1
    chosen = random.sample(goods, count)
    return tuple((product, 2 if random.random() < 0.06 else 1) for product in chosen)


def _journey(random: Random, store: Store, purchased_at: dt.datetime) -> dict[str, Any]:
    """Return when an ordinary parcel leaves and arrives, and what was promised."""
    home, away = ZoneInfo(profile()["zone"]), store.clock
    bought = purchased_at.astimezone(home)
    packed = bought if bought.hour < 11 and bought.weekday() < 5 else _working_day(bought + _DAY)
    deadline = _working_day(_working_day(bought + _DAY) + _DAY)
    promised = bought + store.promise_days * _DAY
    shipped = _at(packed, home, 14, 17, random)
    arrives = shipped + random.choice(store.transit_days) * _DAY
    arrives += _DAY if arrives.astimezone(away).weekday() == 6 else dt.timedelta()
    carrier = random.choice(store.carriers)
    return {
        "latest_ship_at": end_of_day(deadline, home),
        "shipped_at": shipped,
        "promised_by": end_of_day(promised, away),
        "delivered_at": _at(arrives.astimezone(away), away, 9, 19, random),
        "carrier": carrier,
        "tracking_id": _tracking(random, carrier),
        "signature": random.random() < 0.3,
    }


def _tracking(random: Random, carrier: str) -> str:
    head, digits = _TRACKING[carrier]
    return head + "".join(random.choices("0123456789", k=digits))


def _working_day(day: dt.datetime) -> dt.datetime:
    while day.weekday() > 4:
        day += _DAY
    return day


def _at(day: dt.datetime, zone: ZoneInfo, first: int, last: int, random: Random) -> dt.datetime:
    """Return an instant of that day between two hours of the clock."""
    seconds = random.randrange((last - first) * 3600)
    midnight = dt.datetime.combine(day.date(), dt.time(), zone)
    local = midnight.replace(hour=first) + dt.timedelta(seconds=seconds)
    return local.astimezone(dt.UTC)


def end_of_day(day: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the last second of a day in a zone, as Amazon gives deadlines."""
    return dt.datetime.combine(day.date(), dt.time(23, 59, 59), zone).astimezone(dt.UTC)


def purchase_moment(
    random: Random, first: dt.datetime, last: dt.datetime, clock: ZoneInfo
) -> dt.datetime:
    """Return when somebody bought something between two instants."""
    while True:
        start = first + random.random() * (last - first)
        at = arrival(random, start, 0.3, clock)
        if at < last:
            return at
