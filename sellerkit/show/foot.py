"""The end of a page: calls, what the report cannot say, and how it was made."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.policy.timeline import value_words
from sellerkit.show.assumed import limits_assumed, why_assumed
from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import KINDS, format_list, format_plural, known
from sellerkit.tables import CALLS_REVIEW

_VERDICTS = {
    "email_owed": "A mail was owed; the call does not replace it",
    "delivery": "About a delivery",
    "not_permitted": "Not permitted: only calls about a delivery are",
    "requested": "The buyer asked for it",
    "complex": "After a long exchange",
    "email_preferred": "A mail would have done",
}

#: The figures on each page that may rest on assumptions.
_COMPLIANCE = ("contacts", "inquiry", "return", "order_problem", "claim", "calls")
_ATOZ = ("claim", "readiness", "exposure")

_ROWS = {
    "messages": "message",
    "orders": "order",
    "returns": "return",
    "claims": "claim",
    "calls": "call",
}


def table_calls(calls_review: pd.DataFrame, view: View, *, limit: int = 8) -> Html:
    """Show the telephone calls by verdict, and those beside which a mail was owed.

    Parameters
    ----------
    calls_review : pd.DataFrame
        One row per call of the window.
    view : View
    limit : int
        How many of the calls with a mail owed are listed.
    """
    counts = calls_review["verdict"].value_counts()
    verdicts = [
        {"name": _VERDICTS[verdict], "count": int(counts[verdict])}
        for verdict in CALLS_REVIEW["verdict"].choices
        if verdict in counts
    ]
    owed = calls_review[calls_review["verdict"] == "email_owed"].sort_values("started_at")
    shown = owed.head(limit)
    rows = [
        {
            "at": view.moment(row["started_at"], weekday=True),
            "order_id": row["order_id"] if known(row["order_id"]) else "",
            "buyer": buyer,
            "owed": format_list([KINDS[kind] for kind in row["owed_kinds"]]).capitalize(),
            "followed": bool(row["followed_up"]),
            "why": why,
        }
        for row, buyer, why in zip(
            shown.to_dict("records"),
            view.buyers(shown),
            view.derivations("calls_review", shown),
            strict=True,
        )  # fmt: skip
    ]
    return render("calls", verdicts=verdicts, rows=rows, owed=len(owed),
                  total=len(calls_review),
                  assumed=why_assumed(view.assumed)["calls"])  # fmt: skip


def limits_compliance(view: View) -> Html:
    """Say what the compliance report cannot know, and where a limit is ours."""
    limits = [
        _inquiry(view),
        *_assumed(view, _COMPLIANCE),
        ("Only what is on file is judged.",
         "A reply written on a system that was not read looks like no reply."),
        ("An automatic reply is no answer,", "by Amazon’s own words; neither is a call."),
    ]  # fmt: skip
    return render("limits", limits=limits + _missing_histories(view) + _buyers(view))


def limits_atoz(view: View) -> Html:
    """Say what the report on claims cannot know."""
    limits = [
        ("The verdict is ours.",
         "Amazon does not publish how it decides a claim. The checklist holds what its notices "
         "and staff have named."),
        *_assumed(view, _ATOZ),
        ("Exposure is an upper bound.",
         "Most of these buyers will never file a claim. It adds whole order totals."),
        ("Tracking is read, not followed.",
         "A number on file counts; whether the carrier scanned it is not checked."),
        ("Orders that Amazon fulfils",
         "are left out of exposure and have no order-problem or return duty."),
    ]  # fmt: skip
    return render("limits", limits=limits + _missing_histories(view) + _buyers(view))


def limits_due(view: View) -> Html:
    """Say what the list of mails to be written cannot know."""
    limits = [
        ("A draft knows what is on file, and no more.",
         "It answers no question of the buyer’s. Read what he wrote before you send it."),
        ("Nothing is sent.", "The texts are to be read, completed and sent by a person."),
        ("Older ones are counted only.",
         "What was triggered before the window and never written stands in no list here."),
        *_assumed(view, _COMPLIANCE),
        ("Only what is on file is judged.",
         "A reply written on a system that was not read looks like no reply."),
    ]  # fmt: skip
    words = [("Buyers’ words are shown.", "Do not pass this page on: it was asked for with texts.")]
    own = words if view.texts else [("No buyer is named.", "Orders are, so that you find them.")]
    return render("limits", limits=limits + _missing_histories(view) + own)


def _assumed(view: View, figures: tuple[str, ...]) -> list[tuple[str, str]]:
    """Say of each rule that no Amazon source states what it touches on the page."""
    return [
        (f"{name} ({value_words(view.policy.rows(name)[-1])}) is assumed.", words)
        for rule_id, name, words in limits_assumed(view.assumed, figures)
        if rule_id != "crt.unit"  # has a line of its own
    ]


def _inquiry(view: View) -> tuple[str, str]:
    """Say what counts as one inquiry, whoever chose it."""
    unit, _ = view.policy.value("crt.unit", view.as_of)
    words = (
        "Several messages in a row before the answer are one, on the first one’s clock."
        if unit == "run"
        else "Every message of a buyer counts on its own."
    )
    told = [
        f"{words} {why}"
        for rule_id, _, why in limits_assumed(view.assumed, _COMPLIANCE)
        if rule_id == "crt.unit"
    ]
    if told:
        return "What counts as one inquiry is assumed.", " ".join(told)
    return "What counts as one inquiry.", words


def _missing_histories(view: View) -> list[tuple[str, str]]:
    empty = [
        name for name in ("orders", "returns", "claims", "calls") if view.histories[name].empty
    ]
    if not empty:
        return []
    return [(f"No {format_list(empty, 'or')} on file.",
             "What rests on them is unknown, which is not the same as none.")]  # fmt: skip


def _buyers(view: View) -> list[tuple[str, str]]:
    if view.texts:
        return [
            ("Buyers’ words are shown.", "Do not pass this page on: it was asked for with texts.")
        ]
    return [("Buyers are pseudonyms.",
             "The same buyer has the same name in every report of this account.")]  # fmt: skip


def footer_made(
    summary: dict[str, Any], parameters: dict[str, Any], *, version: str, beside: bool = True
) -> Html:
    """Say how the page was made, so that whoever holds the lake can make it again.

    Parameters
    ----------
    summary : dict
        The figures of `summary.json`.
    parameters : dict
        How the run was asked for.
    version : str
        Of sellerkit.
    beside : bool
        Whether the findings lie beside the page.
    """
    rows = summary["completeness"]["rows"]
    return render(
        "made",
        note={"run": {"parameters": parameters, "version": version}},
        version=version,
        beside=beside,
        lake_version=summary["lake_version"],
        policy=summary["policy"],
        as_of=str(parameters["as_of"]),
        parameters={key: str(value) for key, value in parameters.items() if value != ""},
        rows=format_list([format_plural(rows[name], word) for name, word in _ROWS.items()]),
    )  # fmt: skip
