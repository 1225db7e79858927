"""A command as a whole: seconds, and the memory of it and of all processes that it starts."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

import psutil


def run(words: Sequence[str]) -> tuple[float, float, str]:
    """Run a Python command; return seconds, peak MiB of the whole tree, and what it printed.

    The memory is the sum of what each process has resident, looked at twenty times a second, so
    pages that two share are counted twice.
    """
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(0.05)
    seconds = time.perf_counter() - begun
    printed = process.stdout.read() if process.stdout else ""
    if process.returncode:
        sys.exit(f"{' '.join(words)} failed with exit code {process.returncode}")
    return seconds, peak / 2**20, printed


def _resident(pid: int) -> int:
    try:
        parent = psutil.Process(pid)
        return sum(each.memory_info().rss for each in [parent, *parent.children(recursive=True)])
    except psutil.NoSuchProcess:  # one ended between the list and the look
        return 0
