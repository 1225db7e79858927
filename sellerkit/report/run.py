"""Reports: a notebook is run by papermill, made into a page, and published when it is complete."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from papermill.exceptions import PapermillExecutionError

from sellerkit import __version__
from sellerkit.audit import instant
from sellerkit.errors import InputError, ReportError
from sellerkit.report.catalogue import (
    OF_ONE,
    REPORTS,
    TAKEN,
    check_parameters,
    entry,
    find_report,
    own_parameters,
    wanted_reports,
)
from sellerkit.report.dossier import owner_of
from sellerkit.report.findings import write_findings
from sellerkit.report.index import write_index
from sellerkit.report.load import Run, load_run, load_runs
from sellerkit.report.pdf import print_page
from sellerkit.report.places import PORTFOLIO, Place
from sellerkit.report.private import OWNER_ONLY
from sellerkit.report.provenance import PLACES, read_run
from sellerkit.report.record import record_of, write_record
from sellerkit.report.rendering import Rendering, render_report
from sellerkit.report.warm import kernels
from sellerkit.report.writing import swept

__all__ = [
    "OF_ONE", "REPORTS", "TAKEN", "Form", "Report", "build_reports", "check_parameters",
    "find_report", "render_report",
]  # fmt: skip


@dataclass(frozen=True)
class Form:
    """In which form pages are published.

    Attributes
    ----------
    static : bool
        Without any script: charts are drawings.
    browser : Path, optional
        Prints each page to PDF too, always the static one.
    """

    static: bool = False
    browser: Path | None = None


_INTERACTIVE = Form()


@dataclass(frozen=True)
class Report:
    """A published report: its page, the findings behind it, the run, and what was asked of it.

    The portfolio is of no one account: its `account` is empty, and its findings are those beside
    the reports of the accounts.
    """

    name: str
    account: str
    page: Path
    findings: Path | None
    run: Run = field(repr=False, compare=False)
    asked: Mapping[str, Any] = field(repr=False, compare=False)
    pdf: Path | None = None

    @property
    def files(self) -> list[Path]:
        """What a reader opens."""
        return [self.page, *([self.pdf] if self.pdf else [])]


def build_reports(
    names: list[str], out: Path, *, parameters: Mapping[str, Any], form: Form = _INTERACTIVE
) -> list[Report]:
    """Build reports, for each account of the lake or for the one that is asked for.

    Parameters
    ----------
    names : list of str
        Of `REPORTS`, ``all`` (those about one order only where `parameters` name it), or the path
        of a notebook of one's own, as `find_report` gives it.
    out : Path
        Pages go to ``<out>/<account>/<name>/<until date>.html``, that of an order to
        ``<until date>_<order id>.html``, the portfolio to ``<out>/portfolio/<until date>.html``,
        and the list of all runs is ``<out>/index.html``.
    parameters : mapping
        Of the notebooks: lake, lake_version, account, as_of, since, until, policy, timezone,
        texts, names, order. Text is read as the type that the notebook's cell states.
    form : Form
        Default an interactive page, and none on paper.

    Raises
    ------
    UsageError
        A report that there is none of, or one about an order without its id.
    InputError
        An order that is not on file.
    ReportError
        An unknown or wrongly typed parameter, a notebook that failed, a page that holds what it was
        not asked to show, a chart that cannot be drawn on a static page, or a browser that does not
        print. What was published before stays as it is, and the reports of other accounts are made
        all the same.
    """
    wanted = wanted_reports(names, parameters)
    checked = {name: check_parameters(name, own_parameters(name, parameters)) for name in wanted}
    first = checked[wanted[0]]
    runs = load_runs(first["lake"], version=first["lake_version"], **_window(first))
    if not runs:
        raise ReportError(f"{first['lake']}: the lake holds no account yet, so there is no report")
    built, failures = [], []
    with kernels():
        for name, account in _tasks(names, wanted, runs, checked):
            run = runs[account] if account else _whole(checked[name], runs)
            try:
                built.append(_published(name, account, run, out, checked[name], form))
            except ReportError as error:
                failures.append(error)
    _list(out)
    if failures:
        more = f"; {len(failures) - 1} more failed" if len(failures) > 1 else ""
        raise ReportError(f"{failures[0]}{more}") from failures[0]
    return built


def _window(values: Mapping[str, Any]) -> dict[str, Any]:
    names = ("account", "as_of", "since", "until", "policy", "timezone")
    return {name: values[name] for name in names}


def _whole(values: Mapping[str, Any], runs: Mapping[str, Run]) -> Run:
    """Return the run of all accounts together, at the version that was audited."""
    version = next(iter(runs.values())).lake_version
    return load_run(values["lake"], version=version, **_window(values))


def _tasks(
    names: list[str], wanted: list[str], runs: Mapping[str, Run], checked: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield what is to be made: report and account; the portfolio, of no account, last."""
    owner = ""
    for name in set(wanted) & set(OF_ONE):
        order = str(checked[name][OF_ONE[name]]).strip()
        owner = owner_of(_whole(checked[name], runs), order)
    for account in runs:
        for name in wanted:
            if name != PORTFOLIO and (name not in OF_ONE or account == owner):
                yield name, account
    # it links to the others, and by ``all`` one account alone is not set side by side
    if PORTFOLIO in wanted and (PORTFOLIO in names or len(runs) > 1):
        yield PORTFOLIO, ""


