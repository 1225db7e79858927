"""A help desk's comments → messages: who wrote, to whom, about which order, and whether it arrived.

Mails that came into the help desk are judged by the same rules as those of a mailbox
(`sellerkit.read.mail`), by their addresses, subject and text; what an agent wrote is the seller's.
What hangs on other messages (copies of a reply, bounces, opt-outs, one text to many buyers) is
concluded from the comments of the same file. The conversation is the ticket's, as given.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any

import pandas as pd

from sellerkit import tables
from sellerkit.read.helpdesk.export import DUPLICATE, Comment, Export, Ticket
from sellerkit.read.mail.addresses import address, relay
from sellerkit.read.mail.conversations import resolve
from sellerkit.read.mail.direction import Direction, direction, is_bounce, order_id
from sellerkit.read.mail.evidence import MAILS
from sellerkit.read.mail.mime import Mail
from sellerkit.read.mail.notices import NOTICES
from sellerkit.read.mail.telling import notices_of, told
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import MESSAGES
from sellerkit.text import amazon_text, clean, html_text, own_text

COPY = "copy of a reply that is there too"
NOBODY_KNOWN = "neither the buyer nor an agent wrote it"

_Row = dict[str, Any]
_SENDERS = {"buyer": "buyer", "seller": "seller", "copy": "seller"}
_CONCLUDED = ["order_id", "automated", "undelivered"]
_NAMED_ID = re.compile(r"<\s{0,9}([^<>\s]{1,900}@[^<>\s]{1,200})\s{0,9}>")
#: A bounce that names no mail is of the last one before it, if that is not older.
_BOUNCED_WITHIN = pd.Timedelta(hours=24)


def parse(source: Source, context: Context, *, export_of: type[Export]) -> Parsed:
    """Read an export of a help desk; a unit is a comment.

    Raises
    ------
    InputError
        It is one JSON document, and that is cut, damaged, or nested too deeply.
    """
    export = export_of(source)
    export.read()
    return messages(export, context)


def messages(export: Export, context: Context) -> Parsed:
    """Return an export's messages, and what became of its units."""
    parsed = export.parsed
    buyers = _buyers(export)
    rows: list[_Row] = []
    evidence: list[_Row] = []
    texts: dict[str, str] = {}
    for comment in export.comments:
        ticket = export.ticket(comment.ticket)
        alias = buyers.get(comment.ticket)
        found = _kind(comment, ticket, alias, context)
        if found.skipped or _is_known(comment, texts):
            parsed.skipped[found.skipped or DUPLICATE] += 1
            continue
        row, said = _rows(comment, ticket, found, context)
        through = bool(alias) or bool(address(comment.sender).store)
        row["channel"] = "amazon" if through and found.kind != "bounce" else "other"
        row["thread_id"] = f"{export.desk}:{_root(export, comment.ticket)}"
        rows.append(row)
        evidence.append(said)
    if count := parsed.skipped[NOBODY_KNOWN]:
        hint = "if you did, name your address with --own-address"
        parsed.warnings.append(f"{export.source.name}: {count:,} comments: {NOBODY_KNOWN}; {hint}")
    parsed.skipped += Counter()  # drops zeros
    if rows:
        _conclude(rows, evidence, parsed)
        _keep_notes(export, context)
    return parsed


def _buyers(export: Export) -> dict[str, str]:
    """Return the buyer's alias of each ticket that has one: the requester's, or a mail's."""
    found = {name: each.address for name, each in export.tickets.items() if each.address}
    found = {name: text for name, text in found.items() if address(text).is_relay}
    for comment in export.comments:
        for text in (comment.sender, *comment.recipients):
            if comment.ticket not in found and address(text).is_relay:
                found[comment.ticket] = text
    return found


def _is_known(comment: Comment, texts: dict[str, str]) -> bool:
    """Tell whether a mail is in another ticket too; a like Message-ID of another text is none."""
    if not comment.mail_id:
        return False
    text = f"{comment.text}\0{comment.markup}"
    first = texts.setdefault(comment.mail_id, text)
    if first is not text and first != text:
        comment.mail_id = ""
    return first is not text and first == text


def _root(export: Export, name: str) -> str:
    """Return the ticket in which a conversation began; a circle has no beginning."""
    seen = {name}
    while (before := export.ticket(name).follows) and before not in seen:
        seen.add(before)
        name = before
    return name


def _kind(comment: Comment, ticket: Ticket, alias: str | None, context: Context) -> Direction:
    """Tell what kind of message one is: by the addresses that it went by, else by its author."""
    subject = comment.subject or ticket.subject
    sender = address(comment.sender)
    mail = Mail({"subject": [subject]}, [comment.sender], list(comment.recipients))
    buyer = relay([alias] if alias else [])
    who = (buyer.local if buyer else ticket.customer) or None
    store = (buyer.store if buyer else None) or context.marketplace
    if sender.store and not is_bounce(mail, sender):
        found = direction(mail, _whole(comment), "", context)
        if found.kind == "copy" and not found.buyer_id:
            return found._replace(buyer_id=who)
        return found
    if comment.sender and is_bounce(mail, sender):
        return Direction("bounce", who, store)
    if comment.sender in context.own_addresses or comment.by == "seller":
        return Direction("seller", who, store)
    if comment.by == "buyer":
        return Direction("buyer", who, store)
    return Direction("", skipped=NOBODY_KNOWN)


