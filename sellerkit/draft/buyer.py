"""Whom a draft goes to, in which language, and which message it replies to."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Set
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd

from sellerkit.policy import marketplaces

#: The local part of a buyer's alias at Amazon. A help desk's number of a customer is none.
_ALIAS = re.compile(r"(?=[0-9]*[a-z])[a-z0-9]{10,24}")

#: A Message-ID as mail programs write it; what stands for one that a mail had not has no @.
_MESSAGE_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,200}@[\x21-\x3b\x3d\x3f-\x7e]{1,200}")

_ENGLISH = "en"


@dataclass(frozen=True)
class Recipient:
    """A buyer as the mails show him.

    Attributes
    ----------
    language, language_from : str
        ISO 639-1, and what told it.
    address : str or None
        The alias at Amazon's relay; null where it is not on file.
    replies_to : str or None
        Message-ID of the buyer's last message, without brackets.
    """

    language: str
    language_from: str
    address: str | None
    replies_to: str | None


def recipient(messages: pd.DataFrame, store: str | None, languages: Set[str]) -> Recipient:
    """Tell who a draft goes to.

    Parameters
    ----------
    messages : pd.DataFrame
        Those of the thread or the order, by time.
    store : str or None
        Country code.
    languages : set of str
        What there are texts in.
    """
    asked = messages[messages["sender"] == "buyer"]
    last = asked["message_id"].iloc[-1] if len(asked) else None
    told = _language(asked, store, languages)
    replies_to = last if last and _MESSAGE_ID.fullmatch(last) else None
    return Recipient(*told, _address(messages, store), replies_to)


def _language(asked: pd.DataFrame, store: str | None, languages: Set[str]) -> tuple[str, str]:
    written = asked["language"].dropna()
    if len(written) and written.iloc[-1] in languages:
        return written.iloc[-1], "the buyer's last message"
    spoken = _stores().get(store or "")
    if spoken in languages:
        return str(spoken), "the store"
    return _ENGLISH, "no text in the buyer's language" if len(written) or spoken else "nothing"


def _address(messages: pd.DataFrame, store: str | None) -> str | None:
    """Return the last alias on file, at the host of the store that its mail came through."""
    known = messages[(messages["channel"] == "amazon") & messages["buyer_id"].notna()]
    for alias, own in zip(known["buyer_id"][::-1], known["marketplace"][::-1], strict=True):
        place = marketplaces().get(own if isinstance(own, str) else store or "")
        if place and _ALIAS.fullmatch(alias):
            return f"{alias}@marketplace.{place.domain}"
    return None


@functools.cache
def _stores() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("stores.toml").read_text("utf-8"))
