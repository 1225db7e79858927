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
from sellerkit.lake.key import pseudonym_key
from sellerkit.measure import RESPONSE, summarize
from sellerkit.policy import Policy, zone_of
from sellerkit.report.compare import PREVIOUS, Comparison, compare, parse_window
from sellerkit.report.diff import Changes, diff
from sellerkit.report.findings import findings_of, read_findings
from sellerkit.report.handed import handed_over
from sellerkit.report.leaks.people import mask, names_in, telling, words
from sellerkit.report.provenance import Origin, origin_of
from sellerkit.report.pseudonyms import Pseudonyms
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
    lake : Lake or None
        Where the histories are from; it keeps the key of the pseudonyms.
    origin : Origin or None
        Which lake that is, wherever it lies.
    """

    audit: Audit
    zone: str
    lake_version: int
    accounts: list[str]
    parameters: dict[str, Any]
    mails: pd.DataFrame | None = None
    lake: Lake | None = None
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
    def pseudonyms(self) -> Pseudonyms:
        """The pseudonym of each buyer by account and buyer id; needs the lake's key.

        Raises
        ------
        InputError
            The lake has no key yet and cannot be written.
        """
        key = pseudonym_key(self.lake.address) if self.lake else b"no lake"
        return Pseudonyms(self.audit.histories["messages"], key)

    def pseudonym(self, account: str, buyer_id: str) -> str:
        """Return ``Buyer K7Q2`` for a buyer of an account."""
        return self.pseudonyms.get((account, buyer_id), "Buyer unknown")

    @cached_property
    def people(self) -> frozenset[tuple[str, ...]]:
        """The names in the messages, and the buyer ids, as runs of folded words."""
        messages = self.audit.histories["messages"]
        ids = (words(each) for each in messages["buyer_id"].dropna().unique() if telling(each))
        told = (name for body in messages["body"].dropna() for name in names_in(body))
        return frozenset((*ids, *told))

    def masked(self, text: str) -> str:
        """Return a text without who its writer is: for a page with texts and without names."""
        return mask(text, self.people)

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
    asked = _Asked.of(as_of, since, until, policy, timezone)
    wanted = (str(lake), version, account)
    handed = next((run for run in handed_over() if asked.gave(run, *wanted)), None)
    if handed is not None:
        return handed
    opened = Lake.open(lake, version or None)
    return asked.run(opened, opened.histories(account or None), opened.read(MAILS), account)


def load_runs(
    lake: str | Path,
    *,
    version: int = 0,
    account: str = "",
    as_of: str | pd.Timestamp,
    since: str | pd.Timestamp = "",
    until: str | pd.Timestamp = "",
    policy: str = "",
    timezone: str = "",
) -> dict[str, Run]:
    """Open a lake once and audit each of its accounts on its own.

    Parameters
    ----------
    lake, version, account, as_of, since, until, policy, timezone
        As in `load_run`; of one account, where it is given, there is one run.

    Returns
    -------
    dict of str to Run
        By account, sorted; empty where the lake holds no account yet.

    Raises
    ------
    InputError, UsageError
        As in `load_run`.
    """
    asked = _Asked.of(as_of, since, until, policy, timezone)
    opened = Lake.open(lake, version or None)
    histories, mails = opened.histories(account or None), opened.read(MAILS)
    return {
        name: asked.run(opened, _of_account(histories, name), mails, name)
        for name in accounts_of(histories)
    }


def _of_account(histories: dict[str, pd.DataFrame], account: str) -> dict[str, pd.DataFrame]:
    return {
        name: frame[frame["account"] == account].reset_index(drop=True)
        for name, frame in histories.items()
    }


@dataclass(frozen=True)
class _Asked:
    """How runs were asked for, whichever account they are of."""

    as_of: pd.Timestamp
    since: str | pd.Timestamp
    until: str | pd.Timestamp
    policy: str
    rules: Policy
    timezone: str

    @classmethod
    def of(cls, as_of: Any, since: Any, until: Any, policy: str, timezone: str) -> _Asked:
        rules = Policy.of(policy or None)
        return cls(instant(as_of, "as_of"), since, until, policy, rules, timezone)

    def gave(self, run: Run, lake: str, version: int, account: str) -> bool:
        """Say whether a run is what would come of asking so of one version of a lake."""
        found, said = run.audit, run.parameters
        return (
            (lake, version, account) == (said["lake"], said["lake_version"], said["account"])
            and bool(self.since and self.until)
            and (self.as_of, instant(self.since, "since")) == (found.as_of, found.since)
            and instant(self.until, "until") == found.until
            and (self.policy, self.rules) == (said["policy"], found.policy)
            and _zone(self.timezone, found.histories["messages"]) == run.zone
        )

    def run(
        self, lake: Lake, histories: dict[str, pd.DataFrame], mails: pd.DataFrame, account: str
    ) -> Run:
        """Audit histories of one account, or of all where none is named."""
        found = audit(
            histories,
            as_of=self.as_of,
            since=self.since or None,
            until=self.until or None,
            policy=self.rules,
        )
        zone = _zone(self.timezone, histories["messages"])
        parameters = {
            "lake": lake.address,
            "lake_version": lake.version,
            "account": account,
            "as_of": found.as_of.isoformat(),
            "since": found.since.isoformat(),
            "until": found.until.isoformat(),
            "policy": self.policy,
            "timezone": zone,
        }
        own = mails[mails["account"] == account].reset_index(drop=True) if account else mails
        return Run(
            found,
            zone,
            lake.version,
            accounts_of(histories),
            parameters,
            own,
            lake,
            origin_of(lake),
        )


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
