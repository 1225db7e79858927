"""Where the objects of a JSON file stand in it, so that one can be cut out byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


def line_at(data: bytes, line: int) -> tuple[bytes, str] | None:
    """Return a line of a file that has a JSON document on each."""
    lines = data.split(b"\n")
    filled = list(islice((each for each in lines if each.strip()), 2))
    if len(filled) < 2 or not 0 < line <= len(lines) or _laid_out(filled[0]) is None:
        return None
    shown = _laid_out(lines[line - 1])
    return (lines[line - 1], shown) if shown is not None else None


def _laid_out(data: bytes) -> str | None:
    """Return JSON laid out to be read; null where it is none."""
    try:
        text = json.dumps(json.loads(data.decode("utf-8-sig")), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return None
    # half a surrogate pair is no character, and nothing could show it
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def object_at(data: bytes, index: int, holders: tuple[str, ...]) -> tuple[bytes, str] | None:
    """Return an object of a JSON file by its index, as it stands and laid out."""
    try:
        text = data.decode("utf-8-sig")
        start, end = next(islice(_spans(text, holders), max(index, 0), None))
    except (ValueError, RecursionError, StopIteration, IndexError):
        return None
    exact = text[start:end].encode("utf-8")
    shown = _laid_out(exact)
    return (exact, shown) if shown is not None and index >= 0 else None


def _spans(text: str, holders: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield where each object of a JSON file stands.

    A file is an answer, a list of them, or has one a line; what an answer holds is in the list
    that stands under its keys, ``{"payload": {"Orders": […]}}``, or else it is itself the object.
    """
    at = _skip(text, 0)
    while at < len(text):
        _, end = _DECODER.raw_decode(text, at)
        for answer, its_end in _members(text, at) if text[at] == "[" else ((at, end),):
            inner = _innermost(text, answer, holders)
            if text[inner] == "[":
                yield from _members(text, inner)
            elif inner == answer:
                yield answer, its_end
            else:
                yield inner, _DECODER.raw_decode(text, inner)[1]
        at = _skip(text, end)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _members(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield where the members of a list stand."""
    at = _skip(text, start + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _innermost(text: str, at: int, holders: tuple[str, ...]) -> int:
    """Return where the list or object stands that an answer holds under its keys, in order."""
    for name in holders:
        held = dict(_fields(text, at)).get(name) if text[at] == "{" else None
        at = held if held is not None and text[held] in "[{" else at
    return at


def _fields(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Yield the names in an object and where the value of each stands."""
    at = _skip(text, start + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)
        yield name, value
        at = _skip(text, _DECODER.raw_decode(text, value)[1])
        at = _skip(text, at + 1) if text[at] == "," else at
