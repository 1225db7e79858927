"""XML of Amazon's, read so that it can do no harm: no entities, nothing fetched from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from xml.etree.ElementTree import Element, ParseError, tostring
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sellerkit.errors import InputError
from sellerkit.read.flat import MAX_RAW
from sellerkit.read.source import Context, Source, Unit
from sellerkit.read.text_parts import part

#: So many tags and attributes are read: some forty thousand returns. Each takes hundreds of bytes.
MAX_MARKS = 2_000_000

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)[\"'][^>]{0,200}?\?>")

#: What the parser reads itself; other encodings (Shift_JIS, cp1252) Python decodes for it.
_ITS_OWN = ("utf-8", "utf8", "utf-16", "iso-8859-1", "us-ascii")


def speaks_of(source: Source, name: str) -> bool:
    """Tell whether a file is XML with an element of that name in its first part."""
    head = source.head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head[:1] == b"<" and re.search(rb"<(?:\w+:)?" + name.encode() + rb"\b", head) is not None


def root_of(source: Source) -> Element:
    """Return the root of an XML file; its declaration decides the encoding.

    Raises
    ------
    InputError
        It is no well-formed XML, has far too many elements, or defines entities.
    """
    marks = sum(bytes(source.data).count(sign) for sign in (b"<", b"="))
    if marks > MAX_MARKS:
        raise InputError(
            f"{source.name}: {marks:,} tags and attributes, {MAX_MARKS:,} are read at most; "
            "ask Amazon for fewer days"
        )
    try:
        return fromstring(_readable(source))
    except ParseError as error:
        line, place = error.position
        raise InputError(
            f"{source.name}: line {line}, column {place + 1}: the XML is cut or damaged ({error})"
        ) from error
    except DefusedXmlException as error:
        raise InputError(
            f"{source.name}: it defines entities, which no report of Amazon's does; not read"
        ) from error
    except (LookupError, ValueError) as error:
        raise InputError(
            f"{source.name}: it is not in the encoding that it declares ({error}); save it as UTF-8"
        ) from error


def _readable(source: Source) -> bytes | str:
    data = bytes(source.data).lstrip(b" \t\r\n")
    declared = _DECLARED.match(data[:1000])
    if declared is None or declared[1].decode("ascii", "replace").lower() in _ITS_OWN:
        return data
    text = data.decode(declared[1].decode("ascii", "replace"))
    return text.split("?>", 1)[1]


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rsplit("}", 1)[-1]


def children(element: Element, name: str) -> Iterator[Element]:
    """Give the elements of that name directly within one."""
    return (child for child in element if local(child) == name)


def child(element: Element, name: str) -> Element | None:
    """Return the first element of that name directly within one."""
    return next(children(element, name), None)


def text_at(element: Element, *path: str) -> str | None:
    """Return the text at a path of names within an element; null where there is none."""
    found: Element | None = element
    for name in path:
        found = child(found, name) if found is not None else None
    text = (found.text or "").strip() if found is not None else ""
    return text or None


def raw_of(element: Element) -> str:
    """Return an element as text, for quarantine."""
    try:
        return tostring(element, "unicode")[:MAX_RAW]
    except RecursionError:
        return ""


def element_at(
    source: Source, pos: int, context: Context, *, units: Callable[[Element], Iterable[Element]]
) -> Unit | None:
    """Return an element by its number among the reader's units, from 0."""
    root = root_of(source)
    wanted = next(islice(units(root), pos, None), None) if pos >= 0 else None
    if wanted is None or not len(wanted):
        return None
    number = next(n for n, each in enumerate(root.iter()) if each is wanted)
    encoding = _encoding(source)
    try:
        text = bytes(source.data).decode(encoding).lstrip(" \t\r\n").encode()
        start, end = _span(text, number)
    except (LookupError, ValueError, expat.ExpatError):
        return None
    return part(source, "element", text[start:end].decode(), encoding)


def _encoding(source: Source) -> str:
    """Return an XML file's encoding as the parser tells it: by its mark, else as declared."""
    if source.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    declared = _DECLARED.match(source.head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n"))
    name = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
    return "utf-8-sig" if name in ("utf-8", "utf8") else name


def _span(text: bytes, number: int) -> tuple[int, int]:
    """Return where an element with others in it stands, by its number in the document's order."""
    parser = expat.ParserCreate("utf-8")
    numbers = count()
    opened: list[tuple[int, int]] = []
    found: list[tuple[int, int]] = []

    def begins(name: str, attributes: dict[str, str]) -> None:
        opened.append((next(numbers), parser.CurrentByteIndex))

    def ends(name: str) -> None:
        own, start = opened.pop()
        if own == number:
            found.append((start, text.index(b">", parser.CurrentByteIndex) + 1))

    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.Parse(text, True)
    return found[0]
