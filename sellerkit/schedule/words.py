"""How each scheduler's file quotes a text, so that no path or name is ever a command in it."""

from __future__ import annotations

import json
import shlex
import unicodedata

from sellerkit.errors import UsageError

#: Marks that turn the direction of writing: a file would show another command than it has.
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

#: Debian's cron reads so many characters of a command, and no more.
CRON_MOST = 990


def writable(text: str, what: str) -> str:
    """Return a text as it is if every scheduler's file can hold it.

    Raises
    ------
    UsageError
        It has a line end, a control character, a mark of direction, or is no Unicode.
    """
    for sign in text:
        if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} or sign in _TURNING:
            raise UsageError(
                f"{what} has a line end or a control character in it (U+{ord(sign):04X}), which no "
                f"scheduler's file can hold; rename it: {text[:200]}"
            )
    return text


def without(text: str, signs: str, what: str, where: str) -> str:
    """Return a text as it is if none of some signs is in it.

    Raises
    ------
    UsageError
        One is, and `where` would read it as something else.
    """
    if signs in text:
        raise UsageError(
            f"{what} has {signs} in it, which {where} reads as something else; rename it: {text}"
        )
    return text


def shell(text: str) -> str:
    """Return a text as one word of a POSIX shell."""
    return shlex.quote(text)


def crontab(command: str) -> str:
    r"""Return a shell command as a crontab holds it: there ``%`` ends the command.

    Raises
    ------
    UsageError
        It has a backslash, which not every cron reads alike, or is longer than cron reads.
    """
    if "\\" in command:
        raise UsageError(
            f"a path has a backslash in it, which not every cron reads alike; rename it: {command}"
        )
    line = command.replace("%", "\\%")
    if len(line.encode()) > CRON_MOST:
        raise UsageError(
            f"the paths are too long for a crontab: cron reads {CRON_MOST} characters of a "
            "command; use shorter ones, or systemd"
        )
    return line


def unit(text: str) -> str:
    r"""Return a text as one word of a unit's command line, for a line that begins with ``:``.

    There ``$`` means nothing; ``%`` is doubled, as systemd would put in names of its own.
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def yaml(text: str) -> str:
    """Return a text as YAML's double quotes hold it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False)
