"""Reports of one's own: names, where they are found, what is refused."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from sellerkit.errors import ReportError, SellerkitError, UsageError
from sellerkit.report.catalogue import TAKEN, check_parameters, find_report, wanted_reports
from sellerkit.report.own import find_own, new_report, title_of
from sellerkit.report.stripped import strip

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook(
    path: Path, *lines: str, tags: tuple[str, ...] = ("parameters",), kernel: dict | None = PYTHON
) -> Path:
    cell = nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": list(tags)})
    metadata = {} if kernel is None else {"kernelspec": kernel}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=metadata), path)
    return path


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/b", "a b", "Late", "-x", "_x", "x.ipynb", "é", "x" * 61, "x\n", *TAKEN],
)
def test_a_name_that_is_none_or_taken_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        new_report(name, tmp_path, taken=TAKEN)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_made_and_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = new_report("late_answers-2", tmp_path / "deep" / "er", taken=TAKEN)
    assert path == tmp_path / "deep" / "er" / "late_answers-2.ipynb"
    assert title_of(path) == "Late answers 2"
    path.write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="is there already"):
        new_report("late_answers-2", path.parent, taken=TAKEN)
    assert path.read_text("utf-8") == "mine"


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SellerkitError, match="cannot be written"):
        new_report("late", tmp_path / "file", taken=TAKEN)


def test_it_is_found_by_name_and_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = new_report("late", tmp_path, taken=TAKEN)
    assert find_own("late", tmp_path, taken=TAKEN) == path
    assert find_own(str(path), Path("elsewhere"), taken=TAKEN) == path
    assert find_own("late", tmp_path / "none", taken=TAKEN) is None
    assert find_own("../late", tmp_path, taken=TAKEN) is None
    assert find_report("late", tmp_path) == find_report(str(path), Path()) == str(path)


def test_ours_go_before(tmp_path: Path) -> None:
    notebook(tmp_path / "atoz.ipynb", 'lake: str = "x"')
    assert find_report("atoz", tmp_path) == "atoz"
    with pytest.raises(UsageError, match="goes before yours"):
        find_report(str(tmp_path / "atoz.ipynb"), tmp_path)


def test_two_of_one_name_are_not_one_report(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        new_report("late", tmp_path / folder, taken=TAKEN)
    names = [find_report("late", tmp_path / folder) for folder in ("a", "b")]
    with pytest.raises(UsageError, match="two notebooks are called late"):
        wanted_reports(names, {})


def test_one_that_is_not_there_names_what_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no report is called late; there are compliance, .*all"):
        find_report("late", tmp_path)


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"cells": 3, "nbformat": 4}'])
def test_what_is_no_notebook_is_said(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "late.ipynb"
    path.write_bytes(text)
    with pytest.raises(ReportError):
        title_of(path)


def test_a_notebook_without_parameters_is_no_report(tmp_path: Path) -> None:
    path = notebook(tmp_path / "late.ipynb", 'lake: str = "x"', tags=())
    with pytest.raises(ReportError, match="the tag parameters, this has 0"):
        title_of(path)


@pytest.mark.parametrize("kernel", [None, {**PYTHON, "name": "ir", "language": "R"}])
def test_a_notebook_of_another_language_is_no_report(kernel: dict | None, tmp_path: Path) -> None:
    path = notebook(tmp_path / "late.ipynb", 'lake: str = "x"', kernel=kernel)
    with pytest.raises(ReportError, match="names no Python kernel"):
        title_of(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("limit = 3", "has none of the types"),
        ("limit: list = []", "has none of the types"),
        ("limit: int = len('abc')", "a default is a plain value"),
        ("limit: int = 'three'", "not of type int"),
    ],
)
def test_a_parameter_is_typed_and_plain(line: str, said: str, tmp_path: Path) -> None:
    notebook(tmp_path / "late.ipynb", line)
    with pytest.raises(ReportError, match=said):
        check_parameters(find_report("late", tmp_path), {})


def test_a_default_is_read_as_python_reads_it(tmp_path: Path) -> None:
    notebook(tmp_path / "late.ipynb", "low: int = -3", 'text: str = "it\'s \\"so\\""  # said')
    found = check_parameters(find_report("late", tmp_path), {})
    assert found == {"low": -3, "text": 'it\'s "so"'}


def test_saving_takes_outputs_out() -> None:
    output = nbformat.v4.new_output("stream", text="what a buyer wrote")
    cell = nbformat.v4.new_code_cell("x", outputs=[output], execution_count=3)
    content = nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("kept")])
    strip(model={"type": "notebook", "content": content}, path="a.ipynb", contents_manager=None)
    assert (cell.outputs, cell.execution_count, content.cells[1].source) == ([], None, "kept")
    strip(model={"type": "file", "content": "x"}, path="a.txt", contents_manager=None)
