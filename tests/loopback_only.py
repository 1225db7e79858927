"""A wall around this machine: whoever looks up or connects to another is refused, and noted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

HERE = ("127.0.0.1", "::1", "localhost", None)


def build_wall(beyond: list[object], put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Refuse what lies beyond loopback. `put` sets an attribute, as monkeypatch.setattr does."""
    real_connect, real_lookup = socket.socket.connect, socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in HERE:
            beyond.append(address[0])
            raise ConnectionRefusedError(f"{address[0]} lies beyond loopback")
        real_connect(self, address)

    def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in HERE:
            beyond.append(host)
            raise socket.gaierror(f"{host} lies beyond loopback")
        return real_lookup(host, *args, **kwargs)

    put(socket.socket, "connect", connect)
    put(socket, "getaddrinfo", lookup)
