"""What a purged message had said, laid over the messages as columns beside its missing words."""

from __future__ import annotations

import pandas as pd

#: The columns that a purge adds; null where a message has its words still.
COLUMNS = ("reply", "asks_call", "content", "places", "request")


def with_told(messages: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Return messages with ``told_…`` for each of `COLUMNS`; without any purged one as they are.

    Parameters
    ----------
    messages : pd.DataFrame
    told : pd.DataFrame
        `tables.TOLD`.
    """
    if not len(told):
        return messages
    key = ["account", "message_id"]
    place = pd.MultiIndex.from_frame(told[key]).get_indexer(pd.MultiIndex.from_frame(messages[key]))
    rows = told[list(COLUMNS)].reset_index(drop=True)
    rows = rows.astype({"reply": "boolean", "asks_call": "boolean"})
    beside = rows.reindex(place).set_axis(messages.index)
    return messages.join(beside.add_prefix("told_"))
