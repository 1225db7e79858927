"""Run every comparison: `python -m benchmarks [--only light|report|ingest|response] [--write] …`.

Each contestant runs in a process of its own, the contestants in turn, and the medians count. The
answers are compared first: a figure stands only beside one that says the same. `--write` puts the
results into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import ingest, light, report_time, response_times, written


def run(contestant: str, data: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.response_times", contestant, str(data)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=("light", "report", "ingest", "response"))
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--mails", type=int, default=100_000)
    options.add_argument("--lines", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--write", action="store_true", help="keep the results")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, write = Path(name), asked.write
        parts = {
            "light": lambda: light.main(max(asked.runs, 5), write=write),
            "report": lambda: report_time.main(folder, max(asked.runs, 5), write=write),
            "response": lambda: compare_response_times(
                folder / "messages.parquet", asked.messages, asked.runs, write=write
            ),
            "ingest": lambda: ingest.main(folder, asked.mails, asked.lines, write=write),
        }
        for part in [asked.only] if asked.only else parts:
            parts[part]()


def compare_response_times(data: Path, messages: int, runs: int, *, write: bool) -> None:
    response_times.write(data, messages)
    print(f"\nResponse times and status of {messages:,} messages, string ids, Parquet in")
    results: dict[str, list[dict[str, float]]] = {n: [] for n in response_times.CONTESTANTS}
    for _ in range(runs):
        for name, own_runs in results.items():
            own_runs.append(run(name, data))
    answers = {json.dumps(each[0]["answer"], sort_keys=True) for each in results.values()}
    if len(answers) != 1:
        sys.exit(f"the contestants disagree: {answers}")
    print(f"all agree: {answers.pop()}\n")
    own = statistics.median(r["seconds"] for r in results["sellerkit"])
    print(f"{'':12}{'seconds':>9}{'ratio':>8}{'peak MiB':>10}")
    rows = []
    for name, each in results.items():
        seconds = statistics.median(r["seconds"] for r in each)
        peak = statistics.median(r["mib"] for r in each)
        print(f"{name:12}{seconds:9.2f}{seconds / own:8.2f}{peak:10.0f}")
        rows.append((name, f"{seconds:.2f}", f"{seconds / own:.2f}", f"{peak:,.0f}"))
    if write:
        written.fill("response", (f"{messages:,} messages", "seconds", "ratio", "peak MiB"), rows)


if __name__ == "__main__":
    main()
