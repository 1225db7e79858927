"""The figures of one audit in one dictionary, and its text: `summary.json`."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.measure.ahead import shares_ahead
from sellerkit.measure.beside import beside_amazon, newest_reported
from sellerkit.measure.completeness import completeness
from sellerkit.measure.coverage import coverage
from sellerkit.measure.intervals import control_chart
from sellerkit.measure.missing import missing_mail
from sellerkit.measure.money import claim_currency
from sellerkit.measure.order_performance import order_performance, performance_orders
from sellerkit.measure.shares import by_period, in_window, weekly
from sellerkit.measure.waiting import log_rank
from sellerkit.policy import Policy
from sellerkit.tables import CALLS_REVIEW, CLAIMS_READINESS, STATUSES

_DIGITS = 9


def summarize(
    *,
    contacts: pd.DataFrame,
    findings: Mapping[str, pd.DataFrame],
    histories: Mapping[str, pd.DataFrame],
    as_of: pd.Timestamp,
    since: pd.Timestamp,
    until: pd.Timestamp,
    policy_name: str,
    target: float | None,
    lake_version: Any,
    mails: pd.DataFrame | None = None,
    policy: Policy | None = None,
    zone: str = "UTC",
    with_autoreplies: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """All figures of one audit, in the shape of `summary.json`.

    Parameters
    ----------
    contacts : pd.DataFrame
        All contacts up to `as_of`.
    findings : mapping of str to pd.DataFrame
        The window's findings by name: contacts, obligations, claims_readiness, calls_review and
        violations are read.
    histories : mapping of str to pd.DataFrame
        The seven histories as they were at `as_of`, by name.
    as_of, since, until : pd.Timestamp
        The audit's "now", and its window ``[since, until)``.
    policy_name : str
        What the policy calls itself.
    target : float or None
        Share of contacts wanted on time.
    lake_version : object
        Version or versions of the lake that was read, as JSON can hold it; None without a lake.
    mails : pd.DataFrame, optional
        `tables.MAILS`: what the mails themselves said, for what is missing.
    policy : Policy, optional
        The dated rules, for Amazon's order figures; default those that ship with sellerkit.
    zone : str
        IANA zone in which weeks begin.
    with_autoreplies : pd.DataFrame, optional
        As in `beside_amazon`.

    Returns
    -------
    dict
        `as_of`, `window`, `lake_version`, `policy`, `target`, `contacts`, `obligations`,
        `claims`, `calls`, `violations`, `completeness`; `order_performance`, `beside_amazon` (the
        newest of each figure that Amazon reports), `ahead` (14 days) and `weeks` (13, with limits
        and `signal`), each a list of the rows that the function of that matter returns;
        `waits_compared`: `log_rank` with the window just before, of the same length. Instants are
        pandas timestamps, None is undefined. `to_json` writes it.
    """
    before = in_window(contacts, "sent_at", since - (until - since), since)
    orders = performance_orders(histories, as_of=as_of, policy=policy or Policy.default())
    reported = newest_reported(histories["performance"], as_of=as_of)
    return {
        "as_of": as_of,
        "window": {"since": since, "until": until},
        "lake_version": lake_version,
        "policy": policy_name,
        "target": target,
        "contacts": by_period(contacts, as_of=as_of, since=since, until=until, target=target),
        "obligations": _obligations(findings["obligations"]),
        "claims": _claims(findings["claims_readiness"], histories),
        "calls": _tally(findings["calls_review"]["verdict"], CALLS_REVIEW["verdict"].choices),
        "violations": _tally(findings["violations"]["rule"]),
        "completeness": completeness(histories, findings["contacts"], since=since, until=until)
        | missing_mail(
            histories, mails, contacts, findings["obligations"],
            since=since, until=until, as_of=as_of,
        ),
        "order_performance": _records(
            order_performance(orders, as_of=as_of, policy=policy or Policy.default())
        ),
        "beside_amazon": _records(
            beside_amazon(reported, contacts, orders, with_autoreplies=with_autoreplies)
        ),
        "ahead": _records(shares_ahead(contacts, as_of=as_of, target=target)),
        "weeks": _records(control_chart(weekly(contacts, zone=zone, as_of=as_of))),
        "waits_compared": log_rank(before, findings["contacts"], as_of=as_of),
    }  # fmt: skip


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(row) for row in frame.astype("object").to_dict("records")]


def _tally(words: pd.Series, always: tuple[str, ...] = ()) -> dict[str, int]:
    """Return how often each word stands there, and 0 for those that are always named."""
    counts = words.value_counts()
    return {str(word): int(counts.get(word, 0)) for word in sorted({*always, *counts.index})}


def _obligations(obligations: pd.DataFrame) -> dict[str, dict[str, Any]]:
    rows = coverage(obligations)
    kinds = rows[rows["problem"].isna()].set_index("kind")
    figures = kinds[[*STATUSES, "coverage", "written_share"]].astype("object")
    by_kind: dict[str, dict[str, Any]] = figures.where(figures.notna(), None).to_dict("index")
    return by_kind


def _claims(
    claims_readiness: pd.DataFrame, histories: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    exposure = claims_readiness["exposure"]
    currency = claim_currency(claims_readiness, histories["claims"], histories["orders"])
    return {
        **_tally(claims_readiness["verdict"], CLAIMS_READINESS["verdict"].choices),
        "exposure": _total(exposure),
        "exposure_by_currency": {
            str(code): _total(part) for code, part in exposure.groupby(currency.fillna("unknown"))
        },
    }


def _total(money: pd.Series) -> float | None:
    """Return the sum of what is known; of nothing it is 0, of unknown sums only it is None."""
    return None if len(money) and money.isna().all() else float(money.sum())


def to_json(summary: Mapping[str, Any]) -> str:
    """Write a summary as JSON text, the same bytes for the same figures.

    Parameters
    ----------
    summary : mapping
        As `summarize` returns it, or any nest of mappings, lists and scalars.

    Returns
    -------
    str
        Keys sorted, floats rounded to 9 digits after the point, ``null`` for what is undefined
        (None, NaN, NaT, infinite), instants as ``2026-10-05T06:00:00Z`` in UTC, days as
        ``2026-10-05``, indented by two, with a newline at the end.

    Raises
    ------
    TypeError
        A value of any other type.

    Examples
    --------
    >>> print(to_json({"share": 2 / 3, "at": pd.Timestamp("2026-10-05", tz="UTC")}), end="")
    {
      "at": "2026-10-05T00:00:00Z",
      "share": 0.666666667
    }
    """
    text = json.dumps(
        _jsonable(summary), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False
    )
    return text + "\n"


def _jsonable(value: Any) -> Any:
    """Return the value as json writes it; what it does not know passes and fails there."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        # Adding 0 turns a negative zero, left by rounding, into a plain one.
        return round(value, _DIGITS) + 0.0 if math.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        utc = value.tz_localize("UTC") if value.tzinfo is None else value.tz_convert("UTC")
        return utc.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, dt.date) else value
