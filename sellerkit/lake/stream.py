"""A table of a lake, batch by batch: what is looked through once need not be held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from sellerkit.errors import InputError
from sellerkit.lake.store import Lake
from sellerkit.tables import Table

#: Rows of a batch. Messages are seldom longer than a page, so that is some megabytes.
_ROWS = 16_384


def batches(lake: Lake, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield some columns of a table, as of the lake's version; nothing where it does not exist.

    Raises
    ------
    InputError
        The table cannot be read.
    """
    if table.name not in lake._versions:
        return
    place = f"{lake.address.rstrip('/')}/{table.name}"
    try:
        data = DeltaTable(place, version=lake._versions[table.name]).to_pyarrow_dataset()
        yield from data.to_batches(columns=list(columns), batch_size=_ROWS, batch_readahead=2)
    except (DeltaError, OSError) as error:
        raise InputError(f"{place}: the table cannot be read: {error}") from error
