"""Amazon's own figures beside what the histories give for the same store and period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sellerkit.measure.order_performance import METRICS, share_of

#: Amazon's response figures (V1), and the word for the contacts each is the share of.
RESPONSE = {
    "responseUnder24Hours": "met",
    "responseTimeGreaterThan24Hours": "late",
    "noResponseForContactsOlderThan24Hours": "missed",
}
_AVERAGE = "averageResponseTimeInHours"

#: What the older reports, or those that do not part merchant and Amazon, call the same figures.
OTHER_NAMES = {
    "orderDefectRate.claims": "orderDefectRate.mfn.claims",
    "lateShipment": "lateShipmentRate",
    "preFulfillmentCancellation": "preFulfillmentCancellationRate",
    "validTracking": "validTrackingRate",
    "onTimeDelivery": "onTimeDeliveryRate",
}

#: Reported as a count of orders beside their whole, not as a share.
_COUNTED = "orderDefectRate.mfn.claims"

#: A figure that hangs on the carrier's scans, which no history shows.
_SCANNED = "validTrackingRate"

#: By Amazon's own words for its figures, whatever the rule of the day asks for.
LIMIT = pd.Timedelta(hours=24)

#: A mail may reach a mailbox later than Amazon took it down, or sooner: by so much at most.
NEAR = pd.Timedelta(minutes=30)

#: Two figures that print alike, to a tenth of a percent or of an hour, are the same.
_ALIKE = 0.0005
_ALIKE_HOURS = 0.05

_KEY = ["account", "marketplace", "period_start", "period_end", "metric"]


class Figure(NamedTuple):
    """One figure: its value, what it is made of, and between which values it could lie.

    `least` and `most`: of orders, with every unknown one on either side; of contacts, with every
    answer `NEAR` sooner or later.
    """

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    least: float | None = None
    most: float | None = None


def newest_reported(performance: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Of each figure that Amazon reports again and again the newest, one row per length of period.

    Parameters
    ----------
    performance : pd.DataFrame
        The history of that name, any order.
    as_of : pd.Timestamp
        The audit's "now": a period that was not over by then was not reported yet.

    Returns
    -------
    pd.DataFrame
        The same columns and index labels, in the same order.
    """
    past = performance[performance["period_end"] <= as_of]
    days = (past["period_end"] - past["period_start"]).dt.round("D")
    order = past.assign(days=days).sort_values(["period_end", "period_start"], kind="stable")
    newest = order.drop_duplicates(["account", "marketplace", "metric", "days"], keep="last")
    return performance.loc[newest.index.sort_values()]


