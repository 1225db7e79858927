"""Run every comparison: `python -m benchmarks [--only light|report|response|audit|ingest] [--write]`.

Each contestant runs in a process of its own, the contestants in turn, and the medians count. The
answers are compared first: a figure stands only beside one that says the same. `--write` puts the
results into docs/performance.md.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import ingest, light, report_time, response_times, whole_audit


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=("light", "report", "response", "audit", "ingest"))
    options.add_argument("--messages", type=int, default=10_000_000)
    options.add_argument("--orders", type=int, default=20_000_000)
    options.add_argument("--mails", type=int, default=100_000)
    options.add_argument("--lines", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--write", action="store_true", help="keep the results")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder, write = Path(made), asked.write
        parts = {
            "light": lambda: light.main(asked.runs, write=write),
            "report": lambda: report_time.main(folder, asked.runs, write=write),
            "response": lambda: response_times.main(
                folder, asked.messages, asked.runs, write=write
            ),
            "audit": lambda: whole_audit.main(folder, asked.orders, asked.runs, write=write),
            "ingest": lambda: ingest.main(folder, asked.mails, asked.lines, write=write),
        }
        for part in [asked.only] if asked.only else parts:
            parts[part]()


if __name__ == "__main__":
    main()
