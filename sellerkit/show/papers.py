"""The tables of a dossier: deadlines, the claim's checklist, derivations, exhibits, limits."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pandas as pd

from sellerkit.policy import MARKS, Rule
from sellerkit.policy.timeline import value_words
from sellerkit.show.display import Html, render
from sellerkit.show.dossier import Dossier, appeal_by
from sellerkit.show.view import View
from sellerkit.show.words import CHECKS, format_plural, format_span, known

_TITLES = {
    "claim": "Readiness of the claim",
    "exposure": "Could become a claim",
    "check_in": "Check-in",
    "call": "Telephone call",
}

#: Verdicts of derivations that are a status, drawn with its sign.
_STATUS = ("met", "late", "missed", "open", "waived")


@functools.cache
def _advice() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("checks.toml").read_text("utf-8"))


def table_deadlines(case: Dossier, view: View) -> Html:
    """List every date by which something had to be done: rule, how sure it is, source.

    Parameters
    ----------
    case : Dossier
    view : View
        In the zone of the order's store.
    """
    rows = sorted([*_of_duties(case, view), *_of_claims(case, view), *_of_order(case, view)],
                  key=lambda row: (row["at"], row["what"]))  # fmt: skip
    shown = [row | {"due": view.moment(row["at"], weekday=True, year=True)} for row in rows]
    return render("deadlines", note={"count": len(rows)} if rows else {}, rows=shown)


def _of_duties(case: Dossier, view: View) -> Iterator[dict[str, Any]]:
    for one in case.duties:
        clock, rule = one.clock, one.rules[0] if one.rules else None
        own = clock.limit.startswith("the time that")
        yield {
            "what": one.title,
            "about": f"began {view.moment(clock.started_at)}",
            "at": clock.due_at,
            "status": one.verdict,
            "done": _done(clock, view),
            "rule": "" if own or rule is None else rule.name,
            "value": "stated by the claim itself" if own else clock.limit,
            "sure": "As the claim’s record says" if own or rule is None else rule.sure,
            "source": "claim" if own or rule is None else rule.source,
        }


def _done(clock: Any, view: View) -> str:
    if clock.set_aside:
        return ""
    if clock.stopped_at is None:
        gap = clock.due_at - clock.as_of
        return f"{format_span(abs(gap))} {'left' if gap >= pd.Timedelta(0) else 'over'}"
    over = clock.stopped_at - clock.due_at
    late = f", {format_span(over)} late" if over > pd.Timedelta(0) else ""
    return f"done {view.moment(clock.stopped_at)}{late}"


def _of_claims(case: Dossier, view: View) -> Iterator[dict[str, Any]]:
    """Yield by when a claim can be appealed."""
    for claim in case.claims:
        until, rule = appeal_by(claim, view)
        if not known(until):
            continue
        done = claim["appealed_at"]
        words = f"done {view.moment(done)}" if known(done) else _left(until, view)
        status = "met" if known(done) and done <= until else ""
        about = f"{claim['claim_id']}, decided {view.moment(claim['decided_at'])}"
        yield _row("Appeal", about, until, rule, done=words, status=status)


def _of_order(case: Dossier, view: View) -> Iterator[dict[str, Any]]:
    """Yield the dates that the order itself states, and those counted from its delivery."""
    order = case.order
    if order is None:
        return
    for what, column, event in (("Shipment", "latest_ship_at", "shipped_at"),
                                ("Delivery", "promised_by", "delivered_at")):  # fmt: skip
        if known(order[column]):
            at = order[event]
            words = f"done {view.moment(at)}" if known(at) else _left(order[column], view)
            status = "" if not known(at) else "met" if at <= order[column] else "late"
            yield _row(what, "", order[column], None, done=words, status=status)
    if case.exposure:
        base = next(order[name] for name in _CLAIM_BASE if known(order[name]))
        rule = view.policy.row("claim.window_days", base, case.marketplace)
        ends = case.exposure["claim_window_ends_at"]
        yield _row("End of the time for a claim", "", ends, rule, done=_left(ends, view))
    if known(order["delivered_at"]):
        rule = view.policy.row("pii.retention_days", order["delivered_at"], case.marketplace)
        until = order["delivered_at"] + pd.Timedelta(days=float(rule.value))
        yield _row("The buyer’s data may be kept", "longer only where a law requires it", until,
                   rule, done=_left(until, view))  # fmt: skip


_CLAIM_BASE = ("promised_by", "delivered_at", "shipped_at", "purchased_at")


def _left(until: pd.Timestamp, view: View) -> str:
    gap = until - view.as_of
    return f"{format_span(abs(gap))} {'left' if gap >= pd.Timedelta(0) else 'ago'}"


def _row(
    what: str, about: str, at: pd.Timestamp, rule: Rule | None, *, done: str, status: str = ""
) -> dict[str, Any]:
    row = {"what": what, "about": about, "at": at, "done": done, "status": status}
    if rule is None:
        said = {"rule": "", "value": "a date on file", "sure": "As the record says"}
        return row | said | {"source": "claim" if what == "Appeal" else "order"}
    doubt = f". {rule.doubt}".rstrip(". ") if rule.doubt else ""
    sure = f"{MARKS[rule.mark]}{doubt}"
    return row | {
        "rule": rule.name, "value": value_words(rule), "sure": sure, "source": rule.source,
    }  # fmt: skip


def checklist_dossier(case: Dossier, view: View) -> Html:
    """Show each claim's checklist item by item: what is on file, and what to do where it fails."""
    claims = []
    for one in case.derivations:
        if one.what != "claim":
            continue
        told = one.as_dict(view.moment, short=True)
        items = [
            item | {"words": CHECKS[item["name"]], "todo": _todo(item)} for item in told["items"]
        ]
        claims.append(told | {"items": items, "left": case.readiness[one.id]["hours_left"],
                              "score": _score(items)})  # fmt: skip
    return render("dossier_checks", claims=claims, exposed=case.exposure is not None)


