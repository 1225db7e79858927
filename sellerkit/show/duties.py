"""What had to be written: by kind, and what is still to be written."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.assumed import why_assumed
from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import (
    KINDS,
    KINDS_MANY,
    PROBLEMS,
    format_kind,
    format_limit,
    format_span,
    known,
)

_LIMIT = {
    "inquiry": "crt.window_hours",
    "return": "return.reply_hours",
    "order_problem": "problem.notice_hours",
    "claim": "claim.reply_hours",
}

#: Less time left than this is shown in red.
_HOT = pd.Timedelta(hours=4)


#: Of what nothing is missing.
_WHOLE = {name: {"unknown": 0} for name in ("coverage", "written_share")}


def table_obligations(
    coverage: pd.DataFrame, view: View, *, bounds: dict[str, Any] | None = None
) -> Html:
    """Show met, late, missed, open and waived duties by kind, with coverage.

    Parameters
    ----------
    coverage : pd.DataFrame
        One row per kind and per order problem, as measured.
    view : View
    bounds : dict, optional
        By kind and order problem, where mail is missing: as `bounds_of_duties` measures them.
    """
    counted = ["met", "late", "missed", "open", "waived", "not_applicable"]
    if not coverage[counted].any(axis=None):
        text = "Nothing had to be written in this window: no message, return, claim or problem."
        return render("sentence", text=text)
    rows = [
        {
            **row,
            "problem": PROBLEMS[row["problem"]].capitalize() if known(row["problem"]) else "",
            "name": KINDS[row["kind"]],
            "limit": _limit(row["kind"], view),
            "bound": (bounds or {}).get(
                row["problem"] if known(row["problem"]) else row["kind"], _WHOLE
            ),
        }
        for row in coverage.to_dict("records")
    ]
    foreign = int(coverage.loc[coverage["problem"].isna(), "not_applicable"].sum())
    assumed = why_assumed(view.assumed)
    worst = _worst(coverage)
    open_ends = any(row["bound"]["coverage"]["unknown"] for row in rows)
    return render(
        "obligations", rows=rows, worst=worst, foreign=foreign, assumed=assumed, open=open_ends
    )


def _limit(kind: str, view: View) -> str:
    """Return the hours allowed at `as_of`; ours where no Amazon source states them."""
    value, name = view.policy.value(_LIMIT[kind], view.as_of)
    if value is None:
        return "no limit"
    ours = any(rule.name == name and rule.source.startswith("ours") for rule in view.policy.rules)
    return f"{format_limit(value)}{', ours' if ours else ''}"


def _worst(coverage: pd.DataFrame) -> dict[str, Any] | None:
    """Return the kind with the lowest coverage, where anything was late or missed at all."""
    kinds = coverage[coverage["problem"].isna() & (coverage["coverage"] < 1)]
    if kinds.empty:
        return None
    row = kinds.loc[kinds["coverage"].idxmin()].to_dict()
    return {
        "name": KINDS_MANY[row["kind"]].lower().replace("a-to-z", "A-to-z"),
        "bad": int(row["late"] + row["missed"]),
        "closed": int(row["met"] + row["late"] + row["missed"]),
    }


def table_due(obligations: pd.DataFrame, view: View, *, limit: int = 12) -> Html:
    """List the duties that are still open, the most urgent first.

    Parameters
    ----------
    obligations : pd.DataFrame
        All of them up to `as_of`.
    view : View
    limit : int
        How many rows are shown.
    """
    waiting = obligations[obligations["status"] == "open"].sort_values(
        ["due_at", "obligation_id"], ignore_index=True
    )
    missed = int((obligations["status"] == "missed").sum())
    shown = waiting.head(limit)
    rows = [
        _due_row(row, buyer, view) | {"why": why}
        for row, buyer, why in zip(
            shown.to_dict("records"),
            view.buyers(shown),
            view.derivations("obligations", shown),
            strict=True,
        )
    ]
    today = int((waiting["due_at"] < view.end_of_day).sum())
    return render(
        "due",
        note={"count": len(waiting)} if len(waiting) else {},
        rows=rows,
        total=len(waiting),
        file=view.rest_in("obligations"),
        today=today,
        missed=missed,
        zone=view.zone,
    )


def _due_row(row: dict[str, Any], buyer: str, view: View) -> dict[str, Any]:
    left, allowed = row["due_at"] - view.as_of, row["due_at"] - row["trigger_at"]
    used = 1 - left / allowed if allowed > pd.Timedelta(0) else 1.0
    return {
        "left": format_span(left),
        "used": round(min(1.0, max(0.0, used)) * 100, 1),
        "hot": left < _HOT,
        "what": format_kind(row["kind"], row["problem"]),
        "buyer": buyer,
        "order_id": row["order_id"] if known(row["order_id"]) else "",
        "store": row["marketplace"] if known(row["marketplace"]) else "",
        "came": view.moment(row["trigger_at"], weekday=True),
        "due": view.moment(row["due_at"], weekday=True),
        "texts": excerpts(row, view),
    }


def excerpts(row: dict[str, Any], view: View) -> list[str]:
    """Return the beginning of the buyer's message that a duty stands on, where texts are shown.

    Plain text: the template escapes it.
    """
    if not view.texts or row["kind"] not in ("inquiry", "return"):
        return []
    keys = {"thread_id": row["thread_id"], "order_id": row["order_id"]}
    sent = view.rows_of("messages", row["account"], **keys)
    first = sent[(sent["sender"] == "buyer") & (sent["sent_at"] == row["trigger_at"])]
    return [told for body in first["body"].head(1) if (told := view.excerpt(body))]
