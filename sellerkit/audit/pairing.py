"""The kernel of the audit: within a group, the next event at or after an instant.

Everything that the audit asks is of this kind: the first answer in the thread after a question,
the first mail on the order after a claim, the last call before a date. Groups (threads, orders)
are integer codes; one sort and a binary search answer for all rows at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

#: No such event, and the code of a missing key.
NONE = -1


def codes_of(*keys: list[pd.Series]) -> list[np.ndarray]:
    """Code keys as integers, alike over several frames.

    Parameters
    ----------
    *keys : list of pd.Series
        For each frame the columns that form its key (account and order id, say), each list of the
        same length.

    Returns
    -------
    list of np.ndarray
        For each frame one ``int64`` code a row; `NONE` where a part of the key is missing.
    """
    sizes = np.cumsum([len(columns[0]) for columns in keys])[:-1]
    parts = [_coded(column) for column in zip(*keys, strict=True)]
    missing = np.logical_or.reduce([codes == NONE for codes, _ in parts])
    # most often there is one account, and what does not differ tells nothing apart
    parts = [part for part in parts if part[1] > 1] or parts[:1]
    total = parts[0][0].astype("int64")
    for codes, count in parts[1:]:
        total = total * (count + 1) + codes
    dense = total if len(parts) == 1 else pd.factorize(total)[0]
    dense = np.where(missing, NONE, dense)
    return np.split(dense, sizes) if len(keys) > 1 else [dense]


def _coded(columns: Sequence[pd.Series]) -> tuple[np.ndarray, int]:
    """Return a code for each value of several columns, `NONE` for a missing one; how many."""
    if not all(isinstance(column.dtype, pd.StringDtype) for column in columns):
        codes, values = pd.factorize(pd.concat(columns, ignore_index=True))
        return codes, len(values)
    chunks = [chunk for column in columns for chunk in _chunks(column)]
    coded = pa.chunked_array(chunks, pa.large_string()).dictionary_encode().combine_chunks()
    return coded.indices.fill_null(NONE).to_numpy(), len(coded.dictionary)


def _chunks(texts: pd.Series) -> list[pa.Array]:
    cells = pa.array(texts.array, type=pa.large_string(), from_pandas=True)
    return cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]


def is_among(texts: pd.Series, others: pd.Series) -> np.ndarray:
    """Tell for each text whether it is one of the others; a missing one is not.

    Of many others, pandas' own ``isin`` looks at each in Python first.
    """
    known = pa.chunked_array(_chunks(others), pa.large_string()).drop_null()
    found = pc.is_in(pa.chunked_array(_chunks(texts), pa.large_string()), value_set=known)
    return found.to_numpy()


def time_order(micros: np.ndarray, ids: pd.Series) -> np.ndarray:
    """Return the positions that sort rows by instant, then by id.

    Sorting the ids of ten million messages costs more than all the rest, and matters only among
    those of one instant: so instants are sorted as integers, and ids within ties.
    """
    order = np.argsort(micros, kind="stable")
    sorted_micros = micros[order]
    same = sorted_micros[1:] == sorted_micros[:-1]
    tied = np.concatenate([[False], same]) | np.concatenate([same, [False]])
    if tied.any():
        rows = order[tied]
        ties = pd.DataFrame({"at": micros[rows], "id": ids.array.take(rows), "row": rows})
        order[tied] = ties.sort_values(["at", "id"], kind="stable")["row"].to_numpy()
    return order


class Timeline:
    """Events in groups, ready to be asked which comes next.

    Parameters
    ----------
    groups : np.ndarray
        ``int64`` codes; events of `NONE` are left out.
    micros : np.ndarray
        ``int64`` microseconds since 1970. Of two events at one instant in one group the one that
        stands first in the input comes first.
    """

    def __init__(self, groups: np.ndarray, micros: np.ndarray) -> None:
        kept = np.flatnonzero(groups != NONE)
        order = np.lexsort((micros[kept], groups[kept])) if len(kept) else kept
        self.rows = kept[order]
        self.groups = groups[self.rows]
        self.micros = micros[self.rows]
        self._instants = np.unique(self.micros)
        self._step = len(self._instants) + 1
        self._keys = self.groups * self._step + np.searchsorted(self._instants, self.micros)

    def first(
        self, groups: np.ndarray, micros: np.ndarray, *, strictly: bool = False
    ) -> np.ndarray:
        """Return the input row of each group's first event at or after an instant.

        Strictly after it where asked for; `NONE` where there is no such event.
        """
        if not len(self.rows):
            return np.full(len(groups), NONE)
        place = self._place(groups, micros, "right" if strictly else "left")
        return self._row(place, groups)

    def last(self, groups: np.ndarray, micros: np.ndarray, *, strictly: bool = False) -> np.ndarray:
        """Return the input row of each group's last event at or before (or strictly before)."""
        if not len(self.rows):
            return np.full(len(groups), NONE)
        place = self._place(groups, micros, "left" if strictly else "right")
        return self._row(place - 1, groups)

    def _place(
        self, groups: np.ndarray, micros: np.ndarray, side: Literal["left", "right"]
    ) -> np.ndarray:
        instant = np.searchsorted(self._instants, micros, side=side)
        return np.searchsorted(self._keys, groups * self._step + instant, side="left")

    def _row(self, place: np.ndarray, groups: np.ndarray) -> np.ndarray:
        inside = (place >= 0) & (place < len(self.rows))
        safe = np.where(inside, place, 0)
        found = inside & (self.groups[safe] == groups) & (groups != NONE)
        return np.where(found, self.rows[safe], NONE)


