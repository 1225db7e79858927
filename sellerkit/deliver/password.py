"""Where secrets come from: environment variables, and for a mail server the keyring too."""

from __future__ import annotations

import os
from typing import Any

from sellerkit.config import Fsspec, Mail, Webhook
from sellerkit.errors import UsageError

SERVICE = "sellerkit-smtp"


def password_of(mail: Mail) -> str:
    """Return the password of a mail server; empty where no user is named.

    Raises
    ------
    UsageError
        There is none; the message names the ways to give one.
    """
    if not mail.user:
        return ""
    entry = f"{mail.user}@{mail.host}"
    if password := os.environ.get(mail.password_env) or _kept(entry):
        return password
    raise UsageError(
        f"no password for {entry}: set {mail.password_env}, or keep it in the keyring with "
        f"`keyring set {SERVICE} {entry}`"
    )


def address_of(channel: Webhook) -> str:
    """Return the address of a webhook.

    Raises
    ------
    UsageError
        The variable is not set.
    """
    return _variable(channel.url_env, channel.name)


def options_of(target: Fsspec) -> dict[str, str]:
    """Return the options of a store that are secrets.

    Raises
    ------
    UsageError
        A variable is not set.
    """
    return {key: _variable(name, target.name) for key, name in target.options_env.items()}


def _variable(name: str, what: str) -> str:
    if value := os.environ.get(name, "").strip():
        return value
    raise UsageError(f"{what}: {name} is not set: put the secret in this environment variable")


def _kept(entry: str) -> str:
    keyring = _keyring()
    try:
        return (keyring.get_password(SERVICE, entry) or "") if keyring else ""
    except Exception:  # no keyring on this machine, or a locked one: the error names the ways
        return ""


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        return None
    return keyring
