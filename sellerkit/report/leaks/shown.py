"""A finished page as a reader, or a program, gets its words: escapes undone, tags gone."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

#: Tags that part words on the screen. Others, as <b>, stand inside a word too.
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|body|br|button|caption|d[dlt]|desc|details|div|figcaption|"
    r"figure|footer|form|h[1-6r]|head|header|html|input|li|link|main|meta|nav|ol|option|p|pre|"
    r"script|section|style|summary|svg|table|tbody|t[dhr]|text|textarea|tfoot|thead|title|tspan|ul"
)

_TAG = re.compile(r"<[^<>]{0,400}>")
_JSON_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrtbf\"\\/]))")

#: How often escapes are undone: HTML in JSON in HTML, and once more.
_DEPTH = 3


@dataclass
class Shown:
    """All texts of a page in its order, each with the section in which it stands.

    Attributes
    ----------
    read : list of (str, str)
        What is read: section and text, cut only where a tag parts words.
    apart : list of (str, str)
        The same cut at every tag.
    beside : list of (str, str)
        Attributes, comments, charts and data.
    """

    read: list[tuple[str, str]] = field(default_factory=list)
    apart: list[tuple[str, str]] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)

    @property
    def streams(self) -> tuple[list[tuple[str, str]], ...]:
        """The three ways in which the page is looked through."""
        return self.read, self.apart, self.beside


def read_shown(page: str, *, without: Iterable[str] = ()) -> Shown:
    """Read a finished page.

    Parameters
    ----------
    page : str
        HTML.
    without : iterable of str
        Scripts of the house, which hold nobody's words; they are left out where they stand
        unchanged.
    """
    for script in without:
        page = page.replace(script, "")
    reader = _Reader()
    reader.feed(page)
    reader.close()
    reader.end()
    return reader.shown


class _Reader(HTMLParser):
    """Gathers texts; a section begins with its element and is called by its id."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown = Shown()
        self._section = "the head of the page"
        self._run: list[str] = []
        self._script: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("section", "footer"):
            self.end_run()
            self._section = f"section {dict(attrs).get('id') or 'without a name'}"
        if _BLOCKS.fullmatch(tag):
            self.end_run()
        if tag == "script":
            self._script = []
        for name, value in attrs:
            self._beside(name if value is None else value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._end_script()
        if _BLOCKS.fullmatch(tag):
            self.end_run()
        if tag in ("section", "footer"):
            self._section = "the rest of the page"

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
            return
        self.shown.apart.append((self._section, list(_undone(data))[-1]))
        self._run.append(data)

    def handle_comment(self, data: str) -> None:
        self._beside(data)

    def handle_decl(self, decl: str) -> None:
        self._beside(decl)

    def unknown_decl(self, data: str) -> None:
        self._beside(data)

    def handle_pi(self, data: str) -> None:
        self._beside(data)

    def end(self) -> None:
        """End what the page left open: the parser keeps what stands in a script without an end."""
        if self.rawdata:
            self.handle_data(self.rawdata)
        self._end_script()
        self.end_run()

    def _end_script(self) -> None:
        if self._script is not None:
            self._scripted("".join(self._script))
        self._script = None

    def end_run(self) -> None:
        """End a text that tags do not part."""
        if self._run:
            *escaped, text = _undone("".join(self._run))
            self.shown.read.append((self._section, text))
            self.shown.beside += [(self._section, each) for each in escaped]
        self._run = []

    def _beside(self, text: str) -> None:
        self.shown.beside += [(self._section, each) for each in _undone(text)]

    def _scripted(self, text: str) -> None:
        try:
            strings = list(_strings(json.loads(text)))
        except (ValueError, RecursionError):
            strings = [text]
        for each in strings:
            self._beside(each)


def _strings(value: Any) -> Iterator[str]:
    """Yield the strings of a JSON value, names of its objects among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _undone(text: str) -> Iterator[str]:
    """Yield a text, and what it says once more when escapes and tags in it are undone."""
    yield text
    for _ in range(_DEPTH):
        plain = _JSON_ESCAPE.sub(_character, html.unescape(text))
        if "%" in plain:
            plain = unquote(plain)
        if "<" in plain:
            yield _TAG.sub("", plain)
            plain = _TAG.sub(" ", plain)
        if plain == text:
            return
        yield plain
        text = plain


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else {"\\": "\\", '"': '"'}.get(escape[2], " ")
