"""What Amazon answers when it does not answer."""

from __future__ import annotations

import math

from sellerkit.errors import InputError

#: An answer that makes no sense, or none at all, counts as a fault of the server.
FAULT = 502


class Refused(InputError):
    """A request that Amazon did not fulfil.

    Attributes
    ----------
    status : int
        HTTP's, or `FAULT` where there was no answer that made sense.
    message : str
        What Amazon said.
    pause : float
        Seconds between two requests of this kind, where Amazon told its rate; else 0.
    """

    def __init__(self, status: int, message: str, rate: str | None = None) -> None:
        super().__init__(f"{message} ({status})")
        self.status, self.message, self.pause = status, message, _pause(rate)


def _pause(rate: str | None) -> float:
    try:
        a_second = float(rate or "")
    except ValueError:
        return 0.0
    return 1 / a_second if math.isfinite(a_second) and a_second > 0 else 0.0
