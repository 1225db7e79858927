"""What is missing of the mail, and what that leaves open of every rate."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from sellerkit.show.display import NOTHING, Html, render
from sellerkit.show.view import View
from sellerkit.show.words import (
    KINDS_MANY,
    PROBLEMS,
    format_count,
    format_day,
    format_list,
    format_plural,
)

_SHARES = {
    "on_time_share": "Answered on time",
    "late_share": "Late or missed",
    "no_response_share": "Never answered",
}
#: The first and last mail and order are never of one instant: less than this says nothing.
_FAR = pd.Timedelta(days=3)
_DUTIES = {"coverage": "written in time", "written_share": "written at all"}


def note_completeness(
    completeness: dict[str, Any], figures: dict[str, Any], view: View, *, target: float | None
) -> Html:
    """Show when mail of the window is missing, and what that could change.

    Parameters
    ----------
    completeness : dict
        Of the summary.
    figures : dict
        The window's contact figures.
    view : View
    target : float or None
    """
    holes = _in_window(completeness["holes"], view)
    silent = set(completeness["days_without_mail"])
    days = pd.date_range(view.since.floor("D"), view.until, freq="D", inclusive="left")
    bound = completeness["bounds"]["contacts"]["window"]["on_time_share"]
    hidden = silent | {d.date() for hole in holes for d in _days(hole)}
    below = target is not None and bound["unknown"] and bound["lowest"] < target
    return render(
        "completeness",
        days=[{"day": day.date(), "silent": day.date() in hidden} for day in days],
        holes=[_told(hole) for hole in holes],
        silent=_named_days(sorted(silent)),
        count=len(silent),
        bound=bound,
        below=below and target <= bound["highest"],
        on_file=figures["on_time_share"],
        without_order=completeness["contacts_without_order"],
        not_on_file=completeness["orders_not_on_file"],
        first=format_day(days[0]),
        last=format_day(days[-1]),
    )


def _in_window(holes: list[dict[str, Any]], view: View) -> list[dict[str, Any]]:
    return [hole for hole in holes if hole["since"] < view.until and hole["until"] > view.since]


def _days(hole: dict[str, Any]) -> pd.DatetimeIndex:
    return pd.date_range(hole["since"], hole["until"], freq="D", inclusive="left")


def _named_days(days: list[Any]) -> str:
    named = [format_day(day) for day in days[:6]]
    return format_list(named if len(days) <= 6 else [*named[:5], f"{len(days) - 5} other days"])


def _span(since: Any, until: Any) -> str:
    """Return a span of days by its first and last one."""
    first, last = since, until - dt.timedelta(days=1)
    if first == last:
        return format_day(first)
    return f"{format_day(first)} to {format_day(last)}"


def _told(hole: dict[str, Any]) -> dict[str, str]:
    """Return a hole as what it is, how much is missing, and how that is known."""
    when, most = _span(hole["since"], hole["until"]), hole["inquiries_missing_high"]
    missing = f"about {format_plural(hole['inquiries_missing'], 'inquiry', 'inquiries')}"
    missing += f", at most {format_count(most)}"
    if hole["kind"] == "mails":
        count = hole["answered_missing"]
        names = "A reply names it" if count == 1 else "Replies name them"
        return {"what": f"{format_plural(count, 'mail')}, {when}", "missing": f"{count} for sure",
                "why": f"{names} by Message-ID."}  # fmt: skip
    expected = round(hole["expected"]) if pd.notna(hole["expected"]) else None
    pace = f", where {format_count(expected)} would be usual" if expected is not None else ""
    if hole["kind"] == "silence":
        return {"what": f"All mail of {when}", "missing": missing,
                "why": f"No message at all{pace}."}  # fmt: skip
    lost, named = hole["answered_missing"], hole["answered"]
    why = f"{format_plural(hole['messages'], 'message')} on file{pace}"
    if lost:
        why += f"; of {format_plural(named, 'mail')} that replies answer {format_count(lost)} "
        why += "is not there" if lost == 1 else "are not there"
    return {"what": f"Some mail of the week {when}", "missing": missing, "why": f"{why}."}


def table_completeness(completeness: dict[str, Any], view: View) -> Html:
    """List what points to missing mail, and between what each rate lies for it.

    Parameters
    ----------
    completeness : dict
        Of the summary.
    view : View
    """
    told = [_told(hole) for hole in _in_window(completeness["holes"], view)]
    rates = _rates(completeness["bounds"])
    note = {"count": len(told)} if told else {}
    return render(
        "missing", note=note, holes=told, findings=_findings(completeness, view), rates=rates
    )  # fmt: skip


def _rates(bounds: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rates that a hole leaves open."""
    named = [(_SHARES[name], bound) for name, bound in bounds["contacts"]["window"].items()]
    for kind, row in bounds["obligations"].items():
        if kind == "inquiry":  # these are the contacts, named above
            continue
        what = KINDS_MANY.get(kind) or f"Order problems, {PROBLEMS[kind]}"
        named += [(f"{what}: {_DUTIES[name]}", bound) for name, bound in row.items()]
    return [{"name": name, **bound} for name, bound in named if bound["unknown"]]


