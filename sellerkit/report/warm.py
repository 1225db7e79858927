"""Kernels that have their imports behind them: one process imports, and forks for each notebook.

A kernel of its own takes a second and a half to start and two more to import pandas and plotly.
Here a template process does that once, while the command reads the lake. Each notebook gets a fork
of it: fresh, since nothing ever ran in the template, and its own, so that one that fails or is
killed leaves the next as it was. The template ends with the command, and its kernels with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from multiprocessing.connection import Connection
from typing import Any

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from sellerkit.report.warm import serve; serve(int(sys.argv[2]))"
)


class Kernels:
    """The command's end of a template process.

    Where there is no fork that can be relied on, or the template has died, `start` gives None, and
    a kernel is started in the ordinary way.
    """

    def __init__(self) -> None:
        self._one_asks = threading.Lock()
        self._connection: Connection | None = None
        if sys.platform == "linux":  # macOS has fork too, but its own libraries do not survive it
            ours, theirs = socket.socketpair()
            with theirs:
                words = [sys.executable, "-c", _START, json.dumps(sys.path), str(theirs.fileno())]
                self._template = subprocess.Popen(
                    words,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is the command's to deal with
                )
            self._connection = Connection(ours.detach())

    def __enter__(self) -> Kernels:
        """Return itself; the template is at its imports by now."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the template, and with it what is left of its kernels."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._template.wait()

    def start(self, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Forked | None:
        """Fork a kernel with the arguments of ipykernel; None where that cannot be."""
        pid = self.ask("start", list(argv), dict(env), cwd)
        return None if pid is None else Forked(self, pid)

    def ask(self, *request: Any) -> Any:
        """Ask the template and return its answer; None where it does not live."""
        with self._one_asks:
            try:
                if self._connection is not None:
                    self._connection.send(request)
                    return self._connection.recv()
            except (EOFError, OSError):
                pass
        return None


_ours: ContextVar[Kernels | None] = ContextVar("kernels", default=None)


@contextlib.contextmanager
def kernels() -> Iterator[Kernels]:
    """Have kernels at hand, whoever asks for them within; those that are at hand are taken.

    A command that will need them says so before it does anything else.
    """
    if (ours := _ours.get()) is not None:
        yield ours
        return
    with Kernels() as made:
        token = _ours.set(made)
        try:
            yield made
        finally:
            _ours.reset(token)


class Forked:
    """A kernel's process, as jupyter_client looks after one: what it uses of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, kernels: Kernels, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._kernels = kernels

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while the process lives."""
        if self.returncode is None:
            alive, code = self._kernels.ask("poll", self.pid) or (False, -signal.SIGKILL)
            self.returncode = None if alive else code
        return self.returncode

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        while self.poll() is None:
            time.sleep(0.01)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(signal.SIGKILL)


def serve(descriptor: int) -> None:
    """Be the template: import, then fork at each request, until the command's end is closed."""
    from sellerkit.report import preloaded  # noqa: F401  (which is all that it is for)

    living: set[int] = set()
    with Connection(descriptor) as connection, contextlib.suppress(EOFError, OSError):
        while True:
            what, *rest = connection.recv()
            if what == "start":
                pid = os.fork()
                if not pid:
                    connection.close()
                    _be_kernel(*rest)
                living.add(pid)
                connection.send(pid)
            else:
                connection.send(_state(rest[0], living))
    for pid in living:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    os._exit(0)  # nothing is left to be tidied, and the command waits


def _state(pid: int, living: set[int]) -> tuple[bool, int]:
    """Say whether a kernel lives, and with which code it ended."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        return True, 0
    living.discard(pid)
    return False, os.waitstatus_to_exitcode(status)


def _be_kernel(argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Go on as a kernel, as if it had been started anew; never returns."""
    code = 1
    try:
        parent = os.getppid()
        os.setsid()
        os.environ.clear()
        # it ends by itself where its parent does, which is the template
        os.environ.update(env | {"JPY_PARENT_PID": str(parent)})
        os.chdir(cwd)

        import numpy as np
        from ipykernel.kernelapp import IPKernelApp

        np.random.seed()  # two forks shall not draw the same numbers
        sys.argv = ["ipykernel_launcher", *argv]
        IPKernelApp.launch_instance(argv)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
