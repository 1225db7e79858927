"""How sure a figure is that rests on few contacts: medians, quantiles, means, weekly shares."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sellerkit.errors import UsageError
from sellerkit.measure.survival import Z95

#: A share, median or quantile of fewer contacts is shown with the word "few" beside it.
FEW = 12

#: A mean of fewer skewed waits has no interval that would hold the truth 95 times in 100.
MEAN_FROM = 200

#: The median with those that still wait has, of fewer, a wider interval than 95 % needs.
WAITING_FROM = 16

Interval = tuple[float | None, float | None]

_ALPHA = 0.05


def quantile_interval(hours: pd.Series, q: float = 0.5) -> Interval:
    """95 % interval of a quantile of waits, whatever their distribution.

    Parameters
    ----------
    hours : pd.Series
        ``float64`` waits, any order; missing ones are left out.
    q : float
        Which quantile, above 0 and below 1: 0.5 is the median, 0.9 the p90.

    Returns
    -------
    tuple of float or None
        Low and high, hours. None where so few waits have no such end: then the other end is the
        one-sided 95 % limit. (None, None) of none.

    Raises
    ------
    UsageError
        A quantile that is none.

    Source
    ------
    Order statistics, interpolated: Hettmansperger and Sheather 1986; Nyblom 1992.

    Examples
    --------
    >>> quantile_interval(pd.Series(range(1, 13)), 0.5)
    (3.26..., 9.73...)
    """
    if not 0 < q < 1:
        raise UsageError(f"a quantile lies between 0 and 1, unlike {q}")
    waits = np.sort(hours.dropna().to_numpy("float64"))
    if not len(waits):
        return None, None
    low, high = _lower(waits, q, _ALPHA / 2), _upper(waits, q, _ALPHA / 2)
    if low is None and high is not None:
        high = _upper(waits, q, _ALPHA)
    if high is None and low is not None:
        low = _lower(waits, q, _ALPHA)
    return low, high


def _upper(waits: np.ndarray, q: float, risk: float) -> float | None:
    mirrored = _lower(-waits[::-1], 1 - q, risk)
    return None if mirrored is None else -mirrored


def _lower(waits: np.ndarray, q: float, risk: float) -> float | None:
    """Return the value that the quantile is below with the given risk; None where there is none."""
    n = len(waits)
    # below[r]: the risk that the quantile lies below the r-th smallest, which r - 1 or fewer are
    below = np.concatenate([[0.0], np.cumsum(_binomial(n, q))])
    rank = int(np.searchsorted(below[: n + 1], risk, side="right")) - 1
    if rank < 1:
        return None
    if rank >= n:
        return float(waits[-1])
    weight = 1 / (
        1 + rank * (1 - q) * (below[rank + 1] - risk) / ((n - rank) * q * (risk - below[rank]))
        if risk > below[rank]
        else math.inf
    )
    return float((1 - weight) * waits[rank - 1] + weight * waits[rank])


def _binomial(n: int, p: float) -> np.ndarray:
    """Return the chances of 0 to n successes."""
    k = np.arange(1, n + 1)
    steps = np.log((n - k + 1) / k) + math.log(p / (1 - p))
    logs = n * math.log(1 - p) + np.concatenate([[0.0], np.cumsum(steps)])
    return np.exp(logs)


def mean_interval(hours: pd.Series) -> Interval:
    """95 % interval of the mean of waits, which are skewed: a few are very long.

    Parameters
    ----------
    hours : pd.Series
        ``float64`` waits, any order; missing ones are left out.

    Returns
    -------
    tuple of float or None
        Low and high, hours; None, None of fewer than `MEAN_FROM`, and where all are equal.

    Notes
    -----
    The t interval misses the mean of skewed waits from above far too often. Hall's cubic
    transformation of t takes the sample's skewness into account; below 200 waits it may hold
    in fewer than 93 of 100 cases (docs/figures.md), so none is given.

    Source
    ------
    Hall 1992, On the removal of skewness by transformation.
    """
    waits = hours.dropna().to_numpy("float64")
    n = len(waits)
    spread = waits.std() if n else 0.0
    if n < MEAN_FROM or spread == 0:
        return None, None
    mean, skew = waits.mean(), float(((waits - waits.mean()) ** 3).mean() / spread**3)
    error = waits.std(ddof=1)
    ends = [mean - error * _untransformed(z / math.sqrt(n), skew, n) for z in (Z95, -Z95)]
    return float(ends[0]), float(ends[1])


def _untransformed(y: float, skew: float, n: int) -> float:
    """Invert g(t) = t + skew t² / 3 + skew² t³ / 27 + skew / (6 n) at y."""
    if abs(skew) < 1e-6:
        return y
    return float(3 / skew * (np.cbrt(1 + skew * (y - skew / (6 * n))) - 1))


def control_chart(weekly: pd.DataFrame) -> pd.DataFrame:
    """Limits within which a weekly share moves by chance alone (p chart).

    Parameters
    ----------
    weekly : pd.DataFrame
        As `sellerkit.measure.weekly` returns it, oldest first.

    Returns
    -------
    pd.DataFrame
        The same rows and columns, with `centre` (the share of all weeks together), `lower` and
        `upper` (three standard errors of a week of that size, within 0 to 1) as ``float64``,
        and `signal` (``str``): ``above`` or ``below`` the limits, ``shift`` where the week ends
        eight in a row on one side of the centre, null otherwise.

    Notes
    -----
    Weeks without a closed contact have no limits and end no run. The centre includes the weeks
    it judges: with a quarter of weeks one bad week moves it little.

    Source
    ------
    Shewhart's p chart; runs of eight: Western Electric 1956, rule 4.
    """
    closed = weekly[["met", "late", "missed"]].sum(axis=1)
    total = int(closed.sum())
    centre = weekly["met"].sum() / total if total else math.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = 3 * np.sqrt(centre * (1 - centre) / closed.to_numpy("float64"))
    known = (closed > 0).to_numpy(bool)
    lower = np.where(known, np.clip(centre - reach, 0, 1), np.nan)
    upper = np.where(known, np.clip(centre + reach, 0, 1), np.nan)
    share = weekly["on_time_share"].to_numpy("float64")
    signal = np.full(len(weekly), None, dtype=object)
    signal[_ends_run(share, centre)] = "shift"
    signal[share < lower] = "below"
    signal[share > upper] = "above"
    return weekly.assign(
        centre=np.where(known, centre, np.nan), lower=lower, upper=upper,
        signal=pd.Series(signal, index=weekly.index, dtype="str"),
    )  # fmt: skip


def _ends_run(share: np.ndarray, centre: float, length: int = 8) -> np.ndarray:
    """Tell which weeks end a run of eight or more on one side; a week on the centre ends it."""
    side, run = 0.0, 0
    ends = np.zeros(len(share), dtype=bool)
    for week, value in enumerate(share):
        if math.isnan(value):
            continue
        now = float(np.sign(value - centre))
        run = run + 1 if now == side and now else int(now != 0)
        side = now
        ends[week] = run >= length
    return ends
