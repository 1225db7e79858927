"""Reads a sheet of a workbook, as a program of its own: see `sellerkit.read.mapping.records`.

The library allocates what a file says, a thousand million cells if it says so, and ends its process
where it cannot. So it is given one that holds nothing else, and that may not grow beyond
`MAX_MEMORY`. It imports nothing of sellerkit's, to begin in no time.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from typing import Any

from python_calamine import CalamineWorkbook

#: So much memory may a workbook take, and so many seconds of a processor.
MAX_MEMORY, MAX_SECONDS = 768 * 2**20, 50


def main() -> None:
    """Read a sheet's name (JSON, null for the first) and a workbook; write its cells as JSON."""
    _bound()
    asked = json.loads(sys.stdin.buffer.readline())
    said: dict[str, Any] = {}
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as book:
            said["names"] = list(book.sheet_names)
            wanted = asked or next(iter(said["names"]), "")
            if wanted in said["names"]:
                cells = book.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
                said["rows"] = [[_text(cell) for cell in row] for row in cells]
    except BaseException as error:  # a fault inside the library, written in Rust, is no Exception
        said = {"fault": (str(error).strip().splitlines() or ["damaged"])[0][:200]}
    json.dump(said, sys.stdout)


def _bound() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    main()
