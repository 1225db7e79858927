"""Pairing each buyer message with its first answer in the thread, Parquet to Parquet.

In: messages with string ids, in no order. Out: a row for each buyer message, in any order, with the
answer's instant and id, the hours, and whether that was in time. Each contestant has a process of
its own, so that its peak memory is its own; a fingerprint of what it wrote is compared with the
others' before a figure is printed. No two messages have one instant, for the rivals leave it open
which of two answers at one instant counts; our own rule for that is tested elsewhere.

``python -m benchmarks.response_times [--messages N] [--runs N]``
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks import written

AS_OF = "2026-10-05T00:00:00Z"
HOUR = 3_600_000_000

#: So many messages are made and written at a time.
_PART = 1_000_000


def write(path: Path, size: int) -> None:
    """Write messages in a random order: three to a thread on average, 52 % from buyers."""
    random = np.random.default_rng(7)
    instants = random.permutation(size) * (360 * 24 * HOUR // size)
    instants += np.datetime64("2025-10-01", "us").astype("int64")
    with pq.ParquetWriter(path, _SCHEMA) as file:
        for first in range(0, size, _PART):
            sent = instants[first : first + _PART]
            file.write_table(_part(random, sent, first, max(size // 3, 1)))


_SCHEMA = pa.schema(
    {
        "message_id": pa.string(),
        "thread_id": pa.string(),
        "account": pa.string(),
        "sent_at": pa.timestamp("us", "UTC"),
        "sender": pa.string(),
        "subject": pa.string(),
    }
)


def _part(random: np.random.Generator, sent: np.ndarray, first: int, threads: int) -> pa.Table:
    number = pc.cast(pa.array(random.integers(0, threads, len(sent))), pa.string())
    padded = pc.utf8_lpad(number, 7, "0")
    thread = pc.binary_join_element_wise("buyer", number, "/302-", padded, "-0000001", "")
    names = pc.cast(pa.array(np.arange(len(sent)) * 7919 + first), pa.string())
    # ids as mail has them: in no order, and alike in nothing but their end
    mixed = pc.cast(pa.array(sent * 2_654_435_761 % 999_999_937), pa.string())
    columns = [
        pc.binary_join_element_wise(mixed, names, "@mail", "-"),
        thread,
        pa.array(np.full(len(sent), "shop"), pa.string()),
        pa.array(sent, pa.timestamp("us", "UTC")),
        pa.array(np.where(random.random(len(sent)) < 0.52, "buyer", "seller"), pa.string()),
        pc.binary_join_element_wise("Where is order", padded, " "),
    ]
    return pa.table(columns, schema=_SCHEMA)


def sellerkit(source: Path, target: Path) -> None:
    from sellerkit.audit.pairing import first_answers

    # both cores: what decodes, codes and sorts leaves Python's lock alone
    with ThreadPoolExecutor(2) as pool:
        coding, rest = pool.submit(_threads, source), pool.submit(_others, source)
        (ids, sent, by_buyer, order), thread = rest.result(), coding.result()
        answer = first_answers(
            thread.indices.to_numpy()[order], sent[order], by_buyer[order], ~by_buyer[order]
        )
        asked = np.flatnonzero(by_buyer[order])
        answered = answer[asked]
        known = answered >= 0
        rows, answers = order[asked], np.where(known, order[answered], 0)
        del order, answer
        taken = [
            pool.submit(values.take, pa.array(places, mask=mask))
            for values, places, mask in (
                (ids, rows, None),
                (ids, answers, ~known),
                (thread.dictionary, thread.indices.to_numpy()[rows], None),
            )
        ]
        waited = np.where(known, sent[answers] - sent[rows], 0)
        columns = {
            "message_id": taken[0].result(),
            "thread_id": taken[2].result(),
            "sent_at": pa.array(sent[rows], pa.timestamp("us", "UTC")),
            "answered_at": pa.array(sent[answers], pa.timestamp("us", "UTC"), mask=~known),
            "answered_by": taken[1].result(),
            "response_hours": pa.array(waited / HOUR, mask=~known),
            "status": _status(sent[rows], waited, known),
        }
    # a dictionary of millions is written out at four times the time of what it stands for
    pq.write_table(pa.table(columns), target, use_dictionary=["status"], write_statistics=False)


def _threads(source: Path) -> pa.DictionaryArray:
    ids = pq.read_table(source, columns=["thread_id"], use_threads=False)["thread_id"]
    return ids.dictionary_encode().combine_chunks()


def _others(source: Path) -> tuple[pa.Array, np.ndarray, np.ndarray, np.ndarray]:
    messages = pq.read_table(source, columns=["message_id", "sent_at", "sender"], use_threads=False)
    sent = messages["sent_at"].cast(pa.int64()).to_numpy()
    by_buyer = pc.equal(messages["sender"], "buyer").to_numpy()
    return messages["message_id"].combine_chunks(), sent, by_buyer, np.argsort(sent)


def _status(sent: np.ndarray, waited: np.ndarray, known: np.ndarray) -> pa.DictionaryArray:
    now = np.datetime64(AS_OF[:-1], "us").astype("int64")
    overdue = np.where(sent + 24 * HOUR < now, 2, 3)
    status = np.where(known, np.where(waited <= 24 * HOUR, 0, 1), overdue).astype("int8")
    return pa.DictionaryArray.from_arrays(status, ["met", "late", "missed", "open"])


_SQL = """
set threads = 2; set preserve_insertion_order = false;
copy (
    with m as (select message_id, thread_id, sent_at, sender from read_parquet('{source}')),
         b as (select * from m where sender = 'buyer'),
         s as (select thread_id, sent_at as answered_at, message_id as answered_by from m where sender = 'seller')
    select b.message_id, b.thread_id, b.sent_at, s.answered_at, s.answered_by,
           (epoch_us(answered_at) - epoch_us(sent_at)) / 3.6e9 as response_hours,
           case when answered_at <= sent_at + interval 24 hour then 'met'
                when answered_at is not null then 'late'
                when sent_at + interval 24 hour < '{as_of}'::timestamptz then 'missed'
                else 'open' end as status
    from b asof left join s on b.thread_id = s.thread_id and s.answered_at >= b.sent_at
) to '{target}' (format parquet, compression snappy)
"""


def duckdb(source: Path, target: Path) -> None:
    import duckdb as engine

    engine.connect().execute(_SQL.format(source=source, target=target, as_of=AS_OF))


def polars(source: Path, target: Path) -> None:
    import polars as pl

    rows = (
        pl.scan_parquet(source)
        .select("message_id", "thread_id", "sent_at", "sender")
        .sort("sent_at")
    )
    asked = rows.filter(pl.col("sender") == "buyer").drop("sender")
    answers = rows.filter(pl.col("sender") == "seller").select(
        "thread_id", answered_by="message_id", answered_at="sent_at"
    )
    waited = pl.col("answered_at") - pl.col("sent_at")
    limit = pl.duration(hours=24)
    now = pl.lit(AS_OF).str.to_datetime("%Y-%m-%dT%H:%M:%S%#z")
    asked.join_asof(
        answers, left_on="sent_at", right_on="answered_at", by="thread_id", strategy="forward",
        check_sortedness=False, coalesce=False,
    ).with_columns(
        response_hours=waited.dt.total_microseconds() / 3.6e9,
        status=pl.when(waited <= limit).then(pl.lit("met"))
        .when(pl.col("answered_at").is_not_null()).then(pl.lit("late"))
        .when(pl.col("sent_at") + limit < now).then(pl.lit("missed"))
        .otherwise(pl.lit("open")),
    ).sink_parquet(target, compression="snappy")  # fmt: skip


def pandas(source: Path, target: Path) -> None:
    import pandas as pd

    rows = pd.read_parquet(source, columns=["message_id", "thread_id", "sent_at", "sender"])
    rows = rows.sort_values("sent_at", ignore_index=True)
    by_buyer = rows.pop("sender") == "buyer"
    answers = rows[~by_buyer].rename(
        columns={"message_id": "answered_by", "sent_at": "answered_at"}
    )
    found = pd.merge_asof(
        rows[by_buyer], answers, left_on="sent_at", right_on="answered_at", by="thread_id",
        direction="forward",
    )  # fmt: skip
    waited = found["answered_at"] - found["sent_at"]
    found["response_hours"] = waited / pd.Timedelta(hours=1)
    limit = pd.Timedelta(hours=24)
    missed = (found["sent_at"] + limit < pd.Timestamp(AS_OF)).to_numpy()
    status = np.select([waited <= limit, waited.notna(), missed], ["met", "late", "missed"], "open")
    found["status"] = pd.Categorical(status)
    found.to_parquet(target, index=False)


CONTESTANTS: dict[str, Callable[[Path, Path], None]] = {
    "sellerkit": sellerkit,
    "duckdb": duckdb,
    "polars": polars,
    "pandas": pandas,
}

_PRINT = """
set threads = 2; set memory_limit = '6GB';
select count(*), count(*) filter (status = 'late'), count(*) filter (status = 'missed'),
       count(*) filter (status = 'open'), count(answered_by),
       bit_xor(hash(message_id::varchar, thread_id::varchar, epoch_us(sent_at), epoch_us(answered_at),
                    answered_by::varchar, status::varchar)),
       round(sum(round(response_hours * 3.6e9)::hugeint) / 3.6e9, 3)
