"""docs/walk-through.md as a new user follows it, its commands one after the other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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


def shell(script: str, home: Path, given: str = "") -> str:
    folder = home / "shop"
    done = subprocess.run(
        ["/bin/sh", "-c", script], input=given, capture_output=True, text=True, timeout=900,
        cwd=folder if folder.is_dir() else home,
        env={
            "HOME": str(home), "PATH": f"{home / 'commands'}:{os.environ['PATH']}",
            "PYTHONPATH": str(home / "sellerkit"), "TZ": "UTC",
        },
    )  # fmt: skip
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def to_this_machine(config: Path, port: int) -> None:
    """Have mail sent to a stand-in on loopback, which asks for no login; one report will do."""
    text = config.read_text("utf-8")
    here = f'host = "127.0.0.1"\nport = {port}\nencryption = "none"'
    text = text.replace('host = "smtp.example.com"', here)
    text = text.replace('["compliance", "atoz", "due"]', '["compliance"]')
    config.write_text(text.replace('\nuser = "shop@example.com"', ""), "utf-8")


def test_from_nothing_to_a_weekly_mail(home: Path, root: Path) -> None:
    from receivers import mail_server, need

    need("aiosmtpd")
    with mail_server() as inbox:
        follow(home, root, inbox.port)
    pages, told = sorted((mail for _, mail in inbox.mails), key=lambda m: not m.is_multipart())
    assert [to for to, _ in inbox.mails] == [["me@example.com"]] * 2
    names = [part.get_filename() for part in pages.iter_attachments()]
    assert len(names) == 1 and names[0].endswith(".html")
    assert "Nordlicht Outdoor" in told.get_content()
    check_crontab(home / "crontab", home / "shop")


def follow(home: Path, root: Path, port: int) -> None:
    """Do each step of the page."""
    config = home / "shop" / "sellerkit.toml"
    blocks = steps(root)
    for (kind, said), (then, more) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "sh":
            shell(said, home, answers(more) if then == "answers" else "")
        elif kind == "answers":
            to_this_machine(config, port)
        elif kind == "secrets":
            with (config.parent / "secrets.env").open("a") as file:
                file.write(said)
        elif kind == "page":
            assert (config.parent / said.strip()).is_file()
        else:
            raise AssertionError(f"a block of {kind}: nothing is known to be done with it")


def check_crontab(file: Path, shop: Path) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines and all(f"cd {shop} && " in line and "run --config" in line for line in lines)
    if cron := shutil.which("crontab"):
        subprocess.run([cron, "-n", file], check=True, capture_output=True)
