"""Seeds → hostile inputs: bytes, lines, cells and values changed, doubled, moved, made absurd."""

from __future__ import annotations

import json
import random
from typing import Any

from fuzz_seeds import Reader

#: Words that have broken readers, ours or others'.
WORDS = [
    "", " ", "\0", "\ufeff", "\u202e", "\u200f", "\u2028", "\x85", "\x0b", "\x1c", "\x1f", "\ufffd",
    "e\u0301", "\U0001f600", "\uff11\uff12", "\u0663", "\u00b2", "\u0130", "\u00df", "-0", "1e999",
    "-1e999", "NaN", "inf", "9" * 30, "9" * 5000, "0x1F", "1_000", "1,234", "1.234", "1.234,56",
    "\u2212" "5", "$", "EUR", "0001-01-01", "0000-00-00", "9999-12-31", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00", "2026-02-30", "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z",
    "2026-03-29T02:30:00", "2026-10-25T02:30:00", "2262-04-12T00:00:00Z", "1677-09-21", "T", "Z",
    "2026-01-01T00:00:00+99:99", "31-Dec-9999", "01-Jan-0001", "10-Jul-2025", "00/00/0000",
    "12/31/9999", "253402300800", "-62135596801", "302-1234567-1234567", "S01-1234567-1234567",
    "amazon.de", "A1PA6795UKMFR9", "Amazon.XX", "true", "null", "N/A", "-", '"', '""', '","', "\t",
    ";", ",", "\r", "\n", "\r\n", "\n\n", "\r\r\n", "{", "}", "[", "]", "[[[[", '{"a":', "//",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;", "&#0;", "&#xD800;", "<![CDATA[", "]]>", "<a b='", "</",
    "\n\nFrom a@b Mon Jan 06 04:49:45 2020\n", "\n\nFrom x 31 Dec 9999 23:59:60 9999", "\n>From ",
    "\n--b\n", "--b--", "\nContent-Type: multipart/mixed; boundary=b\n", "; boundary=",
    "\nContent-Transfer-Encoding: base64\n", "\nContent-Type: text/plain; charset=utf-7\n",
    "\nContent-Type: text/html; charset=\"'\"\n", "charset=idna", "charset=unicode_escape",
    "charset=hex", "charset=punycode", "charset=utf-16", "charset=utf-32", "charset=\0",
    "=?utf-8?b?gICA?=", "=?x?q?=3D?=", "=?hex?b?AA==?=", "=?utf-7?q?+2AA-?=", "=?utf-16?b?2AA=?=",
    "=?utf-8?q?=", "=?idna?q?xn--a?=", "\nDate: Mon, 31 Dec 9999 23:59:59 -2359\n",
    "\nDate: 1 Jan 0001 00:00:00 +2359\n", "\nDate: Mon, 06 Jan 2020 10:00:00 +999999999\n",
    "\nDate: \n", "\nMessage-ID: <>\n", "\nMessage-ID: \0\n", "\nFrom: <@>\n", '\nFrom: "\n',
    "\nTo: a:b;\n", "\nReceived: ;\n", "\nSubject: \x1b[31m\n", "\n : x\n", "\n\t\n",
    "------------- ", "Begin message", "End message", "Anfang der Nachricht",
    "On Mon, Jan 6, 2020, x wrote:", "> ", "a1b2c3d4e5f6g7@marketplace.amazon.de",
    "@marketplace.amazon.com.", "<a@b>", "__proto__", "../../x", "%00", "%s", "{0}", "=1+1",
]  # fmt: skip

#: Bytes that are no text, or none in the encoding that they show.
BYTES = [
    b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", b"\xf5", b"\x80",
    b"\x81", b"\x82\xa0\x82\xa2", b"\x00\x00", b"\xff", b"\x1f\x8b", b"PK\x03\x04", b"\xe2\x80",
    b"\x8f\x9d",
]  # fmt: skip

VALUES: list[Any] = [
    None, True, False, 0, -1, 2**63, 2**64, 10**400, 1e308, -0.5, float("nan"), float("inf"), "",
    [], {}, [[]], {"": ""}, [None], "\ud800", "\udc00x", "a\0b", {"id": None}, [{}], [1],
    "x" * 70_000,
]  # fmt: skip


