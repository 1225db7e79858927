"""A-to-z readiness: what can be shown for each claim, and which orders could still be claimed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import (
    HOUR,
    NAT,
    NONE,
    Timeline,
    codes_of,
    instants_of,
    is_among,
    micro,
    micros_from,
    micros_of,
    pairs_of,
    pick,
)
from sellerkit.audit.silence import Silence


def claims_readiness(
    evidence: Evidence, obligations: pd.DataFrame, silence: Silence
) -> pd.DataFrame:
    """Check every claim against the list of what Amazon asks, one row per claim filed by `as_of`.

    Parameters
    ----------
    obligations : pd.DataFrame
        All of them, not only the window's.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.CLAIMS_READINESS`; an item is null where it does not apply.

    Source
    ------
    rules.md, A-to-z readiness.
    """
    claims = evidence.histories["claims"]
    if not len(claims):
        return tables.empty(tables.CLAIMS_READINESS)
    codes = evidence.on_order["claims"]
    items = (
        _from_files(evidence, claims, codes)
        | _from_duties(claims, obligations)
        | {"no_silence": ~_silence_at_filing(evidence, claims, codes, silence)}
    )
    holds, known = (
        np.stack([np.asarray(test(items[item])) for item in tables.CHECKLIST], axis=1)
        for test in (lambda item: item.fillna(False).astype(bool), pd.Series.notna)
    )
    fails = known & ~holds
    found: dict[str, Any] = {
        **claims,
        **items,
        "verdict": _verdict(claims, fails),
        "score": holds.sum(axis=1) / known.sum(axis=1),
        "missing": _missing(fails),
        "hours_left": _hours_left(evidence, claims, obligations),
        "exposure": claims["amount"].fillna(evidence.of_order("total", codes)),
    }
    return tables.frame_of(found, tables.CLAIMS_READINESS, claims.index)


def _from_files(
    evidence: Evidence, claims: pd.DataFrame, codes: np.ndarray
) -> dict[str, pd.Series]:
    """Items that the order's own columns, or a mail before the claim, decide."""
    on_file = pd.Series(evidence.order_rows(codes) != NONE)
    order = {
        column: evidence.of_order(column, codes)
        for column in (
            "fulfillment", "carrier", "tracking_id", "shipped_at", "latest_ship_at",
            "delivered_at", "signature",
        )
    }  # fmt: skip
    filed, lost = claims["filed_at"], claims["reason"] == "not_received"
    tracked = order["carrier"].notna() & order["tracking_id"].notna()
    merchant = on_file & (order["fulfillment"] != "amazon")
    delivered = (order["delivered_at"] < filed) | order["signature"].fillna(False).astype(bool)
    on_time = order["shipped_at"] <= order["latest_ship_at"]
    dated = order["shipped_at"].notna() & order["latest_ship_at"].notna()
    first = evidence.writes.first(codes, np.full(len(codes), NAT + 1))
    wrote = pick(evidence.messages["sent_at"], first) < filed
    refunded = _refunded(evidence, codes)
    return {
        "order_on_file": on_file,
        "tracking": _flags(tracked, merchant & (order["shipped_at"].notna() | lost)),
        "shipped_on_time": _flags(on_time, dated),
        "delivery_proof": _flags(delivered, lost & on_file),
        "contacted_before": wrote,
        "refund_recorded": _flags(refunded, claims["reason"] == "refund_not_issued"),
    }


def _refunded(evidence: Evidence, codes: np.ndarray) -> pd.Series:
    returns = evidence.histories["returns"]
    refunded = evidence.on_order["returns"][returns["refunded_at"].notna().to_numpy(bool)]
    return pd.Series(np.isin(codes, refunded[refunded != NONE]))


def _from_duties(claims: pd.DataFrame, obligations: pd.DataFrame) -> dict[str, pd.Series]:
    """Items that hold when every duty of one kind on the order is fulfilled; null without one."""
    applies = (obligations["status"] != "not_applicable").to_numpy(bool)
    duties = obligations[applies & is_among(obligations["order_id"], claims["order_id"])]
    of_claims, of_duties = codes_of(
        [claims["account"], claims["order_id"]], [duties["account"], duties["order_id"]]
    )
    rows, own = pairs_of(of_claims, of_duties)
    kind, status = (duties[c].to_numpy(object)[own] for c in ("kind", "status"))
    due_before = micros_of(duties["due_at"])[own] <= micros_of(claims["filed_at"])[rows]
    met, waived = status == "met", status == "waived"
    asked = (kind == "inquiry") & ~waived & due_before
    answers = obligations.loc[(obligations["kind"] == "claim").to_numpy(bool), "status"]
    return {
        "inquiries_answered": _all(rows, met, asked, len(claims)),
        "return_answered": _all(rows, met | waived, kind == "return", len(claims)),
        "problem_notified": _all(rows, met, kind == "order_problem", len(claims)),
        "claim_answered": _flags(answers == "met", answers != "open"),
    }


def _all(rows: np.ndarray, good: np.ndarray, asked: np.ndarray, size: int) -> pd.Series:
    known, failed = (np.zeros(size, dtype=bool) for _ in range(2))
    known[rows[asked]] = True
    failed[rows[asked & ~good]] = True
    return _flags(~failed, known)


def _flags(values: pd.Series | np.ndarray, applies: pd.Series | np.ndarray) -> pd.Series:
    """Return nullable flags, null where an item does not apply."""
    return pd.Series(
        pd.arrays.BooleanArray(np.array(values, dtype=bool), ~np.array(applies, dtype=bool))
    )


