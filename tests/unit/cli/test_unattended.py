"""`init`, `doctor` and `run` as a user starts them."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from mails import mail, mbox

from sellerkit import cli
from sellerkit.config import load
from sellerkit.unattended.state import State


@pytest.fixture
def sellerkit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> object:  # fmt: skip
    """Run the command line in this process: its code, what it printed, what it complained of."""

    def run(*words: object) -> tuple[int, str, str]:
        class Left(BaseException):
            pass

        codes: list[int] = []

        def leave(code: int) -> None:
            codes.append(code)
            raise Left

        monkeypatch.setattr(sys, "argv", ["sellerkit", *map(str, words)])
        monkeypatch.setattr(cli.os, "_exit", leave)
        with pytest.raises(Left):
            cli.main()
        said = capsys.readouterr()
        return codes[0], said.out, said.err

    return run


def test_init_writes_a_file_for_its_owner_and_never_over_another(tmp_path, sellerkit) -> None:
    file = tmp_path / "sellerkit.toml"
    code, _, _ = sellerkit("init", "--yes", "--config", file)
    assert code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load(file).accounts[0].name == "My shop"
    text = file.read_text()
    code, _, err = sellerkit("init", "--yes", "--config", file)
    assert (code, file.read_text()) == (2, text)
    assert "is not overwritten" in err


def test_doctor_says_all_that_is_to_be_mended_and_exits_1(
    tmp_path, sellerkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_SUCH_PASSWORD", "HOOK", "SELLERKIT_IMAP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    (tmp_path / "taken").write_text("a file")
    file = tmp_path / "sellerkit.toml"
    file.write_text(
        '[[account]]\nname = "a"\nfiles = ["gone"]\n'
        '[[account.fetch]]\nkind = "imap"\nhost = "h.example"\nuser = "u"\n'
        'password_env = "NO_SUCH_PASSWORD"\n'
        "[limits]\nfree_disk_mb = 1_000_000_000\n"
        '[[publish]]\nkind = "folder"\nfolder = "taken/web"\n'
        '[[tell]]\nkind = "slack"\nurl_env = "HOOK"\n'
    )
    code, out, _ = sellerkit("doctor", "--config", file, "--json")
    bad = {row["what"]: row["said"] for row in json.loads(out)["checks"] if row["state"] == "bad"}
    assert code == 1
    assert set(bad) == {
        "a: files", "a: imap u on h.example", "disk", f"folder {tmp_path}/taken/web", "slack, HOOK",
    }  # fmt: skip
    assert "NO_SUCH_PASSWORD" in bad["a: imap u on h.example"]


def test_doctor_looks_at_what_telling_and_publishing_need(
    tmp_path, sellerkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setenv("HOOK", "http://hooks.example.com/canary-4711")
    monkeypatch.delenv("SELLERKIT_SMTP_PASSWORD", raising=False)
    mail = 'kind = "mail"\nhost = "h.example"\nsender = "s@x.de"\nto = ["t@x.de"]\nuser = "u"\n'
    file = tmp_path / "sellerkit.toml"
    file.write_text(
        f'[[account]]\nname = "a"\n[[publish]]\n{mail}[[tell]]\n{mail}'
        '[[publish]]\nkind = "fsspec"\nurl = "nothing://x"\n'
        '[[tell]]\nkind = "slack"\nurl_env = "HOOK"\n'
    )
    code, out, _ = sellerkit("doctor", "--config", file, "--json")
    bad = {row["what"]: row["said"] for row in json.loads(out)["checks"] if row["state"] == "bad"}
    assert code == 1
    assert set(bad) == {"mail to t@x.de", "store nothing://x", "slack, HOOK"}
    assert "`keyring set sellerkit-smtp u@h.example`" in bad["mail to t@x.de"]
    assert "canary" not in out
    monkeypatch.setenv("SELLERKIT_SMTP_PASSWORD", "p")
    monkeypatch.setenv("HOOK", "https://hooks.example.com/canary-4711")
    out = sellerkit("doctor", "--config", file, "--json")[1]
    bad = [row["what"] for row in json.loads(out)["checks"] if row["state"] == "bad"]
    assert bad == ["store nothing://x"]


def test_doctor_finds_a_clock_that_is_behind_and_nothing_else_amiss(tmp_path, sellerkit) -> None:
    file = tmp_path / "sellerkit.toml"
    file.write_text('[[account]]\nname = "a"\n')
    assert sellerkit("doctor", "--config", file)[0] == 0
    mailbox = tmp_path / "a.mbox"
    mailbox.write_bytes(mbox(mail()))
    assert sellerkit("ingest", mailbox, "--lake", tmp_path / "lake", "--account", "a")[0] == 0
    code, out, _ = sellerkit("doctor", "--config", file, "--as-of", "2020-01-07", "--json")
    assert code == 1
    assert [row["what"] for row in json.loads(out)["checks"] if row["state"] == "bad"] == ["clock"]


def test_a_second_run_says_who_is_at_work_and_exits_4(tmp_path, sellerkit) -> None:
    file = tmp_path / "sellerkit.toml"
    file.write_text('[[account]]\nname = "a"\n')
    with State(load(file).state).alone():
        code, out, err = sellerkit("run", "--config", file, "--as-of", "2026-10-05")
    assert (code, out) == (4, "")
    assert "another run is at work (process" in err


def test_a_run_without_anything_to_look_at_fails_visibly(tmp_path, sellerkit) -> None:
    file, log = tmp_path / "sellerkit.toml", tmp_path / "log"
    file.write_text('[[account]]\nname = "a"\nfiles = ["gone"]\n')
    words = ("run", "-c", file, "--as-of", "2026-10-05", "--log", log, "--json")
    code, out, err = sellerkit(*words)
    assert code == 4
    assert [row["step"] for row in json.loads(out)["failures"]] == ["ingest", "audit"]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["step"] for line in lines if line["level"] == "error"] == ["ingest", "audit"]
    assert [json.loads(line) for line in err.splitlines()] == lines
    assert "run failed" in (tmp_path / "reports" / "index.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--account", "b"], 2, "has no such account; it has a"),
        (["--period", "last-year"], 2, "there are last-week"),
        (["--as-of", "soon"], 2, "--as-of"),
    ],
)
def test_a_slip_is_one_sentence(tmp_path, sellerkit, words, code: int, said: str) -> None:
    file = tmp_path / "sellerkit.toml"
    file.write_text('[[account]]\nname = "a"\n')
    found, out, err = sellerkit("run", "-c", file, *words)
    assert (found, out) == (code, "")
    assert said in " ".join(err.split())
    assert not Path(tmp_path / "reports" / "index.html").exists()


def test_secrets_of_a_run_may_stand_in_a_file(tmp_path, sellerkit, monkeypatch) -> None:
    monkeypatch.delenv("HOOK", raising=False)
    monkeypatch.setattr("os.environ", dict(os.environ))
    file, secrets = tmp_path / "sellerkit.toml", tmp_path / "secrets.env"
    file.write_text('[[account]]\nname = "a"\n[[tell]]\nkind = "slack"\nurl_env = "HOOK"\n')
    assert sellerkit("doctor", "--config", file)[0] == 1
    secrets.write_text("HOOK=https://hook.example/x\n")
    secrets.chmod(0o644)
    code, out, _ = sellerkit("doctor", "--config", file, "--json")
    assert code == 1 and "chmod 600" in out
    assert sellerkit("run", "--config", file, "--as-of", "2026-10-05")[0] == 3
    secrets.chmod(0o600)
    code, out, _ = sellerkit("doctor", "--config", file, "--json")
    assert code == 0 and "hook.example" not in out


def test_schedule_prints_what_is_pasted_or_writes_files_once(tmp_path, sellerkit) -> None:
    file, units = tmp_path / "my shop" / "sellerkit.toml", tmp_path / "units"
    file.parent.mkdir()
    file.write_text('timezone = "UTC"\n[[account]]\nname = "a"\n')
    code, out, _ = sellerkit("schedule", "cron", "--config", file, "--at", "7:05", "--every", "day")
    assert code == 0 and f"cd '{file.parent}' && " in out and "--config sellerkit.toml" in out
    words = ("schedule", "systemd", "--config", file, "--out", units)
    code, out, _ = sellerkit(*words)
    made = [units / f"sellerkit-my-shop.{kind}" for kind in ("service", "timer")]
    assert (code, out.split("\n")[:-1]) == (0, [str(path) for path in made])
    before = [path.read_bytes() for path in made]
    # the same again is fine, another is not put over it
    assert sellerkit(*words)[0] == 0
    code, _, err = sellerkit(*words, "--at", "08:00")
    assert code == 2 and "says something else" in " ".join(err.split())
    assert [path.read_bytes() for path in made] == before


def test_schedule_warns_of_a_time_that_a_day_lacks(tmp_path, sellerkit) -> None:
    file = tmp_path / "sellerkit.toml"
    file.write_text('timezone = "Europe/Berlin"\n[[account]]\nname = "a"\n')
    code, out, err = sellerkit("schedule", "jupyter", "--config", file, "--at", "02:30")
    assert code == 0 and json.loads(out)["schedule"] == "30 2 * * *"
    assert "there is no 02:30 in Europe/Berlin on" in err and "--out DIR" in err
