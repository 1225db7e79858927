"""Zendesk: tickets with their comments, pages of the incremental export, ticket events.

Taken in: a ticket with ``comments`` in it, a list of such, an answer of the API as saved
(``tickets``, ``users``, ``comments``, ``ticket_events`` in one object), and JSON lines of any of
these. A unit is a comment; a ticket without one is a unit too. The description is the first comment
once more, and is not read.
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
from sellerkit.read.mail.addresses import address
from sellerkit.read.mail.direction import is_bounce
from sellerkit.read.mail.mime import Mail
from sellerkit.read.source import Format, Source

NO_COMMENTS = "ticket without comments: export the comments too"
SUSPENDED = "suspended mail of nobody that we ask for"
CALL = "telephone call"
NO_TEXT = "ticket event without its comment: export with include=comment_events"

#: Lists in an answer of the API. Side-loads stand beside them.
_LISTS = ("users", "tickets", "results", "ticket_events", "comments", "suspended_tickets")
#: A business rule wrote it, a trigger or an automation: developer.zendesk.com, "Via object
#: reference". `api` only says by what way it came: shops' tools send agents' replies so.
_RULES = ("rule", "8")
#: The "author" that Zendesk gives what nobody wrote.
_SYSTEM = "-1"
_STAFF = ("agent", "admin")


class _Zendesk(Export):
    """The export with what only Zendesk says: who its users are, which tickets came bare."""

    desk = "zendesk"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.users: dict[str, tuple[str, str]] = {}
        self.bare: dict[str, bool] = {}

    def take(self, value: Any) -> None:
        """Take in whatever a document holds, in its order."""
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, list):
                waiting += reversed(item)
                continue
            fields = record(item)
            inner = [fields[name] for name in _LISTS if isinstance(fields.get(name), list)]
            if "child_events" in fields:
                self._event(fields)
            elif _is_ticket(fields):
                self._ticket(fields)
            elif "cause" in fields and "content" in fields:
                self._suspended(fields)
            elif "author_id" in fields:
                self._comment(fields, word(fields.get("ticket_id")), {})
            elif "ticket" in fields:
                waiting.append(fields["ticket"])
            elif inner:
                waiting += reversed(inner)
            elif "role" in fields and "id" in fields:
                self._user(fields)
            else:
                self.refuse("neither a ticket, a comment, a ticket event nor a user", item)

    def _user(self, fields: dict[str, Any]) -> None:
        email = word(fields.get("email")).strip().lower()
        if name := word(fields.get("id")):
            role = word(fields.get("role")) or self.users.get(name, ("", ""))[1]
            self.users[name] = (email, role)

    def _ticket(self, fields: dict[str, Any]) -> None:
        name = word(fields["id"])
        self._about(name, fields)
        if (comments := fields.get("comments")) is None:
            # its comments may still come, as events
            self.bare.setdefault(name, True)
        for comment in listed(record(comments).get("comments", comments)):
            self._comment(record(comment), name, {})
        if comments == []:
            self.bare.setdefault(name, True)

    def _about(self, name: str, fields: dict[str, Any]) -> None:
        """Note what a ticket, or the event of its creation, says of it."""
        ticket = self.ticket(name)
        ticket.subject = word(fields.get("raw_subject") or fields.get("subject")) or ticket.subject
        # the account's own JSON export has people whole, the API their ids
        for person in ("requester", "submitter", "assignee"):
            self._user(record(fields.get(person)))
        requester = fields.get("requester_id") or record(fields.get("requester")).get("id")
        ticket.customer = word(requester) or ticket.customer
        via = record(fields.get("via"))
        source = record(via.get("source"))
        origin = record(source.get("from"))
        if is_relay(found := word(origin.get("address")).lower()):
            ticket.address = found
        custom = listed(fields.get("custom_fields")) + listed(fields.get("fields"))
        ticket.fields += [word(record(each).get("value")) for each in custom]
        ticket.fields += map(word, listed(fields.get("tags")))
        if word(source.get("rel")) == "follow_up":
            ticket.follows = word(origin.get("ticket_id"))
        for follower in map(word, listed(fields.get("followup_ids"))):
            self.ticket(follower).follows = name

    def _event(self, event: dict[str, Any]) -> None:
        """Take in an update of a ticket: its comment, and at the first one what the ticket says."""
        name = word(event.get("ticket_id"))
        children = [record(child) for child in listed(event.get("child_events"))]
        for child in children:
            if child.get("event_type") == "Create":
                self._about(name, child | {"via": None})
        comments = [child for child in children if child.get("event_type") == "Comment"]
        for child in comments:
            self._comment({"created_at": event.get("created_at")} | child, name, event)
        if not comments and any(child.get("comment_present") is True for child in children):
            self.skip(NO_TEXT)

    def _comment(self, fields: dict[str, Any], ticket: str, event: dict[str, Any]) -> None:
        self.bare[ticket] = False
        via = fields.get("via")
        channel = _channel(via)
        source = record(record(via).get("source"))
        sender = next(iter(addresses([source.get("from")])), "")
        if fields.get("public") is False and not is_relay(sender):
            self.note(event or fields, ticket, word(fields.get("id")), fields.get("created_at"))
            return
        if word(fields.get("type")).endswith("VoiceComment"):
            self.skip(CALL)
            return
        system = record(record(fields.get("metadata") or event.get("metadata")).get("system"))
        author = word(fields.get("author_id"))
        self.add(
            fields,
            ticket,
            word(fields.get("id")),
            fields.get("created_at"),
            within=event,
            text=word(fields.get("body")) or word(fields.get("plain_body")),
            markup=word(fields.get("html_body")),
            sender=sender,
            recipients=_recipients(source),
            mail_id=message_id(system.get("message_id")),
            author=author,
            automated=channel in _RULES
            or author == _SYSTEM
            or bool(system.get("machine_generated")),
            attachments=attached(fields.get("attachments")),
        )

    def _suspended(self, fields: dict[str, Any]) -> None:
        """Take in a mail that Zendesk kept from the tickets: a bounce, or a buyer's by mistake."""
        source = record(record(fields.get("via")).get("source"))
        people = [source.get("from"), record(fields.get("author")).get("email")]
        sender = next(iter(addresses(people)), "")
        whose = address(sender)
        if not whose.store and not is_bounce(Mail({}), whose):
            self.skip(SUSPENDED)
            return
        number = f"suspended-{word(fields.get('id'))}"
        ticket = word(fields.get("ticket_id")) or number
        self.bare[ticket] = False
        self.add(
            fields,
            ticket,
            number,
            fields.get("created_at"),
            text=word(fields.get("content")),
            subject=word(fields.get("subject")),
            sender=sender,
            recipients=_recipients(source),
            mail_id=message_id(fields.get("message_id")),
            attachments=attached(fields.get("attachments")),
        )

    def settle(self) -> None:
        """Tell who wrote each comment, now that all users and tickets are known."""
        for name, ticket in self.tickets.items():
            ticket.address = ticket.address or self.users.get(ticket.customer, ("", ""))[0]
            if self.bare.get(name):
                self.skip(NO_COMMENTS)
        for comment in self.comments:
            comment.by = self._writer(comment.author, self.ticket(comment.ticket).customer)
        self.warn(NO_COMMENTS, "tickets")
        self.warn(NO_TEXT, "events")

    def _writer(self, author: str, requester: str) -> str:
        """Return whose an author is; an end user who is not the requester is neither's."""
        _, role = self.users.get(author, ("", ""))
        if role in _STAFF:
            return "seller"
        if author and author == requester:
            return "buyer"
        return "" if role or not author else "seller"


