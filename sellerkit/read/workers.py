"""Parts of one large file, read by several processes or threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import loky

from sellerkit.errors import InputError
from sellerkit.read.source import Source

Work = TypeVar("Work")
Result = TypeVar("Result")

#: More processes than this only wait for the disk.
_MOST = 8


def in_processes(read: Callable[[Work], Result], work: list[Work], source: Source) -> list[Result]:
    """Return what a function gives for each part, in the order of the parts.

    The processes are started anew rather than forked: a fork of a notebook's kernel would inherit
    its threads' locks. They need no guard in the script that calls us.

    Raises
    ------
    InputError
        A process died: out of memory, or stopped from outside.
    """
    try:
        with loky.ProcessPoolExecutor(min(_cores(), len(work), _MOST)) as pool:
            return list(pool.map(read, work))
    except loky.BrokenProcessPool as error:
        raise InputError(
            f"{source.name}: a process that read it died (out of memory?); nothing was changed"
        ) from error


def in_threads(read: Callable[[Work], Result], work: list[Work]) -> list[Result]:
    """Return what a function that mostly works without Python's lock gives for each part."""
    with ThreadPoolExecutor(min(_cores(), _MOST)) as pool:
        return list(pool.map(read, work))


def part_of(path: str, start: int, end: int) -> bytes:
    """Return some bytes of a file."""
    with open(path, "rb") as file:  # noqa: PTH123 - an unpacked member has no Path
        file.seek(start)
        return file.read(end - start)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
