"""Obligations: every duty to write, what triggered it, and what satisfied it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.duties import Duties, earliest, finished, settle, writes_from
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.moments import day_of, zones_of
from sellerkit.audit.pairing import (
    DAY,
    NAT,
    NONE,
    Timeline,
    codes_of,
    is_among,
    micro,
    micros_from,
    micros_of,
    pick,
)
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
    found = finished(parts)
    return found.assign(content_ok=_content(evidence, found))


def _inquiries(contacts: pd.DataFrame) -> Duties:
    """Each counted contact and each waived one."""
    owed = contacts[contacts["counted"] | (contacts["status"] == "waived")].reset_index(drop=True)
    return dict(owed.items()) | {
        "kind": "inquiry",
        "trigger_id": owed["message_id"],
        "trigger_at": owed["sent_at"],
        "satisfied_at": owed["answered_at"],
        "satisfied_by": owed["answered_by"],
        "bare_date": False,
    }


def returns(evidence: Evidence) -> Duties:
    """Each row of returns, and each buyer message about a return that no row stands for."""
    parts = [_requests(evidence), _request_mails(evidence)]
    some = [part for part in parts if len(part)]
    triggers = pd.concat(some, ignore_index=True) if len(some) > 1 else (some or parts)[0]
    codes = triggers["on_order"].to_numpy("int64")
    begun = micros_of(triggers["trigger_at"])
    candidates = [writes_from(evidence, codes, begun)]
    for column, name in _RETURN_EVENTS.items():
        at = micros_of(triggers[column])
        happened = at >= begun
        if column == "authorized_at":
            happened &= (triggers["authorized_by"] == "seller").to_numpy(bool)
        candidates.append((np.where(happened, at, NAT), name))
    aside = {
        "kind": "return",
        "not_applicable": _by_amazon(evidence, codes),
        "waived": (triggers["authorized_by"] == "amazon").to_numpy(bool),
    }
    duties = settle(
        evidence, dict(triggers.items()) | aside, "return.reply_hours", earliest(candidates)
    )
    outside = is_outside_window(evidence, triggers, codes)
    return duties | {"content_expected": np.where(outside, "outside_window", "return_information")}


_RETURN_EVENTS = {
    "authorized_at": "authorization",
    "refunded_at": "refund",
    "closed_at": "closure",
}


_TRIGGERS = tables.Table(
    "triggers",
    ("trigger_id",),
    tables.columns_of(
        """
        order_id str
        on_order int
        thread_id str?
        account str
        marketplace str?
        trigger_id str
        trigger_at ts
        requested_at ts
        bare_date bool
        in_policy bool?
        authorized_by str?
        authorized_at ts?
        refunded_at ts?
        closed_at ts?
        """
    ),
    "one per return that was asked for, on a form or in a message",
)


def _requests(evidence: Evidence) -> pd.DataFrame:
    """Triggers from the rows of returns."""
    rows, orders = evidence.histories["returns"], evidence.orders
    if not len(rows):
        return tables.empty(_TRIGGERS)
    codes = evidence.on_order["returns"]
    _, _, bare = day_of(
        rows["requested_at"], zones_of(rows, codes, orders, evidence.on_order["orders"])
    )
    found = dict(rows.items()) | {
        "on_order": codes,
        "trigger_id": rows["return_id"],
        "trigger_at": rows["requested_at"],
        "marketplace": evidence.marketplaces(codes),
        "bare_date": bare,
    }
    known = rows["requested_at"].notna().to_numpy(bool)
    return tables.frame_of(found, _TRIGGERS, rows.index)[known]


def _request_mails(evidence: Evidence) -> pd.DataFrame:
    """Triggers from buyers' messages about a return for which returns has no row."""
    messages = evidence.messages
    asked = evidence.is_buyer & (messages["topic"] == "return").to_numpy(bool)
    asked &= ~messages["no_response_needed"].to_numpy(bool)
    codes = evidence.on_order["messages"]
    asked &= codes != NONE
    if not asked.any():
        return tables.empty(_TRIGGERS)
    requested = micros_of(evidence.histories["returns"]["requested_at"])
    on_file = np.where(requested == NAT, NONE, evidence.on_order["returns"])
    near = Timeline(on_file, requested).first(codes, evidence.sent - _WEEK)
    covered = near != NONE
    covered[covered] = requested[near[covered]] <= evidence.sent[covered] + _WEEK
    rows = _first_of_each_week(np.flatnonzero(asked & ~covered), codes, evidence.sent)
    chosen = evidence.of_messages(_OF_MESSAGE, rows)
    found = chosen | {
        "on_order": codes[rows],
        "trigger_id": chosen["message_id"],
        "trigger_at": chosen["sent_at"],
        "requested_at": chosen["sent_at"],
        "bare_date": False,
    }
    return tables.frame_of(found, _TRIGGERS, pd.RangeIndex(len(rows)))


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