from read_parquet('{path}')
"""


def fingerprint(path: Path) -> tuple[object, ...]:
    """Return counts and a hash of the rows of a file, whatever their order."""
    import duckdb as engine

    return engine.connect().execute(_PRINT.format(path=path)).fetchone() or ()


def compete(name: str, source: Path, target: Path) -> dict[str, float]:
    """Run one contestant in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.response_times", "--one", name]
    words += ["--source", str(source), "--target", str(target)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def main(folder: Path, messages: int, runs: int, *, write: bool = False) -> None:
    source = folder / "messages.parquet"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.response_times", "--one", "write", "--source",
         str(source), "--messages", str(messages)], check=True,
    )  # fmt: skip
    print(f"\nResponse times of {messages:,} messages, string ids, Parquet to Parquet")
    results: dict[str, list[dict[str, float]]] = {name: [] for name in CONTESTANTS}
    prints = {}
    for _ in range(runs):
        for name, each in results.items():
            target = folder / f"{name}.parquet"
            each.append(compete(name, source, target))
            prints[name] = prints.get(name) or fingerprint(target)
            target.unlink()
    if len(set(prints.values())) != 1:
        sys.exit(f"the contestants disagree: {prints}")
    print(f"all agree: {prints['sellerkit']}\n")
    rows = print_table(results)
    if write:
        written.fill("response", HEAD, rows)


