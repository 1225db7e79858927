"""Obligations and histories → drafts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sellerkit.draft.buyer import Recipient, recipient
from sellerkit.draft.facts import Row, values_of
from sellerkit.draft.fill import fill
from sellerkit.draft.templates import Templates

_ORDER = ["account", "order_id"]
_THREAD = ["account", "thread_id"]


@dataclass(frozen=True)
class Draft:
    """A text for one owed mail. Nothing sends it.

    Attributes
    ----------
    duty : mapping
        The obligation, columns of `tables.OBLIGATIONS`; those that do not hold are null.
    template : str
        One of `sellerkit.draft.TEMPLATES`.
    to : Recipient
    subject, text : str
    gaps : list of str
        What is left to be filled in.
    also_owed : list of str
        Other obligations of the same order for which a mail is owed: one mail may do for all.
    """

    duty: Row
    template: str
    to: Recipient
    subject: str
    text: str
    gaps: list[str] = field(default_factory=list)
    also_owed: list[str] = field(default_factory=list)


def drafts(
    duties: pd.DataFrame,
    histories: Mapping[str, pd.DataFrame],
    templates: Templates,
    *,
    as_of: pd.Timestamp,
    template: str | None = None,
    values: Mapping[str, str] | None = None,
    owed: pd.DataFrame | None = None,
) -> list[Draft]:
    """Write a text for each duty, in the buyer's language.

    Parameters
    ----------
    duties : pd.DataFrame
        Columns of `tables.OBLIGATIONS`, and `return_ends_at` (``ts``) where the end of the window
        to return is known.
    histories : mapping of str to pd.DataFrame
        As they were at `as_of`.
    templates : Templates
    as_of : pd.Timestamp
    template : str, optional
        Which text to use in place of the one that the duty calls for.
    values : mapping of str to str, optional
        The seller's own, which go before what is on file.
    owed : pd.DataFrame, optional
        All obligations for which a mail is owed.

    Returns
    -------
    list of Draft
        In the order of the duties.
    """
    files = _Files(duties, histories)
    own = dict(templates.values) | dict(values or {})
    others = _by_key(owed if owed is not None else duties, _ORDER)
    found = []
    for duty in duties.assign(as_of=as_of).to_dict("records"):
        name = template or template_of(duty)
        to = recipient(files.talk(duty), files.store(duty), templates.languages)
        filled = fill(templates.find(name, to.language), files.values(duty, to.language) | own)
        also = [row["obligation_id"] for row in others.get(_key(duty, _ORDER), [])]
        also = [other for other in also if other != duty["obligation_id"]]
        found.append(Draft(duty, name, to, filled.subject, filled.text, filled.gaps, also))
    return found


def template_of(duty: Row) -> str:
    """Return the name of the text that an obligation calls for."""
    by_kind = {"return": "content_expected", "order_problem": "problem"}
    column = by_kind.get(duty["kind"])
    return str(duty[column] if column else duty["kind"])


class _Files:
    """What the histories have about some duties, looked up by order and thread."""

    def __init__(self, duties: pd.DataFrame, histories: Mapping[str, pd.DataFrame]) -> None:
        ids = set(duties["order_id"].dropna())
        threads = set(duties["thread_id"].dropna())
        near = {
            name: histories[name][histories[name]["order_id"].isin(ids)]
            for name in ("orders", "order_items", "returns", "claims")
        }
        messages = histories["messages"]
        concerned = messages["order_id"].isin(ids) | messages["thread_id"].isin(threads)
        self._messages = messages[concerned].sort_values(["sent_at", "message_id"])
        self._on_order = _rows_by_key(self._messages, _ORDER)
        self._in_thread = _rows_by_key(self._messages, _THREAD)
        self._found = {name: _by_key(frame, _ORDER) for name, frame in near.items()}

    def talk(self, duty: Row) -> pd.DataFrame:
        """Return the messages of the duty's thread where it has one, else of its order."""
        rows = self._in_thread.get(_key(duty, _THREAD)) or self._on_order.get(_key(duty, _ORDER))
        return self._messages.loc[rows or []]

    def store(self, duty: Row) -> str | None:
        """Return the duty's store, else its order's."""
        places = [duty, *self._of("orders", duty)]
        return next((p["marketplace"] for p in places if isinstance(p["marketplace"], str)), None)

    def values(self, duty: Row, language: str) -> dict[str, str]:
        """Return what is on file for a text about the duty."""
        orders, items = self._of("orders", duty), self._of("order_items", duty)
        refunds = [row for row in self._of("returns", duty) if not pd.isna(row["refunded_at"])]
        claims = self._of("claims", duty)
        return values_of(
            duty,
            orders[0] if orders else None,
            [row["title"] for row in items],
            max(refunds, key=lambda row: row["refunded_at"], default=None),
            max(claims, key=lambda row: row["filed_at"], default=None),
            language,
        )

    def _of(self, name: str, duty: Row) -> list[dict[str, Any]]:
        return self._found[name].get(_key(duty, _ORDER), [])


def _key(row: Row, columns: Iterable[str]) -> tuple[Any, ...] | None:
    key = tuple(row[column] for column in columns)
    return key if all(isinstance(part, str) for part in key) else None


def _by_key(frame: pd.DataFrame, columns: list[str]) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in frame.dropna(subset=columns).to_dict("records"):
        found.setdefault(_key(row, columns), []).append(row)
    return found


def _rows_by_key(frame: pd.DataFrame, columns: list[str]) -> dict[Any, list[Any]]:
    known = frame.dropna(subset=columns)
    return {key: list(rows) for key, rows in known.groupby(columns).groups.items()}
