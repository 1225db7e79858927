"""What was asked of Amazon and how far it came, in a file, so that a stopped run goes on."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from sellerkit.errors import InputError, UsageError
from sellerkit.lake.private import owner_only

STATE_FILE = "requests.json"

NEW, ASKED, DOWNLOADED, NO_DATA, FAILED = "new", "asked", "downloaded", "no data", "failed"


@dataclass
class Request:
    """One report for one store and one period.

    Attributes
    ----------
    since, until : str
        The period, as Amazon is told it. A picture of the present has no `since`.
    state : str
        new → asked → downloaded, no data (Amazon has nothing to report) or failed.
    report_id : str
        Amazon's, once it was asked for.
    listed : bool
        Amazon made the report by itself, so that its id and not its period tells it from others.
    files : list of str
        Names in the folder; more than one for the pages of getOrders.
    charset : str
        What the file was in before it was written as UTF-8; empty where it was kept as it came.
    said : str
        What there is to say about it: why it failed, or what was odd.
    next_page : str
        Amazon's token for the page of getOrders after those in `files`.
    """

    report: str
    store: str
    since: str
    until: str
    state: str = NEW
    report_id: str = ""
    listed: bool = False
    files: list[str] = field(default_factory=list)
    charset: str = ""
    said: str = ""
    next_page: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this request from others."""
        if self.listed:
            return (self.report, self.store, self.report_id)
        return (self.report, self.store, self.since, self.until)

    def file_name(self, suffix: str, page: int | None = None) -> str:
        """Return a file's name: report, store, period, report id or page."""
        period = "_".join(part for part in (self.since, self.until) if part)
        last = f"p{page:04}" if page is not None else self.report_id
        parts = [self.report, self.store, period.replace(":", "").replace("-", ""), last]
        return "__".join(re.sub(r"[^\w.-]", "-", part) for part in parts) + f".{suffix}"


class Progress:
    """The requests of one account in one folder."""

    def __init__(self, folder: Path, account: str) -> None:
        self.folder = folder
        self._account = account
        self._runs: dict[str, list[str]] = {}
        self._requests: dict[tuple[str, ...], Request] = {}
        self._load()

    def window(self, asked: str, window: tuple[str, str]) -> tuple[str, str]:
        """Begin a run over a window, or go on with the one that was stopped.

        Parameters
        ----------
        asked : str
            The run as the user asked for it. A run that is asked for in the same words is gone on
            with: its window hangs on when it began.
        window : tuple of str
            Since and until, for a run that begins now.
        """
        since, until = self._runs.setdefault(asked, list(window))
        self.save()
        return since, until

    def request(self, fresh: Request) -> Request:
        """Return the request as it was left; one that failed, or lost its files, begins anew."""
        kept = self._requests.get(fresh.key)
        lost = kept and not all((self.folder / name).is_file() for name in kept.files)
        if kept is None or kept.state == FAILED or lost:
            kept = self._requests[fresh.key] = fresh
        return kept

    def close(self, asked: str) -> None:
        """End a run: the next one gets a window of its own, and asks again where was nothing."""
        self._runs.pop(asked, None)
        for key, request in list(self._requests.items()):
            if request.state in (NO_DATA, FAILED):
                del self._requests[key]
        self.save()

    def save(self) -> None:
        """Write the file whole, or leave the old one."""
        state = {
            "account": self._account,
            "runs": self._runs,
            "requests": [asdict(request) for request in self._requests.values()],
        }
        text = json.dumps(state, ensure_ascii=False, indent=1)
        write_whole(self.folder / STATE_FILE, text.encode())

    def _load(self) -> None:
        path = self.folder / STATE_FILE
        if not path.is_file():
            return
        try:
            state = json.loads(path.read_text("utf-8"))
            requests = [Request(**row) for row in state["requests"]]
            self._runs, account = dict(state["runs"]), state["account"]
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise InputError(
                f"{path}: cannot be read ({error}); remove it, and the reports are asked for anew"
            ) from error
        if account != self._account:
            raise UsageError(
                f"{self.folder}: holds reports of the account {account!r}; "
                "choose another folder with --keep"
            )
        self._requests = {request.key: request for request in requests}


def account_folder(keep: Path, account: str) -> Path:
    """Return the account's own folder, made where there is none: buyers' names are in its files."""
    folder = keep / (re.sub(r"[^\w.-]+", "-", account).strip(".-") or "account")
    try:
        with owner_only():
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}") from error
    return folder


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second fetch out of a folder."""
    try:
        with owner_only(), FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise UsageError(f"{folder}: another fetch is at work here; wait for it") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name, then give it its own: nobody sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
