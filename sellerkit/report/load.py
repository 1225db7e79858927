"""One audited lake, as a notebook or a command needs it: findings, figures, zone and parameters."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sellerkit.audit import Audit, Derivation, audit, conflicts, derive, instant, not_credited
from sellerkit.audit.contacts import contacts
from sellerkit.audit.evidence import Evidence
from sellerkit.errors import UsageError
from sellerkit.lake import Lake, accounts_of
from sellerkit.measure import RESPONSE, summarize
from sellerkit.policy import Policy, zone_of
from sellerkit.report.compare import PREVIOUS, Comparison, compare, parse_window
from sellerkit.report.diff import Changes, diff
from sellerkit.report.findings import findings_of, read_findings
from sellerkit.report.provenance import Origin, origin_of
from sellerkit.tables import MAILS


@dataclass(frozen=True)
class Run:
    """One audit of one lake version.

    Attributes
    ----------
    audit : Audit
    zone : str
        IANA zone in which local times are shown.
    lake_version : int
    accounts : list of str
        The accounts that were audited.
    parameters : dict
        How the run was asked for, to be repeated.
    mails : pd.DataFrame or None
        What the mails themselves said, by which holes among them are found.
    origin : Origin or None
        Which lake that is, wherever it lies.
    """

    audit: Audit
    zone: str
    lake_version: int
    accounts: list[str]
    parameters: dict[str, Any]
    mails: pd.DataFrame | None = None
    origin: Origin | None = None

    @property
    def target(self) -> float | None:
        """The share of contacts to be answered in time, by the rule of `as_of`."""
        value, _ = self.audit.policy.value("crt.target_share", self.audit.as_of)
        return None if value is None else float(value)

    @cached_property
    def not_credited(self) -> pd.DataFrame:
        """What was done in time for a duty of the window and is not credited."""
        return not_credited(self.audit)

    @cached_property
    def conflicts(self) -> pd.DataFrame:
        """Duties that are owed and at once not allowed: those still open, and the window's."""
        found = conflicts(self.audit)
        in_window = found["obligation_id"].isin(self.audit.findings["obligations"]["obligation_id"])
        return found[in_window | (found["status"] == "open")].reset_index(drop=True)

    def why(self, finding: str, rows: pd.DataFrame) -> list[Derivation]:
        """Return the derivations of a few rows of a finding, without texts."""
        return derive(self.audit, finding, rows)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The figures of `summary.json`."""
        found = self.audit
        return summarize(
            contacts=found.contacts,
            findings=found.findings,
            histories=found.histories,
            as_of=found.as_of,
            since=found.since,
            until=found.until,
            policy_name=found.policy.name,
            target=self.target,
            lake_version=self.lake_version,
            mails=self.mails,
            policy=found.policy,
            zone=self.zone,
            with_autoreplies=self.with_autoreplies,
        )

    @cached_property
    def with_autoreplies(self) -> pd.DataFrame | None:
        """All contacts, were an automated reply an answer; None where that could explain nothing.

        That takes a second look at all messages, so it is left out where Amazon reported no
        response figure or no automated reply is on file.
        """
        found = self.audit
        messages, reported = found.histories["messages"], found.histories["performance"]
        automated = (messages["sender"] == "seller") & messages["automated"]
        if not automated.any() or not reported["metric"].isin([*RESPONSE]).any():
            return None
        counting = tuple(
            rule.model_copy(update={"value": True}) if rule.id == "crt.autoreply_counts" else rule
            for rule in found.policy.rules
        )
        policy = replace(found.policy, rules=counting)
        return contacts(Evidence.at(found.histories, found.as_of, policy))

    def compared(self, window: str = PREVIOUS) -> Comparison:
        """Compare the run's window with an earlier one: the one before it, or SINCE..UNTIL.

        Raises
        ------
        UsageError
            No such window, or one that ends later than the run's own.
        """
        return compare(self.audit, parse_window(window))

    def changes_since(self, earlier: str | Path) -> Changes | None:
        """Say what changed since the findings of an earlier run, which lie in a folder.

        Returns
        -------
        Changes or None
            None where no folder is named.

        Raises
        ------
        InputError
            No findings there, or none that can be read.
        """
        if not earlier:
            return None
        return diff(read_findings(Path(earlier)), findings_of(self))


def load_run(
    lake: str | Path,
    *,
    version: int = 0,
    account: str = "",
    as_of: str | pd.Timestamp,
    since: str | pd.Timestamp = "",
    until: str | pd.Timestamp = "",
    policy: str = "",
    timezone: str = "",
) -> Run:
    """Open a lake, audit it and return what a report needs.

    Parameters
    ----------
    lake : str or Path
    version : int
        The lake's version; 0 is the newest.
    account : str
        One account's label; empty for all of the lake.
    as_of, since, until : str or pd.Timestamp
        ISO 8601. An empty window is the 30 days before `as_of`.
    policy : str
        A date whose rules judge everything, or a TOML file of rules; empty for the dated rules.
    timezone : str
        IANA zone for local times; empty for that of the store with the most messages.

    Raises
    ------
    InputError
        No such lake, version or account.
    UsageError
        A date, zone or policy that is none.
    """
    # told before the lake is opened: a slip in a date should not cost the reading of a lake
    moment = instant(as_of, "as_of")
    rules = Policy.of(policy or None)
    opened = Lake.open(lake, version or None)
    histories = opened.histories(account or None)
    found = audit(
        histories,
        as_of=moment,
        since=since or None,
        until=until or None,
        policy=rules,
    )
    parameters = {
        "lake": str(lake),
        "lake_version": opened.version,
        "account": account,
        "as_of": found.as_of.isoformat(),
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "policy": policy,
    }
    zone = _zone(timezone, histories["messages"])
    return Run(
        found, zone, opened.version, accounts_of(histories), parameters | {"timezone": zone},
        _mails(opened, account), origin_of(opened),
    )  # fmt: skip


def _mails(lake: Lake, account: str) -> pd.DataFrame:
    mails = lake.read(MAILS)
    return mails[mails["account"] == account].reset_index(drop=True) if account else mails


def _zone(asked: str, messages: pd.DataFrame) -> str:
    if not asked:
        counts = messages["marketplace"].value_counts()
        # of two stores with as many messages the first by name, so that two runs agree
        most = counts[counts == counts.max()].index.min() if len(counts) else None
        return zone_of(most)
    try:
        return zoneinfo.ZoneInfo(asked).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder of zones
        raise UsageError(
            f"timezone is {asked!r}, which is no zone; write it like Europe/Berlin"
        ) from error
