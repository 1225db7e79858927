"""What goes: old pages, where a configuration says how many stay, and remains of killed runs."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from pathlib import Path

_OF_A_DAY = re.compile(r"(\d{4}-\d\d-\d\d)\.(html|run\.json|failed\.json|failed\.ipynb|findings)")


def remove_old(out: Path, keep: int | None) -> None:
    """Remove all but the newest days of each report.

    Parameters
    ----------
    out : Path
        The folder of reports.
    keep : int or None
        How many days of each report stay; None for all. Only what a report made is removed.
    """
    if keep is None or not out.is_dir():
        return
    for folder in [*out.glob("[!.]*"), *out.glob("[!.]*/*")]:
        days: dict[str, list[Path]] = defaultdict(list)
        for path in folder.iterdir() if folder.is_dir() else ():
            if found := _OF_A_DAY.fullmatch(path.name):
                days[found[1]].append(path)
        for day in sorted(days)[:-keep]:
            for path in days[day]:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def remove_remains(out: Path) -> None:
    """Remove what a run that was killed had half done: it is for no eyes, and of no use.

    Parameters
    ----------
    out : Path
        The folder of reports, with what a run remembers; nobody else is at work in it.
    """
    for name in (".building-*", ".writing-*"):
        for path in list(out.rglob(name)):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
