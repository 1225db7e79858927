"""Freshdesk: tickets with their conversations, as ``include=conversations`` gives them.

Taken in: a ticket, a list of tickets, and JSON lines of either. The first message is the ticket's
description and no conversation. A unit is a message; a ticket without text is a unit too.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sellerkit.read.documents import listed, record, word
from sellerkit.read.helpdesk.export import (
    Export,
    addresses,
    attached,
    has_names,
    is_relay,
    units_of,
)
from sellerkit.read.helpdesk.messages import parse
from sellerkit.read.json_parts import unit_at
from sellerkit.read.source import Format, Source

NO_CONVERSATIONS = "ticket without conversations: export with include=conversations"
FORWARDED = "forwarded to somebody else than the buyer"
PHONE_NOTE = "note of a telephone call"
NO_DESCRIPTION = "ticket without a description"

#: A ticket's source (developers.freshdesk.com/api, "Ticket properties"): by telephone, and begun
#: by an agent with a mail of his own.
_PHONE, _OUTBOUND = "3", "10"
#: A conversation's source: an agent forwarded the mail.
_FORWARD = "8"


class _Freshdesk(Export):
    desk = "freshdesk"

    def take(self, value: Any) -> None:
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, list):
                waiting += reversed(item)
                continue
            fields = record(item)
            inner = next((fields[n] for n in ("tickets", "results", "ticket") if n in fields), None)
            if "id" in fields and "requester_id" in fields:
                self._ticket(fields)
            elif "ticket_id" in fields:
                self._conversation(fields, word(fields["ticket_id"]))
            elif isinstance(inner, list | dict):
                waiting.append(inner)
            else:
                self.refuse("neither a ticket nor a conversation", item)

    def _ticket(self, fields: dict[str, Any]) -> None:
        name = word(fields["id"])
        ticket = self.ticket(name)
        requester = record(fields.get("requester"))
        ticket.subject = word(fields.get("subject"))
        ticket.customer = word(fields["requester_id"])
        ticket.address = word(requester.get("email") or fields.get("email")).strip().lower()
        custom = record(fields.get("custom_fields"))
        ticket.fields = [*map(word, custom.values()), *map(word, listed(fields.get("tags")))]
        self._description(fields, name)
        conversations = fields.get("conversations")
        if not isinstance(conversations, list):
            self.skip(NO_CONVERSATIONS)
        for conversation in listed(conversations):
            self._conversation(record(conversation), name)

    def _description(self, fields: dict[str, Any], name: str) -> None:
        """Take in a ticket's first message."""
        source = word(fields.get("source"))
        text, markup = word(fields.get("description_text")), word(fields.get("description"))
        if source == _PHONE:
            self.skip(PHONE_NOTE)
            return
        if not text.strip() and not markup.strip():
            self.skip(NO_DESCRIPTION)
            return
        by = "seller" if source == _OUTBOUND else "buyer"
        self.add(
            # the conversations have units of their own
            {key: value for key, value in fields.items() if key != "conversations"},
            name,
            "description",
            fields.get("created_at"),
            within=fields,
            by=by,
            text=text,
            markup=markup,
            sender=self.ticket(name).address if by == "buyer" else "",
            recipients=addresses(listed(fields.get("to_emails"))),
            attachments=attached(fields.get("attachments")),
        )

    def _conversation(self, fields: dict[str, Any], ticket: str) -> None:
        incoming = fields.get("incoming") is True
        sender = next(iter(addresses([_bare(fields.get("from_email"))])), "") if incoming else ""
        to = addresses(map(_bare, listed(fields.get("to_emails"))))
        if fields.get("private") is True and not is_relay(sender):
            self.note(fields, ticket, word(fields.get("id")), fields.get("created_at"))
            return
        if word(fields.get("source")) == _FORWARD and not any(map(is_relay, to)):
            self.skip(FORWARDED)
            return
        failed = word(fields.get("email_failure_count"))
        self.add(
            fields,
            ticket,
            word(fields.get("id")),
            fields.get("created_at"),
            by="buyer" if incoming else "seller",
            text=word(fields.get("body_text")),
            markup=word(fields.get("body")),
            sender=sender,
            recipients=to,
            undelivered=failed.isdecimal() and int(failed[:9]) >= max(len(to), 1),
            attachments=attached(fields.get("attachments")),
        )

    def settle(self) -> None:
        self.warn(NO_CONVERSATIONS, "tickets")


def _bare(value: Any) -> str:
    """Return the address of ``"Jo" <jo@example.org>``."""
    return word(value).rpartition("<")[2].rstrip(">").strip()


def matches(source: Source) -> bool:
    """Tell whether a file is JSON with the fields of Freshdesk's tickets or conversations."""
    tickets = has_names(source, "requester_id", "responder_id")
    return tickets or has_names(source, "ticket_id", "incoming", "private")


FRESHDESK = Format(
    name="freshdesk",
    about="Freshdesk: tickets with conversations, JSON or JSON lines",
    recognised_by="JSON with requester_id and responder_id, or ticket_id, incoming and private",
    example='{"id": 20, "requester_id": 129, "description_text": "…", "conversations": [{…}]}',
    matches=matches,
    parse=partial(parse, export_of=_Freshdesk),
    unit=partial(unit_at, units=partial(units_of, export_of=_Freshdesk)),
)
