"""`why`: the derivation of what was concluded of an id, for a terminal, 80 columns wide."""

from __future__ import annotations

import json
import zoneinfo
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sellerkit.cli.options import (
    AccountFilter,
    AsJson,
    AsOf,
    LakeOption,
    LakeVersion,
    PolicyOption,
    Zone,
    now,
)
from sellerkit.cli.printed import harmless, harmless_json, out, plain, rule, section

if TYPE_CHECKING:
    import pandas as pd

    from sellerkit.audit import Derivation
    from sellerkit.report.load import Run

_COLOURS = {
    "met": "green", "ready": "green", "sent": "green", "late": "yellow", "gaps": "yellow",
    "open": "cyan", "due": "cyan", "waived": "dim", "not_applicable": "dim", "missed": "red",
    "indefensible": "red", "email_owed": "red", "auto_lost": "red", "not_permitted": "red",
}  # fmt: skip

_MARKS = {True: Text("yes", "green"), False: Text("no", "red"), None: Text("–", "dim")}

_AGREES = {
    True: "The audit of these records alone says the same as the whole audit.",
    False: "THE WHOLE AUDIT SAYS SOMETHING ELSE: this is a fault of sellerkit; please report it.",
    None: "It is outside the window of the audit, so it is in none of its findings.",
}


