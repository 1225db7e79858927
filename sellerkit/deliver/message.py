"""One message of all that is new: a few lines for a chat, and a mail that names the orders too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd
from jinja2 import Environment, StrictUndefined, Template

from sellerkit.deliver.memory import Memory
from sellerkit.deliver.news import News
from sellerkit.deliver.words import counted, words
from sellerkit.show.words import format_list, format_moment

#: So many lines of one kind a message has; the page has them all.
MOST = 20

#: So long may the subject of a mail be.
_SUBJECT = 150


@dataclass(frozen=True)
class Message:
    """What one channel is to be told.

    Attributes
    ----------
    new : dict of str to News
        By account; empty of a sign of life.
    memory : Memory
        What the channel knows: the failures that wait, and those that stand.
    as_of : pd.Timestamp
    accounts : int
        How many were looked at.
    pages : sequence of str
        Addresses of what was published.
    heartbeat : int
        Days.
    """

    new: Mapping[str, News]
    memory: Memory
    as_of: pd.Timestamp
    accounts: int
    pages: Sequence[str]
    heartbeat: int

    def subject(self) -> str:
        """Return what it is about, on one line."""
        said = words()["message"]
        parts = []
        if len(self.new) == 1:
            (name, news), *_ = self.new.items()
            parts.append(said["account"].format(name=name, headline=news.headline().rstrip(".")))
        elif self.new:
            parts.append(said["news_of"].format(count=f"{len(self.new):,}"))
        if self._failures:
            parts.append(counted("message", "failed", len(self._failures)))
        elif not self.new:
            parts.append(said["alive"])
            if self._standing:
                parts.append(counted("message", "not_mended", len(self._standing)))
        line = said["title"].format(what=format_list(parts))
        return line if len(line) <= _SUBJECT else f"{line[: _SUBJECT - 1].rstrip()}…"

    def headline(self) -> str:
        """Return it for a chat: a line for each account and each failure, no order, no buyer."""
        said = words()["message"]["account"]
        heads = [said.format(name=name, headline=one.headline()) for name, one in self.new.items()]
        lines = [*_some(heads), *_some(self._failures), *self._alive()]
        return "\n".join(lines)

    def text(self) -> str:
        """Return it for a mail: each duty with the id of its order."""
        accounts = [
            (name, one.headline(), list(_some([item.line for item in one.items])))
            for name, one in self.new.items()
        ]
        pages = sorted(self.pages, key=lambda page: not page.endswith("index.html"))
        days = counted("message", "days", self.heartbeat) if self.heartbeat else ""
        return _template().render(
            accounts=accounts, failures=list(_some(self._failures)), alive=list(self._alive()),
            standing=list(_some(self._standing)), pages=list(_some(pages)),
            as_of=format_moment(self.as_of, "UTC", weekday=True, year=True), heartbeat=days,
        )  # fmt: skip

    @property
    def _failures(self) -> list[str]:
        return _sentences(self.memory.waiting)

    @property
    def _standing(self) -> list[str]:
        found = self.memory.standing
        return _sentences({key: told for key, told in found.items() if not told["over"]})

    def _alive(self) -> Iterator[str]:
        """Give a sign of life where there is nothing else."""
        if self.new or self._failures:
            return
        accounts = counted("message", "accounts", self.accounts)
        said, last = words()["message"], self.memory.last
        if last:
            since = format_moment(pd.Timestamp(last), "UTC", year=True)
            yield said["alive_since"].format(since=f"{since} UTC", accounts=accounts)
        else:
            yield said["alive_first"].format(accounts=accounts)
        if self._standing:
            yield f"{counted('message', 'not_mended', len(self._standing))}."


def _sentences(told: Mapping[str, Mapping[str, str | bool]]) -> list[str]:
    said = words()["message"]["account"]
    # two incidents may be told alike: what differs stays on this machine
    rows = dict.fromkeys((str(row["account"]), str(row["told"])) for row in told.values())
    return [said.format(name=name, headline=text) if name else text for name, text in rows]


def _some(lines: Sequence[str]) -> Iterator[str]:
    """Give the first lines, and how many more there are."""
    yield from lines[:MOST]
    if len(lines) > MOST:
        yield counted("message", "more", len(lines) - MOST)


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=False, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    source = files(__package__).joinpath("templates", "tell.txt.j2").read_text("utf-8")
    return environment.from_string(source)