def mutated(reader: Reader, rng: random.Random) -> bytes:
    """Return a seed of a reader with one to some changes."""
    data = rng.choice(reader.seeds)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 12))):
        change = rng.choice(CHANGES)
        data = change(data, rng, reader) or data
    return data


def _word(rng: random.Random) -> bytes:
    return rng.choice(BYTES) if rng.random() < 0.15 else rng.choice(WORDS).encode()


def _flip(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 8))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    at = rng.randrange(len(data) + 1)
    end = min(at + rng.choice((1, 4, 40, 400, len(data))), len(data))
    return rng.choice((data[:at], data[at:], data[:at] + data[end:]))


def _insert(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + _word(rng) * rng.choice((1, 1, 1, 1, 2, 300)) + data[at:]


def _splice(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    other = rng.choice(reader.seeds)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _lines(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    """Double, drop, swap or shuffle lines, or end them otherwise."""
    lines = data.split(b"\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(7):
        case 0:
            lines.insert(other, lines[at])
        case 1:
            del lines[at]
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            rng.shuffle(lines)
        case 4:
            lines[at] = lines[at] + b"\r" * rng.choice((1, 1, 2))
        case 5:
            lines[at] = lines[at] * rng.choice((2, 2, 2, 200))
        case _:
            return rng.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\0\n")).join(lines)
    return b"\n".join(lines)


def _cells(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    """Put words in the place of others: a cell of a table, a header's value, a JSON string."""
    sign = rng.choice((b"\t", b",", b";", b'"', b": ", b" ", b">", b"=", b"-"))
    cells = data.split(sign)
    for _ in range(rng.choice((1, 1, 3, 20))):
        cells[rng.randrange(len(cells))] = _word(rng)
    return sign.join(cells)


def _encoded(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    """Write the text in another encoding, with or without its mark."""
    if len(data) > 60_000:
        return data
    name = rng.choice(
        ("utf-16", "utf-16-le", "utf-8-sig", "cp1252", "cp932", "utf-32", "utf-7", "cp037")
    )
    return data.decode("utf-8", "replace").encode(name, "replace")


def _json(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    """Change values of a JSON document: other types, absurd numbers, halves of characters."""
    try:
        value = json.loads(data)
        for _ in range(rng.choice((1, 2, 6))):
            value = _altered(value, rng)
        return json.dumps(value, ensure_ascii=rng.random() < 0.9).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return data


def _altered(value: Any, rng: random.Random) -> Any:
    """Return a value with one place in it changed."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        match rng.randrange(12):
            case 0:
                return {key: own for key, own in value.items() if key != name}
            case 1:
                return value | {rng.choice(list(value)): value[name]}
            case 2:
                return value | {rng.choice(WORDS): value[name]}
        return value | {name: _altered(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value + [value[at]] * rng.choice((1, 1, 3))
        return [*value[:at], _altered(value[at], rng), *value[at + 1 :]]
    match rng.randrange(6):
        case 0:
            return rng.choice(WORDS)
        case 1:
            return [value]
        case 2:
            return {"id": value}
        case 3 if isinstance(value, str):
            at = rng.randrange(len(value) + 1)
            return value[:at] + rng.choice(WORDS) + value[at:]
    return rng.choice(VALUES)


def _nested(data: bytes, rng: random.Random, reader: Reader) -> bytes:
    """Put something inside itself a hundred or a hundred thousand times."""
    depth = rng.choice((100, 990, 5000, 60_000))
    start, end = rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"(", b")")))
    at = rng.randrange(len(data) + 1)
    inner = rng.choice((b"", b"1", data[at : at + 20]))
    return data[:at] + start * depth + inner + end * depth + data[at:]


CHANGES = [
    _flip, _flip, _cut, _cut, _insert, _insert, _insert, _splice, _lines, _lines, _cells, _cells,
    _cells, _encoded, _json, _json, _json, _nested,
]  # fmt: skip
