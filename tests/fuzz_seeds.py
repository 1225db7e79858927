"""What the fuzzer begins with: for each reader whole files, small ones, of all its kinds."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import amazon_samples
import mails
from canonical_rows import ROWS
from property.test_helpdesks_hostile import EXPORTS
from sheets import workbook
from unit.read import test_mapping

from sellerkit.read import marks, registry
from sellerkit.read.files import sources
from sellerkit.read.mapping import draft, format_of, load_mapping
from sellerkit.read.source import Context, Parsed, Source

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (ROOT / "data" / "sample", ROOT.parent / "shared" / "corpus")
#: No seed is larger: small ones are read, and changed, more often.
LARGEST = 30_000
OWN = frozenset({mails.SHOP, "service@seller.example"})
CONTEXTS = [Context("shop", store, OWN) for store in (None, "DE", "US", "JP", "GB", "XX")]
#: Of which the time is a multiple: mail is what strangers write.
SPREAD = {"mbox": 4, "eml": 4, "zendesk": 2}


@dataclass
class Reader:
    """Something that reads bytes: a format, a mapping, an archive."""

    name: str
    parse: Callable[[Source, Context], Parsed]
    seeds: list[bytes] = field(default_factory=list)
    format_name: str | None = None
    file_name: str = "export"


def readers() -> list[Reader]:
    """Return all readers, each with seeds."""
    found = {
        form.name: Reader(form.name, form.parse, _small(form.name), form.name)
        for form in registry.FORMATS
    }
    found["eml"].file_name = "one.eml"
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and (form := registry.detect(_source(path))):
                found[form.name].seeds.append(path.read_bytes()[:LARGEST])
    bare = [name for name, reader in found.items() if not reader.seeds]
    assert not bare, f"no seeds for {bare}"
    return [*found.values(), *_others(found)]


def _source(path: Path) -> Source:
    return Source(path.name, path.read_bytes())


def _small(name: str) -> list[bytes]:
    """Return the small files that the tests have of a format."""
    seeds = [amazon_samples.FILES[name]] if name in amazon_samples.FILES else []
    desk = next((own for form, own in EXPORTS.values() if form.name == name), None)
    if desk:
        listed = desk if isinstance(desk, list) else [desk]
        seeds += [json.dumps(desk).encode(), "\n".join(map(json.dumps, listed * 2)).encode()]
    history = name.removesuffix("_csv")
    if history in ROWS:
        seeds += [_csv(ROWS[history], sign) for sign in ",;\t"]
    if name == "no_response_needed_csv":
        seeds.append(f"message_id,order_id,marked_at\nm1,,\n,{mails.ORDER},2026-01-02".encode())
    if name == "check_ins_csv":
        seeds.append(f"order_id,sent_at,account\n{mails.ORDER},2026-01-02,".encode())
    if name == "eml":
        seeds += _mails()
    if name == "mbox":
        seeds.append(mails.mbox(*_mails()))
    return seeds


def _csv(rows: list[dict[str, object]], sign: str) -> bytes:
    lines = [sign.join(rows[0])] + [sign.join(map(str, row.values())) for row in rows * 2]
    return "\n".join(lines).encode()


def _mails() -> list[bytes]:
    """Return mails of each kind: from buyers, sellers, Amazon, bounced, in parts, encoded."""
    html = '<div>Hi<pre style="white-space: -o-pre-wrap">Wo ist es?</pre></div>'
    fence = "------------- Begin message -------------\nHi\n------------- End message -------------"
    bounce = (
        "--b\nContent-Type: text/plain\n\nNot delivered\n--b\nContent-Type: message/rfc822\n\n"
        + mails.reply().decode()
        + "\n--b--"
    )
    parts = (
        f"--b\nContent-Type: text/plain; charset=cp1252\nContent-Transfer-Encoding: base64\n\n"
        f"SGFsbG8=\n--b\nContent-Type: text/html\n\n{html}\n--b\nContent-Type: image/png\n"
        "Content-Disposition: attachment; filename=a.png\n\nx\n--b--"
    )
    notice = f"Claim of $12.50\nOrder ID: # {mails.ORDER}\nPlease respond by January 9, 2020"
    atoz = {
        "From": "atoz-guarantee-no-reply@amazon.de",
        "Subject": f"Claim received on order {mails.ORDER}",
        "X_Space_Notification_Type": "A_Z_CLAIM_RESPONDENT_NOTIFY",
    }
    back = {
        "From": "donotreply@amazon.com",
        "Subject": f"Return authorization notification for order {mails.ORDER}",
        "X_Space_Notification_Type": "RETURN_REQUEST",
    }
    asked = f"Order ID: # {mails.ORDER}\nReturn reason: x\nRequest received: February 27, 2016"
    return [
        mails.mail(),
        mails.mail(fence + "\nOn Mon, Jo wrote:\n> Hallo", In_Reply_To="<1@a> <2@b>"),
        mails.mail(html, Content_Type="text/html; charset=utf-8", MIME_Version="1.0"),
        mails.mail(parts, Content_Type="multipart/mixed; boundary=b", MIME_Version="1.0"),
        mails.mail("Gr=FC=DFe", Content_Transfer_Encoding="quoted-printable",
                   Content_Type="text/plain; charset=iso-8859-1", Subject="=?utf-8?b?w6Q=?="),
        mails.reply("Hallo", X_Gmail_Labels="=?UTF-8?Q?Gesendet?=,Wichtig", X_GM_THRID="1"),
        mails.mail(bounce, From="MAILER-DAEMON@x.example", Subject="Undelivered Mail",
                   Content_Type="multipart/report; report-type=delivery-status; boundary=b"),
        mails.mail(notice, **atoz),
        mails.mail(asked, **back),
    ]  # fmt: skip


def _others(found: dict[str, Reader]) -> list[Reader]:
    """Return what reads files and is no format: archives, mappings, their drafts, pasted lists."""
    tables = [
        found[name].seeds[0] for name in ("messages_csv", "orders_csv", "gorgias", "feedback")
    ]
    sheet = workbook(Tabelle=[["Ticket", "Text"], ["T1", 2.5], [True, None]])
    csv, toml = test_mapping.CSV.encode(), test_mapping.TOML
    objects = json.dumps(
        {"data": [{"Ticket": "T1", "Gesendet am": "05.10.2026 06:00", "Richtung": "eingehend"}] * 3}
    ).encode()
    of_table = format_of(_mapping(toml.encode()))
    of_objects = format_of(_mapping(f'records = "data"\n{toml}'.encode()))
    pasted = f"{mails.ORDER}\nMessage-ID: <a@b>\nsha256:{'0' * 64}\n<x@y.example>, {mails.ORDER}"
    return [
        Reader("mapped table", of_table.parse, [csv, csv.replace(b";", b"\t"), sheet]),
        Reader("mapped objects", of_objects.parse, [objects]),
        Reader("mapping file", _mapping_parse, [toml.encode()]),
        Reader("mapping draft", _draft_parse, [*tables, csv, sheet, objects]),
        Reader("archive", _archive_parse, [_zip(csv), gzip.compress(csv), _zip(_zip(csv))]),
        Reader("pasted marks", marks.parse_pasted, [pasted.encode()]),
    ]


def _zip(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/b.csv", data)
        archive.writestr("c.csv", data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _mapping(data: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "map.toml")
        path.write_bytes(data)
        return load_mapping(path)


def _mapping_parse(source: Source, context: Context) -> Parsed:
    """Read a mapping file, and a table by it if it is one."""
    mapping = _mapping(source.data)
    return format_of(mapping).parse(Source("t.csv", test_mapping.CSV.encode()), context)


def _draft_parse(source: Source, context: Context) -> Parsed:
    """Draft a mapping; what is drafted for the user must be TOML that can be written."""
    draft(source).encode("utf-8")
    return Parsed()


def _archive_parse(source: Source, context: Context) -> Parsed:
    """Unpack an archive from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "archive")
        path.write_bytes(source.data)
        list(sources([path]))
    return Parsed()
