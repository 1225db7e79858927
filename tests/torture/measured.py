"""A command in a process of its own: what it said, how long it took, how much memory it held."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Promised for every file: so much memory, and so much of a processor's time.
MOST_MIB, MOST_SECONDS = 1024, 60

#: So long is waited on a busy machine before a command is given up.
_GIVEN_UP = 300
#: What no command may ever ask the system for, so that a failed promise fells no machine.
_ADDRESSES = 24 * 2**30


@dataclass(frozen=True)
class Measured:
    """What a command came to."""

    code: int
    out: str
    err: str
    seconds: float
    peak_mib: float


def measured(*words: object, cwd: Path) -> Measured:
    """Run sellerkit, and look at its processes while it is at work."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            [sys.executable, "-m", "sellerkit", *map(str, words)],
            stdout=out,
            stderr=err,
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            preexec_fn=_bounded,
            start_new_session=True,
        )
        peaks = [0.0]
        watch = threading.Thread(target=_watch, args=(child, peaks))
        watch.start()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        watch.join()
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode("utf-8", "replace"))
    peak = max(peaks[0], used.ru_maxrss / 1024)
    return Measured(child.returncode, *said, used.ru_utime + used.ru_stime, peak)


def _bounded() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))


def _watch(child: subprocess.Popen[bytes], peaks: list[float]) -> None:
    """Note the memory of a process and of those that it started, until it is gone."""
    import psutil

    begun = time.monotonic()
    try:
        first = psutil.Process(child.pid)
        while first.is_running() and first.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() - begun > _GIVEN_UP:
                os.killpg(child.pid, 9)
            each = [first, *first.children(recursive=True)]
            peaks[0] = max(peaks[0], sum(map(_mib, each)))
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        return


def _mib(process: object) -> float:
    """Return what a process holds: a mapped file is the system's, and can be let go."""
    import psutil

    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0.0
    return (memory.rss - memory.shared) / 2**20
