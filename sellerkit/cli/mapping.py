"""The commands about mapping files: draft one, try one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sellerkit.cli.printed import err, print_rows
from sellerkit.errors import InputError, UsageError, printable

if TYPE_CHECKING:
    from sellerkit.read.source import Format, Source

app = typer.Typer(
    name="mapping",
    help="Mapping files: how any CSV, JSON or spreadsheet becomes a history.",
    no_args_is_help=True,
)

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The file to be read.")]


@app.command()
def draft(
    file: _File,
    history: Annotated[
        str, typer.Option("--history", metavar="H", help="What it holds: messages, orders, …")
    ] = "",
) -> None:
    """Print a mapping file drafted from a file's header, to be checked by you.

    Example: [bold]sellerkit mapping draft export.xlsx > map.toml[/]
    """
    from sellerkit.read.mapping import draft as drafted
    from sellerkit.tables import HISTORIES

    if history and history not in HISTORIES:
        raise UsageError(f"--history {history}: there is none; there are {', '.join(HISTORIES)}")
    print(drafted(_source(file), history or None), end="")


@app.command("try")
def try_(
    file: _File,
    mapping: Annotated[Path, typer.Option("--mapping", metavar="TOML", help="The mapping file.")],
    account: Annotated[str, typer.Option("--account", metavar="NAME")] = "shop",
    rows: Annotated[int, typer.Option("--rows", metavar="N", help="How many to show.", min=1)] = 5,
) -> None:
    """Show the first rows as they would be read, and what does not fit.

    Example: [bold]sellerkit mapping try export.xlsx --mapping map.toml[/]
    """
    import pandas as pd

    from sellerkit.read.mapping import load_mapping
    from sellerkit.read.source import Context
    from sellerkit.tables import conform

    said = load_mapping(mapping)
    parsed = mapped(mapping).parse(_source(file), Context(account))
    for warning in parsed.warnings:
        line = printable(warning)
        err.print(line, style="yellow", highlight=False, markup=False, soft_wrap=True)
    print_rows(conform(pd.DataFrame(parsed.tables[said.history]), said.table), rows)
    skipped = sum(parsed.skipped.values())
    bad = len(parsed.quarantined)
    print(f"{parsed.read:,} read, {parsed.used:,} used, {skipped:,} skipped, {bad:,} do not fit")
    for unit in parsed.quarantined[:rows]:
        print(f"  at {unit.pos}: {unit.reason}")


def mapped(path: Path) -> Format:
    """Return a mapping file as a format."""
    from sellerkit.read.mapping import format_of, load_mapping

    return format_of(load_mapping(path))


def _source(file: Path) -> Source:
    """Return the one file that is meant, unpacked where it lies in an archive."""
    from sellerkit.read.files import sources

    if file.is_dir():
        raise InputError(f"{file}: it is a folder; give one file")
    found = list(sources([file]))
    if len(found) != 1:
        raise InputError(f"{file}: there are {len(found)} files in it; unpack it and give one")
    return found[0]
