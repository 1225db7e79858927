"""Amazon's stand-in, and a wall around loopback."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from amazon_stand_in import CREDENTIALS, StandIn

from sellerkit.fetch.amazon import Fetched, Wanted, fetch_amazon
from sellerkit.fetch.clock import Clock

NOW = dt.datetime(2026, 3, 31, 12, 3, 30, tzinfo=dt.UTC)


class Time:
    """A clock that stands still but for those who wait by it."""

    def __init__(self) -> None:
        self.at = NOW
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += dt.timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Refuse every connection that leaves this machine, and tell which there were."""
    beyond: list[object] = []
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else address
        if host not in ("127.0.0.1", "::1"):
            beyond.append(address)
            raise ConnectionRefusedError(f"{address}: beyond loopback")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return beyond


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Good credentials in the environment, and none of this machine's own."""
    from sp_api.auth import access_token_client

    access_token_client.cache.clear()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("SP_API_AWS_SECRET_ID", raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def amazon() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def time() -> Time:
    return Time()


class Fetch:
    """A fetch against the stand-in, into one lake and one folder."""

    def __init__(self, amazon: StandIn, time: Time, folder: Path) -> None:
        self.amazon, self.time = amazon, time
        self.lake, self.keep = folder / "lake", folder / "keep"

    def connect(self, account: str, stores: list[str], clock: Clock) -> object:
        from sellerkit.fetch.connection import Connection

        place = self.amazon.address
        return Connection(account, stores, clock, api=place, tokens=place)

    def __call__(self, *reports: str, stores: tuple[str, ...] = ("DE",), **window: str) -> Fetched:
        wanted = Wanted("My shop", stores, reports, **window)
        return fetch_amazon(
            wanted, self.lake, self.keep, clock=self.time.clock, connect=self.connect
        )

    @property
    def folder(self) -> Path:
        return self.keep / "My-shop"


@pytest.fixture
def fetch(amazon: StandIn, time: Time, tmp_path: Path) -> Fetch:
    return Fetch(amazon, time, tmp_path)
