"""File, position → the bytes that were read there, if the file is still what it was.

What a position means hangs on the kind of file (tables.md): the byte offset of a mail in a mailbox,
0 for a mail by itself, the line number of a record in a text table, the index of an object in JSON.
Nothing is shown as original that is not: a file whose SHA-256 differs gives no bytes at all.
"""

from __future__ import annotations

import csv
import io
import mmap
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath
from typing import Literal, TypeAlias

from sellerkit.errors import InputError
from sellerkit.read.files import sources
from sellerkit.read.flat import decoded, delimiter_of
from sellerkit.read.json_parts import line_at, object_at
from sellerkit.read.mail.mailbox import pieces
from sellerkit.read.source import Context, Source

#: The files under a folder, by their bare names.
Folder: TypeAlias = dict[str, list[Path]]

State = Literal["as read", "changed", "gone", "no place"]

#: How much of a mailbox is looked at first for the end of a mail.
_WINDOW = 2**20
#: A line that opens a mail may be cut by the window's end; none is longer.
_MARGIN = 4096

#: JSON formats that count objects, from 0, and the keys under which an answer holds its list. Any
#: other JSON is cut by lines if it has an object on each; else its reader alone knows its units.
_HOLDERS: dict[str, tuple[str, ...]] = {
    "orders_v0": ("Orders",),
    "order_items_v0": ("OrderItems",),
    "orders_2026_01_01": ("orders", "order"),
}


@dataclass(frozen=True)
class Original:
    """What stands at a position of a file that was read.

    Attributes
    ----------
    state : str
        ``as read``: the file is there and its SHA-256 is that of then. ``changed``: another file is
        there. ``gone``: there is none. ``no place``: it is as read, but has no such position, or
        its kind is none of which a part can be cut out.
    why : str
        One sentence on the state.
    path : str or None
        Where the file is now.
    unit : str or None
        What a position counts in this file: ``byte``, ``line``, ``object``, ``whole file``.
    data : bytes or None
        The exact bytes; a mail's with its mailbox's ``From `` line. Null unless as read.
    text : str or None
        The same as text, in the encoding in which it was read; JSON laid out.
    """

    state: State
    why: str
    path: str | None = None
    unit: str | None = None
    data: bytes | None = None
    text: str | None = None


