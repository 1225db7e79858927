"""Tab-separated lines that are all of one width, cut into columns by Arrow.

Nearly every report is such, and Arrow cuts it ten times as fast as Python. Where one line is not,
nothing is returned, and `sellerkit.read.flat` goes through the lines one by one.
"""

from __future__ import annotations

import itertools

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

#: What a cell says that says nothing, without case.
NOTHING = ("", "n/a", "na", "null", "none", "-")

_NOTHING = pa.array(
    sorted({"".join(p) for w in NOTHING for p in itertools.product(*zip(w, w.upper()))}),  # noqa: B905
    type=pa.string(),
)


def regular_cells(text: bytes, names: list[str], wanted: list[str]) -> pd.DataFrame | None:
    """Return the wanted columns of tab-separated lines.

    Parameters
    ----------
    text : bytes
        The header's line and those below, in UTF-8.
    names : list of str
        All columns, in order.
    wanted : list of str
        Those to return.

    Returns
    -------
    pd.DataFrame or None
        ``str``, null where a cell says nothing. None where a line has another number of cells, is
        blank, or has a carriage return inside it.
    """
    end = _end(text)  # megabytes are not copied to leave the last line feed out
    below = text.count(b"\n", 0, end)
    if not below or not wanted or len(set(names)) < len(names):
        return None
    try:
        table = csv.read_csv(
            pa.py_buffer(text).slice(0, end),
            csv.ReadOptions(use_threads=False, block_size=2**24, column_names=names, skip_rows=1),
            csv.ParseOptions(
                delimiter="\t", quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=wanted,
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if len(table) != below:  # Arrow ends a line at a lone carriage return too
        return None
    columns = [_said(column) for column in table.columns]
    silent = [column.null_count for column in columns]
    if silent and min(silent) == len(table):
        return None
    cells = pa.table(columns, names=wanted).to_pandas()
    # a line of tabs and blanks alone is a blank one; where a column is always filled there is none
    return None if min(silent) and cells.isna().all(axis=1).any() else cells


def _end(text: bytes) -> int:
    """Return where the last line's words end."""
    end = len(text)
    while end and text[end - 1] in b"\r\n":
        end -= 1
    return end


def _said(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.is_in(trimmed, value_set=_NOTHING), pa.scalar(None, pa.string()), trimmed)
