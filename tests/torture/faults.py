"""What can go wrong with a disk, brought about in the process that shall suffer it."""

from __future__ import annotations

import errno
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_EVENTS = {"os.rename": 0, "os.link": 1, "os.mkdir": 0, "os.rmdir": 0, "os.remove": 0}
#: What writes without Python's knowing, by module: asked before each call.
_NATIVE = {
    "sellerkit.lake.store": ("write_deltalake",),
    "deltalake.table:DeltaTable": ("delete", "restore", "create_checkpoint", "merge"),
    "pyarrow.parquet": ("write_table",),
}


@dataclass(frozen=True)
class FailingWrite:
    """The so-manieth opening for writing, renaming, removing or writing of a table fails.

    With ``count`` 0 none does, and there are so many bytes in `counted` as there were writes.
    """

    count: int
    number: int = errno.EIO
    counted: Path | None = None

    def __call__(self, folder: Path) -> None:
        seen = 0
        to = os.open(self.counted, os.O_WRONLY | os.O_CREAT) if self.counted else -1

        def one_more() -> None:
            nonlocal seen
            seen += 1
            if to >= 0:
                os.write(to, b".")
            if seen == self.count:
                raise OSError(self.number, os.strerror(self.number))

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event == "open":
                path = args[0] if args[2] & _WRITES else None
            else:
                path = args[_EVENTS[event]] if event in _EVENTS else None
            if isinstance(path, str | bytes) and _is_in(os.fsdecode(path), folder):
                one_more()

        for name, calls in _NATIVE.items():
            for call in calls:
                _ask_before(name, call, one_more)
        sys.addaudithook(hook)


def _is_in(path: str, folder: Path) -> bool:
    return not path.startswith("/") or path.startswith(f"{folder}/")


def _ask_before(name: str, call: str, one_more: Callable[[], None]) -> None:
    module, _, owner = name.partition(":")
    __import__(module)
    holder = getattr(sys.modules[module], owner) if owner else sys.modules[module]
    does = getattr(holder, call)

    def instead(*args: Any, **words: Any) -> Any:
        one_more()
        return does(*args, **words)

    setattr(holder, call, instead)


@dataclass(frozen=True)
class SmallFiles:
    """No file can grow beyond a size: libraries that Python does not see suffer it as well."""

    most: int

    def __call__(self, folder: Path) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.most, self.most))
