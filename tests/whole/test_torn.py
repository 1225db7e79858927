"""A small torture: what was killed, or what could not write, leaves the state before or after."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from torture import crowd
from torture.crashes import MissedError, failing, killed, know, tried
from torture.jobs import JOBS

BY_NAME = {job.name: job for job in JOBS}


@pytest.mark.parametrize(("name", "blow"), [("ingest", killed), ("audit", failing),
                                            ("purge", killed)])  # fmt: skip
def test_after_a_blow_all_is_as_before_or_after_and_a_rerun_ends_right(
    name: str, blow: Callable, tmp_path: Path
) -> None:
    known, chance = know(BY_NAME[name], tmp_path / "known"), random.Random(5)
    with suppress(MissedError):  # on a machine that is quicker now: the torture counts hits only
        for moment in range(2):
            assert tried(known, blow(known, chance), tmp_path / f"{moment}") == (0, 0, [])


def test_ingests_at_once_lose_nothing_and_each_audit_sees_one_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowd, "INGESTS", 3)
    rows = crowd.run(0)
    assert [row.broken for row in rows] == [[], []]
    assert all(row.is_well and row.tried for row in rows)
