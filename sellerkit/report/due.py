"""What must be written: mails past their time, and those whose time runs out within some hours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sellerkit.audit.return_window import return_ends
from sellerkit.draft import Draft, Templates, all_owed, drafts, violations
from sellerkit.errors import UsageError
from sellerkit.report.load import Run


@dataclass(frozen=True)
class Due:
    """What must be written, at one instant.

    Attributes
    ----------
    overdue : pd.DataFrame
        Duties of the window that are past their time and unwritten.
    coming : pd.DataFrame
        Those still open that are due within `hours`.
    later : pd.DataFrame
        Those still open that are due after that.
    older : int
        Duties from before the window that are past their time and unwritten.
    hours : float
    safe_ways : dict of str to list of str
        By obligation: what to do where writing it is owed and at once not allowed as it is.

    Notes
    -----
    The frames have the columns of `tables.OBLIGATIONS` and ``left`` (``timedelta64[us]``, negative
    where the time is over), the most urgent first.
    """

    overdue: pd.DataFrame
    coming: pd.DataFrame
    later: pd.DataFrame
    older: int
    hours: float
    safe_ways: dict[str, list[str]]

    @property
    def rows(self) -> pd.DataFrame:
        """All that must be written now: overdue first, then what is due within the hours."""
        return pd.concat([self.overdue, self.coming], ignore_index=True)


def due(run: Run, hours: float = 24.0) -> Due:
    """Tell what must be written, the most urgent first.

    Parameters
    ----------
    run : Run
    hours : float
        How far ahead is looked, from `as_of` on; what is due at its end counts in.

    Raises
    ------
    UsageError
        Hours that are no number of 0 or more.
    """
    if not (math.isfinite(hours) and hours >= 0):
        raise UsageError(f"hours is {hours:g}; give a number of hours ahead, 0 or more")
    found = run.audit
    every = all_owed(found.obligations, found.as_of)
    every = every.assign(left=every["due_at"] - found.as_of)
    missed, late = every["status"] == "missed", every["trigger_at"] < found.since
    soon = every["left"] <= pd.Timedelta(hours=hours)
    # what was triggered after the window is none of an older window's business
    inside = every["trigger_at"] < found.until
    ways = run.conflicts.groupby("obligation_id")["safe_way"].agg(list).to_dict()
    overdue, coming, later = (
        every[part].reset_index(drop=True)
        for part in (missed & ~late & inside, ~missed & soon, ~missed & ~soon)
    )
    return Due(overdue, coming, later, int((missed & late).sum()), hours, ways)


def drafts_due(run: Run, duties: pd.DataFrame, *, templates: str = "") -> list[Draft]:
    """Write a text for each of some duties, as `sellerkit draft` does.

    Parameters
    ----------
    run : Run
    duties : pd.DataFrame
        Columns of `tables.OBLIGATIONS`.
    templates : str
        A folder of the seller's own texts; empty for sellerkit's.

    Raises
    ------
    InputError, UsageError
        The folder, or a text in it, is none.
    """
    found = run.audit
    texts = Templates.load(Path(templates) if templates else None)
    ends = return_ends(found.histories, duties, found.as_of, found.policy)
    owed = all_owed(found.obligations, found.as_of)
    rows = duties.assign(return_ends_at=ends)
    return drafts(rows, found.histories, texts, as_of=found.as_of, owed=owed)


def warnings_of(found: list[Draft], due: Due) -> list[list[str]]:
    """Return what speaks against sending each draft as it is, a sentence each."""
    pairs = zip(found, violations(found), strict=True)
    return [[*due.safe_ways.get(one.duty["obligation_id"], []), *rules] for one, rules in pairs]