HEAD = ("", "seconds", "ratio", "CPU s", "peak MiB", "ratio")


def print_table(results: dict[str, list[dict[str, float]]]) -> list[tuple[str, ...]]:
    """Print the medians beside ours; return the rows of the table."""
    middle = {
        name: {key: statistics.median(run[key] for run in each) for key in each[0]}
        for name, each in results.items()
    }
    own = middle["sellerkit"]
    rows = [
        (
            name,
            f"{each['seconds']:.2f}",
            f"{each['seconds'] / own['seconds']:.2f}",
            f"{each['cpu']:.2f}",
            f"{each['mib']:,.0f}",
            f"{each['mib'] / own['mib']:.2f}",
        )
        for name, each in middle.items()
    ]
    for row in [HEAD, *rows]:
        print(f"{row[0]:12}", *(f"{cell:>9}" for cell in row[1:]))
    return rows


def _one(name: str, source: Path, target: Path) -> None:
    begun = time.perf_counter()
    CONTESTANTS[name](source, target)
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024}
    print(json.dumps(found))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=10_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--one", help=argparse.SUPPRESS)
    options.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--target", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one == "write":
        write(asked.source, asked.messages)
    elif asked.one:
        _one(asked.one, asked.source, asked.target)
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made), asked.messages, asked.runs)
