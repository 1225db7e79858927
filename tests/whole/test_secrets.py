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
from mails import mail

from sellerkit.fetch.kept import Fetched, Kept
from sellerkit.fetch.server import Login, said

CANARY = 'zor"vek\\qualim 7'
SECRETS = ("SELLERKIT_IMAP_PASSWORD", "SP_API_REFRESH_TOKEN", "LWA_CLIENT_SECRET", "OWN_SECRET")


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
    for name in SECRETS:
        monkeypatch.setenv(name, CANARY)
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


def test_a_run_keeps_no_secret_and_what_it_keeps_is_its_owner_s(
    echo: int, run: Any, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.eml").write_bytes(mail())
    (tmp_path / "lake").mkdir(mode=0o755)  # somebody made it, and lets others look in
    config = tmp_path / "sellerkit.toml"
    config.write_text(
        '[[account]]\nname = "A"\nmarketplace = "DE"\nfiles = ["in"]\n[[account.fetch]]\n'
        f'kind = "imap"\nhost = "127.0.0.1"\nport = {echo}\nencryption = "none"\nuser = "me"\n'
        'password_env = "OWN_SECRET"\n[reports]\nnames = ["due"]\n'
    )
    words = ("--config", config, "--as-of", "2020-02-01T00:00:00Z", "--log", tmp_path / "run.log")
    before = os.umask(0o022)
    try:
        done = run("run", *words, "--json")
        asked = run("--debug", "doctor", "--config", config, "--json")
    finally:
        os.umask(before)
    assert done.code == 4 and "refuses the login" in (tmp_path / "run.log").read_text("utf-8")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 15 and any(path.suffix == ".html" for path in kept)
    texts = [done.out, done.err, asked.out, asked.err]
    texts += [path.read_bytes().decode("latin-1") for path in kept]
    assert not any(map(shows, texts))
    assert not [path for path in kept if others_may_read(path, tmp_path) and not is_open(path)]


def is_open(path: Path) -> bool:
    """Tell what holds nothing of buyers: pages to send, the list of runs, and the input itself."""
    return path.suffix in (".html", ".toml", ".eml") or path.name.endswith(".run.json")


def others_may_read(path: Path, root: Path) -> bool:
    """Tell whether a file, and each folder on the way to it, can be read by others."""
    way = [path, *path.parents[: len(path.relative_to(root).parts) - 1]]
    return all(stat.S_IMODE(each.stat().st_mode) & 0o077 for each in way)


def test_fetched_mails_are_their_owner_s_and_so_are_the_folders_above(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        Kept(tmp_path / "keep" / "me@x", 1).write([Fetched(1, mail())])
    finally:
        os.umask(before)
    made = list(tmp_path.rglob("*"))
    assert len(made) == 4 and not [p for p in made if stat.S_IMODE(p.stat().st_mode) & 0o077]
