"""Phrases that break a rule, looked for in whole columns of texts, with their places.

A language's file has names (``<review>``), and for each rule the phrases that break it, the words
one of which such a text must have (``has``: what is asked first, of the text as it stands), those
that make the sentence an innocent one (``unless``), and those that, wherever they stand, make the
whole text one (``anywhere``); what no such words excuse stands under ``always``. Phrases are RE2's,
folded like the texts.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sellerkit.text.lint.folding import Folded
from sellerkit.text.lint.rules import load
from sellerkit.text.words import fold

#: How often one text is looked through again after an innocent sentence.
_ROUNDS = 12

#: From so many texts on phrases are looked for one by one.
_MANY = 200

#: The stores where a language is spoken.
_SPOKEN = {
    "de": ("DE", "AT", "BE"),
    "es": ("ES", "MX"),
    "fr": ("FR", "BE", "CA"),
    "it": ("IT",),
    "ja": ("JP",),
    "nl": ("NL", "BE"),
}

_SENTENCE = "[^.?!。\n]"
_ENDS = re.compile("[.?!。\n]")

_SHORTHAND = {
    # what is left of the sentence
    "~": f"{_SENTENCE}*?",
    # up to five words of it
    "#": "(?: [^ ,.;:?!\n]+){0,5} ?",
    # the sentence's end and up to two more
    "&": f"{_SENTENCE}*?(?:[.?!。\n]+{_SENTENCE}*?){{0,2}}",
}


class Words(NamedTuple):
    """One rule's patterns in one language."""

    has: str
    breaks: tuple[str, ...]
    unless: str
    anywhere: str
    always: tuple[str, ...]


@functools.cache
def languages() -> tuple[str, ...]:
    """Return the languages that there are phrases for."""
    folder = files(__package__).joinpath("words")
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir()))


@functools.cache
def words(kind: str) -> dict[str, Words]:
    """Return the patterns of one kind of phrase by language; a language may lack them."""
    found = {}
    for code in languages():
        table = load(f"words/{code}.toml")
        if kind in table:
            found[code] = _compiled(table[kind], table["names"], table["innocent"])
    return found


def _compiled(table: dict[str, Any], names: dict[str, str], innocent: list[str]) -> Words:
    unless = [*table.get("unless", []), *(innocent if table.get("innocent", True) else [])]
    return Words(
        "(?i)" + "|".join(table["has"]),
        tuple(_alternation([each], names) for each in table["breaks"]),
        _alternation(unless, names) if unless else "",
        _alternation(table["anywhere"], names) if "anywhere" in table else "",
        tuple(_alternation([each], names) for each in table.get("always", [])),
    )


def _alternation(phrases: list[str], names: dict[str, str]) -> str:
    spelled = [_spelled_out(phrase, names) for phrase in phrases]
    # of Japanese, words have no edges
    return "|".join(rf"\b(?:{p})" if re.match(r"[(?:]*[a-z]", p) else f"(?:{p})" for p in spelled)


def _spelled_out(phrase: str, names: dict[str, str]) -> str:
    for _ in range(2):
        phrase = re.sub(r"<(\w+)>", lambda name: f"(?:{names[name[1]]})", phrase)
    # a line feed is no mere space here: it parts paragraphs
    folded = fold(phrase.replace("\n", "\0")).replace("\0", "\n")
    for sign, meant in _SHORTHAND.items():
        folded = folded.replace(sign, meant)
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", folded)


def searched_in(written_in: pd.Series, stores: pd.Series) -> dict[str, np.ndarray]:
    """Return for each language which texts are searched in it.

    Its own, and English in all. Where the store does not speak its own, what it speaks as well: the
    language of a few words is easily mistaken. Where its own is not known, every one.
    """
    own, store = (each.astype("str").to_numpy(object) for each in (written_in, stores))
    unknown = ~written_in.isin(list(languages())).to_numpy(bool)
    spoken = {code: np.isin(store, _SPOKEN.get(code, ())) for code in languages()}
    at_home = np.zeros(len(own), dtype=bool)
    for code, here in spoken.items():
        at_home |= here & (own == code)
    return {
        code: (own == code) | unknown | (code == "en") | (spoken[code] & ~at_home)
        for code in languages()
    }


