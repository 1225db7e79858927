"""Waits by topic and store, and whether they changed by more than chance."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.display import NOTHING, Html, render
from sellerkit.show.words import DASH, format_count, format_hours, format_list, known

TOPICS = {
    "return": "returns",
    "order_problem": "order problems",
    "refund": "refunds",
    "claim": "claims",
    "inquiry": "other questions",
    "other": "asks nothing",
}


def table_waits(by_topic: pd.DataFrame, by_store: pd.DataFrame, compared: dict[str, Any]) -> Html:
    """Show the median wait by topic and by store, and the comparison with the window before.

    Parameters
    ----------
    by_topic, by_store : pd.DataFrame
        `topic` or `marketplace`, `contacts`, `km_median_hours`, `low`, `high`, `few`.
    compared : dict
        Of the summary, `waits_compared`.

    Returns
    -------
    Html of nothing where nobody wrote: `words_of_waiting` says so.
    """
    groups: dict[str, list[dict[str, Any]]] = {
        "Topic": [_row(row, "topic") for row in by_topic.to_dict("records") if row["contacts"]],
        "Store": [
            _row(row, "marketplace") for row in by_store.to_dict("records") if row["contacts"]
        ],
    }
    every = [row for rows in groups.values() for row in rows]
    if not every:
        return NOTHING
    longest = max(row["high"] or row["median"] or 0 for row in every)
    for row in every:
        row["bar"] = _bar(row, longest)
    return render("waits", groups=groups, compared=words_compared(compared))


def _row(row: dict[str, Any], column: str) -> dict[str, Any]:
    value = row[column]
    name = TOPICS.get(str(value), str(value)) if known(value) else "unknown"
    median, low, high = (
        float(row[key]) if known(row[key]) else None for key in ("km_median_hours", "low", "high")
    )
    return {
        "name": name if column == "marketplace" else name.capitalize(),
        "contacts": int(row["contacts"]),
        "median": median,
        "low": low,
        "high": high,
        "said": format_hours(median) if median is not None else "over half still wait",
        "interval": _interval(low, high),
        "few": bool(row["few"]),
    }


def _interval(low: float | None, high: float | None) -> str:
    if low is None:
        return DASH
    return f"{low:,.1f} to {high:,.1f}" if high is not None else f"over {low:,.1f}"


def _bar(row: dict[str, Any], longest: float) -> dict[str, float] | None:
    """Return the places of a median and its interval on the common scale, in per cent."""
    if row["median"] is None or not longest:
        return None
    low = row["median"] if row["low"] is None else row["low"]
    high = longest if row["low"] is not None and row["high"] is None else row["high"]
    return {
        "at": round(row["median"] / longest * 90 + 5, 2),
        "low": round(low / longest * 90 + 5, 2),
        "wide": round(((row["median"] if high is None else high) - low) / longest * 90, 2),
    }


def words_compared(compared: dict[str, Any]) -> str:
    """Say whether the waits differ from those of the window before by more than chance."""
    chance = compared["p_value"]
    if chance is None:
        return "There is no window before this one to compare its waits with."
    seen, expected = compared["answers_seen"], compared["answers_expected"]
    counts = (
        f"{format_count(compared['contacts_before'])} inquiries before, "
        f"{format_count(compared['contacts_after'])} now"
    )
    if chance >= 0.05:
        return (
            "Against the window just before, answers came neither faster nor slower by more than "
            f"chance (log-rank p = {chance:.2f}; {counts})."
        )
    word = "faster" if seen > expected else "slower"
    shown = "below 0.001" if chance < 0.001 else f"= {chance:.3f}"
    facts = format_list(
        [f"{format_count(seen)} answers came where {expected:,.0f} would have", counts]
    )
    return (
        f"Against the window just before, answers come {word} by more than chance (log-rank p "
        f"{shown}: {facts})."
    )
