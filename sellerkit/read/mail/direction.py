"""Who wrote a mail, and what kind of mail it is: formats.md 2.1, first match wins.

Only headers decide that. Text is read where Amazon is known to have sent the mail, to tell from a
notice a copy of the seller's own reply, and what Amazon's customer service passes on for a buyer.
"""

from __future__ import annotations

import contextlib
import functools
import re
import tomllib
from importlib.resources import files
from typing import Any, NamedTuple

from imap_tools.imap_utf7 import utf7_decode

from sellerkit.policy import by_id
from sellerkit.read.mail.addresses import CLAIM_SENDERS, IGNORED, Address, address, relay
from sellerkit.read.mail.mime import Mail
from sellerkit.read.mail.notices import names_an_event
from sellerkit.read.source import Context
from sellerkit.text.words import SEARCHED, fold

_ORDER = re.compile(r"\b(?:[0-9]{3}|S01)-[0-9]{7}-[0-9]{7}\b", re.ASCII | re.IGNORECASE)

NOT_ABOUT_A_BUYER = "neither about a buyer nor from Amazon"
NO_CONVERSATION = "from Amazon, but no conversation"
TO_NOBODY = "from the seller, but not to a buyer"
DRAFT = "a draft, never sent"
OTHER_BOUNCE = "a bounce of a mail that went to no buyer"


class Direction(NamedTuple):
    """What kind of mail one is (`evidence.MAILS`), with whom, at which store.

    Attributes
    ----------
    kind : str
        Empty where the mail is not wanted; then `skipped` says why.
    buyer_id, marketplace, topic, topic_rule : str or None
    skipped : str
    """

    kind: str
    buyer_id: str | None = None
    marketplace: str | None = None
    topic: str | None = None
    topic_rule: str | None = None
    skipped: str = ""


def direction(mail: Mail, text: str, folder: str, context: Context) -> Direction:
    """Tell what kind of mail one is.

    Parameters
    ----------
    mail : Mail
    text : str
        Its whole text.
    folder : str
        ``sent``, ``draft`` or nothing: see `folder_of`.
    context : Context
    """
    sender = address(mail.senders[0]) if mail.senders else Address("")
    if sender.store:
        return _through_amazon(mail, sender, text, context)
    if is_bounce(mail, sender):
        return _bounce(mail, text, context)
    return _sellers(mail, text, folder, context)


def order_id(mail: Mail, text: str) -> str | None:
    """Return the order that a mail names: in its subject first, then in its text."""
    found = _ORDER.search(mail.first("subject")) or _ORDER.search(text)
    return found[0].upper() if found else None


def is_automated(mail: Mail) -> bool:
    """Tell whether a machine says of itself that it wrote the mail."""
    submitted = mail.first("auto-submitted").partition(";")[0].strip().lower()
    suppress = mail.first("x-auto-response-suppress").strip()
    precedence = mail.first("precedence").strip().lower()
    return (
        (submitted not in ("", "no"))
        or "x-autoreply" in mail.headers
        or "x-autorespond" in mail.headers
        or bool(suppress)
        or precedence == "auto_reply"
    )


def is_bounce(mail: Mail, sender: Address) -> bool:
    """Tell whether a mail says that another could not be delivered."""
    content = mail.first("content-type").lower()
    reports = content.startswith("multipart/report") and "disposition-notification" not in content
    return reports or sender.local in ("mailer-daemon", "postmaster")


def folder_of(labels: list[str], path: str) -> str:
    """Tell whether a mail lies in ``sent`` or ``draft``: by Gmail's labels, else by its path."""
    names = [name for line in labels for name in line.split(",")]
    if not names:
        *folders, file = path.split("/")
        folders.append(file.rpartition(".")[0] or file)
        names = [name for each in folders for name in _folder_names(each)]
    words = {fold(name.strip(' "\r\n\t')) for name in names}
    if words & _folders("draft") or _maildir_flags(path) & {"D"}:
        return "draft"
    return "sent" if words & _folders("sent") else ""


