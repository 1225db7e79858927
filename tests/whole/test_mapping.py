"""The mapping commands, and a file that is read by a mapping, as a user does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sheets import workbook

from sellerkit.lake import Lake
from sellerkit.tables import MESSAGES

ROWS = [
    ["Ticket", "Datum", "Richtung", "Bestellung", "Text"],
    ["1", "05.10.2026 06:00", "ein", "302-1234567-1234567", "Wo ist mein Paket?"],
    ["1", "05.10.2026 08:00", "aus", "302-1234567-1234567", "Es ist unterwegs."],
    ["1", "morgen", "aus", "302-1234567-1234567", "Es kommt."],
]
TOML = """
history = "messages"
[columns]
thread_id = "Ticket"
sent_at = { column = "Datum", format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin" }
sender = { column = "Richtung", values = { ein = "buyer", aus = "seller" } }
order_id = "Bestellung"
body = "Text"
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "export.xlsx"
    path.write_bytes(workbook(Daten=ROWS))
    return path


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "map.toml"
    path.write_text(TOML, "utf-8")
    return path


def test_a_spreadsheet_without_a_mapping_says_what_to_do(
    book: Path, run: object, tmp_path: Path
) -> None:
    done = run("ingest", book, "--lake", tmp_path / "lake", "--account", "A")
    assert done.code == 3
    assert "export.xlsx" in done.err and "sellerkit mapping draft" in done.err
    (tmp_path / "orders.csv").write_text("order_id,purchased_at\n302-1234567-1234567,2026-01-01\n")
    done = run(
        "ingest", book, tmp_path / "orders.csv", "--lake", tmp_path / "lake", "--account", "A",
        "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    (reason,) = done.json["totals"]["skipped"]
    assert "sellerkit mapping draft" in reason


def test_a_draft_goes_to_standard_output(book: Path, run: object) -> None:
    done = run("mapping", "draft", book)
    assert done.code == 0 and 'history = "messages"' in done.out
    assert '# sent_at = { column = "Datum", format = "…"' in done.out
    orders = run("mapping", "draft", book, "--history", "orders")
    assert 'history = "orders"' in orders.out
    assert run("mapping", "draft", book, "--history", "mails").code == 2
    assert run("mapping", "draft", book.parent).code == 3


def test_a_try_shows_rows_and_faults(book: Path, toml: Path, run: object) -> None:
    done = run("mapping", "try", book, "--mapping", toml)
    assert done.code == 0, done.err
    assert "Wo ist mein Paket?" in done.out and "2026-10-05 04:00:00+00:00" in done.out
    assert "3 read, 2 used, 0 skipped, 1 do not fit" in done.out
    assert "at 4: sent_at: 'morgen'" in done.out


def test_ingest_by_a_mapping_and_again(book: Path, toml: Path, run: object, tmp_path: Path) -> None:
    words = ("ingest", book, "--lake", tmp_path / "lake", "--account", "A", "--json")
    first = run(*words, "--mapping", toml)
    assert first.code == 0, first.err
    (file,) = first.json["files"]
    assert file["format"].startswith("mapping:messages:")
    assert (file["read"], file["used"], file["quarantined"]) == (3, 2, 1)
    again = run(*words, "--mapping", toml).json["totals"]["tables"]["messages"]
    assert (again["new"], again["same"]) == (0, 2)
    # another mapping may say something else, so the file is read anew
    toml.write_text(TOML + 'channel = { constant = "other" }\n', "utf-8")
    other = run(*words, "--mapping", toml).json["totals"]["tables"]["messages"]
    assert other["updated"] == 2
    rows = Lake.open(tmp_path / "lake").read(MESSAGES)
    assert rows["channel"].tolist() == ["other", "other"]
    assert run(*words, "--mapping", toml, "--format", "mbox").code == 2


def test_a_bad_mapping_is_one_sentence_and_3(book: Path, toml: Path, run: object) -> None:
    toml.write_text(TOML.replace("sent_at", "sent"), "utf-8")
    done = run("mapping", "try", book, "--mapping", toml)
    assert done.code == 3
    assert "map.toml: columns.sent: messages has no such column" in " ".join(done.err.split())
    assert "Traceback" not in done.err
