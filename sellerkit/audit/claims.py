"""A-to-z readiness: what can be shown for each claim, and which orders could still be claimed."""

from __future__ import annotations

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
    micro,
    micros_from,
    micros_of,
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
    codes = evidence.on_order["claims"]
    items = pd.DataFrame(
        _from_files(evidence, claims, codes)
        | _from_duties(claims, obligations)
        | {"no_silence": ~_silence_at_filing(evidence, claims, codes, silence)}
    )[list(tables.CHECKLIST)].astype("boolean")
    found = claims.assign(
        **items,
        verdict=_verdict(claims, items),
        score=items.sum(axis=1) / items.notna().sum(axis=1),
        hours_left=_hours_left(evidence, claims, obligations),
        missing=_missing(items),
        exposure=claims["amount"].fillna(evidence.of_order("total", codes)),
    )
    return tables.conform(found, tables.CLAIMS_READINESS)


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
        "tracking": _where(tracked, merchant & (order["shipped_at"].notna() | lost)),
        "shipped_on_time": _where(on_time, dated),
        "delivery_proof": _where(delivered, lost & on_file),
        "contacted_before": wrote,
        "refund_recorded": _where(refunded, claims["reason"] == "refund_not_issued"),
    }


def _where(values: pd.Series, applies: pd.Series) -> pd.Series:
    return values.astype("boolean").where(applies)


def _refunded(evidence: Evidence, codes: np.ndarray) -> pd.Series:
    returns = evidence.histories["returns"]
    refunded = evidence.on_order["returns"][returns["refunded_at"].notna().to_numpy(bool)]
    return pd.Series(np.isin(codes, refunded[refunded != NONE]))


def _from_duties(claims: pd.DataFrame, obligations: pd.DataFrame) -> dict[str, pd.Series]:
    """Items that hold when every duty of one kind on the order is fulfilled; null without one."""
    duties = obligations[obligations["status"] != "not_applicable"].reset_index(drop=True)
    of_claims, of_duties = codes_of(
        [claims["account"], claims["order_id"]], [duties["account"], duties["order_id"]]
    )
    pairs = pd.merge(
        pd.DataFrame({"order": of_claims, "row": np.arange(len(claims))}),
        duties[["kind", "status", "due_at"]].assign(order=of_duties),
        on="order",
    )
    pairs = pairs[pairs["order"] != NONE]
    met = pairs["status"] == "met"
    kind, waived = pairs["kind"], pairs["status"] == "waived"
    due_before = pairs["due_at"].to_numpy() <= claims["filed_at"].to_numpy()[pairs["row"]]
    size = len(claims)
    own = duties[duties["kind"] == "claim"]
    return {
        "inquiries_answered": _all(pairs, met, (kind == "inquiry") & ~waived & due_before, size),
        "return_answered": _all(pairs, met | waived, kind == "return", size),
        "problem_notified": _all(pairs, met, kind == "order_problem", size),
        "claim_answered": _where(
            (own["status"] == "met").reset_index(drop=True),
            (own["status"] != "open").reset_index(drop=True),
        ),
    }


def _all(pairs: pd.DataFrame, good: pd.Series, asked: pd.Series, size: int) -> pd.Series:
    held = good[asked].groupby(pairs.loc[asked, "row"]).all()
    return held.astype("boolean").reindex(range(size))


def _silence_at_filing(
    evidence: Evidence, claims: pd.DataFrame, codes: np.ndarray, silence: Silence
) -> pd.Series:
    stores = evidence.marketplaces(codes)
    return silence.on(claims["account"], claims["order_id"], claims["filed_at"], stores)


def _verdict(claims: pd.DataFrame, items: pd.DataFrame) -> np.ndarray:
    silent = items["no_silence"].eq(False).fillna(False)
    untracked = items["tracking"].eq(False).fillna(False) & (claims["reason"] == "not_received")
    gaps = items.eq(False).fillna(False).any(axis=1)
    return np.select([silent | untracked, gaps], ["indefensible", "gaps"], "ready")


def _missing(items: pd.DataFrame) -> pd.Series:
    """Return for each claim the names of the items that are false, in the list's order."""
    fails = items.eq(False).fillna(False).to_numpy(bool)
    names = np.array(items.columns, dtype=object)
    ends = fails.sum(axis=1).cumsum()[:-1]
    lists = np.split(np.broadcast_to(names, fails.shape)[fails], ends) if len(items) else []
    return pd.Series([list(words) for words in lists], index=items.index, dtype="object")


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
    orders, codes = evidence.orders, evidence.on_order["orders"]
    ends = _claim_window_ends(evidence, orders)
    reasons = _reasons(obligations, orders)
    chosen = (orders["fulfillment"] != "amazon") & ends.notna() & (ends > evidence.as_of)
    chosen &= ~np.isin(codes, evidence.on_order["claims"]) & reasons.notna()
    rows = np.flatnonzero(chosen.to_numpy(bool))
    picked = orders.iloc[rows].reset_index(drop=True)
    stores = picked["marketplace"]
    now = pd.Series(evidence.as_of, index=picked.index).astype(tables.TS_DTYPE)
    lost = silence.on(picked["account"], picked["order_id"], now, stores)
    found = picked.assign(
        claim_window_ends_at=ends.iloc[rows].reset_index(drop=True),
        claimable_from=_claimable_from(evidence, codes[rows], stores),
        auto_lost=lost.fillna(False).astype(bool),
        exposure=picked["total"],
        reasons=reasons.iloc[rows].reset_index(drop=True),
    )
    return tables.conform(found.sort_values(["account", "order_id"]), tables.EXPOSURE).reset_index(
        drop=True
    )


def _claim_window_ends(evidence: Evidence, orders: pd.DataFrame) -> pd.Series:
    base = orders["promised_by"]
    for column in ("delivered_at", "shipped_at", "purchased_at"):
        base = base.fillna(orders[column])
    days = evidence.policy.limit("claim.window_days", base, orders["marketplace"])
    ends = np.where(base.isna(), NAT, micros_of(base) + 24 * micros_from(days.value))
    return instants_of(ends)


def _reasons(obligations: pd.DataFrame, orders: pd.DataFrame) -> pd.Series:
    """Return for each order the kinds of duty late or missed, null where there is none."""
    failed = obligations[obligations["status"].isin(["late", "missed"])]
    of_orders, of_duties = codes_of(
        [orders["account"], orders["order_id"]], [failed["account"], failed["order_id"]]
    )
    kinds = pd.DataFrame(
        {kind: np.isin(of_orders, of_duties[(failed["kind"] == kind).to_numpy(bool)])
         for kind in tables.KINDS}
    )  # fmt: skip
    bits = kinds.to_numpy(bool) @ (1 << np.arange(len(tables.KINDS)))
    words = [
        [kind for place, kind in enumerate(tables.KINDS) if mask >> place & 1]
        for mask in range(1 << len(tables.KINDS))
    ]
    lists = pd.Series(words, dtype="object").reindex(bits).reset_index(drop=True)
    return lists.where(bits > 0)


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
