"""Findings become figures: pure functions from frames to frames, dictionaries and text."""

from sellerkit.measure.arrivals import arrivals
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
from sellerkit.measure.money import claim_currency, claims_money, exposure_money, exposure_runoff
from sellerkit.measure.shares import (
    answers_to_target,
    by_group,
    by_period,
    contact_figures,
    in_window,
    leaves_window,
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

__all__ = [
    "PARTS",
    "Tallies",
    "answers_to_target",
    "arrivals",
    "by_group",
    "by_period",
    "change_by_cell",
    "claim_currency",
    "claims_money",
    "completeness",
    "contact_figures",
    "coverage",
    "days_without_mail",
    "exposure_money",
    "exposure_runoff",
    "in_window",
    "leaves_window",
    "median_hours",
    "median_interval",
    "orders_not_on_file",
    "points",
    "response_histogram",
    "split_change",
    "status_counts",
    "summarize",
    "survival_curve",
    "tally_cells",
    "to_json",
    "weekly",
    "wilson",
]
