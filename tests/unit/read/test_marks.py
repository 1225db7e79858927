"""Pasted lists: which ids a line holds, and that every line is accounted for."""

from __future__ import annotations

import pandas as pd
import pytest

from sellerkit.read.marks import listed, matches, parse, parse_pasted
from sellerkit.read.source import Context, Parsed, Source

ORDER = "302-0000001-0000001"
OTHER = "028-7654321-7654321"


def pasted(text: str | bytes, *known: str) -> Parsed:
    data = text.encode() if isinstance(text, str) else text
    parsed = parse_pasted(Source("list.txt", data), Context("A"), known)
    assert parsed.read == parsed.used + sum(parsed.skipped.values()) + len(parsed.quarantined)
    return parsed


def ids(text: str | bytes, *known: str) -> list[tuple[object, object]]:
    return [(r["kind"], r["marks"]) for r in pasted(text, *known).tables["no_response_needed"]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (ORDER, [("order", ORDER)]),
        (f'"{ORDER}",', [("order", ORDER)]),
        (f"Order # {ORDER}\t3 Oct\tJo\tAnswered", [("order", ORDER)]),
        (f"{ORDER} and {OTHER} and {ORDER}", [("order", ORDER), ("order", OTHER)]),
        ("S01-1234567-1234567", [("order", "S01-1234567-1234567")]),
        ("<1@amazonses.com>", [("message", "1@amazonses.com")]),
        ("1@amazonses.com", [("message", "1@amazonses.com")]),
        ("Message-ID: <1@amazonses.com>", [("message", "1@amazonses.com")]),
        # a line names its message, not the order that the subject after it speaks of
        (f"<1@amazonses.com> Frage (Bestellung: {ORDER})", [("message", "1@amazonses.com")]),
        ("sha256:" + "0" * 64, [("message", "sha256:" + "0" * 64)]),
        # no ids: addresses, longer numbers, words, ids that no message on file has
        ("a1b2c3d4e5f6g7@marketplace.amazon.de", []),
        ("Jo <jo@x.example> wrote", []),
        ("1302-0000001-00000012", []),
        ("tracking 302-0000001-00000012", []),
        ("ticket-17", []),
    ],
)
def test_the_ids_of_a_line(line: str, expected: list[tuple[str, str]]) -> None:
    assert ids(line) == expected


def test_an_address_beside_an_order_does_not_hide_it() -> None:
    assert ids(f"jo@shop.example {ORDER}") == [("order", ORDER)]
    assert ids(f"a1b2c3@marketplace.amazon.de\t{ORDER}") == [("order", ORDER)]


def test_a_help_desks_id_counts_where_a_message_on_file_has_it() -> None:
    assert ids("ticket-17\nticket-18", "ticket-17") == [("message", "ticket-17")]


def test_every_line_is_accounted_for_with_its_number() -> None:
    parsed = pasted(f"Order ID\r\n\r\n{ORDER} {OTHER}\r\n<1@x>\r\n\r\n")
    rows = parsed.tables["no_response_needed"]
    assert [row["source_pos"] for row in rows] == [3, 3, 4]
    assert (parsed.read, parsed.used, dict(parsed.skipped)) == (4, 2, {"blank line": 1})
    (aside,) = parsed.quarantined
    assert (aside.pos, aside.raw) == (1, "Order ID\r")


def test_any_encoding_of_a_table_will_do() -> None:
    text = f"Größe\n{ORDER}\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert ids(text.encode(encoding)) == [("order", ORDER)], encoding


def test_ids_given_one_by_one_are_the_csv_that_names_them() -> None:
    source = Source("command line", listed([ORDER, "<1@x>", "ticket,17"], "2026-01-01T00:00:00Z"))
    assert matches(source)
    rows = parse(source, Context("A")).tables["no_response_needed"]
    assert isinstance(rows, pd.DataFrame)
    assert rows["kind"].tolist() == ["order", "message", "message"]
    assert rows["marks"].tolist() == [ORDER, "1@x", "ticket,17"]
    assert (rows["marked_at"] == pd.Timestamp("2026-01-01T00:00Z")).all()
