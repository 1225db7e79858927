"""One writer at a time."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sellerkit.errors import InputError

#: How long a second writer waits for the first.
_PATIENCE_SECONDS = 10.0


@contextmanager
def only_writer(address: str) -> Iterator[None]:
    """Hold the lake's lock; object stores have none, and Delta itself refuses conflicts there."""
    if "://" in address:
        yield
        return
    folder = Path(address)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # it will hold what buyers wrote; whom else to let in is for its owner to say
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=_PATIENCE_SECONDS, is_singleton=False)
        lock.acquire()
    except Timeout as error:
        holder = (folder / ".lock.holder").read_text("utf-8").strip()
        raise InputError(
            f"{address}: another ingest writes to this lake ({holder}); try again when it is done"
        ) from error
    except OSError as error:
        raise InputError(f"{address}: cannot be written: {error.strerror}") from error
    try:
        started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        (folder / ".lock.holder").write_text(f"process {os.getpid()} since {started}", "utf-8")
        yield
    finally:
        lock.release()
