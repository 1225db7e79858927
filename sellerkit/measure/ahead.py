"""What the figures do next: when late contacts leave their window, and the share day by day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.measure.shares import PERIODS, answers_to_target, in_window

_CLOSED = ["met", "late", "missed"]


def leaves_windows(contacts: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Late and missed contacts that a period still counts, with the instant each leaves it.

    Parameters
    ----------
    contacts : pd.DataFrame
        All contacts up to `as_of`, any order.
    as_of : pd.Timestamp
        The audit's "now".

    Returns
    -------
    pd.DataFrame
        One row per contact and period that holds it: `account`, `message_id`, `order_id`,
        `status`, `sent_at`, `period` (days: 7, 30, 90), `leaves_at` (``datetime64[us, UTC]``).
        First to leave first. Counted contacts only.

    Notes
    -----
    ``leaves_at = sent_at + days × 24 h`` is the last `as_of` whose period holds the contact.
    """
    harmful = contacts[contacts["counted"] & contacts["status"].isin(["late", "missed"])]
    columns = ["account", "message_id", "order_id", "status", "sent_at"]
    parts = []
    for days in PERIODS.values():
        span = pd.Timedelta(days=days)
        held = in_window(harmful, "sent_at", as_of - span, as_of)[columns]
        parts.append(held.assign(period=days, leaves_at=held["sent_at"] + span))
    found = pd.concat(parts).astype({"period": "int64"})
    return found.sort_values(["leaves_at", "account", "message_id", "period"], ignore_index=True)


def shares_ahead(
    contacts: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    days: int = 14,
    target: float | None = None,
) -> pd.DataFrame:
    """On-time share of each period on each coming day, if no new inquiry comes in.

    Parameters
    ----------
    contacts : pd.DataFrame
        All contacts up to `as_of`, any order.
    as_of : pd.Timestamp
        The audit's "now": day 0.
    days : int
        How far to look, default 14.
    target : float, optional
        Share wanted, 0 to 1; without it `answers_to_target` is null.

    Returns
    -------
    pd.DataFrame
        One row per period and day: `period` (days: 7, 30, 90), `at` (``datetime64[us, UTC]``,
        `as_of` + n × 24 h, n from 0), `closed` and `open` (``int64``, contacts still inside),
        `share` (of the closed ones), `low` and `high` (with every open one missed, and with every
        open one met in time; ``float64``, ``NaN`` where nothing is inside), `answers_to_target`
        (``Int64``, how many more contacts, all met, reach it).

    Notes
    -----
    A contact that is open at `as_of` is either met or missed later: nothing says which, so both
    ends are given. `share` alone speaks of those that are decided already.
    """
    longest = pd.Timedelta(days=max(PERIODS.values()))
    held = in_window(contacts, "sent_at", as_of - longest, as_of)
    held = held[held["counted"]].sort_values("sent_at")
    sent, status = held["sent_at"].to_numpy("datetime64[us]"), held["status"]
    # by the place of the first that is still inside: how many from there on are of each status
    inside = {
        name: np.append(np.cumsum((status == name).to_numpy("int64")[::-1])[::-1], 0)
        for name in [*_CLOSED, "open"]
    }
    rows = []
    for length in PERIODS.values():
        for day in range(days + 1):
            at = as_of + pd.Timedelta(days=day)
            since = (at - pd.Timedelta(days=length)).tz_convert(None).to_datetime64()
            first = int(np.searchsorted(sent, since.astype("datetime64[us]")))
            counts = {name: int(left[first]) for name, left in inside.items()}
            rows.append({"period": length, "at": at, **_share(counts, target)})
    frame = pd.DataFrame(rows, columns=[*_DTYPES])
    return frame.astype(_DTYPES)


_DTYPES = {
    "period": "int64",
    "at": "datetime64[us, UTC]",
    "closed": "int64",
    "open": "int64",
    "share": "float64",
    "low": "float64",
    "high": "float64",
    "answers_to_target": "Int64",
}


def _share(counts: dict[str, int], target: float | None) -> dict[str, float | int | None]:
    met, waiting = counts["met"], counts["open"]
    closed = sum(counts[name] for name in _CLOSED)
    inside = closed + waiting
    return {
        "closed": closed,
        "open": waiting,
        "share": met / closed if closed else None,
        "low": met / inside if inside else None,
        "high": (met + waiting) / inside if inside else None,
        "answers_to_target": answers_to_target(met, closed, target),
    }
