"""What is on file about an order, as words of a language: days, amounts, titles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency

from sellerkit.errors import printable
from sellerkit.policy import zone_of

Row = Mapping[str, Any]

#: How much of a title, a carrier's name or a tracking number is written.
_LONGEST = 80

#: Titles of an order that are named; of more it is said how many.
_NAMED = 2

#: For each name of a text the column of orders that has its day.
_DAYS = {
    "ship_by": "latest_ship_at",
    "shipped_on": "shipped_at",
    "delivery_by": "promised_by",
    "delivered_on": "delivered_at",
    "canceled_on": "canceled_at",
}


def values_of(
    duty: Row,
    order: Row | None,
    titles: list[str],
    refund: Row | None,
    claim: Row | None,
    language: str,
) -> dict[str, str]:
    """Return the values that a text about an order may name; what is not on file is not there.

    Parameters
    ----------
    duty : mapping
        The obligation: order_id, account, marketplace, trigger_at, and `return_ends_at`, the end
        of the window to return, where it is known.
    order : mapping or None
        Its row of orders.
    titles : list of str
        Of its items.
    refund, claim : mapping or None
        The last return of the order that was refunded, the claim that is to be answered.
    language : str
        ISO 639-1: how days and amounts are written.
    """
    order = order or {}
    store = _text(order.get("marketplace")) or _text(duty["marketplace"])
    zone, locale = zone_of(store, order.get("currency")), _locale(language, store)

    def day(at: Any) -> str:
        return "" if pd.isna(at) else format_date(at.tz_convert(zone).date(), "long", locale)

    found = {name: day(order.get(column)) for name, column in _DAYS.items()}
    found["order_id"] = _text(duty["order_id"])
    found["item"] = _items(titles)
    found["carrier"], found["tracking"] = (
        _text(order.get("carrier")),
        _text(order.get("tracking_id")),
    )
    found |= _window(duty, day)
    if refund is not None:
        found["refunded_on"] = day(refund["refunded_at"])
        found["refund"] = _amount(refund["refund_amount"], refund["currency"], locale)
    if claim is not None:
        found["respond_by"] = day(claim["respond_by"])
    bracketed = f" ({found['item']})" if found["item"] else ""
    found["order"] = found["order_id"] and found["order_id"] + bracketed
    found["seller"] = _text(duty["account"])
    return {name: value for name, value in found.items() if value}


def _window(duty: Row, day: Any) -> dict[str, str]:
    """Return the end of the window to return: as past for a request that came later, or as near."""
    ends, asked = duty.get("return_ends_at"), duty["trigger_at"]
    if ends is None or pd.isna(ends) or pd.isna(asked):
        return {}
    if asked > ends:
        return {"return_ended": day(ends)}
    return {"return_until": day(ends)} if duty["as_of"] <= ends else {}


def _items(titles: list[str]) -> str:
    named = [_text(title) for title in titles]
    named = [title for title in dict.fromkeys(named) if title]
    more = f" (+ {len(named) - _NAMED})" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more


def _text(value: Any) -> str:
    """Return a value on one line, of things that only show, not too long; empty where null."""
    if not isinstance(value, str):
        return ""
    line = " ".join(printable(value).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _amount(amount: Any, currency: Any, locale: Locale) -> str:
    if pd.isna(amount) or not isinstance(currency, str):
        return ""
    return str(format_currency(amount, currency, locale=locale)).replace("\xa0", " ")


def _locale(language: str, store: str) -> Locale:
    """Return how a language is written in a store's country, else how it is written at all."""
    country = "GB" if store == "UK" else store
    for name in (f"{language}_{country}", language):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")