def problem(evidence: Evidence, name: str) -> Duties:
    """Orders that went wrong in one way: each is a duty to tell the buyer."""
    orders = evidence.orders
    trigger, happened = _PROBLEMS[name](orders)
    rows = np.flatnonzero(happened & (micros_of(orders[trigger]) < micro(evidence.as_of)))
    codes = evidence.on_order["orders"][rows]
    duties = {column: pick(orders[column], rows) for column in _OF_ORDER}
    at = pick(orders[trigger], rows)
    duties |= {
        "kind": "order_problem",
        "problem": name,
        "trigger_id": duties["order_id"],
        "trigger_at": at,
        "waived": np.zeros(len(rows), dtype=bool),
        "not_applicable": (duties["fulfillment"] == "amazon").to_numpy(bool),
        "bare_date": False,
    }
    if not len(rows):
        return duties
    limit = evidence.policy.limit("problem.lookback_hours", at, duties["marketplace"])
    earliest_notice = micros_of(at) - micros_from(limit.value)
    candidates = [writes_from(evidence, codes, earliest_notice)]
    if name == "out_of_stock":
        candidates.append(_cancellations(evidence, duties))
    satisfied = earliest(candidates)
    first = evidence.asks.first(codes, earliest_notice)
    asked = np.where(first != NONE, evidence.sent[first] if len(evidence.sent) else 0, NAT)
    proactive = (satisfied[0] != NAT) & ((asked == NAT) | (satisfied[0] < asked))
    applies = pd.arrays.BooleanArray(proactive, duties["not_applicable"])
    return settle(evidence, duties, "problem.notice_hours", satisfied) | {"proactive": applies}


_OF_ORDER = ("order_id", "account", "marketplace", "fulfillment")


def _late_shipment(orders: pd.DataFrame) -> tuple[str, np.ndarray]:
    due, shipped, canceled = (
        micros_of(orders[c]) for c in ("latest_ship_at", "shipped_at", "canceled_at")
    )
    late = (due != NAT) & ((shipped == NAT) | (shipped > due))
    late &= ~((canceled != NAT) & (canceled <= due))
    late[late] = ~((orders["status"][late] == "canceled").to_numpy(bool) & (canceled[late] == NAT))
    return "latest_ship_at", late


def _late_delivery(orders: pd.DataFrame) -> tuple[str, np.ndarray]:
    due, shipped, delivered = (
        micros_of(orders[c]) for c in ("promised_by", "shipped_at", "delivered_at")
    )
    late = (due != NAT) & (shipped != NAT) & ((delivered == NAT) | (delivered > due))
    late[late] = (delivered[late] != NAT) | orders["tracking_id"][late].notna().to_numpy(bool)
    return "promised_by", late


def _out_of_stock(orders: pd.DataFrame) -> tuple[str, np.ndarray]:
    canceled = micros_of(orders["canceled_at"]) != NAT
    canceled[canceled] = (orders["canceled_by"][canceled] == "seller").to_numpy(bool)
    return "canceled_at", canceled


#: For each problem: the column of its trigger, and whether it happened (rules.md, Obligations).
_PROBLEMS = {
    "late_shipment": _late_shipment,
    "late_delivery": _late_delivery,
    "out_of_stock": _out_of_stock,
}


def _cancellations(evidence: Evidence, duties: Duties) -> tuple[np.ndarray, str]:
    """Where the policy accepts Amazon's own cancellation mail, the cancellation satisfies."""
    counts = evidence.policy.limit(
        "problem.cancellation_counts", duties["trigger_at"], duties["marketplace"]
    ).value.to_numpy(bool)
    return np.where(counts, micros_of(duties["trigger_at"]), NAT), "cancellation"


def claims(evidence: Evidence) -> Duties:
    """Each A-to-z claim is a duty to answer it, or to write on its order."""
    rows = evidence.histories["claims"]
    codes, filed = evidence.on_order["claims"], rows["filed_at"]
    duties = dict(rows.items()) | {
        "kind": "claim",
        "trigger_id": rows["claim_id"],
        "trigger_at": filed,
        "waived": np.zeros(len(rows), dtype=bool),
        "not_applicable": np.zeros(len(rows), dtype=bool),
        "bare_date": False,
    }
    if not len(rows):
        return duties
    zones = zones_of(rows, codes, evidence.orders, evidence.on_order["orders"])
    duties |= {"marketplace": evidence.marketplaces(codes), "bare_date": day_of(filed, zones)[2]}
    responded = (micros_of(rows["responded_at"]), "claim_response")
    written = writes_from(evidence, codes, micros_of(filed))
    return settle(evidence, duties, "claim.reply_hours", earliest([responded, written]))


def _by_amazon(evidence: Evidence, codes: np.ndarray) -> np.ndarray:
    return (evidence.of_order("fulfillment", codes) == "amazon").to_numpy(bool)


def _content(evidence: Evidence, duties: pd.DataFrame) -> pd.Series:
    """Tell whether the satisfying message says what it must; null where no message did.

    What it must say: of a return what is expected, of an order problem which one it is and what
    happens next, of a claim something about its matter. Of an inquiry nothing is expected.
    """
    verdict = pd.Series(pd.NA, index=duties.index, dtype="boolean")
    is_satisfied = duties["satisfied_by"].notna() & (duties["kind"] != "inquiry")
    rows = np.flatnonzero(is_satisfied)
    if not len(rows):
        return verdict
    asked = duties.iloc[rows]
    expected = asked["content_expected"].fillna(asked["problem"])
    expected = expected.mask((asked["kind"] == "claim").to_numpy(bool), "claim")
    messages = evidence.messages
    # few messages satisfy something: only their keys are made
    few = messages.loc[
        is_among(messages["message_id"], asked["satisfied_by"]), ["message_id", "account"]
    ]
    of_asked, of_few = codes_of(
        [asked["account"], asked["satisfied_by"]], [few["account"], few["message_id"]]
    )
    place = np.full(max(of_asked.max(initial=NONE), of_few.max(initial=NONE)) + 2, NONE)
    place[of_few[::-1]] = few.index.to_numpy()[::-1]
    said = place[of_asked]
    expected = expected.reset_index(drop=True)
    found = content_ok(
        expected.astype("str"), pick(messages["body"], said), pick(messages["language"], said)
    )
    verdict.iloc[rows] = told_content(messages, said, expected, found).array
    return verdict
