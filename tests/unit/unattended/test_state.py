"""What a run remembers is whole, and a lock is held by the living only."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sellerkit.errors import HeldError, InputError
from sellerkit.incidents import Brought
from sellerkit.lake import holder_of, holding
from sellerkit.unattended.old import remove_old
from sellerkit.unattended.state import State

AS_OF = pd.Timestamp("2026-10-05T06:00", tz="UTC")

_HOLD = """
import os, signal, sys
from pathlib import Path
from sellerkit.lake import holding
with holding(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_lock_names_its_holder_and_ends_with_it(tmp_path: Path, root: Path) -> None:
    lock = tmp_path / "lock"
    done = subprocess.run([sys.executable, "-c", _HOLD, str(lock)], cwd=root, check=False)
    assert done.returncode == -9
    dead = holder_of(lock)
    with holding(lock):
        mine = holder_of(lock)
        assert mine != dead
        with pytest.raises(HeldError, match="since 20") as told, holding(lock):
            raise AssertionError("two hold it")
    assert str(told.value) == mine


def test_a_run_that_did_not_end_is_told_by_the_next(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    with state.alone():
        assert state.begin(AS_OF, "last-week", ["a"]) is None
    told = state.begin(AS_OF, "last-week", ["a"])
    assert told is not None
    assert told.over
    assert "2026-10-05T06:00:00+00:00 was stopped" in told.told
    state.end()
    assert state.begin(AS_OF, "last-week", ["a"]) is None


def test_what_was_told_last_is_kept_and_what_came_before_goes(tmp_path: Path) -> None:
    account = State(tmp_path).account("My shop")
    first, second = account.findings(AS_OF, 1), account.findings(AS_OF, 2)
    assert first != second
    for place in (first, second):
        place.mkdir(parents=True)
        (place / "summary.json").write_text("{}")
    assert account.previous is None
    account.told(second)
    assert account.previous == second
    assert not first.exists()


def test_what_sources_brought_is_added_up_for_a_moment(tmp_path: Path) -> None:
    account = State(tmp_path).account("a")
    moment = dt.datetime(2026, 10, 5, 6, tzinfo=dt.UTC)
    account.brought([Brought("imap", moment, 3, failed=True)])
    account.brought([Brought("imap", moment, 2)])
    later = Brought("imap", moment + dt.timedelta(days=1), 0)
    assert account.brought([later]) == [Brought("imap", moment, 5), later]
    assert account.brought() == [Brought("imap", moment, 5), later]


def test_a_broken_file_of_state_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("[")
    with pytest.raises(InputError, match="run.json: cannot be read"):
        State(tmp_path).run()


def test_old_pages_go_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "due"
    (folder / "2026-10-01.findings").mkdir(parents=True)
    for name in ("2026-10-01.html", "2026-10-01.run.json", "2026-10-02.html", "2026-10-03.html"):
        (folder / name).touch()
    (folder / "mine-2026-10-01.html").touch()
    remove_old(tmp_path, None)
    assert (folder / "2026-10-01.html").exists()
    remove_old(tmp_path, 2)
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["2026-10-02.html", "2026-10-03.html", "mine-2026-10-01.html"]
