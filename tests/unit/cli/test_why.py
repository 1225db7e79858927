"""`sellerkit why` as a user runs it: what is printed, in which zone, and what never reaches him."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from mails import ALIAS, ORDER, mail, mbox, reply
from typer.testing import CliRunner

from sellerkit.cli import app
from sellerkit.cli.why import moment_in
from sellerkit.errors import InputError, UsageError
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context

HOSTILE = "[bold red]markup[/] \x1b]0;owned\x07\x1b[2J \u202etxet"
HOSTILE_ID = "3[bold]\u202e\x9b31m@x"
MAILS = mbox(
    mail("Where is it? SECRET"),
    reply("It is on its way.", **{"Message-ID": "<2@seller>", "Date": "8 Jan 2020 10:00 +0000"}),
    mail(HOSTILE, **{"Message-ID": f"<{HOSTILE_ID}>", "Date": "9 Jan 2020 10:00 +0000"}),
)
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "all.mbox").write_bytes(MAILS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        ingest(
            [Path("all.mbox")], "lake", Context("shop", "DE", frozenset({"shop@seller.example"}))
        )
    return folder / "lake"


def run(lake: Path, *words: str) -> str:
    asked = ["why", *words, "--lake", str(lake), "--as-of", "2020-02-01"]
    done = CliRunner().invoke(app, asked, env={"COLUMNS": "80"})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_an_answer_that_came_late(lake: Path) -> None:
    text = run(lake, "<1@amazonses.com>")
    parts = (
        "as of 2020-02-01 01:00 (00:00 UTC)", "times of Europe/Berlin", "Buyer’s message: late",
        "2020-01-06 11:00 (10:00 UTC)", "crt.window@2016-01-01 allows 24 hours",
        "24.0 hours over: late.", "clock", "24 hours", "2020-01-07 11:00 (10:00 UTC)",
        "what happened", "← starts the clock", "all.mbox, position 0", "← answers",
        "message 2@seller", "rules", "A: Amazon’s own page", "200549770",
        "The audit of these records alone says the same as the whole audit.",
    )  # fmt: skip
    assert re.search(".*".join(map(re.escape, parts)), text, re.DOTALL)
    assert max(map(len, text.splitlines())) <= 80
    assert "SECRET" not in text


def test_texts_shows_the_first_line(lake: Path) -> None:
    assert "“Where is it? SECRET”" in run(lake, "1@amazonses.com", "--texts")


def test_nothing_that_a_mail_says_commands_the_terminal(lake: Path) -> None:
    for words in ((ORDER, "--texts"), (ORDER, "--json", "--texts"), (HOSTILE_ID,)):
        text = run(lake, *words)
        assert not UNSAFE.search(text)
        assert "[bold" in text  # shown as it is, not taken as markup


def test_json_is_one_object_and_whole(lake: Path) -> None:
    told = json.loads(run(lake, ORDER, "--json"))
    assert (told["id"], told["as_of"], told["lake_version"]) == (
        ORDER, "2020-02-01T00:00:00+00:00", 1,
    )  # fmt: skip
    first, second = told["derivations"]
    assert (first["verdict"], second["verdict"]) == ("late", "missed")
    assert first["clock"] == {
        "started_at": "2020-01-06T10:00:00+00:00", "limit": "24 hours",
        "due_at": "2020-01-07T10:00:00+00:00", "as_of": "2020-02-01T00:00:00+00:00",
        "stopped_at": "2020-01-08T10:00:00+00:00", "set_aside": "",
    }  # fmt: skip
    assert [event["id"] for event in first["events"]][:2] == ["1@amazonses.com", "2@seller"]
    assert first["agrees"] is True
    assert ALIAS not in json.dumps(told)


def test_by_the_rules_of_another_day(lake: Path) -> None:
    assert "allows 12 hours" in run(lake, "1@amazonses.com", "--policy", "2015-12-05")


def test_errors_are_one_sentence_and_name_what_ids_there_are(lake: Path) -> None:
    with pytest.raises(InputError) as error:
        run(lake, "nothing")
    assert error.value.exit_code == 3
    assert str(error.value) == (
        "nothing on file at 2020-02-01 00:00 UTC has the id 'nothing'; it can be of a message, an "
        "order, a return, a claim, a call or an obligation"
    )
    with pytest.raises(InputError, match="no account 'other'"):
        run(lake, ORDER, "--account", "other")
    with pytest.raises(UsageError, match="Mars"):
        run(lake, ORDER, "--timezone", "Mars/Olympus")


@pytest.mark.parametrize(
    ("zone", "at", "written"),
    [
        ("Europe/Berlin", "2026-07-01T22:30", "2026-07-02 00:30 (07-01 22:30 UTC)"),
        ("Europe/Berlin", "2026-01-01T10:00:05", "2026-01-01 11:00:05 (10:00:05 UTC)"),
        ("UTC", "2026-01-01T10:00:00.000001", "2026-01-01 10:00:00.000001 UTC"),
        ("Europe/London", "2026-01-01T10:00", "2026-01-01 10:00 UTC"),
    ],
)
def test_local_time_with_utc_beside_it(zone: str, at: str, written: str) -> None:
    assert moment_in(zone)(pd.Timestamp(at, tz="UTC")) == written
