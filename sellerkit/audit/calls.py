"""Calls: what was owed in writing when the seller took up the telephone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import (
    DAY,
    NAT,
    NONE,
    Timeline,
    codes_of,
    is_among,
    micros_of,
    pairs_of,
)

#: From so many changes of sender on an exchange is complex.
COMPLEX = 4

#: What a call is for where Amazon permits it.
DELIVERY = ("delivery", "scheduling")

_OWED = ("inquiry", "return", "claim")

_WHY = {
    "email_owed": "A mail was owed on the order when the call began; a call never replaces it.",
    "delivery": "The call was about the delivery.",
    "not_permitted": "Only calls about a delivery were allowed, and the buyer did not ask for it.",
    "requested": "The buyer asked for the call.",
    "complex": "The two had written to and fro four times or more.",
    "email_preferred": "A mail would have done, and leaves a record.",
}


def calls_review(evidence: Evidence, obligations: pd.DataFrame) -> pd.DataFrame:
    """Judge every call up to `as_of`: was a mail owed, was the call allowed, was it of use.

    Parameters
    ----------
    obligations : pd.DataFrame
        All of them, not only the window's.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.CALLS_REVIEW`, in the order of calls.

    Source
    ------
    rules.md, Calls.
    """
    calls = evidence.histories["calls"]
    if not len(calls):
        return tables.empty(tables.CALLS_REVIEW)
    codes, began = evidence.on_order["calls"], micros_of(calls["started_at"])
    owed = _owed(calls, obligations)
    purpose = calls["purpose"].str.strip().str.casefold()
    delivery_only = evidence.policy.limit(
        "phone.delivery_only", calls["started_at"], evidence.marketplaces(codes)
    ).value.to_numpy(bool)
    asked = calls["buyer_requested"].to_numpy(bool)
    verdict = np.select(
        [
            owed.any(axis=1),
            purpose.isin(DELIVERY).to_numpy(bool),
            delivery_only & ~asked,
            asked,
            changes_before(evidence, codes, began) >= COMPLEX,
        ],
        ["email_owed", "delivery", "not_permitted", "requested", "complex"],
        "email_preferred",
    )
    found = dict(calls.items()) | {
        "verdict": verdict,
        "owed_kinds": _lists(owed),
        "followed_up": _followed_up(evidence, codes, began),
        "why": pd.Series(verdict, dtype="str").map(_WHY),
    }
    return tables.frame_of(found, tables.CALLS_REVIEW, calls.index)


def _owed(calls: pd.DataFrame, obligations: pd.DataFrame) -> np.ndarray:
    """Tell for each call and kind of `_OWED` whether a duty was triggered and not yet satisfied."""
    named = is_among(obligations["order_id"], calls["order_id"])
    duties = obligations[named & ~obligations["status"].isin(["waived", "not_applicable"])]
    of_calls, of_duties = codes_of(
        [calls["account"], calls["order_id"]], [duties["account"], duties["order_id"]]
    )
    rows, own = pairs_of(of_calls, of_duties)
    began = micros_of(calls["started_at"])[rows]
    trigger, done = (micros_of(duties[c])[own] for c in ("trigger_at", "satisfied_at"))
    open_then = (trigger <= began) & ((done == NAT) | (done > began))
    kind = duties["kind"].to_numpy(object)[own]
    owed = np.zeros((len(calls), len(_OWED)), dtype=bool)
    for place, name in enumerate(_OWED):
        owed[rows[open_then & (kind == name)], place] = True
    return owed


def _lists(owed: np.ndarray) -> np.ndarray:
    names = np.broadcast_to(np.array(_OWED, dtype=object), owed.shape)[owed]
    each = np.split(names, owed.sum(axis=1).cumsum()[:-1])
    return np.fromiter(map(list, each), dtype=object, count=len(owed))


def _followed_up(evidence: Evidence, codes: np.ndarray, began: np.ndarray) -> np.ndarray:
    rows = evidence.writes.first(codes, began)
    wrote = rows != NONE
    wrote[wrote] = evidence.sent[rows[wrote]] <= began[wrote] + DAY
    return wrote


def changes_before(evidence: Evidence, codes: np.ndarray, began: np.ndarray) -> np.ndarray:
    """Count how often buyer and seller took turns on the order before each call."""
    timeline, turns = turns_in(evidence, evidence.on_order["messages"])
    last = timeline.last(codes, began, strictly=True)
    return np.where(last != NONE, turns[last] if len(turns) else 0, 0)


def turns_in(evidence: Evidence, groups: np.ndarray) -> tuple[Timeline, np.ndarray]:
    """Count for each message how often buyer and seller took turns in its group, up to it.

    Parameters
    ----------
    groups : np.ndarray
        A code for each message: its order, or its thread.

    Returns
    -------
    (Timeline, np.ndarray)
        Buyers' and the seller's messages by group; the counts, 0 for a message of nobody's.
    """
    talk = np.where(evidence.is_buyer | evidence.is_seller, groups, NONE)
    timeline = Timeline(talk, evidence.sent)
    by_seller = evidence.is_seller[timeline.rows]
    turned = np.zeros(len(timeline.rows), dtype="int64")
    turned[1:] = (by_seller[1:] != by_seller[:-1]) & (timeline.groups[1:] == timeline.groups[:-1])
    total = turned.cumsum()
    starts = np.searchsorted(timeline.groups, timeline.groups)
    turns = np.zeros(len(evidence.messages), dtype="int64")
    turns[timeline.rows] = total - total[starts] if len(total) else total
    return timeline, turns
