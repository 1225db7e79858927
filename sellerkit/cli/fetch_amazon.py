"""`sellerkit fetch amazon`: Amazon's reports, over its API, into the lake."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from sellerkit.cli.fetch import fetch_app
from sellerkit.cli.printed import err, harmless_json, out, print_ingest

if TYPE_CHECKING:
    from sellerkit.fetch.amazon import Fetched


@fetch_app.command("amazon")
def fetch_amazon(
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="The lake.")],
    account: Annotated[str, typer.Option("--account", metavar="NAME", help="The seller account.")],
    marketplace: Annotated[
        list[str], typer.Option("--marketplace", metavar="CC", help="A store, as DE; repeatable.")
    ],
    since: Annotated[
        str, typer.Option("--since", metavar="T", help="First instant; default 30 days earlier.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="T", help="First instant after; default now.")
    ] = "",
    report: Annotated[
        list[str] | None,
        typer.Option("--report", metavar="NAME", help="A report; repeatable; default all."),
    ] = None,
    keep: Annotated[
        Path, typer.Option("--keep", metavar="DIR", help="Where the fetched files stay.")
    ] = Path("amazon-reports"),
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Ask Amazon for its reports, wait for them, keep them as files, and read them into the lake.

    Credentials come from the environment (SP_API_REFRESH_TOKEN, LWA_APP_ID, LWA_CLIENT_SECRET) or
    from python-sp-api/credentials.yml, never from the command line. A run that was stopped goes on
    where it was. Exit 3 where a report could not be had; the others are in the lake then.

    Example: [bold]sellerkit fetch amazon --lake lake --account "My shop" --marketplace DE[/]
    """
    from sellerkit.fetch import amazon
    from sellerkit.fetch.clock import Clock

    wanted = amazon.Wanted(account, tuple(marketplace), tuple(report or ()), since, until)
    clock = Clock(lambda: dt.datetime.now(dt.UTC), time.sleep)
    with err.status("connecting …") as status:
        fetched = amazon.fetch_amazon(
            wanted, lake, keep, clock=clock, connect=amazon.connect, say=status.update
        )
    if as_json:
        print(harmless_json(json.dumps(fetched.as_dict(), ensure_ascii=False)))
    else:
        _print(fetched)
    if fetched.went_on:
        _say(f"went on with a stopped run; for what came after {fetched.went_on} run it again", "")
    for note in fetched.notes:
        _say(note, "yellow")
    for problem in fetched.problems:
        _say(problem, "red")
    if fetched.problems:
        raise typer.Exit(3)


def _say(sentence: str, style: str) -> None:
    err.print(f"sellerkit: {sentence}", style=style, highlight=False, markup=False, soft_wrap=True)


def _print(fetched: Fetched) -> None:
    table = Table("report", "store", "since", "until", "became")
    for request in fetched.requests:
        since, until = (end.removesuffix(":00Z") for end in (request.since, request.until))
        table.add_row(request.report, request.store, since, until, request.state)
    out.print(table)
    out.print(f"files in {fetched.folder}", highlight=False, markup=False)
    if fetched.ingest:
        print_ingest(fetched.ingest.as_dict())
