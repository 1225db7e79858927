"""Whether a return was asked for after the buyer's window to return had ended."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import NAT, instants_of, micro, micros_from, micros_of
from sellerkit.policy import Holiday, Policy, zone_of

#: The window runs from the first of these that is known.
_BASES = ("delivered_at", "promised_by", "shipped_at", "purchased_at")


def is_outside_window(evidence: Evidence, requests: pd.DataFrame, codes: np.ndarray) -> np.ndarray:
    """Tell for each return request whether it came too late.

    Parameters
    ----------
    requests : pd.DataFrame
        With in_policy, requested_at and marketplace.
    codes : np.ndarray
        Codes of their orders.

    Returns
    -------
    np.ndarray
        ``bool``: in_policy is false; or it is unknown, and the request is later than the end of
        the window. Without an order on file the window is taken as open.

    Source
    ------
    rules.md, Obligations (content_expected); Seller Central help 200708210.
    """
    in_policy = requests["in_policy"]
    ends = _window_ends(evidence, requests, codes)
    late = (ends != NAT) & (micros_of(requests["requested_at"]) > ends)
    refused = (~in_policy.fillna(True).astype(bool)).to_numpy(bool)
    return refused | (in_policy.isna().to_numpy(bool) & late)


def return_ends(
    histories: dict[str, pd.DataFrame],
    obligations: pd.DataFrame,
    as_of: pd.Timestamp,
    policy: Policy,
) -> pd.Series:
    """Return when the window to return ends for the orders of some obligations.

    Parameters
    ----------
    histories : dict of str to pd.DataFrame
        As they were at `as_of`.
    obligations : pd.DataFrame
        Any rows of them; the rule is looked up at ``trigger_at``.

    Returns
    -------
    pd.Series
        ``ts``, aligned; null where the order is not on file or tells no day.
    """
    asked = tables.conform(
        obligations.assign(return_id="", requested_at=obligations["trigger_at"]), tables.RETURNS
    )
    orders = histories["orders"]
    given = {name: tables.empty(table) for name, table in tables.AUDITED.items()}
    given["orders"] = orders[orders["order_id"].isin(asked["order_id"])]
    evidence = Evidence.at(given | {"returns": asked}, as_of, policy)
    codes = evidence.on_order["returns"]
    requests = asked.assign(marketplace=evidence.marketplaces(codes))
    return instants_of(_window_ends(evidence, requests, codes)).set_axis(obligations.index)


def _window_ends(evidence: Evidence, requests: pd.DataFrame, codes: np.ndarray) -> np.ndarray:
    base = np.full(len(requests), NAT)
    for column in reversed(_BASES):
        at = micros_of(evidence.of_order(column, codes))
        base = np.where(at == NAT, base, at)
    stores = evidence.marketplaces(codes)
    days = evidence.policy.limit("return.window_days", requests["requested_at"], stores)
    ends = np.where(base == NAT, NAT, base + 24 * micros_from(days.value))
    sold_in = set(stores.unique())
    for holiday in evidence.policy.holidays:
        for store in sold_in.intersection(holiday.marketplaces):
            bought = evidence.of_order(f"{holiday.basis}_at", codes)
            holds = (stores == store).to_numpy(bool) & _in_season(holiday, bought, store)
            ends = np.where(holds & (ends != NAT), np.maximum(ends, _last(holiday, store)), ends)
    return ends


def _in_season(holiday: Holiday, bought: pd.Series, store: str) -> np.ndarray:
    days = bought.dt.tz_convert(zone_of(store)).dt.tz_localize(None).dt.normalize()
    return days.between(pd.Timestamp(holiday.first), pd.Timestamp(holiday.last)).to_numpy(bool)


def _last(holiday: Holiday, store: str) -> int:
    """Return the last microsecond of the season's last return day in the store's zone."""
    end = pd.Timestamp(holiday.returns_until) + pd.Timedelta(days=1)
    return micro(end.tz_localize(zone_of(store))) - 1
