"""What stands in a folder: rows of a lake, files, pages that are whole; so that states compare."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet as pq

from sellerkit import tables
from sellerkit.errors import SellerkitError
from sellerkit.lake import Lake
from sellerkit.purge.plan import ALL
from sellerkit.report.findings import RUN_FILE, SUMMARY, read_findings
from sellerkit.report.provenance import read_run

#: Under which name a file was read first, and by which ingest, is no matter of what it said.
_PROVENANCE = ("source", "source_sha256", "source_pos", "arrived")

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"#:?]+\.html)"')

Rows = Counter[tuple[str, ...]]


def rows_of(lake: Path) -> Rows:
    """Return every row of every table, and how often it stands there; not the log of ingests.

    One that brings nothing new leaves no line in the log, so that depends on who came first.
    """
    if not lake.is_dir():
        return Counter()
    opened = Lake.open_or_new(lake)
    found: Rows = Counter()
    for name, table in ALL.items():
        frame = opened.read(table)
        columns = [column for column in frame if column not in _PROVENANCE]
        texts = [frame[column].astype("str").fillna("") for column in columns]
        found.update(zip([name] * len(frame), *texts, strict=True))
    return found


def doubled(lake: Path) -> int:
    """Return how many rows stand in a lake under a key that another has."""
    opened = Lake.open_or_new(lake)
    return sum(
        int(opened.read(table, list(table.key)).duplicated().sum()) for table in ALL.values()
    )


def files_of(folder: Path) -> set[str]:
    """Return the names of all files but those of the lake's tables, whose names are random."""
    return {
        name
        for path in folder.rglob("*")
        if path.is_file() and not _is_table(name := path.relative_to(folder).as_posix())
    }


def _is_table(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == "lake" and len(parts) > 2 and not parts[1].startswith(".")


def faults_of_pages(folder: Path) -> list[str]:
    """Return what is wrong with published pages: half of one, a link to nothing."""
    found = []
    for page in folder.rglob("*.html"):
        name = page.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            continue
        text = page.read_text("utf-8")
        if not text.rstrip().endswith("</html>"):
            found.append(f"half a page: {name}")
        if page.name == "index.html":
            found += [
                f"{name} links to {link}, which is not there"
                for link in map(html.unescape, _LINK.findall(text))
                if not (page.parent / unquote(link)).is_file()
            ]
    return found


def faults_of_findings(folder: Path) -> list[str]:
    """Return which folders of findings hold a file that cannot be read, or those of two runs."""
    found = []
    for summary in folder.rglob(SUMMARY):
        place = summary.parent
        if any(part.startswith(".") for part in place.relative_to(folder).parts):
            continue
        try:
            read_findings(place)  # as sellerkit reads them: what was decided is put in its place
            for name in tables.FINDINGS:
                pq.read_table(place / f"{name}.parquet")
            as_of = json.loads(summary.read_text("utf-8"))["as_of"]
            run = read_run(place)
            if run is None or str(run.parameters["as_of"])[:10] != as_of[:10]:
                found.append(f"{place.name}: {SUMMARY} and {RUN_FILE} are of two runs")
        except (OSError, ValueError, SellerkitError) as error:
            found.append(f"{place.name}: {error}")
    return found
