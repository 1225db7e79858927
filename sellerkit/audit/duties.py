"""What all obligations share: their columns, their verdict, their sentence and their id."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.contacts import judge
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import NAT, NONE, instants_of, micros_from, micros_of
from sellerkit.audit.words import say

_BEGINNINGS = {
    "inquiry": "The buyer wrote on {trigger}",
    "return": "The buyer asked for a return on {trigger}",
    "late_shipment": "The order was to be shipped by {trigger} and was not",
    "late_delivery": "The order was promised by {trigger} and had not arrived",
    "out_of_stock": "The seller canceled the order on {trigger}",
    "claim": "The buyer filed an A-to-z claim on {trigger}",
}

_ENDINGS = {
    "met": "; {how} on {satisfied}, in time for {due}.",
    "late": "; {how} only on {satisfied}, {over} hours after {due}.",
    "missed": "; nothing was written by {due}, nor since.",
    "open": "; nothing is written yet, and it is due by {due}.",
    "not_applicable": "; Amazon fulfills this order and writes itself.",
}

_WAIVED = {
    "inquiry": "; it is marked as needing no response.",
    "return": "; Amazon authorized it itself.",
}

#: How something was satisfied, where not by a message.
_EVENTS = {
    "claim_response": "the claim was answered",
    "authorization": "the return was authorized",
    "refund": "it was refunded",
    "closure": "the return was closed",
    "cancellation": "Amazon's own mail told the buyer",
}

_BARE = " (the file gives the day only, so its end counts)"


def earliest(candidates: list[tuple[np.ndarray, pd.Series]]) -> tuple[np.ndarray, pd.Series]:
    """Return for each row the earliest of several instants, and what it was.

    Parameters
    ----------
    candidates : list of (np.ndarray, pd.Series)
        ``int64`` micros (`NAT` where it did not happen) and ``str`` names, aligned. Of two at one
        instant the first in the list wins.
    """
    never = np.iinfo("int64").max
    stacked = np.stack([np.where(at == NAT, never, at) for at, _ in candidates])
    winner = stacked.argmin(axis=0)
    at = stacked.min(axis=0)
    names = np.stack([name.to_numpy(object) for _, name in candidates])
    by = np.where(at == never, None, names[winner, np.arange(names.shape[1])])
    return np.where(at == never, NAT, at), pd.Series(by, dtype="str")


def writes_from(
    evidence: Evidence, codes: np.ndarray, since: np.ndarray
) -> tuple[np.ndarray, pd.Series]:
    """Return when the seller first wrote on each order at or after an instant, and the message."""
    rows = evidence.writes.first(codes, since)
    at = np.full(len(codes), NAT)
    at[rows != NONE] = evidence.sent[rows[rows != NONE]]
    return at, evidence.message_ids(rows)


def settle(
    evidence: Evidence, duties: pd.DataFrame, rule_id: str, satisfied: tuple[np.ndarray, pd.Series]
) -> pd.DataFrame:
    """Add due time, verdict, and what satisfied it to a frame of duties.

    Parameters
    ----------
    duties : pd.DataFrame
        With kind, problem, order_id, thread_id, account, marketplace, trigger_at; ``waived`` and
        ``not_applicable`` (bool); optionally ``respond_by``, which goes before the rule.
    rule_id : str
        The limit in hours.
    satisfied : (np.ndarray, pd.Series)
        As from `earliest`.
    """
    limit = evidence.policy.limit(rule_id, duties["trigger_at"], duties["marketplace"])
    due = micros_of(duties["trigger_at"]) + micros_from(limit.value)
    if "respond_by" in duties:
        own = micros_of(duties["respond_by"])
        due = np.where(own == NAT, due, own)
    at, by = satisfied
    status = judge(due, at, at != NAT, evidence.as_of)
    status[duties["waived"].to_numpy(bool)] = "waived"
    aside = duties["not_applicable"].to_numpy(bool)
    status[aside] = "not_applicable"
    return duties.assign(
        due_at=instants_of(due),
        satisfied_at=instants_of(np.where(aside, NAT, at)),
        satisfied_by=by.mask(aside),
        status=status,
        rule=limit.rule,
    )


def finished(duties: pd.DataFrame) -> pd.DataFrame:
    """Return duties with their id and their sentence, as `tables.OBLIGATIONS`.

    Extra columns: ``trigger_id`` (message, return, order or claim id) is read, ``bare_date`` too.
    """
    duties = duties.reset_index(drop=True)
    return tables.conform(
        duties.assign(obligation_id=ids_of(duties), why=_sentences(duties)), tables.OBLIGATIONS
    )


def ids_of(duties: pd.DataFrame) -> pd.Series:
    """Return a 16-digit hash of kind, account and trigger: the same in every run.

    Parameters
    ----------
    duties : pd.DataFrame
        With kind, problem, account and trigger_id (a message, return, order or claim id).
    """
    parts = [duties[c].fillna("") for c in ("kind", "problem", "account", "trigger_id")]
    text = parts[0].str.cat(parts[1:], sep="\x1f")
    hashes = pd.util.hash_array(text.to_numpy(object), categorize=False)
    digits = hashes.astype(">u8").tobytes().hex()
    return pd.Series(np.frombuffer(digits.encode(), dtype="S16").astype("U16"), dtype="str")


def _sentences(duties: pd.DataFrame) -> pd.Series:
    over = (duties["satisfied_at"] - duties["due_at"]) / pd.Timedelta(hours=1)
    how = duties["satisfied_by"].map(_EVENTS).fillna("the seller wrote")
    columns = {
        "trigger": duties["trigger_at"],
        "due": duties["due_at"],
        "satisfied": duties["satisfied_at"],
        "over": over,
        "how": how,
    }
    what = duties["problem"].fillna(duties["kind"]).to_numpy(object)
    bare = duties["bare_date"].to_numpy(bool)
    status = duties["status"].to_numpy(object)
    sentences = np.full(len(duties), "", dtype=object)
    for beginning in _BEGINNINGS:
        for ending in tables.STATUSES:
            for is_bare in (False, True):
                rows = np.flatnonzero((what == beginning) & (status == ending) & (bare == is_bare))
                if len(rows):
                    end = _WAIVED[beginning] if ending == "waived" else _ENDINGS[ending]
                    text = _BEGINNINGS[beginning] + (_BARE if is_bare else "") + end
                    sentences[rows] = say(text, columns, rows)
    return pd.Series(sentences, dtype="str")
