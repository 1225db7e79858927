"""A page on paper: printed to PDF by a browser that is on this machine, with no network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from sellerkit.errors import ReportError, UsageError

#: The environment variable that names the browser.
BROWSER = "SELLERKIT_BROWSER"

#: What browsers that print are called on a PATH; the first that is there is taken.
NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge",
)  # fmt: skip

_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-breakpad",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pdf-header-footer",
    # the page loads nothing; were it to try, no name would lead anywhere
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_SECONDS = 180
_LINK = re.compile(r'<a href="(?!#)[^"]*"')
_DATES = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}\+00'00'\)")


def find_browser(named: str = "") -> Path:
    """Return the browser that prints.

    Parameters
    ----------
    named : str
        A path or a name; empty for the one that `BROWSER` names, else the first of `NAMES`.

    Raises
    ------
    UsageError
        The one that was named is not there.
    ReportError
        None was named, and none is on the PATH.
    """
    asked = named or os.environ.get(BROWSER, "")
    if asked:
        found = shutil.which(asked)
        if not found:
            raise UsageError(f"the browser {asked} is not there, or is no program")
        return Path(found)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise ReportError(
        "a PDF is printed by Chromium, Chrome or Edge, and none is on the PATH; install one, name "
        f"it with --browser PROGRAM or {BROWSER}, or print the page from any browser"
    )


def print_page(page: Path, target: Path, *, browser: Path, made: pd.Timestamp) -> None:
    """Print a page to PDF, on the paper and with the page breaks that its style asks for.

    Parameters
    ----------
    page : Path
        Without scripts.
    target : Path
        The PDF.
    browser : Path
    made : pd.Timestamp
        The date that the PDF bears, so that the same page gives the same PDF: UTC.

    Raises
    ------
    ReportError
        The browser failed, or wrote no PDF.
    """
    with tempfile.TemporaryDirectory(prefix="sellerkit-") as profile, _unlinked(page) as printed:
        command = [
            str(browser), *_FLAGS, *_as_root(), f"--user-data-dir={profile}",
            f"--print-to-pdf={target.resolve()}", printed.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ReportError(f"{browser} could not print the page: {error}") from error
    written = target.read_bytes() if target.is_file() else b""
    if done.returncode or not written.startswith(b"%PDF-"):
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ReportError(f"{browser} printed no PDF: {said[-1] if said else 'it said nothing'}")
    target.write_bytes(_dated(written, made))


@contextmanager
def _unlinked(page: Path) -> Iterator[Path]:
    """Yield a copy of a page, beside it, whose links to other files are none.

    A PDF would hold such a link from the root of this machine on: it says where the page lay, and
    leads nowhere for whoever is sent the PDF.
    """
    copy = page.with_name(f".{page.stem}.print.html")
    try:
        copy.write_text(_LINK.sub("<a", page.read_text("utf-8")), "utf-8")
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _as_root() -> list[str]:
    """Return the flag without which Chromium does not start as root, as in a container."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _dated(pdf: bytes, made: pd.Timestamp) -> bytes:
    """Return a PDF with another date in the place of the clock's, as long, so no offset moves."""
    date = made.tz_convert("UTC").strftime("%Y%m%d%H%M%S").encode()
    return _DATES.sub(rb"/\1 (D:" + date + rb"+00'00')", pdf)
