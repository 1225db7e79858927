"""`sellerkit schedule`: the entry of a scheduler that has `sellerkit run` started by itself."""

from __future__ import annotations

import sys
from datetime import UTC, date, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from sellerkit.cli.printed import err, plain, warn
from sellerkit.cli.run import DEFAULT_CONFIG, ConfigOption, utc_now
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.schedule import Entry

#: What a machine's clock goes by, on Linux and macOS.
_LOCALTIME = Path("/etc/localtime")


class Scheduler(StrEnum):
    """What starts it."""

    cron = "cron"
    systemd = "systemd"
    github = "github"
    airflow = "airflow"
    jupyter = "jupyter"


def schedule(
    scheduler: Annotated[Scheduler, typer.Argument(help="What is to start it.")],
    config: ConfigOption = DEFAULT_CONFIG,
    at: Annotated[
        str, typer.Option("--at", metavar="HH:MM", help="In the zone of the account.")
    ] = "06:30",
    every: Annotated[
        str,
        typer.Option(
            "--every", metavar="P", help="day, week or month. Default: by the file's period."
        ),
    ] = "",
    on: Annotated[
        str, typer.Option("--on", metavar="DAY", help="Day of a week. Default: Monday.")
    ] = "",
    account: Annotated[str, typer.Option("--account", metavar="NAME", help="Only this one.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write files there.")
    ] = None,
) -> None:
    """Write what a scheduler needs to start `sellerkit run`: to paste, or as files.

    cron: a line of a crontab. systemd: a unit and its timer. github: a workflow.
    airflow: a DAG of one PapermillOperator. jupyter: a job of jupyter-scheduler.
    Nothing is installed or started by it.

    Example: [bold]sellerkit schedule cron --at 06:30 --every week --on Monday[/]

    Example: [bold]sellerkit schedule systemd --out ~/.config/systemd/user[/]
    """
    from sellerkit.config import load
    from sellerkit.schedule import Here, entries, plan_of

    plan = plan_of(load(config), program=_program(), at=at, every=every, on=on, account=account)
    today = utc_now().date()
    _warn_of_gap(plan.when.skipped(today), at, plan.when.zone)
    folder = (out or plan.home).resolve()
    here = Here(_machine_zone(), today, folder, Path(sys.executable).name)
    made = entries(scheduler.value, plan, here)
    if out is None:
        _show(made)
    else:
        _write(made, out)


def _program() -> list[str]:
    """Return the words that start sellerkit from anywhere."""
    python = Path(sys.executable)
    script = python.with_name("sellerkit")
    # without -P a module in the folder it is started in would go before sellerkit's
    return [str(script)] if script.is_file() else [str(python), "-P", "-m", "sellerkit"]


def _machine_zone() -> tzinfo:
    """Return the zone by which this machine's clock, and so its cron, goes."""
    try:
        with _LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC


def _warn_of_gap(day: date | None, at: str, zone: str) -> None:
    if day is not None:
        warn(f"there is no {at} in {zone} on {day}, as clocks go forward: choose another time")


def _show(made: list[Entry]) -> None:
    print("\n".join(entry.text for entry in made if entry.paste), end="")
    for entry in made:
        if not entry.paste:
            warn(f"it needs the notebook {entry.name} too: --out DIR writes both")


def _write(made: list[Entry], folder: Path) -> None:
    """Write the files; one that is there and says something else is not overwritten."""
    for entry in made:
        path = folder / entry.name
        if path.exists() and path.read_bytes() != entry.text.encode():
            raise UsageError(f"{path}: it is there already, and says something else; remove it")
    for entry in made:
        path = folder / entry.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(entry.text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
        print(path)
    err.print(plain("docs/schedulers.md says where each goes and what is to be done then"))
