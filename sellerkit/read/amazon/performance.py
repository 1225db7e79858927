"""Account health (V2): `GET_V2_SELLER_PERFORMANCE_REPORT`, as JSON.

Amazon's own example breaks its schema, so names are looked up without regard to case and no word is
checked against a list. It has no response times; those are in the XML of V1.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from sellerkit.policy import by_id
from sellerkit.read import values
from sellerkit.read.amazon.payload import Units, answers, keys, raw_of, units, word
from sellerkit.read.json_parts import object_at
from sellerkit.read.source import Context, Format, Parsed, Quarantined, Source

_COLUMNS = {
    "marketplace": "marketplaceId",
    "period_start": "reportingDateFrom",
    "period_end": "reportingDateTo",
    "metric": "metric",
    "value": "rate",
    "numerator": "count",
    "denominator": "orderCount",
}

#: How a metric calls that out of which it is a share, the first that is there.
_WHOLES = ("ordercount", "totalunitcount", "shipmentcountwithvalidtracking", "shipmentcount")

#: How it calls its figure.
_FIGURES = ("rate", "ahrscore", "score")

STATUS_ONLY = "status without a figure"


class Metric(NamedTuple):
    """One metric of one store: a unit of the file."""

    store: str | None
    name: str
    body: Any


def parse(source: Source, context: Context) -> Parsed:
    """Read an account health report: one row per store, metric and period.

    `value` is the rate as Amazon states it, a fraction; where it states none, the count. What is
    kept apart for seller and Amazon is named ``orderDefectRate.mfn`` and ``orderDefectRate.afn``,
    what is counted within, ``orderDefectRate.mfn.claims``. A unit is one metric of one store, or
    the status of one account.

    Raises
    ------
    InputError
        It is no JSON.
    """
    reports = list(units(answers(source)))
    parsed = Parsed()
    metrics: list[Metric] = []
    for number, report in enumerate(reports):
        statuses = _as_list(_loosely(report, "accountStatuses"))
        parsed.read += len(statuses)
        if statuses:
            parsed.skipped["account status: no history holds it"] += len(statuses)
        stores = _as_list(_loosely(report, "performanceMetrics"))
        if not stores and not statuses:
            parsed.read += 1
            reason = "performanceMetrics: is missing"
            parsed.quarantined.append(Quarantined(number, reason, raw_of(report)))
        for store in stores:
            metrics += _metrics_of(store)
    _read(metrics, parsed, context)
    return parsed


def bodies_of(documents: list[Any]) -> Iterator[Any]:
    """Give the metrics that a file's documents hold."""
    for report in units(documents):
        for store in _as_list(_loosely(report, "performanceMetrics")):
            yield from (metric.body for metric in _metrics_of(store))


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _loosely(value: Any, name: str) -> Any:
    """Return what an object calls by a name, whatever its case."""
    if not isinstance(value, dict):
        return None
    return next((v for k, v in value.items() if k.casefold() == name.casefold()), None)


def _metrics_of(store: Any) -> Iterator[Metric]:
    """Give a store's metrics; those within ``warningStates`` and the like one by one."""
    code = by_id().get(str(_loosely(store, "marketplaceId")))
    if not isinstance(store, dict):
        yield Metric(code, "performanceMetrics", store)
        return
    for name, body in store.items():
        if name.casefold() in ("marketplaceid", "marketplace"):
            continue
        parts = _parts(body)
        yield from (Metric(code, f"{name}.{part}", own) for part, own in parts.items())
        if not parts:
            yield Metric(code, name, body)


def _parts(body: Any) -> dict[str, Any]:
    """Return the metrics of their own that lie within one: those with a period of their own."""
    if not isinstance(body, dict) or _loosely(body, "reportingDateRange") is not None:
        return {}
    return {
        name: own for name, own in body.items() if _loosely(own, "reportingDateRange") is not None
    }


def _read(metrics: list[Metric], parsed: Parsed, context: Context) -> None:
    parsed.read += len(metrics)
    rows = [(n, row) for n, metric in enumerate(metrics) for row in _rows(metric, context)]
    figured = {number for number, _ in rows}
    if len(figured) < len(metrics):
        parsed.skipped[STATUS_ONLY] += len(metrics) - len(figured)
    read = Units([row for _, row in rows], _COLUMNS)
    frame = _typed(read).assign(source_pos=pd.Series([n for n, _ in rows], dtype="Int64"))
    faults: dict[int, str] = {}
    for row, fault in sorted(read.faults.items()):
        faults.setdefault(rows[row][0], fault)
    for number, fault in faults.items():
        raw = raw_of({metrics[number].name: metrics[number].body})
        parsed.quarantined.append(Quarantined(number, fault, raw))
    fits = ~frame["source_pos"].isin(list(faults)).to_numpy(bool)
    parsed.tables["performance"] = frame[fits].reset_index(drop=True)


def _typed(read: Units) -> pd.DataFrame:
    zones = values.zones(read.text["marketplace"], None, None)
    for name in ("metric", "marketplace", "period_start", "period_end"):
        read.needed(name)
    return read.text.assign(
        period_start=read.instants("period_start", zones),
        period_end=read.instants("period_end", zones),
        **{name: read.numbers(name) for name in ("value", "numerator", "denominator")},
    )


def _rows(metric: Metric, context: Context) -> Iterator[dict[str, str | None]]:
    """Give a metric's own row, where it has a figure, and those of what it counts within."""
    period = _loosely(metric.body, "reportingDateRange")
    counts = _counts(metric.body)
    whole = next((counts[name] for name in _WHOLES if name in counts), None)
    own = [count for name, count in counts.items() if name not in _WHOLES]
    part = own[0] if len(own) == 1 else None
    base = {
        "marketplace": metric.store or context.marketplace,
        "period_start": word(_loosely(period, "reportingDateFrom")),
        "period_end": word(_loosely(period, "reportingDateTo")),
        "denominator": whole,
    }
    figures = (word(_loosely(metric.body, name)) for name in _FIGURES)
    value = next((figure for figure in figures if figure is not None), part)
    if value is not None:
        yield base | {"metric": word(metric.name), "value": value, "numerator": part}
    for name, inner in metric.body.items() if isinstance(metric.body, dict) else ():
        count = word(_loosely(inner, "count"))
        if count is not None:
            yield base | {"metric": f"{metric.name}.{name}", "value": count, "numerator": count}


def _counts(body: Any) -> dict[str, str]:
    """Return what a metric counts, by names without case."""
    found = body.items() if isinstance(body, dict) else ()
    counted = {k.casefold(): word(v) for k, v in found if "count" in k.casefold()}
    return {name: count for name, count in counted.items() if count is not None}


def matches(source: Source) -> bool:
    """Tell whether a file is JSON that speaks of account health; its schema is none."""
    names = {name.casefold() for name in keys(source)}
    return bool(names & {"performancemetrics", "accountstatuses"}) and not names & {"$schema"}


PERFORMANCE_V2 = Format(
    name="performance_v2",
    about="Account health report (GET_V2_SELLER_PERFORMANCE_REPORT), JSON",
    recognised_by="JSON with accountStatuses and performanceMetrics",
    example='{"accountStatuses": […], "performanceMetrics": [{"lateShipmentRate": {…}}]}',
    matches=matches,
    parse=parse,
    unit=partial(object_at, units=bodies_of),
)
