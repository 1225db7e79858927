"""requirements.lock read: which packages there are, with which hashes, and who needs them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"

#: How the lock calls sellerkit itself, and what only those need who work on it.
SELF, DEV = "sellerkit (pyproject.toml)", "sellerkit (pyproject.toml:dev)"

_PACKAGE = re.compile(r"^([a-z0-9.-]+)==([^\s;\\]+)(?: ; ([^\\\n]+?))?(?: \\)?$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NEEDED = re.compile(r"^ +# +(?:via )?(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Locked:
    """A package as the lock has it: who needs it stands in `needed_by`."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]


def locked(text: str) -> list[Locked]:
    """Return the packages of a lock, in its order; one may be there in several versions."""
    heads = list(_PACKAGE.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [_locked(head, text[head.end() : end]) for head, end in zip(heads, ends, strict=True)]


def _locked(head: re.Match[str], below: str) -> Locked:
    needed = (name for name in _NEEDED.findall(below) if name != "via")
    return Locked(head[1], head[2], head[3] or "", tuple(_HASH.findall(below)), tuple(needed))


def shipped(packages: Iterable[Locked]) -> list[Locked]:
    """Return those that sellerkit or one of its extras needs, and not its developers alone."""
    packages = list(packages)
    wanted = {SELF}
    while more := {p.name for p in packages if wanted.intersection(p.needed_by)} - wanted:
        wanted |= more
    return [package for package in packages if package.name in wanted]
