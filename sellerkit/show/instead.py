"""What was done in the place of what was owed, and what is owed and not allowed at once."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.display import NOTHING, Html, render
from sellerkit.show.view import View
from sellerkit.show.words import format_kind, known

_REASONS = {
    "automated": "Automatic reply",
    "undelivered": "Reply not delivered",
    "opted_out": "Blocked by the buyer’s opt-out",
    "wrong_channel": "Outside Amazon’s messaging",
    "phone_only": "Telephone call",
    "internal_note": "Internal note",
    "other_thread": "Answer in another conversation",
}


def table_not_credited(not_credited: pd.DataFrame, view: View, *, limit: int = 20) -> Html:
    """Count and list what was done in time and is not credited, and what would have counted.

    Parameters
    ----------
    not_credited : pd.DataFrame
        One row per duty and reason.
    view : View
    limit : int
        How many rows are listed: the duties that were not met first, the latest first.
    """
    ranked = not_credited.sort_values(
        ["credited", "due_at", "obligation_id"], ascending=[True, False, True], kind="stable"
    )
    shown = ranked.head(limit)
    counts = not_credited["reason"].value_counts()
    reasons = [
        {"name": name, "count": int(counts[reason])}
        for reason, name in _REASONS.items()
        if reason in counts
    ]
    rows = [
        {
            "reason": _REASONS[row["reason"]],
            "at": view.moment(row["at"], weekday=True),
            **_duty(row),
            "buyer": buyer,
            "counted": view.told(row["would_have_counted"]),
        }
        for row, buyer in zip(shown.to_dict("records"), view.buyers(shown), strict=True)
    ]
    unmet = not_credited[~not_credited["credited"]]["obligation_id"].nunique()
    note = {"count": len(not_credited)} if len(not_credited) else {}
    return render(
        "not_credited", note=note, reasons=reasons, rows=rows, total=len(not_credited),
        unmet=unmet, credited=int(not_credited["credited"].sum()),
        file=view.rest_in("obligations"),
    )  # fmt: skip


def table_conflicts(conflicts: pd.DataFrame, view: View, *, limit: int = 12) -> Html:
    """List the duties that another rule forbids or hinders, and the safe way; nothing where none.

    Parameters
    ----------
    conflicts : pd.DataFrame
        One row per duty and rule.
    view : View
    limit : int
        How many rows are listed, the open ones first, then those due latest.
    """
    if conflicts.empty:
        return NOTHING
    ranked = conflicts.assign(missed=conflicts["status"] == "missed").sort_values(
        ["missed", "due_at", "obligation_id"], ascending=[True, False, True], kind="stable"
    )
    rows = [
        {
            **_duty(row),
            "rule": row["rule"],
            "why": view.told(row["why"]),
            "way": row["safe_way"],
        }
        for row in ranked.head(limit).to_dict("records")
    ]
    return render(
        "conflicts",
        rows=rows,
        total=conflicts["obligation_id"].nunique(),
        all=len(conflicts),
        file=view.rest_in("obligations"),
    )


def _duty(row: dict[str, Any]) -> dict[str, str]:
    return {
        "what": format_kind(row["kind"], row["problem"]),
        "status": row["status"],
        "order_id": row["order_id"] if known(row["order_id"]) else "",
    }
