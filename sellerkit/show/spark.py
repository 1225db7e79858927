"""Sparklines: small lines of shares, all of one list on one scale, with the target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sellerkit.show.words import format_percent

#: Height of the drawing, and what is left above and below the line for its dot, in px.
_HEIGHT, _EDGE = 30, 4

#: A line of next to no range is drawn as one of so many points, lest noise look like a trend.
_LEAST = 0.04


@dataclass(frozen=True)
class Scale:
    """The lowest and highest share that a list of sparklines can show."""

    low: float
    high: float

    @classmethod
    def of(cls, shares: Iterable[float | None], target: float | None = None) -> Scale:
        """Return a scale that holds all known shares and the target."""
        known = [share for share in [*shares, target] if share is not None]
        if not known:
            return cls(0.0, 1.0)
        low, high = min(known), max(known)
        margin = max(0.0, _LEAST - (high - low)) / 2
        return cls(max(0.0, low - margin), min(1.0, high + margin))

    def y(self, share: float) -> float:
        """Return the height of a share in px from the top."""
        part = (share - self.low) / (self.high - self.low)
        return round(_HEIGHT - _EDGE - part * (_HEIGHT - 2 * _EDGE), 1)

    @property
    def said(self) -> str:
        """The scale's two ends in words."""
        return f"{format_percent(self.low)} to {format_percent(self.high)} %"


def spark(
    points: Sequence[tuple[float, float | None]],
    scale: Scale,
    *,
    target: float | None,
    said: str,
    hollow: bool = False,
) -> dict[str, Any]:
    """Return a sparkline as its template draws it.

    Parameters
    ----------
    points : sequence of (float, float or None)
        Place from 0 to 1 and share, by place; an unknown share is a gap in the line.
    scale : Scale
    target : float or None
    said : str
        What is drawn, for who cannot see it; its first and last figure are added.
    hollow : bool
        The last figure is not the newest that there should be.
    """
    places = [None if share is None else (round(x * 100, 1), scale.y(share)) for x, share in points]
    known = [place for place in places if place is not None]
    shares = [share for _, share in points if share is not None]
    ends = (
        f" from {format_percent(shares[0])} to {format_percent(shares[-1])} percent"
        if shares
        else ""
    )
    aim = f"; dashed: the target, {format_percent(target, 0)} percent" if target is not None else ""
    return {
        "lines": [
            {"x1": before[0], "y1": before[1], "x2": after[0], "y2": after[1]}
            for before, after in zip(places, places[1:], strict=False)
            if before is not None and after is not None
        ],
        # a figure between two unknown ones is on no line
        "alone": _alone(places),
        "end": known[-1] if known else None,
        "target": None if target is None else scale.y(target),
        "said": f"{said}{ends}{aim}",
        "hollow": hollow,
    }  # fmt: skip


def _alone(places: Sequence[tuple[float, float] | None]) -> list[tuple[float, float]]:
    padded = [None, *places, None]
    around = zip(padded, padded[1:], padded[2:], strict=False)
    return [own for before, own, after in around if own and before is None and after is None]
