"""The whole audit of a large shop, Parquet to Parquet, beside a DuckDB script of its rules (audit.sql).

The script has contacts, obligations, exposure and the state of check-ins; ours concludes all seven
findings, with a sentence for each, so it does more than what is compared. Each has a process of its
own. What both wrote is compared row by row, as a hash, before a figure is printed.

``python -m benchmarks.whole_audit [--orders N] [--runs N] [--texts] [--grow]``: a message for four
orders; without ``--texts`` bodies are left out, for the script does not look at them. ``--grow`` runs
ours alone, at 1, 10 and 100 parts of the size.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import response_times, shop, written

_TEXTS = ("subject", "body")


def sellerkit(source: Path, target: Path, texts: bool) -> None:
    import pyarrow.parquet as pq

    from sellerkit import tables
    from sellerkit.audit import audit

    histories = {}
    for name, table in tables.AUDITED.items():
        columns = [column for column in table.names if texts or column not in _TEXTS]
        read = pq.read_table(source / f"{name}.parquet", columns=columns)
        histories[name] = tables.from_arrow(read, table)
    found = audit(histories, as_of=shop.AS_OF, since="2000-01-01", until="2100-01-01")
    for name, frame in found.findings.items():
        pq.write_table(tables.to_arrow(frame, tables.FINDINGS[name]), target / f"{name}.parquet")


def duckdb(source: Path, target: Path, texts: bool) -> None:
    import duckdb as engine

    script = Path(__file__).with_name("audit.sql").read_text("utf-8")
    engine.connect().execute(script.format(source=source, target=target, as_of=shop.AS_OF))


CONTESTANTS: dict[str, Callable[[Path, Path, bool], None]] = {
    "sellerkit": sellerkit,
    "duckdb": duckdb,
}

#: What is compared of each finding, as text.
_COMPARED = {
    "contacts": "message_id, thread_id, order_id, account, marketplace, epoch_us(sent_at), epoch_us(due_at), "
    "epoch_us(answered_at), answered_by, round(response_hours, 6), status, counted, why_not, topic",
    "obligations": "kind, problem, order_id, thread_id, account, marketplace, epoch_us(trigger_at), epoch_us(due_at), "
    "epoch_us(satisfied_at), satisfied_by, status, proactive",
    "exposure": "order_id, account, epoch_us(claim_window_ends_at), epoch_us(claimable_from), auto_lost, "
    "round(exposure, 2), reasons",
    "check_ins": "order_id, account, state, epoch_us(from_at), epoch_us(to_at)",
}


def fingerprints(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return of each finding that is compared the rows and a hash, whatever their order."""
    import duckdb as engine

    found = {}
    for name, columns in _COMPARED.items():
        path = folder / f"{name}.parquet"
        kind = (
            engine.sql(f"select reasons from '{path}' limit 0").types
            if name == "exposure"
            else [""]
        )
        named = columns.replace(
            "reasons", "array_to_string(reasons, ',')" if str(kind[0]) == "VARCHAR[]" else "reasons"
        )
        row = f"concat_ws('|', {', '.join(f'coalesce(({each})::varchar, chr(0))' for each in _split(named))})"
        found[name] = engine.sql(
            f"select count(*), sum(hash({row})::hugeint) from '{path}'"
        ).fetchall()[0]
    return found


def _split(columns: str) -> list[str]:
    """Return the expressions of a list, whose commas in brackets part nothing."""
    found, depth = [""], 0
    for sign in columns:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return found


def compete(name: str, source: Path, target: Path, texts: bool) -> dict[str, float]:
    """Run one contestant in a process of its own."""
    target.mkdir(exist_ok=True)
    words = [sys.executable, "-m", "benchmarks.whole_audit", "--one", name]
    words += ["--source", str(source), "--target", str(target), *(["--texts"] if texts else [])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed: {done.stderr[-3000:]}")
    return json.loads(done.stdout)


def main(folder: Path, orders: int, runs: int, *, write: bool) -> None:
    """Compare, and measure how the cost grows."""
    rows, grown = compare(folder, orders, runs, texts=False), grow(folder, orders, texts=True)
    if write:
        written.fill("audit", response_times.HEAD, rows)
        written.fill("growth", GROWTH, grown)


def compare(folder: Path, orders: int, runs: int, texts: bool) -> list[tuple[str, ...]]:
    source = folder / "histories"
    _make(source, orders)
    results: dict[str, list[dict[str, float]]] = {name: [] for name in CONTESTANTS}
    for _ in range(runs):
        for name, each in results.items():
            each.append(compete(name, source, folder / name, texts))
    prints = {name: fingerprints(folder / name) for name in CONTESTANTS}
    if prints["sellerkit"] != prints["duckdb"]:
        sys.exit(f"the contestants disagree: {prints}")
    print(f"\nThe audit of {orders:,} orders; both say {prints['duckdb']}\n")
    return response_times.print_table(results)


GROWTH = ("orders", "seconds", "CPU s", "peak MiB")


def grow(folder: Path, orders: int, texts: bool) -> list[tuple[str, ...]]:
    """Measure ours alone, of a hundredth, a tenth and the whole."""
    rows = [GROWTH]
    for size in (orders // 100, orders // 10, orders):
        source = folder / str(size)
        _make(source, size)
        used = compete("sellerkit", source, folder / "found", texts)
        rows.append(
            (f"{size:,}", f"{used['seconds']:.1f}", f"{used['cpu']:.1f}", f"{used['mib']:,.0f}")
        )
    for row in rows:
        print(*(f"{cell:>12}" for cell in row))
    return rows[1:]


def _make(folder: Path, orders: int) -> None:
    # in a process of its own: a child's peak memory begins with its parent's
    words = ["--one", "write", "--source", str(folder), "--orders", str(orders)]
    subprocess.run([sys.executable, "-m", "benchmarks.whole_audit", *words], check=True)


def _one(name: str, source: Path, target: Path, texts: bool) -> None:
    begun = time.perf_counter()
    CONTESTANTS[name](source, target, texts)
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024}
    print(json.dumps(found))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, default=20_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--texts", action="store_true")
    options.add_argument("--grow", action="store_true")
    options.add_argument("--one", help=argparse.SUPPRESS)
    options.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--target", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one == "write":
        shop.write(asked.source, asked.orders)
    elif asked.one:
        _one(asked.one, asked.source, asked.target, asked.texts)
    else:
        with tempfile.TemporaryDirectory() as made:
            if asked.grow:
                grow(Path(made), asked.orders, asked.texts)
            else:
                compare(Path(made), asked.orders, asked.runs, asked.texts)
