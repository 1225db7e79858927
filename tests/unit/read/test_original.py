"""File and position → the exact bytes, or why there are none."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from mails import mail, mbox

from sellerkit.read.files import sources
from sellerkit.read.original import Original, Originals
from sellerkit.read.registry import detect
from sellerkit.read.source import Context

CONTEXT = Context("A", "DE")


def at(
    path: Path | str, pos: int, *folders: Path, sha: str = "", form: str | None = ""
) -> Original:
    """Look up a position of a file, under the hash and the format that it has now."""
    (source,) = sources([Path(path)]) if Path(path).is_file() else (None,)
    if source is not None:
        sha = sha or source.sha256
        form = (found.name if (found := detect(source)) else None) if form == "" else form
    return Originals(folders).at(str(path), sha, pos, form=form, context=CONTEXT)


def positions(path: Path, table: str) -> list[int]:
    """Return the positions that the reader itself gives the rows of a file."""
    (source,) = sources([path])
    form = detect(source)
    assert form is not None
    rows = form.parse(source, CONTEXT).tables[table]
    return [
        int(r["source_pos"]) for r in (rows if isinstance(rows, list) else rows.to_dict("records"))
    ]


def kept(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


MAILS = [
    mail("first\n>From here on\nFrom the heart", **{"Message-ID": "<1@x>"}),
    mail("second", **{"Message-ID": "<2@x>"}),
    mail("third", **{"Message-ID": "<3@x>"}),
]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_the_mails_of_a_mailbox_are_cut_where_they_lie(tmp_path: Path, line_end: bytes) -> None:
    data = mbox(*MAILS).replace(b"\n", line_end)
    path = kept(tmp_path, "all.mbox", data)
    places = positions(path, "messages")
    found = [at(path, place) for place in places]
    assert [one.state for one in found] == ["as read"] * 3
    # the three, one after another, are the file: nothing lost, nothing twice, nothing changed
    assert b"".join(one.data for one in found) == data
    for number, one in enumerate(found, 1):
        assert one.data.startswith(b"From 1654@xxx") and f"<{number}@x>".encode() in one.data
        assert one.unit == "byte"


def test_a_mail_longer_than_what_is_looked_at_first_is_whole(tmp_path: Path) -> None:
    long = mail("x" * 76 + "\n" + ("y" * 76 + "\n") * 60_000)
    data = mbox(long, MAILS[1])
    path = kept(tmp_path, "all.mbox", data)
    first, second = positions(path, "messages")
    assert at(path, first).data == data[:second]
    assert at(path, second).data == data[second:]


def test_a_mail_by_itself_is_its_file(tmp_path: Path) -> None:
    path = kept(tmp_path, "one.eml", MAILS[0])
    assert at(path, 0).data == MAILS[0]
    assert at(path, 0).unit == "whole file"


def test_a_csv_record_may_span_lines(tmp_path: Path) -> None:
    records = [
        b'm1,2026-01-01T00:00Z,buyer,"one\r\ntwo, with ""quotes""\r\n\r\nthree"\r\n',
        b"m2,2026-01-02T00:00Z,buyer,plain\r\n",
        b'm3,2026-01-03T00:00Z,buyer,"last\r\nof all"',
    ]
    path = kept(tmp_path, "messages.csv", b"message_id,sent_at,sender,body\r\n" + b"".join(records))
    places = positions(path, "messages")
    assert places == [2, 6, 7]
    assert [at(path, place).data for place in places] == records


def test_a_line_of_a_tab_file_is_one_line_whatever_quotes_it_has(tmp_path: Path) -> None:
    lines = [b'302-0000001-0000001\t2026-01-01T00:00Z\t27" monitor\n', b"302-0000002-0000002\t\t\n"]
    head = b"amazon-order-id\tpurchase-date\tproduct-name\torder-status\tlast-updated-date\n"
    path = kept(tmp_path, "orders.txt", head + b"".join(lines))
    assert [at(path, place).data for place in (2, 3)] == lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_line_has_the_bytes_of_its_encoding(tmp_path: Path, encoding: str) -> None:
    lines = ["call_id,started_at,direction,notes\n", "c1,2026-01-01,inbound,Größe\n", "c2,,,\n"]
    path = kept(tmp_path, "calls.csv", "".join(lines).encode(encoding))
    found = at(path, 2)
    assert found.text == lines[1]
    bare = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    assert found.data == lines[1].encode(bare) and found.data in path.read_bytes()


def test_a_japanese_line_is_read_as_its_reader_read_it(tmp_path: Path) -> None:
    data = "call_id,started_at,direction,notes\nc1,2026-01-01,inbound,返品ソ\n".encode("cp932")
    path = kept(tmp_path, "calls.csv", data)
    sha = hashlib.sha256(data).hexdigest()
    japan = Context("A", "JP")
    found = Originals().at(str(path), sha, 2, form="calls_csv", context=japan)
    assert found.text == "c1,2026-01-01,inbound,返品ソ\n"
    assert found.data == data.split(b"\n")[1] + b"\n"


ORDERS = [
    {"AmazonOrderId": f"302-000000{n}-0000001", "OrderStatus": "Shipped", "Note": 'a "]" ü'}
    for n in range(3)
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ORDERS),
        json.dumps(ORDERS, indent=1, ensure_ascii=False),
        json.dumps({"Orders": ORDERS}),
        json.dumps({"headers": {"x": [1, 2]}, "payload": {"NextToken": "]", "Orders": ORDERS}}),
        "\n".join(json.dumps(order) for order in ORDERS) + "\n",
        "\n".join(json.dumps({"payload": {"Orders": [order]}}) for order in ORDERS),
    ],
    ids=["list", "laid out", "Orders", "payload", "lines", "answers in lines"],
)
def test_an_object_of_json_by_its_index(tmp_path: Path, text: str) -> None:
    path = kept(tmp_path, "orders.json", text.encode())
    assert positions(path, "orders") == [0, 1, 2]
    for index, order in enumerate(ORDERS):
        found = at(path, index)
        assert found.data in path.read_bytes() and found.unit == "object"
        assert json.loads(found.data) == order
        assert found.text == json.dumps(order, indent=2, ensure_ascii=False)


def test_an_order_in_each_answer_of_a_list(tmp_path: Path) -> None:
    text = json.dumps([{"payload": {"Orders": ORDERS[:2]}}, {"payload": ORDERS[2]}])
    path = kept(tmp_path, "orders.json", text.encode())
    assert positions(path, "orders") == [0, 1, 2]
    assert [json.loads(at(path, index).data) for index in range(3)] == ORDERS


def test_lines_of_json_that_another_reader_counts_by_lines(tmp_path: Path) -> None:
    lines = [json.dumps({"id": n, "body": "ü"}).encode() for n in range(3)]
    path = kept(tmp_path, "tickets.jsonl", lines[0] + b"\n\n" + lines[1] + b"\r\n" + lines[2])
    assert [at(path, line, form="zendesk").data for line in (1, 3, 4)] == lines
    assert at(path, 2, form="zendesk").state == at(path, 0, form="zendesk").state == "no place"


def test_a_file_of_no_format_is_not_cut_by_guess(tmp_path: Path) -> None:
    path = kept(tmp_path, "tickets.json", json.dumps({"things": [{"id": 1}]}).encode())
    for pos in (0, 1):
        assert at(path, pos).state == "no place"


def test_one_order_by_itself_is_object_0(tmp_path: Path) -> None:
    path = kept(tmp_path, "order.json", json.dumps({"payload": ORDERS[0]}).encode())
    assert json.loads(at(path, 0).data) == ORDERS[0]


@pytest.mark.parametrize("pos", [-1, 3, 10**12])
def test_a_position_that_is_not_there_is_said(tmp_path: Path, pos: int) -> None:
    for name, data in {
        "o.json": json.dumps(ORDERS).encode(),
        "calls.csv": b"call_id,started_at,direction\nc1,2026-01-01,inbound",
        "cut.json": b'[{"AmazonOrderId": 1',
        "deep.json": b"[" * 100_000,
        "empty.csv": b"",
        "report.xml": b"<?xml version='1.0'?>\n<a>\n</a>\n",
    }.items():
        found = at(kept(tmp_path, name, data), pos, form=None)
        assert (found.state, found.data) == ("no place", None), name
        assert name in found.why


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return packed.getvalue()


def test_members_of_archives_are_found_by_the_name_they_were_read_under(tmp_path: Path) -> None:
    box = mbox(*MAILS)
    kept(
        tmp_path,
        "a.zip",
        zipped(**{"Mail__All mail.mbox": box, "Mail__b.mbox.gz": gzip.compress(box)}),
    )
    kept(tmp_path, "c.mbox.gz", gzip.compress(box))
    kept(tmp_path, "d.zip.gz", gzip.compress(zipped(**{"x.mbox": box})))
    names = [source.name for source in sources([tmp_path])]
    assert [name.removeprefix(f"{tmp_path}/") for name in names] == [
        "a.zip/Mail/All mail.mbox", "a.zip/Mail/b.mbox", "c.mbox", "d.zip/x.mbox",
    ]  # fmt: skip
    sha = hashlib.sha256(box).hexdigest()
    for name in names:
        found = at(name, 0, sha=sha, form="mbox")
        assert found.state == "as read" and b"<1@x>" in found.data, name


def test_a_changed_file_gives_no_bytes(tmp_path: Path) -> None:
    path = kept(tmp_path, "one.eml", MAILS[0])
    then = hashlib.sha256(MAILS[0]).hexdigest()
    path.write_bytes(MAILS[1])
    found = at(path, 0, sha=then)
    assert (found.state, found.data, found.text) == ("changed", None, None)
    assert f"has changed since it was read (SHA-256 {then}, now " in found.why
    assert hashlib.sha256(MAILS[1]).hexdigest() in found.why


def test_a_damaged_archive_is_no_error_of_ours(tmp_path: Path) -> None:
    kept(tmp_path, "a.zip", zipped(**{"x.eml": MAILS[0]})[:60])
    assert at(f"{tmp_path}/a.zip/x.eml", 0, sha="0", form="eml").state == "gone"


def test_a_file_that_is_gone_is_said_with_where_it_was(tmp_path: Path) -> None:
    found = at(tmp_path / "mail" / "one.eml", 0, sha="0", form="eml")
    assert (found.state, found.data) == ("gone", None)
    assert f"{tmp_path}/mail/one.eml" in found.why


@pytest.mark.parametrize("place", ["one.eml", "2026/one.eml", "old/box/one.eml"])
def test_a_file_that_moved_is_found_in_a_folder_by_its_name(tmp_path: Path, place: str) -> None:
    kept(tmp_path, f"new/{place}", MAILS[0])
    kept(tmp_path, "new/other/one.eml", MAILS[1])
    sha = hashlib.sha256(MAILS[0]).hexdigest()
    for then in ("mail/one.eml", "/nowhere/mail/one.eml"):
        found = at(then, 0, tmp_path / "none", tmp_path / "new", sha=sha, form="eml")
        assert (found.state, found.path) == ("as read", f"{tmp_path}/new/{place}")


def test_an_archive_that_moved_is_found_and_so_is_a_member_taken_out_of_it(tmp_path: Path) -> None:
    box = mbox(*MAILS)
    sha = hashlib.sha256(box).hexdigest()
    name = "down/takeout.zip/Mail/all.mbox"
    kept(tmp_path, "new/deep/takeout.zip", zipped(**{"Mail__all.mbox": box}))
    found = at(name, 0, tmp_path / "new", sha=sha, form="mbox")
    assert found.path == f"{tmp_path}/new/deep/takeout.zip/Mail/all.mbox"
    kept(tmp_path, "out/all.mbox.gz", gzip.compress(box))
    found = at(name, 0, tmp_path / "out", sha=sha, form="mbox")
    assert (found.state, found.path) == ("as read", f"{tmp_path}/out/all.mbox")


def test_of_files_with_one_name_the_one_that_was_read_counts(tmp_path: Path) -> None:
    path = kept(tmp_path, "mail/one.eml", MAILS[1])
    kept(tmp_path, "backup/one.eml", MAILS[0])
    found = at(path, 0, tmp_path / "backup", sha=hashlib.sha256(MAILS[0]).hexdigest(), form="eml")
    assert (found.state, found.path) == ("as read", f"{tmp_path}/backup/one.eml")


@pytest.mark.parametrize("name", ["../one.eml", "a.zip/../../one.eml", "x" * 5000, "a\0b", "", "."])
def test_a_hostile_name_leads_nowhere(tmp_path: Path, name: str) -> None:
    kept(tmp_path, "one.eml", MAILS[0])
    (tmp_path / "in").mkdir()
    found = Originals([tmp_path / "in"]).at(name, "0", 0, form="eml", context=CONTEXT)
    assert found.state == "gone"
