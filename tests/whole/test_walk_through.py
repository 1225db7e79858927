"""docs/walk-through.md as a new user follows it, its commands one after the other."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import receivers
from receivers import PASSWORD, USER

#: A fenced block: its language, and what stands in it.
BLOCK = re.compile(r"^```(\S+)( install)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)

CRONTAB = """#!/bin/sh
case "$1" in -l) cat "$HOME/crontab" 2>/dev/null;; -) cat > "$HOME/crontab";; esac
"""


@pytest.fixture
def home(tmp_path: Path, root: Path) -> Path:
    """A user's home with a checkout, sellerkit on the path, and a crontab of its own."""
    (tmp_path / "sellerkit").symlink_to(root, target_is_directory=True)
    commands = tmp_path / "commands"
    commands.mkdir()
    program = f'#!/bin/sh\nexec "{sys.executable}" -m sellerkit "$@"\n'
    for name, text in {"sellerkit": program, "crontab": CRONTAB}.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    return tmp_path


def steps(root: Path) -> list[tuple[str, str]]:
    text = (root / "docs" / "walk-through.md").read_text("utf-8")
    return [(kind, said) for kind, install, said in BLOCK.findall(text) if not install]


def answers(said: str) -> str:
    return "".join(f"{line.partition(':')[2].strip()}\n" for line in said.splitlines())


#: Part of both secrets, and the password as it goes over the wire.
CANARIES = [
    b"canary-4711",
    *map(base64.b64encode, (PASSWORD.encode(), f"\0{USER}\0{PASSWORD}".encode())),
]

#: A keyring that has one password.
KEYRING = f"""
def get_password(service, entry):
    return {PASSWORD!r} if (service, entry) == ("sellerkit-smtp", "{USER}@localhost") else None
"""


def told(data: bytes) -> bool:
    return any(canary in data for canary in CANARIES)


def shell(script: str, home: Path, given: str = "") -> str:
    folder = home / "shop"
    done = subprocess.run(
        ["/bin/sh", "-c", script], input=given, capture_output=True, text=True, timeout=900,
        cwd=folder if folder.is_dir() else home,
        env={
            "HOME": str(home), "PATH": f"{home / 'commands'}:{os.environ['PATH']}",
            "PYTHONPATH": f"{home / 'sellerkit'}:{home / 'keyring'}", "TZ": "UTC",
            "SSL_CERT_FILE": str(home / "cert.pem"),
        },
    )  # fmt: skip
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    assert not told(f"{done.stdout}{done.stderr}".encode())
    return done.stdout


@contextmanager
def command_lines() -> Iterator[set[bytes]]:
    """Collect what anybody on the machine may read of a process: the words it was started with."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    seen.add((process / "cmdline").read_bytes())
                except OSError:  # it is over
                    continue

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def to_this_machine(config: Path, port: int) -> None:
    """Have mail sent to a stand-in on loopback, and a chat told too; one report will do.

    One password is in the environment, the other, for telling, is in the keyring.
    """
    text = config.read_text("utf-8")
    text = text.replace('host = "smtp.example.com"', f'host = "localhost"\nport = {port}')
    text = text.replace('["compliance", "atoz", "due"]', '["compliance"]')
    text = text.replace('\nuser = "shop@example.com"', f'\nuser = "{USER}"')
    before, tell, after = text.partition("\n[[tell]]\n")
    chat = '\n[[tell]]\nkind = "slack"\nurl_env = "HOOK"\n'
    kept = after.replace('"SELLERKIT_SMTP_PASSWORD"', '"NOT_SET"', 1)
    assert tell and kept != after
    config.write_text(f"{before}{chat}{tell}{kept}", "utf-8")


def test_from_nothing_to_a_weekly_mail(home: Path, root: Path) -> None:
    receivers.need("aiosmtpd")
    receivers.certificate(home)
    (home / "keyring").mkdir()
    (home / "keyring" / "keyring.py").write_text(KEYRING, "utf-8")
    with (
        receivers.mail_server(home, tls="starttls") as inbox,
        receivers.webhook() as hook,
        command_lines() as started,
    ):
        follow(home, root, inbox.port, hook.url)
    pages, news = sorted((mail for _, mail in inbox.mails), key=lambda m: not m.is_multipart())
    assert [to for to, _ in inbox.mails] == [["me@example.com"]] * 2
    names = [part.get_filename() for part in pages.iter_attachments()]
    assert len(names) == 1 and names[0].endswith(".html")
    assert "Nordlicht Outdoor" in news.get_content()
    [chat] = hook.texts
    assert chat.startswith("Nordlicht Outdoor: ")
    check_crontab(home / "crontab", home / "shop")
    check_secrets(home / "shop", [pages.as_bytes(), news.as_bytes()], started)


def follow(home: Path, root: Path, port: int, hook: str) -> None:
    """Do each step of the page."""
    config = home / "shop" / "sellerkit.toml"
    blocks = steps(root)
    for (kind, said), (then, more) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "sh":
            shell(said, home, answers(more) if then == "answers" else "")
        elif kind == "answers":
            to_this_machine(config, port)
        elif kind == "secrets":
            assert "the password" in said
            with (config.parent / "secrets.env").open("a", encoding="utf-8") as file:
                file.write(f"{said.replace('the password', PASSWORD)}HOOK='{hook}'\n")
        elif kind == "page":
            assert (config.parent / said.strip()).is_file()
        else:
            raise AssertionError(f"a block of {kind}: nothing is known to be done with it")


def check_secrets(shop: Path, sent: list[bytes], started: set[bytes]) -> None:
    """Check that the secrets are where they were put, and in no page, log, notebook or command."""
    files = [path for path in shop.rglob("*") if path.is_file()]
    assert {path.name for path in files if told(path.read_bytes())} == {"secrets.env"}
    assert {"told.json", "sellerkit.toml", "index.html"} <= {path.name for path in files}
    assert not any(map(told, sent))
    assert any(b"sellerkit" in words and b"run" in words for words in started)
    assert not any(map(told, started))


def check_crontab(file: Path, shop: Path) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines and all(f"cd {shop} && " in line and "run --config" in line for line in lines)
    if cron := shutil.which("crontab"):
        subprocess.run([cron, "-n", file], check=True, capture_output=True)
