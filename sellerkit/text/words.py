"""Lists of phrases per language (TOML), compiled once and looked for in many texts at a time.

Text and phrases are folded alike before they meet: case, accents, the many shapes of quotes,
dashes and spaces. A phrase is a regular expression of RE2, so none can take more than linear time
on a hostile text. There a word's edge is one of ASCII letters, which folded texts have.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

#: A mail is known by its first words; a ten-megabyte one is not searched to its end.
SEARCHED = 6000

#: The language of fewer letters is told too unsurely to search in no other.
_TOO_SHORT = 20

#: A short text of the second is often taken for the first, so it is searched in both.
_TAKEN_FOR = {"pt": "es"}

_SHAPES = {
    "’": "'",
    "‘": "'",
    "´": "'",
    "`": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
} | dict.fromkeys("‐‑‒–—―−", "-")
_SHAPE = re.compile(f"[{''.join(_SHAPES)}]")

#: Japanese voicing marks stay: they part one word from another ("but" from the question's mark).
_VOICING = "\u3099\u309a"

#: Accents, once they are parted from their letters.
_COMBINING = re.compile(
    "["
    + "".join(c for c in map(chr, range(0x10000)) if unicodedata.combining(c) and c not in _VOICING)
    + "]+"
)

#: Some type all their Japanese in one of its two alphabets: the angular one is read as the round.
_HIRAGANA = {n: n - 0x60 for n in range(0x30A1, 0x30F7)}
_KATAKANA = re.compile("[ァ-ヶ]+")


@functools.cache
def load(name: str) -> dict[str, Any]:
    """Return one of this package's TOML files."""
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


def fold(text: str) -> str:
    """Return a text without case and accents, with plain quotes and dashes and single spaces.

    Of Japanese, one alphabet is left (hiragana), and its voicing marks.
    """
    if not text.isascii():
        # str.translate looks every single character up; these are few
        text = _SHAPE.sub(lambda sign: _SHAPES[sign[0]], text)
        text = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFC", text)
        text = _KATAKANA.sub(lambda word: word[0].translate(_HIRAGANA), text)
    return " ".join(text.casefold().split())


def folded(texts: pd.Series) -> pd.Series:
    """Return the beginnings of many texts folded; a missing one is empty."""
    values = [fold(text[:SEARCHED]) if isinstance(text, str) else "" for text in texts]
    return pd.Series(values, index=texts.index, dtype="str")


def alternation(phrases: list[str]) -> str:
    r"""Return one pattern for any of the phrases, as whole words (Japanese has no word edges).

    Phrases are folded, so an upper-case class such as ``\S`` cannot be used in one. ``~`` stands
    for whatever is left of the sentence, ``%`` for up to five words of it.
    """
    plain = [re.sub(r"(?<!\\)\((?!\?)", "(?:", _spelled_out(fold(phrase))) for phrase in phrases]
    return "|".join(
        rf"\b(?:{p})" if re.match(r"(?:\((?:\?:)?)*[a-z]", p) else f"(?:{p})" for p in plain
    )


def _spelled_out(phrase: str) -> str:
    return phrase.replace("~", "[^.?!。]*").replace("%", "(?: [^ ,.;:?!]+){0,5} ?")


@functools.cache
def patterns(name: str, what: str) -> dict[str, str]:
    """Return the alternation of one kind of phrase (``return``) for each language.

    The phrases are tables of a file (``calls.toml``), or the files of a folder (``phrases``).
    """
    tables = words_of(name)
    return {code: alternation(table[what]) for code, table in tables.items() if what in table}


@functools.cache
def words_of(name: str) -> dict[str, dict[str, list[str]]]:
    """Return the phrases of a file or a folder, by language and kind."""
    if name.endswith(".toml"):
        tables: dict[str, dict[str, list[str]]] = load(name)["words"]
        return tables
    found = sorted(each.name for each in files(__package__).joinpath(name).iterdir())
    return {file.removesuffix(".toml"): load(f"{name}/{file}") for file in found}


def says(texts: pd.Series, languages: pd.Series, name: str, what: str) -> pd.Series:
    """Tell for each folded text whether it has a phrase of that kind.

    A text is searched in its own language, in the one that is taken for it, and in English, the
    sellers' second one; in every language where its own is not known or the text too short to tell.
    """
    cells = pa.array(texts, type=pa.large_string(), from_pandas=True)
    written_in = languages.astype("str").to_numpy(object)
    by_language = patterns(name, what)
    unknown = ~languages.isin(list(by_language)).to_numpy(bool)
    unknown |= (texts.str.len() < _TOO_SHORT).to_numpy(bool)
    near = languages.map(_TAKEN_FOR).astype("str").to_numpy(object)
    found = np.zeros(len(texts), dtype=bool)
    for code, pattern in by_language.items():
        # whole columns of pandas would take longer than the search itself
        own = (written_in == code) | (near == code) | (code == "en")
        here = np.flatnonzero(~found & (unknown | own))
        if len(here):
            found[here] = _matches(cells.take(pa.array(here)), pattern)
    return pd.Series(found, index=texts.index)


def holds(texts: pd.Series, pattern: str) -> np.ndarray:
    """Tell for each text whether a pattern matches in it.

    Arrow is asked itself: pandas takes Python's engine for patterns that it deems special.
    """
    return _matches(pa.array(texts, type=pa.large_string(), from_pandas=True), pattern)


def _matches(cells: pa.Array, pattern: str) -> np.ndarray:
    found = pc.match_substring_regex(cells, pattern).fill_null(False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def replaced(texts: pd.Series, pattern: str, word: str) -> pd.Series:
    """Return texts with a word in place of whatever a pattern matches."""
    cells = pa.array(texts, type=pa.large_string(), from_pandas=True)
    found = pc.replace_substring_regex(cells, pattern, f" {word} ")
    found = pc.utf8_trim_whitespace(pc.replace_substring_regex(found, " {2,}", " "))
    return pd.Series(found.to_pylist(), index=texts.index, dtype="str")
