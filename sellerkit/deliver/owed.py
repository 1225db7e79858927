"""Duties that are open, missed or late, of all time: what is told goes by them, not by a window.

Findings hold the duties of the report's window, and what is due today may lie after a last week.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sellerkit import tables
from sellerkit.errors import InputError
from sellerkit.report.private import OWNER_ONLY, OWNER_ONLY_FOLDER

OWED = "owed.parquet"

#: What is kept of each; a thread's id holds the buyer's address.
COLUMNS = [
    "obligation_id", "kind", "problem", "order_id", "marketplace", "trigger_at", "due_at", "status",
]  # fmt: skip

_STATES = ("open", "missed", "late")


def write_owed(obligations: pd.DataFrame, folder: Path) -> Path:
    """Write the duties of all time that are open, missed or late beside findings.

    Parameters
    ----------
    obligations : pd.DataFrame
        Columns of `tables.OBLIGATIONS`.
    folder : Path
        Made for its owner alone where it is missing.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    rows = obligations[obligations["status"].isin(_STATES)]
    data = tables.to_arrow(rows, tables.OBLIGATIONS).select(COLUMNS)
    path = folder / OWED
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
        # the summary of the findings is written after it, so a half one is never read
        path.touch(mode=OWNER_ONLY)
        pq.write_table(data, path, compression="zstd")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return path


def read_owed(folder: Path) -> pd.DataFrame:
    """Return the duties beside findings; where there are none, those of the findings' window.

    Raises
    ------
    InputError
        A file that is none.
    """
    path = folder / OWED
    try:
        if not path.is_file():
            path = folder / "obligations.parquet"
        frame = pq.read_table(path, columns=COLUMNS).to_pandas()
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise InputError(
            f"{path}: cannot be read ({type(error).__name__}); where {folder} is removed, all is "
            "told as in a first run"
        ) from error
    return frame[frame["status"].isin(_STATES)].reset_index(drop=True)
