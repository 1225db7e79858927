"""Reports: a notebook is run by papermill, made into a page, and published when it is complete."""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from sellerkit.errors import InputError, ReportError, UsageError
from sellerkit.report.exporter import notebook_path, render_page
from sellerkit.report.findings import write_findings
from sellerkit.report.load import Run, load_run
from sellerkit.report.own import find_own, title_of

#: What a user calls a report, its notebook and its title.
REPORTS = {
    "compliance": ("compliance", "Compliance report"),
    "atoz": ("atoz_readiness", "A-to-z readiness"),
}

#: Names that no report of one's own can have.
TAKEN = (*REPORTS, "all", "index")

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}

_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Report:
    """A published report: its page, and the findings behind it."""

    name: str
    account: str
    page: Path
    findings: Path


def build_reports(names: list[str], out: Path, *, parameters: Mapping[str, Any]) -> list[Report]:
    """Build reports, for each account of the lake or for the one that is asked for.

    Parameters
    ----------
    names : list of str
        Of `REPORTS`, or ``all``.
    out : Path
        Pages go to ``<out>/<account>/<name>/<until date>.html``.
    parameters : mapping
        Of the notebooks: lake, lake_version, account, as_of, since, until, policy, timezone, texts.
        Text is read as the type that the notebook's cell states.

    Raises
    ------
    UsageError
        A report that there is none of.
    ReportError
        An unknown or wrongly typed parameter, or a notebook that failed. What was published
        before stays as it is.
    """
    wanted = _wanted(names)
    checked = {name: check_parameters(name, parameters) for name in wanted}
    first = checked[wanted[0]]
    whole = _load(first)
    runs = {
        account: whole if len(whole.accounts) == 1 else _load(first | {"account": account})
        for account in whole.accounts
    }
    if not runs:
        raise ReportError(f"{first['lake']}: the lake holds no account yet, so there is no report")
    return [
        _build(name, account, run, out, checked[name])
        for account, run in runs.items()
        for name in wanted
    ]


def find_report(word: str, folder: Path) -> str:
    """Return the name of a report as a user calls it; one of his own is entered in `REPORTS`.

    Parameters
    ----------
    word : str
        A name of `REPORTS` or ``all``, which go before all else; the path of a notebook; or the
        name of one in `folder`.
    folder : Path
        Where one's own reports lie.

    Raises
    ------
    UsageError
        There is none, its name cannot be a report's, or another is called so already.
    ReportError
        A notebook that cannot be read, or has no cell of parameters.
    """
    if word in TAKEN:
        return word
    own = find_own(word, folder, taken=TAKEN)
    if own is None:
        place = word if word.endswith(".ipynb") else folder / f"{word}.ipynb"
        raise UsageError(
            f"no report is called {word[:80]}; there are {', '.join(TAKEN[:-1])}, "
            f"and there is no notebook {str(place)[:200]}"
        )
    known = REPORTS.setdefault(own.stem, (str(own), title_of(own)))
    if known[0] != str(own):
        raise UsageError(f"{known[0]} and {own} have one name, so their pages would be one")
    return own.stem


def _wanted(names: list[str]) -> list[str]:
    unknown = [name for name in names if name not in REPORTS and name != "all"]
    if unknown:
        raise UsageError(
            f"no report is called {unknown[0]}; there are {', '.join(REPORTS)} and all"
        )
    return list(REPORTS) if "all" in names else list(dict.fromkeys(names))


def _load(values: Mapping[str, Any]) -> Run:
    names = ("account", "as_of", "since", "until", "policy", "timezone")
    asked = {name: values[name] for name in names}
    return load_run(values["lake"], version=values["lake_version"], **asked)


