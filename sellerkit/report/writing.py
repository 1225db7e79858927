"""Files that appear whole: written beside their place, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sellerkit.errors import InputError

try:
    import fcntl
except ImportError:  # Windows has no such locks: there remains stay where they are
    fcntl = None  # type: ignore[assignment]

#: How files and folders are called that are not whole yet.
_REMAINS = (".building-*", ".writing-*", ".zipping-*")

#: Whole files that take the place of those beside this folder, all of them or none.
READY = ".ready"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads it sees the old one or the new one, never a part.

    Raises
    ------
    OSError
        The folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with swept(path.parent):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # a temporary file is for its owner alone; what takes its place is as any new file is
            fresh.chmod(0o666 & ~_umask())
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise


@contextmanager
def swept(folder: Path) -> Iterator[None]:
    """Be at work in a folder; what killed processes left there goes, if nobody else is at work.

    The system itself tells: each is at work under a shared lock of the folder, which ends with its
    process, however that ends.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # somebody is at work, or this file system has no locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove_remains(folder)
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _remove_remains(folder: Path) -> None:
    for pattern in _REMAINS:
        for path in list(folder.glob(pattern)):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def replace_all(fresh: Path, folder: Path) -> None:
    """Put all files of a folder in the place of those in another; an empty one removes its like.

    From one instant on they are what `settle` makes of it: who is killed later has only left to
    the next one, writer or reader, what there is to be moved.

    Parameters
    ----------
    fresh : Path
        A folder in `folder`; it is gone afterwards.
    folder : Path

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    while True:
        _move(folder)
        try:
            fresh.rename(folder / READY)
        except OSError:
            if not (folder / READY).exists():  # else another has published here meanwhile
                raise
        else:
            return _move(folder)


def settle(folder: Path) -> None:
    """Finish what `replace_all` had decided in a folder when it was killed.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    try:
        _move(folder)
    except OSError as error:
        raise InputError(
            f"{folder}: what was published there last is not all in its place, and cannot be put "
            f"there: {error.strerror}"
        ) from error


def _move(folder: Path) -> None:
    ready = folder / READY
    if not ready.is_dir():
        return
    for path in sorted(ready.iterdir()):
        with suppress(FileNotFoundError):  # another moves them too
            if path.stat().st_size:
                path.replace(folder / path.name)
            else:
                (folder / path.name).unlink(missing_ok=True)
                path.unlink()
    with suppress(FileNotFoundError):
        ready.rmdir()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
