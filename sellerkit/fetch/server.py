"""A connection to a mail server: encrypted, logged in, and every failure one sentence."""

from __future__ import annotations

import imaplib
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import (
    ImapToolsError,
    MailboxLoginError,
    MailboxStarttlsError,
    UnexpectedCommandStatusError,
)

from sellerkit.errors import InputError, SellerkitError, UsageError

#: How a connection is encrypted, and the port that servers listen at for it.
PORTS = {"tls": 993, "starttls": 143, "none": 143}

#: So long may a server say nothing.
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """Whose mailbox on which server.

    Attributes
    ----------
    encryption : str
        ``tls`` from the first byte, ``starttls`` after a greeting, ``none`` on this machine only.
    port : int
        0 for the usual one.
    """

    host: str
    user: str
    encryption: str = "tls"
    port: int = 0

    def __post_init__(self) -> None:
        """Refuse to send a password where others could read it."""
        if self.encryption not in PORTS:
            raise UsageError(f"--encryption {self.encryption}: there are {', '.join(PORTS)}")
        if self.encryption == "none" and not _is_this_machine(self.host):
            raise UsageError(
                f"--encryption none: {self.host} is another machine, and anybody on the way could "
                "read password and mails; use tls or starttls"
            )

    @property
    def where(self) -> str:
        """Host and port, for sentences."""
        return f"{self.host}:{self.port or PORTS[self.encryption]}"


@dataclass(frozen=True, repr=False)
class Login:
    """What opens a mailbox: a password, or a token of OAuth 2. Never shown."""

    password: str = ""
    token: str = ""


#: Where nothing is secret.
NOBODY = Login()


@contextmanager
def connected(server: Server, login: Login) -> Iterator[BaseMailBox]:
    """Give a mailbox, logged in, no folder chosen.

    Raises
    ------
    InputError
        The server cannot be reached or trusted, refuses the login, or is lost on the way.
    """
    with explained(server):
        mailbox = _connect(server)
        try:
            _log_in(mailbox, server, login)
            yield mailbox
        finally:
            with suppress(Exception):  # the line may be dead; all that mattered is done
                mailbox.logout()
            with suppress(Exception):
                mailbox.client.shutdown()


@contextmanager
def explained(server: Server) -> Iterator[None]:
    """Turn what goes wrong on the way to a server and back into one sentence."""
    try:
        yield
    except SellerkitError:
        raise
    except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError, LookupError) as error:
        raise InputError(f"{server.where}: {_sentence(error, server)}") from error


def _connect(server: Server) -> BaseMailBox:
    port, trusted = server.port or PORTS[server.encryption], ssl.create_default_context()
    if server.encryption == "tls":
        return MailBox(server.host, port, timeout=TIMEOUT_SECONDS, ssl_context=trusted)
    if server.encryption == "starttls":
        if port == PORTS["tls"]:
            raise UsageError("--port 993 is for --encryption tls")
        return MailBoxStartTls(server.host, port, timeout=TIMEOUT_SECONDS, ssl_context=trusted)
    return MailBoxUnencrypted(server.host, port, timeout=TIMEOUT_SECONDS)


def _log_in(mailbox: BaseMailBox, server: Server, login: Login) -> None:
    try:
        if login.token:
            mailbox.xoauth2(server.user, login.token, initial_folder=None)
        elif (server.user + login.password).isascii():
            mailbox.login(server.user, login.password, initial_folder=None)
        else:
            mailbox.login_utf8(server.user, login.password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        words = said(error, login)
        # from None: a server may answer with what it was sent, and --debug shows all words
        raise InputError(
            f"{server.where}: the server refuses the login of {server.user} ({words}); "
            "many providers want an app password here, see docs/mail.md"
        ) from None


def _without(words: str, login: Login) -> str:
    """Return a server's words without password and token, in whichever way it says them."""
    for secret in filter(None, (login.password, login.token)):
        quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
        words = words.replace(quoted, "…").replace(secret, "…")
    return words


def _sentence(error: Exception, server: Server) -> str:
    """Say what an error of the network, of TLS or of the protocol means, and what to do."""
    if isinstance(error, socket.gaierror):
        return "no such server is known; check the name, and whether this machine is online"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the server's certificate cannot be trusted ({error.verify_message}); check the "
            "name, or name the file of your own authority in SSL_CERT_FILE"
        )
    if isinstance(error, ssl.SSLError) and "EOF" not in str(error):
        return f"no {server.encryption} is spoken here ({error.reason}); try another --encryption"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens at this port; check --port and --encryption"
    if isinstance(error, TimeoutError):
        return (
            f"no answer within {TIMEOUT_SECONDS} seconds; check --port and --encryption, or try "
            "again later, what has come is kept"
        )
    if isinstance(error, MailboxStarttlsError) or "STARTTLS" in str(error):
        return f"the server offers no STARTTLS ({said(error)}); try --encryption tls"
    if isinstance(error, imaplib.IMAP4.abort | OSError):
        return f"the connection was lost ({said(error)}); run the same again, it goes on from here"
    if isinstance(error, ValueError | LookupError):
        return f"the server's answer makes no sense ({said(error)})"
    return f"the server refused a command ({said(error)})"


def said(error: Exception, login: Login = NOBODY) -> str:
    """Return the server's own words, on one line, without what it was sent to log in."""
    words = str(error)
    if isinstance(error, UnexpectedCommandStatusError):
        data = error.command_result[1]
        words = " ".join(
            item.decode("utf-8", "replace") for item in data if isinstance(item, bytes)
        )
    return " ".join(_without(words, login).split())[:200].strip("b'\"") or type(error).__name__


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
