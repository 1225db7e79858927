"""`mark` and `unmark`: which messages need no response, by the seller's own word."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sellerkit.cli.options import AsJson, LakeOption
from sellerkit.cli.printed import harmless_json, print_marks, warn
from sellerkit.errors import InputError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sellerkit.read.source import Source

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Order ids and Message-IDs.")]
ListFile = Annotated[
    str,
    typer.Option(
        "--file", metavar="FILE or -", help="A list: a CSV, or ids as pasted; - reads it."
    ),
]
Whose = Annotated[
    str, typer.Option("--account", metavar="NAME", help="Default: the lake's only account.")
]


def mark(
    lake: LakeOption,
    ids: Ids = None,
    file: ListFile = "",
    account: Whose = "",
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="T", help="Of an order, mark only what was sent before. Default: now."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Mark buyers' messages as needing no response; `unmark` takes it back.

    A list is no_response_needed.csv, or any text with an order id or a
    Message-ID on each line, such as a table copied from Seller Central.
    An order's id marks its messages sent until now, or until --at; a line
    of a CSV without marked_at marks all of them, later ones too.

    Example: [bold]sellerkit mark 302-1234567-1234567 --lake lake[/]

    Example: [bold]wl-paste | sellerkit mark --file - --lake lake --account "My shop"[/]
    """
    import pandas as pd

    from sellerkit.audit import instant
    from sellerkit.read.ingest.marking import mark as write_marks
    from sellerkit.read.source import Context

    now = pd.Timestamp.now("UTC").as_unit("us").floor("s")
    moment = instant(at, "--at") if at else None
    report = write_marks(
        _lists(ids, file, moment if moment is not None else now),
        lake,
        Context(_account(lake, account)),
        now=now,
        at=moment,
    )
    _say(report, as_json)


def unmark(
    lake: LakeOption,
    ids: Ids = None,
    file: ListFile = "",
    everything: Annotated[bool, typer.Option("--all", help="Every mark of the account.")] = False,
    account: Whose = "",
    as_json: AsJson = False,
) -> None:
    """Take back that messages need no response, from the lake's next version on.

    Example: [bold]sellerkit unmark --file no_response_needed.csv --lake lake[/]
    """
    from sellerkit.read.ingest.marking import unmark as take_back
    from sellerkit.read.source import Context

    if everything and (ids or file):
        raise UsageError("--all takes back every mark; leave out the ids and --file")
    lists = None if everything else _lists(ids, file, None)
    report = take_back(lists, lake, Context(_account(lake, account)), name="unmark --all")
    _say(report, as_json)


def _lists(ids: list[str] | None, file: str, at: pd.Timestamp | None) -> list[Source]:
    """Return what to read: the ids given, the file, or standard input."""
    from sellerkit.read.files import sources
    from sellerkit.read.marks import listed
    from sellerkit.read.source import Source

    if bool(ids) == bool(file):
        raise UsageError("give ids, or a list with --file (a file, or - for standard input)")
    if file == "-":
        return [Source("standard input", sys.stdin.buffer.read())]
    if file:
        found = list(sources([Path(file)]))
        if not found:
            raise InputError(f"{file}: no files here")
        return found
    return [Source("command line", listed(ids or [], at.isoformat() if at is not None else ""))]


def _account(lake: str, asked: str) -> str:
    """Return the account asked for, or the only one that the lake has."""
    from sellerkit.lake import Lake

    if asked:
        return asked
    opened = Lake.open_or_new(lake)
    known = sorted(set(opened.ingests()["account"].dropna()))
    if len(known) != 1:
        there = f"the lake has {', '.join(known)}" if known else "the lake has none yet"
        raise UsageError(f"say whose with --account NAME; {there}")
    return known[0]


def _say(report: object, as_json: bool) -> None:
    from sellerkit.read.ingest.marking import MarkReport

    assert isinstance(report, MarkReport)
    for account in report.files:
        for unit in account.parsed.quarantined if account.parsed else []:
            warn(f"{account.source}: line {unit.pos}: {unit.reason}: {unit.raw.strip()[:80]}")
    said = report.as_dict()
    if as_json:
        print(harmless_json(json.dumps(said, ensure_ascii=False)))
    else:
        print_marks(said)
