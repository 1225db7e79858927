"""Mails of strangers, told from a glance at their headers.

Most of a mailbox has nothing to do with Amazon. What is passed over here is just what
`sellerkit.read.mail.direction` would find to be neither about a buyer nor from Amazon, a mail at a
time, after reading all of it; a test holds the two together.
"""

from __future__ import annotations

import re

from sellerkit.read.mail.direction import folder_of
from sellerkit.read.mail.mime import decoded, decoded_words
from sellerkit.read.source import Context

_HEADER_END = re.compile(rb"\n\r?\n")
#: Without one of these in its headers, no mail is Amazon's, a buyer's, to a buyer or a bounce.
_TELLING = (b"amazon.", b"mailer-daemon", b"postmaster", b"report")
_LABELS = re.compile(rb"^x-gmail-labels[ \t]*:((?:.*\n[ \t])*.*)", re.MULTILINE | re.IGNORECASE)


def is_strangers(raw: bytes, path: str, context: Context) -> bool:
    """Tell whether a mail is surely none of the seller's; in doubt it is not."""
    end = _HEADER_END.search(raw)
    if not end:
        return False
    head = raw[: end.start()].lower()
    if any(word in head for word in _TELLING):
        return False
    if any(own.encode("utf-8") in head for own in context.own_addresses):
        return False
    labels = [decoded_words(decoded(line, "utf-8")) for line in _LABELS.findall(raw[: end.start()])]
    return not folder_of(labels, path)
