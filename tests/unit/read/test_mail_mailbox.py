"""Mailboxes: where one mail ends and the next begins, repeated mails, files that were cut."""

from __future__ import annotations

import mmap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mails import CONTEXT, ENVELOPE, frames, mail, mbox, one, parse, reply

from sellerkit.read.mail import EML, MBOX
from sellerkit.read.mail.mailbox import is_envelope, pieces
from sellerkit.read.source import Source

MAILS = [mail("One.\n\nFrom my phone", **{"Message-ID": f"<{number}@x>"}) for number in range(3)]


@pytest.mark.parametrize(
    "line",
    [
        b"From 1654@xxx Mon Jan 06 04:49:45 +0000 2020",
        b"From a@b Mon Jan  6 04:49:45 2020",
        b"From a@b Mon Jan  6 04:49:45 2020\r",
        b"From - Mon Jan  6 04:49:45 2020",
        b"From MAILER-DAEMON Mon Jan  6 04:49 2020 +0100",
        b"From John Doe Mon Jan  6 04:49:45 GMT 2020",
        b"From ???@??? Mon Jan 06 04:49:45 2020",
    ],
)
def test_lines_that_open_a_mail(line):
    assert is_envelope(line)


@pytest.mark.parametrize(
    "line",
    [
        b"From my phone",
        b"From now on we open at 10:00 in 2020",
        b"From: a@b Mon Jan  6 04:49:45 2020",
        b">From a@b Mon Jan  6 04:49:45 2020",
        b"From a@b Mon Jan  6 04:49:45 2020 I was away",
        b"From " + b"a" * 100_000,
    ],
)
def test_lines_that_do_not(line):
    assert not is_envelope(line)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_each_mail_with_its_offset(end):
    data = mbox(*MAILS).replace(b"\n", end)
    found = parse(data).tables["messages"]
    assert [row["message_id"] for row in found] == ["0@x", "1@x", "2@x"]
    for row in found:
        assert data[row["source_pos"] :].startswith(b"From 1654@xxx")
    assert {row["body"] for row in found} == {"One.\n\nFrom my phone"}


def test_escapes_of_all_kinds_are_undone():
    for escaped in (b">From there", b">>From there", b"From there"):
        data = ENVELOPE + mail("x", **{"Message-ID": None}) + b"\n" + escaped + b"\n"
        assert parse(data).tables["messages"][0]["body"] == "x\n\nFrom there"


def test_a_from_line_without_a_blank_line_before_it_is_text():
    data = mbox(mail("x\n" + ENVELOPE.decode() + "y"))
    assert parse(data.replace(b">From", b"From")).read == 1


def test_text_before_the_first_mail_is_accounted_for():
    parsed = parse(b"junk\n\n" + mbox(*MAILS))
    assert (parsed.read, parsed.used) == (4, 3)


def test_an_empty_mailbox_has_no_mails():
    assert parse(b"").read in (0, 1)
    assert parse(b"\n\n", "a.mbox").used == 0


def test_mailbox_and_single_mails_give_equal_messages():
    boxed = parse(mbox(*MAILS, reply())).tables
    single = [one(raw) for raw in [*MAILS, reply()]]
    for row, other in zip(boxed["messages"], single, strict=True):
        assert {k: v for k, v in row.items() if k != "source_pos"} == {
            k: other[k] for k in row if k != "source_pos"
        }


def test_a_mapped_file_gives_what_its_bytes_give(tmp_path: Path):
    path = tmp_path / "all.mbox"
    path.write_bytes(mbox(*MAILS))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        mapped = MBOX.parse(Source("all.mbox", data), CONTEXT)
        assert mapped.tables == parse(mbox(*MAILS)).tables


