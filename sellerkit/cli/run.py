"""`sellerkit run`: the whole chain of a configuration file, by itself."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from sellerkit.cli.options import AsJson
from sellerkit.cli.printed import err, harmless, harmless_json, out, plain
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.unattended import Outcome
    from sellerkit.unattended.steps import Event, Say

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", metavar="FILE", help="What is to be done.")
]
DEFAULT_CONFIG = Path("sellerkit.toml")


def utc_now() -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.now(dt.UTC)


def run(
    config: ConfigOption = DEFAULT_CONFIG,
    period: Annotated[
        str, typer.Option("--period", metavar="P", help="last-week, last-month or rolling-30.")
    ] = "",
    as_of: Annotated[
        str,
        typer.Option("--as-of", metavar="T", help="The only now. Default: now, to the second."),
    ] = "",
    account: Annotated[str, typer.Option("--account", metavar="NAME", help="Only this one.")] = "",
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="Add a line of JSON per step.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch, ingest, audit, report, publish and tell, for all accounts of a configuration.

    To be started by a scheduler: a second run at the same time says who is at
    work and exits 4, a run that was stopped is made up for by the next one, and
    what fails keeps nothing else out, is told, and makes it exit 4. On a terminal
    it shows where it is; else each step is a line of JSON on standard error.

    Example: [bold]sellerkit run --config sellerkit.toml --period last-week[/]
    """
    from sellerkit.config import load, use_secrets
    from sellerkit.fetch.clock import Clock
    from sellerkit.unattended import Tools, run

    wanted = load(config)
    use_secrets(wanted.secrets, os.environ)
    with ExitStack() as open_things:
        say = _all(
            open_things.enter_context(_progress()) if err.is_terminal else _lines(sys.stderr),
            *([_lines(open_things.enter_context(_appended(log)))] if log else []),
        )
        window = period or wanted.reports.period
        moment = _moment(as_of, wanted, window)
        outcome = run(
            wanted, as_of=moment, period=window, only=account, say=say,
            tools=Tools(Clock(utc_now, time.sleep)),
        )  # fmt: skip
    if as_json:
        print(harmless_json(json.dumps(outcome.as_dict(), ensure_ascii=False)))
    elif out.is_terminal:
        _print(outcome)
    if outcome.failed:
        raise typer.Exit(4)


def _moment(as_of: str, config: Any, period: str) -> Any:
    """Return the moment asked for, that of a run to go on with, or the present one."""
    import pandas as pd

    from sellerkit.audit import instant
    from sellerkit.unattended import unfinished

    if as_of:
        return instant(as_of, "--as-of")
    now = pd.Timestamp(utc_now()).floor("s").as_unit("us")
    return unfinished(config, period, now) or now


def _all(*says: Say) -> Say:
    def say(event: Event) -> None:
        for each in says:
            each(event)

    return say


def _lines(file: IO[str]) -> Callable[[Event], None]:
    """Return what writes each event as one line of JSON, at once."""

    def say(event: Event) -> None:
        level = {"failed": "error", "note": "info"}.get(event.state, "info")
        row = {"at": utc_now().isoformat(timespec="seconds"), "level": level} | vars(event)
        line = {key: value for key, value in row.items() if value != ""}
        file.write(harmless_json(json.dumps(line, ensure_ascii=False)) + "\n")
        file.flush()

    return say


@contextmanager
def _appended(path: Path) -> Iterator[IO[str]]:
    try:
        # what a file said may stand in it
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        file = os.fdopen(handle, "a", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--log {path}: cannot be written: {error.strerror}") from error
    with file:
        yield file


@contextmanager
def _progress() -> Iterator[Say]:
    """Show the step of each account while it is at work, and what failed."""
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def say(event: Event) -> None:
            where = event.account or "all"
            step = " ".join(part for part in (event.step, event.what) if part)
            words = harmless(f"{where}: {step}")
            if event.state == "failed":
                bar.console.print(plain(f"{where}: {step}: {event.said}"), style="red")
            elif event.state == "begin":
                tasks[where] = tasks.get(where) or bar.add_task(words, total=None)
                bar.update(tasks[where], description=words, visible=True)
            elif event.state == "end" and where in tasks:
                bar.update(tasks[where], visible=False)

        yield say


def _print(outcome: Outcome) -> None:
    since, until = outcome.since.isoformat(), outcome.until.isoformat()
    out.print(f"{since} to {until}, as of {outcome.as_of.isoformat()}", highlight=False)
    for name, headline in outcome.news.items():
        out.print(plain(f"{name}: {headline}"))
    for page in outcome.pages:
        out.print(plain(page))
    for address in outcome.addresses:
        out.print(plain(f"published: {address}"))
    for failure in outcome.failures:
        where = f"{failure.account}: " if failure.account else ""
        out.print(plain(f"{where}{failure.said}"), style="yellow" if failure.over else "red")
