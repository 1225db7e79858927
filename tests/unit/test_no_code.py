"""No parameter, configuration value or file name becomes code, a place outside, or a shell word."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest
from hostile_rows import TEXTS
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

import sellerkit
from sellerkit.config import load
from sellerkit.draft.eml import file_name
from sellerkit.errors import InputError, UsageError
from sellerkit.fetch.kept import mailbox_folder
from sellerkit.fetch.progress import account_folder
from sellerkit.report.exporter import notebook_path
from sellerkit.report.own import new_report
from sellerkit.report.places import Place
from sellerkit.report.run import TAKEN, find_report
from sellerkit.unattended.state import State

PACKAGE = Path(sellerkit.__file__).parent
NAMES = [
    *TEXTS.values(), "..", ".", "", "../../x", "/etc/passwd", "..\\x", "a/../../x", "C:\\x", "~/x",
    "x\0y",
    "-rf", "\n", ". .", "x" * 300,
]  # fmt: skip
LINES = ["'", '"', "'''", '"""', "\\", "\\'", "\n", "\r\n", "\u2028", "{x}", "%s", "\0", "\ud800"]


@pytest.mark.parametrize("value", [*TEXTS.values(), *LINES])
def test_a_parameter_is_the_value_that_was_given_and_nothing_else(value: str) -> None:
    notebook = load_notebook_node(str(notebook_path("compliance")))
    told = parameterize_notebook(notebook, {"account": value, "lake": value})
    (cell,) = [c for c in told.cells if "injected-parameters" in c.metadata.get("tags", [])]
    body = ast.parse(cell.source).body
    assert all(isinstance(node, ast.Assign) for node in body)
    got = {node.targets[0].id: ast.literal_eval(node.value) for node in body}
    assert got == {"account": value, "lake": value}


@pytest.mark.parametrize("name", NAMES)
def test_whatever_an_account_is_called_its_files_stay_inside(name: str, tmp_path: Path) -> None:
    until = pd.Timestamp("2026-10-05", tz="UTC")
    places = [
        Place.of(tmp_path, name, "compliance", until).page,
        Place.of(tmp_path, "shop", "dossier", until, name).page,
        State(tmp_path).account(name).folder,
        mailbox_folder(tmp_path, name, name),
    ]
    for place in places:
        inside = place.relative_to(tmp_path)
        assert ".." not in inside.parts and place.resolve().is_relative_to(tmp_path), place
        assert len(inside.parts) >= 1 and "\0" not in str(inside)
    if len(name) < 200:
        assert account_folder(tmp_path, name).resolve().parent == tmp_path.resolve()


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_ones_own_is_called_by_a_plain_word(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        new_report(name, tmp_path / "own", taken=TAKEN)
    with pytest.raises(UsageError):
        find_report(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_draft_s_file_is_called_by_plain_signs() -> None:
    class Draft:
        template = "inquiry"

    for name in NAMES:
        Draft.duty = {"order_id": name, "obligation_id": name}
        assert not set(file_name(Draft)) & set("/\\ \0\n'\"$`;|&") and ".." not in file_name(Draft)


@pytest.mark.parametrize("value", [*TEXTS.values(), "../../x"])
def test_a_configuration_is_read_as_words(value: str, tmp_path: Path) -> None:
    quoted = "".join(f"\\U{ord(sign):08x}" for sign in value)
    file = tmp_path / "sellerkit.toml"
    file.write_text(f'[[account]]\nname = "{quoted}"\n', "utf-8")
    try:
        assert load(file).accounts[0].name == value.strip()
    except InputError as error:
        assert "name" in str(error) and str(error).isprintable()


#: What would make words into code, or into words of a shell.
FORBIDDEN = {"eval", "exec", "system", "popen", "to_csv", "to_excel"}


#: A run goes from a command to the kernel that it starts, in a folder that is its owner's alone.
UNPICKLES = {"handed.py": {"pickle"}}


def test_nothing_is_evaluated_run_by_a_shell_unpickled_or_written_for_a_spreadsheet() -> None:
    # a cell that begins with = would be a formula: whoever adds such an export has to see to that
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                assert name not in FORBIDDEN, f"{path}: {name}"
                assert "shell" not in {word.arg for word in call.keywords}, path
            if isinstance(call, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in call.names} | {getattr(call, "module", None)}
                assert not names & {"pickle", "marshal", "shelve", "yaml"} - UNPICKLES.get(
                    path.name, set()
                ), path
