"""`due`: what must be written, the most urgent first, on the terminal, as JSON, as a calendar."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from sellerkit.cli.options import (
    AccountFilter,
    AsJson,
    AsOf,
    LakeOption,
    LakeVersion,
    PolicyOption,
    Since,
    Zone,
    now,
)
from sellerkit.cli.printed import err, harmless_json, out, plain

if TYPE_CHECKING:
    import pandas as pd

    from sellerkit.report.due import Due
    from sellerkit.report.load import Run

#: Less time left than this is shown in red.
_HOT_HOURS = 4

#: From so many columns on the rule has one of its own.
_WIDE = 110

_FIELDS = ("obligation_id", "account", "kind", "problem", "order_id", "marketplace", "status")


def due(
    lake: LakeOption,
    as_of: AsOf = "",
    hours: Annotated[
        float, typer.Option("--hours", metavar="N", min=0, help="How far ahead to look.")
    ] = 24.0,
    calendar: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", help="Write a calendar as well.")
    ] = None,
    since: Since = "",
    account: AccountFilter = "",
    policy: PolicyOption = "",
    lake_version: LakeVersion = 0,
    timezone: Zone = "",
    as_json: AsJson = False,
) -> None:
    """List what must be written: overdue first, then what is due within some hours.

    Overdue are mails of the last 30 days, or since --since, that nobody has
    written; older ones are counted. --ics writes all that is listed as a
    calendar: importing it again updates it, and nothing of a buyer is in it.

    Example: [bold]sellerkit due --lake lake --hours 48 --ics due.ics[/]
    """
    from sellerkit.report.due import due as due_of
    from sellerkit.report.load import load_run

    run = load_run(
        lake, version=lake_version, account=account, as_of=now(as_of), since=since, policy=policy,
        timezone=timezone,
    )  # fmt: skip
    found = due_of(run, hours)
    if calendar is not None:
        _write(run, found, calendar)
    if as_json:
        print(harmless_json(json.dumps(_whole(run, found), ensure_ascii=False)))
    else:
        _print(run, found)


def _write(run: Run, found: Due, path: Path) -> None:
    from sellerkit.report.calendar import calendar_of, write_calendar

    write_calendar(calendar_of(found.rows, run.audit.as_of, lambda at: _local(run, at)), path)
    err.print(plain(f"{len(found.rows):,} events written to {path}"))


def _whole(run: Run, found: Due) -> dict[str, Any]:
    return {
        "as_of": run.audit.as_of.isoformat(),
        "since": run.audit.since.isoformat(),
        "lake_version": run.lake_version,
        "timezone": run.zone,
        "hours": found.hours,
        "due": [_row(row, run, found) for row in found.rows.to_dict("records")],
        "later": len(found.later),
        "overdue_before_since": found.older,
    }


def _row(row: dict[str, Any], run: Run, found: Due) -> dict[str, Any]:
    said = {name: row[name] if isinstance(row[name], str) else None for name in _FIELDS}
    return said | {
        "overdue": row["status"] == "missed",
        "hours_left": round(row["left"].total_seconds() / 3600, 4),
        "trigger_at": row["trigger_at"].isoformat(),
        "due_at": row["due_at"].isoformat(),
        "due_local": row["due_at"].tz_convert(run.zone).isoformat(),
        "rule": row["rule"],
        "why": row["why"],
        "safe_ways": found.safe_ways.get(row["obligation_id"], []),
    }


def _print(run: Run, found: Due) -> None:
    rows = found.rows
    if len(rows):
        out.print(_table(run, rows, found.safe_ways))
    words = [
        f"{len(found.overdue):,} overdue" if len(found.overdue) else "",
        f"{len(found.coming):,} due within {found.hours:g} hours" if len(found.coming) else "",
    ]
    said = ", ".join(word for word in words if word)
    # what is open later is owed as well, so "nothing is owed" is said only where that is so
    none_yet = f"nothing is due within {found.hours:g} hours"
    nothing = none_yet if len(found.later) else "nothing is owed"
    more = f", {len(found.later):,} open after that" if len(found.later) else ""
    out.print(f"{said or nothing}{more}; times of {run.zone}", highlight=False, soft_wrap=True)
    if found.older:
        since = _local(run, run.audit.since)
        more = f"{found.older:,} more were never written, from before {since}; --since shows them"
        out.print(more, highlight=False, soft_wrap=True)


def _table(run: Run, rows: pd.DataFrame, safe_ways: dict[str, list[str]]) -> Table:
    """Return the duties a row each; where the screen is narrow the rule stands under the order."""
    several, wide = len(run.accounts) > 1, out.width >= _WIDE
    names = ["account"] * several + ["to write", "order", "store", "due"] + ["rule"] * wide
    columns = [Column(name, overflow="fold") for name in ["time left", *names]]
    table = Table(*columns, box=None, padding=(0, 2, 0, 0), header_style="dim")
    for row in rows.to_dict("records"):
        order = plain(row["order_id"]) if isinstance(row["order_id"], str) else Text("–", "dim")
        rule = Text(row["rule"], "dim", overflow="fold")
        cells: list[Text | str] = [
            _left(row["left"]),
            *([plain(row["account"])] if several else []),
            _what(row, row["obligation_id"] in safe_ways),
            order if wide else Text("\n").join([order, rule]),
            row["marketplace"] if isinstance(row["marketplace"], str) else "–",
            _local(run, row["due_at"], weekday=wide),
            *([rule] if wide else []),
        ]
        table.add_row(*cells)
    return table


def _what(row: dict[str, Any], forbidden: bool) -> Text:
    from sellerkit.show.words import KINDS, PROBLEMS, known

    problem = PROBLEMS[row["problem"]].capitalize() if known(row["problem"]) else ""
    what = Text(problem or KINDS[row["kind"]])
    return what.append("\nsee why first", "red") if forbidden else what


def _left(left: pd.Timedelta) -> Text:
    from sellerkit.show.words import format_span

    hours = left.total_seconds() / 3600
    if hours < 0:
        return Text(f"−{format_span(-left)}", "bold red")
    return Text(format_span(left), "red" if hours < _HOT_HOURS else "")


def _local(run: Run, at: pd.Timestamp, *, weekday: bool = True) -> str:
    from sellerkit.show.words import format_moment

    return format_moment(at, run.zone, weekday=weekday)
