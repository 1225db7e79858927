"""Servers on loopback, and findings as an audit leaves them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import receivers
from receivers import Hook, Inbox


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    receivers.need("aiosmtpd")
    folder = tmp_path_factory.mktemp("certificate")
    receivers.certificate(folder)
    return folder


@pytest.fixture(scope="session", params=["tls", "starttls"])
def encrypted(request: pytest.FixtureRequest, certified: Path) -> Iterator[tuple[str, Inbox]]:
    with receivers.mail_server(certified, tls=request.param) as inbox:
        yield request.param, inbox


@pytest.fixture
def hook() -> Iterator[Hook]:
    with receivers.webhook() as hook:
        yield hook


@pytest.fixture
def chain() -> Callable[[BaseException], str]:
    """Return all that an error and its causes say, as a traceback would print it."""

    def said(error: BaseException) -> str:
        parts = []
        seen: BaseException | None = error
        while seen is not None:
            parts.append(f"{seen!r} {seen}")
            seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        return "\n".join(parts)

    return said
