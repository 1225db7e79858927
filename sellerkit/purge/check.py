"""The promise of a purge, kept before a byte is written: the figures stay to the last digit."""

from __future__ import annotations

import pandas as pd

from sellerkit.audit import Audit, audit
from sellerkit.errors import ReportError
from sellerkit.lake import accounts_of
from sellerkit.lake.marks import with_marks
from sellerkit.lake.told import with_told
from sellerkit.measure import to_json
from sellerkit.purge.due import Frames
from sellerkit.report.load import Run
from sellerkit.tables import AUDITED

_DAYS = pd.Timedelta(days=30)
_EVER = pd.Timestamp("2000-01-01", tz="UTC")


def histories(frames: Frames) -> dict[str, pd.DataFrame]:
    """Return what an audit looks at, as a lake of these tables gives it."""
    found = {name: frames[name] for name in AUDITED}
    messages = with_marks(frames["messages"], frames["no_response_needed"])
    found["messages"] = with_told(messages, frames["told"])
    return found


def audited(frames: Frames, as_of: pd.Timestamp) -> Audit:
    """Audit tables over all time up to `as_of`."""
    return audit(histories(frames), as_of=as_of, since=_EVER)


def same_figures(found: Audit, before: Frames, after: Frames, version: int) -> None:
    """Refuse a purge after which a figure of ``summary.json`` would be another.

    Looked at are the 30 days before the audit's instant, and all time.

    Parameters
    ----------
    found : Audit
        Of the tables before.
    before, after : mapping
        The tables.
    version : int
        The lake's.

    Raises
    ------
    ReportError
        Names the first figure that differs; nothing was written.
    """
    now = audited(after, found.as_of)
    accounts = accounts_of({name: before[name] for name in AUDITED})
    for since in (found.as_of - _DAYS, _EVER):
        said = [
            to_json(
                Run(
                    each.within(since, found.as_of), "UTC", version, accounts, {}, frames["mails"]
                ).summary
            ).splitlines()
            for each, frames in ((found, before), (now, after))
        ]
        if said[0] != said[1]:
            pairs = zip(said[0], said[1], strict=False)
            first = next((one for one, other in pairs if one != other), "how many there are")
            raise ReportError(
                f"nothing was purged, since a figure would change ({first.strip()[:80]}); please "
                "tell the makers of sellerkit"
            )
