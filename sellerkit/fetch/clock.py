"""Time, as whoever fetches sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Clock:
    """The present moment, and how to wait: in tests neither is the machine's."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