def _list(out: Path) -> None:
    try:
        write_index(out)
    except OSError as error:
        raise ReportError(f"{out}: the list of all runs: {error.strerror}") from error


def _published(
    name: str, account: str, run: Run, out: Path, values: Mapping[str, Any], form: Form
) -> Report:
    """Build a report and keep its record, or that it failed."""
    called, _, _ = entry(name)
    order = str(values[OF_ONE[name]]).strip() if name in OF_ONE else ""
    place = Place.of(out, account, called, run.audit.until, order)
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        asked = _asked(account, run, out, place, values)
        try:
            pdf = _build(name, run, place, asked, form)
        except ReportError as error:
            _record(run, name, place, failed=_where(error))
            raise
        _record(run, name, place)
    except OSError as error:
        raise ReportError(f"{place.folder}: cannot be written: {error.strerror}") from error
    findings = place.findings if account else None
    return Report(called, account, place.page, findings, run, asked, pdf)


def _record(run: Run, name: str, place: Place, *, failed: str = "") -> None:
    # a page about one order is no run of an account whose figures could be followed
    if name not in OF_ONE:
        write_record(record_of(run, entry(name)[0], __version__, failed=failed), place)


def _where(error: ReportError) -> str:
    """Return where a report failed. What the error says may hold what a file said, so it is not."""
    cause = error.__cause__
    if isinstance(cause, PapermillExecutionError):
        where = f"cell {cause.exec_count} of its notebook gave {cause.ename}"
        return f"{where}; the notebook as it stood lies in the folder of this report."
    return "it could not be made or published; the command said why."


def _asked(
    account: str, run: Run, out: Path, place: Place, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a notebook's parameters, those that the run settled in place of what was asked.

    So the notebook is told the instants and the zone that the page names, and a page that is made
    again from what it names is told the same.
    """
    settled = {k: v for k, v in run.parameters.items() if k in values and k not in PLACES}
    asked = dict(values) | settled
    if not account or set(values) & set(OF_ONE.values()):
        asked["timezone"] = values["timezone"]  # that of each account, or of the order's store
    if not account:
        return asked | {"reports": str(out)}
    if "earlier" in values and not values["earlier"]:
        asked["earlier"] = earlier_findings(place.folder, place.findings, run)
    return asked | {"account": account}


def earlier_findings(folder: Path, own: Path, run: Run) -> str:
    """Return the newest findings that a report published before, of an earlier instant.

    Returns
    -------
    str
        A folder beside `own` that says what it rests on; empty where there is none.
    """
    found = []
    for place in sorted(folder.glob("*.findings")):
        said = read_run(place) if place != own else None
        at = instant(str(said.parameters.get("as_of")), str(place)) if said else None
        if at is not None and at < run.audit.as_of:
            found.append((at, str(place)))
    return max(found)[1] if found else ""


def _build(name: str, run: Run, place: Place, asked: dict[str, Any], form: Form) -> Path | None:
    """Make a page and what lies beside it, whole, and put it in its place; return the PDF."""
    run.pseudonyms  # noqa: B018  (a lake without a key that cannot be written is told at once)
    try:
        with (
            swept(place.folder),
            tempfile.TemporaryDirectory(dir=place.folder, prefix=".building-") as fresh,
        ):
            made = Rendering.of(name, run, asked, Path(fresh), place.failed_notebook)
            text = made.render(static=form.static)
            made.refuse_leaks(text)
            whole = Path(fresh) / place.page.name
            whole.write_text(text, "utf-8")
            if made.told:
                whole.chmod(OWNER_ONLY)
            pdf = _printed(made, whole, form)
            if run.parameters["account"]:
                write_findings(run, place.findings)
            whole.replace(place.page)
            return pdf and pdf.replace(place.folder / pdf.name)
    except InputError as error:
        raise ReportError(str(error)) from error


def _printed(made: Rendering, page: Path, form: Form) -> Path | None:
    """Print the static page beside the one that is published, if a browser was asked for."""
    if form.browser is None:
        return None
    still = page
    if not form.static:
        still = page.with_suffix(".static.html")
        text = made.render(static=True)
        made.refuse_leaks(text)
        still.write_text(text, "utf-8")
    target = page.with_suffix(".pdf")
    print_page(still, target, browser=form.browser, made=made.run.audit.as_of)
    if made.told:
        target.chmod(OWNER_ONLY)
    return target
