"""What `report dossier` has beside the other reports: the order, and the zip with its exhibits."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sellerkit.cli.mapping import mapped
from sellerkit.cli.printed import err, harmless, harmless_json, plain
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.read.original import Original, Originals
    from sellerkit.report.run import Report
    from sellerkit.show import Exhibit

OrderOption = Annotated[
    str, typer.Option("--order", metavar="ID", help="The order that the dossier is about.")
]
Zipped = Annotated[
    bool,
    typer.Option("--zip", help="Pack the dossier, its mails and report lines beside the page."),
]
FilesOption = Annotated[
    list[Path] | None,
    typer.Option("--files", metavar="DIR", help="For --zip: look here for files that moved."),
]
MappingsOption = Annotated[
    list[Path] | None,
    typer.Option("--mapping", metavar="FILE", help="For --zip: a mapping file of files read."),
]


def check_order(names: Sequence[str], order: str, *, zipped: bool) -> None:
    """Refuse an order or a zip where no dossier is asked for.

    Raises
    ------
    UsageError
    """
    asked = "dossier" in names or ("all" in names and order)
    for option, given in (("--order", order), ("--zip", zipped)):
        if given and not asked:
            raise UsageError(f"{option} is for the dossier: `sellerkit report dossier --order ID`")


def pack(built: Sequence[Report], files: list[Path], mappings: list[Path]) -> None:
    """Pack each dossier beside its page, print where, and say what is in it."""
    from sellerkit.read.original import Originals
    from sellerkit.report.exhibits import write_zip

    originals = Originals(files, [mapped(path) for path in mappings])
    for report in built:
        if report.name == "dossier":
            made = write_zip(report, finder(originals))
            print(made.path)
            for sentence in made.sentences():
                err.print(plain(sentence), highlight=False, soft_wrap=True)


def finder(originals: Originals) -> Callable[[Exhibit], Original]:
    """Return what finds the original bytes of an exhibit, as `sellerkit show` does."""
    from sellerkit.read.source import Context

    def found(one: Exhibit) -> Original:
        context = Context(one.account, one.marketplace)
        return originals.at(one.source, one.sha256, one.position, form=one.form, context=context)

    return found


def check_zip(path: Path, seal: str = "", *, as_json: bool = False, quiet: bool = False) -> bool:
    """Print whether a zip of a dossier is as it was packed, and what of it is not."""
    from sellerkit.report.exhibits import verify_zip

    problems = verify_zip(path, seal=seal)
    if quiet and not problems:
        return True
    if as_json:
        said = {"zip": str(path), "holds": not problems, "problems": problems}
        print(harmless_json(json.dumps(said, ensure_ascii=False)))
        return not problems
    if not problems:
        print(f"{harmless(str(path))}: it holds, each member is as it was packed")
        if not seal:
            print("note: a zip made anew as a whole is told only by --seal, the manifest's SHA-256")
        return True
    print(f"{harmless(str(path))}: it does not hold")
    for problem in problems:
        print(f"  {harmless(problem)}")
    return False
