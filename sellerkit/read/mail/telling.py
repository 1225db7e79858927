"""In which language mails are written, and what about."""

from __future__ import annotations

import pandas as pd

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
