"""A mailbox as sellers have it: `write(path, mails)` makes about 10 kB a mail, seeded.

Buyers' and the seller's words are the sample shop's, in six languages, with products, names and
orders put in. Around them stand what real mails carry: delivery and signature headers, Amazon's
HTML, quoted-printable and base64, encoded subjects, quoted history, attachments, newsletters.
"""

from __future__ import annotations

import base64
import binascii
import html
import random
import tomllib
from datetime import UTC, datetime, timedelta
from email.header import Header
from importlib.resources import files
from pathlib import Path
from typing import Any

OWN = "service@nordlicht-outdoor.example"
_TLDS = {"en": "com", "de": "de", "fr": "fr", "es": "es", "it": "it", "nl": "nl"}
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_DASHES = "-" * 13
_PRE = (
    "white-space: pre-wrap; white-space: -moz-pre-wrap; white-space: -o-pre-wrap; font-size: 13px"
)
_NAMES = ("Alex Brandt", "Chloé Martin", "José García", "Giulia Rossi", "Sanne de Vries", "Sam Lee",
          "Jörg Müller", "Marie Dubois", "Ana López", "Luca Bianchi", "Pat Smith", "Noor Bakker")  # fmt: skip


def write(path: Path, mails: int, seed: int = 7) -> None:
    """Write a mailbox of so many mails, in order of time."""
    rng = random.Random(seed)
    texts = {
        code: tomllib.loads(files("sellerkit.sample").joinpath(f"texts/{code}.toml").read_text("utf-8"))
        for code in _TLDS
    }  # fmt: skip
    kinds = ("buyer", "seller", "notice", "noise")
    with path.open("wb") as file:
        buyer: dict[str, Any] = {}
        for number in range(mails):
            at = _BEGIN + timedelta(seconds=number * 150 + rng.randrange(100))
            kind = rng.choices(kinds, (46, 32, 8, 14))[0]
            if kind != "seller" or not buyer:
                buyer = _buyer(rng, texts)
            file.write(_entry(at, rng, _MAKERS[kind](rng, at, number, buyer)))


