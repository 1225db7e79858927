"""A notebook played in this process: the outputs that a kernel gives, without the kernel."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter

from sellerkit.report import rendering
from sellerkit.report.exporter import read_notebook


def played(name: str, **parameters: Any) -> nbformat.NotebookNode:
    """Run the code of a notebook of sellerkit's with those parameters that it has."""
    notebook = read_notebook(name)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _outputs(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= {key: value for key, value in parameters.items() if key in names}
    return notebook


def _outputs(source: str, names: dict[str, Any]) -> list[nbformat.NotebookNode]:
    """Run a cell as a notebook does: its last line's value is shown too."""
    shown: list[Any] = []
    names["display"] = lambda *values: shown.extend(values)
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if last is not None:
        shown.append(eval(compile(ast.Expression(last.value), "<cell>", "eval"), names))
    return [_output(value) for value in shown if value is not None]


def _output(value: Any) -> nbformat.NotebookNode:
    data, metadata = DisplayFormatter().format(value)
    return nbformat.v4.new_output("display_data", data, metadata=metadata)


@contextmanager
def without_kernels() -> Iterator[None]:
    """Have reports played in this process, in a quarter of the time that kernels take.

    What a kernel gives is no other: `test_verify` makes each page by both, the same byte for byte.
    """

    def execute(notebook: str, values: dict[str, Any], *_: Path) -> nbformat.NotebookNode:
        return played(notebook, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "execute", execute)
        yield
