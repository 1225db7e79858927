"""Commands of sellerkit as forks of a process that has imported it: quick to start, to kill."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
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
        self.said_in = folder.with_name(f"{folder.name}.said-{time.monotonic_ns()}")
        self._process = _CONTEXT.Process(target=_be, args=(words, folder, self.said_in, before))
        self._process.start()

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
        """What it said last."""
        return self.said_in.read_text("utf-8", "replace") if self.said_in.exists() else ""


def _be(
    words: tuple[str, ...], folder: Path, said: Path, before: Callable[[Path], None] | None
) -> None:
    """Be the command; never returns."""
    os.chdir(folder)
    to = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(to, stream)
    sys.argv = ["sellerkit", *words]
    from sellerkit.cli import main

    if before is not None:
        before(folder)
    main()
