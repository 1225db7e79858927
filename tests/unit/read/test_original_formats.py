"""The way back of each format: from every row to what stands in its file, and to nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import amazon_samples
import pandas as pd
import pytest
from amazon_samples import ORDER, OTHER, XML_RETURN, xml_returns
from canonical_rows import ROWS
from sheets import workbook

from sellerkit.read import registry
from sellerkit.read.files import sources
from sellerkit.read.mapping import format_of, load_mapping
from sellerkit.read.marks import PASTED
from sellerkit.read.original import Original, Originals
from sellerkit.read.source import Context, Format, Parsed, Source, Unit
from sellerkit.sample import write_exports, write_sample

CONTEXT = Context("shop", "DE", frozenset({"service@seller.example"}))

THIRD = "304-1111111-1111111"


def walked(form: Format, data: bytes, context: Context = CONTEXT) -> list[tuple[Any, Unit]]:
    """Return each row of a file with its unit."""
    source = Source("file", data)
    return [(row, unit_of(form, source, row, context)) for row in rows(form.parse(source, context))]


def rows(parsed: Parsed) -> list[dict[str, Any]]:
    frames = [pd.DataFrame(each) for name, each in parsed.tables.items() if name != "mails"]
    return [row for frame in frames for row in frame.to_dict("records")]


def unit_of(form: Format, source: Source, row: Any, context: Context) -> Unit:
    unit = form.unit(source, int(row["source_pos"]), context)
    assert unit is not None, f"{form.name}: nothing stands at {row['source_pos']}"
    assert unit.counts == "row" or unit.data in bytes(source.data)
    return unit


# --- every format


def several(name: str) -> bytes:
    """Return a sample of a format with a second and a third record, of other orders."""
    data = amazon_samples.FILES[name]
    if b"\t" in data.partition(b"\n")[0]:
        head, line = data.split(b"\n")
        return b"\n".join([head, *(of(order, line.decode()).encode() for order in ORDERS)])
    if name == "xml_returns":
        return xml_returns(*(of(order, XML_RETURN) for order in ORDERS))
    if data[:1] == b"{" and name != "performance_v2":
        return b"\n".join(of(order, data.decode()).encode() for order in ORDERS)
    return data


def of(order: str, record: str) -> str:
    """Return a record as it is of another order, return and item."""
    number = str(ORDERS.index(order) + 1)
    return record.replace(ORDER, order).replace("R1", f"R{number}").replace("05015", number)


ORDERS = (ORDER, OTHER, THIRD)


@pytest.mark.parametrize("name", amazon_samples.FILES)
def test_every_row_of_amazons_files_leads_to_its_record(name: str) -> None:
    found = walked(registry.by_name(name), several(name))
    held = {row["order_id"] for row, _ in found if "order_id" in row}
    assert held in (set(), set(ORDERS)), "the rows of all three"
    for row, unit in found:
        if name == "order_items_v0":
            assert json.loads(unit.data)["OrderItemId"] == row["item_id"]
        elif "order_id" in row:
            said = [order for order in ORDERS if order.encode() in unit.data]
            assert said == [row["order_id"]], "its own order and no other"


@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_a_canonical_csv_leads_to_its_line(name: str) -> None:
    first = ROWS[name][0]
    key = next(iter(first))
    lines = [",".join(map(str, (first | {key: value}).values())) for value in ("DE", "FR", "IT")]
    data = "\n".join([",".join(first), *lines]) + "\n"
    found = walked(registry.by_name(f"{name}_csv"), data.encode())
    assert [unit.text for _, unit in found] == [f"{line}\n" for line in lines]
    assert [row[key] for row, _ in found] == ["DE", "FR", "IT"]


def test_every_format_has_a_way_back() -> None:
    """A position that no file has leads to nothing, and is no error of ours."""
    for form in (*registry.FORMATS, PASTED):
        for data in (b"", b"{", b"[[", b"<a", b"x\ty\n1\t2\n"):
            for pos in (-1, 10**12):
                found = form.unit(Source("x", data), pos, CONTEXT) if form.name not in XML else None
                assert found is None or found.counts == "whole file", form.name


XML = ("xml_returns", "performance_v1")


# --- the sample shop, whole


def test_every_row_of_the_sample_shop_leads_back(tmp_path: Path) -> None:
    write_exports(tmp_path / "exports", orders=40)
    sample = write_sample(tmp_path / "shop", orders=40)
    context = Context("shop", "DE", frozenset(sample.own_addresses))
    told = dict.fromkeys(("zendesk", "mbox", "messages_csv", "all_orders"), 0)
    for source in sources([tmp_path]):
        form = registry.detect(source)
        assert form is not None, source.name
        for row in rows(form.parse(source, context)):
            unit = unit_of(form, source, row, context)
            told[form.name] = told.get(form.name, 0) + 1
            if form.name == "mbox":
                (again,) = {
                    r["message_id"] for r in rows(form.parse(Source("x", unit.data), context))
                }
                assert again == row["message_id"], "that mail by itself is the same message"
            elif form.name == "zendesk" and "zendesk:" in str(row["message_id"]):
                number = str(row["message_id"]).rpartition(":")[2].removeprefix("suspended-")
                assert json.loads(unit.data)["id"] == int(number)
            elif form.name.endswith("messages_csv"):
                assert row["message_id"] in unit.text
            elif isinstance(row.get("order_id"), str) and form.name != "zendesk":
                assert row["order_id"] in unit.text
    assert all(told.values()), told


# --- XML


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "shift_jis", "utf-16"])
def test_an_element_has_the_bytes_of_its_encoding(encoding: str) -> None:
    name = "返品ソ" if encoding == "shift_jis" else "Tasse ä"
    texts = [of(order, XML_RETURN).replace("Tasse ä", name) for order in ORDERS]
    data = xml_returns(*texts, encoding=encoding)
    found = walked(registry.by_name("xml_returns"), data)
    bare = "utf-16-le" if encoding == "utf-16" else encoding
    assert [unit.text for _, unit in found] == texts
    assert [unit.data for _, unit in found] == [text.encode(bare) for text in texts]


def test_elements_that_look_alike_are_told_by_their_place() -> None:
    data = xml_returns(XML_RETURN, "<!-- <return_details> -->", "<return_details/>", XML_RETURN)
    form = registry.by_name("xml_returns")
    source = Source("file", data)
    assert [form.unit(source, pos, CONTEXT) is not None for pos in range(4)] == [
        True, False, True, False,
    ]  # fmt: skip
    assert form.unit(source, 2, CONTEXT).text == XML_RETURN


def test_metrics_lead_to_their_period() -> None:
    found = walked(registry.by_name("performance_v1"), amazon_samples.PERFORMANCE_V1.encode())
    assert len(found) == 6
    for row, unit in found:
        assert f"<{row['metric']}>" in unit.text
        assert f"<start>{row['period_start']:%Y-%m-%d}" in unit.text
        assert unit.text.startswith("<") and unit.text.endswith("Metrics>")


def test_a_metric_of_account_health_is_its_object() -> None:
    data = json.dumps(amazon_samples.PERFORMANCE_V2).encode()
    found = {row["metric"]: unit for row, unit in walked(registry.by_name("performance_v2"), data)}
    store = amazon_samples.PERFORMANCE_V2["performanceMetrics"][0]
    assert json.loads(found["lateShipmentRate"].data) == store["lateShipmentRate"]
    defects = store["orderDefectRate"]["mfn"]
    assert json.loads(found["orderDefectRate.mfn"].data) == defects
    assert json.loads(found["orderDefectRate.mfn.claims"].data) == defects


# --- JSON


def test_objects_that_are_equal_are_told_by_their_place() -> None:
    """Two orders word by word alike, one laid out in another way: each has its own bytes."""
    order = {"AmazonOrderId": ORDER, "OrderStatus": "Shipped", "Note": '}"{\\', "In": {"a": {}}}
    other = '{"AmazonOrderId":' + json.dumps(order)[len('{"AmazonOrderId": ') - 1 :]
    text = f'{{"x": {{}}, "Orders": [{json.dumps(order)}, {other}]}}'
    found = walked(registry.by_name("orders_v0"), text.encode())
    assert [unit.text for _, unit in found] == [json.dumps(order, indent=2)] * 2
    assert [unit.data.decode() for _, unit in found] == [json.dumps(order), other]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_object_has_the_bytes_of_its_encoding(encoding: str) -> None:
    page = {"tickets": [{"id": 5, "requester_id": 7, "submitter_id": 7, "comments": [
        {"id": 1, "author_id": 7, "body": "Größe?", "created_at": "2026-01-05T00:00:00Z"}
    ]}]}  # fmt: skip
    data = json.dumps(page, ensure_ascii=False).encode(encoding)
    ((_, unit),) = walked(registry.by_name("zendesk"), data)
    text = json.dumps(page["tickets"][0]["comments"][0], ensure_ascii=False)
    bare = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}[encoding]
    assert unit.data == text.encode(bare)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_of_json_lines_each_has_its_own_and_a_broken_one_is_no_harm(encoding: str) -> None:
    comments = [
        {"id": n, "ticket_id": 5, "author_id": 7, "public": True, "body": "Größe?",
         "created_at": f"2026-01-0{n}T00:00:00Z"}
        for n in (1, 2)
    ]  # fmt: skip
    user = {"id": 7, "role": "agent", "email": "maren@seller.example"}
    lines = [json.dumps(each, ensure_ascii=False) for each in (user, *comments)]
    broken = b"" if encoding == "utf-16" else b'\n{"id": "\xff"}\n'
    data = "\r\n".join([*lines[:2], "", lines[2]]).encode(encoding) + broken
    found = walked(registry.by_name("zendesk"), data)
    bare = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}[encoding]
    assert [unit.data for _, unit in found] == [line.encode(bare) for line in lines[1:]]
    assert [row["source_pos"] for row, _ in found] == [2, 4]


def test_a_ticket_event_leads_to_the_event_that_dates_and_names_it() -> None:
    said = {"id": 3, "event_type": "Comment", "author_id": 7, "body": "Wo?", "public": True}
    events = [
        {"id": n, "ticket_id": 5 + n, "created_at": f"2026-01-0{n}T00:00:00Z", "child_events": [
            {"id": 2, "event_type": "Change"}, said | {"id": 10 + n},
        ]}
        for n in (1, 2)
    ]  # fmt: skip
    users = [{"id": 7, "role": "agent", "email": "maren@seller.example"}]
    data = json.dumps({"ticket_events": events, "users": users}).encode()
    found = walked(registry.by_name("zendesk"), data)
    assert [json.loads(unit.data) for _, unit in found] == events


# --- by a mapping


MAPPING = """
history = "calls"
timezone = "UTC"
{more}
[columns]
call_id = "Nr"
started_at = "Am"
direction = {{ constant = "inbound" }}
notes = "Was"
"""
CELLS = [["Nr", "Am", "Was"], *([f"c{n}", f"2026-01-0{n}T10:00", f"was {n}"] for n in (1, 2, 3))]
OBJECTS = [dict(zip(CELLS[0], row, strict=True)) for row in CELLS[1:]]
SEMICOLONS = "\n".join(";".join(f'"{cell}"' for cell in row) for row in CELLS)
LINES = "\n".join(map(json.dumps, OBJECTS))


def mapped(folder: Path, more: str = "") -> Format:
    path = folder / "map.toml"
    path.write_text(MAPPING.format(more=more))
    return format_of(load_mapping(path))


def found_by(form: Format, path: Path, pos: int, *given: Format) -> Original:
    (source,) = sources([path])
    originals = Originals(mappings=given)
    return originals.at(source.name, source.sha256, pos, form=form.name, context=CONTEXT)


@pytest.mark.parametrize(
    ("data", "more", "is_needed"),
    [
        (SEMICOLONS.encode(), "", False),
        (SEMICOLONS.replace("was", "was\n").encode(), "", False),
        (b"Calls\n\n" + SEMICOLONS.replace("was", "was\n").encode(), "header = 3", True),
        (LINES.encode(), "", False),
        (json.dumps(OBJECTS).encode(), "", True),
        (json.dumps({"a": {}, "b": {"c": OBJECTS}}).encode(), 'records = "b.c"', True),
        (workbook(Daten=CELLS), "", False),
        (workbook(Daten=[["Calls"], *CELLS]), "header = 2", False),
        (workbook(Andere=[["x"]] * 9, Daten=CELLS), 'sheet = "Daten"', True),
    ],
    ids=[
        "CSV", "cells of lines", "header below", "lines", "list", "records", "sheet",
        "sheet, header below", "one sheet of two",
    ],
)  # fmt: skip
def test_a_row_read_by_a_mapping(tmp_path: Path, data: bytes, more: str, is_needed: bool) -> None:
    form = mapped(tmp_path, more)
    walk = walked(form, data)
    assert [row["call_id"] for row, _ in walk] == ["c1", "c2", "c3"]
    path = tmp_path / "export"
    path.write_bytes(data)
    for number, (row, unit) in enumerate(walk, 1):
        assert [n for n in (1, 2, 3) if f"c{n}" in unit.text] == [number]
        assert f"2026-01-0{number}" in unit.text
        assert unit.text.rstrip('"\n}').endswith(str(number)), "to the record's end"
        pos = int(row["source_pos"])
        assert found_by(form, path, pos, form).text == unit.text
        bare = found_by(form, path, pos)
        if is_needed:
            assert bare.state == "no place" and bare.data is None
            assert f"give the one called {form.name} with --mapping" in bare.why
        else:
            assert bare.text == unit.text


def test_another_mapping_than_the_one_that_a_file_was_read_by_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_text(json.dumps({"a": OBJECTS[:1], "b": OBJECTS}))
    form, other = mapped(tmp_path, 'records = "b"'), mapped(tmp_path, 'records = "a"')
    assert found_by(form, path, 0, other).state == "no place"


def test_a_pasted_list_is_cut_by_lines_whatever_quotes_it_has() -> None:
    data = f'from a chat:\n"{ORDER} is done\n{OTHER}", too\n'.encode()
    assert [unit.text for _, unit in walked(PASTED, data)] == [
        f'"{ORDER} is done', f'{OTHER}", too',
    ]  # fmt: skip
