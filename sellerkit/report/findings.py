"""The findings of a run as files: one Parquet file each, and `summary.json`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sellerkit import tables
from sellerkit.errors import InputError
from sellerkit.measure import to_json
from sellerkit.report.bounded import read_bounded
from sellerkit.report.compare import Comparison
from sellerkit.report.diff import Findings
from sellerkit.report.private import OWNER_ONLY, OWNER_ONLY_FOLDER
from sellerkit.report.provenance import RUN_FILE, Code, provenance_of, read_run, with_run
from sellerkit.report.writing import replace_all, settle, swept

if TYPE_CHECKING:
    from sellerkit.report.load import Run

SUMMARY = "summary.json"
COMPARISON = "comparison.json"


def write_findings(
    run: Run, out: Path, *, comparison: Comparison | None = None, code: Code | None = None
) -> list[Path]:
    """Write all findings of a run into a folder; whoever reads it sees all of them or none.

    Parameters
    ----------
    run : Run
    out : Path
        Made where it is missing. Files of an earlier run are replaced, others left.
    comparison : Comparison, optional
        Written as `comparison.json`; without one, that of an earlier run goes.
    code : Code, optional
        What they call the code that made them; default the code that runs.

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
        with swept(out), tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as fresh:
            names = _write(run, Path(fresh), comparison, code)
            for name in names:
                (Path(fresh) / name).chmod(OWNER_ONLY)
            if comparison is None:
                (Path(fresh) / COMPARISON).touch()  # empty: that of an earlier run goes
            replace_all(Path(fresh), out)
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}") from error
    return [out / name for name in names]


def _write(run: Run, folder: Path, comparison: Comparison | None, code: Code | None) -> list[str]:
    names = []
    rests_on = provenance_of(run)
    if code is not None:
        rests_on = rests_on.model_copy(update={"code": code})
    for name, table in tables.FINDINGS.items():
        data = tables.to_arrow(run.audit.findings[name], table)
        if f"{name}.parquet" == RUN_FILE:
            data = with_run(data, rests_on)
        pq.write_table(data, folder / f"{name}.parquet", compression="zstd")
        names.append(f"{name}.parquet")
    if comparison is not None:
        (folder / COMPARISON).write_text(to_json(comparison.as_dict()), "utf-8")
        names.append(COMPARISON)
    (folder / SUMMARY).write_text(to_json(run.summary), "utf-8")
    return [*names, SUMMARY]


def findings_of(run: Run) -> Findings:
    """Return a run's findings as two runs are compared by them."""
    found = run.audit
    return Findings(found.as_of, found.since, found.until, found.findings, provenance_of(run))


def read_findings(place: Path) -> Findings:
    """Read a folder of findings, or those that lie beside a page.

    Parameters
    ----------
    place : Path
        What `sellerkit audit --out` wrote, ``<date>.findings``, or ``<date>.html``.

    Raises
    ------
    InputError
        No findings there, or files that are none.
    """
    folder = place.with_suffix(".findings") if place.suffix == ".html" else place
    settle(folder)
    try:
        summary = json.loads((folder / SUMMARY).read_text("utf-8"))
        as_of, since, until = (
            pd.Timestamp(text).tz_convert("UTC").as_unit("us")
            for text in (summary["as_of"], summary["window"]["since"], summary["window"]["until"])
        )
        frames = {
            name: tables.from_arrow(read_bounded(folder / f"{name}.parquet"), table)
            for name, table in tables.FINDINGS.items()
        }
    except FileNotFoundError as error:
        raise InputError(
            f"{place}: no findings of a run; there is no {Path(error.filename or folder).name} in "
            f"{folder.name}; name OUT of `sellerkit audit`, or a page with its findings beside it"
        ) from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, pa.ArrowException, RecursionError) as error:
        raise InputError(f"{folder}: not findings as sellerkit writes them: {error}") from error
    return Findings(as_of, since, until, frames, read_run(folder))
