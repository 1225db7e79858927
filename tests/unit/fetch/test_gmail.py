"""Gmail's ways, shown by a stand-in that answers as Gmail does: nothing here reaches Gmail."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from mails import CONTEXT, mail, reply

from sellerkit.errors import InputError
from sellerkit.fetch import imap
from sellerkit.fetch.imap import fetch
from sellerkit.fetch.server import Login, Server
from sellerkit.read.files import sources
from sellerkit.read.mail import MBOX

QUESTION = mail().replace(b"\n", b"\r\n")
#: To a buyer whose name alone the program kept: only the label tells that it was sent.
ANSWER = reply(To="Jo", Subject="Re: 302-0000001-0000001").replace(b"\n", b"\r\n")


def _mail(number: int, labels: bytes, raw: bytes) -> bytes:
    day = b'INTERNALDATE "06-Jan-2020 12:00:00 +0000"'
    head = b"* %d FETCH (X-GM-LABELS (%b) UID %d %b BODY[] {%d}\r\n"
    return head % (number, labels, number + 10, day, len(raw)) + raw + b")\r\n"


ANSWERS = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n",
    b"LIST": b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n* LIST (\\All) "/" "[Gmail]/All Mail"\r\n'
    b'* LIST (\\Noselect) "/" "[Gmail]"\r\n* LIST (\\Sent) "/" "[Gmail]/Sent Mail"\r\n',
    b"EXAMINE": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 5] valid\r\n",
    b"UID SEARCH": b"* SEARCH 12 11\r\n",
    b"UID FETCH 11,12 (UID RFC822.SIZE)": b"* 1 FETCH (UID 11 RFC822.SIZE 9)\r\n",
    b"UID FETCH 11,12 (UID INTERNALDATE X-GM-LABELS BODY.PEEK[])": _mail(1, b"\\Inbox", QUESTION)
    + b"* 2 FETCH (FLAGS (\\Seen))\r\n"
    + _mail(2, b'"\\\\Sent"', ANSWER),
}


class Gmail(socketserver.StreamRequestHandler):
    """Answers each command with what is written down for it."""

    said: dict[bytes, bytes]
    refused: tuple[bytes, ...] = ()

    def handle(self) -> None:
        self.wfile.write(b"* OK Gimap ready\r\n")
        for line in self.rfile:
            tag, _, command = line.strip().partition(b" ")
            if command == b"AUTHENTICATE XOAUTH2":
                self.wfile.write(b"+ \r\n")
                self.said[b"token"] = base64.b64decode(self.rfile.readline())
            text = next((a for c, a in self.said.items() if command.startswith(c)), b"")
            refused = any(words in command for words in self.refused)
            self.said[b"refusals"] = self.said.get(b"refusals", b"") + b"x" * refused
            end = b" NO not for you\r\n" if refused else b" OK done\r\n"
            self.wfile.write(text + tag + end)


@pytest.fixture
def gmail() -> Iterator[tuple[Server, type[Gmail]]]:
    own = type("Own", (Gmail,), {"said": dict(ANSWERS)})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), own) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Server("127.0.0.1", "me@gmail.com", "none", server.server_address[1]), own
        server.shutdown()
        thread.join()


def test_all_mail_alone_is_fetched_and_labels_tell_what_was_sent(
    gmail: tuple, tmp_path: Path
) -> None:
    report = fetch(gmail[0], Login("x"), tmp_path)
    (folder,) = report.folders
    assert (folder.folder, folder.listed, folder.fetched) == ("[Gmail]/All Mail", 2, 2)
    assert not report.warnings and report.trouble is None
    (source,) = sources([tmp_path])
    rows = MBOX.parse(source, CONTEXT).tables["messages"]
    assert [row["sender"] for row in rows] == ["buyer", "seller"]


def test_a_token_instead_of_a_password(gmail: tuple, tmp_path: Path) -> None:
    place, own = gmail
    assert fetch(place, Login(token="ya29.x"), tmp_path).trouble is None
    assert own.said[b"token"] == b"user=me@gmail.com\1auth=Bearer ya29.x\1\1"


def test_a_mail_that_is_listed_and_not_given_is_counted_and_asked_for_again(
    gmail: tuple, tmp_path: Path
) -> None:
    place, own = gmail
    own.said[b"UID SEARCH"] = b"* SEARCH 11 12 13\r\n"
    own.said[b"UID FETCH 11,12,13 (UID INTERNAL"] = _mail(1, b"", QUESTION)
    report = fetch(place, Login("x"), tmp_path)
    (folder,) = report.folders
    assert (folder.listed, folder.kept, folder.fetched, folder.missing) == (3, 0, 1, 2)
    assert report.warnings and "2 mails stand in the server's list" in report.warnings[0]
    own.said[b"UID FETCH 12,13 (UID INTERNAL"] = _mail(2, b"", ANSWER)
    (folder,) = fetch(place, Login("x"), tmp_path).folders
    assert (folder.listed, folder.kept, folder.fetched, folder.missing) == (3, 1, 1, 1)


def test_large_mails_come_in_files_of_their_own(
    gmail: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "BATCH_BYTES", 100)
    place, own = gmail
    sizes = b"* 1 FETCH (UID 11 RFC822.SIZE 60)\r\n* 2 FETCH (UID 12 RFC822.SIZE 41)\r\n"
    own.said[b"UID FETCH 11,12 (UID RFC822.SIZE)"] = sizes
    own.said[b"UID FETCH 11 (UID INTERNAL"] = _mail(1, b"", QUESTION)
    own.said[b"UID FETCH 12 (UID INTERNAL"] = _mail(2, b"", ANSWER)
    assert fetch(place, Login("x"), tmp_path).folders[0].fetched == 2
    assert sorted(file.name for file in tmp_path.rglob("*.mbox")) == ["11-11.mbox", "12-12.mbox"]


def test_a_broken_mail_does_not_keep_back_the_others(gmail: tuple, tmp_path: Path) -> None:
    place, own = gmail
    own.refused = (b"UID FETCH 11,12 (UID INTERNAL", b"UID FETCH 11 (UID INTERNAL")
    own.said[b"UID FETCH 12 (UID INTERNAL"] = _mail(2, b"", ANSWER)
    report = fetch(place, Login("x"), tmp_path)
    assert report.trouble is None
    assert (report.folders[0].fetched, report.folders[0].missing) == (1, 1)


def test_a_server_that_gives_nothing_is_not_asked_for_every_mail(
    gmail: tuple, tmp_path: Path
) -> None:
    place, own = gmail
    own.said[b"UID SEARCH"] = b"* SEARCH %b\r\n" % b" ".join(b"%d" % n for n in range(1, 60))
    own.refused = (b"INTERNALDATE",)
    report = fetch(place, Login("x"), tmp_path)
    assert len(own.said[b"refusals"]) == 1 + 10
    assert "the server refused a command (not for you)" in str(report.trouble)


def test_a_folder_that_does_not_open_is_named(gmail: tuple, tmp_path: Path) -> None:
    place, own = gmail
    own.refused = (b"EXAMINE",)
    trouble = fetch(place, Login("x"), tmp_path).trouble
    assert str(trouble) == "[Gmail]/All Mail: the server does not open it (not for you)"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (b"EXAMINE", b"* 2 EXISTS\r\n"),
        (b"EXAMINE", b"* OK [UIDVALIDITY x] valid\r\n"),
        (b"UID SEARCH", b"* SEARCH x y\r\n"),
        (b"UID SEARCH", b"nonsense\r\n"),
    ],
)
def test_a_server_that_talks_nonsense_is_one_sentence(
    gmail: tuple, tmp_path: Path, command: bytes, said: bytes
) -> None:
    place, own = gmail
    own.said[command] = said
    assert isinstance(fetch(place, Login("x"), tmp_path).trouble, InputError)
