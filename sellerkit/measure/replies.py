"""What a seller's replies say of mails that are not there: questions answered and not on file."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources

import numpy as np
import pandas as pd

from sellerkit.tables import TS_DTYPE

_ID = ["account", "message_id"]
_THREAD = ["account", "thread_id"]
_BOUNCES = ("bounce", "opt_out")

#: Where more of an account's references than this name nothing on file, its ids were changed on
#: the way (by a helpdesk, say) and tell nothing.
_USABLE = 0.5
_JUDGED_FROM = 10

#: In the first days of a mailbox replies go to questions from before it, about older orders.
_FIRST_DAYS = pd.Timedelta(days=7)
_MICROSECOND = pd.Timedelta(1, unit="us")


def answered_mails(
    messages: pd.DataFrame, mails: pd.DataFrame, orders: pd.DataFrame
) -> pd.DataFrame:
    """List mails that the seller's replies answer, on file or not, one row per mail answered.

    Parameters
    ----------
    messages, orders : pd.DataFrame
        The histories, any order.
    mails : pd.DataFrame
        `tables.MAILS`: what the mails themselves said; may be empty.

    Returns
    -------
    pd.DataFrame
        `account`, `at` (when the answered mail was sent; of a missing one estimated),
        `answered_at`, `missing` (``bool``) and `before_mail` (``bool``: it may be older than the
        account's first message, so it says nothing of the weeks) and `proven` (``bool``: a reply
        names it by its id).

    Notes
    -----
    A reply that names what it answers (In-Reply-To, else the last of References) counts by that
    id. Of an account whose replies name nothing (an export as CSV) they count by thread: where a
    subject is a reply's and nothing stands before it, what it answers may be missing; it may also
    be a call or a form, so that is evidence and no proof. A missing mail is taken to have waited
    for its answer for the account's median time on that weekday; where that leaves two weeks
    possible, it goes to the one from which clearly more are missing for sure.
    """
    by_id = _by_reference(mails, messages)
    silent = ~messages["account"].isin(by_id["account"])
    found = pd.concat([by_id, _by_thread(messages[silent])], ignore_index=True)
    found["proven"] = found["missing"].astype(bool) & (found.index < len(by_id))
    found["missing"] = found["missing"].astype(bool)
    found["at"] = _estimated(found)
    found["before_mail"] = _before_mail(found, messages, orders)
    first = _first_message(found, messages)
    at = found["at"].where(~found["before_mail"], first - _MICROSECOND)
    found["at"] = at.astype(TS_DTYPE)
    return found[["account", "at", "answered_at", "missing", "before_mail", "proven"]]


def _by_reference(mails: pd.DataFrame, messages: pd.DataFrame) -> pd.DataFrame:
    """Return mails that are answered by name."""
    sent = mails[(mails["kind"] == "seller") & (mails["references"].str.len() > 0)]
    sent = sent[[*_ID, "sent_at"]].assign(target=sent["references"].str[0])
    on_file = pd.concat([mails[[*_ID, "sent_at"]], messages[[*_ID, "sent_at"]]])
    on_file = on_file.drop_duplicates(_ID).rename(columns={"sent_at": "at", "message_id": "target"})
    found = sent.rename(columns={"sent_at": "answered_at"}).merge(
        on_file, on=["account", "target"], how="left"
    )
    found["missing"] = found["at"].isna()
    lost = found.groupby("account")["missing"].agg(["mean", "size"])
    useless = lost.index[(lost["mean"] > _USABLE) & (lost["size"] >= _JUDGED_FROM)]
    found = found[~found["account"].isin(useless)].sort_values(["answered_at", "message_id"])
    found = found.drop_duplicates(["account", "target"])
    orders = messages[[*_ID, "order_id"]].drop_duplicates(_ID)
    found = found.merge(orders, on=_ID, how="left")
    return found[["account", "order_id", "at", "answered_at", "missing"]]


def _by_thread(messages: pd.DataFrame) -> pd.DataFrame:
    """Return mails answered by replies that name none: the buyer's last one in the thread."""
    people = messages[messages["sender"] != "amazon"].sort_values(["sent_at", "message_id"])
    at = people["sent_at"].where(people["sender"] == "buyer")
    at = at.groupby([people[name] for name in _THREAD]).ffill()
    first = ~people.duplicated(_THREAD)
    asked = is_reply(people) & (first | at.notna())
    found = people.loc[asked, [*_THREAD, "order_id"]].assign(
        at=at[asked], answered_at=people.loc[asked, "sent_at"], missing=first[asked]
    )
    return found.drop_duplicates([*_THREAD, "at"]).drop(columns="thread_id")


def is_reply(messages: pd.DataFrame) -> pd.Series:
    """Tell which messages are a seller's whose subject a mail program marked as a reply's."""
    marked = messages["subject"].str.match(_reply_subject()).fillna(False).astype(bool)
    if "told_reply" in messages:  # a purge took the subject and kept what it had said
        marked = marked.mask(messages["told_reply"].notna(), messages["told_reply"]).astype(bool)
    return (messages["sender"] == "seller") & marked


@functools.cache
def _reply_subject() -> re.Pattern[str]:
    text = (resources.files("sellerkit.measure") / "replies.toml").read_text("utf-8")
    marks = "|".join(re.escape(mark) for mark in tomllib.loads(text)["reply"]["marks"])
    return re.compile(rf"\s{{0,9}}(?:{marks})(?:\[\d{{1,3}}\])?\s{{0,3}}[:：]", re.IGNORECASE)