def check_parameters(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notebook's parameters, the given ones in place of the defaults, types checked.

    papermill by itself only logs an unknown parameter and goes on with the defaults: a slip of
    the pen would give a report on something else.

    Raises
    ------
    ReportError
        A parameter that the notebook does not have, or a value that is not of its type.
    """
    notebook, _ = REPORTS[name]
    known = papermill.inspect_notebook(str(notebook_path(notebook)))
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise ReportError(
            f"report {name} has no parameter {unknown[0]!r}; it has {', '.join(known)}"
        )
    defaults = {key: _literal(row) for key, row in known.items()}
    given = {
        key: _typed(key, value, known[key]["inferred_type_name"])
        for key, value in parameters.items()
    }
    return defaults | given


def _literal(row: Mapping[str, Any]) -> Any:
    """Return a parameter's default, which a notebook states as a plain value."""
    try:
        value = ast.literal_eval(row["default"])
    except (ValueError, SyntaxError) as error:
        raise ReportError(
            f"parameter {row['name']} is {str(row['default'])[:80]}: a default is a plain value"
        ) from error
    return _typed(row["name"], value, row["inferred_type_name"])


def _typed(name: str, value: Any, kind: str) -> Any:
    wanted = _TYPES.get(kind)
    if wanted is None:
        raise ReportError(
            f"parameter {name} has none of the types {', '.join(_TYPES)}; state it like "
            f'{name}: str = ""  # what it is'
        )
    if type(value) is wanted:
        return value
    if isinstance(value, str):
        try:
            return _FLAGS[value.lower()] if wanted is bool else wanted(value)
        except (ValueError, KeyError):
            pass
    raise ReportError(f"parameter {name} is {value!r}, which is not of type {kind}")


def _build(name: str, account: str, run: Run, out: Path, values: Mapping[str, Any]) -> Report:
    notebook, title = REPORTS[name]
    folder = out / _folder_name(account) / name
    stem = run.audit.until.strftime("%Y-%m-%d")
    page, findings = folder / f"{stem}.html", folder / f"{stem}.findings"
    asked = dict(values) | {
        "lake_version": run.lake_version,
        "account": account,
    }  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".building-") as fresh:
            executed = _execute(notebook, asked, Path(fresh), folder / f"{stem}.failed.ipynb")
            text = render_page(executed, title=f"{title}, {account}, {stem}")
            whole = Path(fresh) / page.name
            whole.write_text(text, "utf-8")
            write_findings(run, findings)
            whole.replace(page)
    except OSError as error:
        raise ReportError(f"{folder}: cannot be written: {error.strerror}") from error
    except InputError as error:
        raise ReportError(str(error)) from error
    return Report(name, account, page, findings)


def _execute(
    notebook: str, values: dict[str, Any], fresh: Path, failed: Path
) -> nbformat.NotebookNode:
    """Run a notebook; where it fails keep it as it stood, with papermill's mark on the cell."""
    done = fresh / "executed.ipynb"
    source = notebook_path(notebook)
    try:
        with tempfile.TemporaryDirectory(prefix="sellerkit-") as sockets:
            papermill.execute_notebook(
                str(source),
                str(done),
                parameters=values,
                progress_bar=False,
                # this Python's own: a notebook may name a kernel that is not here
                kernel_name="python3",
                # where the user is, so that what he named by a relative path is found
                cwd=str(Path.cwd()),
                config=_by_socket(Path(sockets)),
                # what a kernel says when it is stopped concerns nobody; a failure is an exception
                extra_arguments=["--log-level=CRITICAL"],
            )
    except PapermillExecutionError as error:
        shutil.copyfile(done, failed)
        raise ReportError(
            f"report {Path(notebook).stem} failed in cell {error.exec_count}: "
            f"{error.ename}: {error.evalue} (the notebook as it stood: {failed})"
        ) from error
    failed.unlink(missing_ok=True)
    return nbformat.read(done, as_version=4)


def _by_socket(folder: Path) -> Config:
    """Have a kernel reached over sockets in a folder of its own, and not over TCP ports.

    A report holds what buyers wrote: nobody else on the machine can listen in this way, and a
    command that was not asked to open a connection opens none. Sockets of two reports in one
    folder would meet, so each report has its own.
    """
    return Config({"ConnectionFileMixin": {"transport": "ipc", "ip": str(folder / "kernel")}})


def _folder_name(account: str) -> str:
    """Return a folder's name for an account; labels are free text, folders must stay inside."""
    return re.sub(r"[^\w .&+-]", "_", account).strip(". ") or "_"
