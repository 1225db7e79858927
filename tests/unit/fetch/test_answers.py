"""What servers answer, as `imaplib` cuts it into pieces."""

from __future__ import annotations

from datetime import UTC, datetime

from sellerkit.fetch.answers import mails_in, sizes_in

RAW = b"Subject: x\r\n\r\ntext UID 99\r\n"


def test_parts_may_stand_before_or_after_the_mail() -> None:
    before = [(b'1 (UID 40 INTERNALDATE " 6-Jan-2020 13:00:00 +0100" BODY[] {27}', RAW), b")"]
    after = [(b"2 (BODY[] {27}", RAW), b' UID 41 INTERNALDATE "06-Jan-2020 12:00:00 +0000")']
    noon = datetime(2020, 1, 6, 12, tzinfo=UTC)
    found = list(mails_in(before + after))
    assert [(m.uid, m.raw, m.arrived_at, m.labels) for m in found] == [
        (40, RAW, noon, ()),
        (41, RAW, noon, ()),
    ]


def test_what_another_program_does_meanwhile_is_passed_over() -> None:
    flags = b"7 (FLAGS (\\Seen) UID 7)"
    answer = [flags, (b"1 (UID 40 BODY[] {27}", RAW), b")", flags, None]
    assert [m.uid for m in mails_in(answer)] == [40]
    assert list(mails_in([None])) == [] and sizes_in([None]) == {}


def test_a_mail_without_bytes_or_number_is_none() -> None:
    assert list(mails_in([b"1 (UID 40 BODY[] NIL)", (b"2 (BODY[] {27}", RAW), b")"])) == []


def test_an_impossible_date_is_none() -> None:
    answer = [(b'1 (UID 4 INTERNALDATE "66-Xyz-2020 13:00:00 +0100" BODY[] {27}', RAW), b")"]
    assert next(mails_in(answer)).arrived_at is None


def test_sizes() -> None:
    assert sizes_in([b"1 (UID 4 RFC822.SIZE 10)", b"2 (RFC822.SIZE 20 UID 5)"]) == {4: 10, 5: 20}


def test_gmails_labels() -> None:
    labels = rb'"\\Sent" "a \"b\" UID 9" Stra&AN8-e \Inbox "x,y"'
    answer = [
        (b"1 (X-GM-LABELS (%b) UID 40 BODY[] {27}" % labels, RAW),
        b")",
        (rb"2 (X-GM-LABELS () UID 41 BODY[] {27}", RAW),
        b")",
        (b"3 (X-GM-LABELS ({6}", b'od"d) '),
        (b" Sent) UID 42 BODY[] {27}", RAW),
        b")",
    ]
    found = {mail.uid: mail.labels for mail in mails_in(answer)}
    assert found == {
        40: ("Sent", 'a "b" UID 9', "Straße", "Inbox", "x y"),
        41: (),
        42: ('od"d)', "Sent"),
    }
