"""A password is nowhere but where it was put, and what holds buyers' data is its owner's alone."""

from __future__ import annotations

import os
import socketserver
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mails import mail, mbox

from sellerkit.cli.run import _appended
from sellerkit.fetch.kept import Fetched, Kept
from sellerkit.fetch.server import Login, said

CANARY = 'zor"vek\\qualim 7'


class _Echo(socketserver.StreamRequestHandler):
    """A mail server that answers a login with what it was sent."""

    def handle(self) -> None:
        self.wfile.write(b"* OK hello\r\n")
        for line in self.rfile:
            tag, _, rest = line.strip().partition(b" ")
            if rest.upper() == b"CAPABILITY":
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n%b OK done\r\n" % tag)
            elif rest.upper().startswith(b"LOGIN"):
                self.wfile.write(b"%b NO not this: %b\r\n" % (tag, rest))
            else:
                self.wfile.write(b"* BYE bye\r\n%b OK done\r\n" % tag)


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("SELLERKIT_IMAP_PASSWORD", CANARY)
    monkeypatch.delenv("SELLERKIT_IMAP_TOKEN", raising=False)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def shows(text: str) -> bool:
    """Tell whether a text has the secret in it, in whichever way it is quoted."""
    return any(word in text for word in (CANARY, "qualim"))


def test_a_server_that_says_the_password_again_is_not_quoted(
    echo: int, run: Any, tmp_path: Path
) -> None:
    to = ("127.0.0.1", "--encryption", "none", "--port", echo, "--user", "me")
    done = run("--debug", "fetch", "imap", *to, "--lake", tmp_path / "lake", "--account", "A")
    assert done.code == 3 and "refuses the login of me" in done.err and "Traceback" in done.err
    assert "not this: LOGIN" in done.err and not shows(done.err + done.out)


def test_words_are_cut_after_the_secret_was_taken_out() -> None:
    long = ValueError("x" * 190 + " " + CANARY)
    assert not shows(said(long, Login(CANARY))) and "zor" not in said(long, Login(CANARY))
    assert "t0k" not in said(ValueError("a t0ken b"), Login(token="t0ken"))


def test_a_lake_in_anybody_s_folder_is_its_owner_s_and_so_is_a_log(
    run: Any, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "all.mbox").write_bytes(mbox(mail(), mail(Date=None)))
    (tmp_path / "lake").mkdir(mode=0o755)  # somebody made it, and lets others look in
    before = os.umask(0o022)
    try:
        done = run("ingest", tmp_path / "in", "--lake", tmp_path / "lake", "--account", "A")
        with _appended(tmp_path / "lake" / "run.log") as log:
            log.write("what a file said\n")
    finally:
        os.umask(before)
    assert done.code == 0, done.err
    made = list((tmp_path / "lake").rglob("*"))
    assert {"messages", "mails", "quarantine", "ingests"} <= {path.name for path in made}
    assert not [path for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_fetched_mails_are_their_owner_s_and_so_are_the_folders_above(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        Kept(tmp_path / "keep" / "me@x", 1).write([Fetched(1, mail())])
    finally:
        os.umask(before)
    made = list(tmp_path.rglob("*"))
    assert len(made) == 4 and not [p for p in made if stat.S_IMODE(p.stat().st_mode) & 0o077]
