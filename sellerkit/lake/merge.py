"""What new rows do to rows on file: which are new, which change something, which say nothing new.

Rows of one key merge column by column, and the newest value that is not null wins. A row keeps
the provenance of the last file that changed it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.tables import ORDERS, PROVENANCE, Column, Table

_ORIGIN = [column.name for column in PROVENANCE]

#: Every zone's midnight is a whole half hour in UTC (Nepal's quarter has no store).
_HALF_HOUR = 1_800_000_000

_LONGEST_DAY = pd.Timedelta(hours=25)

#: What `merge` may do to a row.
OUTCOMES = ("new", "updated", "same")

#: Each partial record of an order as it was read. `orders` is what they come to together.
#: ``updated_at``: when Amazon last changed the order, where the file says so. ``arrived``: the
#: lake version that it came with. ``part_id``: a hash of what it says.
ORDER_PARTS = Table(
    "order_parts",
    ("account", "order_id", "part_id"),
    (
        *ORDERS.columns,
        Column("updated_at", "ts", nullable=True),
        Column("arrived", "int"),
        Column("part_id", "str"),
    ),
    "each partial record of an order as it was read",
)


@dataclass(frozen=True)
class Merged:
    """What a merge comes to.

    Attributes
    ----------
    changed : pd.DataFrame
        Rows to write: new ones, and those on file that now say something else.
    outcomes : pd.DataFrame
        One row for each key of each file: the key's columns, ``file`` and ``outcome`` (one of
        `OUTCOMES`).
    """

    changed: pd.DataFrame
    outcomes: pd.DataFrame


def merge(
    table: Table,
    on_file: pd.DataFrame,
    incoming: pd.DataFrame,
    *,
    nulls_erase: bool = False,
    alone: np.ndarray | None = None,
) -> Merged:
    """Merge rows into those on file.

    Parameters
    ----------
    table : Table
    on_file : pd.DataFrame
        The table's columns, keys unique.
    incoming : pd.DataFrame
        The table's columns and ``file`` (``int64``, not negative), oldest first.
    nulls_erase : bool
        Rows take the place of those on file as they are, nulls too: for what was concluded anew
        rather than read.
    alone : np.ndarray, optional
        What `stands_alone` tells, where that is known.

    Returns
    -------
    Merged
        Empty input gives empty frames.
    """
    alone = stands_alone(incoming, [on_file], table) if alone is None else alone
    if alone.all():
        return _all_new(incoming, table)
    rest = _merged(table, on_file, incoming[~alone], nulls_erase)
    return _with(_all_new(incoming[alone], table), rest, table)


def stands_alone(incoming: pd.DataFrame, others: list[pd.DataFrame], table: Table) -> np.ndarray:
    """Tell which rows are the only ones of their key, there and in the other frames.

    Nothing has to be merged into these, and of a first ingest nearly all are such.
    """
    key = list(table.key)
    codes = _codes(pd.concat([incoming[key], *(frame[key] for frame in others)]), key)
    return np.asarray(np.bincount(codes)[codes[: len(incoming)]] == 1)


def _all_new(rows: pd.DataFrame, table: Table) -> Merged:
    outcomes = rows[[*table.key, "file"]].assign(outcome=OUTCOMES[0]).reset_index(drop=True)
    return Merged(tables.conform(rows.reset_index(drop=True), table), outcomes)


def _with(one: Merged, other: Merged, table: Table) -> Merged:
    if one.outcomes.empty:
        return other
    return Merged(
        tables.conform(pd.concat([one.changed, other.changed], ignore_index=True), table),
        pd.concat([one.outcomes, other.outcomes], ignore_index=True),
    )


def _merged(
    table: Table, on_file: pd.DataFrame, incoming: pd.DataFrame, nulls_erase: bool
) -> Merged:
    """Merge rows that share their keys with others."""
    key = list(table.key)
    rows = pd.concat([_touched(on_file, incoming, key).assign(file=-1), incoming])
    rows, codes = _by_key(_once_a_file(rows, key), key)
    follows = np.concatenate([[False], codes[1:] == codes[:-1]])[: len(codes)]
    arrives = (rows["file"] >= 0).to_numpy(bool)
    content = [name for name in table.names if name not in key and name not in _ORIGIN]
    if follows.any() and not nulls_erase:
        _prefer_times(rows, codes, [c.name for c in table.columns if c.kind == "ts"])
        rows[content] = rows[content].groupby(codes).ffill()
    differs = follows & _differs(rows[content])
    outcome = np.select([arrives & ~follows, differs], OUTCOMES[:2], OUTCOMES[2])
    origin = [name for name in _ORIGIN if name in rows]
    if follows.any() and origin:
        says_nothing = arrives & (outcome == "same")
        for name in origin:
            rows[name] = rows[name].mask(says_nothing).groupby(codes).ffill()
    last = np.concatenate([codes[1:] != codes[:-1], [True]])[: len(codes)]
    moved = pd.Series(outcome != "same").groupby(codes).transform("any").to_numpy(bool)
    changed = tables.conform(rows[last & moved].reset_index(drop=True), table)
    outcomes = rows.assign(outcome=outcome).loc[arrives, [*key, "file", "outcome"]]
    return Merged(changed, outcomes.reset_index(drop=True))


def merge_orders(
    on_file: pd.DataFrame,
    parts: pd.DataFrame,
    incoming: pd.DataFrame,
    arrived: int,
    alone: np.ndarray | None = None,
) -> tuple[Merged, pd.DataFrame]:
    """Merge partial records of orders, whatever the order in which they come.

    A report that says when Amazon last changed an order takes its place among its like by that
    time; all others count in the order of arrival.

    Parameters
    ----------
    on_file : pd.DataFrame
        Orders as they stand.
    parts : pd.DataFrame
        `ORDER_PARTS` on file.
    incoming : pd.DataFrame
        Columns of orders, ``updated_at`` and ``file``.
    arrived : int
        The lake version that these come with.
    alone : np.ndarray, optional
        What `stands_alone` tells, where that is known.

    Returns
    -------
    (Merged, pd.DataFrame)
        The merge of orders, and the parts to add.
    """
    incoming = incoming.assign(part_id=part_ids(incoming), arrived=arrived)
    alone = stands_alone(incoming, [on_file, parts], ORDERS) if alone is None else alone
    if alone.all():
        return _all_new(incoming, ORDERS), incoming
    merged, fresh = _merged_orders(on_file, parts, incoming[~alone])
    new = _all_new(incoming[alone], ORDERS)
    return _with(new, merged, ORDERS), pd.concat([incoming[alone], fresh])


def _merged_orders(
    on_file: pd.DataFrame, parts: pd.DataFrame, incoming: pd.DataFrame
) -> tuple[Merged, pd.DataFrame]:
    """Merge partial records of orders that have others."""
    key = list(ORDERS.key)
    known = pd.MultiIndex.from_frame(parts[[*key, "part_id"]])
    repeats = pd.MultiIndex.from_frame(incoming[[*key, "part_id"]]).isin(known)
    fresh = incoming[~repeats & ~incoming.duplicated([*key, "part_id"])]
    folded = _folded(pd.concat([_touched(parts, fresh, key), fresh]), key)
    merged = merge(ORDERS, on_file, folded.assign(file=0))
    moved = merged.outcomes.set_index(key)["outcome"]
    outcomes = incoming.drop_duplicates([*key, "file"])[[*key, "file"]].reset_index(drop=True)
    said = moved.reindex(pd.MultiIndex.from_frame(outcomes[key])).fillna("same").to_numpy(object)
    later = outcomes.duplicated(key).to_numpy(bool) & (said == "new")
    said[later] = "updated"
    return Merged(merged.changed, outcomes.assign(outcome=said)), fresh


def _folded(parts: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Fold the parts of each order into one row, oldest first; the newest value wins."""
    arrival = parts.sort_values(["arrived", "source", "source_pos"], kind="stable")
    rows, codes = _by_key(arrival.assign(file=0), key)
    _prefer_times(rows, codes, [c.name for c in ORDERS.columns if c.kind == "ts"])
    place = np.arange(len(rows))
    dated = np.flatnonzero(rows["updated_at"].notna().to_numpy(bool))
    # the dated ones keep their places among all, and share these out by date
    by_date = dated[np.lexsort((rows["updated_at"].iloc[dated], codes[dated]))]
    place[by_date] = dated
    ordered = rows.iloc[np.argsort(place, kind="stable")]
    # GroupBy.last skips nulls: for each column the newest value that says something
    folded = ordered.groupby(key, sort=False).last().reset_index()
    return tables.conform(folded, ORDERS)


