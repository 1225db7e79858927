"""A dossier as one zip: the page, the text, the originals by number, and a manifest of hashes.

What it can prove is told in docs/dossier.md: that nothing of it was changed in part. Whoever makes
the whole zip anew can make new hashes too, so the manifest's own SHA-256, the seal, is told when
the zip is made, to be kept elsewhere.
"""

from __future__ import annotations

import hashlib
import io
import json
import mmap
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sellerkit import __version__
from sellerkit.errors import ReportError
from sellerkit.report.dossier import load_dossier
from sellerkit.report.run import Report
from sellerkit.report.sealed import (
    FORMAT,
    INDEX,
    MANIFEST,
    PAGE,
    STATEMENT,
    SUMS,
    packed,
    page_in,
    sums_of,
    verify_zip,
)
from sellerkit.report.writing import swept
from sellerkit.show import Dossier, Exhibit, View, format_statement, statement_of

__all__ = ["Original", "Zip", "page_in", "verify_zip", "write_zip"]


class Original(Protocol):
    """What stands where a row was read from: `sellerkit.read.original.Original`."""

    @property
    def state(self) -> str:
        """``as read``, ``changed``, ``gone`` or ``no place``."""

    @property
    def path(self) -> str | None:
        """Where the file is now."""

    @property
    def unit(self) -> str | None:
        """What a position counts in the file."""

    @property
    def data(self) -> bytes | None:
        """The exact bytes; null unless as read."""


Find = Callable[[Exhibit], Original]

_STATES = {
    "changed": "A file of this name is there, but it is not the one that was read: its SHA-256 is "
    "another.",
    "gone": "The file is not there any more.",
    "no place": "The file is as it was read, but this place cannot be cut out of a file like it.",
}

_SUFFIXES = {"object": ".json", "element": ".xml", "line": ".txt", "row": ".csv"}


@dataclass(frozen=True)
class Zip:
    """A zip that was written.

    Attributes
    ----------
    path : Path
    seal : str
        SHA-256 of its manifest.
    exhibits, lacking : int
        How many there are, and of how many the original could not be packed.
    """

    path: Path
    seal: str
    exhibits: int
    lacking: int

    def sentences(self) -> list[str]:
        """Return what whoever made it has to know."""
        told = [
            "This zip holds message texts and the buyer's data, as an appeal needs them; give it "
            "to nobody else. Only its owner can read the file.",
            f"SHA-256 of its manifest: {self.seal} (keep it elsewhere: it proves the zip later).",
        ]
        if self.lacking:
            told.append(
                f"{self.lacking} of {self.exhibits} exhibits are not in it, since the original "
                f"file is gone or has changed; {INDEX} says which, and --files DIR looks for them."
            )
        return told


def write_zip(report: Report, find: Find) -> Zip:
    """Pack a dossier beside its page; the same page and originals give the same bytes.

    Parameters
    ----------
    report : Report
        Of a dossier, as `build_reports` gave it.
    find : callable
        Gives for an exhibit what stands where it was read from.

    Raises
    ------
    ReportError
        The file cannot be written.
    """
    asked = report.asked
    case = load_dossier(report.run, asked["order"], timezone=asked["timezone"])
    view = View.of(report.run, texts=asked["texts"], names=asked["names"]).at(case.zone)
    places = _Places()
    packs = [_Packed.of(one, find(one), places) for one in case.exhibits]
    members = {
        PAGE: report.page.read_bytes(),
        STATEMENT: format_statement(statement_of(case, view)).encode(),
        INDEX: _index(case, packs, view).encode(),
        **{each.member: each.data for each in packs if each.member and each.data is not None},
    }
    manifest = _manifest(report, case, packs, members)
    seal = hashlib.sha256(manifest).hexdigest()
    sums = sums_of({**_hashes(members), MANIFEST: seal})
    path = report.page.with_suffix(".zip")
    _write(path, packed({**members, MANIFEST: manifest, SUMS: sums}))
    return Zip(path, seal, len(packs), sum(each.data is None for each in packs))


