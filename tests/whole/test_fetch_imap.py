"""Mails from a real mail server: killed, resumed, asked again, and the server left as it was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import dovecot
import pytest
from dovecot import PASSWORD, USERS, Dovecot
from mails import mail, reply

from sellerkit.errors import InputError, UsageError
from sellerkit.fetch import server as connection
from sellerkit.fetch.imap import FetchReport, fetch
from sellerkit.fetch.server import Login, Server
from sellerkit.lake import Lake
from sellerkit.tables import MESSAGES

SHOP, SECOND, THIRD, FOURTH = USERS


def numbered(number: int, body: str = "") -> bytes:
    return mail(body or f"Where is {number}?", **{"Message-ID": f"<q{number}@x>"})


def answer(number: int) -> bytes:
    return reply(f"Parcel {number} is on its way.", **{"Message-ID": f"<a{number}@x>"})


#: Mails that a mailbox file could get wrong.
ODD = [
    numbered(9001).rstrip(b"\n"),
    numbered(9002, "First\rsecond\rFrom there"),
    numbered(9003, "See below\n\nFrom jo@x Mon Jan  6 04:49:45 2020\nSubject: no mail\n\nText"),
    numbered(9004, ">From the start\n\nFrom now on\n>>From x"),
    numbered(9005).replace(b"\n", b"\r\n"),
    b"From jo@x Mon Jan  6 04:49:45 2020\n" + numbered(9006),
    numbered(9007, "x" * 300_000),
    numbered(9008, "zero\0byte"),
]
QUESTIONS = [numbered(n) for n in range(1192)] + ODD
ANSWERS = [answer(n) for n in range(800)]


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    if dovecot.find() is None or shutil.which("openssl") is None:
        if os.environ.get("SELLERKIT_REQUIRE_DOVECOT") == "1":
            pytest.fail("dovecot-imapd and openssl are required here and not installed")
        pytest.skip("dovecot-imapd and openssl are not both installed")
    # a socket's path has room for a hundred letters, and pytest's own folders are deep
    folder = Path(tempfile.mkdtemp(prefix="imap-"))
    running = dovecot.start(folder)
    try:
        running.put(SHOP, QUESTIONS)
        running.put(SHOP, ANSWERS, ".Outbox")
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


def words(server: Dovecot, lake: Path, user: str, *more: object) -> list[str]:
    line = ["fetch", "imap", "localhost", "--user", user, "--port", server.tls_port]
    line += ["--lake", lake, "--account", "A", "--json", *more]
    return [sys.executable, "-m", "sellerkit", *map(str, line)]


def environment(server: Dovecot, **more: str) -> dict[str, str]:
    own = {"SELLERKIT_IMAP_PASSWORD": PASSWORD, "SSL_CERT_FILE": str(server.folder / "cert.pem")}
    return os.environ | own | more


def fetched(server: Dovecot, lake: Path, user: str, *more: object) -> dict:
    line = words(server, lake, user, *more)
    done = subprocess.run(line, capture_output=True, text=True, env=environment(server))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"warnings": done.stderr}


def files(lake: Path) -> list[Path]:
    return sorted(lake.with_name("lake.mail").rglob("*.mbox"))


def kept_uids(place: Path) -> Counter[tuple[str, bytes]]:
    """Count each mail in the files: by its folder and the line that opens it."""
    found: Counter[tuple[str, bytes]] = Counter()
    for file in place.rglob("*.mbox"):
        lines = file.read_bytes().split(b"\n")
        found.update((str(file.parent), line) for line in lines if line.startswith(b"From "))
    return found


def flags_and_names(server: Dovecot, user: str) -> list[str]:
    """Return the names of all mails on the server, of which flags are a part."""
    place = server.maildir(user)
    return sorted(str(f.relative_to(place)) for f in place.rglob("*host*"))


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def resumed(server: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, dict]:
    """The lake of a fetch that was killed five times, its last report, and what was seen before."""
    lake = tmp_path_factory.mktemp("killed") / "lake"
    seen = {"names": flags_and_names(server, SHOP), "files at a kill": []}
    for count in (1, 2, 5, 8):
        process = subprocess.Popen(words(server, lake, SHOP), env=environment(server))
        while len(files(lake)) < count and process.poll() is None:
            time.sleep(0.002)
        kill(process)
        seen["files at a kill"].append(len(files(lake)))
    process = subprocess.Popen(words(server, lake, SHOP), env=environment(server))
    while not lake.exists() and process.poll() is None:
        time.sleep(0.01)
    kill(process)
    return lake, fetched(server, lake, SHOP), seen


def test_a_fetch_killed_at_any_moment_goes_on_and_brings_each_mail_once(resumed: tuple) -> None:
    lake, report, seen = resumed
    # it was killed while mails were coming, more than once
    assert len({count for count in seen["files at a kill"] if count < 10}) >= 2, seen
    folders = {f["folder"]: f for f in report["fetched"]["folders"]}
    assert {name: f["listed"] for name, f in folders.items()} == {"INBOX": 1200, "Outbox": 800}
    assert sum(f["kept"] for f in folders.values()) == 2000
    counts = kept_uids(lake.with_name("lake.mail"))
    assert len(counts) == 2000 and set(counts.values()) == {1}
    messages = Lake.open(lake).read(MESSAGES)
    wanted = [f"q{n}@x" for n in (*range(1192), *range(9001, 9009))]
    wanted += [f"a{n}@x" for n in range(800)]
    assert sorted(messages["message_id"]) == sorted(wanted)
    senders = messages.set_index("message_id")["sender"]
    assert (senders[[f"a{n}@x" for n in range(800)]] == "seller").all()


def test_mails_that_a_mailbox_file_could_get_wrong_come_whole(resumed: tuple) -> None:
    bodies = Lake.open(resumed[0]).read(MESSAGES).set_index("message_id")["body"]
    assert bodies["q9001@x"] == "Where is 9001?"
    assert "From there" in bodies["q9002@x"]
    assert bodies["q9003@x"].endswith("Subject: no mail\n\nText")
    assert bodies["q9004@x"] == "From the start\n\nFrom now on\nFrom x"
    assert bodies["q9007@x"] == "x" * 300_000


def test_the_same_again_brings_nothing_and_changes_no_version(
    server: Dovecot, resumed: tuple
) -> None:
    lake, first, _ = resumed
    before = {file: file.stat().st_mtime_ns for file in files(lake)}
    again = fetched(server, lake, SHOP)
    assert [f["fetched"] for f in again["fetched"]["folders"]] == [0, 0]
    assert again["lake_version"] == first["lake_version"]
    for counts in again["totals"]["tables"].values():
        assert counts["new"] == counts["updated"] == 0
    assert {file: file.stat().st_mtime_ns for file in files(lake)} == before


def test_nothing_on_the_server_was_touched(server: Dovecot, resumed: tuple) -> None:
    assert flags_and_names(server, SHOP) == resumed[2]["names"]
    assert all("/new/" in f"/{name}" for name in resumed[2]["names"])


def login() -> Login:
    return Login(PASSWORD)


def plain(server: Dovecot, user: str, port: int = 0) -> Server:
    return Server("127.0.0.1", user, "none", port or server.port)


def counts(report: FetchReport) -> dict[str, tuple[int, int, int]]:
    assert report.trouble is None
    return {f.folder: (f.listed, f.kept, f.fetched) for f in report.folders}


def test_only_what_is_new_comes_and_days_may_be_asked_for_in_any_order(
    server: Dovecot, tmp_path: Path
) -> None:
    server.put(SECOND, [numbered(n) for n in range(5)])
    (old,) = list(server.maildir(SECOND, "new").glob("*.000002.host"))
    # the third to arrive is the oldest: numbers do not follow days
    day = date(2019, 5, 1)
    os.utime(old, (1_556_700_000,) * 2)
    later = fetch(plain(server, SECOND), login(), tmp_path, since=date(2020, 1, 1))
    assert counts(later)["INBOX"] == (4, 0, 4)
    again = fetch(plain(server, SECOND), login(), tmp_path, since=date(2020, 1, 1))
    assert counts(again)["INBOX"] == (4, 4, 0)
    earlier = fetch(plain(server, SECOND), login(), tmp_path, since=day)
    assert counts(earlier)["INBOX"] == (5, 4, 1)
    server.put(SECOND, [numbered(77)])
    assert counts(fetch(plain(server, SECOND), login(), tmp_path))["INBOX"] == (6, 5, 1)
    assert set(kept_uids(tmp_path).values()) == {1}


def test_folders_numbered_anew_are_fetched_anew_and_known_by_their_message_id(
    server: Dovecot, tmp_path: Path
) -> None:
    server.put(THIRD, [numbered(n) for n in range(5)])
    lake = tmp_path / "lake"
    first = fetched(server, lake, THIRD)
    uidlist = server.maildir(THIRD) / "dovecot-uidlist"
    number = first["fetched"]["folders"][-1]["uidvalidity"]
    text = uidlist.read_text().replace(f"V{number}", f"V{number + 1000}")
    for file in server.maildir(THIRD).glob("dovecot.index*"):
        file.unlink()
    uidlist.write_text(text)
    again = fetched(server, lake, THIRD)
    assert [f["uidvalidity"] for f in again["fetched"]["folders"]][-1] == number + 1000
    assert "numbered its mails anew" in again["warnings"]
    assert again["totals"]["tables"]["messages"]["new"] == 0
    assert again["lake_version"] == first["lake_version"]
    assert len(Lake.open(lake).read(MESSAGES)) == 5


@contextmanager
def cut_line(server: Dovecot, after: int) -> Iterator[int]:
    """Give the port of a line to the server that breaks after so many bytes of its answers."""

    def pump(source: socket.socket, target: socket.socket, left: int) -> None:
        with suppress(OSError):
            while left > 0 and (data := source.recv(min(65536, left))):
                target.sendall(data)
                left -= len(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(("127.0.0.1", server.port)) as far,
    ):

        def serve() -> None:
            near, _ = listening.accept()
            with near:
                up = threading.Thread(target=pump, args=(near, far, 10**9))
                up.start()
                pump(far, near, after)
                up.join()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    "after", [150_000, *(pytest.param(n, marks=pytest.mark.slow) for n in (20_000, 400_000))]
)
def test_a_lost_line_keeps_what_came(server: Dovecot, tmp_path: Path, after: int) -> None:
    with cut_line(server, after) as port:
        report = fetch(plain(server, SHOP, port), login(), tmp_path)
    assert isinstance(report.trouble, InputError)
    assert "the connection was lost" in str(report.trouble)
    came = sum(folder.fetched for folder in report.folders)
    assert came == sum(kept_uids(tmp_path).values()) < 2000
    rest = fetch(plain(server, SHOP), login(), tmp_path)
    assert came + sum(folder.fetched for folder in rest.folders) == 2000
    assert set(kept_uids(tmp_path).values()) == {1}


def test_after_a_lost_line_what_came_is_in_the_lake(server: Dovecot, tmp_path: Path) -> None:
    with cut_line(server, 200_000) as port:
        line = words(server, tmp_path / "lake", SHOP, "--encryption", "none", "--port", port)
        done = subprocess.run(line, capture_output=True, text=True, env=environment(server))
    assert done.returncode == 3
    assert "run the same again" in done.stderr and done.stderr.count("\n") == 1
    came = json.loads(done.stdout)
    assert 0 < len(Lake.open(tmp_path / "lake").read(MESSAGES)) < 2000
    assert came["totals"]["tables"]["messages"]["new"] == len(kept_uids(tmp_path / "lake.mail"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as own:
        return own.getsockname()[1]


def test_what_goes_wrong_is_one_sentence(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = Server("localhost", SHOP, "tls", server.tls_port)
    cases = {
        "refuses the login of shop@seller.example": (plain(server, SHOP), Login("wrong")),
        "no such server": (Server("mail.invalid", SHOP), login()),
        "nothing listens": (plain(server, SHOP, free_port()), login()),
        "certificate cannot be trusted": (tls, login()),
        "no tls is spoken": (Server("localhost", SHOP, "tls", server.port), login()),
    }
    for sentence, (place, key) in cases.items():
        with pytest.raises(InputError, match=sentence):
            fetch(place, key, tmp_path)
    # the right authority, the wrong name
    monkeypatch.setenv("SSL_CERT_FILE", str(server.folder / "cert.pem"))
    with pytest.raises(InputError, match="certificate cannot be trusted"):
        fetch(Server("127.0.0.1", SHOP, "tls", server.tls_port), login(), tmp_path)
    with pytest.raises(UsageError, match="no such folder; there are Outbox, INBOX"):
        fetch(tls, login(), tmp_path, names=["Sent"])
    assert not list(tmp_path.rglob("*.mbox"))


def test_a_server_that_says_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = Server("127.0.0.1", SHOP, "none", silent.getsockname()[1])
        with pytest.raises(InputError, match="no answer within"):
            fetch(mute, login(), tmp_path)


def test_starttls_and_chosen_folders(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(FOURTH, [numbered(1)])
    server.put(FOURTH, [answer(1)], ".Entw&APw-rfe.B/&AOQ-".replace("/", ""))
    monkeypatch.setenv("SSL_CERT_FILE", str(server.folder / "cert.pem"))
    place = Server("localhost", FOURTH, "starttls", server.port)
    report = fetch(place, login(), tmp_path, names=["inbox", "Entwürfe.Bä"])
    assert counts(report) == {"INBOX": (1, 0, 1), "Entwürfe.Bä": (1, 0, 1)}
    assert list((report.place / "Entwürfe" / "Bä").rglob("1-1.mbox"))
    usual = fetch(place, login(), tmp_path)
    assert usual.left_out == ["Entwürfe.Bä"]


def test_two_fetches_of_one_mailbox_do_not_meet(server: Dovecot, tmp_path: Path) -> None:
    def second(*_: object) -> None:
        with pytest.raises(InputError, match="another fetch of this mailbox is running"):
            fetch(plain(server, SECOND), login(), tmp_path)

    assert fetch(plain(server, SECOND), login(), tmp_path, on_mails=second).trouble is None


def test_the_folders_are_shown(server: Dovecot) -> None:
    line = [sys.executable, "-m", "sellerkit", "fetch", "imap", "localhost", "--user", SHOP]
    line += ["--port", str(server.port), "--encryption", "none", "--list-folders"]
    done = subprocess.run(line, capture_output=True, text=True, env=environment(server))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == ["INBOX", "Outbox  \\Sent"]
