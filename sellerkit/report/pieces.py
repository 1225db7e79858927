"""A page cut into pieces, each with the words by which a reader would find it.

Nothing is lost: the pieces of a page, one after the other, are the page. So two pages whose pieces
are the same are the same byte for byte, and where they are not, the difference has a name.
"""

from __future__ import annotations

import base64
import difflib
import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_BLOCK = re.compile(r'<script type="application/json"[^>]*>(.*)</script>', re.DOTALL)

#: What stands before the report, in it before its first section, and after it.
_HEAD, _FIRST, _END = "Head of the page", "Headline figures", "End of the page"

#: A page of ours has a few thousand pieces; where more than so many differ they are one place.
_MOST = 20_000

#: Elements whose text names what follows: sections, cards, charts, rows, terms.
_NAMING = {"h1", "h2", "h3", "figcaption", "th", "dt", "summary", "caption"}


@dataclass(frozen=True)
class Piece:
    """A tag, a run of text or a whole script, and where it stands in a reader's words."""

    text: str
    section: str
    figure: str


@dataclass(frozen=True)
class Difference:
    """One place in which two pages are not the same.

    Attributes
    ----------
    section, figure : str
        The heading, and the nearest card, chart, row and column, or term.
    page, now : str
        What stands there on the page, and what stands there on the page made anew.
    """

    section: str
    figure: str
    page: str
    now: str


@dataclass
class _Place:
    """Where in a page the reading is."""

    section: str = _HEAD
    card: str = ""
    row: str = ""
    columns: list[str] = field(default_factory=list)
    cell: int = -1
    naming: str = ""
    words: str = ""
    in_head: bool = False

    @property
    def figure(self) -> str:
        column = self.columns[self.cell] if 0 <= self.cell < len(self.columns) else ""
        return ", ".join(part for part in (self.card, self.row, column) if part)

    def tag(self, piece: str) -> None:
        """Take up a tag: what begins, what ends, and so what follows."""
        self.words += " "
        name = _TAG.match(piece)
        tag = name[1].lower() if name else ""
        if piece.startswith("</"):
            self._end(tag)
            return
        if tag in ("section", "footer", "table", "figure", "details", "dl"):
            self.row, self.columns, self.cell = "", [], -1
        if tag in ("section", "footer", "main"):
            self.section, self.card = _FIRST if tag == "main" else "", ""
        if tag == "thead":
            self.in_head = True
        if tag == "tr":
            self.cell = -1
            self.row = ""
        if tag in ("td", "th") and not self.in_head:
            self.cell += 1
        if tag in _NAMING:
            self.naming, self.words = tag, ""

    def text(self, piece: str) -> None:
        """Take up text, which may be the name of something."""
        if self.naming:
            self.words += html.unescape(piece)

    def _end(self, tag: str) -> None:
        if tag == "thead":
            self.in_head = False
        if tag in ("section", "footer", "table", "figure"):
            self.row, self.columns, self.cell = "", [], -1
        if tag in ("section", "footer"):
            self.section, self.card = _END, ""
        if tag == self.naming or (tag == "b" and self.naming == "figcaption"):
            self._name(self.naming, " ".join(self.words.split()))
            self.naming = ""

    def _name(self, tag: str, words: str) -> None:
        if tag == "th" and self.in_head:
            self.columns.append(words)
        elif tag in ("th", "dt", "summary"):
            self.row = words
        elif tag == "h2" and not self.section:
            self.section = words
        elif words and tag != "h1":
            self.card, self.row = words, ""


def pieces(page: str) -> list[Piece]:
    """Cut a page into pieces, in order."""
    place, found = _Place(), []
    for text in _cut(page):
        is_tag = text.startswith("<") and text.endswith(">") and not text.startswith(_WHOLE)
        if is_tag:
            place.tag(text)
        found.append(Piece(text, place.section, place.figure))
        if not text.startswith("<"):
            place.text(text)
    return found


_WHOLE = ("<script", "<style")


def _cut(page: str) -> Iterator[str]:
    """Cut into tags, texts, and scripts and styles in one; in time that grows with the length.

    The page may be hostile: an end that is not found once is not looked for again.
    """
    ends = {"<script": "</script>", "<style": "</style>", "<": ">"}
    at = 0
    while at < len(page):
        end = -1
        if page[at] == "<":
            for begin in [name for name in ends if page.startswith(name, at)]:
                end = page.find(ends[begin], at)
                if end >= 0:
                    end += len(ends[begin])
                    break
                del ends[begin]
        if end < 0:
            found = page.find("<", at + 1)
            end = found if found >= 0 else len(page)
        yield page[at:end]
        at = end


