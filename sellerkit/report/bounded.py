"""Parquet that others may have written, read so that it can fill no memory."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sellerkit.errors import InputError

#: A file from which more than this times its size comes is taken for an attack, once that is large.
#: Findings grow to some twenty times their size.
MAX_RATIO = 100
_LARGE = 256 * 2**20

_ROWS = 65_536


def read_bounded(path: Path) -> pa.Table:
    """Read a Parquet file, counting what comes out of it and not what it says of itself.

    Raises
    ------
    InputError
        Far more comes out than a file of ours of that size holds.
    pa.ArrowException, OSError
        It is no Parquet file that can be read.
    """
    schema = pq.read_schema(path)
    # one long text that stands in each of a million rows is kept once, and is counted as often
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    allowed = max(_LARGE, path.stat().st_size * MAX_RATIO)
    batches, size = [], 0
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for batch in file.iter_batches(batch_size=_ROWS):
            size += sum(map(_size, batch.columns))
            if size > allowed:
                raise InputError(f"{path}: it unpacks to far more than findings would; not read")
            batches.append(batch)
        whole = pa.Table.from_batches(batches, file.schema_arrow)
    return whole.cast(schema)


def _size(column: pa.Array) -> int:
    """Return how many bytes a column takes once each row has its own."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return int(pc.sum(lengths).as_py() or 0) + 8 * len(column)
