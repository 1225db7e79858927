"""Mapping files: any table or list of objects as a history, and faults that name the field."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import workbook

from sellerkit.errors import InputError
from sellerkit.read.canonical import required
from sellerkit.read.files import sources
from sellerkit.read.mapping import draft, format_of, load_mapping
from sellerkit.read.mapping.draft import _synonyms
from sellerkit.read.registry import A_SPREADSHEET, detect, why_unknown
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import HISTORIES

ORDER = "302-0000001-0000001"
CSV = f"""Ticket;Gesendet am;Richtung;Bestellung;Text;Farbe
T1;05.10.2026 06:00;eingehend;{ORDER};Wo ist mein Paket?;rot
T1;05.10.2026 08:30;Ausgehend;{ORDER};Es ist unterwegs.;blau
"""
TOML = """
history = "messages"
marketplace = "DE"
timezone = "Europe/Berlin"
[columns]
thread_id = "Ticket"
sent_at = { column = "gesendet AM", format = "%d.%m.%Y %H:%M" }
sender = { column = "Richtung", values = { eingehend = "buyer", ausgehend = "seller" } }
order_id = "Bestellung"
body = "Text"
channel = { constant = "other" }
"""


def read(
    tmp_path: Path, toml: str, data: str | bytes, name: str = "export"
) -> tuple[Parsed, pd.DataFrame]:
    """Read a file by a mapping; check the account."""
    path = tmp_path / "map.toml"
    path.write_text(toml, "utf-8")
    mapping = load_mapping(path)
    raw = data.encode() if isinstance(data, str) else data
    parsed = format_of(mapping).parse(Source(name, raw), Context("shop"))
    rows = pd.DataFrame(parsed.tables[mapping.history])
    assert parsed.used == len(rows)
    return parsed, rows


def test_a_csv_with_columns_of_its_own_becomes_messages(tmp_path):
    _, rows = read(tmp_path, TOML, CSV)
    assert rows["sender"].tolist() == ["buyer", "seller"]
    assert rows["sent_at"].tolist() == [
        pd.Timestamp("2026-10-05T04:00Z"),
        pd.Timestamp("2026-10-05T06:30Z"),
    ]
    assert rows["thread_id"].tolist() == ["T1", "T1"]
    assert rows["marketplace"].tolist() == ["DE", "DE"]
    assert rows["channel"].tolist() == ["other", "other"]
    assert rows["account"].tolist() == ["shop", "shop"]
    assert rows["topic"].tolist() == ["order_problem", "other"]
    assert rows["source_pos"].tolist() == [2, 3]


def test_a_message_without_an_id_gets_one_from_its_words(tmp_path):
    _, rows = read(tmp_path, TOML, CSV)
    _, again = read(tmp_path, TOML, CSV.replace("blau", "grün"))
    assert rows["message_id"].tolist() == again["message_id"].tolist()
    assert rows["message_id"].nunique() == 2
    assert rows["message_id"].str.fullmatch("sha256:[0-9a-f]{64}").all()
    _, own = read(tmp_path, TOML + 'message_id = "Farbe"', CSV.replace("rot", "<a@b>"))
    assert own["message_id"].tolist() == ["a@b", "blau"]


def test_the_same_table_as_a_spreadsheet_and_as_json(tmp_path):
    _, expected = read(tmp_path, TOML, CSV)
    cells = [line.split(";") for line in CSV.splitlines()]
    book = workbook(Deckblatt=[["Export"]], Daten=[["Bericht"], [], *cells])
    toml = 'sheet = "Daten"\nheader = 3\n' + TOML
    _, sheet = read(tmp_path, toml, book)
    assert sheet["source_pos"].tolist() == [4, 5]
    records = [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]
    exact = TOML.replace("gesendet AM", "Gesendet am")
    _, objects = read(tmp_path, exact, json.dumps(records))
    _, lines = read(tmp_path, exact, "\n".join(map(json.dumps, records)))
    nested = json.dumps({"data": {"items": records}, "count": 2})
    _, inner = read(tmp_path, 'records = "data.items"\n' + exact, nested)
    for found in (sheet, objects, lines, inner):
        plain = ["source_pos"]
        pd.testing.assert_frame_equal(found.drop(columns=plain), expected.drop(columns=plain))


def test_a_spreadsheets_own_dates_numbers_and_flags(tmp_path):
    sent = dt.datetime(2026, 10, 5, 6, 0)  # noqa: DTZ001
    book = workbook(
        S=[
            ["Call", "Start", "Min", "Dir", "Asked"],
            [17, sent, 4.5, "in", True],
            [18, "05.10.2026 07:00", 3, "out", False],
            [19, 46300, 3, "out", False],
        ]
    )
    toml = """
    history = "calls"
    timezone = "Europe/Berlin"
    [columns]
    call_id = "Call"
    started_at = { column = "Start", format = "%d.%m.%Y %H:%M" }
    minutes = "Min"
    direction = { column = "Dir", values = { in = "inbound", out = "outbound" } }
    buyer_requested = "Asked"
    """
    parsed, rows = read(tmp_path, toml, book)
    assert rows["call_id"].tolist() == ["17", "18"]
    assert rows["started_at"].tolist() == [
        pd.Timestamp("2026-10-05T04:00Z"),
        pd.Timestamp("2026-10-05T05:00Z"),
    ]
    assert rows["minutes"].tolist() == [4.5, 3.0]
    assert rows["buyer_requested"].tolist() == [True, False]
    (unit,) = parsed.quarantined
    assert unit.pos == 4 and unit.reason.startswith("started_at: '46300' is not of the form")


@pytest.mark.parametrize(
    ("cell", "written", "instant"),
    [
        ('format = "%m/%d/%Y %I:%M %p", timezone = "America/New_York"', "10/05/2026 06:00 PM",
         "2026-10-05T22:00Z"),
        ('format = "%d/%m/%Y %H:%M %z"', "05/10/2026 06:00 +0200", "2026-10-05T04:00Z"),
        ('format = "unix"', "1791180000", "2026-10-05T06:00Z"),
        ('format = "unix_ms"', "1791180000500", "2026-10-05T06:00:00.5Z"),
        ('timezone = "Europe/Berlin"', "2026-10-05 06:00", "2026-10-05T04:00Z"),
        ('timezone = "Europe/Berlin"', "2026-10-05T06:00+05:00", "2026-10-05T01:00Z"),
        ("", "2026-10-05T06:00:00Z", "2026-10-05T06:00Z"),
        # a day counts as its end, in the store's zone
        ('format = "%d.%m.%Y"', "05.10.2026", "2026-10-05T21:59:59.999999Z"),
    ],
)  # fmt: skip
def test_dates_as_they_are_stated(tmp_path, cell, written, instant):
    told = f'{{ column = "at"{", " + cell if cell else ""} }}'
    toml = f'history = "calls"\n[columns]\ncall_id = "id"\nstarted_at = {told}\n'
    toml += 'direction = { constant = "inbound" }\nbuyer_requested = { constant = false }\n'
    _, rows = read(tmp_path, 'marketplace = "de"\n' + toml, f"id;at\n1;{written}\n")
    assert rows["started_at"].tolist() == [pd.Timestamp(instant)]


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-05 06:00",  # is ISO, but not what was stated
        "31.13.2026 06:00",
        "soon",
        "25.10.2026 02:30",  # comes twice in Berlin
        "29.03.2026 02:30",  # never comes there
    ],
)
def test_a_date_that_is_not_as_stated_is_not_guessed(tmp_path, written):
    parsed, rows = read(tmp_path, TOML, CSV.replace("05.10.2026 06:00", written))
    (unit,) = parsed.quarantined
    assert unit.pos == 2 and unit.reason.startswith(f"sent_at: {written!r} is not of the form")
    assert len(rows) == 1


def test_an_unknown_word_is_kept_aside_with_those_that_are_allowed(tmp_path):
    parsed, _ = read(tmp_path, TOML, CSV.replace("eingehend", "intern"))
    (unit,) = parsed.quarantined
    assert unit.reason == "sender: 'intern' is no word that is allowed here (buyer, seller, amazon)"
    assert "intern" in unit.raw


def test_json_paths_and_what_is_no_record(tmp_path):
    toml = """
    history = "messages"
    records = "items"
    [columns]
    message_id = { path = "meta.ids.0" }
    thread_id = "a.b"
    sent_at = "at"
    sender = "who.role"
    body = { path = "words" }
    attachments = "missing.here"
    """
    good = {
        "meta": {"ids": [7, 8]}, "a.b": "T", "at": "2026-01-01T00:00Z", "who": {"role": "Buyer"},
        "words": ["x", {"y": 1}],
    }  # fmt: skip
    parsed, rows = read(tmp_path, toml, json.dumps({"items": [good, 5, None, good | {"at": 3}]}))
    (row,) = rows.to_dict("records")
    assert (row["message_id"], row["thread_id"], row["sender"]) == ("7", "T", "buyer")
    assert row["body"] == '["x", {"y": 1}]'
    assert [(unit.pos, unit.reason.split(":")[0]) for unit in parsed.quarantined] == [
        (1, "it is no object"), (2, "it is no object"), (3, "sent_at"),
    ]  # fmt: skip
    assert "missing.here" in parsed.warnings[0]


def test_any_history_can_be_mapped(tmp_path):
    from canonical_rows import ROWS

    for name, (row,) in ROWS.items():
        columns = {ours: f"Their {ours}" for ours in row}
        lines = [f'history = "{name}"', "[columns]"]
        lines += [f"{ours} = {json.dumps(theirs)}" for ours, theirs in columns.items()]
        record = {columns[ours]: value for ours, value in row.items()}
        _, rows = read(tmp_path, "\n".join(lines), json.dumps([record]))
        for ours, value in row.items():
            found = rows[ours].iloc[0]
            same = pd.Timestamp(value) if isinstance(found, pd.Timestamp) else value
            assert found == same, (name, ours)


#: With one date, of which the pattern is left open.
SHIPPED = """
history = "orders"
columns.order_id = "a"
columns.shipped_at = {{ column = "a", format = "{}" }}
"""


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("history = ", ["not a TOML file"]),
        ("", ["history"]),
        ('history = "mails"\n[columns]', ["history", "'mails'", "orders"]),
        ('history = "orders"', ["columns"]),
        ('history = "orders"\n[columns]\nx = "y"', ["columns.x", "purchased_at"]),
        ('history = "orders"\nsheets = "a"\n[columns]\norder_id = "y"', ["sheets"]),
        ('history = "orders"\n[columns]\nstatus = "y"', ["columns.order_id", "missing"]),
        ('history = "orders"\nheader = 0\n[columns]\norder_id = "y"', ["header"]),
        ('history = "orders"\nmarketplace = "XX"\n[columns]\norder_id = "y"', ["marketplace"]),
        ('history = "orders"\ntimezone = "Berlin"\n[columns]\norder_id = "y"', ["timezone"]),
        ('history = "orders"\n[columns]\norder_id = {}', ["columns.order_id", "one of column"]),
        ('history = "orders"\n[columns]\norder_id = { column = "a", path = "b" }', ["order_id"]),
        ('history = "orders"\n[columns]\norder_id = { colum = "a" }', ["order_id.colum"]),
        ('history = "orders"\n[columns]\norder_id = 5', ["columns.order_id"]),
        ('history = "orders"\n[columns]\norder_id = { column = "a", format = "%d.%m.%Y" }',
         ["columns.order_id.format", "no date"]),
        (SHIPPED.format("%d.%m. %H:%M"),
         ["columns.shipped_at.format", "lacks the year"]),
        (SHIPPED.format("TT.MM."),
         ["columns.shipped_at.format"]),
        (SHIPPED.format("%d.%m.%Y %H:%M %Z"),
         ["columns.shipped_at.format", "timezone"]),
        (SHIPPED.format("%d.%m.%Y %H:%M"),
         ["columns.shipped_at.timezone", "zone"]),
    ],
)  # fmt: skip
def test_a_fault_of_a_mapping_names_its_field(tmp_path, toml, named):
    path = tmp_path / "map.toml"
    path.write_text(toml)
    with pytest.raises(InputError) as error:
        load_mapping(path)
    sentence = str(error.value)
    assert sentence.startswith(f"{path}: ") and "\n" not in sentence
    for word in named:
        assert word in sentence, sentence


@pytest.mark.parametrize("text", [None, b"\xff\xfe\x00"])
def test_a_mapping_that_cannot_be_read(tmp_path, text):
    path = tmp_path / "map.toml"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(InputError, match=r"map\.toml"):
        load_mapping(path)


@pytest.mark.parametrize(
    ("extra", "data", "named"),
    [
        ("", CSV.replace("Richtung", "Sens"), ["row 1", "'Richtung'", "sender", "sens"]),
        ("header = 9", CSV, ["row 9"]),
        ('sheet = "x"', workbook(Daten=[["a"]]), ["'x'", "Daten"]),
        ("", workbook(Daten=[["a", "A "]]), ["stands twice"]),
        ("", workbook(Daten=[])[:300], ["export"]),
        ("", '{"data": [{"a": 1}], "more": {"rows": [{}]', ["cut or damaged"]),
        ('records = "rows"', '{"data": [{"a": 1}], "more": {"rows": [{}]}}', ["data, more.rows"]),
    ],
)
def test_a_file_that_is_not_as_the_mapping_says(tmp_path, extra, data, named):
    with pytest.raises(InputError) as error:
        read(tmp_path, f"{extra}\n{TOML}", data)
    for word in named:
        assert word in str(error.value)


def test_a_header_below_other_lines_keeps_the_files_own_line_numbers(tmp_path):
    above = "Export vom 05.10.2026\n\n"
    parsed, rows = read(tmp_path, "header = 3\n" + TOML, above + CSV + "T1;x;y;z;u;v;w;x\n")
    assert rows["source_pos"].tolist() == [4, 5]
    assert [unit.pos for unit in parsed.quarantined] == [6]


# --- spreadsheets among files


def test_a_workbook_is_one_file_and_says_what_to_do(tmp_path):
    book = workbook(Daten=[["a", "b"], ["1", "2"]])
    (tmp_path / "a.xlsx").write_bytes(book)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("in/c.bin", book)
        archive.writestr("in/d.txt", "x")
    found = list(sources([tmp_path]))
    assert [Path(each.name).name for each in found] == ["a.xlsx", "c.bin", "d.txt"]
    assert bytes(found[0].data) == bytes(found[1].data) == book
    assert detect(found[0]) is None
    assert why_unknown(found[0]) == A_SPREADSHEET and "mapping draft" in A_SPREADSHEET
    assert why_unknown(found[2]) == "unknown format"


def test_a_zip_with_an_xl_folder_is_no_workbook(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/a.csv", "order_id,purchased_at\n")
    (tmp_path / "a.zip").write_bytes(file.getvalue())
    assert [each.stem for each in sources([tmp_path])] == ["a"]
    assert not next(iter(sources([tmp_path]))).data.startswith(b"PK")


@settings(max_examples=60)
@given(cut=st.integers(0, 3000), junk=st.binary(max_size=6), length=st.integers(0, 60))
def test_a_garbled_workbook_is_our_error_or_rows(tmp_path_factory, cut, junk, length):
    folder = tmp_path_factory.mktemp("garbled")
    book = workbook(Daten=[line.split(";") for line in CSV.splitlines()])
    start = cut % len(book)
    for data in (book[:start], book[:start] + junk + book[start + length :]):
        try:
            read(folder, TOML, data)
        except InputError as error:
            assert str(error).startswith("export: ")


# --- drafts


def test_a_draft_maps_what_it_knows_and_says_what_it_saw_of_the_rest(tmp_path):
    text = draft(Source("folder/export.csv", CSV.encode()))
    assert 'history = "messages"' in text
    assert '\nthread_id = "Ticket"  # saw "T1"' in text
    assert '\norder_id = "Bestellung"' in text and '\nbody = "Text"' in text
    sent = next(line for line in text.splitlines() if "sent_at" in line)
    assert sent.startswith('# sent_at = { column = "Gesendet am", format = "…"')
    assert '"05.10.2026 06:00"' in sent
    sender = next(line for line in text.splitlines() if "sender" in line)
    assert sender.startswith('# sender = { column = "Richtung", values = { "eingehend" = "…"')
    assert '#   "Farbe"  # saw "rot", "blau"' in text
    filled = (
        text.replace("# sent_at", "sent_at").replace("# sender", "sender")
        .replace('format = "…", timezone = "…"', 'format = "%d.%m.%Y %H:%M", timezone = "UTC"')
        .replace('"eingehend" = "…"', '"eingehend" = "buyer"')
        .replace('"Ausgehend" = "…"', '"Ausgehend" = "seller"')
    )  # fmt: skip
    _, rows = read(tmp_path, filled, CSV)
    assert rows["sender"].tolist() == ["buyer", "seller"]


def test_a_draft_of_a_canonical_csv_needs_no_change(tmp_path):
    from canonical_rows import ROWS

    for name, (row,) in ROWS.items():
        text = pd.DataFrame([row]).to_csv(index=False)
        toml = draft(Source("x.csv", text.encode()))
        assert f'history = "{name}"' in toml, toml
        _, rows = read(tmp_path, toml, text)
        assert len(rows) == 1, name


def test_a_draft_of_json_and_of_a_spreadsheet(tmp_path):
    record = {"Message Id": "1", "when": {"sent_at": "2026-01-01T00:00Z"}, "direction": "buyer"}
    text = draft(Source("x", json.dumps({"ok": True, "data": {"rows": [record]}}).encode()))
    assert 'records = "data.rows"' in text
    assert '\nsent_at = "when.sent_at"' in text and '\nsender = "direction"' in text
    _, rows = read(tmp_path, text, json.dumps({"data": {"rows": [record]}}))
    assert len(rows) == 1
    book = workbook(A=[["Export"], [], ["Order number", "Kaufdatum"], [ORDER, "2026-01-01"]])
    text = draft(Source("x", book))
    assert 'history = "orders"' in text and "header = 3" in text
    assert '\npurchased_at = "Kaufdatum"' in text


def test_a_hostile_header_stays_in_its_line(tmp_path):
    header = 'Ticket,"order_id\n[columns]",body,"a""\\ \x7f\u2028b"'
    text = draft(Source("a\nb.csv", f"{header}\n1,2,3,4\n".encode()), "messages")
    assert text.count("[columns]") == 1 or "\n[columns]\n" in text
    import tomllib

    assert set(tomllib.loads(text)["columns"]) <= {"thread_id", "body", "order_id"}


def test_what_cannot_be_drafted_is_one_sentence():
    for data in (b"foo,bar\n1,2\n", b"[]", b"{}", b'{"a": [1, 2'):
        with pytest.raises(InputError, match=r"^x"):
            draft(Source("x", data))


def test_the_synonyms_are_of_our_columns():
    for history, columns in _synonyms().items():
        assert set(columns) <= set(HISTORIES[history].names)
        assert set(required(HISTORIES[history])) <= set(columns), history
    assert set(_synonyms()) == set(HISTORIES)
