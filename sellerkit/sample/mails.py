"""Mails as Amazon, the shop and others send them, and the mailbox that holds them."""

from __future__ import annotations

import datetime as dt
import functools
import html
import struct
import zlib
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from sellerkit.sample.catalogue import Store, profile, texts
from sellerkit.sample.shop import Mail

_PRE = (
    "white-space: pre-wrap; white-space: -moz-pre-wrap; white-space: -o-pre-wrap; "
    "word-wrap: break-word; font-family: Arial, sans-serif"
)
_DASHES = "-" * 13


def own_address() -> str:
    """Return the address from which the shop writes."""
    address: str = profile()["address"]
    return address


def sender_of(mail: Mail) -> str:
    """Return the address that a mail comes from."""
    if mail.kind == "buyer" and mail.buyer is not None:
        return mail.buyer.address
    if mail.kind in ("copy", "opt_out"):
        return f"auto-communication@{_store(mail).domain}"
    if mail.kind == "notice":
        claim = mail.notice.startswith("A_Z_")
        return (
            f"atoz-guarantee-no-reply@{_store(mail).domain}" if claim else "donotreply@amazon.com"
        )
    if mail.kind == "noise":
        return (
            "payments-messages@amazon.de" if mail.notice else "newsletter@fachhandel-post.example"
        )
    if mail.kind == "bounce":
        return f"MAILER-DAEMON@{own_address().partition('@')[2]}"
    return own_address()


def mail_bytes(mail: Mail) -> bytes:
    """Return the mail as it went over the wire, lines ending in CRLF."""
    if mail.kind == "bounce":
        return _bounce(mail).as_bytes(policy=SMTP)
    message = EmailMessage(policy=SMTP)
    _BUILDERS[mail.kind](message, mail)
    if message.is_multipart():
        message.set_boundary(f"----=_Part_{mail.digest[:20]}")
    return message.as_bytes()


def _stamp(message: Message, mail: Mail, zone: dt.tzinfo = dt.UTC) -> None:
    """Put date, Message-ID and subject on it."""
    message["Date"] = format_datetime(mail.sent_at.astimezone(zone))
    if mail.has_id:
        message["Message-ID"] = f"<{mail.message_id}>"
    message["Subject"] = mail.subject


def _notified(message: EmailMessage, mail: Mail) -> None:
    """Put Amazon's own headers on it."""
    if mail.notice and mail.buyer:
        message["X-Space-Notification-Type"] = mail.notice
        message["X-Marketplace-ID"] = mail.buyer.store.marketplace_id


def _store(mail: Mail) -> Store:
    assert mail.buyer is not None, "only noise is about nobody"
    return mail.buyer.store


def _coded(mail: Mail) -> str:
    """Return the transfer encoding: Amazon and the shop's program use one or the other."""
    return "base64" if mail.digest[0] in "0123" else "quoted-printable"


def _write(message: EmailMessage, mail: Mail, plain: str, markup: str | None) -> None:
    message.set_content(plain, cte=_coded(mail))
    if markup is not None:
        message.add_alternative(markup, subtype="html", cte=_coded(mail))


def _buyer(message: EmailMessage, mail: Mail) -> None:
    """Forward a buyer's message, as Amazon does, from his relay alias."""
    buyer = mail.buyer
    assert buyer is not None
    shown = texts(buyer.store.language).mail["from_name"].format(name=buyer.first)
    sender = Address(shown, addr_spec=buyer.address)
    message["From"] = sender
    message["Reply-To"] = sender
    message["To"] = own_address()
    _stamp(message, mail)
    _notified(message, mail)
    _write(message, mail, buyer_plain(mail), buyer_markup(mail))


def _no_response_link(mail: Mail) -> str:
    """Return the link that is in nearly every buyer mail, and says nothing of a mark."""
    store = _store(mail)
    return (
        f"https://sellercentral.{store.domain}/messaging/no-response-needed"
        f"?t={mail.digest[:12]}&m={mail.digest[12:24]}&mp={store.marketplace_id}&s=1"
    )


def buyer_plain(mail: Mail) -> str:
    """Return the text of a buyer's message as Amazon forwards it."""
    around = texts(_store(mail).language).mail
    parts = [
        *_item_lines(mail),
        f"{_DASHES} {around['begin']} {_DASHES}",
        f"\n{mail.text}\n",
        f"{_DASHES} {around['end']} {_DASHES}",
        f"\n{around['footer']}",
        f"\n{around['resolve']} | {around['no_response']}: {_no_response_link(mail)}",
    ]
    return "\n".join(parts)


