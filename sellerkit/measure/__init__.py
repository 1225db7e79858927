"""Findings become figures: pure functions from frames to frames, dictionaries and text."""

from sellerkit.measure.ahead import leaves_windows, shares_ahead
from sellerkit.measure.arrivals import arrivals
from sellerkit.measure.assumptions import assumptions
from sellerkit.measure.beside import RESPONSE, as_seen, beside_amazon, newest_reported
from sellerkit.measure.change import (
    PARTS,
    Tallies,
    change_by_cell,
    points,
    split_change,
    tally_cells,
)
from sellerkit.measure.completeness import completeness, days_without_mail, orders_not_on_file
from sellerkit.measure.coverage import coverage
from sellerkit.measure.intervals import FEW, control_chart, mean_interval, quantile_interval
from sellerkit.measure.money import claim_currency, claims_money, exposure_money, exposure_runoff
from sellerkit.measure.moved import moved
from sellerkit.measure.order_performance import order_performance, performance_orders
from sellerkit.measure.replay import added_hours, cover, late_share, replay
from sellerkit.measure.roster import roster
from sellerkit.measure.shares import (
    answers_to_target,
    by_group,
    by_period,
    contact_figures,
    in_window,
    status_counts,
    weekly,
    wilson,
)
from sellerkit.measure.summary import summarize, to_json
from sellerkit.measure.survival import (
    median_hours,
    median_interval,
    response_histogram,
    survival_curve,
)
from sellerkit.measure.waiting import log_rank, medians_by, survival_by

__all__ = [
    "FEW",
    "PARTS",
    "RESPONSE",
    "Tallies",
    "added_hours",
    "answers_to_target",
    "arrivals",
    "as_seen",
    "assumptions",
    "beside_amazon",
    "by_group",
    "by_period",
    "change_by_cell",
    "claim_currency",
    "claims_money",
    "completeness",
    "contact_figures",
    "control_chart",
    "cover",
    "coverage",
    "days_without_mail",
    "exposure_money",
    "exposure_runoff",
    "in_window",
    "late_share",
    "leaves_windows",
    "log_rank",
    "mean_interval",
    "median_hours",
    "median_interval",
    "medians_by",
    "moved",
    "newest_reported",
    "order_performance",
    "orders_not_on_file",
    "performance_orders",
    "points",
    "quantile_interval",
    "replay",
    "response_histogram",
    "roster",
    "shares_ahead",
    "split_change",
    "status_counts",
    "summarize",
    "survival_by",
    "survival_curve",
    "tally_cells",
    "to_json",
    "weekly",
    "wilson",
]
