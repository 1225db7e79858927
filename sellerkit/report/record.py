"""What the list of all runs knows of each: one small file beside each page, nothing else."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from sellerkit.report.figures import Figures, figures_of, stores_of
from sellerkit.report.load import Run
from sellerkit.report.places import PORTFOLIO, Place
from sellerkit.report.writing import write_whole

#: A record has about 2 kB; what is longer by far is none.
_LONGEST = 1_000_000


class Record(BaseModel):
    """One run of one report of one account.

    Attributes
    ----------
    account : str
        Empty for the portfolio, which is of all.
    report : str
    as_of, since, until : datetime
        UTC.
    lake_version : int
    policy, zone : str
    stores : tuple of str
        Those with a message or an order on file.
    code : str
        The version of sellerkit.
    figures : Figures or None
        None of the portfolio, and of a run that failed.
    failed : str
        Where it failed; empty of one that was published. It holds nothing that a file said.
    """

    model_config = ConfigDict(frozen=True)

    account: str
    report: str
    as_of: AwareDatetime
    since: AwareDatetime
    until: AwareDatetime
    lake_version: int
    policy: str
    zone: str
    stores: tuple[str, ...]
    code: str
    figures: Figures | None
    failed: str = ""


@dataclass(frozen=True)
class Kept:
    """A record and the page beside it; the page may be gone."""

    record: Record
    page: Path


def record_of(run: Run, report: str, code: str, *, failed: str = "") -> Record:
    """Return the record of a run; of one that failed without its figures."""
    found, portfolio = run.audit, report == PORTFOLIO
    return Record(
        account="" if portfolio else run.accounts[0],
        report=report,
        as_of=found.as_of.to_pydatetime().astimezone(dt.UTC),
        since=found.since.to_pydatetime().astimezone(dt.UTC),
        until=found.until.to_pydatetime().astimezone(dt.UTC),
        lake_version=run.lake_version,
        policy=found.policy.name,
        zone=run.zone,
        stores=() if portfolio else stores_of(run),
        code=code,
        figures=None if portfolio or failed else figures_of(run),
        failed=failed,
    )


def write_record(record: Record, place: Place) -> None:
    """Keep the record of a run beside its page.

    That of a failed run leaves the page and the record of an earlier one; that of a published one
    ends the failed one's.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    text = json.dumps(record.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False)
    write_whole(place.failure if record.failed else place.record, (text + "\n").encode())
    if not record.failed:
        place.failure.unlink(missing_ok=True)


def record_files(out: Path) -> list[Path]:
    """Return the files of all records under a folder of reports, sorted."""
    # of an account's report two folders down, of the portfolio one
    names = (f"{depth}*.{kind}.json" for depth in ("*/", "*/*/") for kind in ("run", "failed"))
    return sorted(path for name in names for path in out.glob(name) if path.is_file())


def read_records(files: list[Path]) -> tuple[list[Kept], int]:
    """Read records; those that are cut or are none are left out and counted.

    Returns
    -------
    pair of (list of Kept, int)
        In the order of the files; how many could not be read.
    """
    found = []
    for path in files:
        try:
            if path.stat().st_size > _LONGEST:
                continue
            record = Record.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue
        day = path.name.split(".", 1)[0]
        found.append(Kept(record, path.parent / f"{day}.html"))
    return found, len(files) - len(found)
