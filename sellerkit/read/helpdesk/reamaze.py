"""Re:amaze: messages with their conversations, as its API gives them; JSON or JSON lines.

Taken in: an answer of the API as saved (``messages``), a message, a list of them. A unit is a
message. There is no export but the API, and little is published about its fields.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

from sellerkit.read.documents import listed, raw_text, record, word
from sellerkit.read.helpdesk.export import (
    Export,
    addresses,
    attached,
    has_names,
    is_markup,
    is_relay,
    units_of,
)
from sellerkit.read.helpdesk.messages import parse
from sellerkit.read.json_parts import unit_at
from sellerkit.read.source import Format, Source

#: A message's visibility: 0 is for the customer, 1 is a note.
_NOTE = "1"
_STAFF = ("staff?", "staff", "is_staff")


class _Reamaze(Export):
    desk = "reamaze"

    def take(self, value: Any) -> None:
        waiting = [value]
        while waiting:
            item = waiting.pop()
            fields = record(item)
            if isinstance(item, list):
                waiting += reversed(item)
            elif "body" in fields and "conversation" in fields:
                self._message(fields)
            elif isinstance(fields.get("messages"), list):
                waiting.append(fields["messages"])
            else:
                self.refuse("no message with its conversation", item)

    def _message(self, fields: dict[str, Any]) -> None:
        conversation, user = record(fields["conversation"]), record(fields.get("user"))
        name = word(conversation.get("slug"))
        body = word(fields["body"])
        email = next(iter(addresses([user.get("email")])), "")
        if word(fields.get("visibility")) == _NOTE and not is_relay(email):
            self.note(
                fields, name, word(fields.get("id")) or _digest(fields), fields.get("created_at")
            )
            return
        by = _writer(user)
        ticket = self.ticket(name)
        ticket.subject = word(conversation.get("subject"))
        author = record(conversation.get("author"))
        found = next(iter(addresses([author.get("email")])), "")
        ticket.address = found or (email if by == "buyer" else "") or ticket.address
        ticket.customer = ticket.customer or ticket.address
        ticket.fields += map(word, listed(conversation.get("tag_list")))
        self.add(
            fields,
            name,
            word(fields.get("id")) or _digest(fields),
            fields.get("created_at"),
            by=by,
            **{"markup" if is_markup(body) else "text": body},
            sender="" if by == "seller" else email,
            recipients=addresses(listed(fields.get("recipients"))),
            attachments=attached(fields.get("attachments")),
        )


def _writer(user: dict[str, Any]) -> str:
    """Return whose a user is; nothing where the export does not say whether he is of the staff."""
    flags = [user[name] for name in _STAFF if isinstance(user.get(name), bool)]
    return ("seller" if flags[0] else "buyer") if flags else ""


def _digest(fields: dict[str, Any]) -> str:
    """Return an id for a message that has none."""
    return hashlib.sha256(raw_text(fields).encode("utf-8", "replace")).hexdigest()[:16]


def matches(source: Source) -> bool:
    """Tell whether a file is JSON with the fields of Re:amaze's messages."""
    return has_names(source, "visibility", "conversation", "body", "created_at")


REAMAZE = Format(
    name="reamaze",
    about="Re:amaze: messages with their conversations, JSON or JSON lines",
    recognised_by="JSON with visibility, conversation, body and created_at",
    example='{"messages": [{"body": "…", "visibility": 0, "conversation": {"slug": "…"}, …}]}',
    matches=matches,
    parse=partial(parse, export_of=_Reamaze),
    unit=partial(unit_at, units=partial(units_of, export_of=_Reamaze)),
)
