"""Buyers' messages that the seller marked as needing no response, by a list of his own.

The list is kept apart from the messages, so it may come before them or after.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def with_marks(messages: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Return messages with `no_response_needed` set on those that the list names.

    Parameters
    ----------
    messages : pd.DataFrame
    marks : pd.DataFrame
        `tables.NO_RESPONSE_NEEDED`.

    Source
    ------
    tables.md, no_response_needed.csv.
    """
    if not len(marks):
        return messages
    marked = messages["no_response_needed"].to_numpy(bool).copy()
    for kind, column in (("message", "message_id"), ("order", "order_id")):
        listed = marks[marks["kind"] == kind].set_index(["account", "marks"])["marked_at"]
        keys = pd.MultiIndex.from_frame(messages[["account", column]])
        row = listed.index.get_indexer(keys)
        until = listed.reset_index(drop=True).reindex(row).reset_index(drop=True)
        sent = messages["sent_at"].reset_index(drop=True)
        before = (until.isna() | (sent < until)).to_numpy(bool)
        marked |= (row >= 0) & (before | np.bool_(kind == "message"))
    by_buyer = (messages["sender"] == "buyer").to_numpy(bool)
    own = messages["no_response_needed"].to_numpy(bool)
    return messages.assign(no_response_needed=own | (marked & by_buyer))
