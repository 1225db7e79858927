"""`sellerkit due` as a user runs it: urgency, calendar, and nothing of a buyer in it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from mails import ALIAS, ORDER, mail, mbox
from typer.testing import CliRunner

from sellerkit.cli import app
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context

HOSTILE = "Where is my lamp, says Canary Smith? \x1b]0;owned\x07"
#: To be shipped by 5 January; announcing that is due a day later, so it is overdue on the 7th.
ORDERS = (
    "order_id,marketplace,purchased_at,status,latest_ship_at\n"
    f"{ORDER},DE,2020-01-01T10:00Z,unshipped,2020-01-05T10:00Z\n"
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "files").mkdir()
    (folder / "files" / "all.mbox").write_bytes(mbox(mail(HOSTILE)))
    (folder / "files" / "orders.csv").write_text(ORDERS)
    ingest(
        [folder / "files"], folder / "lake", Context("shop", "DE", frozenset({"shop@x.example"}))
    )
    return folder / "lake"


def run(lake: Path, *words: str, as_of: str = "2020-01-07T06:00Z") -> Any:
    done = CliRunner().invoke(app, ["due", "--lake", str(lake), "--as-of", as_of, *words])
    assert done.exit_code == 0, done.output
    return done


def rows(lake: Path, *words: str, **options: str) -> list[dict[str, Any]]:
    return json.loads(run(lake, "--json", *words, **options).stdout)["due"]


def events(path: Path) -> list[Any]:
    return Calendar.from_ical(path.read_bytes()).walk("VEVENT")


def test_overdue_comes_first_then_what_has_least_time(lake: Path) -> None:
    found = rows(lake)
    assert [(row["kind"], row["overdue"]) for row in found] == [
        ("order_problem", True),
        ("inquiry", False),
    ]
    late, soon = found
    assert late["hours_left"] < 0 < soon["hours_left"] < 24
    due = dt.datetime.fromisoformat(soon["due_at"])
    left = due - dt.datetime(2020, 1, 7, 6, tzinfo=dt.UTC)
    assert soon["hours_left"] == pytest.approx(left.total_seconds() / 3600, abs=1e-3)
    assert soon["due_local"] == (due + dt.timedelta(hours=1)).isoformat().replace(
        "+00:00", "+01:00"
    )
    assert soon["order_id"] == ORDER and soon["marketplace"] == "DE"
    assert soon["rule"].startswith("crt.window@")


def test_only_what_is_due_within_the_hours_is_listed(lake: Path) -> None:
    whole = json.loads(run(lake, "--json", "--hours", "0").stdout)
    assert [row["overdue"] for row in whole["due"]] == [True]
    assert whole["later"] == 1
    shown = run(lake, "--hours", "0").stdout
    assert "1 overdue" in shown and "1 open after that" in shown


def test_what_is_older_than_the_window_is_counted_and_found_by_since(lake: Path) -> None:
    later = "2020-06-01"
    assert rows(lake, as_of=later) == []
    shown = run(lake, as_of=later).stdout
    assert "nothing is owed" in shown and "2 more were never written" in shown
    assert len(rows(lake, "--since", "2020-01-01", as_of=later)) == 2


def test_the_table_says_all_of_it(lake: Path) -> None:
    shown = run(lake).stdout
    for word in ("Shipped late", "Inquiry", ORDER, "DE", "crt.window@", "Europe/Berlin", "−"):
        assert word in shown, word
    assert shown.index("Shipped late") < shown.index("Inquiry")
    assert "nothing is owed" in run(lake, as_of="2019-01-01").stdout


def test_a_calendar_has_each_mail_once_with_an_alarm(lake: Path, tmp_path: Path) -> None:
    run(lake, "--ics", str(tmp_path / "due.ics"))
    found = events(tmp_path / "due.ics")
    listed = rows(lake)
    assert [e["dtend"].dt.isoformat() for e in found] == [row["due_at"] for row in listed]
    assert all(e["dtstart"].dt < e["dtend"].dt for e in found)
    alarms = [len(e.walk("VALARM")) for e in found]
    assert alarms == [0, 1]  # of what is overdue nobody can be reminded in time
    assert found[1].walk("VALARM")[0]["trigger"].dt <= dt.timedelta(0)
    assert ORDER in found[1]["summary"]


def test_importing_again_updates(lake: Path, tmp_path: Path) -> None:
    run(lake, "--ics", str(tmp_path / "one.ics"))
    run(lake, "--ics", str(tmp_path / "again.ics"))
    run(lake, "--ics", str(tmp_path / "later.ics"), as_of="2020-01-09")
    assert (tmp_path / "one.ics").read_bytes() == (tmp_path / "again.ics").read_bytes()
    first, later = events(tmp_path / "one.ics"), events(tmp_path / "later.ics")
    assert [e["uid"] for e in first] == [e["uid"] for e in later]
    assert all(a["sequence"] < b["sequence"] for a, b in zip(first, later, strict=True))
    assert first[1]["summary"].startswith("Write") and later[1]["summary"].startswith("Overdue")


def test_nothing_of_a_buyer_is_in_what_is_shown_or_written(lake: Path, tmp_path: Path) -> None:
    path = tmp_path / "due.ics"
    said = run(lake).output + run(lake, "--json", "--ics", str(path)).output
    said += path.read_bytes().replace(b"\r\n ", b"").decode()
    for word in ("Canary", "lamp", ALIAS, "owned", "@marketplace"):
        assert word not in said, word


def test_a_calendar_that_cannot_be_written_is_one_sentence(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    words = ["due", "--lake", str(lake), "--as-of", "2020-01-08", "--ics"]
    done = CliRunner().invoke(app, [*words, str(tmp_path / "file" / "due.ics")])
    assert done.exit_code != 0 and "cannot be written" in str(done.exception)
