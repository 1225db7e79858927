"""Whether a zip of a dossier is still what was packed: each member, the manifest, the seal."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from sellerkit.errors import InputError

FORMAT = "sellerkit dossier 1"

PAGE = "dossier.html"
STATEMENT = "text-to-paste.txt"
INDEX = "exhibits.txt"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"

#: The earliest moment that a zip can tell: the same members give the same bytes at any time.
_NEVER = (1980, 1, 1, 0, 0, 0)

_STRICT = ConfigDict(strict=True, extra="forbid")


class Member(BaseModel):
    """A member as the manifest has it."""

    model_config = _STRICT
    name: str
    bytes: int
    sha256: str


class ExhibitRow(BaseModel):
    """An exhibit as the manifest has it; `member` is null where its original was not there."""

    model_config = _STRICT
    number: int
    member: str | None
    state: str
    why: str | None
    what: str
    table: str
    id: str
    at: str | None
    file: str
    file_sha256: str
    format: str | None
    position: int
    position_counts: str | None
    byte_offset: int | None
    bytes: int | None


class Manifest(BaseModel):
    """What is in the zip, and of what it was made."""

    model_config = _STRICT
    format: str
    sellerkit: str
    account: str
    order_id: str
    as_of: str
    lake_version: int
    policy: str
    members: list[Member]
    exhibits: list[ExhibitRow]


def packed(members: Mapping[str, bytes]) -> bytes:
    """Return members as a zip, uncompressed and without times: the same ones, the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _NEVER)
            info.create_system, info.external_attr = 3, 0o600 << 16
            archive.writestr(info, data)
    return made.getvalue()


def sums_of(hashes: Mapping[str, str]) -> bytes:
    """Return hashes as ``sha256sum -c`` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in hashes.items()).encode()


def verify_zip(path: str | Path, *, seal: str = "") -> list[str]:
    """Return what in a zip of a dossier is not as it was packed; nothing where all is.

    Parameters
    ----------
    path : str or Path
    seal : str
        The SHA-256 of the manifest that was told when the zip was made. Without it a zip that was
        made anew as a whole cannot be told from the first.

    Returns
    -------
    list of str
        One sentence for each member that has changed, is missing or was added, for a manifest or a
        list of sums that has changed, and for bytes beside the members.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        whole = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            members, problems = _members(archive)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        return [f"{path}: it is no zip that can be read ({error})"]
    problems += _against_manifest(members, seal.strip().lower())
    if not problems and packed({name: data or b"" for name, data in members.items()}) != whole:
        problems.append("the zip holds something beside its members, or has them in another way")
    return problems


def page_in(path: str | Path) -> bytes:
    """Return the page that a zip of a dossier holds, to be verified by itself.

    Raises
    ------
    InputError
        It is no such zip.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(PAGE)
            data = _data(archive, info) if info.compress_type == zipfile.ZIP_STORED else None
    except (OSError, KeyError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InputError(f"{path}: no zip of a dossier: {error}") from error
    if data is None:
        raise InputError(f"{path}: {PAGE} in it is damaged")
    return data


def _members(archive: zipfile.ZipFile) -> tuple[dict[str, bytes | None], list[str]]:
    """Return what each member holds, null where its bytes are not those of its check sum."""
    members: dict[str, bytes | None] = {}
    problems = []
    for info in archive.infolist():
        if info.filename in members:
            problems.append(f"{info.filename} is in it twice")
        # a packed member could be far larger than the zip, and sellerkit packs none
        elif info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            problems.append(f"{info.filename} is not stored as sellerkit stores it")
            members[info.filename] = None
        else:
            members[info.filename] = _data(archive, info)
    return members, problems


def _data(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError):
        return None


def _against_manifest(members: Mapping[str, bytes | None], seal: str) -> list[str]:
    if MANIFEST not in members:
        return [f"{MANIFEST} is missing, so nothing can be said of the rest"]
    raw = members[MANIFEST]
    try:
        manifest = Manifest.model_validate(json.loads(raw or b""))
    except (ValueError, RecursionError) as error:
        return [f"{MANIFEST} has changed: {_why(error)}"]
    own = hashlib.sha256(raw or b"").hexdigest()
    return [
        *_seal(members, manifest, own, seal),
        *_changed(members, manifest),
        *_exhibits(manifest),
    ]


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return "it is no JSON"


def _seal(
    members: Mapping[str, bytes | None], manifest: Manifest, own: str, seal: str
) -> Iterator[str]:
    """Yield whether manifest, sums and seal speak of one another."""
    if manifest.format != FORMAT:
        yield f"{MANIFEST} is of the format {manifest.format!r}; this sellerkit knows {FORMAT!r}"
    if seal and own != seal:
        yield f"{MANIFEST} is not the one that was sealed: its SHA-256 is {own}, not {seal}"
    if SUMS not in members:
        yield f"{SUMS} is missing"
        return
    hashes = {member.name: member.sha256 for member in manifest.members}
    if members[SUMS] == sums_of(hashes | {MANIFEST: own}):
        return
    lines = (members[SUMS] or b"").splitlines()
    if f"{own}  {MANIFEST}".encode() in lines:
        yield f"{SUMS} has changed: it does not say what {MANIFEST} says"
    else:
        yield f"{MANIFEST} or {SUMS} has changed: the one has not the hash that the other names"


def _changed(members: Mapping[str, bytes | None], manifest: Manifest) -> Iterator[str]:
    named: dict[str, Any] = {member.name: member for member in manifest.members}
    for name, member in named.items():
        if name not in members:
            yield f"{name} is missing"
            continue
        data = members[name]
        digest = None if data is None else hashlib.sha256(data).hexdigest()
        if digest != member.sha256:
            now = "its bytes are damaged" if digest is None else f"its SHA-256 is {digest}"
            yield f"{name} has changed: {now}, the manifest says {member.sha256}"
        elif data is not None and len(data) != member.bytes:
            yield f"{MANIFEST} has changed: it gives {name} {member.bytes} bytes, not {len(data)}"
    for name in members:
        if name not in named and name not in (MANIFEST, SUMS):
            yield f"{name} was added: the manifest does not name it"


def _exhibits(manifest: Manifest) -> Iterator[str]:
    """Yield where the list of exhibits and that of members do not fit together."""
    listed = {row.member for row in manifest.exhibits if row.member is not None}
    held = {member.name for member in manifest.members if member.name.startswith("exhibits/")}
    for name in sorted(listed ^ held):
        yield f"{MANIFEST} has changed: {name} is in only one of its two lists"
    for row in manifest.exhibits:
        if (row.member is None) == (row.state == "as read"):
            yield f"{MANIFEST} has changed: exhibit {row.number} is {row.state}, and yet not so"
