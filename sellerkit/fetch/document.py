"""A report's document: downloaded, unpacked, and written as UTF-8 where Amazon says what it is in.

The library's own download is not used: it replaces bytes that do not fit, and it does not say
whether the charset was Amazon's word or a guess. In a saved file that word is lost, so the text is
written as UTF-8; where Amazon names no charset, the bytes stay as they are.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import ssl
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import httpx

from sellerkit.fetch.refusal import FAULT, Refused

#: More than this out of one document is taken for an attack.
MAX_BYTES = 16 * 2**30

_CHUNK = 2**20

#: Charsets that Amazon names and Python knows by another name only.
_ALSO = {"windows-31j": "cp932"}


def download(url: str, target: Path, timeout: float, trusted: ssl.SSLContext) -> str | None:
    """Write what an address holds, and return the charset that the server names.

    Raises
    ------
    Refused
        The address does not give it: such addresses hold for five minutes only.
    """
    with httpx.stream("GET", url, timeout=timeout, verify=trusted) as response:
        if not response.is_success:
            raise Refused(FAULT, f"the document was not given: {response.status_code}")
        with target.open("wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)
        return response.charset_encoding


def unpack(raw: Path, target: Path, *, packed: bool, charset: str | None) -> tuple[str, str]:
    """Write a downloaded document as the file that stays.

    Parameters
    ----------
    raw, target : Path
    packed : bool
        It is gzip.
    charset : str or None
        Of the text; null for what is no text or says itself what it is in (JSON, XML).

    Returns
    -------
    tuple of str
        The charset that it was written anew from, else empty; and what was odd, else empty.

    Raises
    ------
    Refused
        The download was cut, or it unpacks to far more than a report.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        said = _write_text(raw, part, packed, charset)
        part.replace(target)
        return said
    finally:
        part.unlink(missing_ok=True)


def _write_text(raw: Path, part: Path, packed: bool, charset: str | None) -> tuple[str, str]:
    codec = _codec(charset)
    if charset and codec not in (None, "utf-8"):
        try:
            _write(part, _as_utf8(_chunks(raw, packed), str(codec)))
            return charset, ""
        except UnicodeDecodeError as error:
            odd = f"kept as it came: it is not the {charset} that Amazon names ({error.reason})"
    else:
        odd = (
            f"kept as it came: {charset}, which Amazon names, is no charset"
            if charset and not codec
            else ""
        )
    _write(part, _chunks(raw, packed))
    return "", odd


def _codec(charset: str | None) -> str | None:
    try:
        return codecs.lookup(_ALSO.get(charset.lower(), charset)).name if charset else None
    except LookupError:
        return None


def _chunks(raw: Path, packed: bool) -> Iterator[bytes]:
    size = 0
    try:
        with raw.open("rb") as bare, contextlib.ExitStack() as stack:
            file = cast("IO[bytes]", stack.enter_context(gzip.open(bare)) if packed else bare)
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    raise Refused(413, "the document unpacks to far more than a report")
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Refused(FAULT, f"the document came cut or damaged ({error})") from error


def _as_utf8(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
