"""What a purge does to each column: an id becomes a token, words go, what is a code stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd

from sellerkit.lake.tokens import Tokens, is_token, ranked

#: Returns ids with those replaced that are to be: of a kind, the accounts, the ids.
Lookup: TypeAlias = Callable[[str, pd.Series, pd.Series], pd.Series]

#: The ids of each table, and what they are ids of. The first is the row's own.
IDS: Mapping[str, Mapping[str, str]] = {
    "messages": {"message_id": "message", "order_id": "order", "buyer_id": "buyer"},
    "mails": {"message_id": "message", "named_order_id": "order", "buyer_id": "buyer"},
    "notices": {"message_id": "message", "order_id": "order", "rma_id": "return"},
    "orders": {"order_id": "order"},
    "order_parts": {"order_id": "order"},
    "order_items": {"item_id": "item", "order_id": "order"},
    "returns": {"return_id": "return", "order_id": "order"},
    "claims": {"claim_id": "claim", "order_id": "order"},
    "calls": {"call_id": "call", "order_id": "order"},
    "solicitations": {"order_id": "order"},
    "told": {"message_id": "message"},
}

_LISTS = {"mails": ("references", "voids")}

#: Ids that the kit itself makes of an order's, where only a notice tells of a return or a claim.
_MADE = {"returns": "return_id", "claims": "claim_id"}
_MADE_BY_MAIL = "mail:"

#: What becomes of the words of a purged row. ``token``: whether there is a value, and which are the
#: same, is kept. A pattern: what fits it is a code and stays, anything else becomes a token.
_GONE, _TOKEN = "gone", "token"
_ASIN = r"B0[A-Z0-9]{8}|[0-9]{9}[0-9X]"
_RULE = r"(?:given|else|(?:header|from|subject|word|words|reason):[a-z_]{1,30}(?: \(low\))?)"
_CODE = r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?"
#: The two words of which the audit asks whether a call's purpose is one.
_PURPOSE = r"delivery|scheduling"
_OF_ORDERS = {
    "cancel_reason": _TOKEN, "carrier": _TOKEN, "tracking_id": _TOKEN, "currency": _CODE,
    "marketplace": _CODE,
}  # fmt: skip
WORDS: Mapping[str, Mapping[str, str]] = {
    "messages": {
        "subject": _GONE, "body": _GONE, "language": _CODE, "marketplace": _CODE,
        "topic_rule": _RULE,
    },
    "notices": {
        "return_reason": _TOKEN, "tracking_id": _TOKEN, "currency": _CODE, "marketplace": _CODE,
    },
    "orders": _OF_ORDERS,
    "order_parts": _OF_ORDERS,
    "order_items": {"title": _GONE, "sku": _TOKEN, "asin": _ASIN},
    "returns": {
        "reason": _TOKEN, "label": _TOKEN, "tracking_id": _TOKEN, "currency": _CODE,
    },
    "claims": {"currency": _CODE},
    "calls": {"notes": _GONE, "purpose": _PURPOSE},
}  # fmt: skip


def with_ids(name: str, rows: pd.DataFrame, lookup: Lookup, tokens: Tokens) -> pd.DataFrame:
    """Return rows of a table with their ids looked up.

    Parameters
    ----------
    name : str
        Of the table.
    rows : pd.DataFrame
        Its columns; others are left.
    lookup : callable
        Says what each id becomes.
    tokens : Tokens
    """
    columns = IDS.get(name, {})
    new = rows.copy()
    for column, kind in columns.items():
        asked = item_keys(rows, tokens) if kind == "item" else rows[column]
        found = lookup(kind, rows["account"], asked)
        # an item's number is its order's own: without that it says nothing
        new[column] = rows[column].where(found == asked, found).where(rows[column].notna())
    for column in _LISTS.get(name, ()):
        new[column] = _listed(rows, column, lookup)
    if name == "mails":
        # a hash without a key: who has the text can find it. Mails are compared by it, so all of it
        new["text_key"] = tokens.of("text", rows["account"], rows["text_key"])
    if name in _MADE:
        new[_MADE[name]] = _made(rows, new, _MADE[name])
    if name == "messages":
        new["thread_id"] = _threads(rows, new, lookup)
    if name == "no_response_needed":
        new["marks"] = marks(rows, lookup)
    return new


def item_keys(rows: pd.DataFrame, tokens: Tokens) -> pd.Series:
    """Return what an item's token is made of: its number and its order's token."""
    return tokens.of("order", rows["account"], rows["order_id"]) + "/" + rows["item_id"]


def scrubbed(name: str, rows: pd.DataFrame, gone: np.ndarray, tokens: Tokens) -> pd.DataFrame:
    """Return rows of a table without words where they are purged."""
    new = rows.copy()
    for column, how in WORDS.get(name, {}).items():
        if column not in rows:
            continue
        values = rows[column]
        left = pd.Series(None, index=rows.index, dtype="str")
        if how != _GONE:
            words = values.str.strip().str.casefold() if column == "purpose" else values
            left = tokens.of("word", rows["account"], words)
            if how != _TOKEN:
                left = left.where(~words.str.fullmatch(how).fillna(False).astype(bool), words)
        new[column] = values.where(~gone, left)
    if name == "messages" and len(rows):
        # a rule in the file's own words says no more than that it was given
        own = new["topic_rule"].str.startswith("purged-").fillna(False).to_numpy(bool)
        new["topic_rule"] = new["topic_rule"].mask(own, "given")
    return new


def without_references(
    rows: pd.DataFrame, gone: np.ndarray, on_file: pd.Index, tokens: Tokens
) -> pd.DataFrame:
    """Return mails of which purged ones name no mail that is not on file, but by its token.

    Parameters
    ----------
    rows : pd.DataFrame
        Of `tables.MAILS`.
    gone : np.ndarray
    on_file : pd.Index
        `keys` of the messages on file: those are replaced by their own purge.
    tokens : Tokens
    """

    def lookup(kind: str, accounts: pd.Series, values: pd.Series) -> pd.Series:
        made = tokens.of(kind, accounts, values)
        there = np.asarray(keys(accounts, values).isin(on_file)) | is_token(values).to_numpy(bool)
        return values.where(there, ranked(made, pd.Series(0, index=made.index)))

    new = rows.copy()
    for column in _LISTS["mails"]:
        lists = rows[column].to_numpy(object, copy=True)
        lists[gone] = _listed(rows[gone], column, lookup).to_numpy(object)
        new[column] = pd.Series(lists, index=rows.index, dtype="object")
    return new


def keys(accounts: pd.Series, values: pd.Series) -> pd.Index:
    """Return what names an id among all accounts."""
    return pd.Index(accounts.astype("str") + "\0" + values.astype("str"))


def marks(rows: pd.DataFrame, lookup: Lookup) -> pd.Series:
    """Return the ids that a list of marks names, looked up as what they are."""
    values = rows["marks"]
    for kind in ("message", "order"):
        found = lookup(kind, rows["account"], rows["marks"])
        values = values.where((rows["kind"] != kind).to_numpy(bool), found)
    return values


def _listed(rows: pd.DataFrame, column: str, lookup: Lookup) -> pd.Series:
    """Return lists of message ids, looked up; those of Delta are arrays."""
    long = rows[["account", column]].reset_index(drop=True).explode(column).dropna(subset=column)
    if long.empty:
        return rows[column]
    found = lookup("message", long["account"], long[column].astype("str"))
    lists = found.groupby(level=0, sort=False).agg(list)
    whole = pd.Series([[] for _ in range(len(rows))], dtype="object")
    whole.loc[lists.index] = lists
    return whole.set_axis(rows.index)


def _made(rows: pd.DataFrame, new: pd.DataFrame, column: str) -> pd.Series:
    """Return ids that are made of an order's, made of its token."""
    ids = [
        f"{_MADE_BY_MAIL}{order}{own[len(before) :]}"
        if own.startswith(before := f"{_MADE_BY_MAIL}{old}")
        else token
        for own, old, order, token in zip(
            rows[column], rows["order_id"], new["order_id"], new[column], strict=True
        )
    ]
    return pd.Series(ids, index=rows.index, dtype="str")


def _threads(rows: pd.DataFrame, new: pd.DataFrame, lookup: Lookup) -> pd.Series:
    """Return threads: those that the kit made of other ids are made anew, as mails make them."""
    threads = lookup("thread", rows["account"], rows["thread_id"])
    for make in _MADE_THREADS:
        same = (make(rows) == rows["thread_id"]).fillna(False).to_numpy(bool)
        threads = threads.where(~same, make(new))
    return threads


#: How `sellerkit.read.mail.conversations` names a thread.
_MADE_THREADS: tuple[Callable[[pd.DataFrame], pd.Series], ...] = (
    lambda f: f["buyer_id"],
    lambda f: f["order_id"],
    lambda f: f["message_id"],
    lambda f: "amazon/" + f["message_id"],
    lambda f: "amazon/" + f["order_id"],
    lambda f: f["buyer_id"].str.cat(f["order_id"], sep="/"),
)