def _estimated(found: pd.DataFrame) -> pd.Series:
    """Return when each answered mail was sent, of the missing ones as is likely."""
    waited = found["answered_at"] - found["at"]
    usual = waited.groupby(found["account"])
    # on a Monday the questions of a weekend are answered: each weekday has waits of its own
    on_day = waited.groupby([found["account"], found["answered_at"].dt.day_of_week])
    median = on_day.transform("median").fillna(usual.transform("median"))
    longest = usual.transform("quantile", 0.9).fillna(pd.Timedelta(hours=48))
    longest = longest.clip(upper=pd.Timedelta(days=6))
    own_week = monday(found["answered_at"])
    guess = found["answered_at"] - median.fillna(pd.Timedelta(hours=12))
    unsure = found["missing"] & (found["answered_at"] - longest < own_week)
    sure = found[found["missing"] & ~unsure]
    counts = sure.groupby(["account", own_week[sure.index]]).size()

    def missing_in(week: pd.Series) -> np.ndarray:
        keys = pd.MultiIndex.from_arrays([found["account"], week])
        return np.asarray(counts.reindex(keys, fill_value=0))

    here, before = missing_in(own_week), missing_in(own_week - pd.Timedelta(days=7))
    guess = guess.mask(unsure & (here > before + 1), guess.clip(lower=own_week))
    earlier = guess.clip(upper=own_week - _MICROSECOND)
    guess = guess.mask(unsure & (before > here + 1), earlier)
    return found["at"].fillna(guess.astype(TS_DTYPE))


def monday(instants: pd.Series) -> pd.Series:
    """Return the Monday, 00:00 UTC, of each instant's week."""
    days = instants.dt.floor("D")
    return days - pd.to_timedelta(days.dt.day_of_week, unit="D").dt.as_unit("us")


def _before_mail(found: pd.DataFrame, messages: pd.DataFrame, orders: pd.DataFrame) -> pd.Series:
    first = _first_message(found, messages)
    early = found["missing"] & (found["answered_at"] < first + _FIRST_DAYS)
    asked = pd.MultiIndex.from_frame(found.loc[early, ["account", "order_id"]])
    known = orders[orders["order_id"].isin(found.loc[early, "order_id"].dropna())]
    bought = known.drop_duplicates(["account", "order_id"]).set_index(["account", "order_id"])
    bought_at = bought["purchased_at"].reindex(asked).set_axis(early.index[early])
    return early & ~(bought_at.reindex(early.index) >= first)


def _first_message(found: pd.DataFrame, messages: pd.DataFrame) -> pd.Series:
    first = messages.groupby("account")["sent_at"].min()
    return first.reindex(found["account"]).set_axis(found.index)


def references_not_on_file(mails: pd.DataFrame, messages: pd.DataFrame) -> pd.DataFrame:
    """List mails that others name and that are not on file, one row per id named.

    Parameters
    ----------
    mails : pd.DataFrame
        `tables.MAILS`.
    messages : pd.DataFrame
        The history: an id that stands there is on file too.

    Returns
    -------
    pd.DataFrame
        `account`, `reference`, `sent_at` (of the first mail that names it) and `named_by` (its
        kind: a seller's or buyer's mail, a bounce).
    """
    named = mails[["account", "references", "sent_at", "kind"]].explode("references")
    named = named.dropna(subset="references").sort_values(["sent_at", "references"])
    named = named.rename(columns={"references": "reference", "kind": "named_by"})
    named = named.drop_duplicates(["account", "reference"])
    ids = pd.concat([mails[_ID], messages[_ID]])
    on_file = _index(named, "reference").isin(_index(ids, "message_id"))
    return named[~on_file][["account", "reference", "sent_at", "named_by"]].reset_index(drop=True)


def threads_without_beginning(
    messages: pd.DataFrame, mails: pd.DataFrame, lost: pd.DataFrame
) -> pd.DataFrame:
    """List first messages of threads that begin with a reply, one row per thread.

    Parameters
    ----------
    messages, mails : pd.DataFrame
        As in `answered_mails`.
    lost : pd.DataFrame
        As `references_not_on_file` returns it.

    Returns
    -------
    pd.DataFrame
        `account`, `thread_id`, `message_id`, `sent_at` of the first message of a person, where
        that is the seller's and names a mail that is not on file, or has a reply's subject and
        names none.
    """
    people = messages[messages["sender"] != "amazon"].sort_values(["sent_at", "message_id"])
    first = people.drop_duplicates(_THREAD)
    first = first[first["sender"] == "seller"]
    naming = mails.loc[mails["references"].str.len() > 0, [*_ID, "references"]]
    named = first[_ID].merge(naming.drop_duplicates(_ID), on=_ID, how="left")["references"]
    answers = pd.MultiIndex.from_arrays([first["account"], named.str[0]])
    begins = np.where(named.notna(), answers.isin(_index(lost, "reference")), is_reply(first))
    return first.loc[begins, ["account", "thread_id", "message_id", "sent_at"]].reset_index(
        drop=True
    )


def _index(frame: pd.DataFrame, column: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[["account", column]])


def aliases_without_order(messages: pd.DataFrame) -> int:
    """Count buyers of whom no message on file names an order.

    Parameters
    ----------
    messages : pd.DataFrame
        The history; a buyer is the same where account and buyer_id are.
    """
    buyers = messages[messages["buyer_id"].notna()]
    named = buyers["order_id"].notna().groupby([buyers["account"], buyers["buyer_id"]]).any()
    return int((~named).sum())
