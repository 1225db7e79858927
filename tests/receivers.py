"""Who is told, on loopback: a mail server with TLS, a webhook; what is missing skips a test."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "shop@seller.example", "schlüssel, canary-4711"


def need(*modules: str) -> None:
    """Skip where a server is missing; fail where it is required."""
    missing = [name for name in modules if find_spec(name) is None]
    if shutil.which("openssl") is None:
        missing.append("openssl")
    if missing and os.environ.get("SELLERKIT_REQUIRE_SERVERS") == "1":
        pytest.fail(f"required here and not installed: {missing}")
    if missing:
        pytest.skip(f"not installed: {missing}")


def certificate(folder: Path) -> Path:
    """Make a certificate of localhost that vouches for itself, and its key."""
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext"
    line = [*words.split(), "subjectAltName=DNS:localhost"]
    line += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(line, check=True, capture_output=True)
    return folder / "cert.pem"


@dataclass
class Inbox:
    """What a mail server got: mails with their recipients; it refuses who is called gone@…"""

    port: int = 0
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    login: bool = False
    got: Callable[[EmailMessage], None] = lambda mail: None

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.login and not session.authenticated:
            return "530 log in first"
        if address.startswith("gone@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=default)
        self.mails.append((list(envelope.rcpt_tos), mail))
        if mail["Subject"].startswith("refused"):
            return "554 this is no mail"
        self.got(mail)
        return "250 OK"


@contextmanager
def mail_server(folder: Path | None = None, *, tls: str = "none", **more: Any) -> Iterator[Inbox]:
    """Run a mail server: ``tls`` from the first byte, ``starttls``, or ``none`` and no login."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    inbox = Inbox(login=tls != "none")
    named: dict[str, Any] = {"hostname": "127.0.0.1", "port": free_port(), **more}
    if tls != "none":
        assert folder is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        named |= {"authenticator": check}
        if tls == "starttls":
            named |= {"tls_context": context, "require_starttls": True}
        else:
            named |= {"ssl_context": context, "server_hostname": "localhost"}
            named |= {"auth_require_tls": False}
    running = Controller(inbox, **named)
    running.start()
    inbox.port = running.port
    try:
        yield inbox
    finally:
        running.stop(no_assert=True)


@dataclass
class Hook:
    """A webhook: what it got, and what it answers next."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    answer: tuple[int, bytes] = (200, b"ok")
    got: Callable[[dict[str, Any]], None] = lambda body: None

    @property
    def texts(self) -> list[str]:
        """The texts, as Slack gets them."""
        return [body["text"] for body in self.bodies]


@contextmanager
def webhook(path: str = "/services/canary-4711") -> Iterator[Hook]:
    """Run a webhook."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            code, said = hook.answer
            if code == 200:
                hook.bodies.append(body)
                hook.got(body)
            self.send_response(code)
            if 300 <= code < 400:
                self.send_header("Location", said.decode())
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            with suppress(OSError):  # who asked may have been killed
                self.wfile.write(said)

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    hook.url = f"http://127.0.0.1:{server.server_port}{path}"
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])
