"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from sellerkit.cli.printed import err
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.read.source import Context

LakeOption = Annotated[str, typer.Option("--lake", metavar="DIR", help="The lake.")]
AsOf = Annotated[
    str,
    typer.Option("--as-of", metavar="T", help="The only now: nothing later is seen. Default: now."),
]
Since = Annotated[
    str, typer.Option("--since", metavar="T", help="First instant of the window; default 30 days.")
]
Until = Annotated[
    str, typer.Option("--until", metavar="T", help="First instant after the window; default as-of.")
]
PolicyOption = Annotated[
    str,
    typer.Option(
        "--policy", metavar="FILE or DATE", help="Rules of one day, of a file, or of FILE,DATE."
    ),
]
CompareWith = Annotated[
    str,
    typer.Option(
        "--compare",
        metavar="WINDOW",
        help="Say what changed since another window, and why: previous, or SINCE..UNTIL.",
    ),
]
LakeVersion = Annotated[
    int, typer.Option("--lake-version", metavar="N", help="A past version; 0 the newest.", min=0)
]
AccountFilter = Annotated[str, typer.Option("--account", help="One account; default all.")]
Zone = Annotated[
    str, typer.Option("--timezone", metavar="ZONE", help="For local times, as Europe/Berlin.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def now(as_of: str) -> str:
    """Return the instant asked for, or the present one, which is then said."""
    if as_of:
        return as_of
    present = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    err.print(f"as of {present}", highlight=False)
    return present


def context_of(account: str, marketplace: str, addresses: Iterable[str]) -> Context:
    """Return what the options say of the files.

    Raises
    ------
    UsageError
        There is no such store; the message lists those that there are.
    """
    from sellerkit.policy import marketplaces
    from sellerkit.read.source import Context

    if marketplace and marketplace.upper() not in marketplaces():
        known = ", ".join(marketplaces())
        raise UsageError(f"--marketplace {marketplace}: no such store; there are {known}")
    own = frozenset(address.lower() for address in addresses)
    return Context(account, marketplace.upper() or None, own)


def pair(text: str) -> tuple[str, str]:
    """Read NAME=VALUE."""
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"{text!r} is not of the form NAME=VALUE")
    return name.strip(), value.strip()
