"""What must be written: how urgent it is, and a text for each, ready to be read and completed."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
from babel import Locale

from sellerkit.show.display import Html, render
from sellerkit.show.duties import excerpts
from sellerkit.show.masthead import seller_of, window_of
from sellerkit.show.view import View
from sellerkit.show.words import format_kind, format_plural, format_span, known

#: Less time left than this is shown in red.
_HOT = pd.Timedelta(hours=4)

#: A gap as drafts have it. It is our own mark: a buyer's words stand in no draft.
_GAP = re.compile(r"(\[fill in: [^\]]*\])")

#: By what a draft's language was chosen, as the line over it says.
_TOLD = {
    "the buyer's last message": "as the buyer last wrote",
    "the store": "as in the store",
    "no text in the buyer's language": "for want of a text in the buyer’s language",
    "nothing": "for nothing tells the buyer’s",
}


def headline_due(due: Any, view: View) -> Html:
    """Say how many mails are past their time, and how many must be written within the hours.

    Parameters
    ----------
    due : Due
        As `sellerkit.due` tells it: overdue, coming, later (frames), older, hours.
    view : View
    """
    over, soon = len(due.overdue), len(due.coming)
    later = format_plural(len(due.later), "mail")
    within = f"within {due.hours:g} hours"
    if over and soon:
        answer = f"{format_plural(over, 'mail')} {_are(over)} overdue, and {soon:,} more must be "
        answer += f"written {within}."
    elif over:
        answer = (
            f"{format_plural(over, 'mail')} {_are(over)} overdue; nothing else is due {within}."
        )
    elif soon:
        answer = f"{format_plural(soon, 'mail')} must be written {within}."
    else:
        answer = (
            f"Nothing is due {within}; {later} later." if len(due.later) else "Nothing is owed."
        )
    first = due.coming["left"].min() if soon else None
    return render(
        "masthead",
        question=f"What must {seller_of(view)} write now?",
        answer=answer,
        action=f"The next is due in {format_span(first)}." if known(first) else "",
        target="#due-next",
        view=view,
        window=window_of(view),
    )


def cards_due(due: Any, drafts: Sequence[Any], warnings: Sequence[Sequence[str]]) -> Html:
    """Show how many are overdue, due and open later, and how many texts are whole.

    Parameters
    ----------
    due : Due
    drafts : sequence of Draft
        Those of all that is overdue or due within the hours.
    warnings : sequence of sequence of str
        What speaks against each.
    """
    whole = sum(not one.gaps and not bad for one, bad in zip(drafts, warnings, strict=True))
    later = due.later["left"].min() if len(due.later) else None
    return render(
        "cards_due",
        over=len(due.overdue),
        oldest=format_span(-due.overdue["left"].min()) if len(due.overdue) else "",
        older=due.older,
        soon=len(due.coming),
        hours=f"{due.hours:g}",
        first=format_span(due.coming["left"].min()) if len(due.coming) else "",
        later=len(due.later),
        next_later=format_span(later) if known(later) else "",
        drafts=len(drafts),
        whole=whole,
        gaps=sum(bool(one.gaps) for one in drafts),
        warned=sum(bool(bad) for bad in warnings),
    )


def list_due(
    duties: pd.DataFrame,
    drafts: Sequence[Any],
    warnings: Sequence[Sequence[str]],
    view: View,
    *,
    limit: int = 40,
    nothing: str = "",
) -> Html:
    """List duties, the most urgent first; each opens to its draft and to why it is owed.

    Parameters
    ----------
    duties : pd.DataFrame
        Columns of `tables.OBLIGATIONS` and `left`, by urgency.
    drafts : sequence of Draft
        The draft of some of the duties; of one without there is none shown.
    warnings : sequence of sequence of str
        What speaks against sending each draft as it is.
    view : View
    limit : int
        How many rows are shown.
    nothing : str
        What is said where there is none.
    """
    texts = {
        one.duty["obligation_id"]: _draft(one, bad)
        for one, bad in zip(drafts, warnings, strict=True)
    }
    shown = duties.head(limit)
    pairs = zip(shown.to_dict("records"), view.derivations("obligations", shown), strict=True)
    return render(
        "owed",
        note={"count": len(duties)} if len(duties) else {},
        rows=[
            _row(row, view) | {"why": why, "draft": texts.get(row["obligation_id"])}
            for row, why in pairs
        ],
        total=len(duties),
        several=len(view.accounts) > 1,
        nothing=nothing,
    )


def table_later(duties: pd.DataFrame, view: View, *, limit: int = 20) -> Html:
    """List what is open and due after the hours, without drafts: there is time to read first.

    Parameters
    ----------
    duties : pd.DataFrame
        Columns of `tables.OBLIGATIONS` and `left`, by urgency.
    view : View
    limit : int
        How many rows are shown.
    """
    return render(
        "later",
        note={"count": len(duties)} if len(duties) else {},
        rows=[_row(row, view) for row in duties.head(limit).to_dict("records")],
        total=len(duties),
        several=len(view.accounts) > 1,
    )


def _row(row: dict[str, Any], view: View) -> dict[str, Any]:
    left, allowed = row["left"], row["due_at"] - row["trigger_at"]
    over = row["status"] == "missed"
    used = 1 - left / allowed if allowed > pd.Timedelta(0) else 1.0
    # of what is over the bar is the whole time since it came in, the allowed part of it first
    allowed_part = allowed / (allowed - left) if over and allowed - left > pd.Timedelta(0) else 1.0
    return {
        "over": over,
        "left": format_span(abs(left)),
        "used": round(min(1.0, max(0.0, used)) * 100, 1),
        "allowed": round(allowed_part * 100, 1),
        "hot": over or left < _HOT,
        "what": format_kind(row["kind"], row["problem"]),
        "account": row["account"],
        "order_id": row["order_id"] if known(row["order_id"]) else "",
        "store": row["marketplace"] if known(row["marketplace"]) else "",
        "came": view.moment(row["trigger_at"], weekday=True),
        "due": view.moment(row["due_at"], weekday=True),
        "rule": row["rule"],
        "texts": excerpts(row, view),
        "id": row["obligation_id"],
    }


def _draft(one: Any, warnings: Sequence[str]) -> dict[str, Any]:
    return {
        "subject": _GAP.split(one.subject),
        "text": _GAP.split(one.text.rstrip("\n")),
        "language": one.to.language,
        "language_name": _languages().get(one.to.language, one.to.language),
        "told": _TOLD[one.to.language_from],
        "template": one.template,
        "gaps": one.gaps,
        "warnings": warnings,
        "also": len(one.also_owed),
    }


@functools.cache
def _languages() -> dict[str, str]:
    return dict(Locale("en").languages)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
