"""The wording of Amazon's notices, as `notices.toml` lists it."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from sellerkit.text.words import fold


@functools.cache
def wording() -> dict[str, Any]:
    """Return the lists of phrases, by what they tell."""
    return tomllib.loads(files(__package__).joinpath("notices.toml").read_text("utf-8"))


@functools.cache
def phrases(*names: str) -> tuple[str, ...]:
    """Return the phrases of one list, folded."""
    found: Any = wording()
    for name in names:
        found = found[name]
    return tuple(map(fold, found))


def says(text: str, *names: str) -> bool:
    """Tell whether a folded text has a phrase of a list, from the beginning of a word on."""
    return any(True for _ in places(text, *names))


def places(text: str, *names: str) -> Iterator[tuple[int, str]]:
    """Yield where the phrases of a list stand in a folded text, the first place of each."""
    for phrase in phrases(*names):
        at = text.find(phrase)
        while at > 0 and text[at - 1].isascii() and text[at - 1].isalnum():
            at = text.find(phrase, at + 1)
        if at >= 0:
            yield at, phrase