def beside_amazon(
    performance: pd.DataFrame,
    contacts: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    with_autoreplies: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Each figure that Amazon reported and the histories can give, side by side.

    Parameters
    ----------
    performance : pd.DataFrame
        The history of that name, periods that were over by the audit's `as_of`; `newest_reported`
        leaves the newest ones.
    contacts : pd.DataFrame
        All contacts up to `as_of`, counted and not, waived and not.
    orders : pd.DataFrame
        As `performance_orders` returns them.
    with_autoreplies : pd.DataFrame, optional
        All contacts of an audit in which an automated reply is an answer
        (`crt.autoreply_counts` true), to see whether that explains a difference.

    Returns
    -------
    pd.DataFrame
        One row per such figure: `account`, `marketplace`, `period_start`, `period_end`, `metric`
        (Amazon's name); `amazon`, `amazon_numerator`, `amazon_denominator`; `ours`, `numerator`,
        `denominator`, `least`, `most` (`Figure`); `difference` (ours less Amazon's);
        `as_messages`, `as_autoreplies` (ours, read so); `missing` (how many more Amazon counts),
        all ``float64``; `explained_by` (``str``): what could explain the difference, null where
        the two are alike, or nothing that is on file could.

    Notes
    -----
    Contacts are judged as they stood at the period's end, by Amazon's 24 hours: one answered
    after that end had no response yet, one younger than 24 hours is left out. Of contacts without
    a store, none is compared.

    `explained_by`: a reading that gives Amazon's figure itself, with both of its counts where it
    names them, is ``contact unit`` (each message is a contact) or ``automated replies`` (they are
    answers). Where there is none, every one of these that has room for the difference, with "or"
    between: ``mail delay`` (answers half an hour sooner or later), by itself or with one of the
    readings where that has as many contacts as Amazon names, ``missing mail`` and ``missing
    orders`` (Amazon counts more, and so many more could make its figure), ``unknown orders``,
    ``carrier scans`` (Amazon asks for a scan, the histories show numbers alone). That they could
    is all that can be known.

    Source
    ------
    Seller Central help 200549770; the customer metrics and account health reports of SP-API.
    """
    named = performance["metric"].replace(OTHER_NAMES)
    known = performance[named.isin([*RESPONSE, _AVERAGE, *METRICS])]
    sources = _Sources(contacts, orders, with_autoreplies)
    rows = [_beside(row, sources) for row in known.to_dict("records")]
    dtypes = {**{name: known[name].dtype for name in _KEY}, **_FIGURES, "explained_by": "str"}
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


_FIGURES = dict.fromkeys(
    ["amazon", "amazon_numerator", "amazon_denominator", "ours", "numerator", "denominator",
     "least", "most", "difference", "as_messages", "as_autoreplies", "missing"],
    "float64",
)  # fmt: skip


class _Seen(NamedTuple):
    """A period's contacts: whether each counts, its hours, and its status.

    The status is threefold: had every answer come `NEAR` sooner, as it was, and `NEAR` later.
    """

    counted: np.ndarray
    status: np.ndarray
    hours: np.ndarray


class _Sources:
    """What figures are made of: parted by store once, and judged once for each period."""

    def __init__(
        self, contacts: pd.DataFrame, orders: pd.DataFrame, automated: pd.DataFrame | None
    ) -> None:
        by = ["account", "marketplace"]
        self.orders = dict(iter(orders.groupby([*by, "metric"])))
        self._contacts = {"contacts": dict(iter(contacts.groupby(by)))}
        if automated is not None:
            self._contacts["automated"] = dict(iter(automated.groupby(by)))
        self._seen: dict[Any, _Seen] = {}

    def seen(self, which: str, row: Mapping[str, Any]) -> _Seen | None:
        """Return a period's contacts as they stood at its end; None of a store without any."""
        part = self._contacts.get(which, {}).get((row["account"], row["marketplace"]))
        key = (which, *(row[name] for name in _KEY[:-1]))
        if part is not None and key not in self._seen:
            own = as_seen(part, row)
            now = own["status"].to_numpy(dtype=object)
            moved = [_status(own, row["period_end"], delay) for delay in (-NEAR, NEAR)]
            self._seen[key] = _Seen(
                own["counted"].to_numpy(bool),
                np.array([moved[0], now, moved[1]], dtype=object),
                own["response_hours"].to_numpy("float64"),
            )
        return self._seen.get(key)


def _beside(row: Mapping[str, Any], sources: _Sources) -> dict[str, Any]:
    """Return one figure of Amazon's and ours, with what could explain the difference."""
    amazon, store = _amazon(row), (row["account"], row["marketplace"])
    name = OTHER_NAMES.get(row["metric"], row["metric"])
    readings: dict[str, Figure] = {}
    if name in METRICS:
        ours = _of_orders(sources.orders.get((*store, name)), name, row)
    else:
        seen, automated = sources.seen("contacts", row), sources.seen("automated", row)
        ours = _response(seen, name, counted=True)
        readings = {
            "contact unit": _response(seen, name, counted=False),
            "automated replies": _response(automated, name, counted=True),
        }
    return {
        **{key: row[key] for key in _KEY},
        "amazon": amazon.value,
        "amazon_numerator": amazon.numerator,
        "amazon_denominator": amazon.denominator,
        "ours": ours.value,
        **{key: getattr(ours, key) for key in ("numerator", "denominator", "least", "most")},
        "difference": _less(ours.value, amazon.value),
        "as_messages": readings["contact unit"].value if readings else None,
        "as_autoreplies": readings["automated replies"].value if readings else None,
        "missing": _less(amazon.denominator, ours.denominator),
        "explained_by": _explained(name, amazon, ours, readings),
    }


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _amazon(row: Mapping[str, Any]) -> Figure:
    value, part, whole = (
        None if pd.isna(row[name]) else float(row[name])
        for name in ("value", "numerator", "denominator")
    )
    if OTHER_NAMES.get(row["metric"], row["metric"]) == _COUNTED:
        value = part / whole if part is not None and whole else None
    return Figure(value, part, whole)


def _of_orders(orders: pd.DataFrame | None, name: str, row: Mapping[str, Any]) -> Figure:
    if orders is None:
        return Figure(denominator=0)
    inside = orders[(orders["at"] >= row["period_start"]) & (orders["at"] < row["period_end"])]
    own = share_of(inside["counts"], good=METRICS[name].good)
    return Figure(*(own[key] for key in ("value", "numerator", "denominator", "least", "most")))


def as_seen(contacts: pd.DataFrame, period: Mapping[str, Any]) -> pd.DataFrame:
    """Contacts of one store and period, judged as they stood at its end: the ones concerned.

    Parameters
    ----------
    contacts : pd.DataFrame
        All contacts up to `as_of`.
    period : mapping
        `account`, `marketplace`, `period_start`, `period_end`, as a row of `beside_amazon` has.

    Returns
    -------
    pd.DataFrame
        The same columns, with `status` as it was then: `met`, `late`, `missed`, `open`, by
        Amazon's 24 hours; `response_hours` is null where no answer had come. Waived ones are left
        out, those that are not `counted` are not.
    """
    own = contacts[
        (contacts["account"] == period["account"])
        & (contacts["marketplace"] == period["marketplace"])
        & (contacts["sent_at"] >= period["period_start"])
        & (contacts["sent_at"] < period["period_end"])
        & (contacts["status"] != "waived")
    ]
    status = _status(own, period["period_end"])
    answered = (own["answered_at"] <= period["period_end"]).to_numpy(bool)
    hours = own["response_hours"].where(answered)
    return own.assign(status=pd.Series(status, index=own.index, dtype="str"), response_hours=hours)


def _status(own: pd.DataFrame, end: pd.Timestamp, delay: pd.Timedelta | None = None) -> np.ndarray:
    """Return how contacts stood at a period's end, had every answer come so much later."""
    answered_at = own["answered_at"] + (delay if delay is not None else pd.Timedelta(0))
    answered = (answered_at <= end).to_numpy(bool)
    in_time = (answered_at - own["sent_at"] <= LIMIT).to_numpy(bool)
    past = (own["sent_at"] + LIMIT < end).to_numpy(bool)
    return np.where(answered, np.where(in_time, "met", "late"), np.where(past, "missed", "open"))


def _response(seen: _Seen | None, metric: str, *, counted: bool) -> Figure:
    if seen is None:
        return Figure(denominator=0)
    own = seen.counted if counted else np.ones(len(seen.counted), dtype=bool)
    if metric == _AVERAGE:
        hours, near = seen.hours[own & ~np.isnan(seen.hours)], NEAR / pd.Timedelta(hours=1)
        if not len(hours):
            return Figure(denominator=0)
        mean = float(hours.mean())
        return Figure(mean, None, len(hours), max(0.0, mean - near), mean + near)
    could = seen.status[:, own & (seen.status[1] != "open")] == RESPONSE[metric]
    n = could.shape[1]
    if not n:
        return Figure(denominator=0)
    hits, least, most = (int(x.sum()) for x in (could[1], could.all(axis=0), could.any(axis=0)))
    return Figure(hits / n, hits, n, least / n, most / n)


def _explained(
    metric: str, amazon: Figure, ours: Figure, readings: Mapping[str, Figure]
) -> str | None:
    """Say what could explain that two figures differ: what gives Amazon's before what may."""
    alike = _ALIKE_HOURS if metric == _AVERAGE else _ALIKE
    apart = _less(ours.value, amazon.value)
    if amazon.value is None or (apart is not None and abs(apart) <= alike):
        return None
    same = [word for word, read in readings.items() if _is_same(read, amazon, alike)]
    if same or ours.value is None or ours.least is None or ours.most is None:
        return " or ".join(same) or None
    orders, missing = metric in METRICS, _less(amazon.denominator, ours.denominator)
    within = ours.least - alike <= amazon.value <= ours.most + alike and ours.least < ours.most
    # of another number of contacts the delay of some is no explanation
    delayed = not orders and within and not missing
    could = {
        "mail delay": delayed,
        **{
            f"{word} with mail delay": not delayed and _is_near(read, amazon, alike)
            for word, read in readings.items()
        },
        "unknown orders": orders and within,
        "carrier scans": metric == _SCANNED and amazon.value < ours.value,
        f"missing {'orders' if orders else 'mail'}": _has_room(amazon, ours),
    }
    return " or ".join(word for word, may in could.items() if may) or None


def _is_same(read: Figure, amazon: Figure, alike: float) -> bool:
    """Tell whether a reading gives Amazon's figure, and its counts where it names them."""
    if read.value is None or amazon.value is None or abs(read.value - amazon.value) > alike:
        return False
    pairs = ((read.numerator, amazon.numerator), (read.denominator, amazon.denominator))
    return all(one is None or other is None or one == other for one, other in pairs)


def _is_near(read: Figure, amazon: Figure, alike: float) -> bool:
    """Tell whether a reading has as many contacts as Amazon names, and delays could do the rest."""
    if amazon.value is None or read.least is None or read.most is None:
        return False
    within = read.least - alike <= amazon.value <= read.most + alike
    return within and read.denominator is not None and read.denominator == amazon.denominator


def _has_room(amazon: Figure, ours: Figure) -> bool:
    """Tell whether contacts or orders that Amazon counts and we lack could make its figure."""
    missing = _less(amazon.denominator, ours.denominator)
    if missing is None or missing <= 0:
        return False
    if amazon.numerator is None or ours.numerator is None:
        return True
    return ours.numerator <= amazon.numerator <= ours.numerator + missing
