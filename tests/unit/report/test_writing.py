"""Files that appear whole, alone or several at once, and what killed processes left."""

from __future__ import annotations

from pathlib import Path

import pytest

from sellerkit.errors import InputError
from sellerkit.report import writing
from sellerkit.report.writing import READY, replace_all, settle, swept, write_whole


@pytest.fixture
def old(tmp_path: Path) -> Path:
    for name in "abc":
        (tmp_path / name).write_text("old")
    return tmp_path


def new(folder: Path) -> Path:
    fresh = folder / ".writing-1"
    fresh.mkdir()
    for name in "ab":
        (fresh / name).write_text("new")
    (fresh / "c").touch()  # is to go
    return fresh


def seen(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


AFTER = {"a": "new", "b": "new"}


def test_all_files_take_their_places(old: Path) -> None:
    replace_all(new(old), old)
    assert seen(old) == AFTER


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_stopped_while_they_are_moved_the_next_one_ends_it(
    moves: int, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, fresh, does = iter(range(moves)), new(old), Path.replace

    def stopping(path: Path, target: Path) -> object:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return does(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stopping)
        if moves < 2:
            with pytest.raises(KeyboardInterrupt):
                replace_all(fresh, old)
        else:
            replace_all(fresh, old)
    settle(old)
    assert seen(old) == AFTER


def test_a_reader_who_cannot_end_it_is_told(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new(old).rename(old / READY)

    def refused(path: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(InputError, match="not all in its place"):
        settle(old)


def test_remains_go_where_nobody_else_is_at_work(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    for name in (".building-x", ".writing-x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text("half")
    with swept(tmp_path):
        assert list(tmp_path.iterdir()) == []
        (tmp_path / ".building-mine").mkdir()
        write_whole(tmp_path / "index.html", b"whole")
        assert (tmp_path / ".building-mine").is_dir()
    write_whole(tmp_path / "index.html", b"whole again")
    assert seen(tmp_path) == {"index.html": "whole again"}


def test_where_there_are_no_locks_nothing_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "fcntl", None)
    (tmp_path / ".building-x").mkdir()
    write_whole(tmp_path / "index.html", b"whole")
    assert (tmp_path / ".building-x").is_dir()
