"""Files made to harm whoever reads them. Each is written at any size: 1.0 is the whole torture."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from encodings.aliases import aliases
from pathlib import Path

from mails import ENVELOPE, mail, mbox
from torture import files_read

MIB = 2**20
ORDER = "302-1234567-1234567"
MESSAGES = "message_id,thread_id,sent_at,sender,body\n"


@dataclass(frozen=True)
class Hostile:
    """A file, the limit that it runs into, and what of the limit's sentence must be said.

    `said` is empty where nothing is refused: each unit of the file is used, skipped or set aside.
    """

    kind: str
    name: str
    limit: str
    make: Callable[[Path, float], Path]
    said: str = ""
    command: str = "ingest"


def times(size: float, whole: int) -> int:
    return max(1, int(size * whole))


# archives


def gzip_bomb(folder: Path, size: float) -> Path:
    path = folder / "orders.csv.gz"
    one = gzip.compress(bytes(16 * MIB), 9)
    with path.open("wb") as file:
        for _ in range(times(size, 640)):
            file.write(one)
    return path


def zip_bomb(folder: Path, size: float) -> Path:
    path = folder / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("orders.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(times(size, 2048)):
            member.write(bytes(MIB))
    return path


def many_small_bombs(folder: Path, size: float) -> Path:
    """Members each of which is below what one may grow to."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", bytes(200 * MIB if size >= 1 else 5 * MIB))
    path = folder / "nested.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(times(size, 300)):
            archive.writestr(f"{number}.zip", inner.getvalue())
    return path


def crowded_zip(folder: Path, size: float) -> Path:
    """A directory of a million members, written by hand: zipfile would need minutes."""
    count = times(size, 1_000_000)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    entry = b"PK\1\2" + struct.pack("<6H3I5H2I", 20, 20, 0, 0, 0, 33, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0)
    path = folder / "crowd.zip"
    with path.open("wb") as file:
        file.write(local)
        for number in range(count):
            file.write(entry + b"%060d" % number)
        where = file.tell()
        bytes_ = count * (len(entry) + 60)
        file.write(struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, bytes_,
                               len(local)))  # fmt: skip
        file.write(struct.pack("<4sIQI", b"PK\6\7", 0, where, 1))
        file.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1,
                               0))  # fmt: skip
    return path


