"""A lake with a canary in every text and id of whoever is no held order's, and a search for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from sellerkit.lake import INGESTS, Lake
from sellerkit.purge.plan import ALL, read_all

CANARY = "Zwitscherkanari"

#: What is no text: words of a choice, codes, what the seller calls himself.
_CODES = frozenset(
    (
        "account", "marketplace", "currency", "language", "topic", "topic_rule", "format",
        "sender", "channel", "kind", "status", "fulfillment", "outcome", "direction", "event",
        "authorized_by", "canceled_by", "source_sha256", "part_id", "metric", "requested_on",
        "claim_reason", "content", "places", "request", "purpose",
    )
)  # fmt: skip
_FILLED = ("subject", "body", "notes", "title", "cancel_reason", "label", "carrier", "raw")


def seed(lake: Path, held: set[str]) -> None:
    """Put the canary into every row of a lake that is of no held order, and none into those."""
    frames = read_all(Lake.open(lake))
    kept = _values_of_held(frames, held)
    with Lake.open(lake).writing() as writer:
        for name, table in ALL.items():
            if name != "performance" and len(frames[name]):
                writer.replace(table, _seeded(frames[name], table, held, kept))
        row = frames[INGESTS.name].iloc[[0]].assign(source=f"{CANARY}.eml", source_sha256="0" * 64)
        writer.commit(row.drop(columns=["version", "ingested_at", "versions"]))


def _values_of_held(frames: dict[str, pd.DataFrame], held: set[str]) -> set[str]:
    values: set[str] = set()
    for frame in frames.values():
        order = "order_id" if "order_id" in frame else "named_order_id"
        if order in frame:
            rows = frame[frame[order].isin(held)]
            for column in rows.select_dtypes("str"):
                values.update(rows[column].dropna())
    return values


def _seeded(frame: pd.DataFrame, table: object, held: set[str], kept: set[str]) -> pd.DataFrame:
    order = next((c for c in ("order_id", "named_order_id", "marks") if c in frame), None)
    whole = frame[order].isin(held) if order else pd.Series(False, index=frame.index)
    new = frame.copy()

    def marked(value: str) -> str:
        if value in kept:
            return value
        for old in sorted(kept & set(value.split("/")), key=len):  # a thread of two ids
            return "/".join(p if p == old else p + CANARY for p in value.split("/"))
        if value.startswith("mail:"):  # an id that is made of an order's
            order_id, _, rest = value.removeprefix("mail:").partition(":")
            return f"mail:{order_id}{CANARY}" + (f":{rest}" if rest else "")
        return "/".join(part + CANARY for part in value.split("/"))

    for column in frame:
        if column in _CODES:
            continue
        values = frame[column]
        if str(values.dtype) == "str":
            if column in ("source", *_FILLED, "reason") and not column.endswith("_id"):
                filled = values.fillna("") if column in _FILLED else values
                said = filled + CANARY
                choice = table.name == "claims" and column == "reason"
                new[column] = values.where(whole | choice, said)
            else:
                new[column] = values.map(marked, na_action="ignore").astype("str")
        elif str(values.dtype) == "object":
            new[column] = values.map(lambda ids: [marked(each) for each in ids])
    return new


def where(folder: Path, canary: str = CANARY) -> list[str]:
    """Return every place under a folder where the canary is: bytes, and values of Parquet files."""
    return sorted(set(_places(folder, canary)))


def _places(folder: Path, canary: str) -> Iterator[str]:
    for file in folder.rglob("*"):
        if canary in file.name:
            yield f"{file}: its name"
        if not file.is_file():
            continue
        if canary.encode() in file.read_bytes():
            yield f"{file}: bytes"
        if file.suffix == ".parquet":
            data = pq.read_table(file)
            if canary in str(data.schema.metadata):
                yield f"{file}: metadata"
            for name in data.column_names:
                if any(canary in str(value) for value in set(map(str, data[name].to_pylist()))):
                    yield f"{file}: {name}"
