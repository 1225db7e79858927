"""Telephone numbers in a text, and not the many other numbers that a shop writes."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatch, PhoneNumberMatcher

from sellerkit.text.lint.rules import load
from sellerkit.text.words import fold

#: The library's names of the stores that Amazon names otherwise, and a store for each language
#: where the store is not known.
_REGION = {"UK": "GB"}
_BY_LANGUAGE = {
    "en": ("US", "GB"), "de": ("DE",), "fr": ("FR",), "es": ("ES",), "it": ("IT",), "nl": ("NL",),
    "ja": ("JP",), "pt": ("BR",),
}  # fmt: skip

_TRIES = 200

#: What no telephone number is, blanked before one is looked for. Each repeat is bounded.
_OTHERS = re.compile(
    r"""
    (?<!\d)\d{3}[-‐‑–—−ー ]\d{7}[-‐‑–—−ー ]\d{7}(?!\d)           # an order id
  | (?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w])(?!\.\d)
  | (?<![\d.])(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?![\d])  # a date
  | (?<![\d./-])(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d(?!\d)
  | (?<![\d-])[0-2]\d[0-5]\d\s?[-–]\s?[0-2]\d[0-5]\d(?![\d-])     # 0900-1730
  | (?<!\d)[0-2]?\d[:h][0-5]\d(?:[:.][0-5]\d)?(?!\d)              # 9:30
  | [€$£¥]\s?\d{1,9}(?:[.,]\d{1,9}){0,4}                          # a price
  | (?<![\d.,])\d{1,9}(?:[.,]\d{1,9}){0,4}\s?(?:[€$£¥%]|EUR\b|USD\b|GBP\b)
  | (?<![\w-])(?=[A-Z0-9-]{0,40}[A-Z])(?:[A-Z]{1,8}-?)?\d[A-Z0-9-]{4,40}(?![\w])  # LB123456789DE
  | (?<![\w-])[A-Z]{1,8}[-]?\d[\dA-Z-]{3,40}(?!\w)                # SKU and ASIN
  | (?<![\w-])[A-Z]{2}\d{2}(?:\s?\d{4}){2,7}(?:\s?\d{1,3})?(?!\d)  # IBAN
  | (?<![\d+])(?!0)\d{12,40}(?!\d)                                # a tracking number, an EAN
  | (?<!\d)\d(?:\s?\d){15,40}(?!\d)                               # … in groups
    """,
    re.VERBOSE,
)

_AREA_AND_NUMBER = r"0\d{1,4}-\d{6,8}"
_NORTH_AMERICA = r"(?:1-)?\d{3}-\d{3}-\d{4}"
_HYPHENS = defaultdict(
    lambda: _AREA_AND_NUMBER,
    US=_NORTH_AMERICA,
    CA=_NORTH_AMERICA,
    JP=r"0\d{1,4}-\d{1,4}-\d{3,4}",
)

#: A number as dialled within a country, in one piece: with the digit for that before it.
_WITH_PREFIX = re.compile(r"0[1-9]\d{8,9}")

#: The shortest that is worth asking the library about.
_RUN = re.compile(r"\d(?:[\s().\-/‐‑–—−ー]{0,3}\d){6}")

_BEFORE = 60
_AFTER = 40
_OTHER_BEFORE = 45
_DIGIT = re.compile(r"\d")


def phone_numbers(
    text: str, marketplace: str | None = None, language: str | None = None
) -> list[tuple[int, int]]:
    """Return the places of the telephone numbers of a text.

    A number with its country's code counts; one that is written as the store's country writes
    telephone numbers counts unless the word before it says that it is something else; a plain run
    of digits (but one with the prefix 0) only where a word says that it is a telephone number.

    Parameters
    ----------
    text : str
        With plain digits (`shaped`), web and mail addresses blanked.
    marketplace : str, optional
        The store's country code; where it is not known, that of the language.
    language : str, optional
        ISO 639-1.
    """
    blanked = _OTHERS.sub(lambda other: ";" * len(other[0]), text)
    found = dict.fromkeys(_spoken_numbers(text))
    if not _RUN.search(blanked):
        return sorted(found)
    for region in _regions(marketplace, language):
        for each in _matches(blanked, region):
            if not any(start < each.end and each.start < end for start, end in found):
                found[each.start, each.end] = None
    return sorted(found)


@functools.cache
def _spoken() -> re.Pattern[str]:
    data = load("phones.toml")
    words = sorted(map(re.escape, data["digits"]), key=len, reverse=True)
    one = f"(?:{'|'.join([*data['compounds'], *words])})(?!\\w)"
    return re.compile(
        rf"(?<!\w)(?:\+|plus\s)?(?:{one}|\d{{1,5}})(?:[\s,./-]{{1,3}}(?:{one}|\d{{1,8}})(?!\w)){{3,15}}",
        re.IGNORECASE,
    )


#: Digits as Japanese writes them in words, which a telephone number alone has so many of.
_KANJI = re.compile("[〇零一二三四五六七八九](?:[-ー－の・,、 ]?[〇零一二三四五六七八九]){8,14}")


@functools.cache
def _zeros() -> frozenset[str]:
    return frozenset(load("phones.toml")["zeros"])


def _spoken_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Return the places of numbers of which at least two parts are written as words."""
    yield from (each.span() for each in _KANJI.finditer(text))
    for each in _spoken().finditer(text):
        parts = re.findall(r"\d+|[^\W\d]+", each[0])
        words = sum(not part.isdigit() for part in parts)
        digits = sum(len(part) if part.isdigit() else 1 for part in parts)
        # a word may stand for two digits, and "five, four, three" counts
        if words >= 2 and (digits >= 7 or (words >= 4 and parts[0].lower() in _zeros())):
            yield each.span()


def _regions(marketplace: str | None, language: str | None) -> tuple[str, ...]:
    if marketplace:
        return (_REGION.get(marketplace, marketplace),)
    return _BY_LANGUAGE.get(language or "", ("US", "GB"))


def _matches(text: str, region: str) -> Iterator[PhoneNumberMatch]:
    for leniency in (Leniency.VALID, Leniency.POSSIBLE):
        for each in PhoneNumberMatcher(text, region, leniency=leniency, max_tries=_TRIES):
            if _is_meant(each, text, region, valid=leniency == Leniency.VALID):
                yield each


def _is_meant(found: PhoneNumberMatch, text: str, region: str, *, valid: bool) -> bool:
    """Tell whether what could be dialled is meant to be."""
    raw = found.raw_string
    digits = len(_DIGIT.findall(raw))
    if digits < 7 or digits > 15 or _has_unit(text[found.end : found.end + 8]):
        return False
    said = _said_before(text[max(0, found.start - _BEFORE) : found.start])
    said = said or _said_after(text[found.end : found.end + _AFTER])
    if raw.startswith("+"):
        return valid or said == "phone"
    if not valid:
        # numbers kept free for examples and films are assigned to nobody, and dialled all the same
        return said == "phone" and digits >= 8
    if said:
        return said == "phone"
    if raw.startswith(("(", "00")) or _WITH_PREFIX.fullmatch(raw):
        return True
    return _is_grouped(raw, _HYPHENS[region])


def _is_grouped(raw: str, hyphens: str) -> bool:
    """Tell whether digits stand in groups as telephone numbers do, with nothing said before.

    Hyphens alone part the numbers of parts too, but where the country writes so.
    """
    groups = re.findall(r"\d+", raw)
    if len(groups) < 2 or len(_DIGIT.findall(raw)) < 9:
        return False
    if not re.search(r"[^\d\-‐‑–—−ー－]", raw):
        return bool(re.fullmatch(hyphens, re.sub(r"\D", "-", raw)))
    return raw[0] == "0" or [len(g) for g in groups[-3:]] == [3, 3, 4] or len(groups) >= 3


def _has_unit(after: str) -> bool:
    word = re.match(r"\s?([^\W\d_]{1,6}|%|€)", after)
    return word is not None and fold(word[1]) in _words("units")


@functools.cache
def _words(which: str) -> frozenset[str]:
    return frozenset(map(fold, load("phones.toml")[which]))


@functools.cache
def _cue() -> re.Pattern[str]:
    """Compile a pattern for the last word that says what the number is."""
    both = sorted(_words("phone") | _words("other"), key=len, reverse=True)
    plain = "|".join(re.escape(word) for word in both if word[0].isascii())
    others = "|".join(re.escape(word) for word in both if not word[0].isascii())
    return re.compile(rf"(?<![a-z])(?:{plain})(?![a-z])|{others}")


def _said_before(before: str) -> str | None:
    """Return ``phone``, ``other`` or nothing: what the nearest word before a number says it is."""
    words = fold(before)
    last = None
    for each in _cue().finditer(words):
        last = each
    if last is None:
        return None
    if last[0] in _words("phone"):
        return "phone"
    return "other" if len(words) - last.end() <= _OTHER_BEFORE else None


def _said_after(after: str) -> str | None:
    """Return ``phone`` where the words behind a number say that it is one: "… is my mobile"."""
    found = _cue().search(fold(after))
    return "phone" if found and found[0] in _words("phone") else None
