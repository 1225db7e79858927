"""What holds buyers' data is for its owner's eyes from the first byte on, wherever it lies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def owner_only() -> Iterator[None]:
    """Make files and folders that nobody else may read; libraries' files too, and folders above.

    It is the process's umask that changes: what other threads make meanwhile is private as well,
    which harms nobody. What is there already keeps its mode.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
