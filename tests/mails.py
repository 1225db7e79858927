"""Mails for tests, written line by line, and what a mailbox of them reads as."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.read.mail import EML, MBOX
from sellerkit.read.mail.evidence import MAILS
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import MESSAGES, conform

CONTEXT = Context("shop", "DE", frozenset({"shop@seller.example"}))
ALIAS = "a1b2c3d4e5f6g7@marketplace.amazon.de"
SHOP = "shop@seller.example"
ORDER = "302-0000001-0000001"
DATE = "Mon, 06 Jan 2020 10:00:00 +0000"
ENVELOPE = b"From 1654@xxx Mon Jan 06 04:49:45 +0000 2020\n"


def mail(body: str = "Where is it?", **headers: str | None) -> bytes:
    """Return a buyer's mail; ``X_Header="…"`` sets a header, None leaves it out."""
    lines: dict[str, str | None] = {
        "From": f"Jo - Amazon Marketplace <{ALIAS}>",
        "To": SHOP,
        "Date": DATE,
        "Subject": f"Inquiry from Amazon customer Jo (Order: {ORDER})",
        "Message-ID": "<1@amazonses.com>",
    }
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\n" for name, value in lines.items() if value is not None)
    return f"{head}\n{body}\n".encode()


def reply(body: str = "It is on its way.", **headers: str | None) -> bytes:
    """Return the seller's mail to the buyer."""
    own = {"From": SHOP, "To": ALIAS, "Subject": "Re: your question", "Message_ID": "<2@seller>"}
    return mail(body, **(own | {"Message-ID": None} | headers))


def mbox(*mails: bytes) -> bytes:
    """Return a mailbox of mails, escaped as most programs do."""
    escaped = (raw.replace(b"\nFrom ", b"\n>From ") for raw in mails)
    return b"\n".join(ENVELOPE + raw for raw in escaped) + b"\n"


def parse(data: bytes, name: str = "all.mbox", context: Context = CONTEXT) -> Parsed:
    """Read bytes as the format that their name says, and check that every unit is accounted for."""
    form = MBOX if name.endswith(".mbox") else EML
    parsed = form.parse(Source(name, data), context)
    assert parsed.read == parsed.used + sum(parsed.skipped.values()) + len(parsed.quarantined)
    assert parsed.used == len(parsed.tables["messages"]) == len(parsed.tables["mails"])
    return parsed


def one(raw: bytes, name: str = "one.eml", context: Context = CONTEXT) -> dict[str, Any]:
    """Return the message and the evidence of a lone mail, as one record."""
    parsed = parse(raw, name, context)
    assert parsed.used == 1, (parsed.skipped, parsed.quarantined)
    (message,), (evidence,) = parsed.tables["messages"], parsed.tables["mails"]
    return dict(evidence) | dict(message)


def skipped(raw: bytes, name: str = "one.eml", context: Context = CONTEXT) -> str:
    """Return why a lone mail is skipped; empty where it is not."""
    return next(iter(parse(raw, name, context).skipped), "")


def frames(*parsed: Parsed) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what was read as the two tables."""
    rows = [(p.tables["messages"], p.tables["mails"]) for p in parsed]
    messages = [row for each, _ in rows for row in each]
    mails = [row for _, each in rows for row in each]
    return conform(pd.DataFrame(messages), MESSAGES), conform(pd.DataFrame(mails), MAILS)
