"""Rule changed or you changed: two windows side by side, in a sentence and a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.policy import RuleChange
from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import (
    DASH,
    format_day,
    format_limit,
    format_list,
    format_part,
    format_points,
    format_share,
    known,
)

#: The rows of the table; what is another's mirror is left out. True: belongs to the row above.
_ROWS: list[tuple[str, str | None, str, bool]] = [
    ("on_time_share", None, "Inquiries answered in time", False),
    ("no_response_share", None, "Not answered at all", True),
    ("coverage", "return", "Return requests answered in time", False),
    ("written_share", "return", "Answered at all", True),
    ("coverage", "order_problem", "Buyers told of order problems in time", False),
    ("written_share", "order_problem", "Told at all", True),
    ("coverage", "claim", "A-to-z claims answered in time", False),
    ("written_share", "claim", "Answered at all", True),
]

_TOPICS = {
    "return": "messages about returns",
    "order_problem": "messages about order problems",
    "refund": "messages about refunds",
    "claim": "messages about claims",
    "inquiry": "other questions",
    "other": "messages that ask nothing",
}


def table_change(comparison: Any, view: View) -> Html:
    """Show how the headline shares changed, and what of it rules, mix and behaviour did.

    Parameters
    ----------
    comparison : Any
        With `before` and `now` (each `since`, `until`, `as_of`), `rules` (RuleChange), `figures`,
        `points` and `cells`, as `sellerkit.report.compare` makes it.
    view : View
    """
    figures, points = comparison.figures, comparison.points
    rows = [row for row in _rows(figures, points) if row["counted"]]
    if not (figures["n_before"].any() and figures["n_now"].any()):
        return render("sentence", text=_nothing(comparison, view))
    return render(
        "change",
        lede=_lede(figures.iloc[0], points.iloc[0], comparison.cells),
        rows=rows,
        dashes=any(row["change"] == DASH for row in rows),
        rules=[_rule(change) for change in comparison.rules],
        before=_days(comparison.before, view),
        now=_days(comparison.now, view),
        seen=view.moment(comparison.before.as_of, year=True),
        open=[int(figures.iloc[0][name]) for name in ("open_before", "open_now")],
    )


def _nothing(comparison: Any, view: View) -> str:
    is_before = not comparison.figures["n_before"].any()
    look = comparison.before if is_before else comparison.now
    which = "the earlier window" if is_before else "this window"
    return (
        f"There is nothing to compare: in {which}, {_days(look, view)}, nothing that was owed has "
        "been written or has run out of time."
    )


def _days(look: Any, view: View) -> str:
    first, last = (at.tz_convert(view.zone) for at in (look.since, look.until))
    return f"{format_day(first, year=first.year != last.year)} to {format_day(last, year=True)}"


def _rows(figures: pd.DataFrame, points: pd.DataFrame) -> list[dict[str, Any]]:
    by_name = {
        (row["figure"], row["kind"] if known(row["kind"]) else None): {**row, **parts}
        for row, parts in zip(
            figures.to_dict("records"), points.add_prefix("in_").to_dict("records"), strict=True
        )
    }
    return [
        {"name": name, "child": child, **_row(by_name[figure, kind])}
        for figure, kind, name, child in _ROWS
    ]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    interval = [format_points(row[end] * 100) for end in ("low", "high") if known(row[end])]
    parts = ("rules", "mix", "behaviour")
    return {
        "counted": row["n_before"] + row["n_now"],
        "before": _of(row["before"], row["n_before"]),
        "now": _of(row["now"], row["n_now"]),
        # a change can be known where its parts are not
        "change": format_points(row["in_change"] if known(row["in_change"]) else _hundred(row)),
        "interval": " to ".join(interval) or DASH,
        **{part: format_points(row[f"in_due_to_{part}"]) for part in parts},
    }


def _hundred(row: dict[str, Any]) -> float | None:
    return row["change"] * 100 if known(row["change"]) else None


def _of(share: float, count: int) -> str:
    return format_part(round(share * count), count) if known(share) else DASH


def _lede(row: pd.Series, points: pd.Series, cells: pd.DataFrame) -> str:
    """Say of the inquiries answered in time what was lost or gained, and by what."""
    if not known(row["change"]):
        return "Of inquiries there are none to compare; the table has what there is."
    shares = (
        f"{format_share(row['before'])} of inquiries were answered in time in the earlier window, "
        f"{format_share(row['now'])} in this one."
    )
    if not known(points["change"]):
        return shares
    change = points["change"]
    sign = -1 if change < 0 else 1
    rules, mix, behaviour = (
        _signed(points[f"due_to_{name}"] * sign) for name in ("rules", "mix", "behaviour")
    )
    words = f"{rules} by the rules, {mix} by {_mix(points['due_to_mix'], cells)}, {behaviour} by "
    words += _behaviour(points["due_to_behaviour"])
    chance = " A change of this size can be chance." if row["low"] <= 0 <= row["high"] else ""
    if not change:
        return f"{shares} Nothing was lost or gained: {words}.{chance}"
    moved = "lost" if change < 0 else "gained"
    return f"{shares} Of the {abs(change):.1f} points {moved}, {words}.{chance}"


def _signed(points: float) -> str:
    return f"{points:.1f}".replace("-", "−") if points else "0"


def _behaviour(points: float) -> str:
    if not points:
        return "how fast the same questions were answered"
    return "slower answers" if points < 0 else "faster answers"


def _mix(points: float, cells: pd.DataFrame) -> str:
    """Name the topic and store whose weight moved the share most in the direction of the mix."""
    name = "the mix of topics and stores"
    own = cells[cells["figure"] == "on_time_share"].reset_index(drop=True)
    if not points or own.empty:
        return name
    effect = own["due_to_mix"] * (1 if points > 0 else -1)
    gained = own["n_now"] / own["n_now"].sum() - own["n_before"] / own["n_before"].sum()
    # of two that do about as much, what there is more of says more than what there is less of
    at = gained[effect >= effect.max() / 2].idxmax()
    most, more = own.loc[at], "more" if gained[at] > 0 else "fewer"
    topic = _TOPICS.get(str(most["topic"]), "messages of no known topic")
    store = f" from {most['marketplace']}" if known(most["marketplace"]) else ""
    return f"{name} (first of all {more} {topic}{store})"


def _rule(change: RuleChange) -> dict[str, str]:
    stores = format_list(change.rule.marketplaces)
    return {
        "name": change.rule.name,
        "before": _value(change.before, change.rule.unit),
        "now": _value(change.now, change.rule.unit),
        "day": format_day(change.at, year=True),
        "stores": f" in {stores}" if stores else "",
    }


def _value(value: Any, unit: str) -> str:
    if value is None:
        return "no such rule"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return format_limit(value, unit) if is_number else f"{value}".lower()
