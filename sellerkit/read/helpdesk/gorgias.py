"""Gorgias: messages, by themselves or in their tickets; JSON or JSON lines.

Taken in: an answer of the API as saved (``data``), a message, a ticket with ``messages``, a list of
either. A unit is a message; a ticket without one is a unit too.
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
    message_id,
    units_of,
)
from sellerkit.read.helpdesk.messages import parse
from sellerkit.read.json_parts import unit_at
from sellerkit.read.source import Format, Source

NO_MESSAGES = "ticket without messages: export the messages too"

_RULE = "rule"


class _Gorgias(Export):
    desk = "gorgias"

    def take(self, value: Any) -> None:
        waiting = [value]
        while waiting:
            item = waiting.pop()
            fields = record(item)
            if isinstance(item, list):
                waiting += reversed(item)
            elif "from_agent" in fields:
                self._message(fields, word(fields.get("ticket_id")))
            elif isinstance(fields.get("messages"), list) and "id" in fields:
                self._ticket(fields)
            elif isinstance(fields.get("data"), list):
                waiting.append(fields["data"])
            elif "id" in fields and ("customer" in fields or "messages_count" in fields):
                self.skip(NO_MESSAGES)
            else:
                self.refuse("neither a message nor a ticket", item)

    def _ticket(self, fields: dict[str, Any]) -> None:
        name = word(fields["id"])
        ticket = self.ticket(name)
        customer = record(fields.get("customer"))
        ticket.subject = word(fields.get("subject"))
        ticket.customer = word(customer.get("id"))
        ticket.address = word(customer.get("email")).strip().lower()
        tags = [word(record(tag).get("name")) for tag in listed(fields.get("tags"))]
        custom = [word(record(each).get("value")) for each in _values(fields.get("custom_fields"))]
        ticket.fields = [*custom, *tags]
        if not fields["messages"]:
            self.skip(NO_MESSAGES)
        for message in fields["messages"]:
            self._message(record(message), name)

    def _message(self, fields: dict[str, Any], name: str) -> None:
        source = record(fields.get("source"))
        by_agent = fields.get("from_agent") is True
        origin = next(
            iter(addresses([source.get("from"), record(fields.get("sender")).get("email")])), ""
        )
        private = fields.get("public") is False or word(fields.get("channel")) == "internal-note"
        if private and not is_relay(origin):
            at = fields.get("sent_datetime") or fields.get("created_datetime")
            self.note(fields, name, word(fields.get("id")), at)
            return
        self._about(fields, name, by_agent)
        self.add(
            fields,
            name,
            word(fields.get("id")),
            fields.get("sent_datetime") or fields.get("created_datetime"),
            by="seller" if by_agent else "buyer",
            text=word(fields.get("body_text")) or word(fields.get("stripped_text")),
            markup=word(fields.get("body_html")),
            subject=word(fields.get("subject")),
            sender="" if by_agent else origin,
            recipients=_recipients(fields, source),
            mail_id=message_id(fields.get("message_id")),
            automated=bool(word(fields.get("rule_id"))) or word(fields.get("via")) == _RULE,
            undelivered=bool(word(fields.get("failed_datetime"))),
            attachments=attached(fields.get("attachments")),
        )

    def _about(self, fields: dict[str, Any], name: str, by_agent: bool) -> None:
        """Note the customer, whom a message by itself names as its sender or receiver."""
        ticket = self.ticket(name)
        customer = record(fields.get("receiver" if by_agent else "sender"))
        ticket.customer = ticket.customer or word(customer.get("id"))
        found = word(customer.get("email")).strip().lower()
        if is_relay(found) or not ticket.address:
            ticket.address = found

    def settle(self) -> None:
        self.warn(NO_MESSAGES, "tickets")


def _values(fields: Any) -> list[Any]:
    """Return custom fields, which stand in a list or by their ids."""
    return list(fields.values()) if isinstance(fields, dict) else listed(fields)


def _recipients(fields: dict[str, Any], source: dict[str, Any]) -> list[str]:
    to = [*listed(source.get("to")), *listed(source.get("cc"))]
    return addresses([*to, record(fields.get("receiver")).get("email")])


def matches(source: Source) -> bool:
    """Tell whether a file is JSON with the fields of Gorgias's messages."""
    return has_names(source, "from_agent", "created_datetime")


GORGIAS = Format(
    name="gorgias",
    about="Gorgias: messages, or tickets with messages, JSON or JSON lines",
    recognised_by="JSON with from_agent and created_datetime",
    example='{"data": [{"id": 1, "ticket_id": 2, "from_agent": false, "body_text": "…", …}]}',
    matches=matches,
    parse=partial(parse, export_of=_Gorgias),
    unit=partial(unit_at, units=partial(units_of, export_of=_Gorgias)),
)
