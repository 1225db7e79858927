"""The command that checks a message before it is sent."""

from __future__ import annotations

import datetime as dt
import enum
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sellerkit.cli.options import AsJson, context_of
from sellerkit.cli.printed import harmless, harmless_json, out, plain
from sellerkit.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: Amazon takes 4,000 characters; what is far longer is no message.
_MOST_BYTES = 1_000_000

_COLOURS = {"error": "red", "warning": "yellow"}

#: How much of a line is shown on either side of a place.
_AROUND = 60


class Kind(enum.StrEnum):
    """Whether the message answers one of the buyer's, or nobody asked for it."""

    reply = "reply"
    proactive = "proactive"


def lint(
    file: Annotated[str, typer.Argument(metavar="FILE or -", help="The text; - standard input.")],
    kind: Annotated[
        Kind, typer.Option("--kind", help="An answer to the buyer, or a message unasked.")
    ] = Kind.reply,
    marketplace: Annotated[
        str, typer.Option("--marketplace", metavar="CC", help="The store, as DE or UK.")
    ] = "",
    subject: Annotated[
        str, typer.Option("--subject", metavar="TEXT", help="Its subject, checked too.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check a message's text against Amazon's rules before it is sent; exit 1 on an error.

    Examples: [bold]sellerkit lint answer.txt[/]
    [bold]pbpaste | sellerkit lint - --kind proactive --marketplace DE --subject "Delay of 302-…"[/]
    """
    store = context_of("", marketplace, []).marketplace
    text = _text(file)
    found = _found(text, subject, kind is Kind.proactive, store)
    if as_json:
        rows = found.drop(columns="row").to_dict("records")
        print(harmless_json(json.dumps({"violations": rows}, ensure_ascii=False)))
    else:
        _show(text, found.to_dict("records"))
    if (found["severity"] == "error").any():
        raise typer.Exit(1)


def _text(file: str) -> str:
    """Return the text of a file or of standard input.

    Raises
    ------
    InputError
        It cannot be read, is too long for a message, or is no text in UTF-8.
    """
    from sellerkit.text.lint import LONGEST

    name = "standard input" if file == "-" else file
    try:
        if file == "-":
            data = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise InputError(f"{name}: more than {_MOST_BYTES:,} bytes, which is no message")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not a text in UTF-8 (byte {error.start})") from error
    if len(text) > LONGEST:
        raise InputError(f"{name}: more than {LONGEST:,} characters, which is no message")
    if "\0" in text:
        raise InputError(f"{name}: not a text but a binary file")
    return text


def _found(text: str, subject: str, proactive: bool, store: str | None) -> pd.DataFrame:
    import pandas as pd

    from sellerkit.policy import Policy
    from sellerkit.text import language
    from sellerkit.text.lint import lint as check

    draft = pd.DataFrame({"subject": [subject or None], "body": [text]}, dtype="str")
    draft["language"] = language(draft["subject"], draft["body"])
    draft["marketplace"] = pd.Series([store], dtype="str")
    found = check(draft.assign(proactive=proactive))
    now = pd.Timestamp(dt.datetime.now(dt.UTC))
    overrides, _ = Policy.default().value("message.important_override", now, store)
    return found[found["rule"] != "important_tag"] if overrides else found


def _show(text: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        colour = _COLOURS[row["severity"]]
        out.print(f"[{colour}]{row['severity']}[/] [bold]{row['rule']}[/]", highlight=False)
        for line in _place(text, row):
            out.print(plain(line), soft_wrap=True)
        out.print(plain(f"  {row['why']}"), soft_wrap=True)
    errors = sum(row["severity"] == "error" for row in rows)
    if rows:
        out.print(f"{errors} errors, {len(rows) - errors} warnings", highlight=False)
    else:
        out.print("nothing that breaks a rule", highlight=False)


def _place(text: str, row: dict[str, Any]) -> list[str]:
    """Return the line in which a place begins, and a line of carets below it."""
    from rich.cells import cell_len

    start, end = row["start"], row["end"]
    if start < 0:
        return [f"  {harmless(row['excerpt'])[:200]}"] if row["excerpt"].strip() else []
    number = text.count("\n", 0, start) + 1
    first = max(text.rfind("\n", 0, start) + 1, start - _AROUND)
    line_end = text.find("\n", start)
    last = min(len(text) if line_end < 0 else line_end, max(end, start + 1) + _AROUND)
    before, marked = _flat(text[first:start]), _flat(text[start : min(end, last)])
    label = f"  {number}: "
    shown = f"{label}{before}{marked}{_flat(text[min(end, last) : last])}"
    return [shown, " " * cell_len(label + before) + "^" * max(cell_len(marked), 1)]


def _flat(text: str) -> str:
    """Return text as one line that a terminal only shows, each sign as wide as it is counted."""
    return harmless(text.replace("\r", "").replace("\n", " ").replace("\t", " "))
