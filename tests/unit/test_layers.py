"""Who may import whom (architecture): a storey sees only what lies below it, never its brothers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

BASE = {"tables", "errors"}
BELOW = {"tables", "errors", "policy"}
AUDIT = BELOW | {"text"}

#: For each folder or module of sellerkit what it may import of sellerkit.
MAY_IMPORT = {
    "errors": set(),
    "tables": {"errors"},
    "policy": BASE,
    "text": BELOW,
    "lake": BASE,
    "sample": BELOW,
    "read.ingest": BELOW | {"read", "text", "lake", "__version__"},
    "read": BELOW | {"text"},
    "audit": AUDIT,
    "draft": BELOW | {"text"},
    "measure": BELOW,
    "show": BELOW,
    "report": BELOW | {"audit", "draft", "measure", "show", "lake", "__version__"},
    "fetch": BELOW | {"read", "read.ingest", "lake", "__version__"},
    "incidents": set(),
    "config": BELOW,
    "deliver": BELOW | {"incidents", "config", "show", "report"},
    "purge": BELOW | {"text", "audit", "measure", "lake", "read", "report"},
    "schedule": BASE | {"config", "__version__"},
    "unattended": {
        *BELOW,
        "incidents",
        "config",
        "audit",
        "lake",
        "read",
        "read.ingest",
        "fetch",
        "report",
        "deliver",
        "__version__",
    },
    "cli": {"everything"},
    "__init__": {"everything"},
    "__main__": {"everything"},
}

PACKAGE = Path(__file__).resolve().parents[2] / "sellerkit"
MODULES = sorted(PACKAGE.rglob("*.py"))


def storey(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    dotted = ".".join(parts)
    return "read.ingest" if dotted.startswith("read.ingest") else parts[0]


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names = [node.module]
            if node.module == "sellerkit":
                names = [f"sellerkit.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "sellerkit" and len(parts) > 1:
                found.add("read.ingest" if parts[1:3] == ["read", "ingest"] else parts[1])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    own = storey(path)
    allowed = MAY_IMPORT[own] | {own}
    if "everything" not in allowed:
        assert imported(path) <= allowed, f"{own} may not import {imported(path) - allowed}"


def test_no_module_is_longer_than_350_lines_and_no_function_than_30() -> None:
    # data in code (the tables' columns) is not counted: tables.py is one list
    for path in MODULES:
        text = path.read_text("utf-8")
        if path.name != "tables.py":
            assert len(text.splitlines()) <= 350, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                assert lines <= 30, f"{path}: {node.name} has {lines} lines"


HEAVY = {"deltalake", "jinja2", "markdown_it", "numpy", "pandas", "papermill", "phonenumbers",
         "plotly", "pyarrow", "pygments"}  # fmt: skip


def loaded_after(code: str) -> set[str]:
    """Return the packages, but for the standard library's, that a process has after the code."""
    report = "print(*{m.split('.')[0] for m in sys.modules}, file=sys.stderr)"
    program = f"import sys, atexit\natexit.register(lambda: {report})\n{code}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return set(done.stderr.split()) - sys.stdlib_module_names


def test_importing_sellerkit_loads_next_to_nothing_and_all_of_it_can_be_seen() -> None:
    code = "import sellerkit\nassert {*sellerkit.__all__} <= {*dir(sellerkit)}"
    assert not loaded_after(code) & (HEAVY | {"typer", "rich"})


HELP = """
import os
os._exit = lambda code: sys.exit(code)  # so that what is loaded is told at the end
sys.argv = ["sellerkit", *{words!r}]
from sellerkit.cli import main
main()
"""


@pytest.mark.parametrize("words", [["--help"], ["report", "--help"], ["policy", "show", "-h"]])
def test_help_loads_only_what_help_needs(words: list[str]) -> None:
    loaded = loaded_after(HELP.format(words=words))
    assert {"typer", "rich", "sellerkit"} <= loaded
    assert not loaded & HEAVY


def test_a_function_that_bears_the_name_of_its_folder_stays_a_function() -> None:
    code = """
import sellerkit.audit.run
import sellerkit
from sellerkit import audit
assert sellerkit.audit is sys.modules["sellerkit.audit"].audit and callable(audit)
"""
    loaded_after(code)


#: What opens connections. `lake` is not among them: an object store is opened by deltalake itself.
NETWORK = {
    "aiohttp", "fsspec", "ftplib", "http", "httpx", "imap_tools", "imaplib", "requests", "s3fs",
    "smtplib", "socket", "sp_api", "ssl", "urllib",
}  # fmt: skip

#: Parts of them that open none, and who may have them: a lock that names its machine, a pair of
#: sockets between a command and its kernels.
EVERYBODY = {"urllib.parse", "imap_tools.imap_utf7"}
HARMLESS = {
    "sellerkit/lake/lock.py": {"socket"},
    "sellerkit/report/warm.py": {"socket"},
}


def network_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name for name in found if name.split(".")[0] in NETWORK}


def test_only_fetch_and_deliver_import_what_opens_connections() -> None:
    for path in MODULES:
        if storey(path) not in ("fetch", "deliver"):
            name = path.relative_to(PACKAGE.parent).as_posix()
            others = network_of(path) - EVERYBODY - HARMLESS.get(name, set())
            assert not others, f"{path} imports {others}"


def test_a_run_without_delivery_loads_nothing_that_opens_connections() -> None:
    import subprocess
    import sys

    code = (
        "import sys; before = set(sys.modules); import sellerkit.unattended, sellerkit.cli.run; "
        "print([m for m in ('smtplib', 'fsspec', 's3fs', 'sellerkit.deliver.tell', "
        "'sellerkit.deliver.publish') if m in set(sys.modules) - before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
