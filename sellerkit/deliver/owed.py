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

#: A table as the findings' own, in a folder beside it, so that `sellerkit purge` finds it too.
OWED = "owed/obligations.parquet"

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
    data = tables.to_arrow(rows, tables.OBLIGATIONS)
    path = folder / OWED
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for place in (folder, path.parent):
            place.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
        # the summary of the findings is written after it, so a half one is never read
        path.touch(mode=OWNER_ONLY)
        pq.write_table(data, path, compression="zstd")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return path


def read_owed(folder: Path) -> pd.DataFrame:
    """Return the duties beside findings; where there are none, those of the findings' window.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.OBLIGATIONS`, and ``key``: by what a duty is the same in another run.
        It is made of its kind and instant, since a purge leaves these alone and no id.

    Raises
    ------
    InputError
        A file that is none.
    """
    path = folder / OWED
    try:
        if not path.is_file():
            path = folder / "obligations.parquet"
        frame = tables.from_arrow(pq.read_table(path), tables.OBLIGATIONS)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise InputError(
            f"{path}: cannot be read ({type(error).__name__}); where {folder} is removed, all is "
            "told as in a first run"
        ) from error
    rows = frame[frame["status"].isin(_STATES)].sort_values(["due_at", "obligation_id"])
    return rows.assign(key=_keys(rows)).reset_index(drop=True)


def _keys(rows: pd.DataFrame) -> pd.Series:
    instant = rows["trigger_at"].dt.strftime("%Y%m%dT%H%M%S.%f")
    what = rows["kind"].str.cat([rows["problem"].fillna(""), instant], sep="/")
    twin = what.groupby(what).cumcount()
    return what + ("/" + twin.astype("str")).where(twin > 0, "")
