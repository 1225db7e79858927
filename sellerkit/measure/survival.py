"""How long buyers wait for an answer, those who still wait included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sellerkit.errors import UsageError

#: Two-sided 95 % quantile of the normal distribution.
Z95 = 1.959964

_HOUR = 3_600_000_000  # microseconds
# A product of a million factors is off by about 1e-10: a share this near to a half is a half.
_NEAR = 1e-9


def survival_curve(contacts: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Share of contacts answered within so many hours (Kaplan–Meier), one row per distinct wait.

    Parameters
    ----------
    contacts : pd.DataFrame
        The finding of that name, rows sent at or before `as_of`, any order; read are `sent_at`,
        `answered_at` and `counted`.
    as_of : pd.Timestamp
        The instant at which those without an answer (open or missed) were last seen waiting.

    Returns
    -------
    pd.DataFrame
        `hours`, `answered_share` (0 to 1, never falling), `low`, `high` (its 95 % band) as
        ``float64`` and `at_risk` (``int64``, still waiting just before `hours`); first row at
        hour 0. No counted contact gives no row.

    Notes
    -----
    Counted contacts only, calendar hours, exact to the microsecond. A contact last seen waiting
    at the very hour of another's answer was still at risk then. The band is Greenwood's on the
    log-log scale, which stays within 0 to 1; it is undefined, so ``NaN``, where the share is 0
    or 1. Without censoring the share is the plain share of contacts answered by then.

    Source
    ------
    Kaplan and Meier 1958; Greenwood 1926; log-log band: Kalbfleisch and Prentice 1980.
    """
    waited, known = waits(contacts, as_of=as_of)
    everyone, answered = np.sort(waited), np.sort(waited[known])
    times = np.unique(np.append(0, everyone)) if len(everyone) else everyone
    at_risk = len(everyone) - np.searchsorted(everyone, times)
    events = np.searchsorted(answered, times, "right") - np.searchsorted(answered, times)
    share, low, high = _answered(at_risk, events)
    return pd.DataFrame(
        {"hours": times / _HOUR, "answered_share": share, "low": low, "high": high,
         "at_risk": at_risk}
    )  # fmt: skip


def waits(contacts: pd.DataFrame, *, as_of: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
    """Return how long each counted contact waited, and whether an answer ended the wait.

    Parameters
    ----------
    contacts, as_of
        As in `survival_curve`.

    Returns
    -------
    tuple of np.ndarray
        ``int64`` microseconds up to the answer or `as_of`, and ``bool``.
    """
    counted = contacts[contacts["counted"]]
    sent = counted["sent_at"].to_numpy("datetime64[us]")
    answered_at = counted["answered_at"].to_numpy("datetime64[us]")
    known = ~np.isnat(answered_at)
    last_seen = np.datetime64(as_of.tz_convert(None), "us")
    return (np.where(known, answered_at, last_seen) - sent).astype("int64"), known


def _answered(at_risk: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the share answered and its log-log Greenwood band."""
    waiting = np.cumprod((at_risk - events) / at_risk)
    # At a share of exactly 0 or 1 the logarithms have no scale, and the band comes out as NaN.
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(events / (at_risk * (at_risk - events)))
        middle = np.log(-np.log(waiting))
        reach = Z95 * np.sqrt(variance) / -np.log(waiting)
        low, high = 1 - np.exp(-np.exp(middle - reach)), 1 - np.exp(-np.exp(middle + reach))
    return 1 - waiting, low, high


def median_hours(curve: pd.DataFrame) -> float | None:
    """Hours by which half of all contacts are answered, those still waiting included.

    Parameters
    ----------
    curve : pd.DataFrame
        As `survival_curve` returns it.

    Returns
    -------
    float or None
        The first hour at which the share is at least a half; None where it never is.
    """
    return _reaches_half(curve, "answered_share")


def median_interval(curve: pd.DataFrame) -> tuple[float | None, float | None]:
    """95 % interval of `median_hours`: where the curve's band reaches a half.

    Parameters
    ----------
    curve : pd.DataFrame
        As `survival_curve` returns it.

    Returns
    -------
    tuple of float or None
        The earliest and the latest hour; None where that edge of the band never reaches a half.

    Source
    ------
    Brookmeyer and Crowley 1982.
    """
    return _reaches_half(curve, "high"), _reaches_half(curve, "low")


def _reaches_half(curve: pd.DataFrame, column: str) -> float | None:
    reached = curve.loc[curve[column] >= 0.5 - _NEAR, "hours"]
    return float(reached.iloc[0]) if len(reached) else None


def response_histogram(contacts: pd.DataFrame, *, edges: Sequence[float]) -> pd.DataFrame:
    """Answers by hours waited, one row per bin.

    Parameters
    ----------
    contacts : pd.DataFrame
        The finding of that name, any order; read are `response_hours`, `status`, `counted`.
    edges : sequence of float
        Where the bins begin, in hours: rising, the first is 0.

    Returns
    -------
    pd.DataFrame
        `from_hours`, `to_hours` (``float64``; the last bin is open, to infinity), `answered`,
        `met` and `late` (``int64``). No contact gives every bin with none in it.

    Raises
    ------
    UsageError
        Edges that do not begin with 0 or do not rise.

    Notes
    -----
    A bin holds its upper edge and not its lower one, as "by due_at" does: an answer after 24
    hours to the microsecond is in the bin that ends at 24. The first bin holds 0 too. Those
    without an answer are in no bin: met + late = answered, and its sum is the number of answers.
    """
    begins = np.asarray(edges, dtype="float64")
    if not len(begins) or begins[0] != 0 or not (np.diff(begins) > 0).all():
        raise UsageError(f"the edges of a histogram begin with 0 and rise, unlike {list(edges)}")
    answered = contacts[contacts["counted"] & contacts["response_hours"].notna()]
    bins = np.searchsorted(begins, answered["response_hours"].to_numpy("float64")) - 1
    bins = np.maximum(bins, 0)
    met = (answered["status"] == "met").to_numpy(bool)
    counts = {
        "answered": np.bincount(bins, minlength=len(begins)),
        "met": np.bincount(bins[met], minlength=len(begins)),
        "late": np.bincount(bins[~met], minlength=len(begins)),
    }
    return pd.DataFrame({"from_hours": begins, "to_hours": np.append(begins[1:], np.inf), **counts})
