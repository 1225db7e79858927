"""The same mails as other systems would export them: a Zendesk account, and a canonical CSV.

A help desk sees a mail without its headers, so each thing is said in its own way. An auto-responder
is a business rule, a mail that bounced and a newsletter are suspended mails, Amazon's copies and
notices are mails like any other, and Amazon's word that a buyer opted out is told by its text.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sellerkit.sample.histories import write_csv
from sellerkit.sample.mails import (
    buyer_markup,
    buyer_plain,
    copy_plain,
    notice_markup,
    own_address,
    sender_of,
)
from sellerkit.sample.shop import Mail

_Row = dict[str, Any]

_AGENT = 900_001
_ORDER_FIELD = 360_001_234
_SYSTEM = -1

#: What several sellers' sites quote of Amazon's mail (March 2017).
_OPTED_OUT = (
    "Dear Seller,\n\nWe were unable to deliver the message you sent for order {order} because the "
    "buyer has chosen to opt out of receiving unsolicited messages from sellers.\n"
)


def write_zendesk(mails: Iterable[Mail], path: Path) -> None:
    """Write the mails as a Zendesk account's export: tickets with comments, users, suspended mails.

    A buyer's mail under a new subject opens a new ticket, which follows up his last one, since
    Amazon's mails do not refer to each other; the shop writes into the ticket that is there.

    Parameters
    ----------
    mails : iterable of Mail
        In time's order.
    path : Path
        Its folder is created if it is not there.
    """
    desk = _Desk()
    for mail in mails:
        desk.receive(mail)
    path.parent.mkdir(parents=True, exist_ok=True)
    answer = {
        "tickets": desk.tickets,
        "users": list(desk.users.values()),
        "suspended_tickets": desk.suspended,
        "count": len(desk.tickets),
        "end_of_stream": True,
    }
    path.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", "utf-8")


class _Desk:
    """The help desk while mails come in."""

    def __init__(self) -> None:
        self.tickets: list[_Row] = []
        self.suspended: list[_Row] = []
        agent = {"id": _AGENT, "name": "Service", "email": own_address(), "role": "agent"}
        self.users: dict[str, _Row] = {own_address(): agent}
        self._open: dict[str, _Row] = {}
        self._number = 1000

    def receive(self, mail: Mail) -> None:
        """File one mail."""
        if mail.kind == "bounce" or (mail.kind == "noise" and not mail.notice):
            self._suspend(mail)
        elif mail.buyer is None or mail.kind in ("notice", "opt_out"):
            self._comment(self._ticket(mail, self._user(sender_of(mail))), mail)
        else:
            self._comment(self._ticket_of_buyer(mail), mail)

    def _ticket_of_buyer(self, mail: Mail) -> _Row:
        assert mail.buyer is not None
        last = self._open.get(mail.buyer.alias)
        if last is not None and (mail.kind != "buyer" or mail.subject == last["subject"]):
            return last
        ticket = self._ticket(mail, self._user(mail.buyer.address, mail.buyer.name))
        if last is not None:
            origin = {"ticket_id": last["id"], "subject": last["subject"]}
            ticket["via"]["source"] = {"from": origin, "to": {}, "rel": "follow_up"}
            last["followup_ids"].append(ticket["id"])
        self._open[mail.buyer.alias] = ticket
        return ticket

    def _ticket(self, mail: Mail, requester: int) -> _Row:
        self._number += 1
        order = mail.order.order_id if mail.order else None
        ticket = {
            "id": self._number,
            "created_at": _iso(mail.sent_at),
            "subject": mail.subject,
            "raw_subject": mail.subject,
            "status": "closed",
            "requester_id": requester,
            "submitter_id": _AGENT if mail.kind == "seller" else requester,
            "assignee_id": _AGENT,
            "tags": [],
            "custom_fields": [{"id": _ORDER_FIELD, "value": order}],
            "via": _via(mail),
            "followup_ids": [],
            "comments": [],
        }
        self.tickets.append(ticket)
        return ticket

    def _comment(self, ticket: _Row, mail: Mail) -> None:
        plain, markup = _text(mail)
        if not ticket["comments"]:
            ticket["description"] = plain
        author = _SYSTEM if mail.automated else self._user(sender_of(mail))
        ticket["updated_at"] = _iso(mail.sent_at)
        comment = {
            "id": int(mail.digest[:12], 16),
            "type": "Comment",
            "author_id": author,
            "body": plain,
            "html_body": markup,
            "plain_body": plain,
            "public": True,
            "attachments": [{"file_name": mail.attachment}] if mail.attachment else [],
            "via": _via(mail),
            "created_at": _iso(mail.sent_at),
            "metadata": {"system": _system(mail), "custom": {}},
        }
        ticket["comments"].append(comment)
        if mail.kind == "seller":
            ticket["comments"].append(_note(comment))

    def _suspend(self, mail: Mail) -> None:
        """Keep a mail from the tickets, as Zendesk does with what machines send."""
        bounced = mail.kind == "bounce"
        lost = mail.answers.buyer if mail.answers else None
        ticket = self._open.get(lost.alias) if bounced and lost else None
        cause = "Automated response mail, delivery failed" if bounced else "Automated mail"
        row = {
            "id": int(mail.digest[:12], 16),
            "author": {"name": "", "email": sender_of(mail)},
            "subject": mail.subject,
            "content": mail.text,
            "cause": cause,
            "message_id": f"<{mail.message_id}>",
            "ticket_id": ticket["id"] if ticket else None,
            "recipient": own_address(),
            "created_at": _iso(mail.sent_at),
            "via": _via(mail),
        }
        self.suspended.append(row)

    def _user(self, address: str, name: str = "") -> int:
        if address not in self.users:
            number = 700_001 + len(self.users)
            row = {"id": number, "name": name or address, "email": address, "role": "end-user"}
            self.users[address] = row
        number = self.users[address]["id"]
        return number


def _via(mail: Mail) -> _Row:
    """Return by what way a mail came into the help desk, or left it."""
    buyer = {"address": mail.buyer.address, "name": mail.buyer.name} if mail.buyer else {}
    if mail.automated:
        origin: _Row = {"id": 22_472_716, "title": "Out of office"}
        return {"channel": "rule", "source": {"from": origin, "to": buyer, "rel": "trigger"}}
    if mail.kind == "seller":
        return {"channel": "web", "source": {"from": {}, "to": buyer, "rel": None}}
    us = {"address": own_address(), "name": "Service"}
    origin = {"address": sender_of(mail), "original_recipients": [own_address()]}
    return {"channel": "email", "source": {"from": origin, "to": us, "rel": None}}


def _system(mail: Mail) -> _Row:
    """Return what Zendesk keeps of a mail that came in: its Message-ID, where it has one."""
    if mail.kind == "seller" or not mail.has_id:
        return {}
    return {"message_id": f"<{mail.message_id}>"}


def _text(mail: Mail) -> tuple[str, str]:
    if mail.kind == "buyer":
        return buyer_plain(mail), buyer_markup(mail)
    if mail.kind == "copy":
        return copy_plain(mail), ""
    if mail.kind == "opt_out":
        return _OPTED_OUT.format(order=mail.order.order_id if mail.order else ""), ""
    return mail.text, notice_markup(mail) if mail.kind == "notice" else ""


def _note(comment: _Row) -> _Row:
    """Return a note that an agent left beside his answer: no message of anybody's."""
    return comment | {
        "id": comment["id"] + 1,
        "public": False,
        "body": "Erledigt, bitte nicht noch einmal antworten.",
        "html_body": "",
        "plain_body": "",
        "attachments": [],
    }


