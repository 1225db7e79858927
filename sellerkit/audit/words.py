"""Sentences for many rows at once: templates whose blanks are columns."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_BLANK = re.compile(r"\{(\w+)\}")


def say(template: str, columns: dict[str, pd.Series], rows: np.ndarray) -> np.ndarray:
    """Fill a template's blanks from columns, for the given rows.

    Parameters
    ----------
    template : str
        ``"Due was {due}."``; instants are written as ``2026-10-05 06:00 UTC``.
    columns : dict of str to pd.Series
        What the blanks stand for; range indexes.
    rows : np.ndarray
        Positions of the rows to write a sentence for.

    Returns
    -------
    np.ndarray
        ``object`` array of ``str``, one for each of `rows`.
    """
    pieces = _BLANK.split(template)
    if len(pieces) == 1:
        return np.full(len(rows), template, dtype=object)
    parts: list[object] = []
    for place, piece in enumerate(pieces):
        parts.append(_text(columns[piece].iloc[rows]) if place % 2 else piece)
    joined = pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")
    return np.asarray(joined.to_numpy(zero_copy_only=False), dtype=object)


def alike(columns: list[pd.Series]) -> list[np.ndarray]:
    """Return the positions of the rows that agree in all columns, a list for each such group."""
    if not len(columns[0]):
        return []
    code = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        part, values = pd.factorize(column)
        code = code * (len(values) + 1) + part
    order = np.argsort(code, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(code[order])) + 1)


def _text(values: pd.Series) -> pa.Array:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        array = pa.array(values, type=pa.timestamp("us", "UTC"))
        return pc.strftime(array, format="%Y-%m-%d %H:%M UTC")
    if pd.api.types.is_float_dtype(values.dtype):
        return pc.cast(pc.round(pa.array(values), ndigits=1), pa.string())
    return pa.array(values.to_numpy(object), type=pa.string(), from_pandas=True)
