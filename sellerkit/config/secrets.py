"""Secrets in a file of their own, for what is started by a scheduler and so without a login."""

from __future__ import annotations

import os
import re
from collections.abc import MutableMapping
from pathlib import Path

from sellerkit.errors import InputError

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.ASCII)

#: Written by hand; what is larger is something else.
_MOST_BYTES = 100_000


def use_secrets(path: Path, environment: MutableMapping[str, str]) -> list[str]:
    """Add what a file of secrets says to an environment; what stands there already is kept.

    Returns
    -------
    list of str
        The names in the file; none where there is no such file.

    Raises
    ------
    InputError
        Others can read the file, or a line of it is none.
    """
    said = read_secrets(path)
    for name, value in said.items():
        environment.setdefault(name, value)
    return list(said)


def read_secrets(path: Path) -> dict[str, str]:
    """Read a file of lines like ``NAME=value`` or ``NAME='value'``; ``#`` begins a comment line.

    Nothing in it is a command, and nothing is put in for ``$NAME``.

    Raises
    ------
    InputError
        As `use_secrets`; what stands in the file is not repeated.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise InputError(f"{path}: others on this machine can read it: chmod 600 {path}")
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is no UTF-8") from error
    lines = enumerate((line.strip() for line in text.split("\n")), 1)
    return dict(_pair(line, n, path) for n, line in lines if line and not line.startswith("#"))


def _pair(line: str, number: int, path: Path) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if not found or "\0" in line:
        raise InputError(f"{path}, line {number}: write NAME=value")
    name, value = found[1], found[2].strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return name, value
