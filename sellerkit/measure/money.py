"""What claims cost and could cost, per currency; currencies are never added together."""

from __future__ import annotations

import numpy as np
import pandas as pd

_ORDER = ["account", "order_id"]
_CLAIM = ["account", "claim_id"]


def claim_currency(
    claims_readiness: pd.DataFrame, claims: pd.DataFrame, orders: pd.DataFrame | None = None
) -> pd.Series:
    """Currency of each claim's amount and exposure, one per row of `claims_readiness`.

    Parameters
    ----------
    claims_readiness : pd.DataFrame
        The finding of that name.
    claims : pd.DataFrame
        The history; key account and claim_id.
    orders : pd.DataFrame, optional
        The history; an exposure taken from the order's total is in the order's currency.

    Returns
    -------
    pd.Series
        ``str``, index of `claims_readiness`; missing where it is not on file.
    """
    own = _looked_up(claims_readiness, claims, _CLAIM, "currency")
    if orders is None:
        return own
    of_order = _looked_up(claims_readiness, orders, _ORDER, "currency")
    priced = own.where(claims_readiness["amount"].notna())
    return priced.fillna(of_order).fillna(own)


def claims_money(
    claims_readiness: pd.DataFrame, claims: pd.DataFrame, orders: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Amounts claimed, one row per currency, verdict, outcome and whether an answer is due.

    Parameters
    ----------
    claims_readiness : pd.DataFrame
        The finding of that name.
    claims : pd.DataFrame
        The history; key account and claim_id.
    orders : pd.DataFrame, optional
        As in `claim_currency`.

    Returns
    -------
    pd.DataFrame
        `currency`, `verdict`, `outcome` (both first and last null where not on file),
        `to_answer` (``bool``: time to answer is left), `claims` (``int64``), `amount`,
        `exposure` (``float64``, sums of what is known, ``NaN`` where nothing is), `unpriced`
        (``int64``, claims without an exposure). Sorted by the first four; no claim gives no row.
    """
    rows = pd.DataFrame(
        {
            "currency": claim_currency(claims_readiness, claims, orders),
            "verdict": claims_readiness["verdict"],
            "outcome": _looked_up(claims_readiness, claims, _CLAIM, "outcome"),
            "to_answer": claims_readiness["hours_left"].notna(),
            "amount": claims_readiness["amount"],
            "exposure": claims_readiness["exposure"],
        }
    )
    grouped = rows.groupby(["currency", "verdict", "outcome", "to_answer"], dropna=False)
    sums = grouped[["amount", "exposure"]].sum(min_count=1)
    sums.insert(0, "claims", grouped.size())
    sums["unpriced"] = sums["claims"] - grouped["exposure"].count()
    return sums.astype({"claims": "int64", "unpriced": "int64"}).reset_index()


def exposure_money(exposure: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Value of orders that could still become claims, one row per currency.

    Parameters
    ----------
    exposure : pd.DataFrame
        The finding of that name; key account and order_id.
    orders : pd.DataFrame
        The history, for the currency; key account and order_id.

    Returns
    -------
    pd.DataFrame
        `currency` (null where not on file), `orders` (``int64``), `exposure` (``float64``, the
        sum of what is known, ``NaN`` where nothing is), `auto_lost_orders`,
        `auto_lost_exposure` (those that the silence rule would grant now), `unpriced` (orders
        without a total). Sorted by currency; no order gives no row.
    """
    lost = exposure["auto_lost"].astype("bool")
    rows = pd.DataFrame(
        {
            "currency": _looked_up(exposure, orders, _ORDER, "currency"),
            "exposure": exposure["exposure"],
            "auto_lost_orders": lost,
            "auto_lost_exposure": exposure["exposure"].where(lost),
        }
    )
    grouped = rows.groupby("currency", dropna=False)
    sums = grouped[["exposure", "auto_lost_exposure"]].sum(min_count=1)
    sums.insert(0, "orders", grouped.size())
    sums.insert(2, "auto_lost_orders", grouped["auto_lost_orders"].sum())
    nothing_lost = sums["auto_lost_orders"] == 0
    sums["auto_lost_exposure"] = sums["auto_lost_exposure"].mask(nothing_lost, 0.0)
    sums["unpriced"] = sums["orders"] - grouped["exposure"].count()
    counts = ["orders", "auto_lost_orders", "unpriced"]
    return sums.astype(dict.fromkeys(counts, "int64")).reset_index()


def exposure_runoff(
    exposure: pd.DataFrame, orders: pd.DataFrame, *, as_of: pd.Timestamp, days: int = 90
) -> pd.DataFrame:
    """Exposure left inside the claim window if nothing is added, one row per currency and day.

    Parameters
    ----------
    exposure : pd.DataFrame
        The finding of that name; key account and order_id.
    orders : pd.DataFrame
        The history, for the currency; key account and order_id.
    as_of : pd.Timestamp
        Day 0.
    days : int
        How far to look, default 90: the length of the claim window.

    Returns
    -------
    pd.DataFrame
        `currency` (null where not on file), `at` (``datetime64[us, UTC]``, `as_of` + n × 24 h,
        n from 0 to `days`), `orders` (``int64``), `exposure` (``float64``; an unknown total adds
        nothing). Sorted by currency, then `at`; no order gives no row.

    Notes
    -----
    An order remains while `at` is before its `claim_window_ends_at`.
    """
    at = as_of.as_unit("us") + pd.to_timedelta(np.arange(days + 1), unit="D").as_unit("us")
    rows = exposure.assign(currency=_looked_up(exposure, orders, _ORDER, "currency"))
    parts = [
        _runoff(part, at).assign(currency=currency)
        for currency, part in rows.groupby("currency", dropna=False)
    ]
    found = pd.concat(parts, ignore_index=True) if parts else _runoff(rows, at[:0])
    dtype = rows["currency"].dtype
    currency = found.pop("currency") if parts else pd.Series(dtype=dtype)
    found.insert(0, "currency", currency.astype(dtype))
    return found


def _runoff(exposure: pd.DataFrame, at: pd.DatetimeIndex) -> pd.DataFrame:
    """Return orders and money whose window ends after each instant."""
    by_end = exposure.sort_values("claim_window_ends_at")
    gone = by_end["claim_window_ends_at"].searchsorted(at, side="right")
    money_gone = np.append(0.0, by_end["exposure"].fillna(0).cumsum())
    return pd.DataFrame(
        {"at": at, "orders": len(by_end) - gone, "exposure": money_gone[-1] - money_gone[gone]}
    )


def _looked_up(
    finding: pd.DataFrame, history: pd.DataFrame, key: list[str], column: str
) -> pd.Series:
    """Return a history's column for each row of a finding; the key is unique in the history."""
    found = finding[key].merge(history[[*key, column]], on=key, how="left", validate="m:1")
    return found[column].set_axis(finding.index)
