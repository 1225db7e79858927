"""The sample shop, ingested once for all tests of the whole way."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sellerkit.sample import Sample, write_sample


@dataclass(frozen=True)
class Outcome:
    """What a command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


def sellerkit(*words: object, cwd: Path | None = None) -> Outcome:
    """Run the command line in a process of its own, as a user does."""
    done = subprocess.run(
        [sys.executable, "-m", "sellerkit", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=300,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def run() -> object:
    return sellerkit


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return write_sample(tmp_path_factory.mktemp("sample") / "histories", orders=250)


@pytest.fixture(scope="session")
def ingest_words(sample: Sample) -> list[str]:
    own = [word for address in sample.own_addresses for word in ("--own-address", address)]
    return ["ingest", str(sample.folder), "--account", sample.account, *own, "--json"]


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory, ingest_words: list[str]) -> tuple[Path, dict]:
    """The lake of the sample, and the account of its ingest."""
    place = tmp_path_factory.mktemp("lake") / "lake"
    done = sellerkit(*ingest_words, "--lake", place)
    assert done.code == 0, done.err
    return place, done.json
