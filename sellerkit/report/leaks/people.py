"""Who a buyer is, as far as texts tell: names, mail addresses and postal addresses in them."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Set
from importlib.resources import files

from sellerkit.report.leaks.words import fold

#: A name has two words at the least: one alone is a word of the language too often.
NAME_LENGTHS = (2, 3, 4)

_WORD = re.compile(r"[^\W_]+")

_MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,128}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")

RELAY = "@marketplace.amazon."

#: Words of an id that are looked at.
_LONGEST = 8

#: A last line of two to four words and nothing else.
_LAST_LINE = re.compile(r"[\r\n][ \t]*((?:[^\W\d_]+[ .'’-]{1,2}){1,3}[^\W\d_]+)[.\s]*\Z")
_LONGEST_LINE = 160

#: What may stand between the words of a name, and what before the first.
_BETWEEN = re.compile(r"[ \t.'’-]{1,2}")
_BEFORE = re.compile(r"[\s,.!:–-]{1,6}")


#: Shorter ids are found by accident, in a count or a date. Numbers have to be longer still.
_SHORTEST_ID, _SHORTEST_NUMBER = 6, 8


def telling(buyer_id: str) -> bool:
    """Tell whether a buyer's id is long enough not to be met by accident."""
    return len(buyer_id) >= (_SHORTEST_NUMBER if buyer_id.isdigit() else _SHORTEST_ID)


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded."""
    return tuple(_WORD.findall(fold(text)))


@functools.cache
def _patterns() -> tuple[Set[str], re.Pattern[str]]:
    told = tomllib.loads(files("sellerkit.report.leaks").joinpath("leaks.toml").read_text("utf-8"))
    words = frozenset(fold(word) for word in told["before_names"])
    return words, re.compile("|".join(f"(?:{each})" for each in told["addresses"]), re.IGNORECASE)


def before_names() -> list[str]:
    """Return the words right after which a name may stand, folded."""
    return sorted(_patterns()[0])


def names_in(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the names that a text tells, folded: capitalised words after a greeting and the like.

    And the last line, where it is nothing else. Of ``Regards, Anna Maria Lee`` both ``anna maria``
    and ``anna maria lee``: where a name ends is not known.
    """
    ends = _LAST_LINE.search(text[-_LONGEST_LINE:])
    if ends and all(word[0].isupper() for word in _WORD.findall(ends[1])):
        yield words(ends[1])
    found = list(_WORD.finditer(text))
    for place, word in enumerate(found):
        if fold(word[0]) not in _patterns()[0]:
            continue
        name: list[str] = []
        gap, end = _BEFORE, word.end()
        for each in found[place + 1 : place + 1 + NAME_LENGTHS[-1]]:
            if not (gap.fullmatch(text, end, each.start()) and each[0][0].isupper()):
                break
            name.append(fold(each[0]))
            gap, end = _BETWEEN, each.end()
            if len(name) >= NAME_LENGTHS[0]:
                yield tuple(name)


def mail_addresses(text: str) -> list[str]:
    """Return the mail addresses in a text."""
    return _MAIL.findall(text) if "@" in text else []


def postal_addresses(text: str) -> list[str]:
    """Return what in a text looks like a street with its number, or a postcode with its place."""
    return [found[0] for found in _patterns()[1].finditer(text)]


def mask(text: str, known: Set[tuple[str, ...]]) -> str:
    """Take out of a text who its writer is.

    Parameters
    ----------
    text : str
    known : set of tuple of str
        Names and buyer ids as runs of folded words, as `names_in` gives them.

    Returns
    -------
    str
        With ``[address]`` in the place of mail and postal addresses, ``[name]`` in that of names.
    """
    text = _patterns()[1].sub("[address]", _MAIL.sub("[address]", text))
    found = list(_WORD.finditer(text))
    folded = [fold(word[0]) for word in found]
    cuts: list[tuple[int, int]] = []
    own = known | set(names_in(text))
    place = 0
    while place < len(found):
        most = min(_LONGEST, len(found) - place)
        fits = [n for n in range(1, most + 1) if tuple(folded[place : place + n]) in own]
        if fits:
            cuts.append((found[place].start(), found[place + fits[-1] - 1].end()))
        place += fits[-1] if fits else 1
    for start, end in reversed(cuts):
        text = f"{text[:start]}[name]{text[end:]}"
    return text
