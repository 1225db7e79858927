"""Paths → sources: folders walked, archives opened, nothing written beside the user's files."""

from __future__ import annotations

import gzip
import io
import lzma
import mmap
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from sellerkit.errors import InputError
from sellerkit.read.source import Source

#: An archive in an archive is opened, one within that is not.
MAX_DEPTH = 2

#: The largest file that is unpacked.
MAX_UNPACKED = 64 << 30

#: What unpacks to more than this many times its size, and is large, is taken for a trap. A report
#: shrinks to a thirtieth at best, a mailbox to a fifth.
MAX_RATIO = 200
LARGE = 64 << 20

#: Unpacked files up to this size stay in memory, larger ones go to a nameless temporary file.
IN_MEMORY = 16 << 20

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20

#: A zip with this member is an office document, and no archive of histories.
_OFFICE = "[Content_Types].xml"

_BROKEN = (
    zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError, OSError,
    NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


def sources(paths: Iterable[Path | str]) -> Iterator[Source]:
    """Yield every file under the paths, one at a time, archives opened.

    Parameters
    ----------
    paths : iterable of Path
        Files, folders (read in the order of names, with all folders in them, hidden files left
        out), zip archives and gzip files. Whether a file is an archive its content says.

    Yields
    ------
    Source
        Named by the path as given, and for a member of an archive its path in there.

    Raises
    ------
    InputError
        A path that does not exist or may not be read; an archive that is cut, broken, encrypted,
        or that unpacks to more than can be meant.
    """
    for path in map(Path, paths):
        if path.is_dir():
            yield from _in_folder(path, frozenset())
        else:
            yield from _in_file(path)


def _in_folder(folder: Path, above: frozenset[Path]) -> Iterator[Source]:
    real = folder.resolve()
    if real in above:  # a link to a folder that holds it
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}") from error
    for path in entries:
        if _is_hidden(path.name):
            continue
        if path.is_dir():
            yield from _in_folder(path, above | {real})
        else:
            yield from _in_file(path)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _in_file(path: Path) -> Iterator[Source]:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    if not path.is_file():
        raise InputError(f"{path}: neither a file nor a folder")
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    with stream:
        yield from _in_stream(str(path), stream, depth=0)


def _in_stream(name: str, stream: BinaryIO, depth: int) -> Iterator[Source]:
    magic = stream.read(4)
    stream.seek(0)
    if depth < MAX_DEPTH and magic in _ZIP:
        yield from _in_zip(name, stream, depth)
    elif depth < MAX_DEPTH and magic.startswith(_GZIP):
        packed = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        with _unpacked(name, gzip.GzipFile(fileobj=stream), packed) as content:
            yield from _in_stream(name, content, depth + 1)
    else:
        yield Source(name, _content(stream))


def _in_zip(name: str, stream: BinaryIO, depth: int) -> Iterator[Source]:
    try:
        archive = zipfile.ZipFile(stream)
    except _BROKEN as error:
        raise InputError(f"{name}: a zip archive that is cut or broken ({error})") from error
    with archive:
        members = sorted(archive.infolist(), key=lambda member: member.filename)
        if any(member.filename == _OFFICE for member in members):
            stream.seek(0)
            yield Source(name, _content(stream))
            return
        _refuse_a_trap(name, sum(m.file_size for m in members), stream.seek(0, io.SEEK_END))
        for member in members:
            if not member.is_dir() and not any(map(_is_hidden, member.filename.split("/"))):
                yield from _in_member(f"{name}/{member.filename}", archive, member, depth)


def _in_member(
    name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, depth: int
) -> Iterator[Source]:
    if member.flag_bits & 1:
        raise InputError(f"{name}: encrypted; unpack the archive with its password first")
    try:
        packed = archive.open(member)
    except _BROKEN as error:
        raise InputError(f"{name}: cannot be unpacked ({error})") from error
    with packed, _unpacked(name, packed, member.compress_size) as content:
        yield from _in_stream(name, content, depth + 1)


def _unpacked(name: str, stream: io.BufferedIOBase, packed: int) -> BinaryIO:
    """Return a file of what the stream unpacks to: in memory, or nameless on disk if large."""
    content: BinaryIO = io.BytesIO()
    size = 0
    while chunk := _next_chunk(name, stream):
        size += len(chunk)
        _refuse_a_trap(name, size, packed)
        if size > IN_MEMORY and isinstance(content, io.BytesIO):
            content = _on_disk(content)
        content.write(chunk)
    content.flush()
    content.seek(0)
    return content


def _next_chunk(name: str, stream: io.BufferedIOBase) -> bytes:
    try:
        return stream.read(_CHUNK)
    except _BROKEN as error:
        raise InputError(f"{name}: cut or broken, cannot be unpacked ({error})") from error


def _on_disk(content: io.BytesIO) -> BinaryIO:
    on_disk = tempfile.TemporaryFile()
    on_disk.write(content.getbuffer())
    return on_disk


def _refuse_a_trap(name: str, unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED or (unpacked > LARGE and unpacked > MAX_RATIO * max(packed, 1)):
        raise InputError(
            f"{name}: unpacks to {unpacked >> 20} MB or more from {packed >> 10} kB, which no "
            "history does; unpack it yourself if it is right"
        )


def _content(stream: BinaryIO) -> bytes | mmap.mmap:
    """Return what a file holds, mapped rather than read where it is on disk."""
    if isinstance(stream, io.BytesIO):
        return stream.getvalue()
    if not stream.seek(0, io.SEEK_END):
        return b""  # an empty file cannot be mapped
    return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