@dataclass(frozen=True)
class _Packed:
    """An exhibit, its bytes, and what they are called in the zip: neither where there are none."""

    exhibit: Exhibit
    state: str
    unit: str | None
    data: bytes | None
    offset: int | None

    @classmethod
    def of(cls, exhibit: Exhibit, original: Original, places: _Places) -> _Packed:
        offset = places.offset(exhibit, original)
        return cls(exhibit, original.state, original.unit, original.data, offset)

    @property
    def member(self) -> str | None:
        if self.data is None:
            return None
        slug = re.sub(r"[^a-z]+", "-", self.exhibit.what.lower()).strip("-")
        return f"exhibits/{self.exhibit.number:03d}-{slug}{self._suffix()}"

    def _suffix(self) -> str:
        """Return a suffix by which a program opens it; nothing of the file's own name is taken."""
        if self.data is not None and self.data.startswith(b"From "):
            return ".mbox"
        if self.exhibit.form in ("mbox", "eml"):
            return ".eml"
        return _SUFFIXES.get(self.unit or "", ".txt")

    def as_dict(self) -> dict[str, Any]:
        one, data = self.exhibit, self.data
        return {
            "number": one.number,
            "member": self.member,
            "state": self.state,
            "why": _STATES.get(self.state),
            "what": one.what,
            "table": one.table,
            "id": one.id,
            "at": None if one.at is None else one.at.isoformat(),
            "file": one.file,
            "file_sha256": one.sha256,
            "format": one.form,
            "position": one.position,
            "position_counts": self.unit,
            "byte_offset": self.offset,
            "bytes": None if data is None else len(data),
        }


class _Places:
    """Finds where in its file an exhibit's bytes begin; each file is hashed once."""

    def __init__(self) -> None:
        self._hashes: dict[Path, str] = {}

    def offset(self, exhibit: Exhibit, original: Original) -> int | None:
        """Return the offset in bytes; null where they stand there twice, or in an archive."""
        if original.data is None:
            return None
        if original.unit in ("byte", "whole file"):
            return exhibit.position if original.unit == "byte" else 0
        try:
            return self._only_place(Path(original.path or ""), exhibit.sha256, original.data)
        except (OSError, ValueError):  # inside an archive, or empty
            return None

    def _only_place(self, path: Path, sha256: str, data: bytes) -> int | None:
        with path.open("rb") as file:
            # a file beside the archive may bear the name of what is in it
            if path not in self._hashes:
                self._hashes[path] = hashlib.file_digest(file, "sha256").hexdigest()
            if self._hashes[path] != sha256:
                return None
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                place = whole.find(data)
                return place if place >= 0 and whole.find(data, place + 1) < 0 else None


def _manifest(
    report: Report, case: Dossier, packs: Sequence[_Packed], members: Mapping[str, bytes]
) -> bytes:
    told = {
        "format": FORMAT,
        "sellerkit": __version__,
        "account": case.account,
        "order_id": case.order_id,
        "as_of": case.as_of.isoformat(),
        "lake_version": report.run.lake_version,
        "policy": report.run.audit.policy.name,
        "members": [
            {"name": name, "bytes": len(members[name]), "sha256": digest}
            for name, digest in _hashes(members).items()
        ],
        "exhibits": [each.as_dict() for each in packs],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _hashes(members: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}


def _index(case: Dossier, packs: Sequence[_Packed], view: View) -> str:
    """Return the list of exhibits for a reader."""
    lines = [
        f"Exhibits to order {case.order_id}",
        f"As of {view.moment(case.as_of, year=True)}; times are those of {view.zone}.",
        f"Hashes: {MANIFEST}, and {SUMS} for `sha256sum -c`.",
        "",
    ]
    for each in packs:
        one = each.exhibit
        at = f", {view.moment(one.at, year=True)}" if one.at is not None else ""
        lines.append(f"{one.number:>3}  {one.what}{at}")
        lines.append(f"     {each.member or 'NOT IN THIS ZIP. ' + _STATES[each.state]}")
        counts = each.unit or "position"
        lines.append(f"     from {_plain(one.file)}, {counts} {one.position}, "
                     f"file SHA-256 {one.sha256}")  # fmt: skip
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in name)


def _write(path: Path, data: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    try:
        with swept(path.parent):
            # mkstemp's files are their owner's alone from the first byte on
            handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=".zipping-")
            try:
                with io.FileIO(handle, "wb") as file:
                    file.write(data)
                Path(fresh).replace(path)
            except BaseException:
                Path(fresh).unlink()
                raise
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror}") from error
