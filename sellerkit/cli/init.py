"""`sellerkit init`: asks a few questions and writes a commented configuration file."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sellerkit.cli.printed import err, out, plain
from sellerkit.cli.run import DEFAULT_CONFIG, ConfigOption
from sellerkit.errors import InputError, UsageError

if TYPE_CHECKING:
    from sellerkit.config import Answers

#: What is asked, by the fields of `sellerkit.config.Answers`.
_QUESTIONS = {
    "account": "Name of the account",
    "marketplace": "Store (DE, UK, US, …)",
    "timezone": "Time zone, in which weeks and months begin",
    "own_address": "Mail address from which you write to buyers (empty: none)",
    "files": "Folder of files to read in every run (empty: none)",
    "imap_host": "Mail server to fetch from, as imap.gmail.com (empty: none)",
    "imap_user": "Name on the mail server",
    "amazon": "Fetch reports from Amazon's API?",
    "period": "Period of the reports (last-week, last-month, rolling-30)",
    "publish_folder": "Folder to publish the pages to (empty: none)",
    "smtp_host": "Mail server to send by, as smtp.gmail.com (empty: nothing is mailed)",
    "mail_from": "Mail address to send from",
    "mail_to": "Mail address to tell",
}

#: These are asked only where the other was answered.
_NEEDS = {"imap_user": "imap_host", "mail_from": "smtp_host", "mail_to": "smtp_host"}


def init(
    config: ConfigOption = DEFAULT_CONFIG,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; write the defaults.")
    ] = False,
) -> None:
    """Write a commented configuration file for `sellerkit run`; none is ever overwritten.

    Example: [bold]sellerkit init[/], then [bold]sellerkit doctor[/]
    """
    from sellerkit.config import Answers, config_text, load

    if config.exists():
        raise UsageError(f"{config}: it is there already, and is not overwritten")
    answers = Answers(files="histories") if yes else _asked(Answers())
    _write(config, config_text(answers))
    try:
        load(config)
    except InputError as error:
        err.print(plain(f"sellerkit: {error}"), style="yellow")
        err.print("sellerkit: mend it there; `sellerkit doctor` looks again", style="yellow")
    out.print(plain(f"written: {config}"))
    out.print("next: sellerkit doctor, then sellerkit run", highlight=False)


def _asked(start: Answers) -> Answers:
    from sellerkit.config import Answers

    said: dict[str, str | bool] = {}
    for field in fields(Answers):
        default = getattr(start, field.name)
        need = _NEEDS.get(field.name)
        if need and not said[need]:
            continue
        question = _QUESTIONS[field.name]
        if isinstance(default, bool):
            said[field.name] = typer.confirm(question, default=default, err=True)
        else:
            shown = typer.prompt(question, default=default, err=True, show_default=bool(default))
            said[field.name] = str(shown).strip()
    return Answers(**said)  # type: ignore[arg-type]  # each answer is of its field's type


def _write(path: Path, text: str) -> None:
    """Write a new file for the eyes of its owner alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path}: it is there already, and is not overwritten") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
