"""`diff`: what changed between two runs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sellerkit.cli.options import AsJson
from sellerkit.cli.printed import harmless, harmless_json

if TYPE_CHECKING:
    from sellerkit.report.diff import Change, Changes

_SHOWN = 200

_Run = Annotated[
    Path, typer.Argument(metavar="RUN", help="Findings (OUT of audit, DATE.findings) or a page.")
]


def diff(before: _Run, now: _Run, as_json: AsJson = False) -> None:
    """Say what changed from one run to another: what was met, became late, appeared or vanished.

    Example: [bold]sellerkit diff 2026-09-28.findings 2026-10-05.findings[/]
    """
    from sellerkit.measure import to_json
    from sellerkit.report.diff import diff as compared
    from sellerkit.report.findings import read_findings

    found = compared(read_findings(before), read_findings(now))
    if as_json:
        print(harmless_json(to_json(found.as_dict())), end="")
    else:
        print(harmless(_told(found)))


def _told(found: Changes) -> str:
    from sellerkit.report.cause import CAUSES

    counts = Counter(change.change for change in found.changes)
    causes = Counter(change.cause for change in found.changes)
    lines = [
        f"from {found.before.as_of:%Y-%m-%d %H:%M} to {found.now.as_of:%Y-%m-%d %H:%M} UTC: "
        + (", ".join(f"{n:,} {name}" for name, n in counts.items()) or "nothing changed")
    ]
    lines += [f"  {CAUSES[name]}: {causes[name]:,}" for name in CAUSES if name in causes]
    lines += [_line(change) for change in found.changes[:_SHOWN]]
    if len(found.changes) > _SHOWN:
        lines.append(f"and {len(found.changes) - _SHOWN:,} more; --json has all")
    moved = [("left", found.left), ("entered", found.entered)]
    lines += [
        f"{verb} the window, and so no change: " + ", ".join(
            f"{n:,} {name.replace('_', ' ')}" for name, n in rows.items() if n
        )
        for verb, rows in moved
        if any(rows.values())
    ]  # fmt: skip
    return "\n".join(lines)


def _line(change: Change) -> str:
    where = f"order {change.order_id}" if change.order_id else "no order"
    told = ", ".join(_step(name, change) for name in (change.after or change.before))
    return (
        f"{change.change:10} {change.what}, {where}, {change.at:%Y-%m-%d %H:%M} ({change.id}): "
        f"{told}; {change.cause}: {change.why}"
    )


def _step(name: str, change: Change) -> str:
    was, now = (_word(values.get(name)) for values in (change.before, change.after))
    if not change.before or not change.after:
        return f"{name} {now if change.after else was}"
    return f"{name} {was}" if was == now else f"{name} {was} → {now}"


def _word(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return f"{value:%Y-%m-%d %H:%M}"
    return "none" if value is None else str(value)
