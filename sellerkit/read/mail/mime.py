"""The parts of one mail: headers, addresses, texts, attachments.

Three readers, the next where one fails: fast-mail-parser (nine times as fast), the standard
library (knows how to go on with a broken mail), and lines of headers alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

from fast_mail_parser import ParseError, PyLazyMail, parse_email

_ANGLE = re.compile(r"<\s{0,9}([^<>\s\"]{1,400}@[^<>\s\"]{1,400})\s{0,9}>")
_QUOTED = re.compile(r'"[^"]*"')
_HEADER_LINE = re.compile(r"([!-9;-~]{1,200})[ \t]{0,9}:(.*)", re.DOTALL)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_LINE_END = re.compile(r"\r?\n|\r")
_LOST = "\ufffd"
#: What Windows' western charset has in place of control characters, back to their bytes.
_TO_BYTES = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
#: How a character of UTF-8 begins where it was read as Windows' western charset.
_MISREAD = re.compile("[\u00c2-\u00f4][\u0080-\u00bf" + "".join(map(chr, _TO_BYTES)) + "]")
#: What a report carries of the mail that it is about.
_EMBEDDED = ("message/", "text/rfc822-headers")


@dataclass(slots=True)
class Mail:
    """What a mail is made of.

    Attributes
    ----------
    headers : dict
        Decoded values by lower-case name, in the order of the mail.
    senders, recipients, reply_to : list of str
        The addresses in From; in To, Cc and Bcc; in Reply-To. Lower case.
    plain, html : str
        The text parts that are no attachments.
    embedded : str
        The mails, or their headers, that a report carries.
    attachments : int
        Parts that are no text of the mail; pictures inside its HTML are not counted.
    trouble : str
        What the fast reader could not do; empty where it could.
    """

    headers: dict[str, list[str]]
    senders: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    reply_to: list[str] = field(default_factory=list)
    plain: str = ""
    html: str = ""
    embedded: str = ""
    attachments: int = 0
    trouble: str = ""

    def first(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        values = self.headers.get(name)
        return values[0] if values else ""


class _LossyError(Exception):
    """The fast reader gave a text in which characters were lost."""


def parse_mail(raw: bytes) -> Mail:
    """Return the parts of a mail, whatever its bytes."""
    try:
        return _fast(raw)
    except (ParseError, _LossyError) as error:
        trouble = str(error)
    try:
        mail = _standard(raw)
    except Exception as error:  # a stranger's mail can make it raise anything, RecursionError too
        mail = _headers_only(raw)
        trouble = f"{trouble}; {type(error).__name__}: {error}"
    mail.trouble = trouble[:300]
    return mail


def _fast(raw: bytes) -> Mail:
    parsed = parse_email(raw, mode="lazy")
    plain, html = "\n".join(parsed.text_plain), "\n".join(parsed.text_html)
    if _is_doubtful(plain) or _is_doubtful(html):
        raise _LossyError("characters that its charset does not explain")
    headers: dict[str, list[str]] = {}
    for name, values in parsed.headers.items():
        headers.setdefault(name.lower(), []).extend(values)
    mail = Mail(headers, plain=plain, html=html)
    for part in parsed.attachments:
        inline = bool(part.content_id) and part.disposition != "attachment"
        mail.attachments += not inline
        if part.mimetype.startswith(_EMBEDDED):
            mail.embedded += decoded(part.content, "utf-8") + "\n"
    _add_addresses(mail, parsed, raw)
    return mail


def _is_doubtful(text: str) -> bool:
    """Tell whether characters were lost, or UTF-8 of no or a wrong charset read as Windows' own."""
    if text.isascii():
        return False
    if _LOST in text:
        return True
    if not _MISREAD.search(text):
        return False
    try:
        text.translate(_TO_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return True


def _add_addresses(mail: Mail, parsed: PyLazyMail, raw: bytes) -> None:
    """Take the addresses that were found; read the line itself where a header gave none."""
    mail.senders = [parsed.from_.address.lower()] if parsed.from_ else []
    mail.recipients = [to.address.lower() for to in (*parsed.to, *parsed.cc, *parsed.bcc)]
    mail.reply_to = [to.address.lower() for to in parsed.reply_to]
    wanted = {"from": mail.senders, "to": mail.recipients, "reply-to": mail.reply_to}
    if any(name in mail.headers and not found for name, found in wanted.items()):
        _add_raw_addresses(mail, _raw_headers(raw))


def _add_raw_addresses(mail: Mail, headers: dict[str, list[str]]) -> None:
    """Read addresses from headers before their encoded words are decoded.

    Once decoded, a stranger's display name could pass for an address.
    """
    mail.senders = mail.senders or _addresses(headers.get("from", [])[:1])
    mail.reply_to = mail.reply_to or _addresses(headers.get("reply-to", []))
    lines = [line for name in ("to", "cc", "bcc") for line in headers.get(name, [])]
    mail.recipients = mail.recipients or _addresses(lines)


def _addresses(lines: Iterable[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        found += _ANGLE.findall(_QUOTED.sub("", line)) or _without_angles(line)
    return [address.lower() for address in found]


def _without_angles(line: str) -> list[str]:
    try:
        return [address for _, address in getaddresses([line[:10000]]) if "@" in address]
    except RecursionError:  # brackets within brackets, a thousand deep
        return []


def _standard(raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=compat32)
    mail = Mail(_decoded_headers(_raw_headers(raw)))
    plain: list[str] = []
    html: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if part.get_content_disposition() != "attachment" and kind in ("text/plain", "text/html"):
            (plain if kind == "text/plain" else html).append(_text(part))
            continue
        inline = "content-id" in part and part.get_content_disposition() != "attachment"
        mail.attachments += not inline
        if kind.startswith(_EMBEDDED):
            mail.embedded += part.as_bytes().decode("utf-8", "replace") + "\n"
    mail.plain, mail.html = "\n".join(plain), "\n".join(html)
    _add_raw_addresses(mail, _raw_headers(raw))
    return mail


def _parts(message: Message) -> Iterable[Message]:
    """Yield the leaves of a mail; a mail inside it is one leaf."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        content = part.get_payload()
        if isinstance(content, list) and part.get_content_maintype() == "multipart":
            waiting[:0] = [each for each in content if isinstance(each, Message)]
        else:
            yield part


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    charset = part.get_param("charset") or "utf-8"
    return decoded(content, str(charset)) if isinstance(content, bytes) else ""


def _headers_only(raw: bytes) -> Mail:
    """Return a mail's headers, and what follows them as its text where it is of one part."""
    headers = _raw_headers(raw)
    mail = Mail(_decoded_headers(headers))
    _add_raw_addresses(mail, headers)
    end = _HEADER_END.search(raw)
    if end and "multipart/" not in mail.first("content-type").lower():
        mail.plain = decoded(raw[end.end() :], "utf-8")
    return mail


def _raw_headers(raw: bytes) -> dict[str, list[str]]:
    """Return the header lines, unfolded, as they stand, by lower-case name."""
    end = _HEADER_END.search(raw)
    block = decoded(raw[: end.start()] if end else raw[:1_000_000], "utf-8")
    headers: dict[str, list[str]] = {}
    for line in _LINE_END.split(_FOLD.sub("", block)):
        if found := _HEADER_LINE.match(line):
            headers.setdefault(found[1].lower(), []).append(found[2].strip())
    return headers


def _decoded_headers(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: [decoded_words(value) for value in values] for name, values in headers.items()}


def decoded_words(value: str) -> str:
    """Return a header's value with its encoded words (RFC 2047) decoded."""
    if "=?" not in value:
        return value
    try:
        words = decode_header(value)
    except (ValueError, HeaderParseError):  # broken base64
        return value
    return "".join(
        decoded(word, charset or "utf-8") if isinstance(word, bytes) else word
        for word, charset in words
    )


def decoded(content: bytes, charset: str) -> str:
    """Return bytes as text: in the charset they claim, else UTF-8, else Windows' western one.

    UTF-8 with a few broken bytes stays UTF-8.
    """
    for name in dict.fromkeys([charset, "utf-8"]):
        try:
            return content.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    lenient = content.decode("utf-8", "replace")
    lost = lenient.count(_LOST)
    if lost * 2 < sum(not sign.isascii() for sign in lenient):
        return lenient
    return content.decode("cp1252", "replace")
