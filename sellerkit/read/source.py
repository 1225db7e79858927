"""What a reader is given and what it gives back: the contract between `ingest` and the formats."""

from __future__ import annotations

import hashlib
import mmap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

import pandas as pd

from sellerkit.errors import InputError

#: Rows of one history: a frame, or a list of records where a file gives one or few rows at a time.
Rows: TypeAlias = pd.DataFrame | list[dict[str, object]]

#: How many bytes of a file its format is told from.
HEAD_BYTES = 65536

#: A file of which more units do not fit is taken for none of its format.
MAX_QUARANTINED = 500_000

#: How much of a file is looked at at once; a whole number of pages.
_BLOCK = 16 * 2**20


@dataclass(frozen=True)
class Source:
    """One file to read: its name as given and its bytes.

    A member of an archive is named ``takeout.zip/Mail/All mail.mbox``. `path` is where another
    process can open the bytes; null where none can. A part of a text file has the `encoding` of the
    whole.
    """

    name: str
    data: bytes | mmap.mmap
    path: str | None = None
    encoding: str | None = None

    @cached_property
    def head(self) -> bytes:
        """The first bytes, from which the format is told."""
        return bytes(self.data[:HEAD_BYTES])

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the whole file, in hexadecimal."""
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes, some at a time; a mapped file's pages are given back behind them."""
        for start in range(0, len(self.data), _BLOCK):
            yield self.data[start : start + _BLOCK]
            if isinstance(self.data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
                self.data.madvise(mmap.MADV_DONTNEED, start, min(_BLOCK, len(self.data) - start))

    @property
    def stem(self) -> str:
        """The last part of the name, without its suffix, in lower case."""
        return self.name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()


@dataclass(frozen=True)
class Context:
    """What the user said about the files.

    Attributes
    ----------
    account : str
        The seller account's label; a file that names an account itself keeps its own.
    marketplace : str or None
        The store, where a row does not name its own; also decides the zone of bare dates.
    own_addresses : frozenset of str
        The seller's own mail addresses, lower case: mail from them is the seller's.
    """

    account: str
    marketplace: str | None = None
    own_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Quarantined:
    """One unit (mail, line, object) that does not fit: where, why, and its raw text."""

    pos: int
    reason: str
    raw: str


class _SetAside(list[Quarantined]):
    """The units that do not fit; where nearly nothing does, the file as such is refused."""

    def append(self, unit: Quarantined) -> None:
        """Set a unit aside.

        Raises
        ------
        InputError
            So many did not fit that the file is none of its format.
        """
        if len(self) >= MAX_QUARANTINED:
            raise InputError(
                f"more than {MAX_QUARANTINED:,} of its units do not fit (at {unit.pos}: "
                f"{unit.reason}); is it of this format?"
            )
        super().append(unit)


@dataclass
class Parsed:
    """What one file gave. The identity ``read == used + skipped + quarantined`` always holds.

    Attributes
    ----------
    read : int
        Units in the file: mails, data lines, objects.
    skipped : Counter
        Units that were understood and are not wanted, by reason.
    quarantined : list of Quarantined
        Units that do not fit.
    tables : dict
        Rows by table name: a history of `sellerkit.tables.HISTORIES`, or ``mails`` (what the
        headers of a mail said: `sellerkit.read.mail.evidence`). `source` and `source_sha256` are
        filled in by `ingest`; `source_pos` by the reader.
    warnings : list of str
        Sentences for the user, each naming the file and the place.
    """

    read: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    quarantined: list[Quarantined] = field(default_factory=_SetAside)
    tables: dict[str, Rows] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def used(self) -> int:
        """Units that became rows, or parts of rows."""
        return self.read - sum(self.skipped.values()) - len(self.quarantined)


class Unit(NamedTuple):
    """What stands at a position of a file.

    Attributes
    ----------
    counts : str
        What a position counts there: ``byte``, ``line``, ``object``, ``element``, ``row``, or
        ``whole file`` where there is nothing to count.
    data : bytes
        The exact bytes; of a spreadsheet's row, which has none of its own, its cells as CSV.
    text : str
        The same to be read.
    """

    counts: str
    data: bytes
    text: str


@dataclass(frozen=True)
class Format:
    """One file format: how it is called, recognised and read.

    Attributes
    ----------
    name : str
        For ``--format`` and the accounts: ``mbox``, ``all_orders``.
    about : str
        One line: what it is and where a user gets it.
    recognised_by : str
        One line: what in the content gives it away.
    example : str
        One line of such a file.
    matches : callable
        Tells from name and head whether a source is of this format. Content decides; a suffix
        proves nothing.
    parse : callable
        Reads a source whole. Raises `InputError` where the file as such cannot be read; a unit
        that does not fit is quarantined instead.
    unit : callable
        The way back: gives what stands at a `source_pos` that `parse` gave to a row; null where
        nothing does. Raises `InputError` where more must be known to tell.
    """

    name: str
    about: str
    recognised_by: str
    example: str
    matches: Callable[[Source], bool]
    parse: Callable[[Source, Context], Parsed]
    unit: Callable[[Source, int, Context], Unit | None]
