"""Mails go over TLS to whom they are meant for, or to nobody, and no error tells the password."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import receivers
from receivers import PASSWORD, USER, Inbox

from sellerkit.config import Mail
from sellerkit.deliver import words
from sellerkit.deliver.mail import new_message, send, try_login
from sellerkit.errors import DeliveryError, UsageError

AT = dt.datetime(2026, 10, 5, 6, tzinfo=dt.UTC)
TO = ["me@seller.example", "you@seller.example"]


def mail_to(port: int, encryption: str = "tls", **more: object) -> Mail:
    named = {"host": "localhost", "user": USER, "to": TO} | more
    return Mail(kind="mail", sender=USER, encryption=encryption, port=port, **named)


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch, certified: Path) -> None:
    monkeypatch.setenv("SELLERKIT_SMTP_PASSWORD", PASSWORD)
    monkeypatch.setenv("SSL_CERT_FILE", str(certified / "cert.pem"))


def test_a_mail_comes_as_it_was_written(encrypted: tuple[str, Inbox]) -> None:
    encryption, inbox = encrypted
    mail = mail_to(inbox.port, encryption)
    text = ".\nÜber alles\n" + "x" * 2000 + "\n"
    pages = {"My shop, due, 2026-10-05.html": b"<p>" + b"\xc3\xa4" * 3000}
    inbox.mails.clear()
    for _ in range(2):
        made = new_message(mail, "News\r\nBcc: else@x.example", text, AT, pages)
        send(mail, lambda size, made=made: [made])
    (to, got), (_, again) = inbox.mails
    assert to == TO
    assert bytes(got) == bytes(again)
    assert got["Bcc"] is None
    assert got["Subject"] == "News  Bcc: else@x.example"
    assert got["Date"].datetime == AT
    assert got["Message-ID"].endswith("@seller.example>")
    body, page = got.iter_parts()
    assert body.get_content().replace("\r\n", "\n") == text
    assert page.get_filename() == "My shop, due, 2026-10-05.html"
    assert page.get_content_type() == "text/html"
    assert page.get_content().encode() == pages[page.get_filename()]


def test_where_one_recipient_is_refused_nobody_gets_it(encrypted: tuple[str, Inbox]) -> None:
    encryption, inbox = encrypted
    mail = mail_to(inbox.port, encryption, to=[TO[0], "gone@seller.example"])
    inbox.mails.clear()
    with pytest.raises(DeliveryError, match="refuses the recipient gone@seller.example.*550 no su"):
        send(mail, lambda size: [new_message(mail, "News", "text", AT)])
    assert not inbox.mails
    mail = mail_to(inbox.port, encryption)
    with pytest.raises(DeliveryError, match="refuses the mail .554 this is no mail"):
        send(mail, lambda size: [new_message(mail, "refused", "text", AT)])


def test_no_error_tells_the_password(
    encrypted: tuple[str, Inbox], monkeypatch: pytest.MonkeyPatch, chain: Callable
) -> None:
    encryption, inbox = encrypted
    monkeypatch.setenv("SELLERKIT_SMTP_PASSWORD", "another canary-4711 ß")
    with pytest.raises(DeliveryError, match=f"refuses the login of {USER} .535") as told:
        try_login(mail_to(inbox.port, encryption))
    said = chain(told.value)
    assert "canary" not in said
    assert "AGFub3RoZXI" not in said and "YW5vdGhlciBjYW5hcnk" not in said


def test_what_cannot_be_trusted_gets_no_password(
    encrypted: tuple[str, Inbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    encryption, inbox = encrypted
    with pytest.raises(DeliveryError, match="certificate cannot be trusted"):
        try_login(mail_to(inbox.port, encryption, host="127.0.0.1"))
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(DeliveryError, match="certificate cannot be trusted .self-signed"):
        try_login(mail_to(inbox.port, encryption))


def test_a_server_that_offers_no_encryption_gets_no_password() -> None:
    with receivers.mail_server() as inbox:
        with pytest.raises(DeliveryError, match="no TLS is spoken here"):
            try_login(mail_to(inbox.port, "tls"))
        with pytest.raises(DeliveryError, match="offers no STARTTLS"):
            try_login(mail_to(inbox.port, "starttls"))


def test_what_goes_wrong_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeliveryError, match="nothing listens at this port"):
        try_login(mail_to(receivers.free_port()))
    monkeypatch.delenv("SELLERKIT_SMTP_PASSWORD")
    with pytest.raises(UsageError, match="set SELLERKIT_SMTP_PASSWORD, or keep it in the keyring"):
        try_login(mail_to(1))
    with pytest.raises(ValueError, match="anybody on the way"):
        mail_to(25, "none", host="smtp.example.com")


def test_words_have_no_secret_and_no_end_of_line() -> None:
    assert (
        words.redacted("it says\nabc-123 and\x1b abc", ["abc", "abc-123", ""]) == "it says … and …"
    )
