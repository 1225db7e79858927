"""Build HTML reports: which, of what, in which form, and how much of buyers they may show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sellerkit.cli.dossier import (
    FilesOption,
    MappingsOption,
    OrderOption,
    Zipped,
    check_order,
    pack,
)
from sellerkit.cli.form import BrowserOption, PdfOption, StaticOption, form_of
from sellerkit.cli.light import at_hand
from sellerkit.cli.new_report import ReportsDir, own_or_ours
from sellerkit.cli.options import (
    AccountFilter,
    AsOf,
    LakeOption,
    LakeVersion,
    PolicyOption,
    Since,
    Until,
    Zone,
    now,
    pair,
)
from sellerkit.cli.printed import err, plain
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.report.run import Report

NEWEST = 0


def report(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME…",
            help="compliance, atoz, due, dossier, portfolio, all, or a notebook of your own.",
        ),
    ],
    lake: LakeOption,
    as_of: AsOf = "",
    since: Since = "",
    until: Until = "",
    policy: PolicyOption = "",
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("reports"),
    account: AccountFilter = "",
    lake_version: LakeVersion = NEWEST,
    timezone: Zone = "",
    with_texts: Annotated[
        bool, typer.Option("--with-texts", help="Show beginnings of messages; the page says so.")
    ] = False,
    with_names: Annotated[
        bool, typer.Option("--with-names", help="Show buyers' ids; the page says so.")
    ] = False,
    order: OrderOption = "",
    zipped: Zipped = False,
    files: FilesOption = None,
    mappings: MappingsOption = None,
    static: StaticOption = False,
    pdf: PdfOption = False,
    browser: BrowserOption = "",
    share: Annotated[
        bool, typer.Option("--share", help="For others' eyes: refuse texts and names.")
    ] = False,
    param: Annotated[
        list[str] | None,
        typer.Option("-p", "--param", metavar="NAME=VALUE", help="A parameter of the notebook."),
    ] = None,
    reports_dir: ReportsDir = Path(),
) -> None:
    """Build HTML reports and print where they are.

    They show no words of messages, and buyers by pseudonyms. Before a page is
    published it is searched for what is in the lake; one that holds more than
    it was asked to show is refused (exit 4).

    all is compliance, atoz and due, and portfolio where the lake has several
    accounts. index.html in DIR lists all runs.

    Example: [bold]sellerkit report compliance atoz --lake lake --as-of 2026-10-05[/]


    Example: [bold]sellerkit report dossier --order 302-1234567-1234567 --lake lake --zip[/]

    Example: [bold]sellerkit report own/late.ipynb --lake lake -p store=DE[/]

    Example: [bold]sellerkit report all --static --pdf --lake lake --as-of 2026-10-05[/]
    """
    check_order(names, order, zipped=zipped)
    parameters: dict[str, Any] = {
        "lake": lake,
        "lake_version": lake_version,
        "account": account,
        "as_of": now(as_of),
        "since": since,
        "until": until,
        "policy": policy,
        "timezone": timezone,
        **({"order": order} if order else {}),
    }
    extra = dict(pair(text) for text in param or [])
    twice = sorted(set(extra) & set(parameters))
    if twice:
        raise UsageError(f"--param {twice[0]}: this one has an option of its own, see --help")
    for name, wanted in (("texts", with_texts), ("names", with_names)):
        if wanted:
            extra[name] = "true"
        if share and extra.get(name, "false").lower() != "false":
            raise UsageError(f"--share shows no {name}, and --with-{name} asks for them")
    with err.status("writing the reports …"), at_hand():
        from sellerkit.report.run import build_reports

        form = form_of(static=static, pdf=pdf, browser=browser)
        reports = own_or_ours(names, reports_dir)
        built = build_reports(reports, out, parameters=parameters | extra, form=form)
    print_pages(built, out)
    if zipped:
        pack(built, files or [], mappings or [])


def print_pages(built: list[Report], folder: Path) -> None:
    """Print where pages are; to a person also where the list of all runs is."""
    for page in built:
        print(*page.files, sep="\n")
    if err.is_terminal:
        err.print(plain(f"all runs: {folder / 'index.html'}"))
