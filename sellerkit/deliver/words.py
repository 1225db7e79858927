"""What is said: the sentences of `words.toml`."""

from __future__ import annotations

import socket
import ssl
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from sellerkit.errors import printable

#: So long may a server say nothing.
TIMEOUT_SECONDS = 30


@cache
def words() -> dict[str, Any]:
    """Return all sentences."""
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))


def counted(group: str, name: str, count: int, **fields: object) -> str:
    """Return the sentence for one or for many."""
    one, many = words()[group][name]
    return str((one if count == 1 else many).format(count=f"{count:,}", **fields))


def trouble(error: Exception) -> str:
    """Return what an error of the network means, and what to do; never what it says itself.

    The texts of network libraries may quote addresses, and that of a webhook is a secret.
    """
    said = words()["trouble"]
    if isinstance(error, socket.gaierror):
        return str(said["gaierror"])
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(said["certificate"].format(words=error.verify_message))
    if isinstance(error, ssl.SSLError):
        return str(said["tls"])
    if isinstance(error, ConnectionRefusedError):
        return str(said["refused"])
    # smtplib hides what made it close the line
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return str(said["timeout"].format(seconds=TIMEOUT_SECONDS))
    return str(said["lost"])


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text on one line, not longer than a sentence, without any of some secrets."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    return " ".join(printable(text).split())[:200]
