"""The rules on what a seller may write, as data: severity, scope, reason, source."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One rule of rules.md, Messages that break the rules.

    Attributes
    ----------
    name : str
        ``external_link`` and so on.
    severity : str
        ``error`` or ``warning``.
    why : str
        What is wrong, as the end of a sentence.
    source : str
        Where the rule is said.
    proactive : bool
        Holds only for messages that no buyer asked for.
    needs_history : bool
        Told from what else is on file, never from a text alone.
    """

    name: str
    severity: str
    why: str
    source: str
    proactive: bool = False
    needs_history: bool = False

    def sentence(self, more: str = "") -> str:
        """Return why a message breaks the rule, in one sentence."""
        return f"{self.name}: {self.why}{more} ({self.source})."


@functools.cache
def load(name: str) -> dict[str, Any]:
    """Return one of this package's TOML files."""
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


@functools.cache
def rules() -> dict[str, Rule]:
    """Return every rule by name, in the order of rules.md."""
    return {name: Rule(name, **row) for name, row in load("rules.toml").items()}
