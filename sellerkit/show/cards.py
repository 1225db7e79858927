"""The band of figures under the headline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sellerkit.show.assumed import why_assumed
from sellerkit.show.display import Html, render
from sellerkit.show.words import (
    FEW,
    KINDS_MANY,
    format_count,
    format_hours,
    format_list,
    format_part,
    format_percent,
    format_plural,
    format_share,
    format_span,
    format_sums,
    known,
)

_PERIODS = {"last_7_days": "7 days", "last_30_days": "30 days", "last_90_days": "90 days"}

_REPLIED = {
    "automated": "only an automatic reply",
    "undelivered": "a reply that bounced",
    "call_only": "only a call",
}


def cards_compliance(
    summary: dict[str, Any],
    contacts: pd.DataFrame,
    coverage: pd.DataFrame,
    assumed: pd.DataFrame | None = None,
) -> Html:
    """Show on-time share, median response, missed ones, and the coverage of the four duties.

    Parameters
    ----------
    summary : dict
        The figures of `summary.json`.
    contacts : pd.DataFrame
        The contacts of the window.
    coverage : pd.DataFrame
        One row per kind of obligation; rows of single problems are left to the table below.
    assumed : pd.DataFrame, optional
        Which figures rest on assumptions, as measured.
    """
    figures = summary["contacts"]["window"]
    if not figures["contacts"] and not coverage[["met", "late", "missed", "open"]].any(axis=None):
        return render("sentence", text="Nothing was owed in this window, so there is no figure.")
    closed = figures["met"] + figures["late"] + figures["missed"]
    kinds = coverage[coverage["problem"].isna()]
    bounds = summary["completeness"]["bounds"]
    return render(
        "cards_compliance",
        bounds=bounds["contacts"]["window"],
        figures=figures,
        closed=closed,
        few=closed < FEW,
        share=format_percent(figures["on_time_share"]),
        median_interval=_hours_between(figures["median_interval"]),
        spare=_spare(summary, closed),
        periods=_periods(summary),
        missed=_missed(contacts),
        kinds=[
            row | {"name": KINDS_MANY[row["kind"]], "bound": bounds["obligations"][row["kind"]]}
            for row in kinds.to_dict("records")
        ],
        assumed=why_assumed(assumed),
    )


def _hours_between(interval: list[float | None] | None) -> str:
    """Return the interval of hours in words; of very few answers only one end is known."""
    low, high = interval or (None, None)
    if low is not None and high is not None:
        return f"{low:,.1f} to {format_hours(high)}"
    if low is not None:
        return f"above {format_hours(low)}"
    return f"below {format_hours(high)}" if high is not None else ""


def _spare(summary: dict[str, Any], closed: int) -> str:
    figures, target = summary["contacts"]["window"], summary["target"]
    needed = figures["answers_to_target"]
    bound = summary["completeness"]["bounds"]["contacts"]["window"]["on_time_share"]
    if target is None or needed is None or closed < FEW or bound["unknown"]:
        return ""
    if needed:
        answers = format_plural(needed, "more answer")
        return f"{answers} in time, and none late, would bring the share to the target."
    share = figures["on_time_share"]
    side = "at" if share == target else "above"
    return f"That is {side} the target of {format_share(target, 0)}."


def _periods(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the shares of 7, 30 and 90 days as places on one scale."""
    bounds = summary["completeness"]["bounds"]["contacts"]
    rows = [
        (name, summary["contacts"][key] | {"bound": bounds[key]["on_time_share"]})
        for key, name in _PERIODS.items()
    ]
    known_rows = [(name, row) for name, row in rows if row["on_time_share_interval"]]
    if not known_rows:
        return {}
    target = summary["target"]
    lows = [min(row["on_time_share_interval"][0], row["bound"]["lowest"]) for _, row in known_rows]
    highs = [
        max(row["on_time_share_interval"][1], row["bound"]["highest"]) for _, row in known_rows
    ]
    low, high = _scale(min(lows + [target or 1.0]), max(highs + [target or 0.0]))

    def place(share: float) -> float:
        return round((share - low) / (high - low) * 100, 2)

    ticks = _ticks(low, high)
    return {
        "rows": [_period(name, row, place) for name, row in known_rows],
        "ticks": [{"at": place(tick), "text": format_percent(tick, 0)} for tick in ticks],
        "target": None if target is None else place(target),
        "target_text": None if target is None else format_share(target, 0),
    }


