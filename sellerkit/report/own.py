"""Reports of one's own: a notebook in a folder, begun from a template and run like ours."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from sellerkit.errors import InputError, ReportError, UsageError

#: What a report's notebook is called, so that its name is a folder everywhere and one word.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_SUFFIX = ".ipynb"
_TEMPLATE = Path(__file__).parent / "template" / "own_report.ipynb"
_MOST_BYTES = 50_000_000


def new_report(name: str, folder: Path, *, taken: Collection[str]) -> Path:
    """Begin a report of one's own: a notebook that runs as it is.

    Parameters
    ----------
    name : str
        Small letters, digits, ``-`` and ``_``; what the report is called from then on.
    folder : Path
        Made where it is missing.
    taken : collection of str
        Names of sellerkit's own reports.

    Returns
    -------
    Path
        ``<folder>/<name>.ipynb``

    Raises
    ------
    UsageError
        A name that is none or is taken, or a file that is there already.
    InputError
        The folder cannot be written.
    """
    check_name(name, taken)
    path = folder / f"{name}{_SUFFIX}"
    text = _TEMPLATE.read_text("utf-8").replace("TITLE", _title_of(name))
    if path.exists():
        raise UsageError(f"{path} is there already; it stays as it is, choose another name")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:  # nor what came there since
            file.write(text)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def check_name(name: str, taken: Collection[str]) -> None:
    """Refuse a name that cannot be a report's own.

    Raises
    ------
    UsageError
        Not of small letters, digits, ``-`` and ``_``, or one of sellerkit's own.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:80]!r} cannot be a report’s name: take small letters, digits, - and _, "
            "60 at most, a letter or digit first"
        )
    if name in taken:
        raise UsageError(
            f"{name} is a report of sellerkit’s own, which goes before yours; choose another name"
        )


def find_own(word: str, folder: Path, *, taken: Collection[str]) -> Path | None:
    """Return the notebook of a report of one's own: a path, or a name in a folder.

    Returns
    -------
    Path or None
        None where there is none of that name.

    Raises
    ------
    UsageError
        A notebook whose name cannot be a report's, or is one of sellerkit's.
    """
    path = Path(word) if word.endswith(_SUFFIX) else folder / f"{word}{_SUFFIX}"
    if not word.endswith(_SUFFIX) and not _NAME.fullmatch(word):
        return None
    if not path.is_file():
        return None
    check_name(path.stem, taken)
    return path


def read_own(path: Path) -> NotebookNode:
    """Read the notebook of a report of one's own.

    Raises
    ------
    ReportError
        No notebook, one for another language, or one without a cell tagged ``parameters``.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ReportError(f"{path}: larger than 50 MB; clear its outputs first")
        found = nbformat.reads(path.read_text("utf-8"), as_version=4)
        nbformat.validate(found)
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, nbformat.ValidationError, AttributeError, KeyError, TypeError) as error:
        raise ReportError(f"{path}: not a Jupyter notebook that can be read") from error
    kernel = found.metadata.get("kernelspec", {})
    if not kernel.get("name") or kernel.get("language", "python") != "python":
        raise ReportError(f"{path}: names no Python kernel; open it with one and save it")
    cells = [c for c in found.cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    if len(cells) != 1 or cells[0].cell_type != "code":
        raise ReportError(
            f"{path}: a report has one code cell with the tag parameters, this has {len(cells)}; "
            "`sellerkit new-report` begins one that has it"
        )
    return found


def title_of(path: Path) -> str:
    """Return the title of a report of one's own: its first heading, else its name in words."""
    for cell in read_own(path).cells:
        line = cell.source.lstrip().partition("\n")[0]
        if cell.cell_type == "markdown" and line.startswith("# "):
            return line[2:].strip()[:120] or _title_of(path.stem)
    return _title_of(path.stem)


def _title_of(name: str) -> str:
    words = re.sub(r"[_-]+", " ", name).strip()
    return json.dumps(words[:1].upper() + words[1:])[1:-1]
