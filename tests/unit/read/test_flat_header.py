"""Where a text table's header stands and how its columns are called."""

from __future__ import annotations

import pytest

from sellerkit.errors import InputError
from sellerkit.read.flat import PREAMBLE, header_of, read_lines, require
from sellerkit.read.source import Context, Source

CONTEXT = Context("shop")
GERMAN = {"bestellnummer": "order_id", "typ": "type"}


def source(text: str, encoding: str = "utf-8") -> Source:
    return Source("a.csv", text.encode(encoding))


PREAMBLED = (
    '"Includes Amazon Marketplace, Fulfillment by Amazon (FBA)"\n'
    '"All amounts in USD, unless specified"\n'
    "\n"
    '"date/time","type","order id"\n'
    '"Jan 6, 2026","Order","a\nb"\n'
    '"Jan 7, 2026","Refund","c"\n'
)


def test_lines_before_the_header_are_skipped_and_line_numbers_stay_the_files():
    lines = read_lines(source(PREAMBLED), CONTEXT, ("date/time", "type"))
    assert list(lines.cells["type"]) == ["Order", "Refund"]
    assert lines.header == 4
    assert lines.at == [5, 7]
    assert lines.parsed.read == 5
    assert lines.parsed.skipped == {PREAMBLE: 3}


def test_a_header_is_told_before_the_file_is_read():
    assert header_of(source(PREAMBLED), ("type",)) == ["date/time", "type", "order id"]


def test_a_preamble_with_tabs_and_windows_line_ends():
    lines = read_lines(source("hello\r\n\r\nid\ttype\r\n1\tx\r\n"), CONTEXT, ("type",))
    assert list(lines.at) == [4]
    assert lines.cells.loc[0].to_dict() == {"id": "1", "type": "x"}


def test_without_a_line_that_holds_the_names_the_first_is_the_header():
    lines = read_lines(source("a,b\n1,2\n"), CONTEXT, ("type",))
    assert list(lines.cells.columns) == ["a", "b"]
    with pytest.raises(InputError, match="line 1: column type is missing; there are a, b"):
        require(source(""), lines, ("type",))


def test_a_missing_column_is_named_with_the_headers_own_line():
    lines = read_lines(source("x\ny\na,type\n1,2\n"), CONTEXT, ("type",))
    with pytest.raises(InputError, match="line 3: column order-id is missing; there are a, type"):
        require(source(""), lines, ("order_id",), "-")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_names_in_other_languages_become_the_english_ones(encoding):
    file = source("Übersicht\nTyp;Bestellnummer;Menge\nErstattung;7;ä\n", encoding)
    lines = read_lines(file, CONTEXT, ("type", "order_id"), GERMAN)
    assert list(lines.cells.columns) == ["type", "order_id", "menge"]
    assert lines.cells.loc[0].to_dict() == {"type": "Erstattung", "order_id": "7", "menge": "ä"}
    assert header_of(file, ("type",), GERMAN) == ["Typ", "Bestellnummer", "Menge"]


def test_two_names_for_one_column_are_refused():
    with pytest.raises(InputError, match="line 2: column type stands twice"):
        read_lines(source("x\nTyp,Type\n1,2\n"), CONTEXT, ("type",), GERMAN)


def test_a_header_is_not_looked_for_beyond_all_bounds():
    file = source("x\n" * 60 + "a,type\n1,2\n")
    assert header_of(file, ("type",)) == ["x"]
    assert read_lines(file, CONTEXT, ("type",)).header == 1


def test_a_japanese_file_in_cp932_is_known_by_its_kana():
    file = source("トランザクションの種類,注文番号,説明\n返金,7,ギフト\n", "cp932")
    japanese = {"トランザクションの種類": "type", "注文番号": "order_id"}
    assert header_of(file, ("type",), japanese)[0] == "トランザクションの種類"
    lines = read_lines(file, CONTEXT, ("type",), japanese)
    assert lines.cells.loc[0].to_dict() == {"type": "返金", "order_id": "7", "説明": "ギフト"}
    assert lines.parsed.warnings == ["a.csv: read as cp932"]


def test_european_letters_are_not_taken_for_japanese():
    lines = read_lines(source("a,b\nÄäöß ÜÖé‚ƒ,Übergröße\n", "cp1252"), CONTEXT)
    assert list(lines.cells["a"]) == ["Ääöß ÜÖé‚ƒ"]


def test_utf8_is_not_taken_for_cp932():
    assert header_of(source("ÂÂÂÂ,アッッッ\n")) == ["ÂÂÂÂ", "アッッッ"]


def test_a_header_in_cp1252_is_told_before_the_file_is_read():
    assert header_of(source("número,é\n", "cp1252")) == ["número", "é"]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n", b"\xff\xfe"])
def test_a_file_of_nothing_has_no_columns_and_no_lines(data):
    lines = read_lines(Source("a.csv", data), CONTEXT)
    assert lines.parsed.read == 0
    with pytest.raises(InputError, match="line 1: column id is missing; there are none"):
        require(Source("a.csv", data), lines, ("id",))


def test_characters_that_were_lost_before_are_told_and_stay_lost():
    lines = read_lines(source("a,b\nM\ufffdller,1\n"), CONTEXT)
    assert list(lines.cells["a"]) == ["M\ufffdller"]
    (warning,) = lines.parsed.warnings
    assert warning.startswith("a.csv: some characters were lost before it came here")
