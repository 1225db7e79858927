"""Many accounts of one lake side by side, for who looks after several sellers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sellerkit.errors import ReportError
from sellerkit.report.figures import Figures, figures_of, stores_of
from sellerkit.report.load import Run
from sellerkit.report.places import PORTFOLIO, Place, link_to

#: The reports of an account to which its row links.
_LINKED = ("compliance", "atoz", "due")


@dataclass(frozen=True)
class Account:
    """One account's row.

    Attributes
    ----------
    name : str
    stores : tuple of str
    zone : str
    figures : Figures
    weeks : list of (str, float or None)
        Thirteen weeks: the day on which each begins, and its on-time share.
    links : dict of str to str
        Report → address of its page of the same day, where there is one.
    """

    name: str
    stores: tuple[str, ...]
    zone: str
    figures: Figures
    weeks: list[tuple[str, float | None]]
    links: dict[str, str]


@dataclass(frozen=True)
class Portfolio:
    """All accounts, the worst first.

    Attributes
    ----------
    accounts : list of Account
    as_of, since, until : pd.Timestamp
    parameters : dict
        How the runs were asked for.
    summary : dict
        `lake_version`, `policy`, and how many rows are on file, as in `summary.json`.
    """

    accounts: list[Account]
    as_of: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp
    parameters: dict[str, Any]
    summary: dict[str, Any]


def portfolio(runs: Mapping[str, Run], reports: str = "") -> Portfolio:
    """Put the figures of several runs side by side.

    Parameters
    ----------
    runs : mapping of str to Run
        By account, as `load_runs` gives them.
    reports : str
        Folder of finished reports: pages of the same day that lie there are linked to. Empty
        links to none.

    Returns
    -------
    Portfolio
        The lowest on-time share first (where mail is missing its lowest value), accounts without
        one last; of equal ones the one with more missed inquiries.

    Raises
    ------
    ReportError
        There is no account.
    """
    if not runs:
        raise ReportError("the lake holds no account yet, so there is nothing to put side by side")
    accounts = [_account(name, run, reports) for name, run in runs.items()]
    first = next(iter(runs.values()))
    rows = [run.summary["completeness"]["rows"] for run in runs.values()]
    return Portfolio(
        sorted(accounts, key=_worst),
        first.audit.as_of,
        first.audit.since,
        first.audit.until,
        # each account has a zone of its own
        {
            key: value
            for key, value in first.parameters.items()
            if key not in ("account", "timezone")
        },
        {
            "lake_version": first.lake_version,
            "policy": first.audit.policy.name,
            "completeness": {"rows": {key: sum(row[key] for row in rows) for key in rows[0]}},
        },
    )


def _account(name: str, run: Run, reports: str) -> Account:
    weeks = [
        (str(week["week_start"]), _share(week["on_time_share"])) for week in run.summary["weeks"]
    ]
    links = _links(name, run, Path(reports)) if reports else {}
    return Account(name, stores_of(run), run.zone, figures_of(run), weeks, links)


def _share(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _links(name: str, run: Run, reports: Path) -> dict[str, str]:
    own = Place.of(reports, "", PORTFOLIO, run.audit.until).folder
    pages = {kind: Place.of(reports, name, kind, run.audit.until).page for kind in _LINKED}
    return {kind: link_to(page, own) for kind, page in pages.items() if page.is_file()}


def _worst(account: Account) -> tuple[float, int, str]:
    figures = account.figures
    share = figures.bound.lowest if figures.bound else figures.on_time_share
    return (2.0 if share is None else share, -figures.missed, account.name)