def _folder_names(name: str) -> list[str]:
    """Return what a folder on disk may be called: Maildirs and IMAP have ways of their own."""
    if "&" in name:  # a script other than ASCII, in IMAP's UTF-7: ``Envoy&AOk-s``
        with contextlib.suppress(ValueError):
            name = utf7_decode(name.encode("ascii"))
    if name.startswith("."):  # a Maildir's folder in a folder: ``.Sent.2020``
        return name.split(".")
    # ``INBOX.Sent`` of IMAP; ``Sent Messages.mbox`` of Apple Mail, ``Sent.sbd`` of Thunderbird
    before, _, after = name.rpartition(".")
    return [name, before, after]


def _maildir_flags(path: str) -> set[str]:
    return set(path.rpartition(":2,")[2]) if ":2," in path else set()


def _through_amazon(mail: Mail, sender: Address, text: str, context: Context) -> Direction:
    """Tell what a mail is that comes from one of Amazon's domains."""
    header = _kinds()["header"].get(mail.first("x-space-notification-type").strip(), {})
    store = by_id().get(mail.first("x-marketplace-id").strip())
    kind = header.get("kind") or _amazon_kind(mail, sender, text)
    if not kind:
        return Direction("", skipped=NO_CONVERSATION)
    alias = sender if sender.is_relay else relay([*mail.reply_to, *mail.recipients])
    topic, rule = header.get("topic"), f"header:{mail.first('x-space-notification-type').strip()}"
    if not topic and kind == "amazon" and sender.local in CLAIM_SENDERS:
        topic, rule = "claim", f"from:{sender.local}"
    return Direction(
        kind,
        alias.local if alias and kind in ("buyer", "copy") else None,
        (alias.store if alias else None) or store or sender.store or context.marketplace,
        topic,
        rule if topic else None,
    )


def _amazon_kind(mail: Mail, sender: Address, text: str) -> str:
    """Return the kind of a mail of Amazon's that does not say it itself; empty if not wanted."""
    if sender.is_system:
        return "amazon"
    if sender.is_relay:
        return "buyer"
    if sender.local in IGNORED:
        return ""
    if is_bounce(mail, sender):
        return "bounce"
    subject, body = fold(mail.first("subject")[:300]), fold(text[:SEARCHED])
    words = _templates()
    begin = body[:2000]
    if subject.startswith(words["copy_subjects"]) or any(w in begin for w in words["copy_bodies"]):
        return "copy"
    passed_on = any(sentence in body for sentence in words["on_behalf_bodies"])
    if passed_on and not names_an_event(subject):
        return "buyer"
    opted_out = any(sentence in body for sentence in words["opt_out_bodies"])
    return "opt_out" if opted_out or subject.startswith(words["opt_out_subjects"]) else "amazon"


def _bounce(mail: Mail, text: str, context: Context) -> Direction:
    words = f"{text[:20000]} {mail.embedded[:20000]}".replace("<", " ").replace(">", " ")
    pieces = (word.strip(".,;:()[]\"'") for word in words.replace(";", " ").split() if "@" in word)
    alias = relay([*mail.recipients, *pieces])
    if not alias:
        return Direction("", skipped=OTHER_BOUNCE)
    return Direction("bounce", alias.local, alias.store or context.marketplace)


def _sellers(mail: Mail, text: str, folder: str, context: Context) -> Direction:
    """Tell whether a mail from outside Amazon is the seller's to a buyer.

    A seller knows no other address of a buyer than the alias: his mail to anybody else is no
    answer, whatever order it names. Some programs keep the name of a recipient only; then the order
    tells the buyer.
    """
    alias = relay(mail.recipients)
    own = folder == "sent" or bool(set(mail.senders) & context.own_addresses)
    if folder == "draft":
        return Direction("", skipped=DRAFT)
    if alias:
        return Direction("seller", alias.local, alias.store)
    if own and not mail.recipients and order_id(mail, text):
        return Direction("seller", marketplace=context.marketplace)
    if own:
        return Direction("", skipped=TO_NOBODY)
    return Direction("", skipped=NOT_ABOUT_A_BUYER)


@functools.cache
def _kinds() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("kinds.toml").read_text("utf-8"))


@functools.cache
def _folders(which: str) -> frozenset[str]:
    return frozenset(map(fold, _kinds()["folders"][which]))


@functools.cache
def _templates() -> dict[str, tuple[str, ...]]:
    kinds = _kinds()
    return {
        f"{kind}_{part}": tuple(map(fold, phrases))
        for kind in ("copy", "opt_out", "on_behalf")
        for part, phrases in kinds[kind].items()
    }
