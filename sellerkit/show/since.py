"""Since the last run: what was met, became late, appeared, vanished or changed, and why."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import KINDS, format_list, format_plural, known

#: What happened, in the order in which it is counted.
_CHANGES = {
    "missed": "became missed",
    "late": "became late",
    "met": "were met",
    "open": "are open again",
    "waived": "were waived",
    "not_applicable": "no longer apply",
    "ready": "became ready",
    "gaps": "have gaps now",
    "indefensible": "became indefensible",
    "appeared": "appeared",
    "vanished": "vanished",
    "changed": "changed otherwise",
}
_ONE = {"were": "was", "are": "is", "have": "has"}

_CAUSES = {
    "since": "happened since",
    "time": "time ran out",
    "late_data": "data arrived late",
    "rule": "a rule changed",
    "mark": "a mark",
    "mapping": "files read otherwise",
    "code": "sellerkit changed",
    "unknown": "unknown",
}

_WHAT = {"contact": "Buyer’s message", "readiness": "Claim’s readiness"} | KINDS

#: Of what is not the verdict, how it is called.
_COLUMNS = {"due_at": "due", "answered_at": "answered", "satisfied_at": "written"}


def table_since(changes: Any, view: View, *, limit: int = 12) -> Html:
    """Show what changed since the last run, the worst first, and the cause of each.

    Parameters
    ----------
    changes : Any
        With `before` (`as_of`), `changes`, `left` and `entered`, as `sellerkit.report.diff` makes
        it; None where there is no earlier run.
    view : View
    limit : int
        How many are listed.
    """
    if changes is None:
        return render(
            "sentence",
            text="There is no earlier run of this report to compare with; the next one will have "
            "this one.",
        )
    order = list(_CHANGES)
    found = sorted(changes.changes, key=lambda c: (order.index(c.change), c.at, c.finding, c.id))
    counts = Counter(change.change for change in found)
    causes = Counter(change.cause for change in found)
    shown = found[:limit]
    return render(
        "since",
        total=len(found),
        then=view.moment(changes.before.as_of, weekday=True, year=True),
        lede=format_list([_counted(counts[n], _CHANGES[n]) for n in order if n in counts]),
        causes=[(_CAUSES[name], causes[name]) for name in _CAUSES if name in causes],
        rows=[_row(change, view) for change in shown],
        left=format_plural(changes.left["contacts"], "message"),
    )  # fmt: skip


def _counted(count: int, words: str) -> str:
    verb, _, rest = words.partition(" ")
    return f"{count:,} {_ONE.get(verb, verb) if count == 1 else verb} {rest}".rstrip()


def _row(change: Any, view: View) -> dict[str, Any]:
    differs = [name for name in change.after if change.before.get(name) != change.after[name]]
    shown = differs[:2] or list(change.before or change.after)[:1]
    return {
        "what": _WHAT.get(change.what, f"Rule {change.what}"),
        "at": view.moment(change.at, weekday=True),
        "order_id": change.order_id or "",
        "before": _values(change.before, shown, view) or "not there",
        "now": _values(change.after, shown, view) or "not there",
        "cause": _CAUSES[change.cause],
        "why": view.told(change.why),
    }


def _values(values: dict[str, Any], names: list[str], view: View) -> str:
    told = []
    for name in names:
        if name in values:
            value = values[name]
            words = view.moment(value) if hasattr(value, "tzinfo") else _plain(value)
            verdict = name in ("status", "verdict", "severity")
            told.append(
                words if verdict else f"{_COLUMNS.get(name, name.replace('_', ' '))} {words}"
            )
    return ", ".join(told)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return format_list([str(part).replace("_", " ") for part in value]) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if known(value) else "none"
