"""A password comes from the environment, the keyring or a person, and is never shown."""

from __future__ import annotations

import sys
import types

import pytest

from sellerkit.errors import UsageError
from sellerkit.fetch.password import login_for, save
from sellerkit.fetch.server import Login, Server

PLACE = Server("imap.x.de", "me")


class Ring(types.ModuleType):
    """A keyring that holds what it is given."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = broken

    def get_password(self, service: str, name: str) -> str | None:
        if self.broken:
            raise RuntimeError("No recommended backend was available.")
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, password: str) -> None:
        self.get_password(service, name)
        self.kept[service, name] = password


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    for name in ("SELLERKIT_IMAP_PASSWORD", "SELLERKIT_IMAP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    ring = Ring()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    return ring


def test_environment_then_keyring_then_a_person(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert login_for(PLACE, lambda text: "typed") == Login("typed")
    save(PLACE, Login("kept"))
    assert ring.kept == {("sellerkit-imap", "me@imap.x.de"): "kept"}
    assert login_for(PLACE, lambda text: "typed") == Login("kept")
    assert login_for(PLACE, lambda text: "typed", anew=True) == Login("typed")
    monkeypatch.setenv("SELLERKIT_IMAP_PASSWORD", "set")
    assert login_for(PLACE, None) == Login("set")
    monkeypatch.setenv("SELLERKIT_IMAP_TOKEN", "ya29")
    assert login_for(PLACE, None) == Login(token="ya29")


@pytest.mark.parametrize("broken", [None, Ring(broken=True)])
def test_without_a_keyring(
    ring: Ring, broken: Ring | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # None there stands for a package that is not installed
    monkeypatch.setitem(sys.modules, "keyring", broken)
    assert login_for(PLACE, lambda text: "typed") == Login("typed")
    with pytest.raises(UsageError, match="--save-password: there is no keyring to save it in"):
        save(PLACE, Login("x"))


def test_nobody_to_ask_is_an_error_that_names_the_ways(ring: Ring) -> None:
    with pytest.raises(
        UsageError, match=r"no password for me@imap\.x\.de: set SELLERKIT_IMAP_PASS"
    ):
        login_for(PLACE, None)
    with pytest.raises(UsageError, match="no password"):
        login_for(PLACE, lambda text: "")


def test_a_password_is_not_printed() -> None:
    assert "hush" not in repr(Login("hush", "hush"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_no_encryption_on_this_machine_only(host: str) -> None:
    assert Server(host, "me", "none").where.endswith(":143")
    for other in ("imap.x.de", "192.168.1.2", "localhost.evil.example", ""):
        with pytest.raises(UsageError, match="is another machine"):
            Server(other, "me", "none")
    with pytest.raises(UsageError, match="there are tls, starttls, none"):
        Server(host, "me", "ssl")
