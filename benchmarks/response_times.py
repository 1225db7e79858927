"""Pairing each buyer message with its first answer, by thread: late, missed, hours.

sellerkit does more than is compared (runs, why-not, rules by date); the others do the pairing only.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

AS_OF = "2026-10-05T00:00:00Z"


def write(path: Path, size: int) -> None:
    """Write messages in time order: three to a thread on average, 52 % from buyers."""
    rng = np.random.default_rng(7)
    threads = rng.integers(0, max(size // 3, 1), size)
    begin = np.datetime64("2025-10-01", "us").astype("int64")
    sent = np.sort(rng.integers(0, 360 * 86_400, size)) * 1_000_000 + begin
    frame = pd.DataFrame(
        {
            "message_id": pd.Series([f"{n:012x}@mail" for n in rng.permutation(size)], dtype="str"),
            "thread_id": pd.Series([f"buyer{n}/302-{n:07d}-0000001" for n in threads], dtype="str"),
            "account": pd.Series("shop", index=range(size), dtype="str"),
            "sent_at": pd.to_datetime(sent, unit="us", utc=True).as_unit("us"),
            "sender": pd.Series(np.where(rng.random(size) < 0.52, "buyer", "seller"), dtype="str"),
        }
    )
    frame.to_parquet(path, index=False)


def sellerkit(path: Path) -> dict[str, float]:
    from sellerkit import tables
    from sellerkit.audit.contacts import contacts
    from sellerkit.audit.evidence import Evidence
    from sellerkit.policy import Policy

    histories = {name: tables.empty(table) for name, table in tables.AUDITED.items()}
    histories["messages"] = tables.conform(pd.read_parquet(path), tables.MESSAGES)
    evidence = Evidence.at(histories, pd.Timestamp(AS_OF), Policy.default())
    found = contacts(evidence)
    return {
        "contacts": len(found),
        "late": int((found["status"] == "late").sum()),
        "missed": int((found["status"] == "missed").sum()),
        "hours": round(float(found["response_hours"].sum()), 3),
    }


_SQL = """
with b as (select thread_id, sent_at from read_parquet('{path}') where sender = 'buyer'),
     s as (select thread_id, sent_at as answered_at from read_parquet('{path}') where sender = 'seller'),
     p as (select b.sent_at, s.answered_at from b asof left join s
           on b.thread_id = s.thread_id and s.answered_at >= b.sent_at)
select count(*),
       count(*) filter (answered_at > sent_at + interval 24 hour),
       count(*) filter (answered_at is null and sent_at + interval 24 hour < '{as_of}'::timestamptz),
       sum(epoch_us(answered_at) - epoch_us(sent_at)) / 3.6e9
from p
"""  # noqa: E501


def duckdb(path: Path) -> dict[str, float]:
    import duckdb as engine

    row = engine.connect().execute(_SQL.format(path=path, as_of=AS_OF)).fetchone()
    contacts, late, missed, hours = row
    return {"contacts": contacts, "late": late, "missed": missed, "hours": round(float(hours), 3)}


def polars(path: Path) -> dict[str, float]:
    import polars as pl

    rows = pl.read_parquet(path, columns=["thread_id", "sent_at", "sender"]).sort("sent_at")
    asked = rows.filter(pl.col("sender") == "buyer")
    answers = rows.filter(pl.col("sender") == "seller").with_columns(answered_at="sent_at")
    pairs = asked.join_asof(
        answers, on="sent_at", by="thread_id", strategy="forward", check_sortedness=False
    )
    waited = pl.col("answered_at") - pl.col("sent_at")
    limit = pl.duration(hours=24)
    now = pl.lit(AS_OF).str.to_datetime("%Y-%m-%dT%H:%M:%S%#z")
    row = pairs.select(
        contacts=pl.len(),
        late=(waited > limit).sum(),
        missed=(pl.col("answered_at").is_null() & (pl.col("sent_at") + limit < now)).sum(),
        hours=waited.dt.total_microseconds().sum() / 3.6e9,
    ).row(0, named=True)
    return row | {"hours": round(row["hours"], 3)}


CONTESTANTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "sellerkit": sellerkit,
    "duckdb": duckdb,
    "polars": polars,
}


def main() -> None:
    name, path = sys.argv[1:]
    begun = time.perf_counter()
    answer = CONTESTANTS[name](Path(path))
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"answer": answer, "seconds": seconds, "mib": peak}))


if __name__ == "__main__":
    main()
