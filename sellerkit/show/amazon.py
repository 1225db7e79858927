"""Amazon's figures: of orders, with the target of the day; and its own beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import (
    DASH,
    FEW,
    format_count,
    format_day,
    format_hours,
    format_percent,
    format_points,
    format_share,
    known,
)

#: Metric → its name, and what its orders are called that count against the seller.
METRICS = {
    "orderDefectRate.mfn.claims": ("Orders with a granted claim", "with a claim"),
    "lateShipmentRate": ("Shipped late", "late"),
    "preFulfillmentCancellationRate": ("Canceled by the seller", "canceled"),
    "validTrackingRate": ("Valid tracking", "without"),
    "onTimeDeliveryRate": ("Delivered on time", "late"),
    "returnDissatisfactionRate.lateResponse": ("Returns answered late", "late"),
}

#: More is better; what counts against the seller is the rest.
_GOOD = ("validTrackingRate", "onTimeDeliveryRate")

_RESPONSE = {
    "responseUnder24Hours": "Answered within 24 h",
    "responseTimeGreaterThan24Hours": "Answered later",
    "noResponseForContactsOlderThan24Hours": "No response",
    "averageResponseTimeInHours": "Average response",
}
_AVERAGE = "averageResponseTimeInHours"

#: Orders that are named; a large seller has thousands.
_MOST_NAMED = 60

_Row = dict[str, Any]


def table_order_performance(
    figures: Sequence[_Row], orders: pd.DataFrame, view: View, *, limit: int = 12
) -> Html:
    """Show Amazon's order figures beside their targets, those that miss them first.

    Parameters
    ----------
    figures : sequence of dict
        Of the summary, `order_performance`.
    orders : pd.DataFrame
        What they are made of: `metric`, `marketplace`, `order_id`, `at`, `counts`.
    view : View
    limit : int
        How many figures are shown; their orders are named in the table below.
    """
    # a figure of nothing says nothing, and one without a limit has nothing to pass
    some = [row for row in figures if row["denominator"] or row["unknown"]]
    missed = [row for row in some if row["is_met"] is False]
    ranked = sorted(some, key=lambda row: (row["is_met"] is not False, -_bad(row), _name(row)))
    shown = ranked[:limit]
    named = _named(shown, orders, view)
    return render(
        "order_performance",
        rows=[_performance(row) for row in shown],
        named=named[:_MOST_NAMED],
        against=len(named),
        total=len(some),
        missed=len(missed),
        sure=sum(_surely_missed(row) for row in missed),
        few=FEW,
    )


def _name(row: _Row) -> str:
    return f"{METRICS[row['metric']][0]}{row['marketplace']}{row['period_days']:4}"


def _bad(row: _Row) -> int:
    """Return how many orders count against the seller."""
    hits: int = row["numerator"]
    return int(row["denominator"] - hits) if row["metric"] in _GOOD else hits


def _surely_missed(row: _Row) -> bool:
    """Tell whether the whole interval misses the target."""
    good = row["metric"] in _GOOD
    return bool(row["high"] < row["target"] if good else row["low"] > row["target"])


def _performance(row: _Row) -> _Row:
    name, bad = METRICS[row["metric"]]
    n = row["denominator"]
    few = 0 < n < FEW
    return {
        "name": name,
        "store": row["marketplace"] if known(row["marketplace"]) else "unknown",
        "days": row["period_days"],
        "value": f"{row['numerator']} of {n}" if few else format_share(row["value"]),
        "interval": f"{format_percent(row['low'])} to {format_percent(row['high'])}"
        if n else DASH,
        "target": _target(row),
        "is_met": row["is_met"] if known(row["is_met"]) else None,
        "orders": f"{format_count(_bad(row))} {bad} of {format_count(n)}",
        "unknown": f"{format_count(row['unknown'])}: {format_percent(row['least'])} to "
        f"{format_percent(row['most'])}" if row["unknown"] else DASH,
    }  # fmt: skip


def _target(row: _Row) -> str:
    if not known(row["target"]):
        return "none"
    word = "at least" if row["metric"] in _GOOD else "below"
    return f"{word} {format_share(row['target'], 1 if row['target'] * 100 % 1 else 0)}"


def _named(shown: Sequence[_Row], orders: pd.DataFrame, view: View) -> list[list[str]]:
    """Return the orders that count against the seller in the figures shown, the newest first."""
    parts = []
    for row in shown:
        store = orders["marketplace"]
        own = store.isna() if not known(row["marketplace"]) else store == row["marketplace"]
        inside = (orders["at"] >= row["since"]) & (orders["at"] < row["until"])
        against = orders["counts"].fillna(False).astype(bool)
        parts.append(orders[(orders["metric"] == row["metric"]) & own & inside & against])
    if not parts:
        return []
    found = pd.concat(parts).drop_duplicates(["metric", "account", "order_id", "at"])
    found = found.sort_values(["metric", "at"], ascending=[True, False], kind="stable")
    return [
        [METRICS[row.metric][0], row.marketplace if known(row.marketplace) else "unknown",
         str(row.order_id), format_day(row.at.tz_convert(view.zone), year=True)]
        for row in found.itertuples()
    ]  # fmt: skip


def table_beside(rows: Sequence[_Row], view: View, *, limit: int = 12) -> Html:
    """Show Amazon's own figures beside ours over the same store and period, those apart first.

    Parameters
    ----------
    rows : sequence of dict
        Of the summary, `beside_amazon`.
    view : View
    limit : int
        How many are shown.
    """
    both = [row for row in rows if known(row["difference"])]
    apart = [row for row in both if not _alike(row)]
    ranked = sorted(both, key=lambda row: (_alike(row), -_days(row), -_weight(row)))
    return render(
        "beside",
        rows=[_beside(row, view) for row in ranked[:limit]],
        total=len(both),
        apart=len(apart),
        explained=sum(known(row["explained_by"]) for row in apart),
        on_file=len(rows),
    )


def _alike(row: _Row) -> bool:
    return bool(abs(row["difference"]) <= (0.05 if row["metric"] == _AVERAGE else 0.0005))


def _days(row: _Row) -> int:
    return int((row["period_end"] - row["period_start"]) / pd.Timedelta(days=1) + 0.5)


def _weight(row: _Row) -> float:
    """Return about how many contacts or orders the difference is worth."""
    scale = 24.0 if row["metric"] == _AVERAGE else 1.0
    return float(abs(row["difference"]) / scale * (row["denominator"] or 0))


def _beside(row: _Row, view: View) -> _Row:
    hours = row["metric"] == _AVERAGE
    show = format_hours if hours else format_share
    apart = row["difference"] if hours else row["difference"] * 100
    return {
        "name": _RESPONSE.get(row["metric"]) or METRICS.get(row["metric"], (row["metric"],))[0],
        "store": row["marketplace"],
        "period": f"{_days(row)} days to "
        f"{format_day((row['period_end'] - pd.Timedelta(1, unit='us')).tz_convert(view.zone))}",
        "amazon": show(row["amazon"]),
        "of_amazon": _of(row["amazon_numerator"], row["amazon_denominator"]),
        "ours": show(row["ours"]),
        "of_ours": _of(row["numerator"], row["denominator"]),
        "difference": format_points(apart) if not _alike(row) else "0",
        "unit": "h" if hours else "points",
        "why": row["explained_by"] if known(row["explained_by"]) else "",
        "alike": _alike(row),
    }


def _of(part: Any, whole: Any) -> str:
    if not known(whole):
        return ""
    return f"{format_count(part)} of {format_count(whole)}" if known(part) else f"of {whole:,.0f}"
