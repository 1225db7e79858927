"""File, position → the bytes that were read there, if the file is still what it was.

What a position counts hangs on the format (tables.md), so the format cuts: `Format.unit`.
Nothing is shown as original that is not: a file whose SHA-256 differs gives no bytes at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal, TypeAlias

from sellerkit.errors import InputError
from sellerkit.read import mapping
from sellerkit.read.files import sources
from sellerkit.read.marks import PASTED
from sellerkit.read.registry import FORMATS, detect
from sellerkit.read.source import Context, Format, Source, Unit

#: The files under a folder, by their bare names.
Folder: TypeAlias = dict[str, list[Path]]

State = Literal["as read", "changed", "gone", "no place"]


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
        What a position counts in this file: `sellerkit.read.source.Unit`.
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
    mappings : sequence of Format
        Formats made of mapping files: a lake keeps only the name of the one that a file was read
        by.
    """

    def __init__(self, folders: Sequence[Path] = (), mappings: Sequence[Format] = ()) -> None:
        self._forms = {form.name: form for form in (*FORMATS, PASTED, *mappings)}
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
            found = self._unit(source, pos, form, context)
        except InputError as error:
            return Original("no place", str(error), state.path)
        if found is None:
            why = (
                f"{name}: it is as it was read, but position {pos} cannot be cut out of a file "
                f"like this; look into {state.path}"
            )
            return Original("no place", why, state.path)
        return Original("as read", state.why, state.path, *found)

    def _unit(self, source: Source, pos: int, name: str | None, context: Context) -> Unit | None:
        """Let the format cut as which a file was read, or else the one that it is of."""
        form = self._forms.get(name or "")
        if form is None and name and name.startswith("mapping:"):
            try:
                return mapping.unit_at(source, pos, context)
            except InputError as error:
                raise InputError(f"{error}; give the one called {name} with --mapping") from error
        form = form or detect(source)
        return form.unit(source, pos, context) if form else None

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