def _rows(
    comment: Comment, ticket: Ticket, found: Direction, context: Context
) -> tuple[_Row, _Row]:
    """Return a comment as a message, and as what it says about others (`evidence.MAILS`)."""
    whole = _whole(comment)
    body = _body(comment, whole, found.kind)
    subject = " ".join(clean(comment.subject or ticket.subject).split())
    said: _Row = {
        "account": context.account,
        "message_id": comment.message_id,
        "sent_at": comment.sent_at,
        "buyer_id": found.buyer_id if found.kind in _SENDERS else None,
        "automated": comment.automated and found.kind in _SENDERS,
        "undelivered": comment.undelivered and found.kind in _SENDERS,
    }
    order = _order(ticket, subject, whole)
    message = said | {
        "order_id": order,
        "marketplace": found.marketplace,
        "sender": _SENDERS.get(found.kind, "amazon"),
        "topic": found.topic,
        "topic_rule": found.topic_rule,
        "subject": subject or None,
        "body": body or None,
        "attachments": comment.attachments,
        "source_pos": comment.pos,
    }
    evidence = said | {"kind": found.kind, "named_order_id": order, "text_key": _text_key(body)}
    voids = _NAMED_ID.findall(whole[:20_000]) if found.kind == "bounce" else []
    return message, evidence | {"references": [], "voids": voids, "ticket": comment.ticket}


def _order(ticket: Ticket, subject: str, text: str) -> str | None:
    """Return the order that a comment is about: by subject, custom fields and tags, its text."""
    nothing = Mail({})
    named = order_id(Mail({"subject": [subject]}), "")
    if named:
        return named
    fields = {order_id(nothing, each) for each in ticket.fields} - {None}
    return fields.pop() if len(fields) == 1 else order_id(nothing, text)


def _whole(comment: Comment) -> str:
    return clean(comment.text) or clean(html_text(comment.markup))


def _body(comment: Comment, whole: str, kind: str) -> str:
    """Return the writer's own words."""
    if kind not in _SENDERS:
        return whole
    if kind == "seller":
        return own_text(whole, fenced=False)
    words = amazon_text(comment.markup) if comment.markup else None
    return own_text(words or whole, fenced=True)


def _text_key(body: str) -> str | None:
    words = " ".join(body.casefold().split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32] if words else None


def _conclude(rows: list[_Row], evidence: list[_Row], parsed: Parsed) -> None:
    """Put the messages, as all comments of the file together show them, and what notices say."""
    said = pd.DataFrame(evidence)
    frame = tables.conform(pd.DataFrame(rows), MESSAGES)
    _fill_orders(frame, said)
    said["voids"] = _voids(said)
    mails = tables.conform(said, MAILS)
    resolved = resolve(frame, mails)
    parsed.skipped[COPY] += len(frame) - len(resolved)
    parsed.skipped += Counter()  # drops a zero
    result = frame.loc[resolved.index]
    result[_CONCLUDED] = resolved[_CONCLUDED]
    result = told(result).reset_index(drop=True)
    parsed.tables["messages"] = result
    # ingest puts the file's name and hash
    notices = notices_of(result.drop(columns=["source", "source_sha256"]), mails)
    if len(notices):
        parsed.tables[NOTICES.name] = notices


def _keep_notes(export: Export, context: Context) -> None:
    """Keep when internal notes were written, where their conversation names one order.

    Somebody saw the question then, and answered nobody: the audit tells of it beside the duty.
    """
    said = pd.DataFrame(export.parsed.tables["messages"])
    named = said[["thread_id", "order_id"]].dropna().drop_duplicates()
    only = named.drop_duplicates("thread_id", keep=False).set_index("thread_id")["order_id"]
    notes = [
        {
            "account": context.account,
            "message_id": note.key,
            "sent_at": note.sent_at,
            "order_id": only[thread],
            "event": "internal_note",
            "source_pos": note.pos,
        }
        for note in export.notes
        if (thread := f"{export.desk}:{_root(export, note.ticket)}") in only.index
    ]
    if notes:
        told = export.parsed.tables.get(NOTICES.name)
        frames = (
            [pd.DataFrame(notes)] if told is None else [pd.DataFrame(told), pd.DataFrame(notes)]
        )
        export.parsed.tables[NOTICES.name] = pd.concat(frames, ignore_index=True)


def _fill_orders(frame: pd.DataFrame, said: pd.DataFrame) -> None:
    """Give a comment that names no order the only one that its conversation names."""
    people = frame[said["kind"].isin(_SENDERS)]
    named = people[["thread_id", "order_id"]].dropna().drop_duplicates()
    only = named.drop_duplicates("thread_id", keep=False).set_index("thread_id")["order_id"]
    guess = pd.Series(only.reindex(people["thread_id"]).to_numpy(object), people.index, dtype="str")
    frame.loc[people.index, "order_id"] = people["order_id"].fillna(guess)
    said["named_order_id"] = frame["order_id"]


def _voids(said: pd.DataFrame) -> pd.Series:
    """Return for each bounce what it voids: the mails that it names, else its ticket's last one."""
    ids = set(said["message_id"])
    bounces = said[said["kind"] == "bounce"]
    sent = said[said["kind"] == "seller"]
    voids = pd.Series([[] for _ in range(len(said))], index=said.index, dtype="object")
    for row in bounces.index:
        named = [each for each in said.at[row, "voids"] if each in ids]
        voids.at[row] = named or _last_before(said.loc[row], sent)
    return voids


def _last_before(bounce: pd.Series, sent: pd.DataFrame) -> list[str]:
    age = bounce["sent_at"] - sent["sent_at"]
    near = (age >= pd.Timedelta(0)) & (age <= _BOUNCED_WITHIN)
    before = sent[(sent["ticket"] == bounce["ticket"]) & near]
    return [before.sort_values("sent_at")["message_id"].iloc[-1]] if len(before) else []
