"""Which folders of a mailbox are fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from sellerkit.errors import UsageError
from sellerkit.fetch.folders import Folder, chosen, left_out, usual

GMAIL = [
    Folder("INBOX"),
    Folder("[Gmail]/Alle Nachrichten", use="\\All"),
    Folder("[Gmail]/Gesendet", use="\\Sent"),
    Folder("[Gmail]/Spam", use="\\Junk"),
    Folder("Amazon"),
]
OTHER = [
    Folder("INBOX", "."),
    Folder("INBOX.Archiv", ".", "\\Archive"),
    Folder("INBOX.Outbox", ".", "\\Sent"),
    Folder("INBOX.Sent", "."),
    Folder("INBOX.Trash", ".", "\\Trash"),
    Folder("INBOX.Amazon", "."),
]


def names(folders: list[Folder]) -> list[str]:
    return [folder.name for folder in folders]


def test_gmail_has_all_mails_in_one_folder_and_their_labels_tell_the_sent_ones() -> None:
    wanted = usual(GMAIL, labelled=True)
    assert names(wanted) == ["[Gmail]/Alle Nachrichten"] and left_out(GMAIL, wanted) == []
    assert wanted[0].holds_sent


def test_elsewhere_inbox_sent_and_archive() -> None:
    wanted = usual(OTHER, labelled=False)
    assert names(wanted) == ["INBOX", "INBOX.Archiv", "INBOX.Outbox"]
    assert left_out(OTHER, wanted) == ["INBOX.Sent", "INBOX.Amazon"]
    # a folder of all mails without labels could not tell the sent ones
    assert names(usual(GMAIL, labelled=False)) == ["INBOX", "[Gmail]/Gesendet"]


@pytest.mark.parametrize("name", ["Gesendet", "INBOX.Sent Items", "送信済み"])
def test_a_server_that_says_nothing_of_uses_is_known_by_its_names(name: str) -> None:
    folders = [Folder("INBOX", "."), Folder(name, "."), Folder("Other", ".")]
    assert names(usual(folders, labelled=False)) == ["INBOX", name]


def test_chosen_folders() -> None:
    assert names(chosen(OTHER, ["inbox", "INBOX.Amazon", "INBOX"])) == ["INBOX", "INBOX.Amazon"]
    with pytest.raises(UsageError, match=r"--folder Amazon: no such folder; there are INBOX, "):
        chosen(OTHER, ["Amazon"])


def test_a_folder_in_a_folder_is_a_path() -> None:
    assert Folder("INBOX.a/b.c", ".").under(Path("k")) == Path("k/INBOX/a%2Fb/c")
    assert Folder("a.b", "").under(Path("k")) == Path("k/a.b")
    assert Folder("../../etc", "/").under(Path("k")) == Path("k/%2E%2E/%2E%2E/etc")
