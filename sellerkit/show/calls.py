"""Calls by two views side by side, and the calls that were not made."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.display import NOTHING, Html, render
from sellerkit.show.view import View
from sellerkit.show.words import format_list, known

_REASONS = {"asked": "the buyer asked for a call", "complex": "a long exchange"}


def table_call_views(
    call_views: pd.DataFrame, calls_missing: pd.DataFrame, view: View, *, limit: int = 8
) -> Html:
    """Show each call by Amazon's rule and by what fits the case, and where a call was wanting.

    Parameters
    ----------
    call_views : pd.DataFrame
        `tables.CALL_VIEWS` of the window.
    calls_missing : pd.DataFrame
        `tables.CALLS_MISSING` of the window.
    view : View
    limit : int
        How many rows of each are shown; of calls those first in which the views disagree.
    """
    if call_views.empty and calls_missing.empty:
        return NOTHING
    ranked = call_views.sort_values(["disagree", "started_at"], ascending=[False, True])
    waiting = calls_missing.sort_values(["fit_at", "message_id"])
    return render(
        "call_views",
        rows=[_call(row, view) for row in ranked.head(limit).to_dict("records")],
        total=len(call_views),
        calls_file=view.rest_in("calls_review"),
        contacts_file=view.rest_in("contacts"),
        disagree=int(call_views["disagree"].sum()),
        missing=[_wanting(row, view) for row in waiting.head(limit).to_dict("records")],
        wanting=len(calls_missing),
    )


def _call(row: dict[str, Any], view: View) -> dict[str, Any]:
    return {
        "at": view.moment(row["started_at"], weekday=True),
        "order_id": row["order_id"] if known(row["order_id"]) else "",
        "permitted": row["amazon_view"] == "permitted",
        "fit": row["seed_view"] == "fit",
        "seed": row["seed_why"],
    }


def _wanting(row: dict[str, Any], view: View) -> dict[str, Any]:
    written = known(row["written_at"])
    return {
        "at": view.moment(row["fit_at"], weekday=True),
        "order_id": row["order_id"] if known(row["order_id"]) else "",
        "why": format_list([_REASONS[reason] for reason in row["reasons"]]).capitalize(),
        "permitted": row["amazon_view"] == "permitted",
        "written": view.moment(row["written_at"], weekday=True) if written else "",
    }