def why(
    wanted: Annotated[
        str, typer.Argument(metavar="ID", help="Of a message, order, duty, claim, …")
    ],
    lake: LakeOption,
    as_of: AsOf = "",
    policy: PolicyOption = "",
    account: AccountFilter = "",
    lake_version: LakeVersion = 0,
    timezone: Zone = "",
    texts: Annotated[
        bool, typer.Option("--texts", help="Show the first line of each message.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Derive what was concluded: events with their times, clock, rules, verdict.

    ID is that of a message (what it asks for, or what it answered), an order
    (all its duties, claims and calls), an obligation, a return, a claim or a
    call. Times are those of the seller's zone, with UTC beside them. The
    derivation audits the records of the one order or conversation again,
    alone, and tells of that. Nothing that a mail says is shown but by --texts.

    Example: [bold]sellerkit why 302-1234567-1234567 --lake lake --as-of 2026-10-05[/]
    """
    from sellerkit.audit import explain
    from sellerkit.report.load import load_run

    asked = {"account": account, "policy": policy, "timezone": timezone}
    run = load_run(lake, version=lake_version, as_of=now(as_of), **asked)
    found = explain(run.audit, wanted.strip().strip("<>"), texts=texts)
    if as_json:
        print(harmless_json(_json(wanted, run, found)))
        return
    moment = moment_in(run.zone)
    out.print(plain(_made(run, moment)), style="dim")
    for one in found:
        out.print()
        print_derivation(one, moment)


def _made(run: Run, moment: Callable[[pd.Timestamp], str]) -> str:
    now_is = f"as of {moment(run.audit.as_of)}, times of {run.zone}"
    return f"{now_is}\nlake version {run.lake_version} · {run.audit.policy.name}"


def _json(wanted: str, run: Run, found: list[Derivation]) -> str:
    said = {
        "id": wanted,
        "as_of": run.audit.as_of.isoformat(),
        "lake_version": run.lake_version,
        "policy": run.audit.policy.name,
        "derivations": [one.as_dict() for one in found],
    }
    return json.dumps(said, ensure_ascii=False)


def moment_in(zone: str) -> Callable[[pd.Timestamp], str]:
    """Return what writes an instant as the zone's clock shows it, with UTC beside it."""
    local = zoneinfo.ZoneInfo(zone)

    def written(at: pd.Timestamp) -> str:
        here, there = at.tz_convert(local), at.tz_convert("UTC")
        if here.utcoffset() == there.utcoffset():
            return f"{there:%Y-%m-%d} {_clock(there)} UTC"
        day = "" if here.date() == there.date() else f"{there:%m-%d} "
        return f"{here:%Y-%m-%d} {_clock(here)} ({day}{_clock(there)} UTC)"

    return written


def _clock(at: pd.Timestamp) -> str:
    """Return the time of day: to the minute where that is all, else as fine as it is."""
    if at.microsecond:
        return f"{at:%H:%M:%S.%f}"
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def print_derivation(one: Derivation, moment: Callable[[pd.Timestamp], str]) -> None:
    """Show one derivation: verdict, steps, clock, what happened, rules, doubts."""
    rule(Text(f"{one.title}: ", "bold").append(_verdict(one.verdict)), "cyan")
    about = f"{one.what} {one.id} · {one.account}"
    out.print(Text(harmless(f"{about} · order {one.order_id}" if one.order_id else about), "dim"))
    out.print()
    for number, step in enumerate(one.steps, 1):
        out.print(_numbered(f"{number}.", plain(step.by(moment))))
    for each in one.conflicts:
        out.print(_numbered("!", plain(each.by(moment))), style="yellow")
    if one.items:
        section("checklist")
        out.print(_checklist(one, moment))
    if one.clock:
        section("clock")
        out.print(_of_clock(one, moment))
    section("what happened")
    for event in one.events:
        _event(event, moment)
    if one.left_out:
        out.print(Text(f"and {one.left_out:,} more that it does not rest on", "dim"))
    _rules(one)
    for doubt in one.caveats:
        out.print(_numbered("?", plain(doubt.by(moment))), style="yellow")
    out.print()
    out.print(Text(_AGREES[one.agrees], "dim" if one.agrees is not False else "red"))


def _verdict(verdict: str) -> Text:
    return Text(harmless(verdict.replace("_", " ")), _COLOURS.get(verdict, "bold"))


def _numbered(mark: str, text: Text) -> Table:
    grid = _grid(3)
    grid.add_row(mark, text)
    return grid


def _grid(width: int) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True, min_width=width)
    grid.add_column(overflow="fold")
    return grid


def _checklist(one: Derivation, moment: Callable[[pd.Timestamp], str]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", style="dim")
    for item in one.items:
        name = item.name.replace("_", " ")
        grid.add_row(_MARKS[item.value], name, plain(item.because.by(moment)))
    return grid


def _of_clock(one: Derivation, moment: Callable[[pd.Timestamp], str]) -> Table:
    clock = one.clock
    assert clock is not None, "only asked where there is one"
    stopped = moment(clock.stopped_at) if clock.stopped_at is not None else "not stopped"
    grid = _grid(8)
    grid.add_row("started", moment(clock.started_at))
    grid.add_row("limit", clock.limit)
    grid.add_row("due", moment(clock.due_at))
    grid.add_row("stopped", stopped)
    grid.add_row("as of", moment(clock.as_of))
    return grid


def _event(event: Any, moment: Callable[[pd.Timestamp], str]) -> None:
    head = Text(f"{moment(event.at)}  ", "bold").append(event.what, "")
    if event.role:
        head.append(f"  ← {event.role}", "cyan")
    out.print(head)
    lines = [f"{event.table[:-1]} {event.id}"]
    if event.source is not None:
        lines.append(f"{event.source}, position {event.position:,}")
    if event.text:
        lines.append(f"“{event.text}”")
    for line in lines:
        out.print(Padding(Text(harmless(line), "dim", overflow="fold"), (0, 0, 0, 2)))


def _rules(one: Derivation) -> None:
    if not one.rules:
        return
    section("rules" if len(one.rules) > 1 else "rule")
    for row in one.rules:
        until = f" until {row.until}" if row.until else ""
        out.print(Text(row.name, "bold").append(f"  {row.value}", ""))
        lines = (f"since {row.since}{until}, {row.stores}", row.sure, row.source)
        for line, style in zip(
            lines, ("dim", "yellow" if row.doubt else "dim", "dim"), strict=True
        ):
            out.print(Padding(plain(line), (0, 0, 0, 2)), style=style)
