"""In which form a report is published: interactive, static, and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.report.run import Form

StaticOption = Annotated[
    bool, typer.Option("--static", help="No script: charts are drawings; a quarter of the size.")
]
PdfOption = Annotated[
    bool, typer.Option("--pdf", help="Also print each page to PDF, by Chromium or Chrome.")
]
BrowserOption = Annotated[
    str,
    typer.Option("--browser", metavar="PROGRAM", help="The browser that prints the PDF."),
]


def form_of(*, static: bool, pdf: bool, browser: str) -> Form:
    """Return the form that was asked for; whether a browser is there is told before any work.

    Raises
    ------
    UsageError
        A browser without --pdf, or one that is not there.
    ReportError
        No browser at all.
    """
    from sellerkit.report.pdf import find_browser
    from sellerkit.report.run import Form

    if browser and not pdf:
        raise UsageError("--browser names what prints the PDF; ask for one with --pdf")
    return Form(static=static, browser=find_browser(browser) if pdf else None)
