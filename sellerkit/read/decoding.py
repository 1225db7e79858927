"""Bytes → UTF-8: which encoding a text file is in, and never a character dropped unseen."""

from __future__ import annotations

import functools
from typing import NoReturn

import numpy as np
import pyarrow as pa

from sellerkit.errors import InputError
from sellerkit.read.source import Context, Source

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

#: Where one of these stands near the start of a file, Shift-JIS is tried before Windows' Latin.
_JAPANESE_SIGNS = (b"amazon.co.jp", b"jpy")


@functools.lru_cache(maxsize=4)
def head_text(head: bytes) -> str:
    """Return the first bytes of a file as text good enough to tell its format from.

    NUL bytes are left out, so that UTF-16 without a mark is recognised and then refused with a
    better sentence than "unknown format".
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    return head.decode("utf-8", "replace").replace("\0", "")


def utf8(source: Source, context: Context) -> tuple[memoryview, str]:
    """Return a text file as UTF-8 without a mark, and the encoding that it was in.

    The order: a byte order mark; UTF-8; Shift-JIS (cp932) where the store or the text is Japanese;
    Windows-1252. All strictly, since a report says nowhere which it is.

    Raises
    ------
    InputError
        The bytes are text in none of these, or hold NUL bytes.
    """
    text, encoding = _decoded(source, context)
    nul = _position_of_nul(text)
    if nul is not None:
        raise InputError(
            f"{source.name}: a NUL byte at byte {nul}: no text file, or UTF-16 without a mark; "
            "save it as UTF-8 and read it again"
        )
    return text, encoding


def encoding_warning(source: Source, encoding: str) -> list[str]:
    """Return what the user should know of the encoding: nothing where it is UTF-8."""
    if encoding == "utf-8":
        return []
    return [f"{source.name}: read as {encoding}, since it is not UTF-8"]


def _decoded(source: Source, context: Context) -> tuple[memoryview, str]:
    raw = memoryview(source.data)
    for mark, encoding in _MARKS:
        if source.head.startswith(mark):
            return _recoded(source, raw[len(mark) :], encoding), encoding
    if _is_utf8(raw):
        return raw, "utf-8"
    for encoding in ("cp932", "cp1252") if _looks_japanese(source, context) else ("cp1252",):
        try:
            return memoryview(str(raw, encoding).encode("utf-8")), encoding
        except UnicodeDecodeError as error:
            failed = error
    _refuse(source, failed)


def _recoded(source: Source, raw: memoryview, encoding: str) -> memoryview:
    if encoding == "utf-8" and _is_utf8(raw):
        return raw
    try:
        return memoryview(str(raw, encoding).encode("utf-8"))
    except UnicodeDecodeError as error:
        _refuse(source, error)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{source.name}: character {error.start} is half of a pair; save the file as UTF-8"
        ) from error


def _refuse(source: Source, error: UnicodeDecodeError) -> NoReturn:
    raise InputError(
        f"{source.name}: byte {error.start} is no character in {error.encoding}, nor is the file "
        "UTF-8; save it as UTF-8 and read it again"
    ) from error


def _is_utf8(raw: memoryview) -> bool:
    """Tell whether the bytes are strict UTF-8, without a copy of them."""
    if not len(raw):
        return True
    ends = pa.py_buffer(np.array([0, len(raw)], dtype=np.int64))
    whole = pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(raw))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _looks_japanese(source: Source, context: Context) -> bool:
    head = source.head.lower()
    return context.marketplace == "JP" or any(sign in head for sign in _JAPANESE_SIGNS)


def _position_of_nul(text: memoryview, step: int = 1 << 24) -> int | None:
    for start in range(0, len(text), step):
        found = bytes(text[start : start + step]).find(0)
        if found >= 0:
            return start + found
    return None
