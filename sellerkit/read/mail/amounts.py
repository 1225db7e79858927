"""Amounts of money in Amazon's notices: ``$1,234.56``, ``119,00 €``, ``EUR 169.01``, ``¥1,980``."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from sellerkit.policy import marketplaces
from sellerkit.read.mail.wording import wording
from sellerkit.text.words import fold


class Money(NamedTuple):
    """An amount; `currency` is null for a dollar sign of a store that is not known."""

    amount: float
    currency: str | None


def amount_in(text: str, labels: tuple[str, ...], marketplace: str | None) -> Money | None:
    """Return the amount that a notice is about; null where it names none, or several alike.

    Parameters
    ----------
    text : str
        Folded (`sellerkit.text.words.fold`).
    labels : tuple of str
        Words that stand right before the amount that is meant. Without them, the only amount that
        is named is meant; of different ones none is. A number behind another (``1 169,01 €``)
        could be a quantity and a price, or thousands, and is not read.
    marketplace : str or None
        The store, whose dollar ``$`` is.
    """
    found = [(match.start(), _money(match, marketplace)) for match in _pattern().finditer(text)]
    meant = [
        money for at, money in found if text[max(at - 80, 0) : at].rstrip(" :").endswith(labels)
    ]
    others = set(meant[:1] or [money for _, money in found])
    return others.pop() if len(others) == 1 else None


@functools.cache
def _currencies() -> dict[str, str | None]:
    """Return currencies by folded sign or code; the bare dollar's is null."""
    words = wording()["currency"]
    signs = {fold(sign): code for sign, code in words["signs"].items()}
    return signs | {code.casefold(): code for code in words["codes"]} | {"$": None}


@functools.cache
def _pattern() -> re.Pattern[str]:
    """Compile a currency before or behind a number, whose digits stand in bounded groups."""
    names = sorted(_currencies(), key=len, reverse=True)
    currency = "|".join(re.escape(name) for name in names)
    number = r"\d{1,3}(?:[.,']\d{3}){1,4}(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
    edge = r"(?![.,]?\d)"
    return re.compile(
        rf"(?<![a-z0-9])(?P<before>{currency}) ?(?P<first>{number}){edge}"
        rf"|(?<![\d.,-])(?<!\d )(?P<second>{number}) ?(?P<behind>{currency})(?![a-z0-9])"
    )


def _money(match: re.Match[str], marketplace: str | None) -> Money:
    sign = match["before"] or match["behind"]
    currency = _currencies()[sign]
    if sign == "$":
        store = marketplaces().get(marketplace or "")
        own = store.currency if store else None
        currency = own if own in wording()["currency"]["dollars"] else None
    return Money(_value(match["first"] or match["second"]), currency)


def _value(number: str) -> float:
    """Return a number: one or two digits behind the last sign are decimals, three are thousands.

    No store's currency has three decimals.
    """
    whole, decimals = number, ""
    if found := re.search(r"[.,](\d{1,2})$", number):
        whole, decimals = number[: found.start()], found[1]
    return float(re.sub(r"\D", "", whole) + "." + (decimals or "0"))
