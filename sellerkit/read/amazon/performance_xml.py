"""Customer metrics (V1): `GET_V1_SELLER_PERFORMANCE_REPORT`, as XML, with the response times.

No sample of Amazon's is public; the shape is what public code reads from it: blocks of metrics,
each with a ``timeFrame`` of ``start`` and ``end``, a metric being a number, or a ``count`` and a
``rate``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

import pandas as pd

from sellerkit.policy import by_id, zone_of
from sellerkit.read import values
from sellerkit.read.amazon.xml import child, element_at, local, raw_of, root_of, speaks_of, text_at
from sellerkit.read.source import Context, Format, Parsed, Quarantined, Source

_REPORT = "sellerPerformanceReport"

#: The contacts of a period fall into these three.
_CONTACTS = (
    "responseUnder24Hours",
    "responseTimeGreaterThan24Hours",
    "noResponseForContactsOlderThan24Hours",
)
_AVERAGE = "averageResponseTimeInHours"

_SHARE = re.compile(r"(\d{1,12}(?:[.,]\d{1,12})?)\s*%")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,12})?")
_COUNT = re.compile(r"\d{1,12}")

NO_FIGURE = "status without a figure of a period"
NO_CONTACTS = "no contacts in the period"

Row = dict[str, Any]


class _Unfit(Exception):
    """What keeps a block from being rows."""


def parse(source: Source, context: Context) -> Parsed:
    """Read customer metrics: one row per store, metric and period; a unit is one block of them.

    Of response times the shares are `value`, out of all three kinds of contacts; the average is in
    hours. Other metrics have the rate as a fraction. A rate without a percent sign could be either
    and is not guessed, nor is a period that the file does not date.

    Raises
    ------
    InputError
        It is no well-formed XML.
    """
    parsed = Parsed()
    rows: list[Row] = []
    for position, (report, block) in enumerate(_blocks(root_of(source))):
        parsed.read += 1
        try:
            own = _rows(block, _store(report, context))
        except _Unfit as unfit:
            reason = f"{local(block)}: {unfit}"
            parsed.quarantined.append(Quarantined(position, reason, raw_of(block)))
            continue
        if not own:
            dated = child(block, "timeFrame") is not None
            parsed.skipped[NO_CONTACTS if dated else NO_FIGURE] += 1
        rows += [row | {"source_pos": position} for row in own]
    parsed.tables["performance"] = pd.DataFrame(rows)
    return parsed


def _blocks(root: Element) -> Iterator[tuple[Element, Element]]:
    """Give each report with what it consists of: metrics of a period, and what else there is."""
    for report in (one for one in root.iter() if local(one) == _REPORT):
        for part in report:
            if local(part) in ("marketplaceId", "sellerId"):
                continue
            dated = [one for one in part if local(one).endswith("Metrics")]
            yield from ((report, block) for block in dated or [part])


def _store(report: Element, context: Context) -> str | None:
    return by_id().get(text_at(report, "marketplaceId") or "", context.marketplace)


def _rows(block: Element, store: str | None) -> list[Row]:
    frame = child(block, "timeFrame")
    if frame is None:
        if local(block).endswith("Metrics"):
            raise _Unfit("timeFrame: is missing, so the period is not known")
        return []
    if store is None:
        raise _Unfit("it names no store; name it with --marketplace")
    start, end = (_moment(frame, name, store) for name in ("start", "end"))
    period = {"marketplace": store, "period_start": start, "period_end": end}
    contact = local(block) == "responseTimeMetrics"
    return [period | row for row in (_contact(block) if contact else _others(block))]


def _moment(frame: Element, name: str, store: str) -> pd.Timestamp:
    """Return when a period begins or ends; a bare day begins at its first instant."""
    text = text_at(frame, name)
    if text is None:
        raise _Unfit(f"timeFrame/{name}: is missing, so the period is not known")
    zones = pd.Series([zone_of(store)], dtype="str")
    found, bad = values.instants(pd.Series([text], dtype="str"), zones)
    if bad[0]:
        raise _Unfit(f"timeFrame/{name}: {text[:80]!r} is no date or time like 2026-10-05")
    if name == "start" and len(text) == len("2026-10-05"):
        before = (pd.Timestamp(text) - pd.Timedelta(days=1)).strftime("%Y-%m-%d")
        return values.ends_of_days(pd.Series([before]), zones)[0] + pd.Timedelta(microseconds=1)
    return found[0]


def _contact(block: Element) -> list[Row]:
    """Return the response times of one period; without a contact there are none."""
    said = {name: text_at(block, name) or text_at(block, name, "count") for name in _CONTACTS}
    shares = {name: text for name, text in said.items() if text and not _COUNT.fullmatch(text)}
    counts = {name: int(text) for name, text in said.items() if text and name not in shares}
    if counts and len(counts) < len(_CONTACTS):
        missing = ", ".join(name for name in _CONTACTS if name not in counts)
        raise _Unfit(f"{missing}: no count, so of how many contacts is not known")
    contacts = sum(counts.values())
    rows = [_metric(name, _fraction(name, text)) for name, text in shares.items()]
    if contacts:
        rows += [_metric(name, n / contacts, n, contacts) for name, n in counts.items()]
    answered = counts.get(_CONTACTS[0], 0) + counts.get(_CONTACTS[1], 0)
    hours = text_at(block, _AVERAGE)
    if hours and not _NUMBER.fullmatch(hours):
        raise _Unfit(f"{_AVERAGE}: {hours[:80]!r} is no number")
    if hours and (answered or not counts):
        rows.append(_metric(_AVERAGE, float(hours), whole=answered or None))
    return rows


def _metric(name: str, value: float, part: int | None = None, whole: int | None = None) -> Row:
    return {"metric": name, "value": value, "numerator": part, "denominator": whole}


def _others(block: Element) -> list[Row]:
    """Return the metrics of any other block: those with a rate, or else a count."""
    rows: list[Row] = []
    for metric in block:
        name, rate, count = local(metric), text_at(metric, "rate"), text_at(metric, "count")
        if name == "timeFrame" or (rate is None and count is None):
            continue
        if count is not None and not _COUNT.fullmatch(count):
            raise _Unfit(f"{name}/count: {count[:80]!r} is no whole number")
        value = float(count or 0) if rate is None else _fraction(f"{name}/rate", rate)
        rows.append(_metric(name, value, None if count is None else int(count)))
    return rows


def _fraction(name: str, text: str) -> float:
    share = _SHARE.fullmatch(text)
    if share is None:
        raise _Unfit(f"{name}: {text[:80]!r} is no percentage like 97.5%")
    return float(share[1].replace(",", ".")) / 100


PERFORMANCE_V1 = Format(
    name="performance_v1",
    about="Customer metrics (GET_V1_SELLER_PERFORMANCE_REPORT), XML, with response times",
    recognised_by="XML with sellerPerformanceReport",
    example="<sellerPerformanceReports><sellerPerformanceReport>…<responseTimeMetrics>",
    matches=lambda source: speaks_of(source, "sellerPerformanceReports?"),
    parse=parse,
    unit=partial(element_at, units=lambda root: (block for _, block in _blocks(root))),
)
