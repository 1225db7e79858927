"""Check-ins: how delivered orders stand, and which buyers are still to be asked how it went."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import format_span
from sellerkit.tables import CHECK_INS

_STATES = {
    "sent": "Sent",
    "due": "Due: none sent yet",
    "skipped": "Window over, none sent",
    "too_early": "Too early",
    "blocked": "Not to be asked",
}


def table_check_ins(check_ins: pd.DataFrame, view: View, *, limit: int = 12) -> Html:
    """Show delivered orders by state, and those of which a check-in is due, the most urgent first.

    Parameters
    ----------
    check_ins : pd.DataFrame
        One row per delivered order.
    view : View
    limit : int
        How many of the due ones are listed.
    """
    counts = check_ins["state"].value_counts()
    states = [
        {"name": _STATES[state], "count": int(counts[state])}
        for state in CHECK_INS["state"].choices
        if state in counts
    ]
    due = check_ins[check_ins["state"] == "due"].sort_values(["to_at", "account", "order_id"])
    rows = [_due(row, view) for row in due.head(limit).to_dict("records")]
    return render(
        "check_ins",
        note={"count": len(due)} if len(due) else {},
        states=states,
        rows=rows,
        due=len(due),
        total=len(check_ins),
        file=view.rest_in("check_ins"),
        zone=view.zone,
    )


def _due(row: dict[str, Any], view: View) -> dict[str, Any]:
    left, allowed = row["to_at"] - view.as_of, row["to_at"] - row["from_at"]
    used = 1 - left / allowed if allowed > pd.Timedelta(0) else 1.0
    return {
        "left": format_span(left),
        "used": round(min(1.0, max(0.0, used)) * 100, 1),
        "order_id": row["order_id"],
        "from": view.moment(row["from_at"], weekday=True),
        "to": view.moment(row["to_at"], weekday=True),
    }