def _todo(item: dict[str, Any]) -> str:
    return _advice()[item["name"]]["fails"] if item["value"] is False else ""


def _score(items: list[dict[str, Any]]) -> str:
    applying = [item["value"] for item in items if item["value"] is not None]
    return f"{sum(applying)} of {format_plural(len(applying), 'item')}"


def findings_dossier(case: Dossier, view: View) -> Html:
    """Show how each finding about the order came about, as `sellerkit why` tells it."""
    rows = [
        {
            **one.as_dict(view.moment, short=True),
            "name": _TITLES.get(one.what, one.title),
            "is_status": one.verdict in _STATUS,
            "words": one.verdict.replace("_", " "),
        }
        for one in case.derivations
    ]
    return render("dossier_why", note={"count": len(rows)} if rows else {}, rows=rows)


def table_exhibits(case: Dossier, view: View) -> Html:
    """List the mails and lines of reports that prove what is said, each by its number."""
    rows = [
        {
            "number": one.number,
            "what": one.what,
            "at": view.moment(one.at, year=True),
            "file": one.shown_file,
            "position": one.position,
            "form": one.form or "",
            "hash": one.sha256[:12],
        }
        for one in case.exhibits
    ]
    note = {"count": len(rows)} if rows else {}
    return render("dossier_exhibits", note=note, rows=rows, texts=view.texts)


def limits_dossier(case: Dossier, view: View) -> Html:
    """Say what the page cannot know."""
    limits = [
        ("Only what is on file is told.",
         "A message written in a system that was not read is missing here, and in the text."),
        ("The verdict is ours.", "Amazon does not publish how it decides a claim."),
        ("Tracking is read, not followed.", "Whether the carrier scanned the parcel is not "
         "checked."),
        ("The text is in English,", "and states what is on file. Nothing in it is made up; what "
         "is not known stands in brackets."),
    ]  # fmt: skip
    if case.order is None:
        limits.insert(0, ("The order is on no file that was read,",
                          "so nothing is known of its shipment and delivery; it is taken as "
                          "fulfilled by the seller."))  # fmt: skip
    if view.texts:
        limits.append(("The buyer’s words are shown.", "Do not pass this page on: it was asked "
                       "for with texts."))  # fmt: skip
    return render("limits", limits=limits)
