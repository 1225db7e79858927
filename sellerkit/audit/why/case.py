"""One order or conversation by itself: its records, and the audit of these alone.

What the audit concludes of an order or a thread depends on its own records only. So a derivation
takes these few, audits them again, and tells of what it finds: it cannot say anything else than
the verdict, and shows that nothing else was needed for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sellerkit.audit.run import Audit, audit
from sellerkit.audit.why.derivation import Event, RuleRow
from sellerkit.policy import Rule

Row = dict[str, Any]

#: A window around all that can be on file.
_EVER = {"since": "1900-01-01", "until": "2262-01-01"}

#: Events that the verdict does not rest on are listed up to so many in all.
MOST_EVENTS = 40


_NOTICES = {
    "return_requested": "Amazon told of a return request",
    "claim_opened": "Amazon told of a claim",
    "claim_decided": "Amazon told how a claim was decided",
    "refund_issued": "Amazon told of a refund",
    "cancel_requested": "Amazon passed on a wish to cancel",
    "opted_out": "Amazon said that the buyer opted out",
}


class Key(NamedTuple):
    """What a finding is about: an order, a thread; a call, since that may name no order."""

    account: str
    order_id: str | None = None
    thread_id: str | None = None
    call_id: str | None = None


def records_about(
    histories: dict[str, pd.DataFrame], keys: Iterable[Key]
) -> dict[str, pd.DataFrame]:
    """Return the records on which findings about these orders and threads can depend.

    Returns
    -------
    dict of str to pd.DataFrame
        All rows on the orders; all messages of the threads, and of each thread in which one of the
        orders is written about, since a thread answers as a whole.
    """
    by_account: dict[str, list[Key]] = {}
    for key in keys:
        by_account.setdefault(key.account, []).append(key)
    chosen = {
        name: np.zeros(len(frame), dtype=bool)
        for name, frame in histories.items()
        if "order_id" in frame
    }
    for account, own in by_account.items():
        orders = {key.order_id for key in own if key.order_id is not None}
        threads = {key.thread_id for key in own if key.thread_id is not None}
        calls = {key.call_id for key in own if key.call_id is not None}
        for name, mask in chosen.items():
            frame = histories[name]
            here = (frame["account"] == account).to_numpy(bool)
            on_order = here & frame["order_id"].isin(orders).to_numpy(bool)
            if name == "messages":
                touched = threads | set(frame.loc[on_order, "thread_id"])
                on_order |= here & frame["thread_id"].isin(touched).to_numpy(bool)
            if name == "calls":
                on_order |= here & frame["call_id"].isin(calls).to_numpy(bool)
            mask |= on_order
    return {name: histories[name][mask].reset_index(drop=True) for name, mask in chosen.items()}


def replay(found: Audit, keys: Iterable[Key]) -> Audit:
    """Audit the records of some orders and threads alone, of all time, by the same rules."""
    records = records_about(found.histories, keys)
    return audit(records, as_of=found.as_of, policy=found.policy, **_EVER)


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Return a frame's rows as dicts, what is missing as None."""
    cells = frame.astype("object")
    return [
        {str(name): value for name, value in row.items()}
        for row in cells.where(cells.notna(), None).to_dict("records")
    ]


