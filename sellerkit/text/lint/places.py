"""The places where messages break rules, and the table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from sellerkit.text.lint.rules import rules

COLUMNS = ("row", "rule", "severity", "excerpt", "start", "end", "why")


class Place(NamedTuple):
    """One place that breaks a rule; `start` and `end` are -1 where it is in the subject."""

    row: int
    rule: str
    start: int
    end: int
    excerpt: str


def placed(row: int, rule: str, part: str, text: str, start: int, end: int) -> Place:
    """Return a place in a text; one in the subject is about the whole message."""
    excerpt = text[start:end]
    return (
        Place(int(row), rule, start, end, excerpt) if part == "body" else whole(row, rule, excerpt)
    )


def whole(row: int, rule: str, excerpt: str) -> Place:
    """Return the place of what is about the whole message."""
    return Place(int(row), rule, -1, -1, excerpt)


def frame_of(places: list[Place], size: int) -> pd.DataFrame:
    """Return places as rows, in order, each with its severity and a sentence."""
    known = rules()
    rank: Callable[[str], int] = {name: at for at, name in enumerate(known)}.__getitem__
    rows = sorted(set(places), key=lambda each: (each.row, rank(each.rule), each.start, each.end))
    return pd.DataFrame(
        [
            (
                each.row, each.rule, known[each.rule].severity, each.excerpt, each.start, each.end,
                known[each.rule].sentence(_where(each)),
            )
            for each in rows
        ],
        columns=list(COLUMNS),
    )  # fmt: skip


def _where(place: Place) -> str:
    return ", in the subject" if place.start < 0 and place.excerpt else ""
