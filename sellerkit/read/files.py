"""Paths → sources: files, folders, and what lies in archives, each with its bytes.

What is an archive is told from the first bytes; a name proves nothing. Nothing is unpacked to
disk under a name of the archive's choosing, so a member's path can do no harm.
"""

from __future__ import annotations

import gzip
import io
import mmap
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias, cast

from sellerkit.errors import InputError
from sellerkit.read.source import Source

#: More than this out of one archive member is taken for an attack.
MAX_MEMBER_BYTES = 64 * 2**30

#: … and so is an archive from which, with all archives in it, more than this times its size comes,
#: once that is large.
MAX_RATIO = 200
_LARGE = 256 * 2**20

#: An archive whose directory of members is larger holds more of them than can be kept in mind.
MAX_DIRECTORY = 32 * 2**20

#: Up to this size an unpacked member is kept in memory, beyond it in a nameless temporary file.
_IN_MEMORY = 32 * 2**20

_CHUNK = 2**20

Bytes: TypeAlias = bytes | mmap.mmap


def sources(paths: Iterable[Path]) -> Iterator[Source]:
    """Give every file under some paths, the members of archives too, in a stable order.

    Parameters
    ----------
    paths : iterable of Path
        Files and folders. Folders are walked; what is hidden (``.DS_Store``) is left out, but for
        a folder in a Maildir (``.Sent``), and so is what a Maildir has in ``tmp``.

    Yields
    ------
    Source
        Named as given, a member as ``takeout.zip/Mail/All mail.mbox``.

    Raises
    ------
    InputError
        A path that does not exist or cannot be read; an archive that is cut, encrypted or a bomb.
    """
    for path in paths:
        for file in files_under(Path(path)):
            data = _mapped(file)
            yield from _opened(str(file), data, _Bounds(len(data)), path=str(file))


def files_under(path: Path) -> Iterator[Path]:
    """Give a file, or the files of a folder that `sources` reads, in a stable order.

    Raises
    ------
    InputError
        There is neither.
    """
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise InputError(f"{path}: no such file or folder")
    for folder, names, files in os.walk(path):
        if "_delta_log" in names:  # a table of a lake, perhaps of ours, is no file of the user's
            names.clear()
            continue
        names[:] = sorted(n for n in names if not _is_noise(n) or _is_maildir(Path(folder, n)))
        if _is_maildir(Path(folder)) and "tmp" in names:
            names.remove("tmp")  # what lies there is being written, and was never delivered
        for name in sorted(files):
            if not _is_noise(name) and (Path(folder) / name).is_file():
                yield Path(folder) / name


def _is_noise(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _is_noise_member(parts: list[str]) -> bool:
    """Tell whether a member lies in something hidden that is no Maildir."""
    following = [*parts[1:], ""]
    return any(
        _is_noise(part) and part not in (".", "..") and after not in ("cur", "new")
        for part, after in zip(parts, following, strict=True)
    )


def _mapped(path: Path) -> Bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


@dataclass
class _Bounds:
    """How much came out of a file of so many bytes so far, the archives in it included."""

    packed: int
    unpacked: int = 0

    def take(self, name: str, chunk: int, member: int) -> None:
        """Account for bytes of a member, of which there are so many now; refuse what is absurd."""
        self.unpacked += chunk
        grown = self.unpacked > max(_LARGE, self.packed * MAX_RATIO)
        if grown or member > MAX_MEMBER_BYTES:
            raise InputError(f"{name}: it unpacks to far more than a file of ours would")


def _opened(
    name: str, data: Bytes, bounds: _Bounds, depth: int = 0, path: str | None = None
) -> Iterator[Source]:
    """Give a file itself, or what is in it where it is an archive (one within another at most)."""
    if depth < 2 and data[:2] == b"\x1f\x8b":
        inner = name.removesuffix(".gz")
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=_stream(data)))
        yield from _opened(inner, _unpacked(name, stream, bounds), bounds, depth + 1)
    elif depth < 2 and _is_zip(data) and not is_spreadsheet(data):
        yield from _members(name, data, bounds, depth)
    else:
        yield Source(name, data, path or _path_of(data))


