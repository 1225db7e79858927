"""What every package of the lock is licensed under, from its own metadata, as docs/licences.md."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from supply.lock import ROOT, Locked, shipped

PAGE = ROOT / "docs" / "licences.md"
_TOLD = tomllib.loads(Path(__file__).with_name("licences.toml").read_text("utf-8"))
ALLOWED = frozenset(_TOLD["allowed"])

_HEAD = """# Licences of what sellerkit rests on

Written by `make licences` out of `requirements.lock` and the packages' own metadata; a test holds
both together, and allows {allowed}.
Where a package offers a choice (OR), one of them suffices. plotly.js (MIT) lies in
`sellerkit/show/vendor` with its licence, since pages load nothing from outside.

| package | version | licence | for |
|---|---|---|---|
"""


def licence_of(name: str) -> str | None:
    """Return a package's licence as an SPDX expression; null where nobody says which it is."""
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return _TOLD["elsewhere"].get(name)
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = metadata.get_all("Classifier") or []
    said = [metadata.get("License") or "", *(c.split(" :: ")[-1] for c in classifiers
                                             if c.startswith("License ::"))]  # fmt: skip
    for words in said:
        expression = _TOLD["words"].get(words, words)
        if words and is_allowed(expression):
            return expression
    return None


def is_allowed(expression: str) -> bool:
    """Tell whether all parts of an expression are allowed; of a choice one part suffices."""
    parts = re.split(r" AND ", expression.strip("() "))
    return all(any(one.strip("() ") in ALLOWED for one in part.split(" OR ")) for part in parts)


def page(packages: Iterable[Locked]) -> str:
    """Return docs/licences.md.

    Raises
    ------
    ValueError
        A package whose licence nobody told, or one that is not allowed.
    """
    packages = list(packages)
    users = set(shipped(packages))
    lines = []
    for package in packages:
        licence = licence_of(package.name)
        if licence is None or not is_allowed(licence):
            raise ValueError(f"{package.name}: licence {licence!r} is not in supply/licences.toml")
        use = "use" if package in users else "development"
        lines.append(f"| {package.name} | {package.version} | {licence} | {use} |\n")
    return _HEAD.format(allowed=", ".join(sorted(ALLOWED))) + "".join(lines)
