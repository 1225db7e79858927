"""Warm kernels: each fresh, none the worse for what became of another."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from sellerkit.errors import ReportError
from sellerkit.measure import to_json
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report import execute as executing
from sellerkit.report.handed import HANDED, hand_over, handed_over
from sellerkit.report.load import Run, load_run
from sellerkit.report.warm import Kernels, kernels


class NoRun:
    """A run of nothing: what a notebook that asks for none is about."""

    summary: dict[str, object] = {}


@pytest.fixture(scope="module")
def warm() -> Iterator[Kernels]:
    with kernels() as made:
        yield made


def result(folder: Path, *cells: str) -> str:
    """Run a notebook and return what its last cell prints."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "x"}
    path = folder / "one.ipynb"
    nbformat.write(notebook, path)
    done = executing.execute(str(path), {}, NoRun(), folder, folder / "failed.ipynb")  # type: ignore[arg-type]
    return "".join(done.cells[-1].outputs[0].text).strip()


def test_a_kernel_is_fresh_and_differs_from_the_last(warm: Kernels, tmp_path: Path) -> None:
    """Names, modules' attributes and drawn numbers of one report are not those of the next."""
    ask = "import os, pandas, random, numpy\nprint(hasattr(pandas, 'spoilt'), 'mine' in globals(), os.getpid(), random.random(), numpy.random.rand())\nmine = pandas.spoilt = 1"  # noqa: E501
    one, two = (result(tmp_path, ask).split() for _ in range(2))
    assert one[:2] == two[:2] == ["False", "False"]
    assert not set(one[2:]) & set(two[2:])
    assert {os.getppid(), os.getpid()}.isdisjoint({int(one[2]), int(two[2])})


def test_a_notebook_that_fails_or_whose_kernel_is_killed_leaves_the_next_as_it_was(
    warm: Kernels, tmp_path: Path
) -> None:
    with pytest.raises(ReportError, match="ZeroDivisionError"):
        result(tmp_path, "x = 1", "x / 0")
    with pytest.raises(ReportError, match="the process that ran its notebook died"):
        result(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert result(tmp_path, "print(6 * 7)") == "42"


def test_where_the_template_has_died_a_kernel_is_started_as_usual(tmp_path: Path) -> None:
    with kernels() as made:
        made._template.kill()
        made._template.wait()
        assert result(tmp_path, "print(6 * 7)") == "42"


def test_no_kernel_outlives_the_command(tmp_path: Path) -> None:
    file = tmp_path / "kernel.json"
    with Kernels() as made:
        forked = made.start(["-f", str(file)], os.environ, str(tmp_path))
        assert forked is not None and forked.poll() is None
    with pytest.raises(ProcessLookupError):
        for _ in range(500):
            os.kill(forked.pid, 0)
            time.sleep(0.02)


def test_a_signal_reaches_a_kernel_and_its_code_is_told(tmp_path: Path) -> None:
    with Kernels() as made:
        forked = made.start(["-f", str(tmp_path / "kernel.json")], os.environ, str(tmp_path))
        assert forked is not None
        forked.kill()
        assert forked.wait() == -signal.SIGKILL == forked.poll()


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    head = "message_id,thread_id,order_id,sender,marketplace,sent_at,topic,body\n"
    rows = "a,a,,buyer,DE,2026-09-20T10:00Z,inquiry,Where is it?\nb,a,,seller,DE,2026-09-20T12:00Z,,Soon.\n"  # noqa: E501
    (tmp_path / "messages.csv").write_text(head + rows)
    ingest([tmp_path / "messages.csv"], tmp_path / "lake", Context("shop", "DE"))
    return tmp_path / "lake"


def test_a_notebook_is_given_the_run_that_it_asks_for_and_no_other(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"as_of": "2026-10-05", "since": "2026-09-05", "until": "2026-10-05"}
    run = load_run(lake, **asked)
    file = tmp_path / "runs"
    hand_over([run], file)
    monkeypatch.setenv(HANDED, str(file))
    handed_over.cache_clear()
    try:
        settled = asked | {"version": run.lake_version, "timezone": run.zone}
        given = load_run(run.parameters["lake"], **settled)
        assert given is handed_over()[0] and not file.exists()
        assert_same(given, run)
        for other in ({"as_of": "2026-10-06"}, {"since": "2026-09-06"}, {"timezone": "Asia/Tokyo"},
                      {"policy": "2015-12-01"}, {"account": run.accounts[0]}):  # fmt: skip
            assert load_run(run.parameters["lake"], **(settled | other)) is not given, other
        assert load_run(run.parameters["lake"], **(settled | {"timezone": ""})) is given
    finally:
        handed_over.cache_clear()


def assert_same(given: Run, run: Run) -> None:
    assert to_json(given.summary) == to_json(run.summary)
    for name, frame in run.audit.findings.items():
        pd.testing.assert_frame_equal(given.audit.findings[name], frame)
    for name, frame in run.audit.histories.items():
        pd.testing.assert_frame_equal(given.audit.histories[name], frame)