class Originals:
    """Finds files that were read, each opened and hashed once.

    Parameters
    ----------
    folders : sequence of Path
        Where to look by name, at any depth, for files that are not where they were.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = [_by_name(folder) for folder in folders]
        self._found: dict[tuple[str, str], tuple[Source | None, Original]] = {}

    def at(
        self, name: str, sha256: str, pos: int, *, form: str | None, context: Context
    ) -> Original:
        """Return what stands at a position.

        Parameters
        ----------
        name, sha256, pos
            `source`, `source_sha256` and `source_pos` of a row.
        form : str or None
            The format as which the file was read, where the log tells.
        context : Context
            The row's account and store, by which the encoding was told.
        """
        if (name, sha256) not in self._found:
            self._found[name, sha256] = self._find(name, sha256)
        source, state = self._found[name, sha256]
        if source is None:
            return state
        try:
            found = _cut(source, pos, form, context)
        except InputError as error:
            return Original("no place", str(error), state.path)
        if found is None:
            why = (
                f"{name}: it is as it was read, but position {pos} cannot be cut out of a file "
                f"like this; look into {state.path}"
            )
            return Original("no place", why, state.path)
        return Original("as read", state.why, state.path, *found)

    def _find(self, name: str, sha256: str) -> tuple[Source | None, Original]:
        changed: Original | None = None
        for outer, inner in _places(name, self._folders):
            for source in _readable(outer):
                if PurePath(source.name) != PurePath(inner):
                    continue
                if source.sha256 == sha256:
                    return source, Original("as read", "the file is as it was read", inner)
                why = f"has changed since it was read (SHA-256 {sha256}, now {source.sha256})"
                changed = changed or Original("changed", f"{inner}: {why}", inner)
        gone = "is not there any more; --files DIR looks for it by name in a folder"
        return None, changed or Original("gone", f"{name}: {gone}")


def _places(name: str, folders: Sequence[Folder]) -> Iterator[tuple[Path, str]]:
    """Yield the files that may hold what was read under a name, and how each would name it now.

    A member of an archive is named after it, ``a.zip/b.csv``, and what was packed by gzip has lost
    its ``.gz``: so any part of the name may be the file's.
    """
    parts = PurePath(name).parts
    for depth in range(len(parts), 0, -1):
        for suffix in ("", ".gz"):
            path = Path(str(PurePath(*parts[:depth])) + suffix)
            if _is_file(path):
                yield path, name
    for folder in folders:
        for depth in range(len(parts), 0, -1):
            for suffix in ("", ".gz"):
                for path in folder.get(parts[depth - 1] + suffix, ()):
                    whole = PurePath(str(path).removesuffix(suffix), *parts[depth:])
                    yield path, str(whole)


def _by_name(folder: Path) -> Folder:
    found: Folder = {}
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            found.setdefault(name, []).append(Path(place) / name)
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return False


def _readable(path: Path) -> Iterator[Source]:
    """Yield what is in a file; what cannot be opened any more is not what was read."""
    try:
        yield from sources([path])
    except InputError:
        return


def _cut(
    source: Source, pos: int, form: str | None, context: Context
) -> tuple[str, bytes, str] | None:
    """Return what the position counts, the bytes there and what they say; null if there are none.

    The two mail formats are told by their name in the log; any other file by its first bytes.
    """
    if form == "mbox":
        data = _mail_at(source.data, pos) if 0 <= pos < len(source.data) else b""
        return ("byte", *_said(data)) if data else None
    if form == "eml":
        return "whole file", *_said(bytes(source.data))
    head = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in (b"{", b"["):
        if form in _HOLDERS:
            found = object_at(bytes(source.data), pos, ("payload", *_HOLDERS[form]))
            return ("object", *found) if found else None
        found = line_at(bytes(source.data), pos)
        return ("line", *found) if found else None
    if head[:1] == b"<" or head[:4] == b"PK\x03\x04" or not len(source.data):
        return None
    found = _record_at(source, pos, context)
    return ("line", *found) if found else None


def _said(data: bytes) -> tuple[bytes, str]:
    return data, data.decode("utf-8", "backslashreplace")


def _mail_at(data: bytes | mmap.mmap, pos: int) -> bytes:
    """Return a mail from its offset to that of the next."""
    size = _WINDOW
    while True:
        window = bytes(data[pos : pos + size])
        is_rest = pos + size >= len(data)
        following = [piece.pos for piece in islice(pieces(window), 2)][1:]
        if following and (is_rest or following[0] < size - _MARGIN):
            return window[: following[0]]
        if is_rest:
            return window
        size *= 4


def _record_at(source: Source, line: int, context: Context) -> tuple[bytes, str] | None:
    """Return the record that begins in a line of a text table; a quoted cell may span lines."""
    text, encoding = decoded(source, context)
    is_tab = delimiter_of(text.removeprefix("\ufeff").split("\n", 1)[0]) == "\t"
    # as the reader counts them: tab files by line feeds, others also by lone carriage returns
    lines = io.StringIO(text, newline="\n" if is_tab else "")
    rest = list(islice(lines, line - 1, line)) if line > 0 else []
    if not rest:
        return None
    if not is_tab:
        rest = _whole_record(rest, lines, delimiter_of(text.split("\n", 1)[0]))
    found = "".join(rest)
    return found.encode(_part_of(encoding, source)), found.removeprefix("\ufeff")


def _whole_record(first: list[str], lines: io.StringIO, sign: str) -> list[str]:
    """Return the lines of the CSV record that begins with the first."""
    csv.field_size_limit(2**31 - 1)
    taken = list(first)

    def rest() -> Iterator[str]:
        yield from first
        for line in lines:
            taken.append(line)
            yield line

    try:
        next(csv.reader(rest(), delimiter=sign), None)
    except csv.Error:
        return first
    return taken


def _part_of(encoding: str, source: Source) -> str:
    """Return the encoding of a part of a file, which bears no mark of its own."""
    if encoding == "utf-16":
        return "utf-16-le" if source.head.startswith(b"\xff\xfe") else "utf-16-be"
    return encoding.removesuffix("-sig")
