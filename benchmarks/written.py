"""The page that keeps the results: `fill(name, table)` puts a table between the marks of its name."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def fill(name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Put a table between ``<!-- bench NAME -->`` and ``<!-- end NAME -->``, and where it was measured."""
    text = PAGE.read_text("utf-8")
    begin, end = f"<!-- bench {name} -->\n", f"<!-- end {name} -->"
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise SystemExit(f"{PAGE}: no marks for {name}: {begin.strip()} … {end}")
    lines = [" | ".join(["", *map(str, row), ""]).strip() for row in (head, ["---"] * len(head), *rows)]  # fmt: skip
    PAGE.write_text(before + begin + "\n".join([machine(), "", *lines, ""]) + end + after, "utf-8")


def machine() -> str:
    """Return in a line what the figures were measured on, and how busy it was with others."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gib = psutil.virtual_memory().total / 2**30
    busy = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cores} cores, {gib:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}; load of the last minute {busy:.1f}."
    )
