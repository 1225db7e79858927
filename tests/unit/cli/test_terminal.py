"""Nothing that a file said commands a terminal or a shell, whichever command shows it."""

from __future__ import annotations

import ast
import io
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from hostile_rows import TEXTS
from icalendar import Calendar
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

import sellerkit
from sellerkit.cli import printed
from sellerkit.report.calendar import calendar_of

PACKAGE = Path(sellerkit.__file__).parent
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def table(text: str) -> Table:
    grid = Table("head")
    grid.add_row(Text(text))
    return grid


@pytest.mark.parametrize("make", [str, Text, table, Panel], ids=lambda make: make.__name__)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_console_shows_strangers_words_and_obeys_none(make, text) -> None:
    console = printed._Console(file=io.StringIO(), width=200)
    console.print(make(text), markup=False)
    assert not COMMANDS.search(console.file.getvalue())


def test_all_json_is_printed_so_that_a_terminal_only_shows_it() -> None:
    found = 0
    for path in PACKAGE.joinpath("cli").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "print"):
                continue
            words = "".join(map(ast.unparse, call.args))
            if "json" in words:
                assert words.startswith("harmless_json("), f"{path.name}: {words}"
                found += 1
    assert found > 10


def duty(text: str) -> pd.DataFrame:
    at = pd.Timestamp("2026-10-05T06:00Z")
    row = {"obligation_id": f"inquiry:{text}", "kind": "inquiry", "problem": None, "status": "open",
           "order_id": text, "marketplace": text, "account": text, "rule": text,
           "trigger_at": at, "due_at": at + pd.Timedelta(hours=24)}  # fmt: skip
    return pd.DataFrame([row])


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_calendar_has_one_event_and_its_commands_one_word(text) -> None:
    written = calendar_of(duty(text), pd.Timestamp("2026-10-05T06:00Z"), str)
    parts = [part.name for part in Calendar.from_ical(written).walk()]
    assert parts == ["VCALENDAR", "VEVENT", "VALARM"]
    (event,) = Calendar.from_ical(written).walk("VEVENT")
    assert "ATTACH" not in event and "ATTENDEE" not in event
    commands = str(event["DESCRIPTION"]).partition("Why: ")[2].partition("\nText: ")[0]
    assert len(shlex.split(commands)) == 3
