"""Mails written to harm the reader, and the public corpora of odd ones."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from mails import ALIAS, CONTEXT, ENVELOPE, frames, mail, mbox, one, parse, reply

from sellerkit.read.mail import EML, MBOX
from sellerkit.read.source import Source

CORPUS = Path(__file__).resolve().parents[3] / ".." / "shared" / "corpus"
FOLDERS = ("cpython", "apache-james-mime4j", "mikel-mail")


def multiparts(depth: int) -> str:
    return "".join(
        f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(depth)
    )


def test_a_thousand_nested_parts_give_a_row_and_a_warning():
    body = multiparts(1000) + "--b0--"
    parsed = parse(mail(body, Content_Type="multipart/mixed; boundary=b0"), "a.eml")
    assert parsed.used == 1
    assert parsed.tables["messages"][0]["buyer_id"] == "a1b2c3d4e5f6g7"
    assert len(parsed.warnings) == 1


@pytest.mark.parametrize(
    "piece",
    [
        "a", "-", "> ", "<a", "<!--", "<a href='", "------------- ", "=?utf-8?q?", "On 1 ", "1-",
        "Von: x\n",
        "302-0000001-", "SPC-USAmazon-", "[commMgrTok:", "\n", "\n\nFrom ", "From: x\n", "&#", "</",
        '"',
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_long_lines_of_one_thing_are_read_in_linear_time(piece, kind):
    body = piece * (1_000_000 // len(piece))
    began = time.monotonic()
    for make in (mail, reply):
        parse(mbox(make(body, Content_Type=f"text/{kind}", MIME_Version="1.0")))
    parse(
        mail("x", Subject=piece.replace("\n", " ") * (200_000 // len(piece)), To=piece * 20_000),
        "a.eml",
    )
    # it takes a second or less; quadratic time would be hours
    assert time.monotonic() - began < 60


def test_a_line_of_ten_megabytes():
    assert len(one(mail("x" * 10_000_000))["body"]) == 10_000_000


def test_null_bytes_and_lone_surrogates_reach_no_table():
    raw = mail("a\x00b\x1bc &#xD800;", Subject="x\x00y", Content_Type="text/html")
    messages, _ = frames(parse(raw, "a.eml"))
    assert messages["subject"].tolist() == ["xy"]
    assert messages["body"].str.encode("utf-8").notna().all()
    assert "\x00" not in messages["body"].iloc[0]


def test_headers_after_the_blank_line_are_text():
    found = one(mail(f"From: {ALIAS}\nAuto-Submitted: auto-replied", From=ALIAS))
    assert not found["automated"]


def test_a_buyer_cannot_end_his_mail_with_the_head_of_another():
    body = "Hello\n\nFrom x@y Mon Jan 06 04:49:45 2020\nFrom: shop@seller.example\n"
    assert parse(mbox(mail(body))).read == 1


def test_a_mail_of_headers_alone_and_one_of_none():
    assert parse(ENVELOPE + b"\njust text\n").used == 0
    assert parse(b"just text", "a.eml").used == 0


@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_mail_of_the_corpora_is_accounted_for(folder):
    if not (CORPUS / folder).is_dir():
        pytest.skip("the public corpus is not beside this checkout")
    files = [path for path in (CORPUS / folder).rglob("*") if path.is_file()]
    assert files
    for path in files:
        for form in (MBOX, EML):
            parsed = form.parse(Source(path.name, path.read_bytes()), CONTEXT)
            assert parsed.read == parsed.used + sum(parsed.skipped.values()) + len(
                parsed.quarantined
            )


@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_mail_of_the_corpora_gives_a_row_if_it_came_from_a_buyer(folder):
    """The same mails behind a buyer's address: all become rows that the tables take."""
    if not (CORPUS / folder).is_dir():
        pytest.skip("the public corpus is not beside this checkout")
    head = f"From: {ALIAS}\nDate: Mon, 06 Jan 2020 10:00:00 +0000\n".encode()
    for path in (CORPUS / folder).rglob("*"):
        if path.is_file():
            parsed = parse(head + path.read_bytes().lstrip(b"\r\n"), "a.eml")
            assert parsed.used + len(parsed.quarantined) == 1, path
            frames(parsed)
