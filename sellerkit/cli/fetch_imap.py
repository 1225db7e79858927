"""`sellerkit fetch imap`: mails from a mail server into the lake."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sellerkit.cli.fetch import fetch_app
from sellerkit.cli.options import context_of
from sellerkit.cli.printed import err, harmless_json, out, plain, print_ingest
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from sellerkit.fetch.imap import FetchReport
    from sellerkit.fetch.server import Login, Server
    from sellerkit.read.source import Context


@fetch_app.command("imap")
def fetch_imap(
    host: Annotated[str, typer.Argument(metavar="HOST", help="The mail server: imap.gmail.com.")],
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="Often the address.")],
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="The lake.")] = "",
    account: Annotated[
        str, typer.Option("--account", metavar="NAME", help="The seller account.")
    ] = "",
    marketplace: Annotated[
        str, typer.Option("--marketplace", metavar="CC", help="Store of mails that name none: DE.")
    ] = "",
    own_address: Annotated[
        list[str] | None,
        typer.Option("--own-address", metavar="ADDR", help="A mail address of the seller's."),
    ] = None,
    folder: Annotated[
        list[str] | None,
        typer.Option("--folder", metavar="F", help="Default: inbox, sent and archive."),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="Leave out what arrived earlier.")
    ] = "",
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help="For the mails' files. Default: LAKE.mail"),
    ] = None,
    encryption: Annotated[
        str, typer.Option("--encryption", metavar="tls, starttls or none")
    ] = "tls",
    port: Annotated[int, typer.Option("--port", metavar="N", help="Default: 993 or 143.")] = 0,
    list_folders: Annotated[
        bool, typer.Option("--list-folders", help="Show the mailbox's folders, fetch nothing.")
    ] = False,
    save_password: Annotated[
        bool, typer.Option("--save-password", help="Keep it in the keyring.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Fetch the mails that are new since the last time, and read them into the lake.

    The server is only read from: no mail is marked as seen. The password is taken from
    SELLERKIT_IMAP_PASSWORD (a token of OAuth 2 from SELLERKIT_IMAP_TOKEN), else from the keyring,
    else asked for.

    Example: [bold]sellerkit fetch imap imap.gmail.com --user me@gmail.com --lake lake
    --account "My shop"[/]
    """
    from sellerkit.fetch.imap import fetch
    from sellerkit.fetch.password import save
    from sellerkit.fetch.server import Server

    server = Server(host, user, encryption, port)
    if list_folders:
        _show_folders(server, as_json)
        return
    if not lake or not account:
        raise UsageError("--lake and --account say where the mails go and whose they are")
    context = context_of(account, marketplace, [*(own_address or []), user])
    day, place = _day(since), _keep(keep, lake)
    login = _login(server, anew=save_password)
    with _progress() as on_mails:
        report = fetch(server, login, place, names=folder or [], since=day, on_mails=on_mails)
    if save_password:
        save(server, login)
    _read(report, lake, context, as_json)
    if report.trouble:
        raise report.trouble


def _login(server: Server, *, anew: bool = False) -> Login:
    from sellerkit.fetch.password import login_for

    # where nobody sits, a prompt would wait for ever
    return login_for(server, getpass.getpass if sys.stdin.isatty() else None, anew=anew)


def _show_folders(server: Server, as_json: bool) -> None:
    from sellerkit.fetch.imap import list_folders

    folders = list_folders(server, _login(server))
    if as_json:
        said = {"folders": [vars(each) for each in folders]}
        print(harmless_json(json.dumps(said, ensure_ascii=False)))
        return
    for each in folders:
        out.print(plain(f"{each.name}  {each.use}".rstrip()), highlight=False)


def _day(since: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(since) if since else None
    except ValueError as error:
        raise UsageError(f"--since {since}: this is no day such as 2026-01-31") from error


def _keep(keep: Path | None, lake: str) -> Path:
    if keep is None and "://" in lake:
        raise UsageError("--keep: the lake is far away; say in which folder to keep the mails")
    return keep or Path(lake.rstrip("/\\") + ".mail")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give what shows how many mails have come: a bar on a terminal, nothing in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def on_mails(folder: str, done: int, of: int) -> None:
            if folder not in tasks:
                tasks[folder] = bar.add_task(folder, total=of)
            bar.update(tasks[folder], completed=done)

        yield on_mails


def _read(report: FetchReport, lake: str, context: Context, as_json: bool) -> None:
    """Read all kept mails into the lake; it knows those that it has read before."""
    from sellerkit.lake import Lake
    from sellerkit.read.ingest import IngestReport, ingest

    account = IngestReport([], Lake.open_or_new(lake))
    if any(report.place.rglob("*.mbox")):
        with err.status("reading …"):
            account = ingest([report.place], lake, context)
    for warning in (*report.warnings, *account.warnings):
        words = f"sellerkit: {warning}"
        err.print(words, style="yellow", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        whole = {"fetched": report.as_dict()} | account.as_dict()
        print(harmless_json(json.dumps(whole, ensure_ascii=False)))
        return
    for each in report.folders:
        words = f"{each.folder}: {each.fetched:,} new of {each.listed:,}"
        out.print(words, highlight=False, markup=False)
    if report.left_out:
        names = ", ".join(report.left_out)
        out.print(f"not fetched (--folder names them): {names}", highlight=False, markup=False)
    out.print(f"mails are kept in {report.place}", highlight=False, markup=False)
    # of hundreds of files only those are told that the lake had not read yet
    fresh = IngestReport([file for file in account.files if file.parsed], account.lake)
    if fresh.files:
        print_ingest(fresh.as_dict())
    else:
        out.print(f"nothing new; lake version {account.lake.version}", highlight=False)
