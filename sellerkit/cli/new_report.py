"""`new-report`: begin a report of one's own, and find it again when it is to be run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sellerkit.cli.printed import err, plain, warn

ReportsDir = Annotated[
    Path, typer.Option("--reports-dir", metavar="DIR", help="Where your own notebooks lie.")
]


def new_report(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits, - and _.")],
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where to put it.")] = Path(),
) -> None:
    """Begin a report of your own from a notebook that runs as it is.

    It is run, shared and verified like sellerkit's own, by its path or, in the
    current folder or --reports-dir, by its name.

    Example: [bold]sellerkit new-report late_answers --dir own[/]
    """
    from sellerkit.report.own import new_report as begin
    from sellerkit.report.run import TAKEN

    path = begin(name, folder, taken=TAKEN)
    print(path)
    err.print(plain(f"change it in JupyterLab, then: sellerkit report {path} --lake lake"))


def own_or_ours(names: list[str], folder: Path) -> list[str]:
    """Return the reports that are meant, and warn where one of the user's is passed over."""
    from sellerkit.report.run import REPORTS, find_report

    for name in names:
        if name in REPORTS and (folder / f"{name}.ipynb").is_file():
            warn(
                f"{name} is sellerkit's own report; your {folder / name}.ipynb is not run, "
                "rename it to have it"
            )
    return [find_report(name, folder) for name in names]
