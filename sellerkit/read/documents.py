"""JSON files: one document, or one a line (JSON lines); what is broken is said, never raised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sellerkit.errors import InputError
from sellerkit.read.bounds import hollow
from sellerkit.read.flat import MAX_RAW
from sellerkit.read.source import Source

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


class Document(NamedTuple):
    """A JSON document of a file.

    Attributes
    ----------
    value : Any
        Null where `fault` says what is wrong with the line.
    line : int or None
        Its line in a file of JSON lines, from 1; None where the file is this one document.
    fault, raw : str
        Of a broken line.
    """

    value: Any
    line: int | None = None
    fault: str = ""
    raw: str = ""


def documents(source: Source) -> Iterator[Document]:
    """Give a file's documents: line by line where it has one a line, else the one that it is.

    Raises
    ------
    InputError
        It is one document, and that is cut, damaged, hollow, or nested too deeply.
    """
    data = _in_utf_8(source)
    if _has_lines(data):
        for number, line in _lines(data):
            value, fault = _loaded(line)
            yield Document(value, number, fault, line.decode("utf-8", "replace")[:MAX_RAW])
        return
    value, fault = _loaded(bytes(data))
    if fault:
        raise InputError(f"{source.name}: {fault}")
    yield Document(value)


def has_lines(source: Source) -> bool:
    """Tell whether a file has a document on each line, rather than being one."""
    return _has_lines(_in_utf_8(source))


def line_of(source: Source, number: int) -> bytes | None:
    """Return the document on a line, from 1, in UTF-8; null where there is none."""
    lines = _lines(_in_utf_8(source))
    return next((line for each, line in lines if each == number), None)


def is_json(source: Source) -> bool:
    """Tell whether a file begins as a JSON object or list does."""
    return source.head.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")


def raw_text(value: Any) -> str:
    """Return a value as JSON text; half a character stays written as JSON writes it."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (RecursionError, ValueError):  # nested as deeply as could just be read
        return ""
    return text.encode("utf-8", "backslashreplace").decode()


def word(value: Any) -> str:
    """Return a number or a text as text; anything else says nothing.

    Half a character (a lone surrogate, which JSON can write) becomes a question mark.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def record(value: Any) -> dict[str, Any]:
    """Return an object, empty where the value is none."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """Return a list, empty where the value is none."""
    return value if isinstance(value, list) else []


def _in_utf_8(source: Source) -> Any:
    if bytes(source.data[:2]) in _UTF_16:  # what PowerShell writes with `>`
        return bytes(source.data).decode("utf-16", "replace").encode()
    return source.data


def _has_lines(data: Any) -> bool:
    """Tell whether each line is a document: the first is whole, and there is a second."""
    lines = _lines(data)
    first = next(lines, None)
    return first is not None and next(lines, None) is not None and not _loaded(first[1])[1]


def _lines(data: Any) -> Iterator[tuple[int, bytes]]:
    """Give the lines that are not blank, without holding more than one of them."""
    start = number = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        number += 1
        if line := bytes(data[start:end]).removeprefix(_BOM).strip():
            yield number, line
        start = end + 1


def _loaded(raw: bytes) -> tuple[Any, str]:
    """Return the value of a JSON text, and what is wrong with the text."""
    if fault := hollow(raw, b"[{:"):
        return None, fault
    try:
        return json.loads(raw.decode("utf-8-sig")), ""
    except UnicodeDecodeError as error:
        return None, f"byte {error.start} is no UTF-8; save it as UTF-8"
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return None, f"{where}: {error.msg}; the JSON is cut or damaged"
    except RecursionError:
        return None, "the JSON is nested too deeply to be anybody's export"
    except ValueError as error:  # a number of thousands of digits
        return None, f"the JSON cannot be read: {error}"
