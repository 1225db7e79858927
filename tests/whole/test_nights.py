"""Nights of unattended runs: every page right, every incident told once, nothing lost or twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nights
import pytest
import receivers
from nights import TOOLS, Nights, as_of, set_up

from sellerkit.errors import HeldError
from sellerkit.lake import Lake
from sellerkit.report.places import Place
from sellerkit.report.record import read_records

ROOT = Path(__file__).resolve().parents[2]


def page(night: Nights, day: int, name: str = "due", account: str = "shop") -> Place:
    return Place.of(night.config.reports.out, account, name, as_of(day))


def killed(folder: Path, day: int, step: str, state: str) -> None:
    """Do a night in a process of its own that is killed as a step begins or ends."""
    words = [sys.executable, "-m", "nights", folder, day, step, state]
    places = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, env=places)
    assert done.returncode == -9, done.stderr


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Return where the mails of the nights go."""
    receivers.need("aiosmtpd")
    with nights.listening(tmp_path) as (_, inbox):
        yield inbox.port


def test_nights_with_a_kill_a_bad_file_a_dead_server_and_a_second_start(
    tmp_path: Path, port: int
) -> None:
    night = Nights(tmp_path, set_up(tmp_path, "shop", port=port))
    assert not night.run(1).failures

    # killed while it publishes: the night after it is as if it never had been, but that it is told
    killed(tmp_path, 2, "publish", "begin")
    half_done = page(night, 1).folder / ".building-x"
    half_done.mkdir()
    assert not night.run(2).failed
    assert not half_done.exists()

    # a bad file, a server that is dead, and a report that breaks: all else is done
    bad = tmp_path / "shop.files" / "cut.zip"
    bad.write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "shop.dead").touch()
    (tmp_path / "broken").write_text("due")
    third = night.run(3)
    assert [f.step for f in third.failed] == ["fetch", "ingest", "report"]
    assert page(night, 2).page.is_file()
    assert page(night, 3).failure.is_file()
    assert page(night, 3).failed_notebook.is_file()
    assert not page(night, 3).page.exists()
    assert page(night, 3, "compliance").page.is_file()
    assert "a report failed" in (night.config.reports.out / "index.html").read_text()

    # the file is still bad; the server is back, and what it kept comes now
    (tmp_path / "shop.dead").unlink()
    (tmp_path / "broken").unlink()
    seconds: list[HeldError] = []

    def twice(*words: object, **named: object) -> None:
        with pytest.raises(HeldError, match=r"another run is at work \(process \d+ on ") as held:
            night.run(4)
        seconds.append(held.value)
        nights.light(*words, **named)

    fourth = night.run(4, tools=replace(TOOLS, build=twice))
    assert [f.step for f in fourth.failed] == ["ingest"]
    assert [error.exit_code for error in seconds] == [4]

    bad.unlink()
    assert not night.run(8).failures
    messages = Lake.open(night.config.lake).histories()["messages"]
    assert sorted(messages["message_id"]) == sorted(set(messages["message_id"]))
    assert len(messages) == 1 + sum(len(nights.mails_of(day)) for day in range(1, 9))
    assert night.told_failures("mail") == [
        nights.stopped(2),
        "shop: Fetching from imap shop@seller.example on mail.shop.example failed.",
        "shop: Files could not be read.",
        "shop: The report due failed; the page before it is still there.",
    ]
    assert night.told_failures("slack") == night.told_failures("mail")
    assert night.told_of("missed") == [nights.order_of(7)]
    chat = [(row["night"], row["text"]) for row in night.told("slack")]
    assert [number for number, _ in chat] == [1, 2, 3, 8]
    assert chat[0][1].startswith("The first run that tells here")
    assert chat[-1][1] == "shop: 1 message to a buyer was not written in time."
    log = (tmp_path / "told.log").read_text()
    assert "a buyer's words" not in log
    assert "Jo" not in log


@pytest.mark.slow
def test_accounts_beside_each_other_and_one_that_is_lost(tmp_path: Path, port: int) -> None:
    night = Nights(tmp_path, set_up(tmp_path, "a", "b", port=port, parallel=2))
    first = night.run(1, tools=replace(TOOLS, build=nights.light_but_for_b))
    assert [(f.account, f.step) for f in first.failed] == [("b", "run")]
    assert "ended by signal 9" in first.failed[0].said
    made = {name: page(night, 1, account=name) for name in "ab"}
    assert [made[name].page.is_file() for name in "ab"] == [True, False]
    assert made["b"].failure.is_file()

    # the next try as of the same moment makes what is missing, and what is there it leaves alone
    one_by_one = {"limits": night.config.limits.model_copy(update={"parallel": 1})}
    night = Nights(tmp_path, night.config.model_copy(update=one_by_one))
    inode = made["a"].page.stat().st_ino
    again = night.run(1)
    assert not again.failures
    assert made["b"].page.is_file()
    assert not made["b"].failure.exists()
    assert made["a"].page.stat().st_ino == inode
    portfolio = Place.of(night.config.reports.out, "", "portfolio", as_of(1))
    assert read_records([portfolio.record])[0][0].record.lake_version == 2
    before = night.bytes()
    assert not night.run(1).failures
    assert night.bytes() == before
    assert night.told_failures("slack") == ["b: The run of this account came to no end."]
    assert night.told_failures("mail") == night.told_failures("slack")
