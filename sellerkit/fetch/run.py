"""One run: what is asked for, waited for and taken, each report on its own account."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sellerkit.fetch.clock import Clock
from sellerkit.fetch.progress import (
    ASKED,
    DOWNLOADED,
    FAILED,
    NEW,
    NO_DATA,
    Progress,
    Request,
    write_whole,
)
from sellerkit.fetch.refusal import Refused
from sellerkit.fetch.reports import Report, periods, reports, written

if TYPE_CHECKING:
    from sellerkit.fetch.connection import Connection

#: Seconds between two looks at the reports that are being made: at first, and at most.
_FIRST_PAUSE, _MAX_PAUSE = 10.0, 60.0

#: So long is waited without any report becoming ready; the next run goes on with them.
PATIENCE = 2 * 3600.0

_FORBIDDEN = (401, 403)


@dataclass
class Run:
    """One run: its requests as they go, and what went wrong."""

    connection: Connection
    progress: Progress
    clock: Clock
    say: Callable[[str], None]
    requests: list[Request] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def begin(self, report: Report, store: str, since: dt.datetime, until: dt.datetime) -> None:
        """Ask for a report, in as many pieces as it takes; what is asked for already stays."""
        self.say(f"asking for {report.name}, {store} …")
        if report.kind == "listed":
            self._list(
                report, store, max(since, until - dt.timedelta(days=report.days or 0)), until
            )
            return
        pieces = periods(since, until, report.days) if report.dated else [(None, until)]
        refused = ""
        for begin, end in pieces:
            first = written(begin) if begin else ""
            request = self.progress.request(Request(report.name, store, first, written(end)))
            self.requests.append(request)
            if refused and request.state == NEW:
                # what is not allowed for one period is not allowed for the others: said once
                request.state, request.said = FAILED, refused
                continue
            error = self._tried(request, self._page if report.kind == "orders" else self._ask)
            if error and error.status in _FORBIDDEN:
                refused = request.said

    def wait(self) -> None:
        """Look again and again at the reports that are being made, and take those that are made."""
        pause, idle = _FIRST_PAUSE, 0.0
        pending = [request for request in self.requests if request.state == ASKED]
        while pending:
            self.say(f"waiting for {len(pending)} reports …")
            for request in pending:
                self._tried(request, self._look)
            left = [request for request in pending if request.state == ASKED]
            idle = idle + pause if len(left) == len(pending) else 0.0
            pending = left
            if pending and idle > PATIENCE:
                self.problems.append(
                    f"{len(pending)} reports are still being made, the first "
                    f"{_named(pending[0])}; the same command later goes on with them"
                )
                return
            if pending:
                self.clock.sleep(pause)
                pause = min(pause * 1.5, _MAX_PAUSE)

    def _tried(self, request: Request, step: Callable[[Request], None]) -> Refused | None:
        """Go a step with a request; one that is refused fails alone."""
        refused = None
        try:
            step(request)
        except Refused as error:
            refused = error
            self._fail(request, _why(error, reports()[request.report]))
        self.progress.save()
        return refused

    def _fail(self, request: Request, why: str) -> None:
        request.state, request.said = FAILED, why
        self.problems.append(f"{_named(request)}: {why}")

    def _list(self, report: Report, store: str, since: dt.datetime, until: dt.datetime) -> None:
        first, last = written(since), written(until)
        try:
            for found in self.connection.listed(report.type, store, first, last):
                made = Request(
                    report.name,
                    store,
                    str(found.get("dataStartTime") or ""),
                    str(found.get("dataEndTime") or ""),
                    ASKED,
                    str(found["reportId"]),
                    listed=True,
                )
                self.requests.append(self.progress.request(made))
        except Refused as error:
            failed = Request(report.name, store, first, last)
            self.requests.append(failed)
            self._fail(failed, _why(error, report))
        self.progress.save()

    def _ask(self, request: Request) -> None:
        if request.state != NEW:
            return
        report = reports()[request.report]
        options: dict[str, Any] = {}
        if report.dated:
            options = {"dataStartTime": request.since, "dataEndTime": request.until}
        english = {"reportOptions": {"preferredReportDocumentLocale": "en_US"}}
        try:
            request.report_id = self.connection.create(
                report.type, request.store, options | (english if report.english else {})
            )
        except Refused as error:
            if error.status != 400 or not report.english:
                raise
            # perhaps it is this option that it does not take
            request.report_id = self.connection.create(report.type, request.store, options)
        request.state = ASKED

    def _page(self, request: Request) -> None:
        """Take the pages of getOrders, from the one where a stopped run was."""
        while request.state in (NEW, ASKED):
            try:
                page = self.connection.orders(
                    request.store, request.since, request.until, request.next_page
                )
            except Refused as error:
                if error.status != 400 or not request.next_page:
                    raise
                request.next_page, request.files = "", []  # the token is too old
                continue
            if page["Orders"]:
                name = request.file_name("json", len(request.files) + 1)
                text = json.dumps({"payload": page}, ensure_ascii=False, indent=1)
                write_whole(self.progress.folder / name, text.encode())
                request.files.append(name)
            request.next_page = str(page.get("NextToken") or "")
            request.state = ASKED
            if not request.next_page:
                request.state = DOWNLOADED if request.files else NO_DATA
            self.progress.save()

    def _look(self, request: Request) -> None:
        status, document = self.connection.status(request.report_id)
        if status == "DONE" and document:
            self._take(request, document)
        elif status in ("CANCELLED", "DONE"):
            request.state = NO_DATA
        elif status == "FATAL":
            why = self._fatal(document) if document else "it does not say why"
            self._fail(request, f"Amazon could not make the report: {why}")

    def _take(self, request: Request, document: str) -> None:
        report = reports()[request.report]
        self.say(f"downloading {_named(request)} …")
        name = request.file_name(report.suffix)
        request.charset, request.said = self.connection.document(
            document,
            self.progress.folder / name,
            private=report.private,
            text=report.suffix == "txt",  # JSON is UTF-8, and XML says itself what it is in
        )
        request.files, request.state = [name], DOWNLOADED

    def _fatal(self, document: str) -> str:
        """Return what the document of a failed report says."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "why"
            try:
                self.connection.document(document, target)
            except Refused:
                return "it does not say why"
            with target.open("rb") as file:
                text = file.read(2000).decode("utf-8", "replace")
        with contextlib.suppress(ValueError, KeyError, TypeError):
            text = str(json.loads(text)["errorDetails"])
        return " ".join(text.split())[:500]


def _why(error: Refused, report: Report) -> str:
    if error.status in _FORBIDDEN:
        return (
            f"Amazon refuses it ({error}); the application needs the role "
            f"{' or '.join(report.roles)}, and the refresh token must be of this region: "
            "docs/amazon-api.md; or leave the report out with --report"
        )
    return str(error)


def _named(request: Request) -> str:
    period = " to ".join(part for part in (request.since, request.until) if part)
    return f"{request.report}, {request.store}, {period}"
