"""Run every comparison: `python -m benchmarks [--only ingest|response] [--messages N] …`.

Each contestant runs in a process of its own, the contestants in turn, and the medians count. The
answers are compared first: a figure stands only beside one that says the same.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import ingest, response_times


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
    options.add_argument("--only", choices=("ingest", "response"))
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--mails", type=int, default=100_000)
    options.add_argument("--lines", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=3)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.only != "ingest":
            compare_response_times(Path(folder) / "messages.parquet", asked.messages, asked.runs)
        if asked.only != "response":
            ingest.main(Path(folder), asked.mails, asked.lines)


def compare_response_times(data: Path, messages: int, runs: int) -> None:
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
    for name, each in results.items():
        seconds = statistics.median(r["seconds"] for r in each)
        peak = statistics.median(r["mib"] for r in each)
        print(f"{name:12}{seconds:9.2f}{seconds / own:8.2f}{peak:10.0f}")


if __name__ == "__main__":
    main()
