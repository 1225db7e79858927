"""Texts as numbers: each word a 64-bit hash, so that runs of words are compared by the million.

Two texts that a reader would call the same give the same words: letters are folded (NFKC and
case), marks that nobody sees are dropped, and whatever is no letter and no digit parts words. In
scripts without blanks between words each letter is a word.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_PARTS, _WORD, _ALONE = range(3)

#: Marks without an own look: soft hyphens, joiners, marks of direction, selectors of variants.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)

#: Han, Kana, Thai, Lao, Khmer and Burmese put no blank between words.
_NO_BLANKS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x30FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip

_ODD = np.uint64(0x9E3779B97F4A7C15)
_ODD_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))
_OF_RUNS = np.uint64(0xD1342543DE82EF95)


def fold(text: str) -> str:
    """Return a text as it is compared: without unseen marks, NFKC, case folded."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()


@dataclass(frozen=True)
class Words:
    """The words of some texts, one after the other.

    Attributes
    ----------
    hashes : array of uint64
    lettered : array of bool
        Whether it begins with a letter: what is made of numbers alone occurs by accident.
    texts : array of int
        To which of the texts each belongs.
    """

    hashes: Hashes
    lettered: Flags
    texts: Places

    @classmethod
    def of(cls, texts: Sequence[str]) -> Words:
        """Split texts into words."""
        folded = [fold(text) for text in texts]
        codes = np.frombuffer(f"{' '.join(folded)} ".encode("utf-32-le", "surrogatepass"), "<u4")
        starts, ends = _bounds(_kinds()[codes])
        told = _powers(len(codes) + 1)
        sums = np.concatenate(
            [np.zeros(1, np.uint64), np.cumsum((codes + np.uint64(1)) * told[0, :-1])]
        )
        hashes = _mixed((sums[ends] - sums[starts]) * told[1, starts])
        lengths = np.fromiter(map(len, folded), np.int64, len(folded)) + 1
        owners = np.searchsorted(np.cumsum(lengths), starts, side="right")
        return cls(hashes, _letters()[codes[starts]], owners)

    def runs(self, length: int) -> Hashes:
        """Return the hash of each run of so many words, by the word at which it begins."""
        count = max(0, len(self.hashes) - length + 1)
        found = np.full(count, np.uint64(length))
        for place in range(length):
            found = found * _OF_RUNS + self.hashes[place : place + count]
        return _mixed(found)

    def within(self, length: int) -> Flags:
        """Tell of each run whether it lies in one text."""
        count = max(0, len(self.hashes) - length + 1)
        return self.texts[:count] == self.texts[length - 1 : length - 1 + count]

    def lettered_in(self, length: int) -> Places:
        """Return how many of the words of each run begin with a letter."""
        sums = np.concatenate([[0], np.cumsum(self.lettered)])
        return sums[length:] - sums[:-length] if len(sums) > length else np.zeros(0, np.int64)


class Lookup:
    """A set of hashes that tells quickly which of millions are in it."""

    def __init__(self, hashes: Hashes) -> None:
        self._sorted = np.unique(hashes)
        self._bits = np.zeros(1 << 20, np.bool_)
        self._bits[self._sorted >> np.uint64(44)] = True

    def places(self, hashes: Hashes) -> Places:
        """Return at which places a hash of the set stands."""
        likely = np.flatnonzero(self._bits[hashes >> np.uint64(44)])
        if not len(likely):
            return likely
        near = np.searchsorted(self._sorted, hashes[likely])
        near[near == len(self._sorted)] = 0
        return likely[self._sorted[near] == hashes[likely]]


def _bounds(kinds: npt.NDArray[np.uint8]) -> tuple[Places, Places]:
    """Return where each word begins, and where it has ended. The last letter parts words."""
    word = kinds == _WORD
    before = np.concatenate([[False], word[:-1]])
    starts = np.flatnonzero((word & ~before) | (kinds == _ALONE))
    after = np.concatenate([word[1:], [False]])
    ends = np.flatnonzero((word & ~after) | (kinds == _ALONE)) + 1
    return starts, ends


def _mixed(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ (hashes >> np.uint64(32))) * _ODD
    return hashes ^ (hashes >> np.uint64(29))


def _powers(length: int) -> npt.NDArray[np.uint64]:
    """Return the powers of an odd number, and of its inverse modulo 2⁶⁴."""
    return _all_powers(1 << max(20, (length - 1).bit_length()))[:, :length]


@functools.lru_cache(maxsize=2)
def _all_powers(length: int) -> npt.NDArray[np.uint64]:
    found = np.ones((2, length), np.uint64)
    found[0, 1:], found[1, 1:] = _ODD, _ODD_INVERSE
    return np.cumprod(found, axis=1, dtype=np.uint64)


@functools.cache
def _kinds() -> npt.NDArray[np.uint8]:
    """Return of each code point whether it parts words, belongs to one, or is one."""
    kinds = _letters().astype(np.uint8) * _WORD
    for first, last in _NO_BLANKS:
        span = kinds[first : last + 1]
        span[span == _WORD] = _ALONE
    digits = [point for point in range(0x3000) if chr(point).isdigit()]
    kinds[digits] = _WORD
    return kinds


#: Where Unicode has letters and marks: what lies between is not assigned, or for private use.
_PLANES = ((0, 0x40000), (0xE0000, 0xE1000))


@functools.cache
def _letters() -> Flags:
    letters = np.zeros(0x110000, np.bool_)
    for first, end in _PLANES:
        # vowels and accents that are signs of their own (M…) belong to the word as letters do
        letters[first:end] = [
            unicodedata.category(chr(point))[0] in "LM" for point in range(first, end)
        ]
    return letters
