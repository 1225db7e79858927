"""Marks into the lake and out: before and after the mails, taken back, and what versions keep."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sellerkit.audit import audit
from sellerkit.errors import InputError
from sellerkit.lake import QUARANTINE, Lake
from sellerkit.read.ingest import ingest
from sellerkit.read.ingest.marking import MarkReport, mark, unmark
from sellerkit.read.source import Context, Source
from sellerkit.tables import NO_RESPONSE_NEEDED

ORDER, OTHER = "302-0000001-0000001", "302-0000002-0000002"
SHOP = Context("shop")
NOW = pd.Timestamp("2026-01-20T00:00:00Z").as_unit("us")

#: b1 and b2 are the buyer's on one order, s1 the seller's, b3 of another order.
MESSAGES = f"""message_id,order_id,sent_at,sender
b1@x,{ORDER},2026-01-10T10:00:00Z,buyer
s1@x,{ORDER},2026-01-10T20:00:00Z,seller
b2@x,{ORDER},2026-01-15T10:00:00Z,buyer
b3@x,{OTHER},2026-01-15T10:00:00Z,buyer
"""


@pytest.fixture(scope="module")
def with_mails(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mails")
    add_mails(folder)
    return folder / "lake"


@pytest.fixture
def lake(tmp_path: Path, with_mails: Path) -> Path:
    """A lake of its own for each test: version 1, nothing marked."""
    return shutil.copytree(with_mails, tmp_path / "lake")


def add_mails(folder: Path) -> None:
    (folder / "messages.csv").write_text(MESSAGES)
    ingest([folder / "messages.csv"], folder / "lake", SHOP)


def text(words: str, name: str = "list.txt") -> Source:
    return Source(name, words.encode())


def csv_of(*lines: str) -> Source:
    return text("\n".join(["message_id,order_id,marked_at", *lines]), "no_response_needed.csv")


def put(lake: Path, source: Source, at: str = "") -> MarkReport:
    moment = pd.Timestamp(at).as_unit("us") if at else None
    return mark([source], lake, SHOP, now=NOW, at=moment)


def marked(lake: Path, version: int | None = None) -> str:
    messages = Lake.open(lake, version).histories()["messages"]
    return " ".join(sorted(messages.loc[messages["no_response_needed"], "message_id"].str[:2]))


def waived(lake: Path, version: int | None = None) -> int:
    found = audit(Lake.open(lake, version).histories(), as_of="2026-02-01")
    return int((found.contacts["status"] == "waived").sum())


def test_a_list_after_the_mails_marks_them(lake: Path) -> None:
    report = put(lake, text(f"{ORDER}\n<b3@x>\n"))
    assert marked(lake) == "b1 b2 b3"
    assert dict(zip(report.marks["marks"], report.marks["messages"], strict=True)) == {
        ORDER: 2,
        "b3@x": 1,
    }
    assert (report.marked, report.unmatched, report.lake.version) == (3, [], 2)


def test_a_list_before_the_mails_marks_them_when_they_come(tmp_path: Path) -> None:
    report = put(tmp_path / "lake", text(f"{ORDER}\nb3@x"))
    assert report.unmatched == [ORDER, "b3@x"]
    add_mails(tmp_path)
    assert marked(tmp_path / "lake") == "b1 b2 b3"


def test_an_orders_mark_ends_at_its_moment(lake: Path) -> None:
    report = put(lake, text(ORDER), at="2026-01-15T10:00:00Z")
    # sent at that very moment is not sent before it
    assert marked(lake) == "b1"
    assert report.marks["messages"].tolist() == [1]


def test_a_pasted_order_marks_what_came_until_now_and_a_csv_without_a_time_all(lake: Path) -> None:
    later = "b4@x,2026-01-25T10:00:00Z,buyer"
    rows = f"message_id,sent_at,sender,order_id\n{later},{ORDER}\nb5{later[2:]},{OTHER}\n"
    (lake.parent / "more.csv").write_text(rows)
    ingest([lake.parent / "more.csv"], lake, SHOP)
    put(lake, text(ORDER))
    put(lake, csv_of(f",{OTHER},"))
    assert marked(lake) == "b1 b2 b3 b5"


def test_only_buyers_messages_are_marked_or_counted(lake: Path) -> None:
    report = put(lake, text("s1@x"))
    assert (marked(lake), report.unmatched) == ("", ["s1@x"])


def test_of_two_marks_the_further_one_stands(lake: Path) -> None:
    put(lake, text(ORDER), at="2026-01-12T00:00Z")
    assert put(lake, text(ORDER), at="2026-01-11T00:00Z").marks["outcome"].tolist() == ["same"]
    assert put(lake, csv_of(f",{ORDER},")).marks["outcome"].tolist() == ["updated"]
    assert marked(lake) == "b1 b2"
    again = put(lake, text(ORDER), at="2026-01-12T00:00Z")
    assert again.marks["outcome"].tolist() == ["same"]
    assert marked(lake) == "b1 b2"


def test_two_lists_at_once_count_each_id_once_a_list(lake: Path) -> None:
    lists = [csv_of(f",{ORDER},2026-01-12"), csv_of(f",{ORDER},2026-01-18", "b3@x,,")]
    report = mark(lists, lake, SHOP, now=NOW)
    first, second = (account.tables["no_response_needed"] for account in report.files)
    assert first == {"rows": 1, "new": 1, "updated": 0, "same": 0}
    assert second == {"rows": 2, "new": 1, "updated": 1, "same": 0}
    assert marked(lake) == "b1 b2 b3"


def test_what_is_taken_back_is_gone_from_then_on_and_the_past_keeps_it(lake: Path) -> None:
    put(lake, text(f"{ORDER}\nb3@x"))
    report = unmark([text(ORDER)], lake, SHOP)
    assert (marked(lake, 1), marked(lake, 2), marked(lake, 3)) == ("", "b1 b2 b3", "b3")
    assert [waived(lake, version) for version in (1, 2, 3)] == [0, 3, 1]
    assert report.marks["outcome"].tolist() == ["taken back"]
    assert (report.marked, report.still_marked, report.lake.version) == (1, {}, 3)


def test_what_was_taken_back_can_be_marked_again_by_the_same_list(lake: Path) -> None:
    for _ in range(2):
        put(lake, csv_of(f",{ORDER},"))
        assert waived(lake) == 2
        unmark([csv_of(f",{ORDER},")], lake, SHOP)
        assert waived(lake) == 0


def test_a_list_ingested_again_marks_again(lake: Path, tmp_path: Path) -> None:
    place = tmp_path / "no_response_needed.csv"
    place.write_bytes(bytes(csv_of(f",{ORDER},").data))
    ingest([place], lake, SHOP)
    unmark(None, lake, SHOP)
    ingest([place], lake, SHOP)
    assert marked(lake) == "b1 b2"


def test_an_ingested_list_is_taken_back_too(lake: Path, tmp_path: Path) -> None:
    place = tmp_path / "no_response_needed.csv"
    place.write_bytes(bytes(csv_of(f",{ORDER},", "b3@x,,").data))
    ingest([place], lake, SHOP)
    assert marked(lake) == "b1 b2 b3"
    assert len(unmark(None, lake, SHOP).marks) == 2
    assert marked(lake) == ""


def test_all_of_one_account_leaves_the_others(lake: Path) -> None:
    mark([text("b3@x")], lake, Context("other"), now=NOW)
    put(lake, text(ORDER))
    unmark(None, lake, SHOP)
    kept = Lake.open(lake).read(NO_RESPONSE_NEEDED)
    assert kept[["account", "marks"]].to_numpy().tolist() == [["other", "b3@x"]]


def test_a_message_that_its_orders_mark_still_covers_is_told(lake: Path) -> None:
    put(lake, text(ORDER))
    report = unmark([text("b1@x")], lake, SHOP)
    assert report.marks["outcome"].tolist() == ["not marked"]
    assert report.still_marked == {"b1@x": 1}
    # nothing was changed, so there is no new version
    assert (marked(lake), report.lake.version) == ("b1 b2", 2)


def test_the_same_list_again_makes_no_version(lake: Path) -> None:
    first = put(lake, csv_of(f",{ORDER},"))
    again = put(lake, csv_of(f",{ORDER},"))
    assert again.lake.version == first.lake.version == 2
    assert again.marks["outcome"].tolist() == ["same"]


def test_a_line_without_an_id_is_kept_with_its_place(lake: Path) -> None:
    put(lake, text(f"Order ID\n{ORDER}\n"))
    aside = Lake.open(lake).read(QUARANTINE)
    assert aside[["source", "source_pos", "raw"]].to_numpy().tolist() == [
        ["list.txt", 1, "Order ID"]
    ]


def test_the_log_tells_which_list_marked_and_which_took_back(lake: Path) -> None:
    put(lake, text(f"{ORDER}\nno id"))
    unmark([text(ORDER, "back.txt")], lake, SHOP)
    log = Lake.open(lake).ingests().sort_values("version").tail(2)
    assert log["source"].tolist() == ["list.txt", "back.txt"]
    assert log["reading"].str.partition("|")[0].tolist() == ["mark", "unmark"]
    assert log[["read", "used", "quarantined"]].to_numpy().tolist() == [[2, 1, 1], [1, 1, 0]]
    tables = [json.loads(words)["no_response_needed"] for words in log["tables"]]
    assert (tables[0]["new"], tables[1]["removed"]) == (1, 1)


def test_a_list_that_names_nothing_is_refused_and_changes_nothing(lake: Path) -> None:
    with pytest.raises(InputError, match=r"list.txt: it names no order and no message"):
        put(lake, text("nothing here\n"))
    assert Lake.open(lake).version == 1


def test_there_is_nothing_to_take_back_where_there_is_no_lake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no lake here"):
        unmark(None, tmp_path / "none", SHOP)
    assert not (tmp_path / "none").exists()
