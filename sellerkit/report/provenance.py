"""What a page or a folder of findings rests on: lake version, rules, code, parameters, hashes.

It stands in the page as one block of JSON, and in the findings among the metadata of
`contacts.parquet`. It names no place of a machine: neither where the lake lies nor where a file of
rules does.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import sellerkit
from sellerkit import tables
from sellerkit.errors import InputError
from sellerkit.lake import Lake
from sellerkit.measure import to_json
from sellerkit.policy import Policy, Rule
from sellerkit.policy.timeline import value_words
from sellerkit.report.writing import settle
from sellerkit.tables import NO_RESPONSE_NEEDED, Table

if TYPE_CHECKING:
    from sellerkit.report.load import Run

#: Under which name a finding's file has these facts among its metadata, and which file that is.
RUN = b"sellerkit-run"
RUN_FILE = "contacts.parquet"

#: Parameters that name a place of the machine, so that no page holds them.
PLACES = ("lake", "policy", "earlier", "reports", "templates")

#: Of `summary.json` what a page does not carry a second time.
_LONG = ("ahead", "beside_amazon", "order_performance", "weeks")

_PACKAGE = Path(__file__).parents[1]

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Line = Annotated[str, Field(max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Code(_Strict):
    """Which sellerkit: its version, a hash of its files, and one of the report's notebook."""

    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]
    package: Digest
    notebook: Digest | None = None


class Origin(_Strict):
    """Which lake: its version, and hashes of the files read and of the marks set up to it.

    `readings` says for each file, by the head of its hash, under which options it was read; only
    findings have it.
    """

    version: int
    files: Digest
    marks: Digest
    readings: dict[str, str] = {}


class Rules(_Strict):
    """Which rules: their name, their hash, each row's words and hash, and the day that judges all.

    `asked` is what was asked for: names of files, without their folders, and dates.
    """

    name: _Line
    asked: tuple[_Line, ...] = Field(default=(), strict=False)
    sha256: Digest
    rows: dict[str, str]


class Finding(_Strict):
    """One finding: how many rows, and the hash of all of them."""

    rows: int
    sha256: Digest


class Provenance(_Strict):
    """All that it takes to make a run again, and to say whether it came out the same.

    Attributes
    ----------
    report : str or None
        A name of `REPORTS`; None for `sellerkit audit`.
    parameters : dict
        Of the notebook or the audit, as they were resolved, without places of a machine.
    summary : dict or None
        The figures of `summary.json`; of findings they lie in a file of their own.
    earlier : Provenance or None
        What the section "Since the last run" was made from.
    """

    report: str | None = None
    code: Code
    lake: Origin
    policy: Rules
    parameters: dict[str, str | int | float | bool]
    findings: dict[str, Finding]
    summary: dict[str, Any] | None = None
    earlier: Provenance | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it, without what is not there."""
        return self.model_dump(mode="json", exclude_none=True)

    def lean(self) -> Provenance:
        """Return it without figures and files, as a page names the run that it is compared with."""
        lake = self.lake.model_copy(update={"readings": {}})
        rules = self.policy.model_copy(update={"rows": {}})
        return self.model_copy(
            update={"lake": lake, "policy": rules, "summary": None, "earlier": None}
        )

    def of_page(self) -> Provenance:
        """Return what a page carries: the figures without the long lists, which it shows anyway."""
        short = {name: v for name, v in (self.summary or {}).items() if name not in _LONG}
        return self.lean().model_copy(
            update={"policy": self.policy, "summary": short, "earlier": self.earlier}
        )


def provenance_of(
    run: Run,
    *,
    report: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    notebook: Path | None = None,
    earlier: Provenance | None = None,
    figures: bool = False,
) -> Provenance:
    """Return what a run rests on.

    Parameters
    ----------
    run : Run
    report : str, optional
        What the report is called.
    parameters : mapping, optional
        Of its notebook; default those of the run. Places of the machine are left out.
    notebook : Path, optional
        Whose hash is part of the code's.
    earlier : Provenance, optional
        Of the findings with which the run is compared.
    figures : bool
        Whether its figures are among it: in a folder of findings they have a file of their own.
    """
    values = run.parameters if parameters is None else parameters
    found = run.audit
    return Provenance(
        report=report,
        code=code_of(notebook),
        lake=run.origin or Origin(version=run.lake_version, files=_sha256(b""), marks=_sha256(b"")),
        policy=rules_of(found.policy, str(values.get("policy", ""))),
        parameters={name: value for name, value in values.items() if name not in PLACES},
        findings={
            name: Finding(rows=len(frame), sha256=hash_rows(frame, tables.FINDINGS[name]))
            for name, frame in found.findings.items()
        },
        summary=json.loads(to_json(run.summary)) if figures else None,
        earlier=earlier.lean() if earlier else None,
    )


def code_of(notebook: Path | None = None) -> Code:
    """Return which sellerkit runs here, and which notebook makes the report."""
    return Code(
        version=sellerkit.__version__,
        package=_package(),
        notebook=_sha256(notebook.read_bytes()) if notebook else None,
    )


def origin_of(lake: Lake) -> Origin:
    """Return which lake this is, by what was read into it, wherever it lies."""
    log = lake.ingests()
    log = log[~log["reading"].str.startswith(("mark|", "unmark|"))]
    files = sorted(f"{row.version} {row.source_sha256}" for row in log.itertuples())
    # where a list of marks lay is left out: the same list elsewhere is the same
    names = [name for name in NO_RESPONSE_NEEDED.names if not name.startswith("source")]
    marks = lake.read(NO_RESPONSE_NEEDED)[names].astype("str").to_numpy().tolist()
    readings: dict[str, set[str]] = {}
    for row in log.itertuples():
        readings.setdefault(str(row.source_sha256)[:16], set()).add(f"{row.format} {row.reading}")
    return Origin(
        version=lake.version,
        files=_sha256("\n".join(files).encode()),
        marks=_sha256(json.dumps(sorted(marks)).encode()),
        readings={
            name: _sha256("\n".join(sorted(words)).encode())[:8]
            for name, words in sorted(readings.items())
        },
    )


def rules_of(policy: Policy, asked: str) -> Rules:
    """Return which rules these are: a row's words, and the head of the hash of all it says."""
    rows = {}
    for rule in policy.rules:
        rows[row_name(rule)] = f"{value_words(rule)} ({_sha256(_dump(rule))[:8]})"
    said = [[rule.layer, _dump(rule).decode()] for rule in policy.rules]
    seasons = [_dump(holiday).decode() for holiday in policy.holidays]
    whole = json.dumps([said, seasons, str(policy.day)])
    return Rules(
        name=policy.name,
        asked=tuple(Path(part).name for part in parts_of(asked)),
        sha256=_sha256(whole.encode()),
        rows=rows,
    )


