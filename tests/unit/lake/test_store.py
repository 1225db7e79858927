"""The lake: all of an ingest or nothing, versions to come back to, one writer."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pandas as pd
import pytest

from sellerkit import tables
from sellerkit.errors import InputError, LakeError
from sellerkit.lake import INGESTS, Lake, patient
from sellerkit.tables import CALLS, CLAIMS


def claims(*ids: str) -> pd.DataFrame:
    rows = [
        {
            "claim_id": i,
            "account": "A",
            "order_id": "o",
            "filed_at": "2026-01-01",
            "reason": "other",
        }
        for i in ids
    ]
    return tables.conform(pd.DataFrame(rows), CLAIMS)


def log() -> pd.DataFrame:
    row = {
        "account": "A", "source": "f", "source_sha256": "0", "reading": "", "read": 1, "used": 1,
        "skipped": "{}", "quarantined": 0, "tables": "{}", "seconds": 0.0,
    }  # fmt: skip
    return pd.DataFrame([row])


def add(place: Path, *ids: str) -> Lake:
    with Lake.open_or_new(place).writing() as writer:
        writer.upsert(CLAIMS, claims(*ids))
        return writer.commit(log())


def ids_in(lake: Lake) -> list[str]:
    return sorted(lake.read(CLAIMS)["claim_id"])


def test_a_version_stays_as_it_was(tmp_path: Path) -> None:
    first, second = add(tmp_path, "1"), add(tmp_path, "1", "2")
    assert (first.version, second.version) == (1, 2)
    assert ids_in(Lake.open(tmp_path, 1)) == ["1"]
    assert ids_in(Lake.open(tmp_path)) == ["1", "2"]
    assert len(Lake.open(tmp_path).ingests()) == 2
    assert Lake.open(tmp_path).ingests().columns.tolist() == INGESTS.names


def test_a_version_that_there_is_not_is_said(tmp_path: Path) -> None:
    add(tmp_path, "1")
    with pytest.raises(InputError, match="no version 7; it has versions 1 to 1"):
        Lake.open(tmp_path, 7)


def test_no_lake_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no lake here"):
        Lake.open(tmp_path / "nothing")


def test_what_was_not_committed_is_not_seen_and_is_taken_back(tmp_path: Path) -> None:
    add(tmp_path, "1")
    with Lake.open(tmp_path).writing() as writer:
        writer.upsert(CLAIMS, claims("2"))
        call = {"call_id": "c", "account": "A", "started_at": "2026-01-01", "direction": "inbound"}
        writer.upsert(CALLS, pd.DataFrame([call]))
    assert ids_in(Lake.open(tmp_path)) == ["1"]
    assert Lake.open(tmp_path).read(CALLS).empty
    add(tmp_path, "3")
    assert ids_in(Lake.open(tmp_path)) == ["1", "3"]
    assert Lake.open(tmp_path).read(CALLS).empty


def _write_until_killed(place: Path) -> None:
    number = 0
    while True:
        with Lake.open_or_new(place).writing() as writer:
            writer.upsert(CLAIMS, claims(*(f"{number}-{i}" for i in range(50))))
            writer.upsert(CLAIMS, claims(*(f"{number}-{i}" for i in range(50, 100))))
            writer.commit(log())
        number += 1


def test_a_killed_writer_leaves_whole_ingests_only(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    for delay in (3.0, 3.3, 3.7):
        process = context.Process(target=_write_until_killed, args=(tmp_path,))
        process.start()
        process.join(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        lake = Lake.open_or_new(tmp_path)
        found = lake.read(CLAIMS)["claim_id"].str.split("-").str[0].value_counts()
        assert (found == 100).all()
    add(tmp_path, "after")
    assert "after" in ids_in(Lake.open(tmp_path))


def test_a_second_writer_is_told_who_holds_the_lake(tmp_path: Path) -> None:
    add(tmp_path, "1")
    words = f"another ingest.*process {os.getpid()} on .* since 20"
    with patient(0.1), Lake.open(tmp_path).writing(), pytest.raises(LakeError, match=words):
        add(tmp_path, "2")
