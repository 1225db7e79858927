"""What every help desk's export comes down to: comments, and the tickets that they are in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sellerkit.read.documents import documents, is_json, raw_text, record, word
from sellerkit.read.flat import MAX_RAW
from sellerkit.read.mail.addresses import address
from sellerkit.read.source import Parsed, Quarantined, Source

INTERNAL_NOTE = "internal note"
DUPLICATE = "duplicate"

_TAG = re.compile(r"<(?:p|br|div|span|html|body|table|pre|a)\b[^<>]{0,500}>", re.IGNORECASE)

#: Before these years Amazon had no sellers; after them a clock is wrong.
_FIRST_YEAR, _LAST_YEAR = 1995, 2100


@dataclass(slots=True)
class Ticket:
    """What a ticket says of all its comments.

    Attributes
    ----------
    customer, address : str
        The requester's id in the help desk, and his mail address.
    fields : list of str
        Custom fields and tags: an order may be named there.
    follows : str
        The ticket whose conversation this one continues, where the export says so.
    """

    subject: str = ""
    customer: str = ""
    address: str = ""
    fields: list[str] = field(default_factory=list)
    follows: str = ""


@dataclass(slots=True)
class Comment:
    """One comment, note or message.

    Attributes
    ----------
    key : str
        Its id, unlike any other of the help desk's.
    by : str
        ``buyer`` or ``seller``, as the help desk has it; nothing where that is neither.
    sender, recipients : str, list of str
        Mail addresses, where it went by mail.
    mail_id : str
        The mail's Message-ID without brackets.
    author : str
        The writer's id in the help desk.
    """

    pos: int
    ticket: str
    key: str
    sent_at: datetime
    by: str = ""
    text: str = ""
    markup: str = ""
    subject: str = ""
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    mail_id: str = ""
    author: str = ""
    automated: bool = False
    undelivered: bool = False
    attachments: int = 0

    @property
    def message_id(self) -> str:
        """The mail's Message-ID, so that the same mail of a mailbox is known again, or the key."""
        return self.mail_id or self.key


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note: that there is one, and when; nothing of what it says."""

    pos: int
    ticket: str
    key: str
    sent_at: datetime


class Export:
    """A file of a help desk while it is read: its comments, its tickets, the account so far.

    Each help desk has a child of this that says how its documents are taken in.
    """

    desk = ""

    def __init__(self, source: Source) -> None:
        """Begin with nothing."""
        self.source = source
        self.parsed = Parsed()
        self.tickets: dict[str, Ticket] = {}
        self.comments: list[Comment] = []
        self.notes: list[Note] = []
        #: The line of the document that is being taken in, in a file of JSON lines.
        self.line: int | None = None
        #: The object in the file that each unit is, where that is asked for.
        self.objects: list[Any] | None = None
        self._first: dict[str, Comment] = {}

    def read(self) -> None:
        """Take in every document of the file."""
        for document in documents(self.source):
            self.line = document.line
            if document.fault:
                where = f"{self.source.name}, line {document.line}"
                self.parsed.warnings.append(f"{where}: {document.fault}")
                self.refuse(document.fault, document.raw)
            else:
                self.take(document.value)
        self.settle()

    def take(self, value: Any) -> None:
        """Take in whatever a document holds, in its order."""
        raise NotImplementedError

    def settle(self) -> None:
        """Conclude what only the whole file tells."""

    def warn(self, reason: str, units: str) -> None:
        """Warn of units that were skipped for a reason that the user can do something about."""
        if count := self.parsed.skipped[reason]:
            self.parsed.warnings.append(f"{self.source.name}: {count:,} {units}: {reason}")
        self.parsed.skipped += Counter()  # drops a zero

    def ticket(self, name: str) -> Ticket:
        """Return a ticket, empty where nothing was said of it yet."""
        return self.tickets.setdefault(name, Ticket())

    def unit(self, its: Any = None) -> int:
        """Count a unit; return its place: its line, else its number among the file's units."""
        self.parsed.read += 1
        if self.objects is not None:
            self.objects.append(its)
        return self.line if self.line is not None else self.parsed.read - 1

    def skip(self, reason: str) -> None:
        """Count a unit that is not wanted."""
        self.unit()
        self.parsed.skipped[reason] += 1

    def note(self, its: Any, ticket: str, number: str, at: Any) -> None:
        """Count an internal note: no buyer sees it, so it is skipped, but its moment is kept."""
        pos, moment = self.unit(its), instant(at)
        self.parsed.skipped[INTERNAL_NOTE] += 1
        if ticket and number and moment is not None:
            self.notes.append(Note(pos, ticket, f"{self.desk}:{ticket}:{number}", moment))

    def refuse(self, reason: str, raw: Any) -> None:
        """Count a unit that does not fit, and keep it."""
        self._set_aside(self.unit(), reason, raw)

    def _set_aside(self, pos: int, reason: str, raw: Any) -> None:
        text = word(raw) if isinstance(raw, str) else raw_text(raw)
        self.parsed.quarantined.append(Quarantined(pos, reason, text[:MAX_RAW]))

    def add(
        self,
        raw: dict[str, Any],
        ticket: str,
        number: str,
        at: Any,
        within: Any = None,
        **what: Any,
    ) -> None:
        """Count a comment and keep it, unless it has no ticket, no id or no date, or came before.

        Parameters
        ----------
        raw : dict
            The comment as it stands.
        ticket, number : str
            Its ticket's id and its own.
        at : Any
            When it was written, as it stands.
        within : Any
            The object in the file that says all this, where `raw` is not the whole of it.
        **what
            The other attributes of `Comment`.
        """
        moment = instant(at)
        if not ticket or not number:
            self.refuse("the comment names no ticket or has no id", raw)
        elif moment is None:
            self.refuse(f"{word(at)[:80]!r} is no date and time", raw)
        else:
            key = f"{self.desk}:{ticket}:{number}"
            self._keep(Comment(self.unit(within or raw), ticket, key, moment, **what), raw)

    def _keep(self, comment: Comment, raw: dict[str, Any]) -> None:
        """Keep a comment, unless it came before: pages of an export overlap."""
        first = self._first.setdefault(comment.key, comment)
        if first is comment:
            self.comments.append(comment)
        elif replace(comment, pos=first.pos) == first:
            self.parsed.skipped[DUPLICATE] += 1
        else:
            reason = f"another comment with the same id stands at {first.pos}"
            self._set_aside(comment.pos, reason, raw)


