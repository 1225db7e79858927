"""In which language mails are written, and what about."""

from __future__ import annotations

import pandas as pd

from sellerkit.read.mail.notices import notice_of
from sellerkit.text import language, topic

#: What telling needs to know of a message.
_READ = ("sender", "subject", "body", "order_id", "language", "topic", "topic_rule")


def told(messages: pd.DataFrame) -> pd.DataFrame:
    """Return messages with `language`, `topic` and `topic_rule`; a topic that is there stands."""
    words = pd.DataFrame(
        {name: messages.get(name, pd.Series(None, messages.index)).astype("str") for name in _READ}
    )
    words["language"] = language(words["subject"], words["body"])
    return messages.assign(language=words["language"], **topic(words))


def notices_of(messages: pd.DataFrame, mails: pd.DataFrame) -> pd.DataFrame:
    """Return the facts of Amazon's notices among messages whose topic is told.

    Parameters
    ----------
    messages, mails : pd.DataFrame
        With the same accounts and ids; any other columns of `messages` that say where a row is
        from are kept.

    Returns
    -------
    pd.DataFrame
        `sellerkit.read.mail.notices.NOTICES`, as far as it is known; empty where there is none.
    """
    by_amazon = messages[messages["sender"] == "amazon"]
    if by_amazon.empty:
        return pd.DataFrame()
    keys = ["account", "message_id"]
    kinds = mails.drop_duplicates(keys, keep="last").set_index(keys)["kind"]
    kinds = kinds.reindex(pd.MultiIndex.from_frame(by_amazon[keys]))
    cells = by_amazon.astype("object").where(by_amazon.notna(), None)
    origin = [name for name in ("source", "source_sha256", "file") if name in by_amazon]
    found = [
        notice | {name: row[name] for name in origin}
        for row, kind in zip(cells.to_dict("records"), kinds, strict=True)
        if (notice := notice_of(row, str(kind)))
    ]
    return pd.DataFrame(found)
