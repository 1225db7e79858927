"""What all mails on file say together: conversations, bounces, automated mails, copies.

A mail by itself does not say which conversation it continues or whether it arrived. So each mail's
own words are kept (`evidence.MAILS`) and concluded from anew whenever mails are added: the result
depends on the set of mails alone, not on the order or the files in which they came.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

_KEY = ["account", "message_id"]
_SELLERS = ("seller", "copy")
_PEOPLE = ("buyer", *_SELLERS)

#: A copy of a reply is stamped up to 2 h after the reply itself, or (clocks differ) 10 min before.
_COPY_LATER = pd.Timedelta(hours=2)
_COPY_EARLIER = pd.Timedelta(minutes=10)
#: Amazon says within a day that a buyer opted out of a message.
_OPT_OUT_WITHIN = pd.Timedelta(hours=24)
#: The same text to so many buyers in so short a time was sent by a machine.
_MANY_BUYERS = 5
_AT_ONCE = pd.Timedelta(minutes=10)


def resolve(messages: pd.DataFrame, mails: pd.DataFrame) -> pd.DataFrame:
    """Conclude what depends on other mails.

    Parameters
    ----------
    messages : pd.DataFrame
        `sellerkit.tables.MESSAGES`, all of a lake, any order.
    mails : pd.DataFrame
        `sellerkit.read.mail.evidence.MAILS`, all of a lake, any order.

    Returns
    -------
    pd.DataFrame
        `messages` without copies of mails that are there too, with `thread_id`, `order_id`,
        `buyer_id`, `automated` and `undelivered` as all mails together show them. A message that
        has no row in `mails` is passed through untouched. Index and order as given.

    Notes
    -----
    Edges are inclusive: a copy exactly 2 h later is a copy.
    """
    said = mails.drop_duplicates(_KEY, keep="last").sort_values(_KEY).reset_index(drop=True)
    said["sent_at"] = said["sent_at"].astype("datetime64[us, UTC]")
    said["buyer_id"] = _buyers(said)
    said["order_id"] = _orders(said)
    said = said[~_doubled(said)].reset_index(drop=True)
    said["thread_id"] = _threads(said)
    said["automated"] |= _sent_to_many(said)
    said["undelivered"] |= _voided(said) | _opted_out(said)
    return _concluded(messages, mails, said)


def _concluded(messages: pd.DataFrame, mails: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """Return the messages as the mails that are left show them, without the others of `mails`."""
    keys = pd.MultiIndex.from_frame(messages[_KEY])
    place = pd.MultiIndex.from_frame(said[_KEY]).get_indexer(keys)
    is_mail = keys.isin(pd.MultiIndex.from_frame(mails[_KEY]))
    result = messages[(place >= 0) | ~is_mail].copy()
    place = place[(place >= 0) | ~is_mail]
    rows = said.iloc[place[place >= 0]]
    for column in ("thread_id", "order_id", "buyer_id", "automated", "undelivered"):
        values = result[column].to_numpy(object, copy=True)
        values[place >= 0] = rows[column].to_numpy(object)
        result[column] = pd.Series(values, index=result.index).astype(messages[column].dtype)
    return result


def _among(said: pd.DataFrame, kinds: tuple[str, ...]) -> pd.Series:
    return said["kind"].isin(kinds)


def _buyers(said: pd.DataFrame) -> pd.Series:
    """Return each mail's buyer; one that names none has the only buyer of its order.

    A seller's mail can lack it, and what Amazon's customer service passes on for a buyer.
    """
    people = said[_among(said, _PEOPLE)]
    only = _only(people, ["account", "named_order_id"], "buyer_id")
    guess = _looked_up(said, ["account", "named_order_id"], only)
    return said["buyer_id"].where(said["buyer_id"].notna() | ~_among(said, _PEOPLE), guess)


def _orders(said: pd.DataFrame) -> pd.Series:
    """Return each mail's order: its own, else the answered mail's, else the alias's only one."""
    people = _among(said, _PEOPLE) & said["buyer_id"].notna()
    roots = _followed(_answered(said, people))
    named = said["named_order_id"].where(people)
    order = said["named_order_id"].where(said["named_order_id"].notna(), named.iloc[roots].array)
    only = _only(said[people], ["account", "buyer_id"], "named_order_id")
    guess = _looked_up(said, ["account", "buyer_id"], only).where(people)
    return order.where(order.notna(), guess)


def _answered(said: pd.DataFrame, people: pd.Series) -> np.ndarray:
    """Return the row of the mail that each one without an order answers; its own row where none.

    That is the first of its references on file from a conversation with the same buyer.
    """
    parents = np.arange(len(said))
    asking = said.loc[people & said["named_order_id"].isna(), ["account", "buyer_id", "references"]]
    links = asking.explode("references").dropna(subset="references").rename_axis("row")
    if links.empty:
        return parents
    known = said.loc[people, [*_KEY, "buyer_id"]].assign(parent=np.flatnonzero(people))
    found = links.reset_index().merge(
        known, left_on=["account", "buyer_id", "references"],
        right_on=["account", "buyer_id", "message_id"], how="inner",
    )  # fmt: skip
    found = found[found["row"] != found["parent"]].drop_duplicates("row")
    parents[found["row"]] = found["parent"]
    return parents


