"""The findings of a run as files: one Parquet file each, and `summary.json`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from sellerkit import tables
from sellerkit.errors import InputError
from sellerkit.measure import to_json
from sellerkit.report.compare import Comparison
from sellerkit.report.load import Run
from sellerkit.report.private import OWNER_ONLY, OWNER_ONLY_FOLDER

SUMMARY = "summary.json"
COMPARISON = "comparison.json"


def write_findings(run: Run, out: Path, *, comparison: Comparison | None = None) -> list[Path]:
    """Write all findings of a run into a folder; whoever reads it sees all of them or none.

    Parameters
    ----------
    run : Run
    out : Path
        Made where it is missing. Files of an earlier run are replaced, others left.
    comparison : Comparison, optional
        Written as `comparison.json`; without one, that of an earlier run goes.

    Returns
    -------
    list of Path
        The files, `summary.json` last; readable by their owner only, since they hold ids and
        excerpts of messages.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # one that is there already belongs to somebody who chose who may look into it
        out.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as fresh:
            names = _write(run, Path(fresh), comparison)
            for name in names:
                (Path(fresh) / name).chmod(OWNER_ONLY)
                shutil.move(Path(fresh) / name, out / name)
        if comparison is None:
            (out / COMPARISON).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}") from error
    return [out / name for name in names]


def _write(run: Run, folder: Path, comparison: Comparison | None) -> list[str]:
    names = []
    for name, table in tables.FINDINGS.items():
        data = tables.to_arrow(run.audit.findings[name], table)
        pq.write_table(data, folder / f"{name}.parquet", compression="zstd")
        names.append(f"{name}.parquet")
    if comparison is not None:
        (folder / COMPARISON).write_text(to_json(comparison.as_dict()), "utf-8")
        names.append(COMPARISON)
    (folder / SUMMARY).write_text(to_json(run.summary), "utf-8")
    return [*names, SUMMARY]
