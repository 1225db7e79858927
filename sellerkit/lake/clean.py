"""A table without its past: no file and no line of its log but those of one version."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from deltalake import DeltaTable

from sellerkit.lake.log import INGESTS, TABLES
from sellerkit.lake.store import Lake

_LOG = "_delta_log"
_NUMBER = re.compile(r"^([0-9]{20})\.")


def forget_versions(lake: Lake) -> int:
    """Remove from a lake in a folder all that its newest version does not need.

    What is there after a crash is removed too: a file that no version names, a table that no log
    names. Done again it finds nothing.

    Parameters
    ----------
    lake : Lake
        At its newest version, held for writing.

    Returns
    -------
    int
        How many files were removed.

    Notes
    -----
    Delta's own vacuum leaves the log, whose lines hold each file's least and greatest texts; and it
    adds a version, which the log of ingests does not name.
    """
    folder, removed = Path(lake.address), 0
    for name in TABLES:
        if name in lake._versions:
            removed += _only(folder / name, lake._versions[name])
        elif (folder / name).is_dir():
            removed += sum(file.is_file() for file in (folder / name).rglob("*"))
            shutil.rmtree(folder / name)
    newest = DeltaTable(str(folder / INGESTS.name)).version()
    return removed + _only(folder / INGESTS.name, newest)


def _only(place: Path, version: int) -> int:
    """Leave of a table one version, which can be opened by its number as before."""
    log = place / _LOG
    files = [file for file in place.rglob("*") if file.is_file()]
    checkpoint = log / f"{version:020}.checkpoint.parquet"
    table = DeltaTable(str(place), version=version)
    live = {Path(uri).name for uri in table.file_uris()}
    past = [
        file for file in files
        if (file.name not in live if log not in file.parents else _is_past(file.name, version))
    ]  # fmt: skip
    if not past:
        return 0
    if not checkpoint.is_file():
        table.create_checkpoint()
    for file in past:
        file.unlink(missing_ok=True)
    return len(past)


def _is_past(name: str, version: int) -> bool:
    """Tell whether a file of the log is of another version, or none of Delta's at all."""
    if name == "_last_checkpoint":
        return False
    number = _NUMBER.match(name)
    return number is None or int(number[1]) != version