def _buyer(rng: random.Random, texts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    code = rng.choice(list(_TLDS))
    topic = rng.choice(("product", "where", "damaged", "wrong", "return", "refund"))
    name = rng.choice(_NAMES)
    own = texts[code]
    product = f"Nordlicht {rng.choice(('Bivy', 'Kjeld', 'Fjord', 'Sund'))} {rng.randrange(900)}"
    words = {"name": name, "first": name.split()[0], "product": product}
    greeting = rng.choice(own["mail"]["greetings"])
    asked = rng.sample(own["buyer"][topic], 1) + rng.sample(
        own["buyer"][rng.choice(("product", "where"))], 1
    )
    closing = rng.choice(own["mail"]["closings"]).format(**words)
    text = "\n\n".join(part for part in (greeting, " ".join(asked), closing) if part)
    for key, value in words.items():
        text = text.replace("{" + key + "}", value)
    order = f"{rng.randrange(300, 310)}-{rng.randrange(10**7):07}-{rng.randrange(10**7):07}"
    return {
        "code": code, "tld": _TLDS[code], "name": name, "product": product, "text": text,
        "alias": f"{rng.getrandbits(70):015x}"[:15], "order": order, "mail": own["mail"],
        "subject": rng.choice(own["subject"][topic]).format(name=name, order=order)
        + " " + own["mail"]["order"].format(order=order),
    }  # fmt: skip


def _transport(rng: random.Random, at: datetime) -> str:
    """Return the headers that servers add: three hops, DKIM and ARC."""
    stamp = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    token = f"{rng.getrandbits(160):040x}"
    signature = base64.b64encode(rng.randbytes(256)).decode()
    folded = "\r\n         ".join(signature[n : n + 64] for n in range(0, len(signature), 64))
    hops = "".join(
        f"Received: from a{n}-{rng.randrange(99)}.smtp-out.eu-west-1.amazonses.com (a{n}. [54.240.7.{n}])\r\n"
        f"        by mx.mail.example with ESMTPS id {token[:20]}{n}\r\n"
        f"        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n        {stamp}\r\n"
        for n in range(3)
    )
    signed = "".join(
        f"{name}: {start} a=rsa-sha256; c=relaxed/relaxed; d=mail.example; s=arc-20240605;\r\n"
        f"        h=mime-version:from:to:subject:message-id:date;\r\n        bh={token};\r\n        b={folded}\r\n"
        for name, start in (("ARC-Message-Signature", "i=1;"), ("DKIM-Signature", "v=1;"))
    )
    return hops + signed


def _entry(at: datetime, rng: random.Random, mail: str) -> bytes:
    thread = rng.getrandbits(60)
    head = f"From {thread}@xxx {at:%a %b %d %H:%M:%S} +0000 {at:%Y}\r\nX-GM-THRID: {thread}\r\n"
    return (head + mail).replace("\nFrom ", "\n>From ").encode("utf-8") + b"\r\n\r\n"


def _head(at: datetime, sender: str, to: str, subject: str, number: int, host: str) -> str:
    coded = subject if subject.isascii() else Header(subject, "utf-8").encode(linesep="\r\n")
    return (
        f"From: {sender}\r\nTo: {to}\r\nDate: {at:%a, %d %b %Y %H:%M:%S} +0000\r\n"
        f"Message-ID: <{number:08x}.bench@{host}>\r\nSubject: {coded}\r\nMIME-Version: 1.0\r\n"
    )


def _part(kind: str, text: str, coding: str) -> str:
    data = text.encode("utf-8")
    if coding == "base64":
        body = base64.encodebytes(data).decode().replace("\n", "\r\n")
    else:
        body = binascii.b2a_qp(data, istext=True).decode().replace("\n", "\r\n")
    return f'Content-Type: {kind}; charset="UTF-8"\r\nContent-Transfer-Encoding: {coding}\r\n\r\n{body}\r\n'


def _alternative(rng: random.Random, plain: str, markup: str) -> str:
    coding = rng.choice(("quoted-printable", "quoted-printable", "base64"))
    mark = f"----=_Part_{rng.getrandbits(64)}"
    parts = "".join(
        f"--{mark}\r\n{_part(kind, text, coding)}"
        for kind, text in (("text/plain", plain), ("text/html", markup))
    )
    return f'Content-Type: multipart/alternative; boundary="{mark}"\r\n\r\n{parts}--{mark}--\r\n'


def _page(words: str, footer: str) -> str:
    """Return Amazon's HTML: tables in tables, inline styles, links."""
    row = (
        '<tr><td style="padding: 0 32px 12px; font-family: Arial, Verdana; font-size: 12px; '
        'line-height: 1.4em; color: #111"><a href="https://sellercentral.amazon.example/'
        'messaging/inbox?ref=xx_cmb_favb_xx&amp;fi=RESPONSE_NEEDED">{}</a></td></tr>\n'
    )
    rows = "".join(row.format(word) for word in ("Seller Central", "Help", "Contact", footer) * 3)
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><style>'
        "td{padding:0} a{color:#006699;text-decoration:none}</style></head><body>"
        '<table width="640" cellpadding="0" cellspacing="0" align="center"><tbody>'
        f"<tr><td>{words}</td></tr>\n{rows}</tbody></table></body></html>\n"
    )


def _of_buyer(rng: random.Random, at: datetime, number: int, buyer: dict[str, Any]) -> str:
    around = buyer["mail"]
    item = around["item"].format(order=buyer["order"])
    goods = f"1 of {buyer['product']} [ASIN: B0{rng.randrange(10**8):08}]"
    link = (
        f"https://sellercentral.amazon.{buyer['tld']}/messaging/no-response-needed"
        f"?t={number:012x}&m={rng.getrandbits(48):012x}&mp=A1PA6795UKMFR9&s=1"
    )
    plain = (
        f"{item}\n{goods}\n\n{_DASHES} {around['begin']} {_DASHES}\n\n{buyer['text']}\n\n"
        f"{_DASHES} {around['end']} {_DASHES}\n\n{around['footer']}\n\n{around['no_response']}: {link}\n"
    )
    words = (
        f"<p>{item}</p><p>{html.escape(goods)}</p><p>{_DASHES} {around['begin']} {_DASHES}</p>"
        f'<pre style="{_PRE}">{html.escape(buyer["text"])}</pre><p>{_DASHES} {around["end"]} {_DASHES}</p>'
    )
    sender = f'"{buyer["name"].split()[0].encode("ascii", "ignore").decode()} - Amazon Marketplace"'
    sender += f" <{buyer['alias']}@marketplace.amazon.{_domain(buyer)}>"
    return (
        _transport(rng, at)
        + _head(at, sender, OWN, buyer["subject"], number, "eu-west-1.amazonses.com")
        + "X-Space-Notification-Type: BBC_MESSAGE_SENT_TO_MERCHANT\r\nX-Gmail-Labels: Inbox,Amazon\r\n"
        + _alternative(rng, plain, _page(words, html.escape(around["footer"])))
    )


