"""The kernel of the audit: within a group, the next event at or after an instant.

Everything that the audit asks is of this kind: the first answer in the thread after a question,
the first mail on the order after a claim, the last call before a date. Groups (threads, orders)
are integer codes; one sort and a binary search answer for all rows at once.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

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
    total = np.zeros(sum(len(columns[0]) for columns in keys), dtype="int64")
    missing = np.zeros(len(total), dtype=bool)
    for column in zip(*keys, strict=True):
        part, values = pd.factorize(pd.concat(column, ignore_index=True))
        missing |= part == NONE
        total = total * (len(values) + 1) + part
    dense, _ = pd.factorize(total)
    dense = dense.astype("int64")
    dense[missing] = NONE
    return list(np.split(dense, sizes))


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
        ties = pd.DataFrame({"at": micros[rows], "id": ids.to_numpy(object)[rows], "row": rows})
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
        order = np.lexsort((micros[kept], groups[kept]))
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
        place = self._place(groups, micros, "right" if strictly else "left")
        return self._row(place, groups)

    def last(self, groups: np.ndarray, micros: np.ndarray, *, strictly: bool = False) -> np.ndarray:
        """Return the input row of each group's last event at or before (or strictly before)."""
        place = self._place(groups, micros, "left" if strictly else "right")
        return self._row(place - 1, groups)

    def _place(
        self, groups: np.ndarray, micros: np.ndarray, side: Literal["left", "right"]
    ) -> np.ndarray:
        instant = np.searchsorted(self._instants, micros, side=side)
        return np.searchsorted(self._keys, groups * self._step + instant, side="left")

    def _row(self, place: np.ndarray, groups: np.ndarray) -> np.ndarray:
        if not len(self.rows):
            return np.full(len(place), NONE)
        inside = (place >= 0) & (place < len(self.rows))
        safe = np.where(inside, place, 0)
        found = inside & (self.groups[safe] == groups) & (groups != NONE)
        return np.where(found, self.rows[safe], NONE)


def pick(values: pd.Series, rows: np.ndarray) -> pd.Series:
    """Return the values at the given rows, null where the row is `NONE`; the index is fresh."""
    return values.reset_index(drop=True).reindex(pd.Index(rows)).reset_index(drop=True)


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
    return pd.Series(micros.astype("datetime64[us]")).dt.tz_localize("UTC")