def differences(page: str, now: str) -> list[Difference]:
    """List where a page is not the page made anew, each place by the words of the latter.

    Parameters
    ----------
    page : str
        As it was found; anybody may have written it, so no name is taken from it.
    now : str
        As it is made now.
    """
    if page == now:
        return []
    old, new = pieces(page), pieces(now)
    return list(_places(old, new))


def _places(old: list[Piece], new: list[Piece]) -> Iterator[Difference]:
    first = _alike(old, new)
    last = _alike(old[first:][::-1], new[first:][::-1])
    a, b = old[first : len(old) - last], new[first : len(new) - last]
    for kind, i, i_end, j, j_end in _steps(a, b):
        if kind == "equal":
            continue
        if i_end - i == j_end - j:
            for was, is_ in zip(a[i:i_end], b[j:j_end], strict=True):
                yield from _told(was.text, is_)
            continue
        near = new[min(first + j, len(new) - 1)]
        texts = ("".join(p.text for p in part) for part in (a[i:i_end], b[j:j_end]))
        yield Difference(near.section, near.figure, *(_shown(text) for text in texts))


def _steps(a: list[Piece], b: list[Piece]) -> Sequence[tuple[str, int, int, int, int]]:
    if len(a) == len(b) or max(len(a), len(b)) > _MOST:
        return [("replace", 0, len(a), 0, len(b))]
    old, new = ([piece.text for piece in part] for part in (a, b))
    return difflib.SequenceMatcher(None, old, new).get_opcodes()


def _alike(one: list[Piece], other: list[Piece]) -> int:
    """Return how many pieces are the same from the start."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a.text != b.text:
            break
        count += 1
    return count


def _told(was: str, now: Piece) -> Iterator[Difference]:
    """Name the difference of two pieces in one place; of a chart the value of its data."""
    if was == now.text:
        return
    chart = _BLOCK.fullmatch(now.text)
    if not chart:
        name = "the page’s own script" if now.text.startswith("<script") else ""
        name = "the page’s style" if now.text.startswith("<style") else name
        old, new = _around(was, now.text)
        yield Difference(now.section, name or now.figure, old, new)
        return
    found = list(_in_data(_parsed(was), json.loads(chart[1])))
    for path, old_value, new_value in found[:200]:
        figure = ", ".join(part for part in (now.figure, f"chart data {path}") if part)
        if 'id="sellerkit-run"' in now.text:
            figure = f"data block {path}"
        yield Difference(now.section, figure, *_around(old_value, new_value))
    if not found:
        yield Difference(now.section, now.figure or "data block", *_around(was, now.text))


def _parsed(script: str) -> Any:
    found = _BLOCK.fullmatch(script)
    try:
        return json.loads(found[1]) if found else None
    except (ValueError, RecursionError):
        return None


_ABSENT = object()

#: The types of numbers that plotly packs.
_PACKED = ("i1", "i2", "i4", "u1", "u2", "u4", "f4", "f8")


def _in_data(was: Any, now: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield where two nests of values differ: the path, and what stands there in each."""
    was, now = _numbers(was), _numbers(now)
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            inner = f"{path}.{key}" if path else key
            yield from _in_data(was.get(key, _ABSENT), now.get(key, _ABSENT), inner)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for place, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _in_data(one, other, f"{path}[{place}]")
    elif _word(was) != _word(now):  # as words, since a number that is none equals nothing
        yield path, _word(was), _word(now)


def _numbers(value: Any) -> Any:
    """Return the numbers that plotly packs as bytes, else the value itself.

    Those of a table, which has a shape, are a list with that shape beside it.
    """
    if isinstance(value, dict) and set(value) == {"dtype", "bdata", "shape"}:
        shape = value["shape"]
        numbers = _numbers({name: value[name] for name in ("dtype", "bdata")})
        return value if isinstance(numbers, dict) else {"numbers": numbers, "shape": shape}
    if not isinstance(value, dict) or set(value) != {"dtype", "bdata"}:
        return value
    if value["dtype"] not in _PACKED:
        return value
    try:
        packed = base64.b64decode(value["bdata"], validate=True)
        return np.frombuffer(packed, dtype=value["dtype"]).tolist()
    except (ValueError, TypeError):
        return value


def _word(value: Any) -> str:
    return "not there" if value is _ABSENT else json.dumps(value, ensure_ascii=False)


def _around(was: str, now: str, width: int = 30) -> tuple[str, str]:
    """Return the part of two texts in which they differ, with a little of what stands around."""
    if max(len(was), len(now)) <= 2 * width:
        return _shown(was), _shown(now)
    first = next((n for n, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), 0)
    if was.startswith(now) or now.startswith(was):
        first = min(len(was), len(now))
    start = max(first - width // 2, 0)
    return _shown(was[start : first + width]), _shown(now[start : first + width])


def _shown(text: str, most: int = 120) -> str:
    words = " ".join(html.unescape(text).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
