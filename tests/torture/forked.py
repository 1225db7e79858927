"""Commands of sellerkit as forks of a process that has imported it: quick to start, to kill."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]

#: So long is waited for a command on a busy machine, and for what a killed one had started.
_GIVEN_UP, _GONE = 300.0, 30.0

_CONTEXT = multiprocessing.get_context("forkserver")
_IMPORTED = [
    "sellerkit.cli", "sellerkit.read.ingest", "sellerkit.report.run", "sellerkit.purge",
    "sellerkit.unattended", "sellerkit.report.findings", "torture.faults",
]  # fmt: skip


def _prepare() -> None:
    # children of children import the kit from here too, whatever is installed
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    _CONTEXT.set_forkserver_preload(_IMPORTED)


class Running:
    """A command at work; `before` is called in its process first, to have something go wrong."""

    def __init__(
        self, words: tuple[str, ...], folder: Path, before: Callable[[Path], None] | None = None
    ) -> None:
        _prepare()
        # a pipe: a full disk, or a limit of files, shall not keep the command from saying so
        ours, theirs = _CONTEXT.Pipe(duplex=False)
        self._parts: list[bytes] = []
        self._process = _CONTEXT.Process(target=_be, args=(words, folder, theirs, before))
        self._process.start()
        theirs.close()
        self._listens = threading.Thread(target=self._listen, args=(ours,), daemon=True)
        self._listens.start()

    def _listen(self, ours: Connection) -> None:
        with ours:
            while part := os.read(ours.fileno(), 65536):
                self._parts.append(part)

    def kill(self) -> list[str]:
        """End the command at once, and nothing else; name what of it lives on."""
        try:
            one = psutil.Process(self._process.pid)
            one.send_signal(signal.SIGSTOP)  # it shall start nothing while its children are counted
            started = one.children(recursive=True)
            one.kill()
        except psutil.NoSuchProcess:
            started = []
        self._process.join()
        _, living = psutil.wait_procs(started, timeout=_GONE)
        return [f"{' '.join(each.cmdline())[:80]} lives on" for each in living]

    def wait(self) -> int:
        """Wait for the end and return the exit code; one that does not end is ended."""
        self._process.join(_GIVEN_UP)
        if self._process.exitcode is None:
            self.kill()
            raise TimeoutError(f"no end within {_GIVEN_UP:.0f} s: {self.said}")
        return self._process.exitcode

    @property
    def ended(self) -> bool:
        """Tell whether it has ended."""
        return self._process.exitcode is not None

    @property
    def said(self) -> str:
        """What it said."""
        self._listens.join(_GONE)
        return b"".join(self._parts).decode("utf-8", "replace")


def _be(
    words: tuple[str, ...], folder: Path, said: Connection, before: Callable[[Path], None] | None
) -> None:
    """Be the command; never returns."""
    os.chdir(folder)
    for stream in (1, 2):
        os.dup2(said.fileno(), stream)
    said.close()
    sys.argv = ["sellerkit", *words]
    from sellerkit.cli import main

    if before is not None:
        before(folder)
    main()
