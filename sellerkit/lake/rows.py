"""The rows of a Delta table, from its files as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable


def rows_of(table: DeltaTable, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a table's rows, or some of their columns.

    A file that was changed under the lake is seldom as long as Delta's log says, by which Delta
    looks for its end. What stands in it is what is on file, and `sellerkit verify` says which
    figures it changes.

    Raises
    ------
    pa.ArrowException, OSError, deltalake.exceptions.DeltaError
        A file that is gone or is no Parquet file.
    """
    names = list(columns) if columns else None
    try:
        return table.to_pyarrow_table(columns=names)
    except pa.ArrowInvalid:
        files = [uri.removeprefix("file://") for uri in table.file_uris()]
        if not all(Path(file).is_file() for file in files):
            raise
        parts = [pq.read_table(file, columns=names) for file in files]
        return pa.concat_tables(parts, promote_options="default")
