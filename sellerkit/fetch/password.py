"""Where a mailbox's password comes from: the environment, the keyring, a prompt; nowhere else.

A word of the command line would stand in the shell's history and in everybody's list of processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sellerkit.errors import UsageError
from sellerkit.fetch.server import Login, Server

PASSWORD = "SELLERKIT_IMAP_PASSWORD"
TOKEN = "SELLERKIT_IMAP_TOKEN"
SERVICE = "sellerkit-imap"


def login_for(
    server: Server,
    prompt: Callable[[str], str] | None,
    *,
    anew: bool = False,
    password_env: str = PASSWORD,
    token_env: str = TOKEN,
) -> Login:
    """Return what opens a mailbox.

    Parameters
    ----------
    server : Server
    prompt : callable, optional
        Asks a person; None where nobody sits at a terminal.
    anew : bool
        Leave the keyring aside: its password is to be replaced.
    password_env, token_env : str
        The environment variables to look into.

    Raises
    ------
    UsageError
        There is neither; the message names the ways to give one.
    """
    if token := os.environ.get(token_env):
        return Login(token=token)
    kept = "" if anew else _kept_password(server)
    if password := os.environ.get(password_env) or kept:
        return Login(password)
    if prompt is not None and (password := prompt(f"Password of {_entry(server)}: ")):
        return Login(password)
    raise UsageError(
        f"no password for {_entry(server)}: set {password_env} (or {token_env}), or run "
        "the command once on a terminal with --save-password, which keeps it in the keyring"
    )


def save(server: Server, login: Login) -> None:
    """Keep a password in the keyring.

    Raises
    ------
    UsageError
        There is no keyring on this machine, or none for Python.
    """
    keyring = _keyring()
    try:
        if keyring is None:
            raise RuntimeError("`pip install sellerkit[keyring]` brings what is missing")
        keyring.set_password(SERVICE, _entry(server), login.password)
    except Exception as error:  # each of its backends has errors of its own
        words = " ".join(str(error).split())[:200]
        raise UsageError(f"--save-password: there is no keyring to save it in ({words})") from error


def _kept_password(server: Server) -> str:
    keyring = _keyring()
    try:
        return (keyring.get_password(SERVICE, _entry(server)) or "") if keyring else ""
    except Exception:  # no keyring on this machine, or a locked one: the next way is asked
        return ""


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        return None
    return keyring


def _entry(server: Server) -> str:
    return f"{server.user}@{server.host}"
