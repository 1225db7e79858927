"""Obligations: every duty to write, what triggered it, and what satisfied it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.duties import earliest, finished, settle, writes_from
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.moments import day_of, zones_of
from sellerkit.audit.pairing import DAY, NAT, NONE, Timeline, micros_from, micros_of, pick
from sellerkit.audit.return_window import is_outside_window
from sellerkit.audit.told import told_content
from sellerkit.text import content_ok

_WEEK = 7 * DAY

_OF_MESSAGE = ["message_id", "thread_id", "order_id", "account", "marketplace", "sent_at"]


def obligations(evidence: Evidence, contacts: pd.DataFrame) -> pd.DataFrame:
    """List every duty to write up to `as_of`, one row each.

    Parameters
    ----------
    evidence : Evidence
    contacts : pd.DataFrame
        All of them, as from `sellerkit.audit.contacts.contacts`.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.OBLIGATIONS`: inquiries, returns, order problems, claims.

    Source
    ------
    rules.md, Obligations.
    """
    parts = [
        _inquiries(contacts),
        returns(evidence),
        *(problem(evidence, name) for name in tables.PROBLEMS),
        claims(evidence),
    ]
    found = pd.concat([finished(part) for part in parts], ignore_index=True)
    return found.assign(content_ok=_content(evidence, found))


def _inquiries(contacts: pd.DataFrame) -> pd.DataFrame:
    """Each counted contact and each waived one."""
    owed = contacts[contacts["counted"] | (contacts["status"] == "waived")]
    return owed.assign(
        kind="inquiry",
        problem=None,
        trigger_id=owed["message_id"],
        trigger_at=owed["sent_at"],
        satisfied_at=owed["answered_at"],
        satisfied_by=owed["answered_by"],
        bare_date=False,
    )


def returns(evidence: Evidence) -> pd.DataFrame:
    """Each row of returns, and each buyer message about a return that no row stands for."""
    triggers = pd.concat([_requests(evidence), _request_mails(evidence)], ignore_index=True)
    codes = triggers["on_order"].to_numpy("int64")
    begun = micros_of(triggers["trigger_at"])
    candidates = [writes_from(evidence, codes, begun)]
    for column, name in _RETURN_EVENTS.items():
        at = micros_of(triggers[column])
        at = np.where(at >= begun, at, NAT)
        candidates.append((at, pd.Series(name, index=triggers.index)))
    by_seller = (triggers["authorized_by"] == "seller").to_numpy(bool)
    candidates[1] = (np.where(by_seller, candidates[1][0], NAT), candidates[1][1])
    triggers["not_applicable"] = _by_amazon(evidence, codes)
    triggers["waived"] = (triggers["authorized_by"] == "amazon").to_numpy(bool)
    duties = settle(evidence, triggers, "return.reply_hours", earliest(candidates))
    outside = is_outside_window(evidence, triggers, codes)
    expected = np.where(outside, "outside_window", "return_information")
    duties["content_expected"] = pd.Series(expected, dtype="str")
    return duties


_RETURN_EVENTS = {
    "authorized_at": "authorization",
    "refunded_at": "refund",
    "closed_at": "closure",
}


def _requests(evidence: Evidence) -> pd.DataFrame:
    """Duties from the rows of returns."""
    rows, orders = evidence.histories["returns"], evidence.orders
    codes = evidence.on_order["returns"]
    _, _, bare = day_of(
        rows["requested_at"], zones_of(rows, codes, orders, evidence.on_order["orders"])
    )
    found = rows.assign(
        kind="return",
        problem=None,
        thread_id=None,
        on_order=codes,
        trigger_id=rows["return_id"],
        trigger_at=rows["requested_at"],
        marketplace=evidence.marketplaces(codes),
        bare_date=bare,
    )
    return found[found["trigger_at"].notna()]


def _request_mails(evidence: Evidence) -> pd.DataFrame:
    """Duties from buyers' messages about a return for which returns has no row."""
    messages = evidence.messages
    asked = evidence.is_buyer & (messages["topic"] == "return").to_numpy(bool)
    asked &= ~messages["no_response_needed"].to_numpy(bool)
    codes = evidence.on_order["messages"]
    asked &= codes != NONE
    requested = micros_of(evidence.histories["returns"]["requested_at"])
    on_file = np.where(requested == NAT, NONE, evidence.on_order["returns"])
    near = Timeline(on_file, requested).first(codes, evidence.sent - _WEEK)
    covered = near != NONE
    covered[covered] = requested[near[covered]] <= evidence.sent[covered] + _WEEK
    rows = _first_of_each_week(np.flatnonzero(asked & ~covered), codes, evidence.sent)
    chosen = messages.loc[rows, _OF_MESSAGE].reset_index(drop=True)
    return chosen.assign(
        kind="return",
        problem=None,
        on_order=codes[rows],
        trigger_id=chosen["message_id"],
        trigger_at=chosen["sent_at"],
        requested_at=chosen["sent_at"],
        in_policy=pd.Series(pd.NA, index=chosen.index, dtype="boolean"),
        bare_date=False,
        authorized_by=pd.Series(None, index=chosen.index, dtype="str"),
        **{c: pd.Series(pd.NaT, index=chosen.index, dtype=tables.TS_DTYPE) for c in _RETURN_EVENTS},
    )


def _first_of_each_week(rows: np.ndarray, codes: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Keep of each order's messages the first, then the first more than 7 days after it, and so on.

    Each pass takes one message of every order at once, so there are as many passes as the busiest
    order has triggers.
    """
    own = np.full(len(codes), NONE)
    own[rows] = codes[rows]
    timeline = Timeline(own, sent)
    orders = np.unique(codes[rows])
    current = timeline.first(orders, np.full(len(orders), NAT + 1))
    kept = []
    while len(current):
        kept.append(current)
        following = timeline.first(codes[current], sent[current] + _WEEK, strictly=True)
        current = following[following != NONE]
    return np.sort(np.concatenate(kept)) if kept else rows


def problem(evidence: Evidence, name: str) -> pd.DataFrame:
    """Orders that went wrong in one way: each is a duty to tell the buyer."""
    orders = evidence.orders
    trigger, happened = _PROBLEMS[name](orders)
    begun = happened & (orders[trigger] < evidence.as_of).to_numpy(bool)
    rows = orders[begun].reset_index(drop=True)
    codes = evidence.on_order["orders"][begun]
    duties = rows.assign(
        kind="order_problem",
        problem=name,
        thread_id=None,
        trigger_id=rows["order_id"],
        trigger_at=rows[trigger],
        waived=False,
        not_applicable=(rows["fulfillment"] == "amazon").to_numpy(bool),
        bare_date=False,
    )
    limit = evidence.policy.limit(
        "problem.lookback_hours", duties["trigger_at"], duties["marketplace"]
    )
    earliest_notice = micros_of(duties["trigger_at"]) - micros_from(limit.value)
    candidates = [writes_from(evidence, codes, earliest_notice)]
    if name == "out_of_stock":
        candidates.append(_cancellations(evidence, duties))
    satisfied = earliest(candidates)
    duties = settle(evidence, duties, "problem.notice_hours", satisfied)
    first = evidence.asks.first(codes, earliest_notice)
    asked = np.where(first != NONE, evidence.sent[first] if len(evidence.sent) else 0, NAT)
    proactive = (satisfied[0] != NAT) & ((asked == NAT) | (satisfied[0] < asked))
    duties["proactive"] = pd.Series(proactive, dtype="boolean").mask(duties["not_applicable"])
    return duties


def _late_shipment(orders: pd.DataFrame) -> tuple[str, np.ndarray]:
    due = orders["latest_ship_at"]
    dated = orders["canceled_at"].notna()
    canceled = (orders["canceled_at"] <= due) | ((orders["status"] == "canceled") & ~dated)
    unshipped = orders["shipped_at"].isna() | (orders["shipped_at"] > due)
    return "latest_ship_at", (due.notna() & ~canceled & unshipped).to_numpy(bool)


def _late_delivery(orders: pd.DataFrame) -> tuple[str, np.ndarray]:
    due = orders["promised_by"]
    unknown = orders["delivered_at"].isna() & orders["tracking_id"].notna()
    late = (orders["delivered_at"] > due) | unknown
    return "promised_by", (orders["shipped_at"].notna() & due.notna() & late).to_numpy(bool)


def _out_of_stock(orders: pd.DataFrame) -> tuple[str, np.ndarray]:
    by_seller = (orders["canceled_by"] == "seller") & orders["canceled_at"].notna()
    return "canceled_at", by_seller.to_numpy(bool)


#: For each problem: the column of its trigger, and whether it happened (rules.md, Obligations).
_PROBLEMS = {
    "late_shipment": _late_shipment,
    "late_delivery": _late_delivery,
    "out_of_stock": _out_of_stock,
}


def _cancellations(evidence: Evidence, duties: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Where the policy accepts Amazon's own cancellation mail, the cancellation satisfies."""
    counts = evidence.policy.limit(
        "problem.cancellation_counts", duties["trigger_at"], duties["marketplace"]
    ).value.to_numpy(bool)
    at = np.where(counts, micros_of(duties["trigger_at"]), NAT)
    return at, pd.Series("cancellation", index=duties.index)


def claims(evidence: Evidence) -> pd.DataFrame:
    """Each A-to-z claim is a duty to answer it, or to write on its order."""
    rows = evidence.histories["claims"]
    codes = evidence.on_order["claims"]
    _, _, bare = day_of(
        rows["filed_at"], zones_of(rows, codes, evidence.orders, evidence.on_order["orders"])
    )
    duties = rows.assign(
        kind="claim",
        problem=None,
        thread_id=None,
        trigger_id=rows["claim_id"],
        trigger_at=rows["filed_at"],
        marketplace=evidence.marketplaces(codes),
        waived=False,
        not_applicable=False,
        bare_date=bare,
    )
    responded = (micros_of(rows["responded_at"]), pd.Series("claim_response", index=rows.index))
    written = writes_from(evidence, codes, micros_of(rows["filed_at"]))
    return settle(evidence, duties, "claim.reply_hours", earliest([responded, written]))


def _by_amazon(evidence: Evidence, codes: np.ndarray) -> np.ndarray:
    return (evidence.of_order("fulfillment", codes) == "amazon").to_numpy(bool)


def _content(evidence: Evidence, duties: pd.DataFrame) -> pd.Series:
    """Tell whether the satisfying message says what it must; null where no message did.

    What it must say: of a return what is expected, of an order problem which one it is and what
    happens next, of a claim something about its matter. Of an inquiry nothing is expected.
    """
    expected = duties["content_expected"].fillna(duties["problem"])
    expected = expected.mask((duties["kind"] == "claim").to_numpy(bool), "claim")
    messages = evidence.messages
    # few messages satisfy something: only their keys are made
    few = messages.loc[messages["message_id"].isin(duties["satisfied_by"].dropna())]
    by_id = pd.Series(few.index, index=few["message_id"] + "\x1f" + few["account"])
    by_id = by_id[~by_id.index.duplicated()]
    said = by_id.reindex(duties["satisfied_by"].fillna("") + "\x1f" + duties["account"])
    rows = said.fillna(NONE).to_numpy("int64")
    body, language = pick(messages["body"], rows), pick(messages["language"], rows)
    found = content_ok(expected.astype("str"), body, language)
    return told_content(messages, rows, expected, found)
