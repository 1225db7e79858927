"""Findings beside the lake: the same ids as there, and no excerpt of what was purged."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sellerkit import tables
from sellerkit.errors import InputError
from sellerkit.lake.forgotten import Forgotten
from sellerkit.lake.tokens import is_token

#: The ids of findings, and what they are ids of. An event's word stands among messages' ids too.
_IDS = {
    "message_id": ("message",), "answered_by": ("message",), "satisfied_by": ("message",),
    "order_id": ("order",), "claim_id": ("claim",), "call_id": ("call",),
}  # fmt: skip

_MADE = "mail:"

#: What tells a duty from others, whatever its id.
_DUTY = ["account", "kind", "problem", "trigger_at", "order_id", "thread_id"]


@dataclass
class Beside:
    """What was found beside the lake: ``findings`` changed, by file; ``pages`` left as they are."""

    findings: dict[str, int] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)


def look_beside(
    folders: Iterable[Path],
    forgotten: Forgotten | None,
    obligations: Callable[[], pd.DataFrame],
) -> Beside:
    """Purge the findings in folders, and name the pages there.

    Parameters
    ----------
    folders : iterable of Path
        A folder of findings, or one that holds such, as ``reports`` does.
    forgotten : Forgotten or None
        What the lake has forgotten.
    obligations : callable
        Gives all duties as the lake shows them now: their ids are made of others.

    Raises
    ------
    InputError
        A file of findings cannot be read or written.
    """
    found = Beside()
    if forgotten is None:
        return found
    obligations = functools.cache(obligations)
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder}: no folder of findings")
        for file in sorted(folder.rglob("*")):
            table = tables.FINDINGS.get(file.stem) if file.suffix == ".parquet" else None
            if table is not None:
                rows = _purged(file, table, forgotten, obligations)
                if rows:
                    found.findings[str(file)] = rows
            elif file.suffix == ".html" or file.name.endswith(".failed.ipynb"):
                found.pages.append(str(file))
    return found


def _purged(
    file: Path,
    table: tables.Table,
    forgotten: Forgotten,
    obligations: Callable[[], pd.DataFrame],
) -> int:
    """Purge one file; return how many of its rows changed."""
    try:
        data = pq.read_table(file)
        before = data.to_pandas()
        if not set(table.names) <= set(before):
            return 0
        after = _forgotten(before, forgotten)
        differs = pd.DataFrame(
            {
                name: before[name].astype("str") != after[name].astype("str")
                for name in _changing(before)
            }
        )
        rows = (differs & before[list(differs)].notna()).any(axis=1)
        changed = int(rows.sum())
        if changed:
            if table is tables.OBLIGATIONS:
                after = _as_now(after, rows, obligations())
            new = pa.Table.from_pandas(after, schema=data.schema, preserve_index=False)
            fresh = file.with_name(f".{file.name}.purging")
            pq.write_table(
                new.replace_schema_metadata(data.schema.metadata), fresh, compression="zstd"
            )
            fresh.chmod(0o600)
            fresh.replace(file)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file}: cannot be purged: {error}") from error
    return changed


def _as_now(rows: pd.DataFrame, changed: pd.Series, now: pd.DataFrame) -> pd.DataFrame:
    """Return duties under the ids that they have now, where one alone can be meant."""
    alone = now.drop_duplicates(_DUTY, keep=False)[[*_DUTY, "obligation_id"]]
    asked = rows[_DUTY].astype({name: now[name].dtype for name in _DUTY})
    found = asked.merge(alone, on=_DUTY, how="left")["obligation_id"].set_axis(rows.index)
    known = changed & found.notna()
    return rows.assign(obligation_id=rows["obligation_id"].where(~known, found))


def _changing(frame: pd.DataFrame) -> Iterator[str]:
    for name in (*_IDS, "thread_id", "excerpt"):
        if name in frame:
            yield name


def _forgotten(rows: pd.DataFrame, forgotten: Forgotten) -> pd.DataFrame:
    new = rows.copy()
    accounts = rows["account"].astype("str")
    for column, kinds in _IDS.items():
        if column in rows:
            new[column] = _looked_up(rows[column], accounts, kinds, forgotten)
    if "thread_id" in rows:
        new["thread_id"] = _threads(rows, accounts, forgotten)
    if "claim_id" in rows:
        own = rows["claim_id"].str.startswith(_MADE).fillna(False).astype(bool)
        order = rows["claim_id"].str.removeprefix(_MADE)
        made = _MADE + _looked_up(order, accounts, ("order",), forgotten).astype("str")
        new["claim_id"] = new["claim_id"].where(~own, made)
    if "excerpt" in rows:
        new["excerpt"] = rows["excerpt"].mask(is_token(new["message_id"]), "")
    return new


def _looked_up(
    values: pd.Series, accounts: pd.Series, kinds: tuple[str, ...], forgotten: Forgotten
) -> pd.Series:
    found = values.astype("str")
    for kind in kinds:
        found = forgotten.lookup(kind, accounts, found)
    return found


def _threads(rows: pd.DataFrame, accounts: pd.Series, forgotten: Forgotten) -> pd.Series:
    """Return threads: as given, or as mails make them of a buyer's and an order's id."""
    whole = _looked_up(
        rows["thread_id"], accounts, ("thread", "message", "buyer", "order"), forgotten
    )
    parts = rows["thread_id"].astype("str").str.partition("/")
    if parts.shape[1] < 3:
        return whole
    who = _looked_up(parts[0], accounts, ("buyer",), forgotten)
    what = _looked_up(parts[2], accounts, ("order", "message"), forgotten)
    both = (who + "/" + what).where(parts[1] == "/")
    unchanged = (whole == rows["thread_id"]) & both.notna()
    return whole.where(~unchanged, both)
