"""`sellerkit policy`: the list, one rule, a user's file, the page; and what is refused how."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from sellerkit.cli import app
from sellerkit.errors import InputError, UsageError
from sellerkit.policy import Policy

HOSTILE = "\\u001b]0;owned\\u0007\\u202e[bold]x[/]"
OWN = (
    '[[rule]]\nid = "crt.window_hours"\nvalue = 12\nfrom = 2026-11-27\nto = 2026-12-24\n'
    f'marketplaces = ["US"]\nmark = "U"\nsource = "our own {HOSTILE}"\ndoubt = "none\\nat all"\n'
)


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "my.toml"
    path.write_text(OWN, "utf-8")
    return str(path)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["policy", *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    assert not any(sign in done.output for sign in "\x1b\x07\u202e")
    return done.output


def test_the_list_in_a_pipe_is_one_aligned_line_a_row() -> None:
    head, *lines = run().splitlines()
    rules = Policy.default().rules
    assert len(lines) == len(rules)
    assert head.split() == ["id", "value", "in", "force", "stores", "mark", "source"]
    starts = [head.index(name) for name in ("id", "value", "in force", "stores", "mark", "source")]
    for line, rule in zip(lines, rules, strict=True):
        assert line[: starts[1]].strip() == rule.id
        assert line[starts[4] : starts[5]].strip() == rule.mark
        assert all(line[start - 1] == " " and line[start] != " " for start in starts[1:])


def test_the_list_on_a_terminal_is_a_table(monkeypatch, capsys) -> None:
    from sellerkit.cli import policy

    monkeypatch.setattr(policy, "out", Console(force_terminal=True, width=150, color_system=None))
    policy._print_table(Policy.default().rules[:3], Policy.default())
    shown = capsys.readouterr().out
    assert "┃" in shown and "2015-12-01 to 2015-12-31" in shown


def test_the_list_as_json_has_rules_seasons_and_events() -> None:
    told = json.loads(run("--json"))
    policy = Policy.default()
    assert told["policy"] == policy.name
    counts = [len(told[name]) for name in ("rules", "holidays", "events")]
    assert counts == [len(policy.rules), len(policy.holidays), len(policy.events)]
    assert told["rules"][1] == {
        "id": "crt.window_hours", "name": "crt.window@2015-12-01", "value": 12, "unit": "hours",
        "from": "2015-12-01", "to": "2016-01-01", "marketplaces": [], "mark": "B",
        "how_sure": "B: Amazon’s words, quoted", "source": policy.rules[1].source,
        "note": None, "doubt": policy.rules[1].doubt, "own": False,
    }  # fmt: skip


def test_the_list_of_one_day_has_one_row_an_id() -> None:
    told = json.loads(run("--policy", "2015-12-05", "--json"))["rules"]
    assert len(told) == len({row["id"] for row in told})
    assert next(r for r in told if r["id"] == "crt.window_hours")["value"] == 12


@pytest.mark.parametrize(
    ("words", "value", "row"),
    [
        (["--at", "2015-12-05"], 12, "crt.window@2015-12-01"),
        (["--at", "2015-12-31T23:59:59Z"], 12, "crt.window@2015-12-01"),
        (["--at", "2016-01-01T01:00+02:00"], 12, "crt.window@2015-12-01"),
        (["--at", "2016-01-01"], 24, "crt.window@2016-01-01"),
        (["--policy", "2015-12-05"], 12, "crt.window@2015-12-01"),
        (["--at", "2015-12-05", "--marketplace", "de"], 12, "crt.window@2015-12-01"),
    ],
)
def test_one_rule_at_an_instant(words, value, row) -> None:
    (found,) = json.loads(run("show", "crt.window_hours", *words, "--json"))["rows"]
    assert (found["value"], found["name"]) == (value, row)
    text = run("show", "crt.window_hours", *words)
    assert text.startswith(f"crt.window_hours  {value} hours\n") and row in text


def test_one_rule_with_all_its_rows_its_mark_in_words_and_its_doubt() -> None:
    text = run("show", "claim.silence_hours")
    for words in (
        "none", "48 hours", "72 hours", "2012-02-01 to 2019-10-31", "since 2023-01-01",
        "ours, or of an assumed date: no Amazon source states it", "bears no date",
    ):  # fmt: skip
        assert words in text
    assert text.count("how sure") == 3


def test_one_rule_by_the_name_that_findings_give_it() -> None:
    assert run("show", "crt.window@2015-12-01").count("how sure") == 1


def test_before_the_first_row_is_said() -> None:
    assert "before it" in run("show", "crt.unit", "--at", "2011-01-01")
    assert "before it" not in run("show", "crt.unit", "--at", "2012-02-01")


def test_a_stores_rows() -> None:
    rows = json.loads(run("show", "return.cross_border_days", "--marketplace", "UK", "--json"))
    assert [row["value"] for row in rows["rows"]] == ["none", 4, 3]
    rows = json.loads(run("show", "return.cross_border_days", "--marketplace", "US", "--json"))
    assert [row["value"] for row in rows["rows"]] == ["none"]


def test_a_users_rows_are_marked_as_his_and_command_no_terminal(own) -> None:
    text = run("show", "crt.window_hours", "--policy", own, "--at", "2026-12-01",
               "--marketplace", "US")  # fmt: skip
    assert "12 hours" in text and "crt.window@2026-11-27, yours" in text and "none at all" in text
    assert "[bold]x[/]" in text
    assert "yours: our own" in run("--policy", own)
    listed = json.loads(run("--policy", own, "--json"))["rules"]
    assert [row["name"] for row in listed if row["own"]] == ["crt.window@2026-11-27"]
    assert run("page", "--policy", own).count("crt.window@2026-11-27") == 1


def test_check_says_what_a_file_changes(own) -> None:
    text = run("check", own)
    assert "12 hours 2026-11-27 to 2026-12-23, stores: US" in text
    assert "without it 24 hours, crt.window@2016-01-01" in text
    assert text.rstrip().endswith("1 rule and 0 return seasons, nothing wrong")
    assert [row["value"] for row in json.loads(run("check", own, "--json"))["rules"]] == [12]


def test_check_refuses_a_file_that_is_wrong(own) -> None:
    Path(own).write_text(OWN.replace("value = 12", "value = -12"), "utf-8")
    with pytest.raises(InputError, match=r"my\.toml, line 3, rule 1 \(crt\.window_hours\), value"):
        run("check", own)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "crt.windw_hours"], r"no rule is called crt\.windw_hours; near it: crt\.window"),
        (["show", "window"], r"near it: .*return\.window_days"),
        (["show", "crt.unit", "--at", "soon"], "--at is 'soon'"),
        (["show", "crt.unit", "--marketplace", "XX"], "--marketplace XX: no such store"),
        (["--policy", "nowhere.toml"], "neither a date"),
        (["--json", "show", "crt.unit"], "after show"),
    ],
)
def test_what_cannot_be_is_refused(words, told) -> None:
    with pytest.raises(UsageError, match=told):
        run(*words)


def test_an_unknown_id_is_one_sentence_and_exit_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sellerkit", "policy", "show", "crt.windw_hours"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and "near it: crt.window_hours" in done.stderr
