"""`sellerkit lint`: what it prints, and with which exit code it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sellerkit.cli import app
from sellerkit.errors import InputError, UsageError

TEXT = "Hello,\nplease visit shop.example.com.\n"


def run(*words: str, given: str | bytes | None = None):
    return CliRunner().invoke(app, ["lint", *words], input=given)


def violations(*words: str, given: str | bytes) -> list[dict]:
    return json.loads(run("-", "--json", *words, given=given).stdout)["violations"]


def test_json_has_the_columns_of_the_contract_and_exact_offsets(tmp_path: Path):
    file = tmp_path / "draft.txt"
    file.write_text(TEXT, "utf-8")
    done = run(str(file), "--json")
    assert done.exit_code == 1
    (row,) = json.loads(done.stdout)["violations"]
    assert list(row) == ["rule", "severity", "excerpt", "start", "end", "why"]
    assert (row["rule"], row["severity"]) == ("external_link", "error")
    assert TEXT[row["start"] : row["end"]] == row["excerpt"] == "shop.example.com"


def test_a_clean_text_is_fine():
    done = run("-", "--json", given="The lid is on its way to you.")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"violations": []})
    assert "nothing that breaks a rule" in run("-", given="The lid is here.").stdout


def test_a_warning_alone_is_no_error():
    done = run("-", "--kind", "proactive", "--json", given="Which name shall we engrave?")
    assert done.exit_code == 0
    assert [row["rule"] for row in json.loads(done.stdout)["violations"]] == ["no_order_id"]


def test_the_kind_the_store_and_the_subject_are_used():
    text = "Which name?"
    subject = ("--subject", "Order 302-1234567-1234567")
    assert violations("--kind", "proactive", *subject, given=text) == []
    number = "Mein Büro: 030 1234567, werktags."
    assert [v["rule"] for v in violations("--marketplace", "de", given=number)] == ["phone_number"]
    assert violations("--marketplace", "US", given=number) == []
    tagged = violations("--subject", "[Important] x", given=text)
    assert [(v["rule"], v["start"]) for v in tagged] == [("important_tag", -1)]


def test_the_place_is_marked_below_its_line():
    lines = run("-", given=TEXT).stdout.splitlines()
    at = next(n for n, line in enumerate(lines) if "shop.example.com" in line)
    assert lines[at].startswith("  2: please visit")
    start = lines[at].index("shop.example.com")
    assert lines[at + 1] == " " * start + "^" * len("shop.example.com")


def test_wide_letters_are_counted_as_wide():
    lines = run("-", given="詳細は shop.example.com").stdout.splitlines()
    at = next(n for n, line in enumerate(lines) if "shop.example.com" in line)
    assert lines[at + 1].index("^") == lines[at].index("shop.example.com") + 3


def test_what_the_text_says_commands_no_terminal():
    given = "\x1b]0;title\x07 [red]x[/red] shop.example.com \x1b[31m\u202e"
    for words in ((), ("--json",)):
        shown = run("-", *words, given=given).stdout
        assert not any(sign in shown for sign in "\x1b\x07\u202e")
    assert "[red]x[/red]" in run("-", given=given).stdout


@pytest.mark.parametrize(
    "data",
    [b"\x7fELF\x02\x00\x01", b"text\x00with nul", b"\xff\xfe\x41", b"a" * 1_000_001, b"a" * 20_001],
)
def test_what_is_no_message_is_refused_in_a_sentence(data: bytes, tmp_path: Path):
    file = tmp_path / "x"
    file.write_bytes(data)
    done = run(str(file))
    assert isinstance(done.exception, InputError)
    assert "x: " in str(done.exception)
    assert isinstance(run(str(tmp_path)).exception, InputError)
    assert isinstance(run(str(tmp_path / "none")).exception, InputError)


def test_a_store_that_there_is_not_is_a_usage_error():
    assert isinstance(run("-", "--marketplace", "XX", given="a").exception, UsageError)


def test_exit_codes_of_the_command_itself(tmp_path: Path):
    def code(*words: str, given: bytes = b"") -> int:
        command = [sys.executable, "-m", "sellerkit", "lint", *words]
        return subprocess.run(command, input=given, capture_output=True).returncode

    assert code("-", given=b"Call me at a@b.co") == 1
    assert code("-", "--kind", "other") == 2
    assert code(str(tmp_path / "none")) == 3
