"""Messages that break the rules: how many by rule, and which."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import known

_RULES = {
    "external_link": "Web address outside Amazon",
    "email_address": "Mail address",
    "phone_number": "Telephone number",
    "incentive": "Something of worth for a review",
    "review_pressure": "Pressure on reviews",
    "marketing": "Marketing",
    "asks_to_cancel": "Asks the buyer to cancel",
    "repeat_request": "Second request for a review",
    "too_late": "Unasked and too late",
    "no_order_id": "Unasked, without the order id",
    "unneeded": "Unasked and unneeded",
    "emoji": "Unasked, with emoji",
    "blank_lines": "Unasked, with blank lines",
    "attachment": "Unasked, with an attachment",
    "important_tag": "[Important] in the subject",
}


def table_violations(violations: pd.DataFrame, view: View, *, examples: int = 3) -> Html:
    """Show how many of the seller's messages break which rule, errors first, with examples.

    Parameters
    ----------
    violations : pd.DataFrame
        One row per message of the window and rule it breaks.
    view : View
        No words of the messages are shown unless it asks for texts.
    examples : int
        How many messages are named for each rule, the newest first.
    """
    groups = violations.groupby(["severity", "rule"], sort=False)
    rows = [
        _row(str(severity), str(rule), part, view, examples) for (severity, rule), part in groups
    ]
    rows.sort(key=lambda row: (row["severity"] != "error", -row["count"], row["name"]))
    errors = violations[violations["severity"] == "error"]
    note = {"count": len(violations)} if len(violations) else {}
    return render(
        "violations",
        note=note,
        rows=rows,
        errors=_messages(errors),
        messages=_messages(violations),
        texts=view.texts,
    )


def _messages(violations: pd.DataFrame) -> int:
    return len(violations[["account", "message_id"]].drop_duplicates())


def _row(severity: str, rule: str, part: pd.DataFrame, view: View, examples: int) -> dict[str, Any]:
    newest = part.sort_values(["sent_at", "message_id"], ascending=[False, True]).head(examples)
    return {
        "name": _RULES.get(rule, rule),
        "rule": rule,
        "severity": severity,
        "count": len(part),
        "examples": [
            {
                # without the domain, as “Why” shows it; the findings file has it whole
                "message_id": f"{row['message_id'].partition('@')[0][:12]}…",
                "order_id": row["order_id"] if known(row["order_id"]) else "",
                "at": view.moment(row["sent_at"]),
                "text": view.excerpt(row["excerpt"]),
            }
            for row in newest.to_dict("records")
        ],
    }
