"""The second half of a run for one account: its findings and its reports, at one lake version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from sellerkit import __version__
from sellerkit.config import Account
from sellerkit.deliver.owed import write_owed
from sellerkit.errors import SellerkitError
from sellerkit.incidents import Failure
from sellerkit.lake import Lake
from sellerkit.policy import Policy
from sellerkit.report.findings import write_findings
from sellerkit.report.load import load_run
from sellerkit.report.places import PORTFOLIO, Place
from sellerkit.report.record import Record, read_records, write_record
from sellerkit.unattended.state import AccountState
from sellerkit.unattended.steps import TOLD, Say, Steps

_WHY = "it could not be made; the log of the run says why."

#: `sellerkit.report.run.build_reports`, or what a test has in its place.
Build: TypeAlias = Callable[..., Any]


def build(names: list[str], out: Path, *, parameters: dict[str, Any]) -> None:
    """Build reports; papermill and plotly are loaded only now."""
    from sellerkit.report.run import build_reports

    build_reports(names, out, parameters=parameters)


@dataclass(frozen=True)
class Look:
    """What makes a report what it is, but for the account: two of the same are the same page."""

    as_of: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp
    policy: str

    def parameters(self, lake: str, version: int) -> dict[str, Any]:
        """Return the parameters of a report."""
        return {
            "lake": lake, "lake_version": version, "as_of": self.as_of.isoformat(),
            "since": self.since.isoformat(), "until": self.until.isoformat(),
            "policy": self.policy,
        }  # fmt: skip


@dataclass(frozen=True)
class Examine:
    """What is to be examined.

    Attributes
    ----------
    account : Account
    look : Look
    version : int
        Of the lake; 0 where there is no lake yet.
    names : tuple of str
        The reports.
    out : Path
    state : AccountState
    build : Build
    """

    account: Account
    look: Look
    version: int
    names: tuple[str, ...]
    out: Path
    state: AccountState
    build: Build = build

    @property
    def name(self) -> str:
        """The account's."""
        return self.account.name


@dataclass
class Examined:
    """What came of it: the pages that are there and of this look, and the findings."""

    account: str
    failures: list[Failure] = field(default_factory=list)
    pages: list[Path] = field(default_factory=list)
    findings: Path | None = None


def examine(task: Examine, say: Say) -> Examined:
    """Audit an account and build its reports; what an earlier try of this run made is kept."""
    steps, found = Steps(task.name, say), Examined(task.name)
    with steps.step("audit") as came:
        found.findings = _findings(task)
        came.append(f"lake version {task.version}")
    if found.findings is None:
        for name in task.names:
            _mark_failed(task, name, "the audit failed; the log of the run says why.", steps)
    else:
        _reports(task, steps)
    found.failures = steps.failures
    found.pages = [place_of(task, name).page for name in task.names if is_made(task, name)]
    return found


def _findings(task: Examine) -> Path:
    account, look = task.account, task.look
    if task.version == 0:
        # the sentence that says how a lake is made
        Lake.open(account.lake)
    policy = Policy.of(look.policy or None).name
    of = (look.since, look.until, task.version, policy, account.timezone, __version__)
    place = task.state.findings(look.as_of, *of)
    if not task.state.whole(place):
        run = load_run(
            account.lake, version=task.version, account=account.name, as_of=look.as_of,
            since=look.since, until=look.until, policy=look.policy, timezone=account.timezone,
        )  # fmt: skip
        # what is told goes by the duties of all time, and findings are whole once their summary is
        write_owed(run.audit.obligations, place)
        write_findings(run, place)
    return place


def _reports(task: Examine, steps: Steps) -> None:
    left = [name for name in task.names if not is_made(task, name)]
    if not left:
        steps.note("report", "all reports of this run are there already")
        return
    own = {"account": task.name, "timezone": task.account.timezone}
    parameters = task.look.parameters(task.account.lake, task.version) | own
    said = "it was not made"
    with steps.step("report", ", ".join(left)):
        try:
            task.build(left, task.out, parameters=parameters)
        except Exception as error:  # told below, for each report that is not there
            said = str(error) or type(error).__name__
    for name in left:
        if not is_made(task, name):
            if not place_of(task, name).failure.is_file():
                _mark_failed(task, name, _WHY, steps)
            steps.fail("report", name, said)


def place_of(task: Examine, name: str) -> Place:
    """Return where a report lies."""
    return Place.of(task.out, task.name, name, task.look.until)


def is_made(task: Examine, name: str) -> bool:
    """Tell whether a page is there and is of this look, by the record beside it."""
    place = place_of(task, name)
    zone = task.account.timezone
    return of_this_look(place, task.look, task.version, zone)


def of_this_look(place: Place, look: Look, version: int, zone: str = "") -> bool:
    """Tell whether a page is of a look at a lake version; an empty `zone` is any."""
    if place.failure.is_file() or not (place.page.is_file() and place.record.is_file()):
        return False
    kept, _ = read_records([place.record])
    if not kept:
        return False
    record = kept[0].record
    policy = Policy.of(look.policy or None).name
    wanted = (_utc(look.as_of), _utc(look.since), _utc(look.until), version, policy, __version__)
    has = (
        record.as_of, record.since, record.until, record.lake_version, record.policy, record.code
    )  # fmt: skip
    return has == wanted and zone in ("", record.zone)


def _utc(moment: pd.Timestamp) -> dt.datetime:
    return moment.to_pydatetime().astimezone(dt.UTC)


def _mark_failed(task: Examine, name: str, said: str, steps: Steps) -> None:
    """Keep in the list of all runs that a report failed before its notebook could say so."""
    place, look = place_of(task, name), task.look
    try:
        policy = Policy.of(look.policy or None).name
    except SellerkitError:  # a reason to fail, and said as that
        policy = look.policy
    record = Record(
        account=task.name, report=name, as_of=_utc(look.as_of), since=_utc(look.since),
        until=_utc(look.until), lake_version=task.version, policy=policy,
        zone=task.account.timezone or "UTC", stores=(), code=__version__, figures=None,
        failed=said,
    )  # fmt: skip
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        write_record(record, place)
    except OSError as error:
        steps.note("report", f"{place.folder}: cannot be written: {error.strerror}")


def lost_examining(task: Examine, said: str, say: Say) -> Examined:
    """Return what came of an account whose process ended before its work did."""
    steps = Steps(task.name, say)
    steps.fail("run", task.name, said)
    for name in task.names:
        if not is_made(task, name):
            _mark_failed(task, name, TOLD["run"], steps)
    pages = [place_of(task, name).page for name in task.names if is_made(task, name)]
    return Examined(task.name, steps.failures, pages)


def build_portfolio(lake: str, look: Look, out: Path, version: int, build: Build) -> Path:
    """Build the page on which the accounts of one lake stand side by side."""
    place = Place.of(out, "", PORTFOLIO, look.until)
    if not of_this_look(place, look, version):
        build([PORTFOLIO], out, parameters=look.parameters(lake, version))
    return place.page
