"""Break sellerkit on purpose: ``PYTHONPATH=tests python -m torture --minutes 3``.

Each part is a module of this folder with ``run(minutes) -> list[Row]``; a new one is named in
`PARTS`. The table is printed, and with ``--write`` kept in docs/reliability.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import re
import sys
from pathlib import Path

from torture.rows import Row

#: The parts, and which share of the time each gets.
PARTS = {"hostile_files": 1.0, "hostile_text": 1.0, "crashes": 3.0, "crowd": 0.5}

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- torture: begin -->", "<!-- torture: end -->"

_HEAD = ("part", "tried", "lost", "doubled", "scripts run", "worst seconds", "peak MiB")


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as words; what could not be is a dash."""
    counts = (row.lost, row.doubled, row.scripts)
    return (
        row.part,
        f"{row.tried:,}",
        *("–" if n is None else f"{n:,}" for n in counts),
        "–" if row.seconds is None else f"{row.seconds:.1f}",
        "–" if row.peak_mib is None else f"{row.peak_mib:,.0f}",
    )


def table(rows: list[Row]) -> str:
    """Return the rows as a table of Markdown."""
    lines = [_HEAD, ("---", *["--:"] * (len(_HEAD) - 1)), *map(cells, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def written(page: str, rows: list[Row], day: dt.date, *, some: bool = False) -> str:
    """Return a page with the table between its marks; of some parts, beside the last of others."""
    made = table(rows)
    if some:
        fresh = made.splitlines(keepends=True)[2:]
        names = {line.split("|")[1] for line in fresh}
        inside = page.partition(BEGIN)[2].partition(END)[0]
        old = [line for line in inside.splitlines(keepends=True) if line.startswith("|")]
        made = "".join([*(line for line in old if line.split("|")[1] not in names), *fresh])
    inside = f"{BEGIN}\nRun of {day.isoformat()}.\n\n{made}{END}"
    found, count = re.subn(f"{BEGIN}.*?{END}", lambda _: inside, page, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"{PAGE.name}: the marks {BEGIN} and {END} must stand in it once")
    return found


def main() -> int:
    """Run the parts; 1 where a promise was broken."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=3.0)
    options.add_argument("--only", choices=PARTS, action="append")
    options.add_argument("--write", action="store_true", help="keep the table in the docs")
    given = options.parse_args()
    chosen = given.only or list(PARTS)
    whole = sum(PARTS[name] for name in chosen)
    rows: list[Row] = []
    for name in chosen:
        part = importlib.import_module(f"torture.{name}")
        rows += part.run(given.minutes * PARTS[name] / whole)
    print(table(rows))
    broken = [f"{row.part}: {what}" for row in rows for what in row.broken]
    print(*broken, sep="\n")
    if given.write:
        page = PAGE.read_text("utf-8")
        today = dt.datetime.now(dt.UTC).date()
        PAGE.write_text(written(page, rows, today, some=bool(given.only)), "utf-8")
    return 0 if all(row.is_well for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
