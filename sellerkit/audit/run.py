"""The audit: histories in, findings out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from sellerkit import tables
from sellerkit.audit.calls import calls_review
from sellerkit.audit.check_ins import check_ins
from sellerkit.audit.claims import claims_readiness, exposure
from sellerkit.audit.contacts import contacts
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.obligations import obligations
from sellerkit.audit.pairing import micro, micros_of
from sellerkit.audit.silence import Silence
from sellerkit.audit.violations import violations
from sellerkit.errors import UsageError
from sellerkit.policy import Policy

#: The instant by which each finding belongs to the window or not.
_BY = {
    "contacts": "sent_at",
    "obligations": "trigger_at",
    "claims_readiness": "filed_at",
    "calls_review": "started_at",
    "violations": "sent_at",
}


@dataclass(frozen=True)
class Audit:
    """What was concluded, from which histories, by which rules, at which instant.

    Attributes
    ----------
    as_of, since, until : pd.Timestamp
        UTC. The window is ``[since, until)``.
    policy : Policy
    findings : dict of str to pd.DataFrame
        The seven findings of the window, columns of `tables.FINDINGS`.
    contacts, obligations : pd.DataFrame
        All of them up to `as_of`, for figures that look past the window.
    histories : dict of str to pd.DataFrame
        As they were at `as_of`; messages by ``(sent_at, message_id)``.
    evidence : Evidence
        The same, coded and sorted, for what is concluded only when it is asked for.
    """

    as_of: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp
    policy: Policy
    findings: dict[str, pd.DataFrame]
    contacts: pd.DataFrame
    obligations: pd.DataFrame
    histories: dict[str, pd.DataFrame]
    evidence: Evidence = field(repr=False)

    def within(self, since: pd.Timestamp, until: pd.Timestamp) -> Audit:
        """Return the same audit over a window that lies in this one's."""
        findings = {
            name: _in_window(frame, _BY.get(name), since, until)
            for name, frame in self.findings.items()
        }
        return replace(self, since=since, until=until, findings=findings)


def audit(
    histories: dict[str, pd.DataFrame],
    *,
    as_of: pd.Timestamp | str,
    since: pd.Timestamp | str | None = None,
    until: pd.Timestamp | str | None = None,
    policy: Policy | None = None,
) -> Audit:
    """Judge what the seller wrote by what he owed, at one instant.

    Parameters
    ----------
    histories : dict of str to pd.DataFrame
        By the names of `tables.AUDITED`; one that is left out counts as empty. Any order, never
        changed.
    as_of : pd.Timestamp or str
        The only "now": nothing later is seen. ISO 8601; without an offset it is UTC.
    since, until : pd.Timestamp or str, optional
        The window ``[since, until)``; default the 30 days before `as_of`.
    policy : Policy, optional
        The dated rules; default those that ship with sellerkit.

    Returns
    -------
    Audit

    Raises
    ------
    UsageError
        An instant that is none, or a window that ends before it begins.

    Source
    ------
    rules.md of the design; docs/readings.md where that can be read in two ways.
    """
    now = instant(as_of, "as_of")
    end = instant(until, "until") if until is not None else now
    start = instant(since, "since") if since is not None else end - pd.Timedelta(days=30)
    if start >= end:
        raise UsageError(f"the window begins at {start} and ends before that, at {end}")
    evidence = Evidence.at(_whole(histories), now, policy or Policy.default())
    every = _conclude(evidence)
    findings = {name: _in_window(frame, _BY.get(name), start, end) for name, frame in every.items()}
    return Audit(
        now, start, end, evidence.policy, findings,
        every["contacts"], every["obligations"], evidence.histories, evidence,
    )  # fmt: skip


def contacts_and_obligations(
    histories: dict[str, pd.DataFrame], *, as_of: pd.Timestamp, policy: Policy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Conclude contacts and obligations alone, of all time: what the headline shares rest on.

    Parameters
    ----------
    histories : dict of str to pd.DataFrame
        All seven, as an `Audit` has them.
    as_of : pd.Timestamp
        UTC.
    policy : Policy

    Returns
    -------
    pair of pd.DataFrame
        Columns of `tables.CONTACTS` and `tables.OBLIGATIONS`.
    """
    evidence = Evidence.at(_whole(histories), as_of, policy)
    found = contacts(evidence)
    return found, obligations(evidence, found)


def _whole(histories: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return all histories that are audited, those that were left out empty."""
    return {
        name: histories[name] if name in histories else tables.empty(table)
        for name, table in tables.AUDITED.items()
    }


def _conclude(evidence: Evidence) -> dict[str, pd.DataFrame]:
    found = contacts(evidence)
    owed = obligations(evidence, found)
    silence = Silence(evidence, found, owed)
    return {
        "contacts": found,
        "obligations": owed,
        "claims_readiness": claims_readiness(evidence, owed, silence),
        "exposure": exposure(evidence, owed, silence),
        "calls_review": calls_review(evidence, owed),
        "violations": violations(evidence, owed),
        "check_ins": check_ins(evidence, owed),
    }


def _in_window(
    frame: pd.DataFrame, column: str | None, since: pd.Timestamp, until: pd.Timestamp
) -> pd.DataFrame:
    if column is None:
        return frame
    at = micros_of(frame[column])
    inside = (at >= micro(since)) & (at < micro(until))
    kept = frame if inside.all() else frame[inside]
    return kept.reset_index(drop=True)


def instant(value: pd.Timestamp | str, name: str) -> pd.Timestamp:
    """Read an instant: ISO 8601, a date alone is its midnight, without an offset it is UTC.

    Raises
    ------
    UsageError
        The text is no instant; the message names the parameter.
    """
    try:
        # a bare word such as "now" or "today" would read the clock, which only the command line may
        if isinstance(value, str) and not value[:4].isdigit():
            raise ValueError
        moment = pd.Timestamp(value)
        if pd.isna(moment):
            raise ValueError
    except ValueError:
        raise UsageError(
            f"{name} is {value!r}, which is no date or time; "
            "write it like 2026-10-05 or 2026-10-05T06:00Z"
        ) from None
    moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    return moment.as_unit("us")
