"""Messages into the lake: what each mail says by itself, and what all of them say together.

The lake shows messages as concluded from every mail on file: their thread, the order of their
thread, their topic, whether they bounced. New mails can change that for old ones. So before a
merge, what was concluded is taken back to what the mails themselves said; after it, all is
concluded anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sellerkit.lake import Merged, merge
from sellerkit.read.mail.conversations import resolve
from sellerkit.read.mail.evidence import MAILS
from sellerkit.tables import MESSAGES
from sellerkit.text import language, topic

_KEY = ["account", "message_id"]

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
        New ones, as said, with ``file``.
    """
    of_mails = merge(MAILS, mails, evidence)
    all_mails = _replaced(mails, of_mails.changed)
    said = _as_said(messages, mails)
    of_messages = merge(MESSAGES, said, _as_said(incoming, evidence))
    resolved = resolve(_replaced(said, of_messages.changed), all_mails)
    concluded = _with_topics(resolved, messages, of_messages.changed, all_mails)
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


def _with_topics(
    resolved: pd.DataFrame, before: pd.DataFrame, changed: pd.DataFrame, mails: pd.DataFrame
) -> pd.DataFrame:
    """Tell language and topic of the mails that are new, or say something else than before.

    A topic can hang on whether the conversation is about an order, and a later mail can tell that.
    A topic that the headers told, or a list gave, stands; so does all that is not from mail.
    """
    keys = pd.MultiIndex.from_frame(resolved[_KEY])
    of_mail = keys.isin(pd.MultiIndex.from_frame(mails[_KEY]))
    read = of_mail & keys.isin(pd.MultiIndex.from_frame(changed[_KEY]))
    had_order = before.set_index(_KEY)["order_id"].notna().reindex(keys)
    moved = (had_order != resolved["order_id"].notna().to_numpy(bool)).to_numpy(bool)
    by_words = ~resolved["topic_rule"].str.startswith(_TOLD).fillna(False).to_numpy(bool)
    result = resolved.copy()
    result.loc[read, "language"] = language(result.loc[read, "subject"], result.loc[read, "body"])
    asked = of_mail & by_words & (read | moved)
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
