"""Reports: a notebook is run by papermill, made into a page, and published when it is complete."""

from __future__ import annotations

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

from sellerkit import __version__
from sellerkit.errors import InputError, ReportError, UsageError
from sellerkit.report.exporter import notebook_path, render_page
from sellerkit.report.findings import write_findings
from sellerkit.report.index import write_index
from sellerkit.report.load import Run, load_runs
from sellerkit.report.places import PORTFOLIO, Place
from sellerkit.report.record import record_of, write_record

#: What a user calls a report, its notebook and its title.
REPORTS = {
    "compliance": ("compliance", "Compliance report"),
    "atoz": ("atoz_readiness", "A-to-z readiness"),
    "due": ("due", "What is due"),
    PORTFOLIO: ("portfolio", "Portfolio"),
}

#: What ``all`` makes: each account's reports, and the portfolio where there are several accounts.
_OF_AN_ACCOUNT = ("compliance", "atoz", "due")

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}

_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Report:
    """A published report: its page, and the findings behind it.

    The portfolio is of no one account: its `account` is empty, and its findings are those beside
    the reports of the accounts.
    """

    name: str
    account: str
    page: Path
    findings: Path | None


def build_reports(names: list[str], out: Path, *, parameters: Mapping[str, Any]) -> list[Report]:
    """Build reports, for each account of the lake or for the one that is asked for.

    Parameters
    ----------
    names : list of str
        Of `REPORTS`, or ``all``.
    out : Path
        Pages go to ``<out>/<account>/<name>/<until date>.html``, the portfolio to
        ``<out>/portfolio/<until date>.html``, and the list of all runs is ``<out>/index.html``.
    parameters : mapping
        Of the notebooks: lake, lake_version, account, as_of, since, until, policy, timezone, texts.
        Text is read as the type that the notebook's cell states.

    Raises
    ------
    UsageError
        A report that there is none of.
    ReportError
        An unknown or wrongly typed parameter, or a notebook that failed. What was published
        before stays as it is, and the reports of other accounts are made all the same.
    """
    wanted = _wanted(names)
    checked = {name: check_parameters(name, parameters) for name in wanted}
    first = checked[wanted[0]]
    runs = _load(first)
    if not runs:
        raise ReportError(f"{first['lake']}: the lake holds no account yet, so there is no report")
    built, failures = [], []
    for name, account in _tasks(names, wanted, list(runs)):
        run = runs[account or next(iter(runs))]
        try:
            built.append(_published(name, account, run, out, checked[name]))
        except ReportError as error:
            failures.append(error)
    _list(out)
    if failures:
        more = f"; {len(failures) - 1} more failed" if len(failures) > 1 else ""
        raise ReportError(f"{failures[0]}{more}") from failures[0]
    return built


def _wanted(names: list[str]) -> list[str]:
    unknown = [name for name in names if name not in REPORTS and name != "all"]
    if unknown:
        raise UsageError(
            f"no report is called {unknown[0]}; there are {', '.join(REPORTS)} and all"
        )
    asked = [*_OF_AN_ACCOUNT, PORTFOLIO] if "all" in names else []
    return list(dict.fromkeys([*asked, *(name for name in names if name != "all")]))


def _tasks(names: list[str], wanted: list[str], accounts: list[str]) -> list[tuple[str, str]]:
    """Return what is to be made: report and account; the portfolio, of no account, last."""
    pairs = [(name, account) for account in accounts for name in wanted if name != PORTFOLIO]
    # it links to the others, and by ``all`` one account alone is not set side by side
    if PORTFOLIO in wanted and (PORTFOLIO in names or len(accounts) > 1):
        pairs.append((PORTFOLIO, ""))
    return pairs


def _load(values: Mapping[str, Any]) -> dict[str, Run]:
    names = ("account", "as_of", "since", "until", "policy", "timezone")
    asked = {name: values[name] for name in names}
    return load_runs(values["lake"], version=values["lake_version"], **asked)


def _list(out: Path) -> None:
    try:
        write_index(out)
    except OSError as error:
        raise ReportError(f"{out}: the list of all runs: {error.strerror}") from error


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
    kind = row["inferred_type_name"]
    text = str(row["default"]).strip("\"'")
    return _typed(row["name"], text, kind)


def _typed(name: str, value: Any, kind: str) -> Any:
    wanted = _TYPES[kind]
    if type(value) is wanted:
        return value
    if isinstance(value, str):
        try:
            return _FLAGS[value.lower()] if wanted is bool else wanted(value)
        except (ValueError, KeyError):
            pass
    raise ReportError(f"parameter {name} is {value!r}, which is not of type {kind}")


def _published(name: str, account: str, run: Run, out: Path, values: Mapping[str, Any]) -> Report:
    """Build a report and keep its record, or that it failed."""
    place = Place.of(out, account, name, run.audit.until)
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        try:
            _build(name, account, run, place, dict(values) | _of_run(account, run, out, name))
        except ReportError as error:
            _record(run, name, place, failed=_where(error))
            raise
        _record(run, name, place)
    except OSError as error:
        raise ReportError(f"{place.folder}: cannot be written: {error.strerror}") from error
    return Report(name, account, place.page, place.findings if account else None)


def _record(run: Run, name: str, place: Place, *, failed: str = "") -> None:
    write_record(record_of(run, name, __version__, failed=failed), place)


def _where(error: ReportError) -> str:
    """Return where a report failed. What the error says may hold what a file said, so it is not."""
    cause = error.__cause__
    if isinstance(cause, PapermillExecutionError):
        where = f"cell {cause.exec_count} of its notebook gave {cause.ename}"
        return f"{where}; the notebook as it stood lies in the folder of this report."
    return "it could not be made or published; the command said why."


def _of_run(account: str, run: Run, out: Path, name: str) -> dict[str, Any]:
    own = {"lake_version": run.lake_version}
    return own | ({"reports": str(out)} if name == PORTFOLIO else {"account": account})


def _build(name: str, account: str, run: Run, place: Place, values: dict[str, Any]) -> None:
    notebook, title = REPORTS[name]
    title = ", ".join(part for part in (title, account, place.day) if part)
    try:
        with tempfile.TemporaryDirectory(dir=place.folder, prefix=".building-") as fresh:
            executed = _execute(notebook, values, Path(fresh), place.failed_notebook)
            text = render_page(executed, title=title)
            whole = Path(fresh) / place.page.name
            whole.write_text(text, "utf-8")
            if account:
                write_findings(run, place.findings)
            whole.replace(place.page)
    except InputError as error:
        raise ReportError(str(error)) from error


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
                # where the user is, so that what he named by a relative path is found
                cwd=str(Path.cwd()),
                config=_by_socket(Path(sockets)),
                # what a kernel says when it is stopped concerns nobody; a failure is an exception
                extra_arguments=["--log-level=CRITICAL"],
            )
    except PapermillExecutionError as error:
        shutil.copyfile(done, failed)
        raise ReportError(
            f"report {notebook} failed in cell {error.exec_count}: {error.ename}: {error.evalue} "
            f"(the notebook as it stood: {failed})"
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
