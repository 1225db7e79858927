"""Sentences for many rows at once: templates whose blanks are columns."""

from __future__ import annotations

import re
from typing import Any

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
    return np.asarray(_said(template, columns, rows).to_numpy(zero_copy_only=False), dtype=object)


def say_each(sentences: list[tuple[str, np.ndarray]], columns: dict[str, pd.Series]) -> pd.Series:
    """Fill a template for each of several sets of rows, which together are all rows.

    Returns
    -------
    pd.Series
        ``str``, in the order of the rows.
    """
    if not sentences:
        return pd.Series([], dtype="str")
    texts = pa.concat_arrays([_said(template, columns, rows) for template, rows in sentences])
    told = np.concatenate([rows for _, rows in sentences])
    place = np.empty_like(told)
    place[told] = np.arange(len(told))
    return pd.Series(pd.array(texts.take(pa.array(place)), dtype="str"), copy=False)


def _said(template: str, columns: dict[str, pd.Series], rows: np.ndarray) -> pa.Array:
    pieces = _BLANK.split(template)
    if len(pieces) == 1:
        return pa.repeat(pa.scalar(template, _TEXT), len(rows))
    parts: list[Any] = []
    for place, piece in enumerate(pieces):
        in_rows = [pa.scalar(piece, _TEXT)] if place % 2 == 0 else _text(columns[piece].iloc[rows])
        parts.extend(in_rows)
    end = pa.scalar("", _TEXT)
    return pc.binary_join_element_wise(*parts, end, null_handling="replace", null_replacement="")


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


def _text(values: pd.Series) -> list[pa.Array]:
    """Return values as text, in pieces to be joined."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _instants(values.to_numpy("datetime64[m]"))
    if pd.api.types.is_float_dtype(values.dtype):
        return [pc.cast(pc.round(pa.array(values), ndigits=1), _TEXT)]
    found = pa.array(values.array, type=_TEXT, from_pandas=True)
    return [found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found]


def _instants(minutes: np.ndarray) -> list[pa.Array]:
    """Return days and times of day: there are few of either, and writing one takes long."""
    missing = np.isnat(minutes)
    days = minutes.astype("datetime64[D]")
    codes, known = pd.factorize(days)
    of_day = (minutes - days).astype("int64")
    return [
        pc.cast(pa.array(known.astype("str")), _TEXT).take(pa.array(codes, mask=missing)),
        _TIMES.take(pa.array(of_day, mask=missing)),
    ]


_TEXT = pa.large_string()

_TIMES = pa.array([f" {of // 60:02}:{of % 60:02} UTC" for of in range(24 * 60)], _TEXT)
