"""A purge from beginning to end: what is to go, the figures compared, written, the past removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
from deltalake import DeltaTable

from sellerkit.audit import instant
from sellerkit.errors import UsageError
from sellerkit.lake import INGESTS, Lake, Writer
from sellerkit.lake.clean import forget_versions
from sellerkit.lake.forgotten import Forgotten
from sellerkit.lake.key import is_purged, purge_key
from sellerkit.lake.tokens import Tokens
from sellerkit.policy import Policy
from sellerkit.purge import filed
from sellerkit.purge.check import audited, same_figures
from sellerkit.purge.choice import Time, any_fresh, chosen
from sellerkit.purge.due import begins, held
from sellerkit.purge.findings import look_beside
from sellerkit.purge.originals import stubbed
from sellerkit.purge.plan import ALL, Plan, plan, read_all
from sellerkit.tables import ORDERS

_RULE = "pii.retention_days"


@dataclass(frozen=True)
class Purge:
    """What was removed, and what was not; the report.

    Attributes
    ----------
    lake : str
    as_of : str
    retention_days : int
    dry_run : bool
    lake_version : int
        It stays: the figures are the same. Older versions are gone.
    tables : dict
        For each table that holds any: ``rows`` on file, ``purged`` by this, and ``delta_version``
        ``from`` and ``to``.
    held : list of dict
        Orders that stay whole: ``account``, ``order_id``, ``thread_id``, ``kind``, ``reason``.
    files_removed : int
        Of the lake's older versions.
    findings, originals : dict
        What was changed outside the lake.
    pages : list of str
        Beside the findings: they are published and not changed.
    """

    lake: str
    as_of: str
    retention_days: int
    dry_run: bool
    lake_version: int
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    held: list[dict[str, str]] = field(default_factory=list)
    files_removed: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    originals: dict[str, Any] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)

    @property
    def purged(self) -> int:
        """How many rows of all tables."""
        return sum(each["purged"] for each in self.tables.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON holds it."""
        return asdict(self) | {"purged": self.purged}


def purge(
    lake: str | Path,
    *,
    as_of: str | pd.Timestamp,
    days: int | None = None,
    dry_run: bool = False,
    beside: Iterable[Path] = (),
    originals: Iterable[Path] = (),
) -> Purge:
    """Remove buyers' data whose time is over from a lake in a folder, all its versions, and beside.

    Parameters
    ----------
    lake : str or Path
    as_of : str or pd.Timestamp
    days : int, optional
        Kept so long after the delivery; default ``pii.retention_days`` of the policy.
    dry_run : bool
        Nothing is written, and what would be is said.
    beside : iterable of Path
        Folders of findings, or folders that hold such (``reports``).
    originals : iterable of Path
        Folders of files as they were fetched or read.

    Returns
    -------
    Purge

    Raises
    ------
    InputError
        No lake, or it cannot be written: another writes to it.
    ReportError
        A figure would change: nothing was written.
    UsageError
        A lake in an object store.
    """
    place = filed.folder_of(lake)
    now = instant(as_of, "as_of")
    kept = days if days is not None else Policy.default().value(_RULE, now)[0]
    if kept is None or int(kept) < 0:
        raise UsageError(f"{_RULE} is {kept!r}: give the days with --retention-days")
    if dry_run:
        return _planned(Lake.open(place), place, now, int(kept), dry_run=True)[1]
    with Lake.open(place).writing() as writer:
        report, under_way = _in_lake(writer, place, now, int(kept))
        newest = Lake.open(place)
        forgotten = Forgotten.of(newest)
        around = look_beside(beside, forgotten, lambda: audited(read_all(newest), now).obligations)
        files = stubbed(originals, forgotten, newest)
        report = replace(report, findings=around.findings, pages=around.pages, originals=files)
        if under_way or around.findings or files["mails"] or files["emptied"]:
            _keep_report(place, report)
        (place / filed.UNDER_WAY).unlink(missing_ok=True)
    return report


def _planned(
    lake: Lake, place: Path, now: pd.Timestamp, days: int, *, dry_run: bool
) -> tuple[Plan | None, Purge]:
    """Plan what goes; a dry run makes no key."""
    frames = read_all(lake)
    time = Time(now, days, begins(frames))
    counts = {name: {"rows": len(frames[name]), "purged": 0} for name in ALL if len(frames[name])}
    report = Purge(str(place), now.isoformat(), days, dry_run, lake.version, tables=counts)
    if not any_fresh(frames, chosen(frames, time)):
        return None, report
    found = audited(frames, now)
    longer = held(frames, found, now, filed.holds_of(place))
    key = b"none yet" if dry_run and not is_purged(str(place)) else purge_key(str(place))
    made = plan(frames, replace(time, held=longer), Tokens(key))
    same_figures(found, frames, made.after, lake.version)
    counts = {
        name: {"rows": len(frames[name]), "purged": made.newly[name]}
        for name in ALL
        if len(frames[name])
    }
    over = time.orders()
    said = [asdict(e) for e in longer if not e.order_id or (e.account, e.order_id) in over]
    return made, replace(report, tables=counts, held=said)


def _in_lake(writer: Writer, place: Path, now: pd.Timestamp, days: int) -> tuple[Purge, bool]:
    """Purge the tables; tell too whether anything was done, now or by one that was stopped."""
    stopped = _stopped(writer.lake, place)
    made, report = _planned(writer.lake, place, now, days, dry_run=False)
    before, lake = writer.lake._versions, writer.lake
    if made is not None and report.purged:
        begun = {"log": _log_version(place), "report": asdict(report)}
        filed.write(place / filed.UNDER_WAY, begun)
        for name in made.changes:
            writer.replace(ALL[name], made.after[name])
        lake = writer.rewrite(made.after[INGESTS.name], now.isoformat())
    elif stopped is not None:
        report = stopped
    else:
        return report, False
    removed = forget_versions(lake)
    _forget_on_file(place, lake)
    for name, counts in report.tables.items():
        counts["delta_version"] = {"from": before.get(name), "to": lake._versions.get(name)}
    return replace(report, files_removed=removed), True


def _log_version(place: Path) -> int:
    return DeltaTable(str(place / INGESTS.name)).version()


def _stopped(lake: Lake, place: Path) -> Purge | None:
    """Return the report of a purge that was stopped after its rows had gone, if there is one."""
    begun = filed.read(place / filed.UNDER_WAY, None)
    if begun is None or begun["log"] == _log_version(place):
        return None  # it was stopped before that, and the lake is as it was
    return Purge(**begun["report"])


def _forget_on_file(place: Path, lake: Lake) -> None:
    known = Forgotten.of(lake)
    accounts = pd.Series(sorted(lake.read(ORDERS, ["account"])["account"].unique()), dtype="str")
    if known is None or accounts.empty:
        return

    def token(order_id: str) -> str:
        ids = pd.Series(order_id, index=accounts.index, dtype="str")
        found = known.lookup("order", accounts, ids)
        changed = found[found != ids]
        return str(changed.iloc[0]) if len(changed) else order_id

    filed.forget(place, token)


def _keep_report(place: Path, report: Purge) -> None:
    (place / filed.REPORTS).mkdir(mode=0o700, exist_ok=True)
    stamp = report.as_of.replace("-", "").replace(":", "").replace("+0000", "Z")
    filed.write(place / filed.REPORTS / f"{stamp}.json", report.as_dict())
