"""One writer at a time, and one of any other thing that shall not be done twice at once."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from filelock import FileLock, Timeout

from sellerkit.errors import HeldError, LakeError

#: How long a second writer waits for the first, in seconds.
_patience: ContextVar[float] = ContextVar("patience", default=10.0)


@contextmanager
def patient(seconds: float) -> Iterator[None]:
    """Let a lake's writers within wait so long for each other."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


@contextmanager
def holding(lock: Path, *, patience: float = 0.0) -> Iterator[None]:
    """Hold a lock; the system itself lets go of it when the process ends, however it ends.

    Parameters
    ----------
    lock : Path
        A file in a folder that exists; who holds it stands in another beside it.
    patience : float
        Seconds to wait for another holder.

    Raises
    ------
    HeldError
        Another process holds it; the message is its id, machine, and since when.
    OSError
        The folder cannot be written.
    """
    held = FileLock(lock, timeout=patience, is_singleton=False)
    try:
        held.acquire()
    except Timeout as error:
        raise HeldError(holder_of(lock)) from error
    try:
        started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        name = f"process {os.getpid()} on {socket.gethostname()} since {started}"
        with suppress(OSError):  # on a full disk the lock is held all the same
            _named(lock).write_text(name, "utf-8")
        yield
    finally:
        held.release()


def holder_of(lock: Path) -> str:
    """Return who holds a lock, or held it last: its process, machine, and since when."""
    try:
        return _named(lock).read_text("utf-8").strip()[:200] or "it has just begun"
    except OSError:
        return "it has just begun"


def _named(lock: Path) -> Path:
    return lock.with_name(f"{lock.name}.holder")


@contextmanager
def only_writer(address: str) -> Iterator[None]:
    """Hold the lake's lock; object stores have none, and Delta itself refuses conflicts there."""
    if "://" in address:
        yield
        return
    folder = Path(address)
    with ExitStack() as held:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            # it will hold what buyers wrote; whom else to let in is for its owner to say
            folder.mkdir(mode=0o700, exist_ok=True)
            held.enter_context(holding(folder / ".lock", patience=_patience.get()))
        except HeldError as error:
            raise LakeError(
                f"{address}: another ingest writes to this lake ({error}); "
                "try again when it is done"
            ) from error
        except OSError as error:
            raise LakeError(f"{address}: cannot be written: {error.strerror}") from error
        yield
