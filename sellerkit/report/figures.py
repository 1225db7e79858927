"""The few figures of a run that stand in the list of runs and in the portfolio."""

from __future__ import annotations

import math
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from sellerkit.measure import claim_currency
from sellerkit.report.load import Run
from sellerkit.tables import KINDS

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


class Bound(BaseModel):
    """Where a share that is not known lies: its lowest and highest value."""

    model_config = ConfigDict(frozen=True)

    lowest: Share
    highest: Share


class Figures(BaseModel):
    """Headline figures of one account's window; what is undefined is None.

    Attributes
    ----------
    inquiries, met, late, missed, open : int
        Counted contacts of the window.
    on_time_share : float or None
    interval : pair of float or None
        Its 95 % interval.
    bound : Bound or None
        Where mail is missing, so that the share is not known.
    median_hours, target : float or None
    coverage : dict of str to float or None
        By kind of duty.
    overdue : int
        Duties of the window that are past their time and unwritten.
    due_today : int
        Open duties whose time runs out before midnight in the seller's zone.
    due_soon : int
        Open duties whose time runs out within 24 hours.
    claims, to_answer, not_ready : int
        Claims filed in the window; of them those that wait for an answer, and those that are not
        ready to defend.
    at_risk : dict of str to float
        By currency, what the claims that are not ready may cost.
    holes : int
        Inquiries that are unknown since mail is missing.
    """

    model_config = ConfigDict(frozen=True)

    inquiries: Count
    met: Count
    late: Count
    missed: Count
    open: Count
    on_time_share: Share | None
    interval: tuple[Share, Share] | None
    bound: Bound | None
    median_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
    target: Share | None
    coverage: dict[str, Share | None]
    overdue: Count
    due_today: Count
    due_soon: Count
    claims: Count
    to_answer: Count
    not_ready: Count
    at_risk: dict[str, float]
    holes: Count

    @property
    def closed(self) -> int:
        """Inquiries whose time is over or that were answered."""
        return self.met + self.late + self.missed


def figures_of(run: Run) -> Figures:
    """Return the headline figures of a run."""
    summary, found = run.summary, run.audit
    window = summary["contacts"]["window"]
    bound = summary["completeness"]["bounds"]["contacts"]["window"]["on_time_share"]
    owed = found.obligations
    waiting = owed[owed["status"] == "open"]["due_at"]
    past = found.findings["obligations"]["status"] == "missed"
    claims = found.findings["claims_readiness"]
    return Figures(
        inquiries=window["contacts"],
        **{name: window[name] for name in ("met", "late", "missed", "open")},
        on_time_share=_number(window["on_time_share"]),
        interval=_pair(window["on_time_share_interval"]),
        bound=Bound(lowest=bound["lowest"], highest=bound["highest"]) if bound["unknown"] else None,
        median_hours=_number(window["median_hours"]),
        target=_number(summary["target"]),
        coverage={kind: _number(summary["obligations"][kind]["coverage"]) for kind in KINDS},
        overdue=int(past.sum()),
        due_today=int((waiting < _midnight(found.as_of, run.zone)).sum()),
        due_soon=int((waiting <= found.as_of + pd.Timedelta(hours=24)).sum()),
        claims=len(claims),
        to_answer=int(claims["hours_left"].notna().sum()),
        not_ready=int((claims["verdict"] != "ready").sum()),
        at_risk=_at_risk(run),
        holes=int(bound["unknown"]),
    )


def stores_of(run: Run) -> tuple[str, ...]:
    """Return the stores with a message or an order on file, by name."""
    histories = (run.audit.histories[name]["marketplace"] for name in ("messages", "orders"))
    return tuple(sorted({str(code) for column in histories for code in column.dropna().unique()}))


def _at_risk(run: Run) -> dict[str, float]:
    """Sum by currency what claims of the window may cost: all that are not ready to defend."""
    found = run.audit
    claims = found.findings["claims_readiness"]
    lost = claims[claims["verdict"] != "ready"]
    currency = claim_currency(lost, found.histories["claims"], found.histories["orders"])
    sums = lost["exposure"].groupby(currency.fillna("unknown")).sum(min_count=1).dropna()
    return {str(code): float(value) for code, value in sums.items()}


def _midnight(as_of: pd.Timestamp, zone: str) -> pd.Timestamp:
    today = as_of.tz_convert(zone).tz_localize(None).normalize()
    midnight = today + pd.Timedelta(days=1)
    return midnight.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _pair(values: Any) -> tuple[float, float] | None:
    if values is None or any(_number(value) is None for value in values):
        return None
    return float(values[0]), float(values[1])
