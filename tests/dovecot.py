"""A mail server of one's own for a test: Debian's Dovecot on loopback, its files in one folder."""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

USERS, PASSWORD = ("shop@seller.example", "second", "third", "fourth"), "schlüssel und ö"

#: Dovecot refuses to read mails as root; any other user will do.
_NOBODY = 65534

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {login_user}
default_internal_group = {login_group}
default_login_user = {login_user}
first_valid_uid = 1
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = .
  mailbox Outbox {{
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server; each user's mails are a Maildir, ``.Outbox`` in it is Outbox."""

    folder: Path
    port: int
    tls_port: int
    process: subprocess.Popen[bytes]

    def maildir(self, user: str, folder: str = "") -> Path:
        """Return where a folder's mails are."""
        return self.folder / "mail" / user / folder

    def put(self, user: str, mails: Iterable[bytes], folder: str = "") -> None:
        """Deliver mails, none of them seen."""
        place = self.maildir(user, folder)
        for name in ("cur", "new", "tmp"):
            (place / name).mkdir(parents=True, exist_ok=True)
        first = sum(1 for each in ("cur", "new") for _ in (place / each).iterdir())
        for number, raw in enumerate(mails, first):
            # names in the order of delivery: Dovecot numbers what it finds by its name
            file = place / "new" / f"{1_600_000_000 + number}.{number:06}.host"
            file.write_bytes(raw)
            os.utime(file, (1_600_000_000 + number * 60,) * 2)
        if os.geteuid() == 0:
            subprocess.run(
                ["chown", "-R", f"{_NOBODY}:{_NOBODY}", self.folder / "mail"], check=True
            )

    def stop(self) -> None:
        """Stop the server and all that it started."""
        self.process.terminate()
        self.process.wait(60)


def start(folder: Path) -> Dovecot:
    """Start a server whose files are in a folder; its path must be short (sockets are there)."""
    for name in ("run", "mail"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "users").write_text("".join(f"{u}:{PASSWORD}\n" for u in USERS), "utf-8")
    _make_certificate(folder)
    port, tls_port = _free_port(), _free_port()
    is_root = os.geteuid() == 0
    config = _CONFIG.format(
        folder=folder,
        port=port,
        tls_port=tls_port,
        login_user="nobody" if is_root else getpass.getuser(),
        login_group="nogroup" if is_root else grp.getgrgid(os.getgid()).gr_name,
        uid=_NOBODY if is_root else os.getuid(),
        gid=_NOBODY if is_root else os.getgid(),
    )
    (folder / "dovecot.conf").write_text(config)
    binary = find()
    assert binary
    process = subprocess.Popen([binary, "-F", "-c", folder / "dovecot.conf"])
    server = Dovecot(folder, port, tls_port, process)
    _wait(server)
    return server


def find() -> str | None:
    """Return where Dovecot is; nothing where it is not installed."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _make_certificate(folder: Path) -> None:
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        str(folder / "key.pem"),
    ]
    subprocess.run([*words, "-out", str(folder / "cert.pem")], check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


def _wait(server: Dovecot) -> None:
    for _ in range(400):
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1) as line:
                assert line.recv(100).startswith(b"* OK")
                return
        except (OSError, AssertionError):
            time.sleep(0.05)
    server.process.terminate()
    log = (server.folder / "log").read_text("utf-8") if (server.folder / "log").exists() else ""
    raise RuntimeError(f"dovecot does not start: {log[-2000:]}")
