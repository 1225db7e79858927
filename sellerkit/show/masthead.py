"""The head of a page: the question, its answer in a sentence, window, moment, stores, buyers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.display import Html, render
from sellerkit.show.times import limit_hours
from sellerkit.show.view import View
from sellerkit.show.words import (
    FEW,
    format_count,
    format_day,
    format_limit,
    format_list,
    format_plural,
    format_share,
    format_span,
)


def headline_compliance(
    summary: dict[str, Any], contacts: pd.DataFrame, obligations: pd.DataFrame, view: View
) -> Html:
    """Say whether the seller wrote what he owed.

    Parameters
    ----------
    summary : dict
        The figures of `summary.json`.
    contacts : pd.DataFrame
        The contacts of the window, for the hours allowed.
    obligations : pd.DataFrame
        All of them up to `as_of`, for what is due.
    view : View
    """
    return render(
        "masthead",
        question=f"Did {seller_of(view)} write the mails it owes its buyers?",
        answer=_answer(summary, contacts),
        action=_due(obligations, view),
        target="#due-now",
        view=view,
        window=window_of(view),
    )


def headline_atoz(claims_readiness: pd.DataFrame, view: View) -> Html:
    """Say how many claims can be defended, and how many wait for an answer."""
    return render(
        "masthead",
        question=f"How ready is {seller_of(view)} for A-to-z claims?",
        answer=_readiness(claims_readiness),
        action=_to_answer(claims_readiness),
        target="#to-answer",
        view=view,
        window=window_of(view),
    )


def seller_of(view: View) -> str:
    """Return the accounts of a page as a sentence names them."""
    return format_list(view.accounts) if len(view.accounts) in (1, 2) else "the seller"


def window_of(view: View) -> str:
    """Return the window in words: its first and last day, and how many days."""
    first, last = (instant.tz_convert(view.zone) for instant in (view.since, view.until))
    days = (view.until - view.since) / pd.Timedelta(days=1)
    begins = format_day(first, year=first.year != last.year)
    return f"{begins} to {format_day(last, year=True)}, {days:.3g} days"


def _answer(summary: dict[str, Any], contacts: pd.DataFrame) -> str:
    figures = summary["contacts"]["window"]
    closed = figures["met"] + figures["late"] + figures["missed"]
    if not figures["contacts"]:
        return "No buyer wrote in this window."
    inquiries = format_plural(figures["contacts"], "inquiry", "inquiries")
    if not closed:
        return f"{inquiries} came in; none has been answered or has run out of time yet."
    limit = limit_hours(contacts[contacts["counted"]])
    within = "in time" if limit is None else f"within {format_limit(limit)}"
    bound = summary["completeness"]["bounds"]["contacts"]["window"]["on_time_share"]
    if bound["unknown"]:
        return _bounded(bound, within, summary["target"])
    if closed < FEW:
        were = "was" if closed == 1 else "were"
        total = format_plural(closed, "inquiry", "inquiries")
        return f"{figures['met']} of {total} {were} answered {within}."
    share = format_share(figures["on_time_share"])
    answer = f"{share} of {format_count(closed)} inquiries were answered {within}"
    if summary["target"] is None:
        return f"{answer}."
    return f"{answer}; the target is {format_share(summary['target'], 0)}."


def _bounded(bound: dict[str, Any], within: str, target: float | None) -> str:
    ends = f"{format_share(bound['lowest'])} and {format_share(bound['highest'])}"
    answer = f"Between {ends} of the inquiries were answered {within}: mail is missing"
    if target is None:
        return f"{answer}."
    return f"{answer}; the target is {format_share(target, 0)}."


def _due(obligations: pd.DataFrame, view: View) -> str:
    waiting = obligations[obligations["status"] == "open"]
    today = int((waiting["due_at"] < view.end_of_day).sum())
    if today:
        return f"{format_plural(today, 'reply', 'replies')} {_are(today)} due today."
    if len(waiting):
        return f"Nothing is due today; {format_plural(len(waiting), 'reply', 'replies')} later."
    return ""


def _readiness(claims_readiness: pd.DataFrame) -> str:
    total = len(claims_readiness)
    if not total:
        return "No A-to-z claim was filed in this window."
    counts = claims_readiness["verdict"].value_counts()
    ready, lost = int(counts.get("ready", 0)), int(counts.get("indefensible", 0))
    return (
        f"{ready} of {format_plural(total, 'claim')} {_are(ready)} ready to defend and "
        f"{lost or 'none'} cannot be defended."
    )


def _to_answer(claims_readiness: pd.DataFrame) -> str:
    hours = claims_readiness["hours_left"].dropna()
    if hours.empty:
        return ""
    need = "needs" if len(hours) == 1 else "need"
    left = format_span(pd.Timedelta(hours=float(hours.min())))
    return f"{len(hours)} {need} your answer, the first within {left}."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