def _findings(completeness: dict[str, Any], view: View) -> list[tuple[str, str]]:
    """Return each finding with what it means, of those that there are."""
    counts = [
        (len(completeness["days_without_mail"]), "day with orders and no message",
         "days with orders and no message", _named_days(completeness["days_without_mail"])),
        (completeness["references_not_on_file"], "mail named by others is not on file",
         "mails named by others are not on file", "By In-Reply-To or References."),
        (completeness["threads_beginning_with_reply"], "thread begins with the seller’s reply",
         "threads begin with the seller’s reply",
         "What it answers is missing, or came by telephone or form."),
        (completeness["aliases_without_order"], "buyer without an order",
         "buyers without an order", "All their mails on file name none; asked before buying."),
    ]  # fmt: skip
    found = [(format_plural(n, one, many), why) for n, one, many, why in counts if n]
    found += [_gap(gap) for gap in completeness["order_gaps"]]
    found += [row for span in completeness["spans"] for row in _outside(span, view)]
    return found + _clocks(completeness["clock_skew"])


def _gap(gap: dict[str, Any]) -> tuple[str, str]:
    store = f"{gap['marketplace']}: " if gap["marketplace"] else ""
    return (
        f"{store}no order, {_span(gap['since'], gap['until'])}",
        f"About {format_count(round(gap['expected']))} would be usual: an order report is missing, "
        "or nothing was sold (chance below 1 in 1,000).",
    )


def _outside(span: dict[str, Any], view: View) -> list[tuple[str, str]]:
    """Return where the spans of orders and mail end far from each other."""
    mail = span["first_message_at"], span["last_message_at"]
    orders = span["first_order_at"], span["last_order_at"]
    if mail[0] is None or orders[0] is None:
        return []
    sides = [
        ("orders_before_mail", "order", "before the first message", "Mail on file begins", mail[0],
         mail[0] - orders[0]),
        ("orders_after_mail", "order", "after the last message", "Mail on file ends", mail[1],
         orders[1] - mail[1]),
        ("messages_before_orders", "message", "before the first order", "Orders on file begin",
         orders[0], orders[0] - mail[0]),
        ("messages_after_orders", "message", "after the last order", "Orders on file end",
         orders[1], mail[1] - orders[1]),
    ]  # fmt: skip
    return [
        (f"{format_plural(span[key], one)} {where}", f"{what} {view.moment(at, year=True)}.")
        for key, one, where, what, at, apart in sides
        if apart > _FAR
    ]


def _clocks(skew: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    if skew["ahead"]:
        rows.append(
            (f"{format_plural(skew['ahead'], 'mail')} dated later than received",
             f"Up to {skew['most_ahead_hours']:.1f} h: the sender’s clock was wrong.")
        )  # fmt: skip
    if skew["behind"]:
        rows.append(
            (f"{format_plural(skew['behind'], 'mail')} received over an hour after its date",
             f"Up to {skew['most_behind_hours']:.1f} h: held up, or a clock was wrong.")
        )  # fmt: skip
    return rows


def words_of_holes(completeness: dict[str, Any]) -> Html:
    """Say below a chart of many weeks of which of them mail is missing; nothing where of none."""
    weeks = [format_day(hole["since"]) for hole in completeness["holes"]]
    if not weeks:
        return NOTHING
    named = format_list(weeks[:6] if len(weeks) <= 6 else [*weeks[:5], "others"])
    text = f"Mail is missing from {named} on: shares of that time are of what is on file."
    return render("sentence", text=text)
