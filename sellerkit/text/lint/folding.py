"""Folding that remembers where each letter stood, so that what is found has its place."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sellerkit.text.words import fold

#: A letter with all that is written upon it: accents, and the voicing marks of Japanese, which
#: fold into one with it.
_CLUSTER = re.compile(
    "(?P<space>\\s+)|(?P<plain>[\x21-\x7e]+(?: [\x21-\x7e]+)*(?![\u0300-\u036f]))"
    "|.[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*",
    re.DOTALL,
)

_SPACES = (" ", "\n")

_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True)
class Folded:
    """A folded text, and for each of its characters the place in the text that it came from.

    Attributes
    ----------
    text : str
        Without case and accents, single spaces; a line feed where two or more line breaks stood.
    starts : list of int
        For each piece that was folded by itself where it begins in `text`, ascending.
    spans : list of tuple of int
        For each piece the start and end in the original.
    """

    text: str
    starts: list[int]
    spans: list[tuple[int, int]]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of a place in the folded text (not an empty one)."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, at: int) -> tuple[int, int]:
        piece = bisect_right(self.starts, at) - 1
        first, last = self.spans[piece]
        following = self.starts[piece + 1] if piece + 1 < len(self.starts) else len(self.text)
        # a run of ASCII folds letter by letter
        if following - self.starts[piece] == last - first:
            inside = first + at - self.starts[piece]
            return inside, inside + 1
        return first, last


def fold_with_places(text: str) -> Folded:
    """Fold a text as `sellerkit.text.words.fold` does, and remember places.

    What shows nothing (zero-width spaces, soft hyphens, marks of direction) is left out, since
    words are hidden with it.
    """
    parts: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for found in _CLUSTER.finditer(text):
        piece = _folded(found)
        # nothing before the first word, and one space between two
        if piece and not (piece in _SPACES and (not parts or parts[-1] in _SPACES)):
            parts.append(piece)
            starts.append(length)
            spans.append(found.span())
            length += len(piece)
    if parts and parts[-1] in _SPACES:
        for each in (parts, starts, spans):
            each.pop()
    return Folded("".join(parts), starts, spans)


def _folded(found: re.Match[str]) -> str:
    if found["plain"]:
        return found["plain"].lower().replace("`", "'")
    if found["space"]:
        return "\n" if len(_BREAKS.findall(found["space"])) > 1 else " "
    cluster = found[0]
    if unicodedata.category(cluster[0]) in ("Cf", "Cc", "Mn"):
        return ""
    return fold(cluster)


#: What stands for whitespace, and of it what breaks a line.
_BLANK = r"[\s\x0b\x1c-\x1f\x{85}\p{Z}]"
_BREAK = r"(?:\r\n|[\n\r\x0b\x0c\x{85}\x{2028}\x{2029}])"

#: One after the other: quotes and dashes, what shows nothing, accents once parted, whitespace.
_SHAPED = (
    ("[\u2018\u2019\u00b4`]", "'"),
    ("[\u201c\u201d\u201e\u00ab\u00bb]", '"'),
    ("[\u2010-\u2015\u2212]", "-"),
    (r"[\p{Cf}\x00-\x08\x0e-\x1b\x7f]", ""),
)
_PARTED = (
    (r"[\x{300}-\x{36f}\x{1ab0}-\x{1aff}\x{1dc0}-\x{1dff}\x{20d0}-\x{20ff}]", ""),
    ("\u00df", "ss"),
)
_SPACED = (
    (f"{_BLANK}*{_BREAK}{_BLANK}*?{_BREAK}{_BLANK}*", "\0"),
    (f"{_BLANK}+", " "),
    ("\0", "\n"),
    ("^[ \n]+|[ \n]+$", ""),
)
_KANA = [(chr(code), chr(code - 0x60)) for code in range(0x30A1, 0x30F7)]


def folded_alike(cells: pa.Array) -> pa.Array:
    """Fold whole columns of texts at once, without places.

    Equal to what `fold_with_places` gives but for rare signs, so that few texts need be folded
    letter by letter: those in which something is found.
    """
    for pattern, sign in _SHAPED:
        cells = pc.replace_substring_regex(cells, pattern, sign)
    if not pc.all(pc.string_is_ascii(cells)).as_py():
        cells = pc.utf8_lower(pc.utf8_normalize(cells, form="NFKD"))
        for pattern, sign in _PARTED:
            cells = pc.replace_substring_regex(cells, pattern, sign)
        cells = pc.utf8_normalize(cells, form="NFC")
        if pc.any(pc.match_substring_regex(cells, "[\u30a1-\u30f6]")).as_py():
            for angular, rounded in _KANA:
                cells = pc.replace_substring(cells, angular, rounded)
    cells = pc.utf8_lower(cells)
    for pattern, sign in _SPACED:
        cells = pc.replace_substring_regex(cells, pattern, sign)
    return cells
