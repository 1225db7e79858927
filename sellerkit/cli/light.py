"""What keeps the command line quick to start: `sellerkit --help` imports what help needs, no more.

The rule for a command: its module imports typer, rich and `sellerkit.cli` at the top; pandas and
all of sellerkit that works, inside the functions that need it, or under ``TYPE_CHECKING``.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType

#: typer's help draws with rich. It also imports these, for Markdown and for tracebacks, which no
#: help of ours has; with them come pygments and markdown-it, half of the time that help takes.
_UNUSED = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}


def load_help() -> None:
    """Import what draws help and errors, without what it would not use.

    The stand-ins are gone afterwards: who imports these modules himself gets the real ones. Where
    typer has come to need more of them, nothing is done, and it imports them when it must.
    """
    taken = {name: what for name, what in _UNUSED.items() if name not in sys.modules}
    for name, what in taken.items():
        sys.modules[name] = ModuleType(name)
        setattr(sys.modules[name], what, type(what, (), {}))
    try:
        with contextlib.suppress(ImportError):
            import typer.rich_utils  # noqa: F401  (typer finds it in sys.modules)
    finally:
        for name in taken:
            del sys.modules[name]


@contextlib.contextmanager
def at_hand() -> Iterator[None]:
    """Have kernels for reports get ready while the command reads and audits the lake."""
    from sellerkit.report.warm import kernels

    with kernels():
        _load_nbformat()
        yield


def _load_nbformat() -> None:
    """Import what reads notebooks, without a grammar of web addresses that takes a second to build.

    jsonschema wants it for formats that the schema of notebooks does not know.
    """
    grammar = "rfc3987_syntax"
    if grammar not in sys.modules:
        sys.modules[grammar] = None  # type: ignore[assignment]  # so that it cannot be imported
        try:
            import nbformat  # noqa: F401
        finally:
            del sys.modules[grammar]
