"""What went wrong in a run, and what its sources brought: what `run` hands to those who tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """One thing that went wrong in a run.

    Attributes
    ----------
    account : str
        Empty where it concerns no one account.
    step : str
        ``fetch``, ``ingest``, ``audit``, ``report``, ``portfolio``, ``publish``, ``tell``, ``run``.
    what : str
        The source, file, report or target.
    said : str
        The whole sentence. It may quote a file, so it stays on this machine.
    told : str
        A sentence without anything that a file said: it may leave this machine.
    over : bool
        Whether it is mended by now (an earlier run that was killed): told, but no failure of
        this run.
    """

    account: str
    step: str
    what: str
    said: str
    told: str
    over: bool = False

    @property
    def key(self) -> str:
        """What makes it the same incident on another night; it stays on this machine too."""
        return "/".join((self.account, self.step, self.what))


@dataclass(frozen=True)
class Brought:
    """What one source of one account brought in one run.

    Attributes
    ----------
    source : str
        As ``imap me@imap.example``.
    as_of : datetime
        UTC.
    new : int
        Mails, or reports.
    failed : bool
        Whether it could not be asked, or not for all.
    """

    source: str
    as_of: dt.datetime
    new: int
    failed: bool = False
