"""What it costs to start: `import sellerkit` beside `import pandas`, and `sellerkit --help`.

Each in a process of its own, in turn, best of so many runs thrown away and medians kept; wanted
are help under 0.3 seconds, and the import under 1.2 times that of pandas.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks import written

STARTS = {
    "python -c pass": ["-c", "pass"],
    "import pandas": ["-c", "import pandas"],
    "import sellerkit": ["-c", "import sellerkit"],
    "sellerkit --help": ["-m", "sellerkit", "--help"],
}


def seconds(words: list[str]) -> float:
    """Return how long a process lives, to the millisecond."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main(runs: int, *, write: bool = False) -> None:
    """Measure, print, and keep the results where that is asked for."""
    found: dict[str, list[float]] = {name: [] for name in STARTS}
    for number in range(runs + 1):
        for name, words in STARTS.items():
            took = seconds(words)
            if number:  # the first round fills the disk's cache and Python's own
                found[name].append(took)
    medians = {name: statistics.median(each) for name, each in found.items()}
    rows = [
        (f"`{name}`", f"{took:.3f}", f"{took / medians['import pandas']:.2f}")
        for name, took in medians.items()
    ]
    print(f"\nStarting, medians of {runs}")
    for name, took, ratio in rows:
        print(f"{name:24}{took:>9} s{ratio:>8}")
    if write:
        written.fill("light", ("", "seconds", "of `import pandas`"), rows)
