"""Pages by mail, attached or linked; in several mails where one would be too large."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined, Template

from sellerkit.config import Mail
from sellerkit.deliver.mail import new_message, send
from sellerkit.deliver.words import counted, words
from sellerkit.errors import DeliveryError

#: What most servers take, in bytes.
MOST = 20_000_000

#: An attachment is written in 76 letters a line for 57 bytes of it.
_GROWTH = 78 / 57

#: Room for the text and the heads of a mail.
_ROOM = 50_000


def mail_pages(named: Mapping[str, Path], mail: Mail) -> list[str]:
    """Mail pages to all recipients.

    Parameters
    ----------
    named : mapping of str to Path
        Pages by their names below the folder of reports.
    mail : Mail
        With `attach` each page is in the mail, else its address is: below `link`, or on this
        machine.

    Returns
    -------
    list of str
        Who got how much.

    Raises
    ------
    UsageError, DeliveryError
        As of `mail.send`; or a page is larger than the server takes.
    """
    send(mail, lambda size: _mails(named, mail, size or MOST))
    return [f"{mail.name}: {counted('publish', 'pages', len(named))}"]


def _mails(named: Mapping[str, Path], mail: Mail, size: int) -> list[EmailMessage]:
    parts = (
        list(_parts(named, int((min(size, MOST) - _ROOM) / _GROWTH))) if mail.attach else [[*named]]
    )
    # of the pages, since nothing here reads the clock
    at = max(path.stat().st_mtime for path in named.values())
    moment = dt.datetime.fromtimestamp(int(at), dt.UTC)
    mails = []
    for number, names in enumerate(parts, 1):
        said = words()["publish"]
        subject = said["title"].format(
            pages=counted("publish", "pages", len(named)), day=max(_day(name) for name in named)
        )
        if len(parts) > 1:
            subject += said["part"].format(number=number, parts=len(parts))
        pages = {_file(name): named[name].read_bytes() for name in names} if mail.attach else {}
        rows = [(name, _address(name, named[name], mail)) for name in names]
        text = _template().render(rows=rows, attached=mail.attach)
        mails.append(new_message(mail, subject, text, moment, pages))
    return mails


def _parts(named: Mapping[str, Path], most: int) -> Iterator[Sequence[str]]:
    """Give the names of as many pages as go into a mail each."""
    part: list[str] = []
    room = most
    for name, path in named.items():
        size = path.stat().st_size
        if size > most:
            raise DeliveryError(
                f"{path}: its {size:,} bytes are more than fits into a mail ({most:,}); set attach "
                "= false and publish to a folder or a store"
            )
        if size > room:
            yield part
            part, room = [], most
        part.append(name)
        room -= size
    yield part


def _day(name: str) -> str:
    return PurePosixPath(name).stem


def _file(name: str) -> str:
    """Return what an attached page is called: all of its path, it lies in no folder there."""
    return name.replace("/", ", ")


def _address(name: str, path: Path, mail: Mail) -> str:
    if mail.attach:
        return ""
    return f"{mail.link.rstrip('/')}/{quote(name)}" if mail.link else str(path.resolve())


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=False, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    source = files(__package__).joinpath("templates", "pages.txt.j2").read_text("utf-8")
    return environment.from_string(source)
