"""What a mail says: its id, date, order, text and attachments."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from mails import ALIAS, ENVELOPE, ORDER, SHOP, mail, mbox, one, parse, reply

from sellerkit.read.mail.dates import parse_date


def test_the_id_stands_without_brackets():
    assert one(mail())["message_id"] == "1@amazonses.com"
    assert one(mail(**{"Message-ID": " <a@b>  (comment)"}))["message_id"] == "a@b"
    assert one(mail(**{"Message-ID": "a@b"}))["message_id"] == "a@b"


def test_without_an_id_the_bytes_give_one_whatever_the_container():
    raw = mail("From here on\nit is late", **{"Message-ID": None})
    boxed = ENVELOPE + raw.replace(b"\nFrom ", b"\n>From ")
    labelled = ENVELOPE + b"X-GM-THRID: 1\nX-Gmail-Labels: Inbox,\n Wichtig\n" + raw
    ids = {
        one(data, name)["message_id"]
        for data, name in [
            (raw, "a.eml"),
            (raw.replace(b"\n", b"\r\n"), "a.eml"),
            (raw + b"\n\n", "a.eml"),
            (boxed, "a.mbox"),
            (boxed.replace(b"\n", b"\r\n"), "a.mbox"),
            (labelled, "a.mbox"),
        ]
    }
    assert len(ids) == 1 and ids.pop().startswith("sha256:")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, datetime(2020, 1, 6, 10, tzinfo=UTC)),
        ({"Date": "Mon, 06 Jan 2020 10:00:00 +0900"}, datetime(2020, 1, 6, 1, tzinfo=UTC)),
        ({"Date": "Mon, 06 Jan 2020 10:00:00 -0000"}, datetime(2020, 1, 6, 10, tzinfo=UTC)),
        ({"Date": None}, datetime(2020, 1, 6, 9, 0, 1, tzinfo=UTC)),
        ({"Date": "yesterday"}, datetime(2020, 1, 6, 9, 0, 1, tzinfo=UTC)),
        ({"Date": "Mon, 06 Jan 2020 10:00:00"}, datetime(2020, 1, 6, 9, 0, 1, tzinfo=UTC)),
        ({"Date": "Thu, 01 Jan 1970 00:00:00 +0000"}, datetime(2020, 1, 6, 9, 0, 1, tzinfo=UTC)),
        ({"Date": "Thu, 01 Jan 2170 00:00:00 +0000"}, datetime(2020, 1, 6, 9, 0, 1, tzinfo=UTC)),
    ],
)
def test_the_instant_is_the_date_else_the_top_received(headers, expected):
    received = "from a by b; Mon, 06 Jan 2020 09:00:01 +0000"
    assert one(mail(Received=received, **headers))["sent_at"] == expected


def test_the_mailboxs_own_line_is_the_last_resort():
    found = one(mbox(mail(Date=None)), "a.mbox")
    assert found["sent_at"] == datetime(2020, 1, 6, 4, 49, 45, tzinfo=UTC)


def test_a_mail_without_any_date_is_quarantined():
    (unfit,) = parse(mail(Date="never"), "a.eml").quarantined
    assert "date" in unfit.reason and "Inquiry" in unfit.raw


@pytest.mark.parametrize("text", ["", "x" * 10_000, "Mon, 31 Feb 2020 10:00:00 +0000", "1 2 3 4 5"])
def test_what_is_no_date_is_none(text):
    assert parse_date(text) is None


def test_the_order_is_named_in_the_subject_first():
    other = "028-1111111-1111111"
    assert one(mail(f"see {other}"))["order_id"] == ORDER
    assert one(mail(f"see {other}", Subject="x"))["order_id"] == other
    assert one(mail("see S01-1234567-1234567", Subject="x"))["order_id"] == "S01-1234567-1234567"
    assert one(mail("注文302-0000001-0000001について", Subject="x"))["order_id"] == ORDER
    assert one(mail("1302-0000001-00000019", Subject="x"))["order_id"] is None


def test_words_in_headers_are_decoded():
    subject = "=?utf-8?q?J=C3=B6rg?= =?iso-2022-jp?B?GyRCJCIbKEI=?="
    assert one(mail(Subject=subject))["subject"] == "Jörgあ"
    assert "J" in one(mail(Subject="=?x-unknown?q?J=F6rg?="))["subject"]
    assert one(mail(Subject="=?utf-8?b?!!!?= x"))["subject"]


def test_a_header_cannot_smuggle_in_another():
    found = one(mail(Subject="=?utf-8?q?x=0AFrom:_evil@evil.example?="))
    assert found["subject"] == "x From: evil@evil.example"
    assert found["sender"] == "buyer"


@pytest.mark.parametrize(
    ("charset", "encoding", "content"),
    [
        ("utf-8", "8bit", "Grüße".encode()),
        ("iso-8859-1", "8bit", "Grüße".encode("latin-1")),
        ("iso-8859-1", "quoted-printable", b"Gr=FC=DFe"),
        ("utf-8", "base64", base64.b64encode("Grüße".encode())),
        ("x-unknown", "8bit", "Grüße".encode()),
        ("x-unknown", "8bit", "Grüße".encode("cp1252")),
        ("utf-8", "8bit", "Grüße".encode("cp1252")),
        ("us-ascii", "8bit", "Grüße".encode()),
        ('"', "8bit", "Grüße".encode()),
    ],
)
def test_texts_of_all_charsets_and_encodings(charset, encoding, content):
    kind = f"text/plain; charset={charset}"
    raw = mail("", Content_Type=kind, Content_Transfer_Encoding=encoding, MIME_Version="1.0")
    assert one(raw + content + b"\n")["body"] == "Grüße"


AMAZON_HTML = (
    "<html><head><title>t</title><style>p{}</style></head><body><p>You have received a message.</p>"
    '<pre style="white-space: pre-wrap; white-space: -o-pre-wrap;">Hello,\n\nis &quot;it&quot; '
    "blue?<br>Jo</pre><p>Was this email helpful?</p></body></html>"
)


def test_a_buyers_words_are_taken_out_of_amazons_html():
    raw = mail(AMAZON_HTML, Content_Type="text/html; charset=utf-8")
    assert one(raw)["body"] == 'Hello,\n\nis "it" blue?\nJo'


def test_other_html_is_read_as_text():
    raw = reply("<p>Hello<br>Jo &amp; co</p><blockquote>old</blockquote>", Content_Type="text/html")
    assert one(raw)["body"] == "Hello\nJo & co"


def nested(*parts: str, kind: str = "mixed") -> dict[str, str]:
    body = "".join(f"--b\n{part}\n" for part in parts) + "--b--"
    return {"body": body, "MIME_Version": "1.0", "Content_Type": f"multipart/{kind}; boundary=b"}


def test_parts_and_attachments():
    inner = (
        "Content-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/plain\n\n"
        "It is red.\n--c\nContent-Type: text/html\n\n<p>It is red.</p>\n--c--"
    )
    pdf = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\nx"
    note = "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nno text"
    logo = "Content-Type: image/png\nContent-ID: <logo>\nContent-Disposition: inline\n\nx"
    found = one(mail(**nested(inner, pdf, note, logo)))
    assert (found["body"], found["attachments"]) == ("It is red.", 2)


def test_broken_base64_is_read_by_the_second_reader():
    part = "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVsbG8gd29ybGQ"
    found = parse(mail(**nested(part)), "a.eml")
    assert found.tables["messages"][0]["body"].startswith("Hello wor")
    assert "a.eml" in found.warnings[0]


def test_a_reply_names_what_it_answers_nearest_first():
    raw = reply(In_Reply_To="<3@x>", References="<1@x> <2@x>\n <3@x>")
    assert one(raw)["references"] == ["3@x", "2@x", "1@x"]


def test_equal_words_have_equal_keys():
    a, b = reply("Hello\n  World"), reply("hello world")
    assert one(a)["text_key"] == one(b)["text_key"] != one(reply("hello"))["text_key"]
    assert one(reply(""))["text_key"] is None


def test_an_address_line_that_no_parser_takes():
    found = one(reply(From=f"Müller, Jörg <{SHOP}>", To=f"Jörg, Amazon <{ALIAS}>"))
    assert found["buyer_id"] == "a1b2c3d4e5f6g7"


def test_tokens_and_watermarks_go():
    raw = mail("Hi [commMgrTok:AYOWMP58EXOS9]\nSPC-EUAmazon-123-abc", Subject="Q [commMgrTok:A1]")
    found = one(raw)
    assert (found["subject"], found["body"]) == ("Q", "Hi")