def first_places(
    texts: list[Folded], found_in: np.ndarray, patterns: Words
) -> dict[int, tuple[int, int]]:
    """Return for each text the first place (in the folded text) that breaks the rule, if any.

    Parameters
    ----------
    texts : list of Folded
    found_in : np.ndarray
        Positions in `texts` of those to look through.
    patterns : Words

    Returns
    -------
    dict of int to tuple of int
        By position.
    """
    places: dict[int, tuple[int, int]] = {}
    asked = [int(row) for row in _not_innocent(texts, found_in, patterns.anywhere)]
    left = dict.fromkeys(asked, 0)
    for _ in range(_ROUNDS):
        cells = [(row, texts[row].text, start) for row, start in left.items()]
        hits = _hits(cells, patterns.breaks)
        guilty = _guilty(hits, texts, patterns.unless)
        left = {}
        for (row, start, end), is_guilty in zip(hits, guilty, strict=True):
            if is_guilty:
                places[row] = (start, end)
            else:
                left[row] = _sentence(texts[row].text, start, end)[1]
        if not left:
            break
    if patterns.always:
        rest = [(row, texts[row].text, 0) for row in asked if row not in places]
        places |= {row: (start, end) for row, start, end in _hits(rest, patterns.always)}
    return places


def may_break(cells: pa.Array, patterns: Words) -> np.ndarray:
    """Tell which folded texts have any of the phrases at all."""
    found = np.zeros(len(cells), dtype=bool)
    for way in _parts(patterns.breaks + patterns.always, len(cells)):
        found |= holds(cells, way)
    return found


def _parts(ways: tuple[str, ...], texts: int) -> tuple[str, ...]:
    """Return phrases to be looked for one after the other in so many texts.

    All in one have more states than RE2 keeps, and take ten times as long; in few texts it is the
    compiling that takes long.
    """
    return ways if texts > _MANY else ("|".join(ways),) if texts else ()


def _not_innocent(texts: list[Folded], found_in: np.ndarray, anywhere: str) -> np.ndarray:
    """Leave out the texts that have a phrase which makes all of them innocent."""
    if not anywhere or not len(found_in):
        return found_in
    cells = pa.array([texts[row].text for row in found_in], type=pa.large_string())
    return found_in[~holds(cells, anywhere)]


def _hits(asked: list[tuple[int, str, int]], ways: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """Return row, start and end of the first match of each text at or after an offset."""
    cells = pa.array([text[start:] for _, text, start in asked], type=pa.large_string())
    first: dict[int, tuple[int, str]] = {}
    for way in _parts(ways, len(cells)):
        at = np.asarray(pc.find_substring_regex(cells, way))
        hit = np.flatnonzero(at >= 0)
        matched = pc.extract_regex(cells.take(pa.array(hit)), f"(?P<all>{way})")
        for place, said in zip(hit.tolist(), matched.field("all").to_pylist(), strict=True):
            if said and (place not in first or at[place] < first[place][0]):
                first[place] = (int(at[place]), said)
    found = []
    for place, (at_byte, said) in sorted(first.items()):
        row, text, offset = asked[place]
        # Arrow counts bytes
        start = offset + len(text[offset:].encode()[:at_byte].decode())
        found.append((row, start, start + len(said)))
    return found


def _guilty(hits: list[tuple[int, int, int]], texts: list[Folded], unless: str) -> np.ndarray:
    """Tell which of the matches stand in no sentence that makes them innocent."""
    if not unless or not hits:
        return np.ones(len(hits), dtype=bool)
    around = []
    for row, start, end in hits:
        first, last = _sentence(texts[row].text, start, end)
        around.append(texts[row].text[first:last])
    found = pc.match_substring_regex(pa.array(around, type=pa.large_string()), unless)
    return ~np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence begins in which a place begins, and where the last one ends."""
    before = [each.end() for each in _ENDS.finditer(text, max(0, start - 400), start)]
    after = _ENDS.search(text, end)
    return (before[-1] if before else max(0, start - 400)), (after.end() if after else len(text))


def holds(cells: pa.Array, pattern: str) -> np.ndarray:
    """Tell for each text (as it stands) whether a pattern matches in it; a null one does not."""
    found = pc.match_substring_regex(cells, pattern).fill_null(False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)