def _followed(parents: np.ndarray) -> np.ndarray:
    """Return where each chain of answers begins.

    Each round doubles how far a row looks, so a chain of n takes log2(n) rounds; in a circle, which
    has no beginning, the rounds end somewhere in it, and no mail of it names an order.
    """
    for _ in range(max(len(parents), 1).bit_length() + 1):
        further = parents[parents]
        if np.array_equal(further, parents):
            break
        parents = further
    return parents


def _only(rows: pd.DataFrame, by: list[str], column: str) -> pd.Series:
    """Return the value of a column by group, for the groups that have just one."""
    pairs = rows[[*by, column]].dropna().drop_duplicates()
    return pairs.drop_duplicates(by, keep=False).set_index(by)[column]


def _looked_up(said: pd.DataFrame, by: list[str], values: pd.Series) -> pd.Series:
    """Return for each mail the value of its group (`_only`), null where that has none."""
    place = values.index.get_indexer(pd.MultiIndex.from_frame(said[by]))
    result = np.full(len(said), None, dtype=object)
    result[place >= 0] = values.to_numpy(object)[place[place >= 0]]
    return pd.Series(result, index=said.index, dtype="str")


def _threads(said: pd.DataFrame) -> pd.Series:
    """Return conversations: a buyer's about an order; Amazon's notices about an order."""
    people = _among(said, _PEOPLE)
    who = said["buyer_id"].where(people, "amazon")
    alone = who.where(people & who.notna(), "amazon/" + said["message_id"])
    alone = alone.where(~people | who.notna(), said["message_id"])
    both = who.str.cat(said["order_id"], sep="/")
    both = both.where(both.notna(), said["order_id"].where(people))
    return both.where(both.notna(), alone)


def _doubled(said: pd.DataFrame) -> pd.Series:
    """Tell which copies are of a reply that is there as the seller's own mail."""
    doubled = pd.Series(False, index=said.index)
    for by in ("buyer_id", "order_id"):
        by_text = ["account", "text_key", by]
        whole = said[[*by_text, "kind", "sent_at"]].dropna(subset=by_text)
        sent = whole[whole["kind"] == "seller"]
        copies = whole[whole["kind"] == "copy"]
        found = _latest(
            copies, copies["sent_at"] + _COPY_EARLIER, sent, by_text, _COPY_EARLIER + _COPY_LATER
        )
        doubled[found["row"]] = True
    return doubled


def _opted_out(said: pd.DataFrame) -> pd.Series:
    """Tell which of the seller's mails Amazon did not pass on, since the buyer opted out."""
    by_order = ["account", "order_id"]
    whole = said[[*by_order, "kind", "sent_at"]].dropna(subset=by_order)
    notices = whole[whole["kind"] == "opt_out"]
    sent = whole[whole["kind"].isin(_SELLERS)]
    found = _latest(notices, notices["sent_at"], sent, by_order, _OPT_OUT_WITHIN)
    return pd.Series(said.index.isin(found["other"]), index=said.index)


def _latest(
    rows: pd.DataFrame, until: pd.Series, others: pd.DataFrame, by: list[str], within: pd.Timedelta
) -> pd.DataFrame:
    """Return (row, other): for each row the latest other of its group by an instant."""
    left = rows[by].assign(at=until, row=rows.index).sort_values(["at", "row"])
    right = others[by].assign(at=others["sent_at"], other=others.index).sort_values(["at", "other"])
    found = pd.merge_asof(left, right, on="at", by=by, tolerance=within)
    found = found.dropna(subset="other")
    return found[["row", "other"]].astype("int64")


def _voided(said: pd.DataFrame) -> pd.Series:
    """Tell which of the seller's mails a bounce names."""
    bounces = said.loc[said["kind"] == "bounce", ["account", "voids"]].explode("voids").dropna()
    named = pd.MultiIndex.from_frame(bounces)
    return _among(said, _SELLERS) & pd.MultiIndex.from_frame(said[_KEY]).isin(named)


def _sent_to_many(said: pd.DataFrame) -> pd.Series:
    """Tell which mails have a text that went to many buyers at once."""
    sent = said[_among(said, _SELLERS)].dropna(subset=["text_key", "buyer_id"])
    by_text = ["account", "text_key"]
    buyers = sent.groupby(by_text)["buyer_id"].transform("nunique")
    many = sent[buyers >= _MANY_BUYERS].sort_values("sent_at")
    at_once = pd.Series(False, index=said.index)
    for _, rows in many.groupby(by_text, sort=False):
        at_once[rows.index[_crowded(rows)]] = True
    return at_once


def _crowded(rows: pd.DataFrame) -> np.ndarray:
    """Tell which rows, in order of time, lie in a window that has many different buyers."""
    times = rows["sent_at"].to_numpy("datetime64[us]")
    buyers, _ = pd.factorize(rows["buyer_id"])
    first = np.searchsorted(times, times - _AT_ONCE.to_timedelta64(), side="left")
    counts = np.zeros(buyers.max() + 1, dtype="int64")
    edges = np.zeros(len(rows) + 1, dtype="int64")
    start = distinct = 0
    for end, buyer in enumerate(buyers):
        distinct += counts[buyer] == 0
        counts[buyer] += 1
        for left in buyers[start : first[end]]:
            counts[left] -= 1
            distinct -= counts[left] == 0
        start = first[end]
        if distinct >= _MANY_BUYERS:
            edges[start] += 1
            edges[end + 1] -= 1
    return np.cumsum(edges[:-1]) > 0