def first_answers(
    groups: np.ndarray, micros: np.ndarray, asks: np.ndarray, answers: np.ndarray
) -> np.ndarray:
    """Return for each event that asks the row of the first in its group that answers it.

    One sort and one scan of integers: where all that is asked stands in the events themselves, that
    takes a fraction of a `Timeline`'s searches.

    Parameters
    ----------
    groups : np.ndarray
        Codes from 0 on, fewer than 2^31; `NONE` is in no group.
    micros : np.ndarray
        ``int64``, ascending: events come in order of time.
    asks, answers : np.ndarray
        ``bool``. An answer of the same instant counts, wherever it stands.

    Returns
    -------
    np.ndarray
        Rows; `NONE` for what does not ask, and where no answer follows. Of two answers at one
        instant the first row.
    """
    kept = np.flatnonzero((asks | answers) & (groups != NONE)).astype("int32")
    bits = int(len(groups)).bit_length()
    packed = groups[kept].astype("int64")
    packed <<= bits
    packed |= kept
    packed.sort()
    rows = (packed & ((1 << bits) - 1)).astype("int32")
    packed >>= bits
    follows = np.where(answers[rows], np.arange(len(rows), dtype="int32"), np.int32(len(rows)))
    follows = np.minimum.accumulate(follows[::-1])[::-1]
    instants = micros[rows]
    same = (packed[1:] == packed[:-1]) & (instants[1:] == instants[:-1])
    if same.any():
        begun = np.arange(len(rows), dtype="int32")
        begun[1:][same] = 0
        follows = follows[np.maximum.accumulate(begun)]
    asked = np.flatnonzero(asks[rows] & (follows < len(rows)))
    asked = asked[packed[asked] == packed[follows[asked]]]
    found = np.full(len(groups), NONE)
    found[rows[asked]] = rows[follows[asked]]
    return found


def pairs_of(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of all pairs of equal codes, by the first; `NONE` has no equal."""
    order = np.argsort(other, kind="stable")
    ordered = other[order]
    first, behind = (np.searchsorted(ordered, one, side=side) for side in ("left", "right"))
    count = np.where(one == NONE, 0, behind - first)
    rows = np.repeat(np.arange(len(one)), count)
    place = np.arange(len(rows)) - np.repeat(count.cumsum() - count, count)
    return rows, order[first[rows] + place]


def pick(values: pd.Series, rows: np.ndarray) -> pd.Series:
    """Return the values at the given rows, null where the row is `NONE`; the index is fresh."""
    return pd.Series(values.array.take(rows, allow_fill=True), copy=False)


def micros_of(instants: pd.Series) -> np.ndarray:
    """Return instants as ``int64`` microseconds since 1970; a missing one as the smallest int64."""
    return instants.to_numpy("datetime64[us]").astype("int64")


def micro(instant: pd.Timestamp) -> int:
    """Return one instant as microseconds since 1970 (`Timestamp.value` is always nanoseconds)."""
    return int(instant.to_datetime64().astype("datetime64[us]").astype("int64"))


#: `micros_of` a missing instant.
NAT = np.iinfo("int64").min

HOUR = 3_600_000_000
DAY = 24 * HOUR


def micros_from(hours: pd.Series) -> np.ndarray:
    """Return hours as whole microseconds; a missing one as 0 (mask it)."""
    return np.rint(hours.fillna(0).to_numpy("float64") * HOUR).astype("int64")


def instants_of(micros: np.ndarray) -> pd.Series:
    """Return ``int64`` microseconds as UTC instants; `NAT` as missing."""
    return pd.Series(micros.astype("int64", copy=False), dtype=_UTC)


_UTC = pd.DatetimeTZDtype("us", "UTC")
