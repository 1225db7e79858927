"""What every part of a page has to know: the moment, the zone, the rules and who the buyers are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from sellerkit.policy import Policy
from sellerkit.show.words import format_excerpt, format_moment, known

#: Columns of a finding that lead to its buyer, the surest first.
_TO_BUYER = ("message_id", "thread_id", "order_id")

#: An instant as findings write it.
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")

#: Letters of a buyer's id that are shown: a helpdesk may have made it of anything.
_LONGEST_ID = 48


def _nothing_assumed() -> pd.DataFrame:
    return pd.DataFrame(columns=["figure", "rule_id", "rule", "doubt", "rows"])


@dataclass(frozen=True)
class View:
    """The eyes with which a page looks at the findings.

    Attributes
    ----------
    as_of, since, until : pd.Timestamp
        UTC; the window is ``[since, until)``.
    zone : str
        IANA zone in which local times are shown.
    policy : Policy
        The dated rules that were used.
    histories : mapping of str to pd.DataFrame
        As they were at `as_of`.
    accounts : tuple of str
    texts : bool
        Whether buyers' messages are shown; else none of their words is.
    assumed : pd.DataFrame
        Which figures rest on assumptions, as measured: figure, rule_id, rule, doubt, rows.
    why : callable, optional
        Gives for a finding's name and a few of its rows their derivations, as
        `sellerkit.audit.derive` does.
    names : bool
        Whether buyers are shown by their ids as on file; else by pseudonyms.
    pseudonym : callable, optional
        Gives for an account and a buyer id the name to show; without it buyers have none.
    masked : callable, optional
        Takes out of a buyer's words who he is, for a page with texts and without names.
    """

    as_of: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp
    zone: str
    policy: Policy
    histories: Mapping[str, pd.DataFrame]
    accounts: tuple[str, ...] = ()
    texts: bool = False
    assumed: pd.DataFrame = field(default_factory=_nothing_assumed)
    why: Callable[[str, pd.DataFrame], Sequence[Any]] | None = None
    names: bool = False
    pseudonym: Callable[[str, str], str] | None = None
    masked: Callable[[str], str] | None = None

    @classmethod
    def of(
        cls,
        run: Any,
        *,
        texts: bool = False,
        names: bool = False,
        assumed: pd.DataFrame | None = None,
    ) -> View:
        """Return the view of a run, as `sellerkit.load_run` gives it."""
        found = run.audit
        return cls(
            found.as_of, found.since, found.until, run.zone, found.policy, found.histories,
            tuple(run.accounts), texts, _nothing_assumed() if assumed is None else assumed,
            run.why, names, run.pseudonym, run.masked,
        )  # fmt: skip

    def at(self, zone: str) -> View:
        """Return the same view with the clock of another zone."""
        return replace(self, zone=zone)

    def moment(self, instant: Any, *, weekday: bool = False, year: bool = False) -> str:
        """Return an instant as the seller's clock shows it."""
        return format_moment(instant, self.zone, weekday=weekday, year=year)

    def told(self, sentence: str) -> str:
        """Return a sentence of a finding, its instants as the seller's clock shows them."""
        return _INSTANT.sub(lambda found: self.moment(pd.Timestamp(found[1], tz="UTC")), sentence)

    def derivations(self, finding: str, rows: pd.DataFrame) -> list[dict[str, Any] | None]:
        """Return how each row came about, ready for a template; None where nobody can tell."""
        if self.why is None:
            return [None] * len(rows)
        return [each.as_dict(self.moment, short=True) for each in self.why(finding, rows)]

    @property
    def end_of_day(self) -> pd.Timestamp:
        """The next midnight in the seller's zone."""
        today = self.as_of.tz_convert(self.zone).tz_localize(None).normalize()
        midnight = today + pd.Timedelta(days=1)
        return midnight.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward")

    def buyers(self, findings: pd.DataFrame) -> list[str]:
        """Return the pseudonym of each row's buyer, found by its message, thread or order.

        His id as on file where the view shows names, ``Buyer unknown`` where none is on file.
        """
        found = pd.Series(pd.NA, index=findings.index, dtype="object")
        for column in _TO_BUYER:
            if column in findings.columns:
                named = self._looked_up(findings, "messages", column, "buyer_id")
                found = found.where(found.notna(), named)
        return [self._buyer(*pair) for pair in zip(findings["account"], found, strict=True)]

    def _buyer(self, account: str, buyer_id: Any) -> str:
        if not known(buyer_id):
            return "Buyer unknown"
        if self.names:
            return format_excerpt(buyer_id, _LONGEST_ID)
        return self.pseudonym(account, buyer_id) if self.pseudonym else "Buyer"

    def excerpt(self, text: Any) -> str:
        """Return the beginning of a message where texts are shown; nothing where they are not.

        Where names are not shown too, mail addresses, postal addresses and names are taken out.
        """
        if not self.texts or not known(text):
            return ""
        told = format_excerpt(text)
        return told if self.names or self.masked is None else self.masked(told)

    def rest_in(self, finding: str) -> str:
        """Return where the rows are that a table leaves out: a file in the folder beside it."""
        return f"{self.until:%Y-%m-%d}.findings/{finding}.parquet"

    def orders_of(self, findings: pd.DataFrame, column: str) -> pd.Series:
        """Return a column of the order that each row names, on the rows' index."""
        return self._looked_up(findings, "orders", "order_id", column)

    def claims_of(self, findings: pd.DataFrame, column: str) -> pd.Series:
        """Return a column of the claim that each row names, on the rows' index."""
        return self._looked_up(findings, "claims", "claim_id", column)

    def _looked_up(self, findings: pd.DataFrame, name: str, key: str, column: str) -> pd.Series:
        """Return a history's column by account and key; of several rows the first with a value."""
        history = self.histories[name]
        # few findings are shown and a history may be long: only the rows asked for are copied
        asked = history[history[key].isin(findings[key].dropna())]
        rows = asked[["account", key, column]].dropna().drop_duplicates(["account", key])
        values = rows.astype("object").set_index(["account", key])[column]
        keys = pd.MultiIndex.from_frame(findings[["account", key]].astype("object"))
        return pd.Series(values.reindex(keys).to_numpy(dtype="object"), index=findings.index)

    def rows_of(self, name: str, account: str, **keys: Any) -> pd.DataFrame:
        """Return the rows of a history of one account where any of the keys fits."""
        frame = self.histories[name]
        fits = pd.Series(False, index=frame.index)
        for column, value in keys.items():
            if known(value):
                fits |= (frame[column] == value).fillna(False).astype(bool)
        return frame[(frame["account"] == account) & fits]

    def stores(self) -> list[str]:
        """Return the marketplaces with a message or an order on file, by name."""
        names: Iterable[pd.Series] = (
            self.histories[name]["marketplace"].dropna() for name in ("messages", "orders")
        )
        return sorted({str(code) for column in names for code in column.unique()})
