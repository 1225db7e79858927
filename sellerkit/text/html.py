"""HTML of mails as plain text.

The standard library's parser needs minutes for half a megabyte of ``<a href='`` (Python 3.11), and
strangers write these mails; so tags are found here by a pattern that is linear in the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

#: A tag, with ``>`` allowed inside quotes where they are closed before the next ``<``.
_TAG = re.compile(
    r"""(<[a-zA-Z/!?](?:[^<>"']++|"[^"<]*"|'[^'<]*')*+>|<[a-zA-Z/!?][^<>]*+>)""",
)
_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_HIDDEN = frozenset({"script", "style", "head", "title", "template"})
_BREAKS = frozenset(
    {"br", "p", "div", "tr", "table", "li", "ul", "ol", "pre", "blockquote", "hr", "body"}
    | {f"h{level}" for level in range(1, 7)}
)
_CELLS = frozenset({"td", "th"})
_PRE = re.compile(r"<pre\b[^<>]*-o-pre-wrap[^<>]*>", re.IGNORECASE)
_PRE_END = re.compile(r"</pre\s*>", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_text(markup: str) -> str:
    """Return the text of an HTML mail; what a ``blockquote`` holds gets ``>`` before its lines."""
    lines: list[str] = []
    line: list[str] = []
    depth = 0
    for text, name, closing in _visible(_without_comments(markup)):
        line.append(_SPACES.sub(" ", text))
        if name in _CELLS:
            line.append(" ")
        elif name in _BREAKS:
            lines.append(_quoted("".join(line), depth))
            line = []
        if name == "blockquote":
            depth = max(depth + (-1 if closing else 1), 0)
    lines.append(_quoted("".join(line), depth))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def amazon_text(markup: str) -> str | None:
    """Return the buyer's words in Amazon's HTML: its first ``pre`` that wraps; None without one."""
    start = _PRE.search(markup)
    if not start:
        return None
    end = _PRE_END.search(markup, start.end())
    inner = markup[start.end() : end.start() if end else len(markup)]
    pieces = (text + "\n" * (name == "br") for text, name, _ in _visible(inner))
    return "".join(pieces).strip() or None


def _quoted(line: str, depth: int) -> str:
    text = _SPACES.sub(" ", line).strip()
    return "> " * min(depth, 5) + text if text else ""


def _without_comments(markup: str) -> str:
    """Return the markup without comments; one that is never closed hides the rest."""
    first, *rest = markup.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in rest)


def _visible(markup: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (text, name of the tag after it, whether that closes), hidden elements left out."""
    pieces = _TAG.split(markup)
    hidden = ""
    for text, tag in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        found = _NAME.match(tag)
        closing, name = (bool(found[1]), found[2].lower()) if found else (False, "")
        yield "" if hidden else html.unescape(text), "" if hidden else name, closing
        if hidden and (name == "body" or (closing and name == hidden)):
            hidden = ""
        elif not hidden and not closing and name in _HIDDEN:
            hidden = name