def _silence_at_filing(
    evidence: Evidence, claims: pd.DataFrame, codes: np.ndarray, silence: Silence
) -> pd.Series:
    stores = evidence.marketplaces(codes)
    return silence.on(claims["account"], claims["order_id"], claims["filed_at"], stores)


def _verdict(claims: pd.DataFrame, fails: np.ndarray) -> np.ndarray:
    silent, untracked = (
        fails[:, tables.CHECKLIST.index(item)] for item in ("no_silence", "tracking")
    )
    lost = untracked & (claims["reason"] == "not_received").to_numpy(bool)
    return np.select([silent | lost, fails.any(axis=1)], ["indefensible", "gaps"], "ready")


def _missing(fails: np.ndarray) -> np.ndarray:
    """Return for each claim the names of the items that are false, in the list's order."""
    names = np.broadcast_to(np.array(tables.CHECKLIST, dtype=object), fails.shape)[fails]
    each = np.split(names, fails.sum(axis=1).cumsum()[:-1])
    return np.fromiter(map(list, each), dtype=object, count=len(fails))


def _hours_left(evidence: Evidence, claims: pd.DataFrame, obligations: pd.DataFrame) -> np.ndarray:
    """Return the hours until the claim's due time, null once it is answered or past."""
    own = obligations[obligations["kind"] == "claim"].reset_index(drop=True)
    left = (micros_of(own["due_at"]) - micro(evidence.as_of)) / HOUR
    waiting = own["satisfied_at"].isna().to_numpy(bool) & (left >= 0)
    return np.where(waiting, left, np.nan)


def exposure(evidence: Evidence, obligations: pd.DataFrame, silence: Silence) -> pd.DataFrame:
    """List the orders that have no claim yet, could have one, and for which a duty was failed.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.EXPOSURE`, by order id.

    Source
    ------
    rules.md, A-to-z readiness (Exposure before any claim).
    """
    failed = _failed(evidence, obligations)
    failed[evidence.order_rows(np.unique(evidence.on_order["claims"]))] = 0
    rows = np.flatnonzero(failed[:-1])
    rows = rows[(pick(evidence.orders["fulfillment"], rows) != "amazon").to_numpy(bool)]
    ends = _claim_window_ends(evidence, rows)
    rows, ends = rows[ends > micro(evidence.as_of)], ends[ends > micro(evidence.as_of)]
    if not len(rows):
        return tables.empty(tables.EXPOSURE)
    picked = {
        name: pick(evidence.orders[name], rows)
        for name in ("order_id", "account", "marketplace", "total")
    }
    codes, stores = evidence.on_order["orders"][rows], picked["marketplace"]
    now = instants_of(np.full(len(rows), micro(evidence.as_of)))
    lost = silence.on(picked["account"], picked["order_id"], now, stores)
    found = picked | {
        "claim_window_ends_at": instants_of(ends),
        "claimable_from": _claimable_from(evidence, codes, stores),
        "auto_lost": lost.fillna(False).astype(bool),
        "exposure": picked["total"],
        "reasons": _REASONS[failed[rows]],
    }
    frame = tables.frame_of(found, tables.EXPOSURE, pd.RangeIndex(len(rows)))
    return frame.sort_values(["account", "order_id"]).reset_index(drop=True)


def _claim_window_ends(evidence: Evidence, rows: np.ndarray) -> np.ndarray:
    """Return micros, `NAT` where no instant is known that a window could run from."""
    base = np.full(len(rows), NAT)
    for column in ("purchased_at", "shipped_at", "delivered_at", "promised_by"):
        at = micros_of(pick(evidence.orders[column], rows))
        base = np.where(at == NAT, base, at)
    stores = pick(evidence.orders["marketplace"], rows)
    days = evidence.policy.limit("claim.window_days", instants_of(base), stores)
    return np.where(base == NAT, NAT, base + 24 * micros_from(days.value))


#: For each set of kinds of duty, as bits in the order of `tables.KINDS`, their names.
_REASONS = np.fromiter(
    (
        [kind for place, kind in enumerate(tables.KINDS) if bits >> place & 1]
        for bits in range(1 << len(tables.KINDS))
    ),
    dtype=object,
)


def _failed(evidence: Evidence, obligations: pd.DataFrame) -> np.ndarray:
    """Return for each row of orders the kinds of duty late or missed, as bits; a spare 0 behind."""
    late = obligations[obligations["status"].isin(["late", "missed"])]
    rows = evidence.rows_of(late["account"], late["order_id"])
    bits = np.zeros(len(evidence.orders) + 1, dtype="int8")
    for place, kind in enumerate(tables.KINDS):
        bits[rows[(late["kind"] == kind).to_numpy(bool)]] |= 1 << place
    bits[NONE] = 0
    return bits


def _claimable_from(evidence: Evidence, codes: np.ndarray, stores: pd.Series) -> pd.Series:
    """Return when the buyer's wait is over, counted from his first message or return request."""
    returns = evidence.histories["returns"]
    requested = micros_of(returns["requested_at"])
    known = np.where(requested == NAT, NONE, evidence.on_order["returns"])
    ever = np.full(len(codes), NAT + 1)
    wrote, asked = evidence.asks.first(codes, ever), Timeline(known, requested).first(codes, ever)
    first = pick(evidence.messages["sent_at"], wrote)
    request = pick(returns["requested_at"], asked)
    begun = first.where(~(request < first), request).fillna(request)
    wait = evidence.policy.limit("claim.contact_wait_hours", begun, stores)
    return instants_of(np.where(begun.isna(), NAT, micros_of(begun) + micros_from(wait.value)))