def write_messages(mails: Iterable[Mail], path: Path) -> None:
    """Write the mails as a canonical ``messages.csv``, as a system of the shop's own would.

    It has each message once, knows the buyer's order and what did not arrive, and tells neither
    language nor topic.

    Parameters
    ----------
    mails : iterable of Mail
        In time's order.
    path : Path
        Its folder is created if it is not there.
    """
    told = [(mail.buyer.alias, mail) for mail in mails if mail.buyer is not None]
    sent = {(alias, mail.text) for alias, mail in told if mail.kind == "seller"}
    lost = {
        mail.answers.digest
        for _, mail in told
        if mail.kind in ("bounce", "opt_out") and mail.answers
    }
    orders = {alias: mail.order.order_id for alias, mail in told if mail.order}
    rows = [
        _message(mail, alias, orders.get(alias), mail.digest in lost)
        for alias, mail in told
        if not (mail.kind == "copy" and (alias, mail.text) in sent) and mail.kind != "bounce"
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(path, rows)


def _message(mail: Mail, alias: str, order: str | None, lost: bool) -> _Row:
    sender = {"buyer": "buyer", "seller": "seller", "copy": "seller"}.get(mail.kind, "amazon")
    who = alias if sender != "amazon" else "amazon"
    return {
        "message_id": mail.message_id,
        "thread_id": f"{who} {order or ''}".strip(),
        "order_id": order,
        "marketplace": mail.buyer.store.code if mail.buyer else None,
        "sent_at": mail.sent_at,
        "sender": sender,
        "buyer_id": alias if sender != "amazon" else None,
        "subject": mail.subject,
        "body": mail.text,
        "automated": mail.automated,
        "undelivered": lost,
        "attachments": 1 if mail.attachment else 0,
    }


def _iso(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
