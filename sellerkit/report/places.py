"""Where reports lie: ``<out>/<account>/<report>/<until date>.html``, and what lies beside each."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

#: The report on all accounts at once; it has a folder beside those of the accounts.
PORTFOLIO = "portfolio"


@dataclass(frozen=True)
class Place:
    """The files of one report of one day."""

    folder: Path
    day: str

    @classmethod
    def of(cls, out: Path, account: str, report: str, until: pd.Timestamp) -> Place:
        """Return the place of an account's report, or of the portfolio, which has no account."""
        folder = out / report if report == PORTFOLIO else out / folder_name(account) / report
        return cls(folder, until.strftime("%Y-%m-%d"))

    @property
    def page(self) -> Path:
        """The page itself."""
        return self.folder / f"{self.day}.html"

    @property
    def findings(self) -> Path:
        """The folder of the findings behind it."""
        return self.folder / f"{self.day}.findings"

    @property
    def record(self) -> Path:
        """What the list of all runs knows of it."""
        return self.folder / f"{self.day}.run.json"

    @property
    def failure(self) -> Path:
        """That a later run of this day failed."""
        return self.folder / f"{self.day}.failed.json"

    @property
    def failed_notebook(self) -> Path:
        """The notebook of a failed run as it stood."""
        return self.folder / f"{self.day}.failed.ipynb"


def folder_name(account: str) -> str:
    """Return a folder's name for an account; labels are free text, folders must stay inside."""
    return re.sub(r"[^\w .&+-]", "_", account).strip(". ") or "_"


def link_to(page: Path, folder: Path) -> str:
    """Return the address of a page as another page in `folder` links to it."""
    # both lie under one folder of reports, so that the way between them is the same anywhere
    return quote(Path(os.path.relpath(page, folder)).as_posix())