@dataclass(frozen=True)
class Case:
    """The whole audit, and that of the records about some orders and threads alone.

    Attributes
    ----------
    found, alone : Audit
    texts : bool
        Whether the first line of messages is told.
    """

    found: Audit
    alone: Audit
    texts: bool = False
    _read: dict[str, list[Row]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, found: Audit, keys: Iterable[Key], *, texts: bool = False) -> Case:
        """Return the case of some orders and threads."""
        return cls(found, replay(found, keys), texts)

    @property
    def as_of(self) -> pd.Timestamp:
        """The only now."""
        return self.alone.as_of

    def rows(self, name: str, account: str, **keys: Any) -> list[Row]:
        """Return rows of a history where all keys fit, messages by time."""
        return self._where(name, self.alone.histories[name], account, keys)

    def findings(self, name: str, account: str, **keys: Any) -> list[Row]:
        """Return rows of a finding where all keys fit."""
        return self._where(name, self.alone.findings[name], account, keys)

    def _where(
        self, name: str, frame: pd.DataFrame, account: str, keys: dict[str, Any]
    ) -> list[Row]:
        wanted = {"account": account, **keys}
        if name not in self._read:
            self._read[name] = rows_of(frame)
        return [r for r in self._read[name] if all(r[k] == v for k, v in wanted.items())]

    def is_answer(self, message: Row) -> bool:
        """Tell whether a message is an answer, as rules.md defines it."""
        return message["sender"] == "seller" and not self.flaw(message)

    def flaw(self, message: Row) -> str:
        """Return why a message of the seller's is no answer; nothing where it is one."""
        if message["undelivered"]:
            return "undelivered"
        if message["automated"] and not self.value("crt.autoreply_counts", message):
            return "automated"
        return ""

    def value(self, rule_id: str, message: Row) -> Any:
        """Return the value that held when a message was sent."""
        value, _ = self.alone.policy.value(rule_id, message["sent_at"], message["marketplace"])
        return value

    def rule(self, name: str, marketplace: str | None = None) -> tuple[RuleRow, ...]:
        """Return the row of the policy of a name, that of the store before the default."""
        return (RuleRow.of(row_named(self.alone.policy.rules, name, marketplace)),)

    def rule_at(
        self, rule_id: str, at: pd.Timestamp, marketplace: str | None
    ) -> tuple[RuleRow, ...]:
        """Return the row of the policy that held at an instant."""
        return (RuleRow.of(self.alone.policy.row(rule_id, at, marketplace)),)

    def agrees(self, name: str, row: Row, *key: str) -> bool | None:
        """Tell whether both audits, the whole and that of the case alone, have this very row.

        Null where the whole audit has none of the key, since its window leaves it out.
        """
        whole = getattr(self.found, name, None)
        frame = self.found.findings[name] if whole is None else whole
        keys = {column: row[column] for column in key}
        whole_has = _where(frame, row["account"], keys)
        alone_has = self.findings(name, row["account"], **keys)
        return row in whole_has and row in alone_has if whole_has else None

    def message_event(self, message: Row, role: str = "") -> Event:
        """Return a message as an event; of its words the first line only, and only if asked for."""
        text, what = None, _what(message)
        if message["sender"] == "amazon":
            what = self._noticed.get((message["account"], message["message_id"]), what)
        if self.texts and message["body"]:
            text = str(message["body"])[:400].strip().split("\n")[0][:160]
        return event("messages", message, "sent_at", what, role, text)

    @cached_property
    def _noticed(self) -> dict[tuple[str, str], str]:
        """What Amazon's notices say, by account and message."""
        return {
            (row["account"], row["message_id"]): _NOTICES[row["event"]]
            for row in rows_of(self.alone.histories["notices"])
            if row["event"] in _NOTICES
        }

    def notes(self, row: Row) -> list[Event]:
        """Return the internal notes of a row's order between its trigger and its time."""
        since = row.get("trigger_at") or row["sent_at"]
        return [
            Event(note["sent_at"], "an internal note", "notices", note["message_id"],
                  "no answer: a note")
            for note in self.rows("notices", row["account"], event="internal_note")
            if note["order_id"] == row["order_id"] and since <= note["sent_at"] <= row["due_at"]
        ]  # fmt: skip


def event(
    table: str, row: Row, column: str, what: str, role: str = "", text: str | None = None
) -> Event:
    """Return what happened at an instant of a row of a history."""
    name = {"messages": "message_id", "orders": "order_id"}.get(table, f"{table[:-1]}_id")
    pos = row["source_pos"]
    return Event(
        row[column], what, table, row[name], role,
        row["source"], None if pos is None else int(pos), text,
    )  # fmt: skip


def _what(message: Row) -> str:
    if message["sender"] == "buyer":
        return "the buyer wrote"
    if message["sender"] == "amazon":
        return "Amazon sent a notice"
    if message["undelivered"]:
        return "the seller wrote, not delivered"
    return "an automatic reply" if message["automated"] else "the seller wrote"


def listed(events: Iterable[Event], near: pd.Timestamp) -> tuple[tuple[Event, ...], int]:
    """Return events by time, and how many were left out: those without a role farthest away."""
    every = sorted(set(events), key=lambda each: (each.at, each.table, each.id, each.what))
    ranked = sorted(every, key=lambda each: (not each.role, abs(each.at - near)))
    kept = set(ranked[:MOST_EVENTS])
    return tuple(each for each in every if each in kept), len(every) - len(kept)


def row_named(rules: Iterable[Rule], name: str, marketplace: str | None) -> Rule:
    """Return the row of a name: of a user's file before ours, of the store before the default."""
    named = [rule for rule in rules if rule.name == name]
    fits = [rule for rule in named if not rule.marketplaces or marketplace in rule.marketplaces]
    return max(fits or named, key=lambda rule: (rule.layer, bool(rule.marketplaces)))


def _where(frame: pd.DataFrame, account: str, keys: dict[str, Any]) -> list[Row]:
    fits = (frame["account"] == account).to_numpy(bool)
    for column, value in keys.items():
        fits = fits & (frame[column] == value).fillna(False).to_numpy(bool)
    return rows_of(frame[fits])
