"""Where the objects of a JSON file stand in it, so that one can be cut out byte for byte.

The n-th object to be closed is the n-th that the decoder makes, so an object that a reader has in
hand leads to its place without any knowledge of where readers look for their objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeAlias

from sellerkit.read.documents import has_lines, line_of
from sellerkit.read.source import Context, Source, Unit
from sellerkit.read.text_parts import part

#: Gives the units within a file's documents, in the order in which the reader counts them.
Units: TypeAlias = Callable[[list[Any]], Iterable[Any]]

#: What opens or closes an object, and the texts in which such a sign opens none.
_SIGN = re.compile(r'[{}]|"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_FILLED = re.compile(r"[^ \t\r\n]")


def object_at(source: Source, pos: int, context: Context, *, units: Units) -> Unit | None:
    """Return an object of a JSON file by its number among the reader's units, from 0."""
    try:
        encoding = _encoding(source)
        text = bytes(source.data).decode(encoding)
        documents, objects = _loaded(text)
        wanted = next(islice(units(documents), pos, None)) if pos >= 0 else None
        number = next(n for n, each in enumerate(objects) if each is wanted)
        start, end = _span(text, number)
        return part(source, "object", text[start:end], encoding, _laid_out(wanted))
    except (ValueError, RecursionError, StopIteration):
        return None


def unit_at(source: Source, pos: int, context: Context, *, units: Units) -> Unit | None:
    """Return a unit of a file that `sellerkit.read.documents` gives: of JSON lines, the line."""
    if not has_lines(source):
        return object_at(source, pos, context, units=units)
    line = line_of(source, pos)
    if line is None:
        return None
    try:
        text = line.decode("utf-8")
        unit = part(source, "line", text, _encoding(source), _laid_out(json.loads(text)))
    except (ValueError, RecursionError):
        return None
    # of UTF-16 that is damaged the reader has replaced signs
    return unit if source.data.find(unit.data) >= 0 else None


def _encoding(source: Source) -> str:
    return "utf-16" if source.head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"


def _loaded(text: str) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return the documents that follow one another, and all objects as they are closed."""
    objects: list[dict[str, Any]] = []

    def closed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        objects.append(dict(pairs))
        return objects[-1]

    decoder = json.JSONDecoder(object_pairs_hook=closed)
    documents: list[Any] = []
    end = 0
    while begin := _FILLED.search(text, end):
        document, end = decoder.raw_decode(text, begin.start())
        documents.append(document)
    return documents, objects


def _span(text: str, number: int) -> tuple[int, int]:
    """Return where the object stands that is closed after so many others."""
    opened: list[int] = []
    for sign in _SIGN.finditer(text):
        if text[sign.start()] == "{":
            opened.append(sign.start())
        elif text[sign.start()] == "}":
            start = opened.pop()
            if not number:
                return start, sign.end()
            number -= 1
    raise ValueError("there are not so many objects")


def _laid_out(value: Any) -> str:
    """Return JSON laid out to be read."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # half a surrogate pair is no character, and nothing could show it
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