def row_name(rule: Rule) -> str:
    """Return a name that only one row has: as findings name it, its stores, whether it is yours."""
    stores = ",".join(rule.marketplaces)
    return " ".join(word for word in (rule.name, stores, "yours" if rule.layer else "") if word)


def parts_of(policy: str) -> list[str]:
    """Return the files and dates that a policy was asked for by, as `Policy.of` reads them."""
    if not policy:
        return []
    try:
        is_file = Path(policy).is_file()
    except OSError:
        is_file = False
    return [policy] if is_file else [part.strip() for part in policy.split(",")]


def _dump(row: BaseModel) -> bytes:
    return json.dumps(row.model_dump(mode="json", by_alias=True), sort_keys=True).encode()


def hash_rows(frame: pd.DataFrame, table: Table) -> str:
    """Return the SHA-256 of a finding's rows as CSV, the same wherever and however it is stored."""
    data = tables.to_arrow(frame, table)
    for place, column in enumerate(table.columns):
        if column.kind == "list":
            joined = pc.binary_join(data.column(place), "\x1f")
            data = data.set_column(place, column.name, joined)
    sink = pa.BufferOutputStream()
    csv.write_csv(data, sink)
    return _sha256(sink.getvalue())


def read_provenance(text: str, where: str) -> Provenance:
    """Read a page's block or what findings say, written by anybody.

    Raises
    ------
    InputError
        It is none, or not as sellerkit writes it.
    """
    try:
        return Provenance.model_validate_json(text)
    except (ValidationError, ValueError, RecursionError) as error:
        what = ""
        if isinstance(error, ValidationError):
            fault = error.errors()[0]
            place = ".".join(str(part) for part in fault["loc"])[:80]
            what = f" ({place or 'the whole'}: {fault['msg'][:120]})"
        raise InputError(f"{where}: what it rests on is not as sellerkit writes it{what}") from None


def with_run(data: pa.Table, said: Provenance) -> pa.Table:
    """Return a finding's Arrow table with what the run rests on among its metadata."""
    words = {RUN: to_json(said.as_dict()).encode()}
    return data.replace_schema_metadata({**(data.schema.metadata or {}), **words})


def read_run(folder: Path) -> Provenance | None:
    """Read what findings rest on; None where an earlier sellerkit wrote nothing of it.

    Raises
    ------
    InputError
        Findings that cannot be read.
    """
    settle(folder)
    path = folder / RUN_FILE
    try:
        said = (pq.read_schema(path).metadata or {}).get(RUN)
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    return None if said is None else read_provenance(said.decode("utf-8", "replace"), str(path))


@functools.cache
def _package() -> str:
    """Return a hash of the package's files: two states of the code of one version differ in it."""
    files = sorted(
        path.relative_to(_PACKAGE).as_posix()
        for path in _PACKAGE.rglob("*")
        if path.suffix in _SOURCES and path.is_file()
    )
    lines = [f"{name} {_sha256((_PACKAGE / name).read_bytes())}" for name in files]
    return _sha256("\n".join(lines).encode())


_SOURCES = (".py", ".html", ".j2", ".css", ".js", ".toml")


def _sha256(data: Any) -> str:
    return hashlib.sha256(data).hexdigest()
