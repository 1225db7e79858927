"""Amounts of money in Amazon's notices: ``$1,234.56``, ``119,00 €``, ``EUR 169.01``, ``¥1,980``."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from sellerkit.policy import marketplaces
from sellerkit.read.mail.wording import wording
from sellerkit.text.words import fold

_DIGITS = re.compile(r"(?<![\d.,'-])\d[\d.,']{0,18}")
#: Groups of three digits between signs that are all alike or not, and up to two decimals.
_NUMBER = re.compile(r"(?:\d{1,3}(?:[.,']\d{3}){1,4}|\d{1,9})(?:[.,]\d{1,2})?")
_DECIMALS = re.compile(r"[.,](\d{1,2})$")
#: How far from its number a currency can begin or end.
_NEAR = 8
_LABEL = 80


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
        is named is meant; of different ones none is.
    marketplace : str or None
        The store, whose dollar ``$`` is.

    Notes
    -----
    Cells of a table run together, so a currency between two numbers (``1 EUR 169.01``) could be
    either's, and a number behind another (``1 169,01 €``) a quantity and a price, or thousands:
    neither is read.
    """
    found = list(_amounts(text))
    meant = [each for each in found if _behind(text, each[0]).endswith(labels)]
    named = {(number, sign) for _, number, sign in meant[:1] or found}
    if len(named) != 1:
        return None
    number, sign = named.pop()
    return Money(_value(number), _currency(sign, marketplace))


def _behind(text: str, at: int) -> str:
    return text[max(at - _LABEL, 0) : at].rstrip(" :")


def _amounts(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield where an amount begins, its number and its currency's sign or code."""
    before, behind = _signs()
    for match in _DIGITS.finditer(text):
        start, number = match.start(), match[0].rstrip(".,'")
        if not _NUMBER.fullmatch(number):
            continue
        end = start + len(number)
        found = before.search(text[max(start - _NEAR, 0) : start])
        at = start - len(found["all"]) if found else start
        after_another = text[max(start - 2, 0) : start - 1].isdigit()
        if not found and not after_another:
            found = behind.match(text[end : end + _NEAR])
        if found and not found["digit"]:
            yield at, number, found["sign"]


@functools.cache
def _signs() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compile a currency right before a number, and right behind one."""
    signs = "|".join(re.escape(name) for name in sorted(_currencies(), key=len, reverse=True))
    return (
        re.compile(rf"(?P<digit>\d ?)?(?<![a-z])(?P<all>(?P<sign>{signs}) ?)$"),
        re.compile(rf" ?(?P<sign>{signs})(?![a-z])(?P<digit> ?\d)?"),
    )


@functools.cache
def _currencies() -> dict[str, str | None]:
    """Return currencies by folded sign or code; the bare dollar's is null."""
    words = wording()["currency"]
    signs = {fold(sign): code for sign, code in words["signs"].items()}
    return signs | {code.casefold(): code for code in words["codes"]} | {"$": None}


def _currency(sign: str, marketplace: str | None) -> str | None:
    store = marketplaces().get(marketplace or "")
    if sign == "$" and store and store.currency in wording()["currency"]["dollars"]:
        return store.currency
    return _currencies()[sign]


def _value(number: str) -> float:
    """Return a number: one or two digits behind the last sign are decimals, three are thousands.

    No store's currency has three decimals.
    """
    found = _DECIMALS.search(number)
    whole = re.sub(r"\D", "", number[: found.start()] if found else number)
    return float(f"{whole}.{found[1] if found else 0}")
