"""Which limits were crossed between two runs, and to which side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sellerkit.config import Limits

State = Literal["below", "fine", "unknown"]


@dataclass(frozen=True)
class Share:
    """A share as far as it is known: where mail is missing, between a lowest and a highest value.

    Attributes
    ----------
    name : str
        ``on_time_share``, or the kind of duty whose coverage it is.
    limit : float
    lowest, highest : float or None
        From 0 to 1; None where nothing was closed.
    """

    name: str
    limit: float
    lowest: float | None
    highest: float | None

    @property
    def state(self) -> State:
        """On which side of its limit it is, if that can be told."""
        if self.highest is not None and self.highest < self.limit:
            return "below"
        if self.lowest is not None and self.lowest >= self.limit:
            return "fine"
        return "unknown"


def crossed(
    now: Mapping[str, Any], before: Mapping[str, Any] | None, limits: Limits
) -> list[Share]:
    """Return the shares that fell below their limit since an earlier run, or rose to it again.

    Parameters
    ----------
    now, before : mapping
        The summaries of two runs; None where there is no earlier one. Both are measured by the
        limits of now.
    limits : Limits
    """
    earlier = {share.name: share.state for share in _shares(before, limits)} if before else {}
    return [
        share
        for share in _shares(now, limits)
        if (share.state == "below" and earlier.get(share.name) != "below")
        or (share.state == "fine" and earlier.get(share.name) == "below")
    ]


def _shares(summary: Mapping[str, Any], limits: Limits) -> Iterator[Share]:
    bounds = summary["completeness"]["bounds"]
    if limits.on_time_share is not None:
        found = bounds["contacts"]["window"]["on_time_share"]
        yield _share("on_time_share", limits.on_time_share, found)
    if limits.coverage is not None:
        for kind in summary["obligations"]:
            if kind in bounds["obligations"]:
                found = bounds["obligations"][kind]["coverage"]
                yield _share(kind, limits.coverage, found)


def _share(name: str, limit: float, found: Mapping[str, Any]) -> Share:
    return Share(name, limit, found["lowest"], found["highest"])