def test_pages_behind_the_cursor_are_given_back(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("sellerkit.read.mail.mailbox._RELEASE_BYTES", 4096)
    big = [mail("x" * 5000, **{"Message-ID": f"<{number}@x>"}) for number in range(5)]
    path = tmp_path / "all.mbox"
    path.write_bytes(mbox(*big))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        assert [len(piece.raw) for piece in pieces(data)] == [len(raw) + 1 for raw in big]


def test_formats_are_told_from_content():
    assert MBOX.matches(Source("x.txt", mbox(*MAILS)))
    assert not EML.matches(Source("x.txt", mbox(*MAILS)[45:60]))
    assert EML.matches(Source("x", mail()))
    assert EML.matches(Source("x", b"\xef\xbb\xbf" + mail().replace(b"\n", b"\r\n")))
    assert EML.matches(Source("x", b"From a@b.example\n" + mail()))
    assert not MBOX.matches(Source("x.mbox", mail()))
    for other in (b"", b"order-id\tsku\n1\t2\n", b'{"Orders": []}', b"Name: x\nAge: 3\n", b"\x00"):
        assert not EML.matches(Source("x.eml", other))
        assert not MBOX.matches(Source("x.mbox", other))


def test_one_header_is_enough_in_a_file_that_is_called_a_mail():
    lone = b"Subject: hello\n\ntext\n"
    assert EML.matches(Source("export/a.EML", lone)) and not EML.matches(Source("a.txt", lone))
    assert not EML.matches(Source("a.eml", b"just text\n"))


def test_headers_may_have_blanks_before_their_colons():
    assert EML.matches(Source("1", b"From  : a@b\nDate\t : x\n\ntext\n"))


def test_the_same_mail_twice_is_a_duplicate_and_another_under_its_id_is_not():
    again = MAILS[0].replace(b"From: ", b"Received: by x; y\nFrom: ", 1)
    parsed = parse(mbox(MAILS[0], again, MAILS[0].replace(b"One", b"Two"), MAILS[1]))
    assert parsed.skipped == {"duplicate": 1}
    (unfit,) = parsed.quarantined
    assert "Message-ID" in unfit.reason and "Two" in unfit.raw and unfit.pos > 0


MULTIPART = mail(
    "--b\nContent-Type: text/plain\n\nHello\n--b\nContent-Type: text/html\n\n<p>Hello</p>\n--b--",
    Content_Type="multipart/alternative; boundary=b",
    **{"Message-ID": "<last@x>"},
)
BASE64 = mail("SGVsbG8gd29ybGQ=", Content_Transfer_Encoding="base64", **{"Message-ID": "<last@x>"})


@pytest.mark.parametrize(
    ("last", "kept", "where"),
    [
        (MULTIPART, 300, "before the last boundary"),
        (MULTIPART, len(MULTIPART) - 4, "before the last boundary"),
        (BASE64, len(BASE64) - 4, "base64"),
        (MULTIPART, 60, "headers"),
    ],
)
@pytest.mark.parametrize("name", ["a.mbox", "a.eml"])
def test_a_file_that_ends_inside_a_mail(name, last, kept, where):
    data = mbox(*MAILS) + b"\n" + ENVELOPE + last[:kept] if name == "a.mbox" else last[:kept]
    parsed = parse(data, name)
    assert parsed.used == (3 if name == "a.mbox" else 0)
    (unfit,) = parsed.quarantined
    assert "the file ends inside this mail" in unfit.reason
    assert where in unfit.reason and str(len(data)) in unfit.reason
    assert name in parsed.warnings[-1] and "ends inside" in parsed.warnings[-1]


@pytest.mark.parametrize("last", [MAILS[0], MULTIPART, BASE64])
def test_a_missing_last_line_end_is_nothing(last):
    assert parse(ENVELOPE + last.rstrip(b"\n")).used == 1


def test_a_sloppy_mail_in_the_middle_is_used():
    sloppy = MULTIPART.replace(b"--b--", b"")
    assert parse(mbox(sloppy, MAILS[0])).used == 2


def test_a_file_that_ends_in_an_envelope_line():
    parsed = parse(mbox(*MAILS) + b"\n" + ENVELOPE[:22])
    assert (parsed.used, len(parsed.quarantined)) == (3, 1)


@settings(max_examples=150)
@given(st.integers(0, len(mbox(*MAILS, MULTIPART, BASE64))))
def test_a_cut_anywhere_loses_at_most_the_last_mail(at: int):
    data = mbox(*MAILS, MULTIPART, BASE64)
    whole = parse(data).tables["messages"]
    found = parse(data[:at]).tables["messages"]
    assert found[:-1] == whole[: max(len(found) - 1, 0)]
    assert parse(data[at:]).used <= 5


@settings(max_examples=200)
@given(st.binary(max_size=600))
def test_random_bytes_never_raise(data: bytes):
    for name in ("a.mbox", "a.eml"):
        parse(data, name)
        parse(mbox(MAILS[0]) + b"\n" + ENVELOPE + data, name)
        parse(b"From: a1@marketplace.amazon.de\nDate: 6 Jan 2020 10:00 +0000\n" + data, name)


@settings(max_examples=150)
@given(st.integers(0, len(MULTIPART) - 1), st.binary(max_size=30))
def test_damaged_mails_never_raise(at: int, junk: bytes):
    raw = MULTIPART[:at] + junk + MULTIPART[at + len(junk) :]
    parse(raw, "a.eml")
    frames(parse(mbox(raw, MAILS[0])))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_thunderbird_parts_mails_by_a_bare_line(end):
    # its MboxMsgOutputStream writes "From " alone, and escapes such lines in mails
    mails = [
        mail(f"From here on\n>From \nFrom \nit is {n}", Message_ID=f"<{n}@x>") for n in range(3)
    ]
    bare = b"From \n" + b"\nFrom \n".join(m.replace(b"\nFrom ", b"\n>From ") for m in mails)
    data = bare.replace(b"\n", end)
    parsed = parse(data)
    assert [row["message_id"] for row in parsed.tables["messages"]] == ["0@x", "1@x", "2@x"]
    assert MBOX.matches(Source("Inbox", data)) and not EML.matches(Source("Inbox", data))


def test_a_sentence_that_is_only_from_opens_no_mail():
    whole = ENVELOPE + mail("It came\n\nFrom \nParis: a card\n\nFrom \nyour shop")
    assert parse(whole).used == 1