def _period(name: str, row: dict[str, Any], place: Any) -> dict[str, Any]:
    low, high = row["on_time_share_interval"]
    bound = row["bound"]
    drawn = {
        "name": name,
        "at": place(row["on_time_share"]),
        "low": place(low),
        "wide": round(place(high) - place(low), 2),
        "text": format_part(row["met"], row["met"] + row["late"] + row["missed"]),
        "said": f"{name}: {format_percent(row['on_time_share'])} percent "
        f"({format_percent(low)} to {format_percent(high)}), {row['contacts']} inquiries",
        "unknown": bound["unknown"],
    }
    if not bound["unknown"]:
        return drawn
    ends = f"{format_percent(bound['lowest'])} and {format_percent(bound['highest'])} percent"
    lowest, highest = place(bound["lowest"]), place(bound["highest"])
    return drawn | {
        "text": f"{format_percent(bound['lowest'], 0)}–{format_share(bound['highest'], 0)}",
        "said": f"{name}: between {ends}, mail is missing; on file {drawn['said']}",
        "lowest": lowest,
        "reach": round(highest - lowest, 2),
    }


def _scale(low: float, high: float) -> tuple[float, float]:
    margin = max(0.01, (high - low) * 0.08)
    return max(0.0, low - margin), min(1.0, high + margin)


def _ticks(low: float, high: float) -> list[float]:
    steps: Sequence[float] = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
    step = next((step for step in steps if (high - low) / step <= 5), 0.5)
    first = int(low / step) + 1
    return [n * step for n in range(first, int(high / step) + 1) if n * step <= high]


def _missed(contacts: pd.DataFrame) -> str:
    missed = contacts[contacts["counted"] & (contacts["status"] == "missed")]
    if missed.empty:
        return "Every inquiry whose time is over was answered."
    counts = missed["why_not"].fillna("").value_counts()
    words = [
        f"{format_count(counts[reason])} got {words}"
        for reason, words in {"": "nothing", **_REPLIED}.items()
        if reason in counts
    ]
    return f"Never answered: {format_list(words)}."


def cards_atoz(
    claims_readiness: pd.DataFrame,
    claims_money: pd.DataFrame,
    exposure_money: pd.DataFrame,
    assumed: pd.DataFrame | None = None,
) -> Html:
    """Show claims to answer, the readiness of all, the money claimed, and what is exposed.

    Parameters
    ----------
    claims_readiness : pd.DataFrame
        One row per claim of the window.
    claims_money : pd.DataFrame
        Amounts by currency, verdict, outcome and `to_answer`.
    exposure_money : pd.DataFrame
        Value of orders without a claim, by currency.
    assumed : pd.DataFrame, optional
        Which figures rest on assumptions, as measured.
    """
    hours = claims_readiness["hours_left"].dropna()
    due = claims_money[claims_money["to_answer"]]
    counts = claims_readiness["verdict"].value_counts()
    lost = exposure_money[exposure_money["auto_lost_orders"] > 0]
    return render(
        "cards_atoz",
        waiting=len(hours),
        left=[format_span(pd.Timedelta(hours=float(end))) for end in (hours.min(), hours.max())]
        if len(hours)
        else [],
        due_sums=format_sums(_sums(due, "exposure")),
        counts={name: int(counts.get(name, 0)) for name in ("ready", "gaps", "indefensible")},
        total=len(claims_readiness),
        claimed=_money_lines(claims_money, "amount"),
        unpriced=int(claims_money["unpriced"].sum()),
        exposed=_money_lines(exposure_money, "exposure"),
        orders=int(exposure_money["orders"].sum()),
        lost_orders=int(lost["auto_lost_orders"].sum()),
        lost_sums=format_sums(_sums(lost, "auto_lost_exposure")),
        assumed=why_assumed(assumed),
    )


def _sums(money: pd.DataFrame, column: str) -> list[tuple[Any, Any]]:
    sums = money.groupby("currency", dropna=False)[column].sum(min_count=1)
    return [(code, value) for code, value in sums.items() if known(value)]


def _money_lines(money: pd.DataFrame, column: str) -> list[tuple[Any, Any]]:
    """Return (currency, amount) pairs, the largest first: one figure and the rest beneath."""
    return sorted(_sums(money, column), key=lambda pair: -pair[1])
