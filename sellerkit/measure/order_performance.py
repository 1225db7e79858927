"""Amazon's order figures from the seller's own histories, and which orders make each up.

Each metric is a list of orders, the instant by which each belongs to a period, and whether it
counts against the seller: yes, no, or nothing on file says. A figure is that list counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from sellerkit.errors import UsageError
from sellerkit.measure.shares import wilson
from sellerkit.policy import Policy

_COLUMNS = ["metric", "account", "marketplace", "order_id", "at", "counts"]

_HOURS_LATE = "return.reply_hours"


class Metric(NamedTuple):
    """What a metric is called in the rules, and how it is read.

    Attributes
    ----------
    limit : str
        Rule id of its target.
    periods : str or None
        Rule id of the periods that Amazon shows, in days; None where no source names any.
    days : tuple of int
        The periods where no rule names them: ours.
    lag_days : int
        How long before `as_of` the periods end.
    good : bool
        Whether more is better: the share of orders that do not count is what Amazon shows.
    """

    limit: str
    periods: str | None
    days: tuple[int, ...] = (30,)
    lag_days: int = 0
    good: bool = False


#: By the names of Amazon's own report (V2), and for what it does not hold, of the rules.
METRICS = {
    "orderDefectRate.mfn.claims": Metric("odr.max_share", "odr.period_days"),
    "lateShipmentRate": Metric("late_shipment.max_share", "late_shipment.periods"),
    "preFulfillmentCancellationRate": Metric("cancel.max_share", "cancel.periods"),
    "validTrackingRate": Metric("tracking.min_share", "tracking.periods", lag_days=14, good=True),
    "onTimeDeliveryRate": Metric(
        "on_time_delivery.min_share", "on_time_delivery.period_days", (14,), 7, good=True
    ),
    "returnDissatisfactionRate.lateResponse": Metric("return_dissatisfaction.max_share", None),
}


def performance_orders(
    histories: Mapping[str, pd.DataFrame], *, as_of: pd.Timestamp, policy: Policy
) -> pd.DataFrame:
    """Orders (or return requests) that make up each of Amazon's order figures.

    Parameters
    ----------
    histories : mapping of str to pd.DataFrame
        Orders, returns and claims as they were at `as_of`, by name.
    as_of : pd.Timestamp
        The audit's "now".
    policy : Policy
        The dated rules: which claims count, when a return is answered late.

    Returns
    -------
    pd.DataFrame
        `metric` (a name of `METRICS`), `account`, `marketplace`, `order_id`, `at` (the instant
        by which it belongs to a period, ``datetime64[us, UTC]``) and `counts` (``boolean``:
        against the seller; null where nothing on file says). Orders that the seller fulfills.

    Notes
    -----
    - Order defects: by order date; a claim that was granted counts. A denied, withdrawn or
      Amazon-funded one, and one that was appealed and did not stay with the seller, do not, by
      `odr.…_counts`; one not yet decided is unknown. Negative feedback and chargebacks are not
      on file, so this is only the claims' part.
    - Late shipment: by the latest ship date; shipped after it, or not at all although it is past.
    - Cancellation: by order date; canceled by the seller or by Amazon, not for the buyer.
    - Valid tracking: by shipping date; without a carrier or a number there is none. Amazon asks
      for a scan by the carrier, which no history shows: the share is the highest it can be.
    - On-time delivery: by the promised date, of shipments with a tracking number; one that is
      past its date and of which no delivery is on file is unknown.
    - Returns: by the request's date, of requests inside the policy; authorized, refunded or
      closed later than `return.reply_hours`. Without any such event on file it is unknown: no
      report of Amazon's carries the seller's response. One whose time still runs is left out.

    Source
    ------
    Seller Central help G200285170, 200285210, 200285190, 201817070, 201887610; docs/policy.md.
    """
    orders = histories["orders"]
    own = orders[orders["fulfillment"] == "merchant"]
    parts = {
        "orderDefectRate.mfn.claims": _defects(own, histories["claims"], as_of, policy),
        "lateShipmentRate": _late_shipments(own, as_of),
        "preFulfillmentCancellationRate": _cancellations(own),
        "validTrackingRate": _without_tracking(own),
        "onTimeDeliveryRate": _late_deliveries(own),
        "returnDissatisfactionRate.lateResponse": _late_returns(
            histories["returns"], orders, as_of, policy
        ),
    }
    rows = [
        frame[frame["at"].notna() & (frame["at"] < as_of)].assign(metric=metric)
        for metric, frame in parts.items()
    ]
    return pd.concat(rows, ignore_index=True)[_COLUMNS].astype({"metric": "str"})


def _counted(orders: pd.DataFrame, at: str, counts: pd.Series) -> pd.DataFrame:
    columns = orders[["account", "marketplace", "order_id"]]
    return columns.assign(at=orders[at], counts=counts.astype("boolean"))


def _defects(
    orders: pd.DataFrame, claims: pd.DataFrame, as_of: pd.Timestamp, policy: Policy
) -> pd.DataFrame:
    counts = {
        outcome: bool(policy.value(f"odr.{rule}_counts", as_of)[0])
        for outcome, rule in _OUTCOMES.items()
    }
    held = claims["outcome"].map(counts).astype("boolean")
    decided = claims["outcome"].isin([*_OUTCOMES])
    won = claims["appealed_at"].notna() & decided & (claims["outcome"] != "seller_funded")
    held = held.mask(won, bool(policy.value("odr.won_appeal_counts", as_of)[0]))
    # the worst of an order's claims: one that counts, then one that is not decided
    rank = held.astype("Int64").mul(2).fillna(1).astype("int64")
    worst = rank.groupby([claims["account"], claims["order_id"]]).max()
    keys = pd.MultiIndex.from_frame(orders[["account", "order_id"]])
    found = pd.Series(worst.reindex(keys).to_numpy(), index=orders.index).fillna(0)
    verdict = (found == 2).astype("boolean").mask(found == 1)
    return _counted(orders, "purchased_at", verdict)


#: What a decided claim's outcome is called in the rules.
_OUTCOMES = {
    "seller_funded": "granted_claim",
    "amazon_funded": "amazon_funded_claim",
    "withdrawn": "withdrawn_claim",
    "denied": "denied_claim",
}


def _late_shipments(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    due = orders["latest_ship_at"]
    canceled = orders["status"] == "canceled"
    owed = orders[due.notna() & ~(canceled & orders["shipped_at"].isna())]
    shipped = owed["shipped_at"]
    late = (shipped > owed["latest_ship_at"]) | (shipped.isna() & (owed["latest_ship_at"] < as_of))
    # a report says that it was shipped and none says when
    unknown = shipped.isna() & (owed["status"] == "shipped")
    return _counted(owed, "latest_ship_at", late.astype("boolean").mask(unknown))


def _cancellations(orders: pd.DataFrame) -> pd.DataFrame:
    placed = orders[orders["status"] != "pending"]
    canceled = placed["status"] == "canceled"
    by_others = placed["canceled_by"].isin(["seller", "amazon"])
    unknown = canceled & placed["canceled_by"].isna()
    return _counted(placed, "purchased_at", (canceled & by_others).astype("boolean").mask(unknown))


def _without_tracking(orders: pd.DataFrame) -> pd.DataFrame:
    shipped = orders[orders["shipped_at"].notna()]
    missing = shipped["tracking_id"].isna() | shipped["carrier"].isna()
    return _counted(shipped, "shipped_at", missing)


def _late_deliveries(orders: pd.DataFrame) -> pd.DataFrame:
    tracked = orders["tracking_id"].notna() & orders["promised_by"].notna()
    sent = orders[tracked & orders["shipped_at"].notna()]
    late = (sent["delivered_at"] > sent["promised_by"]).astype("boolean")
    return _counted(sent, "promised_by", late.mask(sent["delivered_at"].isna()))


def _late_returns(
    returns: pd.DataFrame, orders: pd.DataFrame, as_of: pd.Timestamp, policy: Policy
) -> pd.DataFrame:
    key = ["account", "order_id"]
    stores = orders[[*key, "marketplace", "fulfillment"]].drop_duplicates(key)
    asked = returns.merge(stores, on=key, how="left")
    valid = (asked["fulfillment"] != "amazon") & (asked["in_policy"].astype("boolean") != False)  # noqa: E712
    asked = asked[valid.fillna(True).astype(bool)].reset_index(drop=True)
    limit = policy.limit(_HOURS_LATE, asked["requested_at"], asked["marketplace"]).value
    due = asked["requested_at"] + pd.to_timedelta(limit, unit="h").dt.as_unit("us")
    first = asked[["authorized_at", "refunded_at", "closed_at"]].min(axis=1)
    late = (first > due).astype("boolean").mask(first.isna())
    runs = first.isna() & (due >= as_of)
    return _counted(asked, "requested_at", late)[~runs]


def order_performance(rows: pd.DataFrame, *, as_of: pd.Timestamp, policy: Policy) -> pd.DataFrame:
    """Amazon's order figures over the periods that Amazon shows, beside their targets of the day.

    Parameters
    ----------
    rows : pd.DataFrame
        As `performance_orders` returns them.
    as_of : pd.Timestamp
        Day 0.
    policy : Policy
        The dated rules: targets and periods, looked up at `as_of` for each store.

    Returns
    -------
    pd.DataFrame
        One row per metric, store with such orders, and period: `metric`, `marketplace` (null:
        store unknown), `period_days`, `since`, `until` (``[since, until)``), then as
        `share_of`: `numerator`, `denominator`, `unknown` (``int64``), `value`, `low`, `high`,
        `least`, `most` (``float64``), `target` (``float64``), `target_rule`, `is_met` (``boolean``,
        null without a value or a target). Sorted by metric and store, the unknown store last.

    Raises
    ------
    UsageError
        A rule whose days are none.

    Notes
    -----
    `value` is Amazon's own way round: valid tracking and on-time delivery are shares of good
    orders, the others of bad ones. The target's `is_met` compares `value` alone.
    """
    found = []
    for (metric, store), part in rows.groupby(["metric", "marketplace"], dropna=False):
        own = METRICS[metric]
        code = None if pd.isna(store) else str(store)
        target, rule = policy.value(own.limit, as_of, code)
        for days in _periods(own, as_of, policy, code):
            until = as_of - pd.Timedelta(days=own.lag_days)
            since = until - pd.Timedelta(days=days)
            inside = part[(part["at"] >= since) & (part["at"] < until)]
            figures = share_of(inside["counts"], good=own.good)
            found.append(
                {"metric": metric, "marketplace": code, "period_days": days, "since": since,
                 "until": until, **figures, "target": target, "target_rule": rule,
                 "is_met": _is_met(figures["value"], target, own.good)}
            )  # fmt: skip
    return pd.DataFrame(found, columns=list(_FIGURES)).astype(_FIGURES)


_FIGURES = {
    "metric": "str",
    "marketplace": "str",
    "period_days": "int64",
    "since": "datetime64[us, UTC]",
    "until": "datetime64[us, UTC]",
    "numerator": "int64",
    "denominator": "int64",
    "unknown": "int64",
    **dict.fromkeys(["value", "low", "high", "least", "most", "target"], "float64"),
    "target_rule": "str",
    "is_met": "boolean",
}


def _periods(
    metric: Metric, as_of: pd.Timestamp, policy: Policy, store: str | None
) -> tuple[int, ...]:
    if metric.periods is None:
        return metric.days
    named, rule = policy.value(metric.periods, as_of, store)
    if named is None:
        return metric.days
    try:
        return tuple(int(float(days)) for days in str(named).split(","))
    except ValueError:
        raise UsageError(
            f"rule {rule} names the days {str(named)[:40]!r}; write them like '10, 30'"
        ) from None


def share_of(counts: pd.Series, *, good: bool) -> dict[str, float | int | None]:
    """Count orders into a share, and say how far what is not known could move it.

    Parameters
    ----------
    counts : pd.Series
        ``boolean``: against the seller, null where unknown.
    good : bool
        Whether the share is of those that do not count.

    Returns
    -------
    dict
        `numerator`, `denominator` (of those known), `unknown`; `value` with its Wilson interval
        `low`, `high`; `least`, `most`: the share if all unknown ones fell on either side. None
        where there is nothing to divide by.
    """
    known = counts.dropna().astype(bool)
    hits = int((~known if good else known).sum())
    n, unknown = len(known), int(counts.isna().sum())
    low, high = wilson(hits, n)
    every = n + unknown
    return {
        "numerator": hits,
        "denominator": n,
        "unknown": unknown,
        "value": hits / n if n else None,
        "low": low,
        "high": high,
        "least": hits / every if every else None,
        "most": (hits + unknown) / every if every else None,
    }


def _is_met(value: float | int | None, target: object, good: bool) -> bool | None:
    """Tell whether a share is where Amazon wants it: at least a minimum, below a maximum."""
    if value is None or not isinstance(target, int | float):
        return None
    return value >= target if good else value < target
