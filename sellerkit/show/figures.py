"""Headline figures of an account as cells of a list: the same words wherever they stand."""

from __future__ import annotations

from typing import Any

from sellerkit.show.words import (
    DASH,
    FEW,
    NARROW,
    format_hours,
    format_percent,
    format_plural,
    format_share,
    format_sums,
)


def cells_of(figures: Any) -> dict[str, Any]:
    """Return the cells of headline figures.

    Parameters
    ----------
    figures : Figures
        As `sellerkit.report.figures` has them.
    """
    closed = figures.met + figures.late + figures.missed
    return {
        "share": _share(figures, closed),
        "interval": _interval(figures, closed),
        "inquiries": figures.inquiries,
        "median": format_hours(figures.median_hours),
        "missed": figures.missed,
        "coverage": {kind: _covered(share) for kind, share in figures.coverage.items()},
        "overdue": figures.overdue,
        "today": figures.due_today,
        "soon": figures.due_soon,
        "claims": figures.claims,
        "to_answer": figures.to_answer,
        "not_ready": figures.not_ready,
        "at_risk": format_sums(sorted(figures.at_risk.items())) if figures.at_risk else DASH,
        "side": side_of(figures),
    }


def _covered(share: float | None) -> str:
    return "none" if share is None else format_share(share)


def _share(figures: Any, closed: int) -> str:
    if figures.bound:
        return f"{format_percent(figures.bound.lowest)}–{format_share(figures.bound.highest)}"
    if closed and closed < FEW:
        return f"{figures.met} of {closed}"
    return format_share(figures.on_time_share)


def _interval(figures: Any, closed: int) -> str:
    if not closed or figures.interval is None:
        return DASH
    low, high = figures.interval
    return f"{format_percent(low)} to {format_percent(high)}{NARROW}%"


def side_of(figures: Any) -> str:
    """Tell on which side of the target an account is: above, below, unclear or unknown.

    It is unclear where mail is missing and the share could be on either side.
    """
    if figures.target is None or figures.on_time_share is None:
        return "unknown"
    low, high = figures.on_time_share, figures.on_time_share
    if figures.bound:
        low, high = figures.bound.lowest, figures.bound.highest
    if low >= figures.target:
        return "above"
    return "below" if high < figures.target else "unclear"


def sentence_of(figures: Any, as_of: str = "") -> str:
    """Say in a sentence or two how an account does."""
    cells = cells_of(figures)
    closed = figures.met + figures.late + figures.missed
    when = f", as of {as_of}" if as_of else ""
    if not figures.inquiries:
        said = f"No buyer wrote in the window{when}."
    elif not closed:
        said = f"No inquiry of the window has been answered or has run out of time yet{when}."
    elif figures.bound:
        said = f"Between {cells['share'].replace('–', ' and ')} of the inquiries were answered in "
        said += f"time{when}: mail is missing."
    elif closed < FEW:
        said = f"{cells['share']} inquiries were answered in time{when}."
    else:
        said = f"{cells['share']} of {closed:,} inquiries were answered in time{when}."
    owed = [
        f"{format_plural(figures.overdue, 'mail')} {_are(figures.overdue)} overdue"
        if figures.overdue else "",
        f"{format_plural(figures.due_today, 'reply', 'replies')} {_are(figures.due_today)} due "
        "that day" if figures.due_today else "",
    ]  # fmt: skip
    words = " and ".join(part for part in owed if part)
    return f"{said} {words[0].upper() + words[1:]}." if words else said


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
