"""Telling: one message a run over each channel, none when nothing is new, and a sign of life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from sellerkit.config import Channel, Mail
from sellerkit.deliver.mail import new_message, send
from sellerkit.deliver.memory import Memory, read_memories, write_memories
from sellerkit.deliver.message import Message
from sellerkit.deliver.news import News
from sellerkit.deliver.webhook import post
from sellerkit.deliver.words import words
from sellerkit.errors import DeliveryError, SellerkitError
from sellerkit.incidents import Failure

#: A run that comes somewhat early is the run of its day all the same.
_GRACE = pd.Timedelta(hours=12)


def tell(
    news: Mapping[str, News],
    failures: Sequence[Failure],
    channels: Sequence[Channel],
    *,
    pages: Sequence[str],
    heartbeat: int,
    state: Path,
    as_of: pd.Timestamp,
    accounts: Sequence[str],
) -> None:
    """Tell each channel what it was not told yet, in one message.

    Parameters
    ----------
    news : mapping of str to News
        By account.
    failures : sequence of Failure
        Of each its `told` is told, once until it is mended.
    channels : sequence of Channel
    pages : sequence of str
        The addresses of what was published; mails name them.
    heartbeat : int
        After so many days without a message one says that all runs; 0 for never.
    state : Path
        The file in which is remembered what was told.
    as_of : pd.Timestamp
        UTC.
    accounts : sequence of str
        Those that were looked at.

    Raises
    ------
    InputError
        The file of state is none.
    DeliveryError
        A channel could not be told, or what was told could not be remembered. All that could be
        sent was sent; the rest is told by the next run.

    Notes
    -----
    What was sent is noted after it was sent. A crash in between makes the next run send it again;
    nothing is lost.
    """
    by_name = {channel.name: channel for channel in channels}
    memories = read_memories(state, list(by_name))
    mute = [name for name, memory in memories.items() if memory.failing]
    for name, memory in memories.items():
        silent = [_mute(other) for other in mute if other != name]
        memory.note([*failures, *silent], accounts, as_of)
    # before anything is sent: what waits is not lost where this process is killed
    troubles = _kept(state, memories)
    for name, channel in by_name.items():
        memory = memories[name]
        message = Message(memory.new(news), memory, as_of, len(accounts), pages, heartbeat)
        if not (message.new or memory.waiting or _is_time(memory, heartbeat, as_of)):
            continue
        try:
            _send(channel, message)
        except Exception as error:  # the other channels are told all the same
            memory.failing = True
            troubles.append(_sentence(error, name))
        else:
            now = [*failures, *(_mute(other) for other in mute if other != name)]
            memory.sent_all(message.new, now, as_of)
        troubles += _kept(state, memories)
    if troubles:
        raise DeliveryError("; ".join(dict.fromkeys(troubles))) from None


def _mute(name: str) -> Failure:
    told = words()["message"]["telling"].format(channel=name)
    return Failure("", "tell", name, told, told)


def _kept(state: Path, memories: Mapping[str, Memory]) -> list[str]:
    """Remember what was told; where that fails, messages are sent all the same."""
    try:
        write_memories(state, memories)
    except DeliveryError as error:
        return [str(error)]
    return []


def _is_time(memory: Memory, heartbeat: int, as_of: pd.Timestamp) -> bool:
    """Tell whether a sign of life is due; the first run that tells somebody gives one."""
    if not heartbeat:
        return False
    last = pd.Timestamp(memory.last) if memory.last else None
    return last is None or as_of - last >= pd.Timedelta(days=heartbeat) - _GRACE


def _send(channel: Channel, message: Message) -> None:
    if not isinstance(channel, Mail):
        post(channel, message.headline())
        return
    at = message.as_of.floor("s").to_pydatetime()
    mail = new_message(channel, message.subject(), message.text(), at)
    send(channel, lambda size: [mail])


def _sentence(error: Exception, name: str) -> str:
    """Return an error as a sentence; of one that nobody foresaw only its kind, it may hold more."""
    if isinstance(error, SellerkitError):
        return str(error)
    return f"{name}: this should not happen ({type(error).__name__})"
