"""The steps of a run: each is said as it begins and ends, and none that fails stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sellerkit.errors import SellerkitError, printable
from sellerkit.incidents import Failure

#: What may be said of a failed step where others can read it: nothing that a file said.
TOLD = {
    "fetch": "Fetching from {what} failed.",
    "ingest": "Files could not be read.",
    "audit": "The audit failed, so there is no report.",
    "report": "The report {what} failed; the page before it is still there.",
    "portfolio": "The page with all accounts side by side failed; the one before is still there.",
    "index": "The list of all runs could not be written.",
    "publish": "Publishing to {what} failed.",
    "tell": "Telling failed.",
    "state": "What the run remembers could not be kept.",
    "run": "The run of this account came to no end.",
}


@dataclass(frozen=True)
class Event:
    """What a log holds of a step.

    Attributes
    ----------
    account : str
        Empty where it concerns no one account.
    step, what : str
    state : str
        ``begin``, ``end``, ``failed``, or ``note`` for a word in between.
    said : str
        A sentence; of a step that ended what came of it.
    """

    account: str
    step: str
    what: str
    state: Literal["begin", "end", "failed", "note"]
    said: str = ""


Say: TypeAlias = Callable[[Event], None]


@dataclass
class Steps:
    """The steps of one account, or of the whole run; `failures` are those that failed so far."""

    account: str
    say: Say
    failures: list[Failure] = field(default_factory=list)

    @contextmanager
    def step(self, step: str, what: str = "") -> Iterator[list[str]]:
        """Do one step; an error in it is kept as a failure, and the next step goes on.

        Yields
        ------
        list of str
            To be given sentences on what came of it.
        """
        self.say(Event(self.account, step, what, "begin"))
        came: list[str] = []
        try:
            yield came
        except Exception as error:  # whatever it is, it is said, told, and makes the run exit 4
            self.fail(step, what, sentence(error))
            return
        self.say(Event(self.account, step, what, "end", "; ".join(came)))

    def fail(self, step: str, what: str, said: str, told: str = "") -> None:
        """Keep a failure."""
        told = told or TOLD[step].format(what=what)
        self.failures.append(Failure(self.account, step, what, said, told))
        self.say(Event(self.account, step, what, "failed", said))

    def note(self, step: str, said: str) -> None:
        """Say a word in between."""
        self.say(Event(self.account, step, "", "note", said))


def sentence(error: Exception) -> str:
    """Return an error as one sentence."""
    if isinstance(error, SellerkitError):
        return str(error)
    return printable(f"this should not happen ({type(error).__name__}: {error})")
