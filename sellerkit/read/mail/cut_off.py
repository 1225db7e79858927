"""Whether a file ends inside its last mail."""

from __future__ import annotations

import re

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(
    rb"^Content-Type:[ \t]*multipart/[^;\s]{1,80}[^\n]*(?:\n[ \t][^\n]*){0,20}", re.I | re.M
)
_BOUNDARY_NAME = re.compile(
    rb"boundary[ \t]*=[ \t]*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.I
)
_ENCODING = re.compile(rb"^Content-Transfer-Encoding:[ \t]*([\w-]{1,40})", re.I | re.M)
_HALF_SIGN = re.compile(rb"=[0-9A-Fa-f]?\Z")
_SPACES = re.compile(rb"\s+")


def cut_off(raw: bytes) -> str:
    """Return where a mail breaks off (``in its headers``); nothing where it is whole.

    Asked of the last mail of a file only: in the middle of a mailbox a missing boundary is merely
    sloppy. A missing end of line is nothing, but for base64 without padding: there the text may go
    on, and a buyer's half sentence must not pass for his whole.
    """
    end = _HEADER_END.search(raw)
    if not end:
        return "in its headers" if not raw.endswith(b"\n") or raw.strip() else ""
    head, body = raw[: end.start()], raw[end.end() :]
    if boundary := _boundary(head):
        return "" if b"--" + boundary + b"--" in body else "before the last boundary of its parts"
    encoding = _ENCODING.search(head)
    name = encoding[1].lower() if encoding else b""
    if name == b"base64" and (len(_SPACES.sub(b"", body)) % 4 or not body.endswith((b"\n", b"="))):
        return "in its base64 text"
    if name == b"quoted-printable" and _HALF_SIGN.search(body):
        return "in its quoted-printable text"
    return ""


def _boundary(head: bytes) -> bytes:
    line = _BOUNDARY.search(head)
    name = _BOUNDARY_NAME.search(line[0]) if line else None
    return (name[1] or name[2]) if name else b""
