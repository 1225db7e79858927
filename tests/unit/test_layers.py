"""Who may import whom (architecture): a storey sees only what lies below it, never its brothers."""

from __future__ import annotations

import ast
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


def test_importing_sellerkit_loads_neither_plotly_nor_papermill() -> None:
    import subprocess
    import sys

    code = "import sellerkit, sys; print([m for m in ('plotly', 'papermill') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


#: What opens connections. `lake` is not among them: an object store is opened by deltalake itself.
NETWORK = {
    "aiohttp", "fsspec", "ftplib", "http", "httpx", "imap_tools", "imaplib", "requests", "s3fs",
    "smtplib", "socket", "sp_api", "ssl", "urllib",
}  # fmt: skip

#: Parts of them that open none, and a lock that names its machine.
HARMLESS = {
    "urllib.parse": "everybody",
    "imap_tools.imap_utf7": "everybody",
    "socket": "sellerkit/lake/lock.py",
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
    known = {"everybody"}
    for path in MODULES:
        if storey(path) not in ("fetch", "deliver"):
            known = {"everybody", path.relative_to(PACKAGE.parent).as_posix()}
            others = {name for name in network_of(path) if HARMLESS.get(name) not in known}
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