def climbing_zip(folder: Path, size: float) -> Path:
    path = folder / "climb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../../climbed.csv", "/tmp/climbed.csv", "C:\\climbed.csv", "..\\climbed.csv",
                     "a/../../climbed.csv", "x" * 60_000):  # fmt: skip
            archive.writestr(name, f"order_id,purchased_at\n{ORDER},2026-01-01\n")
        link = zipfile.ZipInfo("link.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return path


def links(folder: Path, size: float) -> Path:
    """Symbolic links: to itself, to the folder above, to devices, to a pipe nobody writes to."""
    place = folder / "links"
    place.mkdir()
    os.mkfifo(folder / "pipe")
    for name, target in {
        "own": "own", "up": "..", "zero.csv": "/dev/zero", "random.csv": "/dev/urandom",
        "pipe.csv": "../pipe", "stdin.csv": "/dev/stdin", "nowhere.csv": "/nowhere/at/all",
    }.items():  # fmt: skip
        (place / name).symlink_to(target)
    (place / "orders.csv").write_text(f"order_id,purchased_at\n{ORDER},2026-01-01\n")
    return place


# mails


def _write(name: str, data: bytes | Iterator[bytes], folder: Path) -> Path:
    path = folder / name
    with path.open("wb") as file:
        file.writelines([data] if isinstance(data, bytes) else data)
    return path


def ten_thousand_parts(folder: Path, size: float) -> Path:
    part = "--b\nContent-Type: text/plain\n\nhello\n"
    raw = mail(part * times(size, 10_000) + "--b--", Content_Type="multipart/mixed; boundary=b")
    return _write("parts.eml", raw, folder)


def many_attachments(folder: Path, size: float) -> Path:
    part = "--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\nSubject: x\n\ny\n"
    raw = mail(part * times(size, 100_000) + "--b--", Content_Type="multipart/mixed; boundary=b")
    return _write("attached.eml", raw, folder)


def long_header(folder: Path, size: float) -> Path:
    return _write("header.eml", mail(Subject="x" * times(size, 100 * MIB)), folder)


def folded_header(folder: Path, size: float) -> Path:
    return _write("folded.eml", mail(Subject="x\n " * times(size, 33 * MIB)), folder)


def many_headers(folder: Path, size: float) -> Path:
    lines = "".join(f"X-{n}: y\n" for n in range(times(size, 7_000_000)))
    head, body = mail().split(b"\n\n")
    return _write("headers.eml", b"%b\n%b\n%b" % (head, lines.encode(), body), folder)


def encoded_header(folder: Path, size: float) -> Path:
    words = " ".join(["=?utf-8?q?x?="] * times(size, 1_000_000))
    return _write("encoded.eml", mail(Subject=words, To=None) + b"\xff", folder)


def thousand_deep(folder: Path, size: float) -> Path:
    depth = times(size, 100_000)
    body = "".join(
        f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(depth)
    )
    return _write("deep.eml", mail(body, Content_Type="multipart/mixed; boundary=b0"), folder)


def mails_in_mails(folder: Path, size: float) -> Path:
    inner = "Content-Type: message/rfc822\n\n" * times(size, 100_000)
    return _write("inner.eml", mail(inner, Content_Type="message/rfc822"), folder)


def endless_line(folder: Path, size: float) -> Path:
    return _write("line.mbox", mbox(mail("x" * times(size, 100 * MIB))), folder)


def mails_of_nothing(folder: Path, size: float) -> Path:
    return _write("froms.mbox", (ENVELOPE + b"\n") * times(size, 1_000_000), folder)


def long_text(folder: Path, size: float) -> Path:
    return _write("text.eml", mail("\N{SNOWMAN}" * times(size, 20 * MIB)), folder)


def large_attachment(folder: Path, size: float) -> Path:
    lines = base64.encodebytes(os.urandom(MIB)).decode() * times(size, 45)
    body = (
        f"--b\n\nhi\n--b\nContent-Type: text/html\nContent-Disposition: attachment\n"
        f"Content-Transfer-Encoding: base64\n\n{lines}\n--b--"
    )
    return _write("large.eml", mail(body, Content_Type="multipart/mixed; boundary=b"), folder)


def html_of_brackets(folder: Path, size: float) -> Path:
    body = "<div>" * times(size, 3_300_000)
    return _write("html.eml", mail(body, Content_Type="text/html"), folder)


def nuls_in_mail(folder: Path, size: float) -> Path:
    return _write("nuls.eml", mail("\0" * times(size, 50 * MIB), Subject="a\0b"), folder)


#: Charsets that Python has no text for, that nobody has, and that are no name.
_NO_CHARSETS = ("none-such", "", "x" * 1_000, "utf-8\0", "../../etc/passwd", "base64", "zlib",
                "hex", "bz2", "rot13", "undefined", "idna", "punycode", "unicode_escape",
                "raw_unicode_escape", "utf-7", "mbcs", "oem", "\N{SNOWMAN}")  # fmt: skip


def every_charset(folder: Path, size: float) -> Path:
    names = sorted({*aliases, *aliases.values(), *_NO_CHARSETS})
    text = base64.encodebytes(bytes(range(256)) + b"xn--" + b"a-" * times(size, 2_000)).decode()
    mails = [
        mail(text, Content_Type=f'text/plain; charset="{name}"', Message_ID=f"<{n}@x>",
             Content_Transfer_Encoding="base64", Subject=f"=?{name}?b?AAECA//+gA==?=")
        for n, name in enumerate(names)
    ]  # fmt: skip
    return _write("charsets.mbox", mbox(*mails), folder)


def slow_charset(folder: Path, size: float) -> Path:
    """Punycode takes quadratic time, and nobody writes mails in it."""
    body = base64.encodebytes(b"\xff" + b"abcd-" + b"b" * times(size, 3 * MIB)).decode()
    raw = mail(body, Content_Type="text/plain; charset=punycode",
               Content_Transfer_Encoding="base64")  # fmt: skip
    return _write("punycode.eml", raw, folder)


def dates(folder: Path, size: float) -> Path:
    days = ["Mon, 1 Jan 0000 00:00:00 +0000", "Fri, 31 Dec 9999 23:59:59 -2359",
            "1 Jan 0001 00:00:00 +2359", "1 Jan 99999 00:00:00 +0000", "1 Jan -1 00:00:00 +0000",
            "0 Jan 2026 00:00:00 +0000", "30 Feb 2026 24:61:61 +9999", "9" * 10_000,
            "Mon, 06 Jan 2020 10:00:00 " + "(" * 100_000]  # fmt: skip
    mails = [mail(Date=day, Message_ID=f"<{n}@x>") for n, day in enumerate(days)]
    mails += [mail(Date=None, Received=f"by x; {day}", Message_ID=f"<r{n}@x>")
              for n, day in enumerate(days)]  # fmt: skip
    return _write("dates.mbox", mbox(*mails), folder)


def long_mail_ids(folder: Path, size: float) -> Path:
    word = "i" * times(size, MIB)
    mails = [
        mail(Message_ID=f"<{word}{n}@x>", In_Reply_To=f"<{word}@x>", References=f"<{word}@x> " * 3,
             From=f"<{word}@marketplace.amazon.de>" if n else f"<a1@{word}.de>")
        for n in range(3)
    ]  # fmt: skip
    return _write("ids.mbox", mbox(*mails), folder)


# text tables


def csv_dates(folder: Path, size: float) -> Path:
    days = ("0000-00-00", "0000-01-01", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-23:59",
            "10000-01-01", "-001-01-01", "2026-02-29", "2026-01-01T24:00:00Z")  # fmt: skip
    rows = "".join(f"{n},t,{day},buyer,x\n" for n, day in enumerate(days))
    return _write("messages.csv", (MESSAGES + rows).encode(), folder)


def csv_ids(folder: Path, size: float) -> Path:
    word = "i" * times(size, MIB)
    rows = "".join(f"{word}{n},{word},2026-01-01,buyer,x\n" for n in range(20))
    return _write("messages.csv", (MESSAGES + rows).encode(), folder)


def csv_columns(folder: Path, size: float) -> Path:
    wide = ",".join(f"c{n}" for n in range(100_000))
    row = "," * 100_000
    data = f"order_id,purchased_at,{wide}\n" + f"{ORDER},2026-01-01{row}\n" * times(size, 500)
    return _write("orders.csv", data.encode(), folder)


def csv_hollow(folder: Path, size: float) -> Path:
    wide = ",".join(f"c{n}" for n in range(16_000))
    data = f"order_id,purchased_at,{wide}\n" + "x\n" * times(size, 10_000_000)
    return _write("orders.csv", data.encode(), folder)


def csv_line(folder: Path, size: float) -> Path:
    data = f'{MESSAGES}1,t,2026-01-01,buyer,"' + "x" * times(size, 100 * MIB)
    return _write("messages.csv", data.encode(), folder)


def csv_nuls(folder: Path, size: float) -> Path:
    rows = "1,t,2026-01-01,buyer,\0\n" + "\0" * times(size, 100 * MIB)
    return _write("messages.csv", (MESSAGES + rows).encode(), folder)


def tab_quotes(folder: Path, size: float) -> Path:
    head = "amazon-order-id\tpurchase-date\torder-status\tproduct-name\n"
    rows = f'{ORDER}\t2026-01-01\tShipped\t"\n' * times(size, 500_000)
    return _write("orders.txt", (head + rows).encode(), folder)


def csv_short_lines(folder: Path, size: float) -> Path:
    return _write("messages.csv", (MESSAGES + "x\n" * times(size, 2_000_000)).encode(), folder)


# JSON and XML

_TICKET = '{"id": 1, "requester_id": 1, "submitter_id": 2, "comments": []}'


def _tickets(inside: str, folder: Path) -> Path:
    return _write("tickets.json", f'{{"tickets": [{_TICKET},{inside}]}}'.encode(), folder)


def json_deep(folder: Path, size: float) -> Path:
    depth = times(size, 100_000)
    return _tickets("[" * depth + "]" * depth, folder)


def json_hollow(folder: Path, size: float) -> Path:
    return _tickets("[]," * times(size, 33 * MIB) + "[]", folder)


def json_keys(folder: Path, size: float) -> Path:
    keys = ",".join(f'"{n}":{{}}' for n in range(times(size, 6_000_000)))
    return _tickets(f"{{{keys}}}", folder)


def json_number(folder: Path, size: float) -> Path:
    return _tickets('{"id": ' + "9" * (10 * MIB) + "}", folder)


def json_many_lines(folder: Path, size: float) -> Path:
    return _write(
        "tickets.jsonl", (f"{_TICKET}\n" + "{}\n" * times(size, 5_000_000)).encode(), folder
    )


def json_ids(folder: Path, size: float) -> Path:
    word = "i" * times(size, MIB)
    order = {"AmazonOrderId": word, "PurchaseDate": "9999-12-31T23:59:59Z", "OrderStatus": word,
             "LastUpdateDate": "0000-01-01T00:00:00Z"}  # fmt: skip
    whole = {"payload": {"Orders": [order | {"BuyerInfo": {"BuyerEmail": word}}] * 20}}
    return _write("orders.json", json.dumps(whole).encode(), folder)


_RETURNS = "<return_details>{}</return_details>"


def _returns(inside: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<AmazonReturns>{inside}</AmazonReturns>'.encode()


def xml_laughs(folder: Path, size: float) -> Path:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(20)
    )
    data = _returns(_RETURNS.format("&a20;"), f"<!DOCTYPE AmazonReturns [{entities}]>")
    return _write("returns.xml", data, folder)


def xml_outside(folder: Path, size: float) -> Path:
    doctype = '<!DOCTYPE AmazonReturns [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return _write("returns.xml", _returns(_RETURNS.format("&x;"), doctype), folder)


def xml_dtd(folder: Path, size: float) -> Path:
    doctype = '<!DOCTYPE AmazonReturns SYSTEM "http://127.0.0.1:9/x.dtd">'
    return _write("returns.xml", _returns(_RETURNS.format("x"), doctype), folder)


def xml_deep(folder: Path, size: float) -> Path:
    depth = times(size, 1_000_000)
    inside = _RETURNS.format("<a>" * depth + "</a>" * depth)
    return _write("returns.xml", _returns(inside), folder)


def xml_hollow(folder: Path, size: float) -> Path:
    return _write("returns.xml", _returns("<return_details/>" * times(size, 6_000_000)), folder)


def xml_tiny(folder: Path, size: float) -> Path:
    inside = _RETURNS.format("<a/>" * times(size, 25_000_000))
    return _write("returns.xml", _returns(inside), folder)


def xml_attributes(folder: Path, size: float) -> Path:
    pairs = " ".join(f'a{n}=""' for n in range(times(size, 3_000_000)))
    return _write("returns.xml", _returns(f"<return_details {pairs}/>"), folder)


def xml_unclosed(folder: Path, size: float) -> Path:
    begin = b'<?xml version="1.0"?><AmazonReturns><return_details><![CDATA['
    return _write("returns.xml", begin + b"x" * times(size, 100 * MIB), folder)


# no text at all


def nothing_but_nuls(folder: Path, size: float) -> Path:
    return _write("nuls.csv", bytes(times(size, 100 * MIB)), folder)


def noise(folder: Path, size: float) -> Path:
    return _write("noise.bin", os.urandom(times(size, 100 * MIB)), folder)


ONE_SENTENCE = "no format that sellerkit knows"

FILES = [
    Hostile("archives", "gzip that unpacks to 10 GB", "`files.MAX_RATIO`", gzip_bomb, "far more"),
    Hostile("archives", "zip member of 2 GB zeros", "`files.MAX_RATIO`", zip_bomb, "far more"),
    Hostile("archives", "300 zips of 600 MB in one zip", "`files.MAX_RATIO`, of the whole archive",
            many_small_bombs, "far more"),
    Hostile("archives", "zip of a million members", "`files.MAX_DIRECTORY`", crowded_zip,
            "members"),
    Hostile("archives", "zip whose members climb out, or are links", "nothing is unpacked by name",
            climbing_zip),
    Hostile("archives", "links to devices, pipes, themselves", "only files are opened", links),
    Hostile("mails", "10,000 parts", "time is linear", ten_thousand_parts),
    Hostile("mails", "100,000 attached mails", "time is linear", many_attachments),
    Hostile("mails", "a header of 100 MB", "`record.MAX_HEADERS`", long_header),
    Hostile("mails", "a header of 33 million lines", "`record.MAX_HEADERS`", folded_header),
    Hostile("mails", "7 million headers", "`record.MAX_HEADERS`", many_headers),
    Hostile("mails", "a million encoded words", "`record.MAX_HEADERS`", encoded_header),
    Hostile("mails", "multipart 100,000 deep", "the next reader takes it", thousand_deep),
    Hostile("mails", "mails in mails, 100,000 deep", "the next reader takes it", mails_in_mails),
    Hostile("mails", "a line of 100 MB", "`record.MAX_MAIL`", endless_line),
    Hostile("mails", "a text of 20 million snowmen", "`record.MAX_TEXT`", long_text),
    Hostile("mails", "an attachment of 60 MB", "`record.MAX_MAIL`", large_attachment),
    Hostile("mails", "a mailbox of a million empty mails", "`source.MAX_QUARANTINED`",
            mails_of_nothing, "of this format"),
    Hostile("mails", "3.3 million nested tags of HTML", "`record.MAX_TEXT`", html_of_brackets),
    Hostile("mails", "50 million NULs", "`record.MAX_MAIL`", nuls_in_mail),
    Hostile("mails", "every charset that there is, and 19 that are none", "`mime.decoded`",
            every_charset),
    Hostile("mails", "3 MB of punycode", "`mime.decoded`", slow_charset),
    Hostile("mails", "dates in the years 0, 1, 9999, -1, 99999", "`dates.parse_date`", dates),
    Hostile("mails", "ids and addresses of a megabyte", "`record.MAX_HEADERS`", long_mail_ids),
    Hostile("text tables", "dates in the years 0, 1 and 9999", "`values._FIRST`, `_LAST`",
            csv_dates),
    Hostile("text tables", "ids of a megabyte", "time is linear", csv_ids),
    Hostile("text tables", "100,000 columns", "`bounds.MAX_COLUMNS`", csv_columns, "columns"),
    Hostile("text tables", "10 million short lines under a wide header", "`bounds._PER_SIGN`",
            csv_hollow, "hardly any"),
    Hostile("text tables", "a cell of 100 MB that never ends", "`bounds.MAX_CELL`", csv_line,
            "never closed"),
    Hostile("text tables", "100 MB of NULs in a cell", "no text has them", csv_nuls, "zero"),
    Hostile("text tables", "half a million lone quotes", "tab files have no quoting", tab_quotes),
    Hostile("text tables", "2 million lines that fit nothing", "`bounds._SIGNS_A_ROW`",
            csv_short_lines, "hardly any"),
    Hostile("JSON and XML", "JSON nested 100,000 deep", "the parser's depth", json_deep, "deep"),
    Hostile("JSON and XML", "33 million empty lists", "`bounds.hollow`", json_hollow,
            "hardly"),
    Hostile("JSON and XML", "an object of 6 million keys", "`bounds.hollow`", json_keys,
            "hardly"),
    Hostile("JSON and XML", "a number of 10 million digits", "Python's own", json_number, "digits"),
    Hostile("JSON and XML", "5 million lines of {}", "`source.MAX_QUARANTINED`", json_many_lines,
            "of this format"),
    Hostile("JSON and XML", "ids of a megabyte, years 0 and 9999", "time is linear", json_ids),
    Hostile("JSON and XML", "XML entities that grow (billion laughs)", "no entities", xml_laughs,
            "entities"),
    Hostile("JSON and XML", "XML entity of a file of yours", "no entities", xml_outside,
            "entities"),
    Hostile("JSON and XML", "XML that names a DTD on the network", "nothing is fetched", xml_dtd),
    Hostile("JSON and XML", "XML a million deep", "`xml.MAX_MARKS`", xml_deep, "fewer"),
    Hostile("JSON and XML", "6 million empty elements", "`xml.MAX_MARKS`", xml_hollow, "fewer"),
    Hostile("JSON and XML", "25 million tiny elements", "`xml.MAX_MARKS`", xml_tiny, "fewer"),
    Hostile("JSON and XML", "an element of 3 million attributes", "`xml.MAX_MARKS`",
            xml_attributes, "fewer"),
    Hostile("JSON and XML", "CDATA of 100 MB that never ends", "time is linear", xml_unclosed,
            "cut"),
    Hostile("spreadsheets and Parquet", "a workbook of two cells, as far apart as can be",
            "`sheet.MAX_MEMORY`", files_read.far_cells, "save the sheet as CSV", "mapping draft"),
    Hostile("spreadsheets and Parquet", "a workbook with a text of a megabyte in 20,000 cells",
            "`sheet.MAX_MEMORY`", files_read.repeated_text, "save the sheet as CSV",
            "mapping draft"),
    Hostile("spreadsheets and Parquet", "Parquet of 30 million rows in some kilobytes",
            "`bounded.MAX_RATIO`", files_read.many_rows, "far more", "diff"),
    Hostile("spreadsheets and Parquet", "Parquet with a text of 10 MB in 100,000 rows",
            "`bounded.MAX_RATIO`", files_read.huge_dictionary, "far more", "diff"),
    Hostile("spreadsheets and Parquet", "Parquet that counts rows that are not there",
            "what comes is counted", files_read.forged_counts, "", "diff"),
    Hostile("no text", "100 MB of NULs", "the content decides", nothing_but_nuls, ONE_SENTENCE),
    Hostile("no text", "100 MB of noise", "the content decides", noise, ONE_SENTENCE),
]  # fmt: skip