def part_ids(rows: pd.DataFrame) -> pd.Series:
    """Return a hash of what each partial record says of its order."""
    left_out = {*_ORIGIN, *ORDERS.key, "arrived", "part_id"}
    said = [column for column in ORDER_PARTS.columns if column.name not in left_out]
    total = np.full(len(rows), len(said), dtype="uint64")
    for column in said:
        # an odd factor: what two columns say is not the same the other way round
        total = total * np.uint64(1_099_511_628_211) + _hashes(rows[column.name], column)
    return pd.Series(pd.array(total).astype("str"), index=rows.index).astype("str")


def _hashes(values: pd.Series, column: Column) -> np.ndarray:
    if column.kind == "ts":
        return pd.util.hash_array(values.to_numpy("datetime64[us]").view("int64"))
    if column.kind == "num":
        return pd.util.hash_array(values.to_numpy("float64"))
    codes, distinct = pd.factorize(values)
    of_words = pd.util.hash_array(
        np.asarray(distinct.astype("str"), dtype=object), categorize=False
    )
    return np.append(of_words, np.uint64(0))[codes]  # null's code is -1, which takes the last


def _touched(on_file: pd.DataFrame, incoming: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return the rows on file whose key comes in again."""
    both = pd.concat([on_file[key], incoming[key]])
    codes = _codes(both, key)
    return on_file[np.isin(codes[: len(on_file)], codes[len(on_file) :])]


def _once_a_file(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Fold the rows that one file has of one key into one."""
    repeated = rows.duplicated([*key, "file"], keep=False)
    if not repeated.any():
        return rows.reset_index(drop=True)
    folded = rows[repeated].groupby([*key, "file"], sort=False).last().reset_index()
    folded = folded[rows.columns].astype(rows.dtypes)
    return pd.concat([rows[~repeated], folded], ignore_index=True)


def _by_key(rows: pd.DataFrame, key: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Sort rows by key, those of one key by file; return them with the key's codes."""
    rows = rows.reset_index(drop=True)
    codes = _codes(rows, key)
    order = np.lexsort((rows["file"].to_numpy(), codes))
    return rows.iloc[order].reset_index(drop=True), codes[order]


def _codes(rows: pd.DataFrame, key: list[str]) -> np.ndarray:
    """Return a number for each key, the same for the same."""
    codes = np.zeros(len(rows), dtype="int64")
    if not len(rows):
        return codes
    distinct = 1
    for column in key:
        if (rows[column] == rows[column].iat[0]).all():  # mostly there is one account
            continue
        part, values = pd.factorize(rows[column], use_na_sentinel=False)
        codes = part if distinct == 1 else pd.factorize(codes * len(values) + part)[0]
        distinct *= len(values)
    return codes


def _prefer_times(rows: pd.DataFrame, codes: np.ndarray, columns: list[str]) -> None:
    """Drop a bare date where another row of the key has the time of that day.

    A bare date stands as the last microsecond of its day, in some zone; a report that knows the
    day only must not take the place of a mail or a list that knows the minute.
    """
    for name in columns:
        at = rows[name].to_numpy("datetime64[us]")
        known = ~np.isnat(at)
        bare = known & ((at.astype("int64") + 1) % _HALF_HOUR == 0)
        if not bare.any() or not (known & ~bare).any():
            continue
        exact = rows[name].where(known & ~bare).groupby(codes).transform("max")
        before = rows[name] - exact
        told = bare & before.between(pd.Timedelta(0), _LONGEST_DAY).to_numpy(bool)
        rows[name] = rows[name].mask(told)


def _differs(states: pd.DataFrame) -> np.ndarray:
    """Tell for each row whether it differs in any column from the row before it."""
    differs = np.zeros(len(states), dtype=bool)
    for name in states:
        values = states[name]
        if values.dtype == object:
            values = values.map(lambda words: "\x1f".join(words)).astype("str")
        before = values.shift()
        unequal = (values != before).fillna(False).to_numpy(bool)
        null, was_null = values.isna().to_numpy(bool), before.isna().to_numpy(bool)
        differs |= (unequal & ~null & ~was_null) | (null != was_null)
    return differs