def units_of(documents: list[Any], *, export_of: type[Export]) -> list[Any]:
    """Return the objects that are the units of a file's documents, as `Export.unit` counts them."""
    export = export_of(Source("", b""))
    export.objects = []
    for document in documents:
        export.take(document)
    return export.objects


def instant(value: Any) -> datetime | None:
    """Return an ISO 8601 date and time in UTC, as which it counts without an offset.

    None where it is no such thing, or a day without a time, or of a wrong clock.
    """
    text = word(value).strip()
    if not isinstance(value, str) or len(text) < len("2026-01-01T00:00"):
        return None
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def message_id(value: Any) -> str:
    """Return a Message-ID without its brackets."""
    return word(value).strip().removeprefix("<").removesuffix(">").strip()[:900]


def addresses(values: Iterable[Any]) -> list[str]:
    """Return mail addresses, given as such or as objects that have one."""
    texts = (word(record(each).get("address") or each) for each in values)
    return [text.strip().lower() for text in texts if "@" in text]


def is_relay(text: str) -> bool:
    """Tell whether an address is a buyer's alias."""
    return address(text).is_relay


def is_markup(text: str) -> bool:
    """Tell whether a text is HTML."""
    return bool(_TAG.search(text[:20_000]))


def attached(values: Any) -> int:
    """Return how many attachments there are; pictures inside the text are not counted."""
    files = values if isinstance(values, list) else []
    return sum(record(file).get("inline") is not True for file in files)


def has_names(source: Source, *names: str) -> bool:
    """Tell whether a JSON file's beginning has all these names of fields."""
    if not is_json(source):
        return False
    head = source.head
    return all(f'"{name}"'.encode() in head for name in names)