def _domain(buyer: dict[str, Any]) -> str:
    return str(buyer["tld"])


def _of_seller(rng: random.Random, at: datetime, number: int, buyer: dict[str, Any]) -> str:
    quoted = "\n".join(f"> {line}" for line in buyer["text"].splitlines())
    around = buyer["mail"]
    reply = f"{rng.choice(around['seller_greetings'])}\n\n{buyer['product']}: {number}. "
    reply = reply.format(name=buyer["name"], first=buyer["name"].split()[0])
    reply += f"{around['footer']}\n\n{rng.choice(around['seller_closings'])}"
    attribution = around["quote"].format(date="05.01.2026", name=buyer["name"])
    plain = f"{reply}\n\n{attribution}\n{quoted}\n"
    markup = _page(
        f"<p>{html.escape(reply)}</p><blockquote>{html.escape(buyer['text'])}</blockquote>",
        "Nordlicht",
    )
    head = _head(
        at, f"Nordlicht Outdoor <{OWN}>", f"{buyer['alias']}@marketplace.amazon.{_domain(buyer)}",
        around["reply"] + buyer["subject"], number, "mail.nordlicht-outdoor.example",
    ) + "X-Gmail-Labels: Sent\r\n"  # fmt: skip
    body = _alternative(rng, plain, markup)
    if rng.random() > 0.08:
        return _transport(rng, at) + head + body
    mark = f"=_mixed_{rng.getrandbits(64)}"
    scan = (
        base64.encodebytes(rng.randbytes(rng.randrange(10_000, 60_000)))
        .decode()
        .replace("\n", "\r\n")
    )
    return (
        f"{_transport(rng, at)}{head}"
        f'Content-Type: multipart/mixed; boundary="{mark}"\r\n\r\n--{mark}\r\n{body}--{mark}\r\n'
        f'Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename="label{number}.jpg"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{scan}\r\n--{mark}--\r\n"
    )


def _of_amazon(rng: random.Random, at: datetime, number: int, buyer: dict[str, Any]) -> str:
    words = f"<p>Return request for order {buyer['order']}</p><p>Return reason: {html.escape(buyer['text'])}</p>"
    return (
        _transport(rng, at)
        + _head(at, "Amazon <donotreply@amazon.com>", OWN,
                f"Return authorization request for order {buyer['order']}", number,
                "eu-west-1.amazonses.com")
        + "X-Space-Notification-Type: RETURN_REQUEST\r\nX-Gmail-Labels: Inbox,Amazon\r\n"
        + _part("text/html", _page(words, "Amazon"), "quoted-printable")
    )  # fmt: skip


def _of_others(rng: random.Random, at: datetime, number: int, buyer: dict[str, Any]) -> str:
    story = " ".join(rng.sample(buyer["text"].split(), len(buyer["text"].split()))) * 20
    return (
        _transport(rng, at)
        + _head(
            at,
            "news@fachhandel-post.example",
            OWN,
            f"Fachhandelspost {number}",
            number,
            "news.example",
        )
        + "X-Gmail-Labels: Inbox,Promotions\r\nPrecedence: bulk\r\n"
        + _alternative(rng, story, _page(f"<p>{html.escape(story)}</p>" * 2, "Fachhandel"))
    )


_MAKERS = {"buyer": _of_buyer, "seller": _of_seller, "notice": _of_amazon, "noise": _of_others}
