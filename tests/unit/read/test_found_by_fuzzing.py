"""Inputs on which a reader once failed, as small as they still did, and what must come of them."""

from __future__ import annotations

import json
import pickle
import struct
import time
import zipfile
from pathlib import Path

import pytest
from mails import ALIAS, CONTEXT, mail, one, parse

from sellerkit.errors import InputError
from sellerkit.read.files import sources
from sellerkit.read.mapping import draft, load_mapping
from sellerkit.read.registry import by_name
from sellerkit.read.source import Source


def test_an_encoded_word_of_half_a_byte_stays_as_it_is() -> None:
    # the standard library raises an error that is no ValueError
    found = one(mail(Subject="=?x?B?%C?=") + b"\xff")
    assert found["subject"] == "=?x?B?%C?="


def test_an_address_in_a_thousand_brackets_is_nobody_s() -> None:
    parsed = parse(mail(From="(" * 5000 + ALIAS, To=None, Reply_To=None), "a.eml")
    assert parsed.read == 1 and parsed.used == 0


@pytest.mark.parametrize("sign", ["\t", ",", ";"])
def test_a_line_of_nothing_but_delimiters_is_refused_at_once(sign: str) -> None:
    began = time.process_time()
    with pytest.raises(InputError, match=r"line 1: 1,000,001 columns"):
        by_name("all_orders").parse(Source("a", sign.encode() * 1_000_000), CONTEXT)
    assert time.process_time() - began < 5


def test_millions_of_short_lines_under_a_wide_header_do_not_fill_the_memory() -> None:
    header = ",".join(["order_id", "purchased_at", *(f"c{n}" for n in range(10_000))])
    data = f"{header}\n{'x' * 20}\n".encode() + b"x\n" * 1_000_000
    with pytest.raises(InputError, match=r"a: line \d{4}: the lines so far have hardly any"):
        by_name("orders_csv").parse(Source("a", data), CONTEXT)


def test_lines_that_lack_their_last_columns_are_read() -> None:
    header = ",".join(["order_id", "purchased_at", *(f"c{n}" for n in range(30))])
    data = f"{header}\n".encode() + b"302-1234567-1234567,2026-01-01\n" * 100
    assert by_name("orders_csv").parse(Source("a", data), CONTEXT).used == 100


def test_a_cell_of_several_lines_does_not_break_a_warning() -> None:
    data = b'date/time,type,"order id"\nx,A-to-z Guarantee Claim,"a\n b"\n'
    parsed = by_name("transactions").parse(Source("t.csv", data), CONTEXT)
    (warning,) = parsed.warnings
    assert warning.startswith("t.csv: A-to-z claims on a b are named")


def test_a_metric_without_a_name_is_set_aside() -> None:
    period = {"reportingDateFrom": "2026-01-01", "reportingDateTo": "2026-01-31"}
    store = {"marketplaceId": "A1PA6795UKMFR9", "": {"reportingDateRange": period, "rate": 0.5}}
    data = json.dumps({"performanceMetrics": [store]}).encode()
    parsed = by_name("performance_v2").parse(Source("p.json", data), CONTEXT)
    assert parsed.used == 0 and len(parsed.tables["performance"]) == 0
    assert [unit.reason for unit in parsed.quarantined] == ["metric: is missing"]


def test_half_a_character_in_json_is_set_aside_as_it_was_written() -> None:
    data = b'{"tickets": [{"id": 1, "comments": [{"id": "\\ud800", "body": "x"}]}]}'
    parsed = by_name("zendesk").parse(Source("z.json", data), CONTEXT)
    (unit,) = parsed.quarantined
    assert "\\ud800" in unit.raw and unit.raw.encode("utf-8")
    (unit,) = by_name("reamaze").parse(Source("r.json", b'"a\\ud800"'), CONTEXT).quarantined
    assert unit.raw == "a?"


def test_a_member_without_a_name_is_read_under_its_archive_s(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", b"hello")
    raw = path.read_bytes()
    path.write_bytes(nameless(raw))
    (source,) = sources([path])
    assert source.name == f"{path}/" and source.data == b"hello"


def nameless(raw: bytes) -> bytes:
    """Return an archive of one member without the name of its member, which is ``x``."""
    local = raw[:26] + b"\0\0" + raw[28:30] + raw[31:]
    at = local.index(b"PK\x01\x02")
    central = local[at : at + 28] + b"\0\0" + local[at + 30 : at + 46] + local[at + 47 : -6]
    end = central[: central.index(b"PK\x05\x06")]
    tail = local[local.index(b"PK\x05\x06") :]
    return local[:at] + end + tail[:12] + struct.pack("<II", len(end), at) + tail[20:]


def test_what_a_file_calls_its_fields_cannot_break_a_message_or_the_terminal() -> None:
    error = InputError("there are a\nb\x1b[31m\ud800\u202ec ü—“")
    assert str(error) == "there are a b [31m  c ü—“"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_columns_that_nobody_knows_are_named_on_one_line() -> None:
    with pytest.raises(InputError) as caught:
        draft(Source("x", b")))\rN\n1\n"))
    assert "by these columns: ))) N; name" in str(caught.value)


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a" + ".a" * 200_000 + " = 1"])
def test_a_mapping_of_absurd_numbers_or_names_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match="not a TOML file|far larger"):
        load_mapping(path)


def test_a_tab_table_without_any_column_that_is_wanted_is_refused() -> None:
    table = "colour\tsize\nred\t9\n"
    with pytest.raises(InputError, match="amazon-order-id is missing; there are colour, size"):
        by_name("all_orders").parse(Source("a.txt", table.encode()), CONTEXT)