def buyer_markup(mail: Mail) -> str:
    """Return the same as HTML."""
    around = texts(_store(mail).language).mail
    lines = [f"<p>{html.escape(line)}</p>" for line in _item_lines(mail) if line]
    parts = [
        "<html><body>",
        *lines,
        f"<p>{_DASHES} {around['begin']} {_DASHES}</p>",
        f'<pre style="{_PRE}">{html.escape(mail.text)}</pre>',
        f"<p>{_DASHES} {around['end']} {_DASHES}</p>",
        f"<p><small>{html.escape(around['footer'])}</small></p>",
        f'<p><a href="{html.escape(_no_response_link(mail))}">{around["no_response"]}</a></p>',
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _item_lines(mail: Mail) -> list[str]:
    """Return the lines in which Amazon says what the message is about."""
    if mail.order is None:
        return []
    around = texts(_store(mail).language).mail
    goods = [f"{n} of {product.title} [ASIN: {product.asin}]" for product, n in mail.order.lines]
    return [around["item"].format(order=mail.order.order_id), *goods, ""]


def _seller(message: EmailMessage, mail: Mail) -> None:
    """Write with the shop's own mail program to the buyer's alias."""
    assert mail.buyer is not None
    message["From"] = Address(profile()["account"], addr_spec=own_address())
    message["To"] = Address(mail.buyer.name, addr_spec=mail.buyer.address)
    _stamp(message, mail, ZoneInfo(profile()["zone"]))
    if mail.answers is not None and mail.answers.has_id:
        message["In-Reply-To"] = f"<{mail.answers.message_id}>"
        message["References"] = f"<{mail.answers.message_id}>"
    if mail.automated:
        message["Auto-Submitted"] = "auto-replied"
        message["Precedence"] = "auto_reply"
    _write(message, mail, mail.text + _quoted(mail), None)
    if mail.attachment:
        message.add_attachment(_png(), "image", "png", filename=mail.attachment)


def _quoted(mail: Mail) -> str:
    """Return what the mail program quotes below the reply."""
    asked = mail.answers
    if asked is None or mail.digest[1] in "01234":
        return "\n"
    around = texts(_store(mail).language).mail
    day = asked.sent_at.strftime(around["date"])
    name = mail.buyer.name if mail.buyer else ""
    lines = "\n".join(f"> {line}".rstrip() for line in asked.text.splitlines())
    return f"\n\n{around['quote'].format(date=day, name=name)}\n{lines}\n"


def _copy(message: EmailMessage, mail: Mail) -> None:
    """Send Amazon's copy of a reply."""
    assert mail.buyer is not None
    message["From"] = f"Amazon <{sender_of(mail)}>"
    message["Reply-To"] = mail.buyer.address
    message["To"] = own_address()
    _stamp(message, mail)
    _notified(message, mail)
    _write(message, mail, copy_plain(mail), None)


def copy_plain(mail: Mail) -> str:
    """Return the text of Amazon's copy of a reply."""
    assert mail.buyer is not None
    return "\n".join(
        [
            f"Here is a copy of the e-mail that you sent to {mail.buyer.name}.\n",
            *_item_lines(mail),
            f"{_DASHES} Begin message {_DASHES}",
            f"\n{mail.text}\n",
            f"{_DASHES} End message {_DASHES}\n",
        ]
    )


def _notice(message: EmailMessage, mail: Mail) -> None:
    """Send Amazon's word of a return, refund, claim or wish to cancel; in HTML only."""
    message["From"] = f"Amazon <{sender_of(mail)}>"
    message["To"] = own_address()
    _stamp(message, mail)
    _notified(message, mail)
    message.set_content(notice_markup(mail), subtype="html", cte="quoted-printable")


def notice_markup(mail: Mail) -> str:
    """Return a notice's text as HTML."""
    paragraphs = "".join(f"<p>{html.escape(part)}</p>\n" for part in mail.text.split("\n"))
    return f"<html><body>\n{paragraphs}</body></html>\n"


def _opt_out(message: EmailMessage, mail: Mail) -> None:
    """Send Amazon's word that a message did not reach the buyer."""
    message["From"] = f"Amazon <{sender_of(mail)}>"
    message["To"] = own_address()
    _stamp(message, mail)
    _notified(message, mail)
    if mail.answers is not None:
        message["In-Reply-To"] = f"<{mail.answers.message_id}>"
    _write(message, mail, f"{mail.text}\n", None)


def _noise(message: EmailMessage, mail: Mail) -> None:
    """Write what comes in besides: a newsletter, or Amazon's word on payments."""
    message["From"] = sender_of(mail)
    message["To"] = own_address()
    _stamp(message, mail)
    if not mail.notice:
        message["List-Unsubscribe"] = "<mailto:abmelden@fachhandel-post.example>"
        message["Precedence"] = "bulk"
    _write(message, mail, f"{mail.text}\n", None)


def _bounce(mail: Mail) -> Message:
    """Return the mail server's report (RFC 3464) that a message could not be delivered."""
    lost = mail.answers
    assert lost is not None and lost.buyer is not None
    host = own_address().partition("@")[2]
    report = MIMEMultipart("report", f"----=_Part_{mail.digest[:20]}")
    report.set_param("report-type", "delivery-status")
    report["From"] = f"Mail Delivery System <{sender_of(mail)}>"
    report["To"] = own_address()
    _stamp(report, mail)
    report["Auto-Submitted"] = "auto-replied"
    report["In-Reply-To"] = f"<{lost.message_id}>"
    report.attach(MIMEText(f"{mail.text}\r\n", "plain", "us-ascii"))
    status = MIMENonMultipart("message", "delivery-status")
    server, recipient = Message(), Message()
    server["Reporting-MTA"] = f"dns; {host}"
    recipient["Final-Recipient"] = f"rfc822; {lost.buyer.address}"
    recipient["Action"] = "failed"
    recipient["Status"] = "5.1.1"
    status.set_payload([server, recipient])
    report.attach(status)
    original = EmailMessage(policy=SMTP)
    _seller(original, lost)
    report.attach(MIMEMessage(original))
    return report


_BUILDERS: dict[str, Callable[[EmailMessage, Mail], None]] = {
    "buyer": _buyer,
    "seller": _seller,
    "copy": _copy,
    "notice": _notice,
    "opt_out": _opt_out,
    "noise": _noise,
}


@functools.cache
def _png() -> bytes:
    """Return a picture of one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0\xc8\x10\x10", 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    )
