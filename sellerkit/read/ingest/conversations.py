"""Messages into the lake: what each mail says by itself, and what all of them say together.

The lake shows messages as concluded from every mail on file: their thread, the order of their
thread, their topic, whether they bounced. New mails can change that for old ones. So before a
merge, what was concluded is taken back to what the mails themselves said; after it, all is
concluded anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sellerkit.lake import Merged, merge
from sellerkit.read.mail.conversations import resolve
from sellerkit.read.mail.evidence import MAILS
from sellerkit.read.mail.telling import told
from sellerkit.tables import MESSAGES
from sellerkit.text import topic

_KEY = ["account", "message_id"]

#: What is told from a mail's words.
_WORDS = ["language", "topic", "topic_rule"]

#: How a topic's rule begins where a mail's headers told it, or somebody else.
_TOLD = ("header:", "from:", "given")


@dataclass(frozen=True)
class Update:
    """What new messages do to those on file.

    Attributes
    ----------
    messages, mails : Merged
    removed : pd.DataFrame
        Keys of messages on file that turned out to be copies of others.
    only_new : bool
        No message on file changes.
    """

    messages: Merged
    mails: Merged
    removed: pd.DataFrame
    only_new: bool


def update(
    messages: pd.DataFrame, mails: pd.DataFrame, incoming: pd.DataFrame, evidence: pd.DataFrame
) -> Update:
    """Merge messages and the evidence of their mails into those on file.

    Parameters
    ----------
    messages, mails : pd.DataFrame
        On file: `MESSAGES` as concluded, `MAILS` as said.
    incoming, evidence : pd.DataFrame
        New ones, as said, with ``file``, their language and topic told.
    """
    of_mails = merge(MAILS, mails, evidence)
    all_mails = _replaced(mails, of_mails.changed)
    said = _as_said(messages, mails)
    of_messages = merge(MESSAGES, said, _without_words(_as_said(incoming, evidence), evidence))
    resolved = resolve(_replaced(said, of_messages.changed), all_mails)
    words = _words(incoming, evidence, of_messages.changed)
    concluded = _with_topics(resolved, messages, words, all_mails)
    changed = merge(MESSAGES, messages, concluded.assign(file=0), nulls_erase=True)
    kept = pd.MultiIndex.from_frame(concluded[_KEY])
    outcomes = of_messages.outcomes
    outcomes = outcomes[pd.MultiIndex.from_frame(outcomes[_KEY]).isin(kept)]
    removed = messages.loc[~pd.MultiIndex.from_frame(messages[_KEY]).isin(kept), _KEY]
    return Update(
        Merged(changed.changed, outcomes.reset_index(drop=True)),
        of_mails,
        removed,
        not (changed.outcomes["outcome"] == "updated").any(),
    )


def _replaced(on_file: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows on file with the changed ones in their place, and the new ones added."""
    gone = pd.MultiIndex.from_frame(on_file[_KEY]).isin(pd.MultiIndex.from_frame(changed[_KEY]))
    return pd.concat([on_file[~gone], changed], ignore_index=True)


def _of(mails: pd.DataFrame, messages: pd.DataFrame) -> np.ndarray:
    """Tell which messages came as mail."""
    keys = pd.MultiIndex.from_frame(messages[_KEY])
    return np.asarray(keys.isin(pd.MultiIndex.from_frame(mails[_KEY])))


def _by_words(messages: pd.DataFrame) -> np.ndarray:
    """Tell whose topic neither the headers told nor a list gave."""
    return ~messages["topic_rule"].str.startswith(_TOLD).fillna(False).to_numpy(bool)


def _without_words(messages: pd.DataFrame, mails: pd.DataFrame) -> pd.DataFrame:
    """Return messages without what was told from words: a mail that comes again is no news."""
    of_mail = _of(mails, messages)
    by_words = of_mail & _by_words(messages)
    bare = messages["topic"].mask(by_words), messages["topic_rule"].mask(by_words)
    return messages.assign(
        language=messages["language"].mask(of_mail), topic=bare[0], topic_rule=bare[1]
    )


def untold(messages: pd.DataFrame, mails: pd.DataFrame) -> np.ndarray:
    """Tell which mails have no language or topic yet; large mailboxes come with them."""
    bare = messages["topic"].isna() | messages["language"].isna()
    return bare.to_numpy(bool) & _of(mails, messages)


def with_words(messages: pd.DataFrame, these: np.ndarray) -> pd.DataFrame:
    """Return messages with language and topic told of some."""
    found = told(messages[these])
    result = messages.copy()
    result.loc[these, _WORDS] = found[_WORDS]
    return result


def _words(incoming: pd.DataFrame, mails: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Return language and topic of the mails that are new or say something new, by key."""
    new = pd.MultiIndex.from_frame(incoming[_KEY]).isin(pd.MultiIndex.from_frame(changed[_KEY]))
    read = incoming[_of(mails, incoming) & new].drop_duplicates(_KEY, keep="last")
    return read[[*_KEY, *_WORDS]].set_index(_KEY)


def _with_topics(
    resolved: pd.DataFrame, before: pd.DataFrame, words: pd.DataFrame, mails: pd.DataFrame
) -> pd.DataFrame:
    """Put language and topic on mails, and tell topics anew where an order turned up or is gone.

    A claim or a return told from words needs an order, and a later mail can tell which it is about.
    A topic that the headers told, or a list gave, stands; so does all that is not from mail.
    """
    keys = pd.MultiIndex.from_frame(resolved[_KEY])
    result = resolved.copy()
    place = words.index.get_indexer(keys)
    for name in _WORDS:
        values = result[name].to_numpy(object, copy=True)
        values[place >= 0] = words[name].to_numpy(object)[place[place >= 0]]
        result[name] = pd.Series(values, index=result.index).astype("str")
    told_with = (
        before.set_index(_KEY)["order_id"].notna().reindex(keys, fill_value=False).to_numpy(bool)
    )
    named = mails.drop_duplicates(_KEY, keep="last").set_index(_KEY)["named_order_id"].notna()
    told_with = np.where(place >= 0, named.reindex(keys, fill_value=False), told_with)
    moved = told_with != resolved["order_id"].notna().to_numpy(bool)
    worded = (result["subject"].notna() | result["body"].notna()).to_numpy(bool)
    # what was purged of its words keeps the topic that they told
    asked = _of(mails, result) & _by_words(result) & moved & worded
    if asked.any():
        result.loc[asked, ["topic", "topic_rule"]] = None
        result.loc[asked, ["topic", "topic_rule"]] = topic(result[asked])
    return result


def _as_said(messages: pd.DataFrame, mails: pd.DataFrame) -> pd.DataFrame:
    """Take messages that came as mail back to what the mail itself said."""
    own = mails.drop_duplicates(_KEY, keep="last").set_index(_KEY)
    place = own.index.get_indexer(pd.MultiIndex.from_frame(messages[_KEY]))
    from_mail = place >= 0
    said = own.iloc[place[from_mail]]
    back = messages.copy()
    rows = messages.index[from_mail]
    back.loc[rows, "order_id"] = said["named_order_id"].to_numpy(object)
    back.loc[rows, "automated"] = said["automated"].to_numpy(bool)
    back.loc[rows, "undelivered"] = said["undelivered"].to_numpy(bool)
    # the thread is concluded only; until then any word that is always the same will do
    back.loc[rows, "thread_id"] = ""
    return back
