"""The wording of Amazon's notices, as `notices.toml` lists it."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files
from typing import Any

from sellerkit.text.words import alternation


@functools.cache
def wording() -> dict[str, Any]:
    """Return the lists of phrases, by what they tell."""
    return tomllib.loads(files(__package__).joinpath("notices.toml").read_text("utf-8"))


@functools.cache
def phrases(*names: str) -> re.Pattern[str]:
    """Compile the phrases of one list, to be looked for in folded text."""
    found: Any = wording()
    for name in names:
        found = found[name]
    return re.compile(alternation(found))
