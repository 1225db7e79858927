"""Run every comparison: `python -m benchmarks [--only ingest|response|audit] [--messages N] …`.

Each contestant runs in a process of its own, the contestants in turn, and the medians count. The
answers are compared first: a figure stands only beside one that says the same.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import ingest, response_times, whole_audit


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=("ingest", "response", "audit"))
    options.add_argument("--messages", type=int, default=10_000_000)
    options.add_argument("--orders", type=int, default=20_000_000)
    options.add_argument("--mails", type=int, default=100_000)
    options.add_argument("--lines", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=5)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if asked.only in (None, "response"):
            response_times.main(folder, asked.messages, asked.runs)
        if asked.only in (None, "audit"):
            whole_audit.compare(folder, asked.orders, asked.runs, texts=False)
            whole_audit.grow(folder, asked.orders, texts=True)
        if asked.only in (None, "ingest"):
            ingest.main(folder, asked.mails, asked.lines)


if __name__ == "__main__":
    main()
