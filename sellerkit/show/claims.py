"""A-to-z claims: those to answer, the checklist of each, and the money that hangs on them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.assumed import why_assumed
from sellerkit.show.display import NOTHING, Html, render
from sellerkit.show.view import View
from sellerkit.show.words import (
    CHECKS,
    KINDS,
    REASONS,
    format_day,
    format_list,
    format_money,
    format_plural,
    format_span,
    known,
)
from sellerkit.tables import CHECKLIST

_VERDICTS = ("indefensible", "gaps", "ready")
_HOT_HOURS = 12
_MOST_COLUMNS = 24

#: Checks of a claim → the limits that they rest on.
_RULES = {
    "inquiries_answered": ("crt.window_hours",),
    "no_silence": ("claim.silence_hours",),
    "return_answered": ("return.reply_hours",),
    "problem_notified": ("problem.notice_hours", "problem.lookback_hours"),
    "claim_answered": ("claim.reply_hours",),
}

_OUTCOMES = {
    "open": "Undecided",
    "seller_funded": "Lost, paid by the seller",
    "amazon_funded": "Paid by Amazon",
    "withdrawn": "Withdrawn",
    "denied": "Denied to the buyer",
}


def table_to_answer(claims_readiness: pd.DataFrame, view: View, *, limit: int = 40) -> Html:
    """List the claims that wait for an answer, the most urgent first, and what each lacks.

    Parameters
    ----------
    claims_readiness : pd.DataFrame
        One row per claim.
    view : View
    limit : int
        How many rows are shown.
    """
    waiting = claims_readiness.dropna(subset="hours_left").sort_values(["hours_left", "claim_id"])
    shown = waiting.head(limit)
    rows = [
        _claim_row(row, buyer, currency, view) | {"why": why}
        for row, buyer, currency, why in zip(
            shown.to_dict("records"), view.buyers(shown), _currencies(shown, view),
            view.derivations("claims_readiness", shown), strict=True,
        )
    ]  # fmt: skip
    return render(
        "to_answer",
        note={"count": len(waiting)} if rows else {},
        rows=rows,
        waiting=len(waiting),
        total=len(claims_readiness),
        zone=view.zone,
        file=view.rest_in("claims_readiness"),
    )


def _currencies(findings: pd.DataFrame, view: View) -> list[Any]:
    """Return the currency of each claim: its own, else that of its order."""
    own = view.claims_of(findings, "currency")
    return list(own.where(own.notna(), view.orders_of(findings, "currency")))


def _claim_row(row: dict[str, Any], buyer: str, currency: Any, view: View) -> dict[str, Any]:
    left = pd.Timedelta(hours=row["hours_left"])
    due_at = view.as_of + left
    allowed = due_at - row["filed_at"]
    answers = [row[item] for item in CHECKLIST if known(row[item])]
    return {
        "left": format_span(left),
        "used": round((1 - left / allowed) * 100, 1) if allowed > pd.Timedelta(0) else 100.0,
        "hot": row["hours_left"] < _HOT_HOURS,
        "due": view.moment(due_at, weekday=True),
        "verdict": row["verdict"],
        "claim_id": row["claim_id"],
        "order_id": row["order_id"],
        "buyer": buyer,
        "reason": REASONS[row["reason"]].capitalize(),
        "amount": format_money(row["exposure"], currency),
        "passed": f"{sum(map(bool, answers))} of {len(answers)}",
        "missing": format_list([CHECKS[item].lower() for item in row["missing"]]) or "nothing",
    }


def table_checklist(claims_readiness: pd.DataFrame, assumed: pd.DataFrame | None = None) -> Html:
    """Show which check each claim passes: checks as rows, claims as columns, by verdict.

    Parameters
    ----------
    claims_readiness : pd.DataFrame
        One row per claim.
    assumed : pd.DataFrame, optional
        Which figures rest on assumptions, as measured.
    """
    rank = claims_readiness["verdict"].map(_VERDICTS.index)
    ranked = claims_readiness.assign(rank=rank).sort_values(
        ["rank", "filed_at", "claim_id"], ascending=[True, False, True]
    )
    shown = ranked.head(_MOST_COLUMNS)
    sizes = shown["verdict"].value_counts()
    groups = [(verdict, int(sizes[verdict])) for verdict in _VERDICTS if verdict in sizes]
    items = [_check(item, ranked, shown) | {"assumed": _why(item, assumed)} for item in CHECKLIST]
    starts = [0]
    for _, size in groups:
        starts.append(starts[-1] + size)
    return render(
        "checklist",
        note={"count": len(ranked)} if len(ranked) else {},
        claims=shown["claim_id"].tolist(),
        groups=groups,
        starts=starts,
        items=items,
        worst=max((item for item in items if item["fails"]), key=_harm, default=None),
        total=len(ranked),
    )


def _why(item: str, assumed: pd.DataFrame | None) -> str:
    """Return what is assumed of a check; nothing where all its rules are certain."""
    rules = _RULES.get(item, ())
    if assumed is None:
        return ""
    own = assumed[(assumed["figure"] == "readiness") & assumed["rule_id"].isin(rules)]
    return why_assumed(own)["readiness"]


def _harm(item: dict[str, Any]) -> tuple[int, float]:
    return item["fails"], item["fails"] / item["applies"]


def _check(item: str, ranked: pd.DataFrame, shown: pd.DataFrame) -> dict[str, Any]:
    answers = ranked[item]
    cells = [{True: "yes", False: "no"}[bool(a)] if known(a) else "na" for a in shown[item]]
    fails, applies = int((answers == False).sum()), int(answers.notna().sum())  # noqa: E712
    return {"name": CHECKS[item], "cells": cells, "fails": fails, "applies": applies}


def bars_claims(claims_money: pd.DataFrame) -> Html:
    """Show the money claimed by state and by verdict, each currency on its own.

    Parameters
    ----------
    claims_money : pd.DataFrame
        `currency`, `verdict`, `outcome`, `to_answer`, `claims`, `exposure`.
    """
    if claims_money.empty:
        return render("sentence", text="No money is claimed.")
    outcome = claims_money["outcome"].map(_OUTCOMES).fillna("Undecided")
    state = outcome.mask(claims_money["to_answer"], "To answer now")
    rows = claims_money.assign(state=state, verdict_words=claims_money["verdict"].str.capitalize())
    figures = [
        _figure("By state", "Claimed amounts by state", rows, "state", []),
        _figure("By verdict", "Claimed amounts by verdict", rows, "verdict_words",
                [verdict.capitalize() for verdict in reversed(_VERDICTS)]),
    ]  # fmt: skip
    return render("money", figures=figures)


def bars_exposure(exposure: pd.DataFrame, view: View) -> Html:
    """Show the value of orders without a claim by the first thing late or missed on them.

    Parameters
    ----------
    exposure : pd.DataFrame
        One row per order.
    view : View
    """
    if exposure.empty:
        return NOTHING
    rows = pd.DataFrame(
        {
            "currency": view.orders_of(exposure, "currency"),
            "reason": exposure["reasons"].map(lambda kinds: KINDS[kinds[0]] if len(kinds) else "–"),
            "claims": 1,
            "exposure": exposure["exposure"],
        }
    )
    figure = _figure("By reason", "Order value by the first thing that was late or missed", rows,
                     "reason", [])  # fmt: skip
    return render("money", figures=[figure])


def _figure(
    name: str, measured: str, rows: pd.DataFrame, by: str, order: list[str]
) -> dict[str, Any]:
    grouped = rows.groupby(["currency", by], dropna=False)
    sums = grouped[["claims"]].sum().assign(money=grouped["exposure"].sum(min_count=1))
    sums = sums.reset_index().sort_values("money", ascending=False, na_position="last")
    if order:
        sums = sums.sort_values(by, key=lambda words: words.map(order.index), kind="stable")
    blocks = [_block(code, part, by) for code, part in sums.groupby("currency", dropna=False)]
    blocks.sort(key=lambda block: -block["claims"])
    top = sums.loc[sums["money"].idxmax()] if sums["money"].notna().any() else None
    finding = name
    if top is not None:
        finding = f"{top[by]}: {format_money(top['money'], top['currency'])}, the largest sum"
    return {"finding": finding, "measured": measured, "blocks": blocks, "by": name}


_TONES = {
    "Ready": "met",
    "Gaps": "late",
    "Indefensible": "missed",
    "To answer now": "open",
    "Undecided": "waived",
    "Lost, paid by the seller": "missed",
    "Paid by Amazon": "met",
    "Denied to the buyer": "met",
    "Withdrawn": "met",
}


def _block(currency: Any, part: pd.DataFrame, by: str) -> dict[str, Any]:
    largest = part["money"].max()
    rows = [
        {
            "name": row[by],
            "tone": _TONES.get(row[by], "plain"),
            "claims": int(row["claims"]),
            "money": format_money(row["money"], currency),
            "wide": round(row["money"] / largest * 100, 1)
            if known(row["money"]) and largest
            else 0,
        }
        for row in part.to_dict("records")
    ]
    code = str(currency) if known(currency) else "unknown currency"
    return {"currency": code, "rows": rows, "claims": int(part["claims"].sum())}


def table_exposure(
    exposure: pd.DataFrame, exposure_money: pd.DataFrame, view: View, *, limit: int = 8
) -> Html:
    """List the orders that could become claims: those granted now first, then by value.

    Parameters
    ----------
    exposure : pd.DataFrame
        One row per order.
    exposure_money : pd.DataFrame
        Their value by currency, for the sentence above.
    view : View
    limit : int
        How many rows are shown.
    """
    ranked = exposure.sort_values(
        ["auto_lost", "exposure", "order_id"], ascending=[False, False, True]
    )
    shown = ranked.head(limit)
    sums = [
        f"{format_plural(row['orders'], 'order')} worth "
        f"{format_money(row['exposure'], row['currency'])}"
        for row in exposure_money.to_dict("records")
    ]
    columns = zip(
        shown.to_dict("records"), view.buyers(shown), view.orders_of(shown, "currency"),
        view.derivations("exposure", shown), strict=True,
    )  # fmt: skip
    return render(
        "exposure",
        note={"count": len(exposure)} if len(exposure) else {},
        rows=[
            _exposed(row, buyer, currency, view) | {"why": why}
            for row, buyer, currency, why in columns
        ],
        total=len(exposure),
        file=view.rest_in("exposure"),
        sums=format_list(sums),
        assumed=why_assumed(_of_silence(view.assumed))["exposure"],
    )


def _of_silence(assumed: pd.DataFrame) -> pd.DataFrame:
    """Return the assumptions behind what Amazon would grant now."""
    return assumed[assumed["rule_id"] == "claim.silence_hours"]


def _exposed(row: dict[str, Any], buyer: str, currency: Any, view: View) -> dict[str, Any]:
    def day(at: Any) -> str:
        return format_day(at.tz_convert(view.zone)) if known(at) else "not yet"

    claimable = known(row["claimable_from"])
    return {
        "lost": bool(row["auto_lost"]),
        "order_id": row["order_id"],
        "buyer": buyer,
        "reasons": format_list([KINDS[kind] for kind in row["reasons"]]).capitalize(),
        "from": day(row["claimable_from"]) if claimable else "not yet",
        "ends": day(row["claim_window_ends_at"]),
        "total": format_money(row["exposure"], currency),
    }
