"""One message a run over each channel; each incident once, whatever could not be sent before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import receivers
from receivers import USER, Hook, Inbox

from sellerkit.config import Mail, Webhook
from sellerkit.deliver import memory
from sellerkit.deliver.news import Item, News
from sellerkit.deliver.tell import tell
from sellerkit.errors import DeliveryError, InputError
from sellerkit.incidents import Failure

MONDAY = pd.Timestamp("2026-10-05T06:00", tz="UTC")
DEAD = Failure("shop", "fetch", "imap me", "imap me: a buyer's words", "Fetching failed.")


def as_of(day: float) -> pd.Timestamp:
    return MONDAY + pd.Timedelta(days=day)


def new(day: float, *ids: str, since: float | None = None) -> News:
    """Return news of duties: ``missed/1``, ``due/2``."""
    items = [Item(name.partition("/")[0], name, f"{name}, order 302-{name[-1]}") for name in ids]
    before = None if since is None else as_of(since)
    return News(before, as_of(day), 24.0, sum(name.startswith("due") for name in ids), (*items,))


@dataclass
class Channels:
    """A chat and a mailbox."""

    hook: Hook
    inbox: Inbox
    state: Path
    all: list[Any] = field(default_factory=list)

    def tell(
        self, day: float, news: News | None = None, *failures: Failure, **named: Any
    ) -> tuple[list[str], list[str]]:
        """Tell, and return what was said over each."""
        self.hook.bodies.clear()
        self.inbox.mails.clear()
        given = {"pages": ["/web/index.html"], "heartbeat": 0, "accounts": ["shop"]} | named
        tell(
            {"shop": news} if news else {}, failures, self.all, state=self.state,
            as_of=as_of(day), **given,
        )  # fmt: skip
        return self.said

    @property
    def said(self) -> tuple[list[str], list[str]]:
        return self.hook.texts, [
            got.get_content().replace("\r\n", "\n") for _, got in self.inbox.mails
        ]


@pytest.fixture
def channels(hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channels]:
    receivers.need("aiosmtpd")
    monkeypatch.setenv("HOOK", hook.url)
    with receivers.mail_server() as inbox:
        mail = Mail(
            kind="mail", host="127.0.0.1", sender=USER, to=["me@x.example"], port=inbox.port,
            encryption="none",
        )  # fmt: skip
        slack = Webhook(kind="slack", url_env="HOOK")
        yield Channels(hook, inbox, tmp_path / ".sellerkit" / "told.json", [slack, mail])


def test_a_chat_gets_the_headline_and_a_mail_the_orders_too(channels: Channels) -> None:
    chat, mails = channels.tell(0, new(0, "missed/1", "due/2", "due/3"), DEAD)
    assert chat == [
        "shop: 1 message to a buyer was not written in time; 2 messages to buyers are due within "
        "24 hours.\nshop: Fetching failed."
    ]
    assert mails == [
        "shop: 1 message to a buyer was not written in time; 2 messages to buyers are due within "
        "24 hours.\n"
        "  - missed/1, order 302-1\n  - due/2, order 302-2\n  - due/3, order 302-3\n"
        "\nWhat failed (the log of the run has the whole sentences):\n  - shop: Fetching failed.\n"
        "\nPages:\n  /web/index.html\n"
        "\nAs of Mon 5 Oct 2026 06:00 UTC. Written by sellerkit.\n"
    ]
    ((_, got),) = channels.inbox.mails
    assert got["Subject"].startswith("sellerkit: shop: 1 message to a buyer was not written")
    assert "302-" not in got["Subject"]
    assert "a buyer's words" not in channels.state.read_text() + chat[0] + mails[0]


def test_each_thing_is_told_once_until_it_is_mended(channels: Channels) -> None:
    assert all(channels.tell(0, new(0, "due/1"), DEAD))
    assert channels.tell(0, new(0, "due/1"), DEAD) == ([], [])
    assert channels.tell(1, new(1, since=0), DEAD) == ([], [])
    # the account was not looked at: nothing is known of it
    assert channels.tell(2, None, accounts=["other"]) == ([], [])
    assert channels.tell(3, new(3, since=2), DEAD) == ([], [])
    assert channels.tell(4, new(4, since=3)) == ([], [])
    chat, _ = channels.tell(5, new(5, since=4), DEAD)
    assert chat == ["shop: Fetching failed."]
    # an account that is in no configuration any more is not dragged on for ever
    chat, _ = channels.tell(60, None, accounts=["other"], heartbeat=7)
    assert "1 thing is not mended yet" in chat[0]
    chat, _ = channels.tell(67, None, accounts=["other"], heartbeat=7)
    assert "not mended" not in chat[0]


def test_what_could_not_be_sent_is_told_by_the_next_run_and_to_nobody_twice(
    channels: Channels,
) -> None:
    channels.hook.answer = (503, b"")
    with pytest.raises(DeliveryError, match=r"slack, HOOK: the message is refused \(HTTP 503\)"):
        channels.tell(0, new(0, "missed/1"), DEAD)
    assert [len(texts) for texts in channels.said] == [0, 1]
    # the findings did not move on, so the news comes again with what is new by now; the failure
    # is over by now, but the chat does not know of it
    channels.hook.answer = (200, b"ok")
    chat, mails = channels.tell(1, new(1, "missed/1", "missed/2"))
    assert chat == ["shop: 2 messages to buyers were not written in time.\nshop: Fetching failed."]
    assert len(mails) == 1
    assert "missed/2" in mails[0] and "missed/1" not in mails[0]
    assert "What failed" in mails[0] and "Telling over slack, HOOK failed." in mails[0]
    assert channels.tell(2, new(2, since=1)) == ([], [])


def test_a_channel_that_stays_mute_is_told_once(channels: Channels) -> None:
    channels.all[0] = Webhook(kind="slack", url_env="NOT_SET")
    said = []
    for day in range(4):
        with pytest.raises(DeliveryError, match="NOT_SET is not set"):
            channels.tell(day, new(day, "missed/1"))
        said += channels.said[1]
    assert len(said) == 2
    assert "missed/1" in said[0]
    assert "Telling over slack, NOT_SET failed." in said[1]
    assert "missed/1" not in said[1]


def test_silence_is_broken_by_a_sign_of_life(channels: Channels) -> None:
    said = {}
    for day in range(16):
        failures = [DEAD] if day >= 9 else []
        chat, _ = channels.tell(day + 0.1 * (day % 2), None, *failures, heartbeat=7)
        said |= dict.fromkeys([day] if chat else [], chat)
        assert channels.tell(day + 0.1 * (day % 2), None, *failures, heartbeat=7) == ([], [])
    assert said == {
        0: ["The first run that tells here; 1 account was looked at, and nothing is new."],
        7: ["Nothing new since 5 Oct 2026 06:00 UTC; 1 account was looked at."],
        9: ["shop: Fetching failed."],
    }
    chat, mails = channels.tell(16, None, DEAD, heartbeat=7)
    assert chat[0].endswith("looked at.\n1 thing is not mended yet.")
    assert "Told before, and not mended yet:\n  - shop: Fetching failed." in mails[0]
    assert channels.inbox.mails[0][1]["Subject"] == (
        "sellerkit: it runs, nothing is new and 1 thing is not mended yet"
    )


def test_a_crash_before_a_message_loses_nothing_and_after_it_repeats_at_most(
    channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*words: object) -> None:
        raise Killed

    monkeypatch.setattr("sellerkit.deliver.tell.post", kill)
    with pytest.raises(Killed):
        channels.tell(0, new(0, "missed/1"), DEAD)
    monkeypatch.undo()
    monkeypatch.setenv("HOOK", channels.hook.url)
    # the next run finds the server back; what failed then waits
    chat, mails = channels.tell(1, new(1, "missed/1"))
    assert chat == ["shop: 1 message to a buyer was not written in time.\nshop: Fetching failed."]
    first = mails

    monkeypatch.setattr(memory.Memory, "sent_all", kill)
    with pytest.raises(Killed):
        channels.tell(2, new(2, "missed/2", since=1))
    assert [len(texts) for texts in channels.said] == [1, 0]
    monkeypatch.undo()
    monkeypatch.setenv("HOOK", channels.hook.url)
    again, mails = channels.tell(2, new(2, "missed/2", since=1))
    assert len(again) == len(mails) == len(first) == 1


def test_a_full_disk_keeps_nobody_from_being_told(
    channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*words: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(memory, "write_whole", full)
        with pytest.raises(DeliveryError, match="told.json: cannot be written: No space left"):
            channels.tell(0, new(0, "missed/1"))
    assert [len(texts) for texts in channels.said] == [1, 1]
    # it does not know: told again rather than not at all
    assert all(channels.tell(1, new(1, "missed/1")))
    assert channels.tell(1, new(1, "missed/1")) == ([], [])


def test_many_accounts_are_one_message(channels: Channels) -> None:
    found = {f"shop {number}": new(0, f"missed/{number}") for number in range(30)}
    failures = [Failure(name, "audit", "", "x", "The audit failed.") for name in found]
    channels.all *= 2
    tell(
        found, failures, channels.all, pages=[], heartbeat=7, state=channels.state,
        as_of=as_of(0), accounts=list(found),
    )  # fmt: skip
    (chat,), (mail,) = channels.said
    assert len(chat.splitlines()) == 42
    assert chat.splitlines()[20] == "and 10 more"
    assert "shop 29: 1 message" in mail
    ((_, got),) = channels.inbox.mails
    assert got["Subject"] == "sellerkit: news of 30 accounts and 30 things failed"


def test_two_that_are_told_alike_are_one_sentence(channels: Channels) -> None:
    disk = [Failure("", "state", what, f"{what}: full", "Not kept.") for what in ("fetched", "run")]
    chat, mail = channels.tell(1, None, *disk)
    assert chat == ["Not kept."] and mail[0].count("Not kept.") == 1
    # each is an incident of its own: one that is mended and comes again is told again
    assert channels.tell(2, None, disk[0]) == ([], [])
    assert channels.tell(3, None, *disk)[0] == ["Not kept."]


def test_a_stopped_run_is_told_once_though_it_is_stopped_again(channels: Channels) -> None:
    stopped = Failure("", "run", "2026-10-05", "stopped", "A run was stopped.", over=True)
    assert channels.tell(0, None, stopped)[0] == ["A run was stopped."]
    before = channels.state.read_text()
    for failures in ((stopped,), (), (stopped,)):
        assert channels.tell(0, None, *failures) == ([], [])
        assert channels.state.read_text() == before
    _, mails = channels.tell(7, None, heartbeat=7)
    assert "not mended" not in mails[0]


def test_state_that_is_none_is_one_sentence(channels: Channels) -> None:
    channels.state.parent.mkdir()
    for text in ("[", "[]", json.dumps({"slack, HOOK": {"what": 1}})):
        channels.state.write_text(text)
        with pytest.raises(InputError, match="told.json: cannot be read .*; where it is removed"):
            channels.tell(0, new(0, "missed/1"))
