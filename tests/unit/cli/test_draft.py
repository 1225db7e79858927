"""`sellerkit draft` as a user runs it."""

from __future__ import annotations

import email
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mails import ALIAS, ORDER, mail, mbox
from typer.testing import CliRunner

from sellerkit import tables
from sellerkit.cli import app
from sellerkit.errors import UsageError
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report.load import load_run

HOSTILE = "Where is it? \x1b]0;owned\x07 \x9b31m"
ORDERS = (
    "order_id,marketplace,purchased_at,status,latest_ship_at\n"
    f"{ORDER},DE,2020-01-01T10:00Z,unshipped,2020-01-05T10:00Z\n"
)
ITEMS = f'order_id,item_id,sku,asin,title,quantity\n{ORDER},1,S,A,"Lamp \x1b]0;owned\x07",1\n'


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    for name, data in {
        "all.mbox": mbox(mail(HOSTILE)),
        "orders.csv": ORDERS.encode(),
        "order_items.csv": ITEMS.encode(),
    }.items():
        (folder / "files" / name).parent.mkdir(exist_ok=True)
        (folder / "files" / name).write_bytes(data)
    context = Context("shop", "DE", frozenset({"shop@seller.example"}))
    ingest([folder / "files"], folder / "lake", context)
    return folder / "lake"


def run(lake: Path | None, *words: str) -> Any:
    options = ["--lake", str(lake), "--as-of", "2020-01-08"] if lake else []
    return CliRunner().invoke(app, ["draft", *words, *options])


def drafts(lake: Path, *words: str) -> list[dict[str, Any]]:
    done = run(lake, "--json", *words)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["as_of"] == "2020-01-08T00:00:00+00:00"
    return found["drafts"]


def test_all_that_is_owed_is_drafted_by_urgency(lake: Path) -> None:
    found = drafts(lake, "--all-due")
    assert [row["template"] for row in found] == ["late_shipment", "inquiry"]
    assert [row["also_owed"] for row in found] == [
        [found[1]["obligation_id"]], [found[0]["obligation_id"]],
    ]  # fmt: skip
    assert all(row["warnings"] == [] and row["gaps"] == [] for row in found)
    assert {row["order_id"] for row in found} == {ORDER}


def test_one_is_found_by_the_id_of_the_obligation(lake: Path) -> None:
    wanted = drafts(lake, "--all-due")[0]
    assert drafts(lake, wanted["obligation_id"]) == [wanted]
    assert len(drafts(lake, ORDER)) == 2


def test_what_is_printed_can_be_pasted_and_commands_no_terminal(lake: Path) -> None:
    done = run(lake, "--all-due")
    assert done.exit_code == 0
    assert "\x1b" not in done.stdout and "\x9b" not in done.stdout
    for row in drafts(lake, "--all-due"):
        assert f"# Subject: {row['subject']}\n" in done.stdout
        assert f"\n\n{row['text']}" in done.stdout


def test_a_gap_and_a_broken_rule_are_said_above_the_text(lake: Path) -> None:
    done = run(lake, ORDER, "--template", "check_in", "--set", "seller=Lamps, call 030 123 45 67 8")
    assert "# FILL IN: the day on which it was delivered\n" in done.stdout
    assert "# WARNING: error: phone_number" in done.stdout


def test_mails_are_written_and_left_alone(lake: Path, tmp_path: Path) -> None:
    found = drafts(lake, "--all-due", "--eml", str(tmp_path / "out"))
    for row in found:
        read = email.message_from_bytes(Path(row["eml"]).read_bytes())
        assert read["X-Unsent"] == "1" and read["To"] == row["to"] == ALIAS
    Path(found[0]["eml"]).write_text("edited", "utf-8")
    done = run(lake, "--all-due", "--eml", str(tmp_path / "out"))
    assert "was there, and is left as it is" in done.stderr.replace("\n", " ")
    assert Path(found[0]["eml"]).read_text("utf-8") == "edited"


def test_texts_are_copied_out_edited_and_used(lake: Path, tmp_path: Path) -> None:
    done = run(None, "--write-templates", str(tmp_path))
    assert done.exit_code == 0 and str(tmp_path / "de.toml") in done.stdout.replace("\n", "")
    language = drafts(lake, "--all-due")[0]["language"]
    file = tmp_path / f"{language}.toml"
    file.write_text(file.read_text("utf-8").replace("{seller}", "Your lamp maker"), "utf-8")
    found = drafts(lake, "--all-due", "--templates", str(tmp_path))
    assert all(row["text"].endswith("Your lamp maker\n") for row in found)


def test_what_is_older_than_the_window_is_said(lake: Path) -> None:
    words = ["draft", "--all-due", "--lake", str(lake), "--as-of", "2020-03-08"]
    done = CliRunner().invoke(app, words)
    assert done.stdout == ""
    assert "2 owed mails were triggered before" in done.stderr.replace("\n", " ")
    done = CliRunner().invoke(app, [*words, "--since", "2020-01-01"])
    assert done.stdout.count("# obligation ") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give ids of obligations or orders, or --all-due"),
        ([ORDER, "--all-due"], "give ids"),
        ([ORDER, "--hours", "3"], "--hours goes with --all-due"),
        ([ORDER, "--template", "nothing"], "there are inquiry"),
        (["--all-due", "--set", "new_date"], "NAME=VALUE"),
        (["--all-due", "--set", "newdate=1"], "do you mean new_date"),
    ],
)
def test_a_slip_is_one_sentence(lake: Path, words: list[str], said: str) -> None:
    done = run(lake, *words)
    assert isinstance(done.exception, UsageError) and said in str(done.exception)


def test_the_lake_is_asked_for() -> None:
    done = run(None, "--all-due")
    assert isinstance(done.exception, UsageError) and "--lake DIR" in str(done.exception)


@pytest.mark.parametrize(
    ("state", "said"),
    [("due", []), ("too_early", ["the check-in is too early: not yet"])],
)
def test_a_check_in_that_is_not_due_is_warned_of(
    lake: Path, monkeypatch: pytest.MonkeyPatch, state: str, said: list[str]
) -> None:
    found = load_run(lake, as_of="2020-01-08")
    row = {"order_id": ORDER, "account": "shop", "state": state, "why": "not yet"}
    found.audit.findings["check_ins"] = tables.conform(pd.DataFrame([row]), tables.CHECK_INS)
    monkeypatch.setattr("sellerkit.report.load.load_run", lambda *_, **__: found)
    (row,) = drafts(lake, ORDER, "--template", "check_in")
    assert row["warnings"] == said
