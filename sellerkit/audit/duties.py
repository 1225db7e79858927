"""What all obligations share: their columns, their verdict, their sentence and their id."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.contacts import judge
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import HOUR, NAT, NONE, instants_of, micros_from, micros_of, pick
from sellerkit.audit.words import alike, say_each

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


def earliest(
    candidates: list[tuple[np.ndarray, pd.Series | str]],
) -> tuple[np.ndarray, pd.Series]:
    """Return for each row the earliest of several instants, and what it was.

    Parameters
    ----------
    candidates : list of (np.ndarray, pd.Series or str)
        ``int64`` micros (`NAT` where it did not happen) and names, aligned or one for all. Of two
        at one instant the first in the list wins.
    """
    never = np.iinfo("int64").max
    stacked = np.stack([np.where(at == NAT, never, at) for at, _ in candidates])
    winner, at = stacked.argmin(axis=0), stacked.min(axis=0)
    by = np.full(len(at), None, dtype=object)
    for place, (_, name) in enumerate(candidates):
        won = np.flatnonzero((winner == place) & (at != never))
        if len(won):
            by[won] = name if isinstance(name, str) else pick(name, won).to_numpy(object)
    return np.where(at == never, NAT, at), pd.Series(by, dtype="str")


def writes_from(
    evidence: Evidence, codes: np.ndarray, since: np.ndarray
) -> tuple[np.ndarray, pd.Series]:
    """Return when the seller first wrote on each order at or after an instant, and the message."""
    rows = evidence.writes.first(codes, since)
    at = np.full(len(codes), NAT)
    at[rows != NONE] = evidence.sent[rows[rows != NONE]]
    return at, evidence.message_ids(rows)


#: Duties of one kind before they are brought together: columns by name, or one value for all.
Duties = dict[str, Any]

#: What is concluded once they are.
_LAST = ("obligation_id", "content_ok", "why")

_UNFINISHED = tables.Table(
    "duties",
    (),
    tuple(each for each in tables.OBLIGATIONS.columns if each.name not in _LAST)
    + tables.columns_of("trigger_id str\nbare_date bool"),
)


def settle(
    evidence: Evidence, duties: Duties, rule_id: str, satisfied: tuple[np.ndarray, pd.Series]
) -> Duties:
    """Add due time, verdict, and what satisfied it to duties.

    Parameters
    ----------
    duties : Duties
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
    status[duties["waived"]] = "waived"
    aside = duties["not_applicable"]
    status[aside] = "not_applicable"
    return duties | {
        "due_at": instants_of(due),
        "satisfied_at": instants_of(np.where(aside, NAT, at)),
        "satisfied_by": by.mask(aside) if aside.any() else by,
        "status": status,
        "rule": limit.rule,
    }


def finished(parts: list[Duties]) -> pd.DataFrame:
    """Return duties of all kinds, each with its id and its sentence, as `tables.OBLIGATIONS`.

    Extra columns: ``trigger_id`` (message, return, order or claim id) is read, ``bare_date`` too.
    """
    some = [part for part in parts if len(part["trigger_at"])]
    if not some:
        return tables.empty(tables.OBLIGATIONS)
    frames = [
        tables.frame_of(part, _UNFINISHED, pd.RangeIndex(len(part["trigger_at"]))) for part in some
    ]
    duties = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    columns = dict(duties.items()) | {"obligation_id": ids_of(duties), "why": _sentences(duties)}
    return tables.frame_of(columns, tables.OBLIGATIONS, duties.index)


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
    due, satisfied = micros_of(duties["due_at"]), micros_of(duties["satisfied_at"])
    columns = {
        "trigger": duties["trigger_at"],
        "due": duties["due_at"],
        "satisfied": duties["satisfied_at"],
        "over": pd.Series(np.where(satisfied == NAT, np.nan, (satisfied - due) / HOUR)),
        "how": duties["satisfied_by"].map(_EVENTS).fillna("the seller wrote"),
    }
    what = duties["problem"].fillna(duties["kind"])
    kinds = [what, duties["status"], duties["bare_date"]]
    each = [(_template(*(kind.iat[rows[0]] for kind in kinds)), rows) for rows in alike(kinds)]
    return say_each(each, columns)


def _template(what: str, status: str, is_bare: bool) -> str:
    """Return the sentence for duties of one kind, with blanks for their instants."""
    end = _WAIVED[what] if status == "waived" else _ENDINGS[status]
    return _BEGINNINGS[what] + (_BARE if is_bare else "") + end