class _Unpacked(mmap.mmap):
    """A mapped file that has no name; it is there as long as this is."""

    file: IO[bytes]

    def __del__(self) -> None:
        """Let the file go too."""
        if hasattr(self, "file"):
            self.file.close()


def _path_of(data: Bytes) -> str | None:
    """Return where another process can open an unpacked member; Linux alone shows such files."""
    if not isinstance(data, _Unpacked) or not Path("/proc/self/fd").is_dir():
        return None
    return f"/proc/{os.getpid()}/fd/{data.file.fileno()}"


def _is_zip(data: Bytes) -> bool:
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def is_spreadsheet(data: Bytes) -> bool:
    """Tell whether a file is an Excel workbook, which is a zip but one file to its user."""
    if not _is_zip(data) or _directory_bytes(data) > MAX_DIRECTORY:
        return False
    try:
        with zipfile.ZipFile(_stream(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _stream(data: Bytes) -> IO[bytes]:
    whole = io.BytesIO(data) if isinstance(data, bytes) else io.BufferedReader(_MapStream(data))
    return cast("IO[bytes]", whole)


class _MapStream(io.RawIOBase):
    """A memory map as a stream with a place of its own."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data, self._at = data, 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that its place can be chosen."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer from the present place."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        piece = self._data[self._at : self._at + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._data)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Tell the present place."""
        return self._at


def _directory_bytes(data: Bytes) -> int:
    """Return how large the list of an archive's members is, as the archive says at its end."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 2**16 - 22))
    size = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0
    if size == 0xFFFFFFFF:  # it did not fit; the longer record before has it
        longer = data.rfind(b"PK\x06\x06", max(0, end - 2**16), end)
        size = int.from_bytes(data[longer + 40 : longer + 48], "little") if longer >= 0 else 0
    return size


def _members(name: str, data: Bytes, bounds: _Bounds, depth: int) -> Iterator[Source]:
    if (size := _directory_bytes(data)) > MAX_DIRECTORY:
        raise InputError(
            f"{name}: the list of its members has {size:,} bytes, of {MAX_DIRECTORY:,} that are "
            "read at most; unpack it, and name the folder"
        )
    try:
        archive = zipfile.ZipFile(_stream(data))
        members = sorted(archive.infolist(), key=lambda member: member.filename)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{name}: the archive is cut or damaged ({error}); download it again"
        ) from error
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if member.filename.endswith("/") or _is_noise_member(parts):
            continue
        whole = f"{name}/{member.filename}"
        if member.flag_bits & 1:
            raise InputError(f"{whole}: it is encrypted; unpack it with its password first")
        try:
            stream = archive.open(member)
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            raise InputError(f"{whole}: cannot be unpacked ({error})") from error
        yield from _opened(whole, _unpacked(whole, stream, bounds), bounds, depth + 1)


def _unpacked(name: str, stream: IO[bytes], bounds: _Bounds) -> Bytes:
    """Unpack a member whole, refusing what grows beyond all bounds."""
    size = 0
    try:
        with stream, ExitStack() as held:
            spooled = held.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
            kept = cast("IO[bytes]", spooled)
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                bounds.take(name, len(chunk), size)
                kept.write(chunk)
            kept.seek(0)
            if size <= _IN_MEMORY:
                return kept.read()
            kept.flush()
            mapped = _Unpacked(kept.fileno(), 0, access=mmap.ACCESS_READ)
            mapped.file = kept
            held.pop_all()  # from here on the map keeps it
            return mapped
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as error:
        raise InputError(
            f"{name}: the archive is cut or damaged ({error}); download it again"
        ) from error
