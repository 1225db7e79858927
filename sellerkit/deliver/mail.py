"""Mails over SMTP: encrypted, the certificate checked, and for all who shall get them or nobody."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sellerkit.config import Mail
from sellerkit.deliver.password import password_of
from sellerkit.deliver.words import TIMEOUT_SECONDS, redacted, trouble
from sellerkit.errors import DeliveryError, SellerkitError, UsageError, printable

#: How a connection is encrypted, and the port that servers listen at for it.
PORTS = {"tls": 465, "starttls": 587, "none": 25}

#: Who greets: the name of this machine is nobody's business.
_GREETED_BY = "[127.0.0.1]"

#: Any server takes it.
_WIRE = SMTP.clone(cte_type="7bit")


def new_message(
    mail: Mail, subject: str, text: str, at: dt.datetime, pages: Mapping[str, bytes] | None = None
) -> EmailMessage:
    """Return a mail; the same content gives the same bytes.

    Parameters
    ----------
    mail : Mail
    subject, text : str
    at : datetime
        Of what moment it tells.
    pages : mapping of str to bytes
        HTML to be attached, by the name of the file.
    """
    message = EmailMessage(policy=_WIRE)
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    message["Subject"] = printable(subject)
    message["Date"] = format_datetime(at.astimezone(dt.UTC))
    # no other program shall answer it, nor an absent person's
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    for name, data in (pages or {}).items():
        message.add_attachment(
            data, maintype="text", subtype="html", filename=name, params={"charset": "utf-8"}
        )
    whole = repr((mail.sender, mail.to, subject, at, text, pages))
    digest = hashlib.sha256(whole.encode()).hexdigest()[:32]
    if pages:
        message.set_boundary(f"={digest}")
    # the same mail has the same name: what is sent again after a crash is shown once
    message["Message-ID"] = f"<{digest}@{mail.sender.rpartition('@')[2]}>"
    return message


def send(mail: Mail, make: Callable[[int], Sequence[EmailMessage]]) -> None:
    """Send mails over one connection.

    Parameters
    ----------
    mail : Mail
    make : callable
        Given how many bytes the server takes in one mail (0 where it does not say), returns them.

    Raises
    ------
    UsageError
        No password is there.
    DeliveryError
        The server cannot be reached or trusted, or refuses the login, a sender, a recipient or a
        mail. Where it refuses one recipient, nobody gets that mail.
    """
    password = password_of(mail)
    with _explained(mail, password), _connected(mail) as server:
        if mail.user:
            _log_in(server, mail, password)
        size = server.esmtp_features.get("size", "")
        for message in make(int(size) if size.isdecimal() else 0):
            _transfer(server, mail, message)


def try_login(mail: Mail) -> None:
    """Connect and log in, and send nothing; errors as of `send`."""
    send(mail, lambda size: [])


@contextmanager
def _connected(mail: Mail) -> Iterator[smtplib.SMTP]:
    port, trusted = mail.port or PORTS[mail.encryption], ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(mail.host, port, _GREETED_BY, timeout=TIMEOUT_SECONDS, context=trusted)
        if mail.encryption == "tls"
        else smtplib.SMTP(mail.host, port, _GREETED_BY, timeout=TIMEOUT_SECONDS)
    )
    try:
        if mail.encryption == "starttls":
            server.starttls(context=trusted)
        server.ehlo_or_helo_if_needed()
        yield server
    finally:
        # what mattered is done or has failed: taking leave changes nothing
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _log_in(server: smtplib.SMTP, mail: Mail, password: str) -> None:
    if (mail.user + password).isascii():
        server.login(mail.user, password)
        return
    # smtplib knows only ASCII
    code, said = server.docmd("AUTH", f"PLAIN {_plain(mail, password)}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def _plain(mail: Mail, password: str) -> str:
    return base64.b64encode(f"\0{mail.user}\0{password}".encode()).decode()


def _transfer(server: smtplib.SMTP, mail: Mail, message: EmailMessage) -> None:
    """Hand one mail over: to all of its recipients, or to nobody."""
    if not (mail.sender + "".join(mail.to)).isascii():
        raise UsageError(f"{mail.name}: an address is not in ASCII; write its domain as xn--…")
    raw = bytes(message)
    options = [f"size={len(raw)}"] if server.has_extn("size") else []
    _expect(server.mail(mail.sender, options), f"the sender {mail.sender}")
    for address in mail.to:
        _expect(server.rcpt(address), f"the recipient {address}, so nobody gets it")
    _expect(server.data(raw), "the mail")


class _Refused(smtplib.SMTPResponseException):
    """A refusal of something that is named."""

    def __init__(self, answer: tuple[int, bytes], what: str) -> None:
        super().__init__(*answer)
        self.what = what


def _expect(answer: tuple[int, bytes], what: str) -> None:
    if answer[0] not in (250, 251):
        raise _Refused(answer, what)


@contextmanager
def _explained(mail: Mail, password: str) -> Iterator[None]:
    """Turn what goes wrong on the way to a server and back into one sentence without a secret."""
    where = f"{mail.name}: {mail.host}:{mail.port or PORTS[mail.encryption]}"
    plain = _plain(mail, password) if password else ""
    secrets = (password, plain, base64.b64encode(password.encode()).decode())
    try:
        yield
    except SellerkitError:
        raise
    except (OSError, ValueError, LookupError) as error:
        raise DeliveryError(f"{where}: {_sentence(error, mail, secrets)}") from None


def _sentence(error: Exception, mail: Mail, secrets: Sequence[str]) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        said = redacted(_text(error.smtp_error), secrets)
        return (
            f"the server refuses the login of {mail.user} ({error.smtp_code} {said}); many "
            "providers want an app password here"
        )
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        what = error.what if isinstance(error, _Refused) else "the mail"
        said = redacted(_text(error.smtp_error), secrets)
        return f"the server refuses {what} ({error.smtp_code} {said})"
    if isinstance(error, smtplib.SMTPNotSupportedError) and "STARTTLS" in str(error):
        return 'the server offers no STARTTLS; try encryption = "tls"'
    if type(error) in (smtplib.SMTPException, smtplib.SMTPNotSupportedError):
        return "the server offers no way to log in that is known here; check host and encryption"
    return trouble(error)


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
