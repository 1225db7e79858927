"""A glance at the headers passes over nothing that reading the whole mail would keep."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mails import ALIAS, CONTEXT, SHOP, mail, reply

from sellerkit.read.files import sources
from sellerkit.read.mail import record
from sellerkit.read.mail.direction import NOT_ABOUT_A_BUYER
from sellerkit.read.mail.mailbox import Piece, pieces
from sellerkit.read.mail.record import record_of
from sellerkit.read.mail.strangers import is_strangers

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (ROOT / "data" / "sample" / "mail", ROOT / ".." / "shared" / "corpus")


def thorough(raw: bytes, path: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(record, "is_strangers", lambda *_: False)
    return record_of(Piece(0, raw, b"", False), path, CONTEXT).skipped


@pytest.mark.parametrize("folder", FOLDERS, ids=["sample", "corpus"])
def test_what_is_passed_over_would_be_skipped_for_the_same_reason(folder, monkeypatch):
    if not folder.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    files = sources([folder])
    mails = [(s.name, p.raw) for s in files for p in pieces(s.data)]
    passed = [(name, raw) for name, raw in mails if is_strangers(raw, name, CONTEXT)]
    assert passed  # else nothing is tried
    for name, raw in passed:
        assert thorough(raw, name, monkeypatch) == NOT_ABOUT_A_BUYER


LABELS = ["Inbox", "Sent", "=?UTF-8?Q?Entw=C3=BCrfe?=", "Posteingang,Gesendet", "Inbox,\n Sent"]
ADDRESSES = [
    "news@shop.example", SHOP, SHOP.upper(), ALIAS, "MAILER-DAEMON@x.example", "x@AMAZON.de",
    "postmaster@x.example", "a@amazon.de.evil.example", "",
]  # fmt: skip


@given(
    sender=st.sampled_from(ADDRESSES),
    to=st.sampled_from(ADDRESSES),
    labels=st.sampled_from([None, *LABELS]),
    kind=st.sampled_from(["text/plain", 'multipart/report; boundary="x"', "multipart/Report"]),
    path=st.sampled_from(["all.mbox", "Sent/1.eml", "Drafts.mbox", "cur/1:2,D"]),
)
def test_any_mail(sender, to, labels, kind, path):
    raw = mail("302-0000001-0000001", From=sender, To=to, Content_Type=kind, X_Gmail_Labels=labels,
               Message_ID="<1@x>", Subject="Hello")  # fmt: skip
    if is_strangers(raw, path, CONTEXT):
        with pytest.MonkeyPatch.context() as patched:
            assert thorough(raw, path, patched) == NOT_ABOUT_A_BUYER


def test_a_newsletter_is_passed_over_and_a_reply_is_not():
    assert (
        is_strangers(mail(From="news@x.example", Message_ID="<1@x>"), "all.mbox", CONTEXT) is False
    )
    newsletter = mail(From="news@x.example", To="me@y.example", Message_ID="<1@x>", Subject="Hi")
    assert is_strangers(newsletter, "all.mbox", CONTEXT)
    assert not is_strangers(reply(), "all.mbox", CONTEXT)
