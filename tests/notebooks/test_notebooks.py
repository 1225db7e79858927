"""The notebooks as they lie in git: no outputs, one parameters cell, short cells, no logic."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

from sellerkit import report
from sellerkit.errors import ReportError
from sellerkit.report.exporter import notebook_path, read_notebook

#: For people.
LAB = (
    "01_explore", "02_response_times", "03_obligations", "04_claims", "05_your_own_rules",
)  # fmt: skip
NAMES = (*LAB, "atoz_readiness", "compliance", "dossier", "due", "portfolio")

#: What one's own report begins from; it is held to the same.
TEMPLATE = str(Path(report.__file__).parent / "template" / "own_report.ipynb")

LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.For, ast.While, ast.Try,
)  # fmt: skip
METHODS = {"groupby", "merge", "apply", "pivot_table"}


@pytest.fixture(params=[*NAMES, TEMPLATE], ids=lambda name: Path(name).stem)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def notebook(name: str) -> nbformat.NotebookNode:
    found = read_notebook(name)
    nbformat.validate(found)
    return found


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_notebook_is_looked_at(root: Path) -> None:
    assert sorted(path.stem for path in (root / "notebooks").glob("*.ipynb")) == sorted(NAMES)


def test_no_output_and_no_run_is_stored(notebook: nbformat.NotebookNode) -> None:
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(notebook))


def test_ids_tell_the_place(notebook: nbformat.NotebookNode) -> None:
    places = range(1, len(notebook.cells) + 1)
    assert [cell.id for cell in notebook.cells] == [f"cell-{place:02}" for place in places]


def test_kernel_is_the_same_everywhere(notebook: nbformat.NotebookNode) -> None:
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_one_parameters_cell_of_annotated_scalars(notebook: nbformat.NotebookNode) -> None:
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    lines = tagged[0].source.splitlines()
    for line, statement in zip(lines, ast.parse(tagged[0].source).body, strict=True):
        assert isinstance(statement, ast.AnnAssign) and isinstance(statement.value, ast.Constant)
        assert type(statement.value.value).__name__ == statement.annotation.id
        assert "  # " in line, f"{line}: no word on what it means"


def test_cells_are_few_and_short(notebook: nbformat.NotebookNode) -> None:
    cells = code_cells(notebook)
    assert len(cells) <= 22 + 1  # one for each section; the parameters cell is no code of its own
    for cell in cells:
        if "parameters" not in cell.metadata.get("tags", []):
            assert len(cell.source.splitlines()) <= 8, cell.source


def test_what_needs_logic_is_in_the_package(notebook: nbformat.NotebookNode) -> None:
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, LOGIC), cell.source


@pytest.mark.parametrize("name", ["atoz_readiness", "compliance", "dossier", "due", "portfolio"])
def test_a_report_only_calls(notebook: nbformat.NotebookNode) -> None:
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            assert not (isinstance(node, ast.Attribute) and node.attr in METHODS), cell.source


@pytest.mark.parametrize("name", LAB)
def test_a_notebook_for_people_asks_and_names_its_limits(notebook: nbformat.NotebookNode) -> None:
    first, last = notebook.cells[0].source, notebook.cells[-1].source
    assert first.startswith("# ") and "**Question.**" in first and "?" in first
    assert last.startswith("## Limits of this notebook")
    assert not any("%" in cell.source[:1] for cell in code_cells(notebook))


def test_the_template_has_every_parameter_that_each_report_is_given() -> None:
    papermill = pytest.importorskip("papermill")
    ours = papermill.inspect_notebook(str(notebook_path("compliance")))
    # a roster is what one report alone is asked
    assert set(ours) - {"roster"} <= set(papermill.inspect_notebook(TEMPLATE))


def test_parameters_are_read_by_papermill(name: str, notebook: nbformat.NotebookNode) -> None:
    papermill = pytest.importorskip("papermill")
    found = papermill.inspect_notebook(str(notebook_path(name)))
    tagged = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    named = [statement.target.id for statement in ast.parse(tagged.source).body]
    assert list(found) == named


def test_an_unknown_notebook_names_the_known() -> None:
    with pytest.raises(ReportError, match="compliance"):
        notebook_path("nowhere")
