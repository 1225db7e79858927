"""The key of the pseudonyms: made once, kept in the lake, never shown.

Who holds it can tell a buyer's pseudonym from his id, so it lies where the ids lie and nowhere
else. Readers of Delta Lake, Spark and DuckDB pass over names that begin with a dot: it is no table.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from sellerkit.errors import InputError

KEY_FILE = ".pseudonyms.key"

#: By its key stands in the lake what a purge has left of an id (`sellerkit.lake.tokens`).
PURGE_KEY_FILE = ".purge.key"

#: The folder of the reports of purges, named by their as-of.
PURGES = ".purges"
_NAMED = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d).*\.json")

_BYTES = 32

#: What a file system says that knows no hard links, as memory cards do.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


def pseudonym_key(address: str) -> bytes:
    """Return the lake's key, which is made on first use.

    Parameters
    ----------
    address : str
        A folder, or an address that Delta Lake understands.

    Returns
    -------
    bytes
        32 of them, random, the same at every call. In a folder they stand in a file that its owner
        alone can read; in an object store in a Delta table of one row, since the first commit of
        one is atomic there: whoever may read the bucket may read it.

    Raises
    ------
    InputError
        There is no key yet and none can be written, or what stands there is none.
    """
    return _key(address, KEY_FILE)


def purge_key(address: str) -> bytes:
    """Return the key of what a purge leaves of ids; made by the first purge of a lake.

    Apart from the pseudonyms' own: that may be removed to cut the tie to pages that are out, and
    without this one a purged mail that is read again would come back as new.

    Raises
    ------
    InputError
        As `pseudonym_key`.
    """
    return _key(address, PURGE_KEY_FILE)


def last_purge(address: str) -> str:
    """Return as of which instant a lake was last purged, by its reports' names; else nothing."""
    local = _folder(address)
    found = (
        (_NAMED.fullmatch(path.name) for path in local.joinpath(PURGES).glob("*")) if local else ()
    )
    latest = max((named.groups() for named in found if named), default=None)
    return "{}-{}-{} {}:{} UTC".format(*latest) if latest else ""


def is_purged(address: str) -> bool:
    """Tell whether a lake has a key of purges, so was purged or is about to be."""
    local = _folder(address)
    return local is not None and (local / PURGE_KEY_FILE).is_file()


def _key(address: str, name: str) -> bytes:
    local = _folder(address)
    try:
        text = _from_file(local / name) if local else _from_table(_place(address, name))
    except (OSError, DeltaError) as error:
        raise InputError(
            f"{address}: the key of the pseudonyms cannot be read or made there "
            f"({getattr(error, 'strerror', None) or error}); whoever may write to the lake makes it"
            " with his first `sellerkit report`"
        ) from error
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise InputError(
            f"{address}/{name}: this is no key of sellerkit; put back the one that was there, "
            "or remove it: then one is made, and buyers get new pseudonyms"
        )
    return key


def _folder(address: str) -> Path | None:
    if address.startswith("file://"):
        return Path(unquote(address.removeprefix("file://")))
    return None if "://" in address else Path(address)


def _place(address: str, name: str) -> str:
    return f"{address.rstrip('/')}/{name}"


def _from_file(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text("ascii", errors="replace")
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        _write(fresh, secrets.token_hex(_BYTES))
        # of two that make it at once the first wins: a link is there whole, or not at all
        with suppress(FileExistsError):
            _link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text("ascii", errors="replace")


def _link(fresh: Path, path: Path) -> None:
    try:
        path.hardlink_to(fresh)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _write(path, fresh.read_text("ascii"))


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _from_table(place: str) -> str:
    with suppress(TableNotFoundError):
        return _row(place)
    made = pa.table({"key": [secrets.token_hex(_BYTES)]})
    try:
        write_deltalake(place, made, mode="error")
    except DeltaError:
        if not DeltaTable.is_deltatable(place):
            raise
        # another made it meanwhile, and the first wins
    return _row(place)


def _row(place: str) -> str:
    return str(DeltaTable(place).to_pyarrow_table()["key"][0])
