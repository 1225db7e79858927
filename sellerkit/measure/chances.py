"""How likely a count is: tails of the binomial and of Student's t, and what a share may be."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np


def binomial_tail(k: int, n: int, p: float) -> float:
    """Chance of k or more successes in n trials of chance p each.

    Parameters
    ----------
    k, n : int
        0 <= k <= n.
    p : float
        Above 0 and below 1.

    Examples
    --------
    >>> round(binomial_tail(2, 3, 0.5), 9)
    0.5
    """
    if k <= 0:
        return 1.0
    if k > n:
        return 0.0
    i = np.arange(1, n + 1)
    steps = np.log((n - i + 1) / i) + math.log(p / (1 - p))
    logs = n * math.log1p(-p) + np.cumsum(steps)
    return min(1.0, float(np.exp(logs[k - 1 :]).sum()))


def share_above(k: int, n: int, risk: float) -> float:
    """Highest share that k of n leave possible: it would give so few with chance `risk` only.

    Parameters
    ----------
    k, n : int
        Successes and trials; 1 where all succeeded or nothing was tried.
    risk : float
        One-sided, 0 to 1.

    Source
    ------
    Clopper and Pearson 1934.

    Examples
    --------
    >>> round(share_above(0, 10, 0.05), 4)
    0.2589
    """
    if k >= n:
        return 1.0
    low, high = k / n, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if middle <= 0 or middle >= 1:
            break
        too_rare = 1 - binomial_tail(k + 1, n, middle) < risk
        low, high = (low, middle) if too_rare else (middle, high)
    return high


def student_below(t: float, freedom: int) -> float:
    """Chance that Student's t lies below a value, by Simpson's rule over its density.

    Parameters
    ----------
    t : float
    freedom : int
        Degrees of freedom, at least 1.

    Examples
    --------
    >>> round(student_below(-2.0, 10), 4)
    0.0367
    """
    # x = sqrt(freedom) tan(angle) makes the density a power of the cosine over a finite span
    angle = math.atan(abs(t) / math.sqrt(freedom))
    at = np.linspace(angle, math.pi / 2, 2001)
    values = np.cos(at) ** (freedom - 1)
    weights = np.full(2001, 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    area = float((weights * values).sum()) * (at[1] - at[0]) / 3
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    tail = min(1.0, scale * float(area))
    return tail if t < 0 else 1 - tail


def combined(chances: Iterable[float]) -> float:
    """Chance that independent evidence is all together as unlikely as this.

    Parameters
    ----------
    chances : iterable of float
        One for each kind of evidence, above 0.

    Source
    ------
    Fisher 1925: minus twice the sum of logarithms follows chi-square.

    Examples
    --------
    >>> round(combined([0.01, 0.01]), 6)
    0.001021
    """
    logs = [math.log(max(chance, 1e-300)) for chance in chances]
    half = -sum(logs)
    return min(1.0, math.exp(-half) * sum(half**i / math.factorial(i) for i in range(len(logs))))