def _channel(via: Any) -> str:
    """Return by what way a comment came; an event gives it as a word, a comment as an object."""
    return word(record(via).get("channel") if isinstance(via, dict) else via).lower()


def _is_ticket(fields: dict[str, Any]) -> bool:
    whole = ("requester_id", "requester", "comments")
    return "id" in fields and "author_id" not in fields and any(name in fields for name in whole)


def _recipients(source: dict[str, Any]) -> list[str]:
    """Return to whom a mail went; an alias with ``+uuid`` may be among the first ones only."""
    to, origin = record(source.get("to")), record(source.get("from"))
    copies = listed(to.get("email_ccs"))
    return addresses([to, *listed(origin.get("original_recipients")), *copies])


def matches(source: Source) -> bool:
    """Tell whether a file is JSON with the fields of Zendesk's tickets, comments or events."""
    if not has_names(source) or has_names(source, "responder_id"):
        return False
    tickets = any(
        has_names(source, "requester" + id, other + id)
        for id in ("_id", "")
        for other in ("submitter", "assignee")
    )
    comments = has_names(source, "author_id", "public", "created_at")
    return tickets or comments or has_names(source, "child_events", "ticket_id")


ZENDESK = Format(
    name="zendesk",
    about="Zendesk: tickets with comments, incremental export, ticket events; JSON or JSON lines",
    recognised_by="JSON with requester_id and submitter_id, author_id and public, or child_events",
    example='{"id": 35436, "requester_id": 20978392, "comments": [{"author_id": 20978392, …}]}',
    matches=matches,
    parse=partial(parse, export_of=_Zendesk),
    unit=partial(unit_at, units=partial(units_of, export_of=_Zendesk)),
)
