"""What a run remembers, in ``<out>/.sellerkit``: small files, each of them whole at any moment.

``lock`` keeps a second run out. ``run.json`` says which run was begun and whether it ended, and
what was published. ``accounts/<account>/state.json`` says which findings were told last and what
the sources brought; ``accounts/<account>/findings/<as of>-<key>`` are the findings themselves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sellerkit.errors import HeldError, InputError, ReportError
from sellerkit.incidents import Brought, Failure
from sellerkit.lake import holding
from sellerkit.report.findings import SUMMARY
from sellerkit.report.places import folder_name
from sellerkit.report.writing import write_whole

#: So many notes of what sources brought are kept for each account.
_NOTES = 400


def read_state(path: Path) -> dict[str, Any]:
    """Read a file of state; one that is missing is empty.

    Raises
    ------
    InputError
        It is none; the message says that it may be removed.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        if not isinstance(found, dict):
            raise ValueError("no table")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); where it is removed, the run begins as if "
            "nothing had been told yet"
        ) from error
    return found


def write_state(path: Path, said: dict[str, Any]) -> None:
    """Write a file of state whole; the same content leaves the file as it is.

    Raises
    ------
    ReportError
        It cannot be written: a full disk.
    """
    text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        if not path.is_file() or path.read_text("utf-8") != text:
            write_whole(path, text.encode())
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror}") from error


@dataclass(frozen=True)
class State:
    """The folder of what a run remembers."""

    folder: Path

    @property
    def lock(self) -> Path:
        """The lock of a run."""
        return self.folder / "lock"

    @property
    def told(self) -> Path:
        """Where `sellerkit.deliver` remembers which incidents it told."""
        return self.folder / "told.json"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second run out.

        Raises
        ------
        HeldError
            Another run is at work; the message says which.
        ReportError
            The folder cannot be written.
        """
        with ExitStack() as held:
            try:
                # what is in here is about buyers, so it is for the owner's eyes alone
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                held.enter_context(holding(self.lock))
            except HeldError as error:
                raise HeldError(
                    f"{self.folder.parent}: another run is at work ({error}); wait for its end"
                ) from error
            except OSError as error:
                raise ReportError(f"{self.folder}: cannot be written: {error.strerror}") from error
            yield

    def begin(self, as_of: pd.Timestamp, period: str, accounts: Sequence[str]) -> Failure | None:
        """Note that a run began; return what is to be told of the one before it, if it died."""
        said = self.run()
        last = said.get("run", {})
        said["run"] = {
            "as_of": as_of.isoformat(), "period": period, "accounts": list(accounts),
            "ended": False,
        }  # fmt: skip
        write_state(self.folder / "run.json", said)
        if not last or last.get("ended", True):
            return None
        words = f"The run as of {last.get('as_of')} was stopped before its end"
        return Failure(
            "", "run", str(last.get("as_of")), f"{words}; this run made up for it.",
            f"{words}; this run made up for it.", over=True,
        )  # fmt: skip

    def run(self) -> dict[str, Any]:
        """Return what is remembered of the last run, and of what was published."""
        return read_state(self.folder / "run.json")

    def note(self, **said: Any) -> None:
        """Remember something of the run."""
        write_state(self.folder / "run.json", self.run() | said)

    def end(self) -> None:
        """Note that the run came to its end."""
        said = self.run()
        self.note(run=said["run"] | {"ended": True})

    def account(self, name: str) -> AccountState:
        """Return what is remembered of an account."""
        return AccountState(self.folder / "accounts" / folder_name(name))


@dataclass(frozen=True)
class AccountState:
    """What a run remembers of one account."""

    folder: Path

    def findings(self, as_of: pd.Timestamp, *of: object) -> Path:
        """Return the folder of the findings as of a moment, made of a lake version and so on."""
        key = hashlib.sha256(repr(of).encode()).hexdigest()[:12]
        return self.folder / "findings" / f"{as_of:%Y%m%dT%H%M%SZ}-{key}"

    @staticmethod
    def whole(findings: Path) -> bool:
        """Tell whether findings are there; the summary is the last of them to be written."""
        return (findings / SUMMARY).is_file()

    @property
    def previous(self) -> Path | None:
        """The findings that were told last, if any."""
        name = self._said().get("told")
        place = self.folder / "findings" / name if isinstance(name, str) else None
        return place if place and self.whole(place) else None

    def told(self, findings: Path) -> None:
        """Remember that findings were told; those of earlier runs go."""
        write_state(self.folder / "state.json", self._said() | {"told": findings.name})
        for other in (self.folder / "findings").iterdir():
            if other.name != findings.name:
                shutil.rmtree(other, ignore_errors=True)

    def brought(self, notes: Sequence[Brought] = ()) -> list[Brought]:
        """Add what sources brought, and return all that is remembered, oldest first.

        A second run as of the same moment adds to what the first brought; it failed only where
        the last try did.
        """
        said = self._said()
        known = {(row["source"], row["as_of"]): row for row in said.get("brought", [])}
        for note in notes:
            row = asdict(note) | {"as_of": note.as_of.isoformat()}
            before = known.get((row["source"], row["as_of"]), {"new": 0})
            known[row["source"], row["as_of"]] = row | {"new": row["new"] + before["new"]}
        rows = sorted(known.values(), key=lambda row: (row["as_of"], row["source"]))[-_NOTES:]
        if notes:
            write_state(self.folder / "state.json", said | {"brought": rows})
        return [
            Brought(**(row | {"as_of": dt.datetime.fromisoformat(row["as_of"])})) for row in rows
        ]

    def _said(self) -> dict[str, Any]:
        return read_state(self.folder / "state.json")
