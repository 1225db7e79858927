"""Hostile files, each read by a command of its own: how it ended, how long, how much memory."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from torture.files_hostile import FILES, Hostile
from torture.measured import MOST_MIB, MOST_SECONDS, Measured, measured
from torture.rows import Row


def run(minutes: float) -> list[Row]:
    """Read every file at its whole size; in less than three minutes at a part of it."""
    rows: dict[str, Row] = {}
    for one in FILES:
        row = rows.setdefault(one.kind, Row(f"hostile files: {one.kind}", 0, lost=0, seconds=0.0,
                                            peak_mib=0.0))  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="sellerkit-torture-") as name:
            folder = Path(name)
            done, faults = tried(one, folder, 1.0)
        row.tried += 1
        row.seconds, row.peak_mib = max(row.seconds, done.seconds), max(row.peak_mib, done.peak_mib)
        row.broken += [f"{one.name}: {fault}" for fault in faults]
        print(f"  {one.name:<55}{done.seconds:>7.1f} s {done.peak_mib:>7,.0f} MiB  exit {done.code}"
              f"  {done.err.strip()[-150:]!r}", file=sys.stderr, flush=True)  # fmt: skip
    return list(rows.values())


def tried(one: Hostile, folder: Path, size: float) -> tuple[Measured, list[str]]:
    """Ingest a file; return what came of it and which promises it broke."""
    path = one.make(folder, size)
    done = measured(*one.command.split(), *words_for(one.command, path), cwd=folder)
    return done, [*faults_of(done, one), *escaped(folder)]


def words_for(command: str, path: Path) -> tuple[object, ...]:
    """Return what follows a command to have it read a file."""
    if command == "diff":
        return (path, path)
    if command != "ingest":
        return (path,)
    lake = path.parent / "lake"
    return (path, "--lake", lake, "--account", "A", "--marketplace", "DE", "--own-address",
            "shop@seller.example", "--json")  # fmt: skip


def faults_of(done: Measured, one: Hostile) -> list[str]:
    """Return what a command did that none may do."""
    found = []
    if done.seconds > MOST_SECONDS:
        found.append(f"took {done.seconds:.0f} s")
    if done.peak_mib > MOST_MIB:
        found.append(f"held {done.peak_mib:,.0f} MiB")
    if "Traceback" in done.out + done.err or "should not happen" in done.err:
        found.append(f"no error of ours: {done.err[-300:]}")
    if one.said and (done.code != 3 or one.said not in done.err):
        found.append(f"is not refused as it should be: {done.code} {done.err[-300:]}")
    if done.code not in (0, 3):
        found.append(f"exit {done.code}: {done.err[-300:]}")
    if not one.said and one.command == "ingest":
        found += unaccounted(done)
    return found


def unaccounted(done: Measured) -> list[str]:
    if done.code != 0:
        return [f"exit {done.code}: {done.err[-300:]}"]
    return [
        f"account: {file}"
        for file in json.loads(done.out)["files"]
        if file["read"] != file["used"] + sum(file["skipped"].values()) + file["quarantined"]
    ]


def escaped(folder: Path) -> list[str]:
    """Return files that a reader left where it has no business."""
    places = [folder.parent / "climbed.csv", folder / "climbed.csv", Path("/tmp/climbed.csv")]
    return [f"wrote {place}" for place in places if place.exists()]
