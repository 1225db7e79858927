"""How sure a figure is: intervals and control limits."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellerkit.errors import UsageError
from sellerkit.measure import control_chart, mean_interval, quantile_interval
from sellerkit.measure.intervals import MEAN_FROM


def chance_below(n: int, q: float, rank: int) -> float:
    """Return the chance that the quantile lies below the rank-th smallest of n."""
    return sum(math.comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(rank))


@pytest.mark.parametrize("n", [6, 7, 12, 50, 200])
@pytest.mark.parametrize("q", [0.5, 0.9])
def test_ends_lie_between_the_two_order_statistics_that_enclose_the_risk(n, q):
    low, high = quantile_interval(pd.Series(np.arange(1.0, n + 1)), q)
    if low is not None:
        risk = 0.025 if high is not None else 0.05
        assert chance_below(n, q, math.floor(low)) <= risk + 1e-12
        assert chance_below(n, q, math.ceil(low + 1e-9)) > risk or low == n
    if high is not None:
        above = n + 1 - high
        assert chance_below(n, 1 - q, math.floor(above + 1e-9)) <= 0.025 + 1e-12


def test_twelve_waits_have_no_upper_end_of_their_p90():
    low, high = quantile_interval(pd.Series(np.arange(1.0, 13)), 0.9)
    assert 9 < low < 10 and high is None


def test_the_median_of_few_has_neither_end():
    assert quantile_interval(pd.Series([1.0, 2.0, 3.0])) == (None, None)
    assert quantile_interval(pd.Series([], dtype="float64")) == (None, None)
    assert quantile_interval(pd.Series([np.nan, np.nan])) == (None, None)


@pytest.mark.parametrize("q", [0, 1, -0.5, 2])
def test_no_such_quantile(q):
    with pytest.raises(UsageError):
        quantile_interval(pd.Series([1.0]), q)


@given(st.lists(st.floats(0, 1e4), min_size=8, max_size=60), st.floats(0.05, 0.95))
def test_the_interval_is_in_order_and_turns_with_the_waits(waits, q):
    low, high = quantile_interval(pd.Series(waits), q)
    if low is not None and high is not None:
        assert low <= high
    turned = quantile_interval(-pd.Series(waits), 1 - q)
    ends = [None if end is None else -end for end in turned][::-1]
    assert [low, high] == [pytest.approx(end) if end is not None else None for end in ends]


def test_a_mean_of_few_has_no_interval():
    waits = pd.Series(np.arange(1.0, MEAN_FROM))
    assert mean_interval(waits) == (None, None)
    low, high = mean_interval(pd.concat([waits, pd.Series([float(MEAN_FROM)])]))
    assert low < (MEAN_FROM + 1) / 2 < high
    assert mean_interval(pd.Series([4.0] * MEAN_FROM)) == (None, None)


def test_without_skewness_the_mean_has_the_plain_interval():
    waits = pd.Series([1.0, 3.0] * MEAN_FROM)
    n = len(waits)
    reach = 1.959964 * waits.std() / math.sqrt(n)
    assert mean_interval(waits) == (pytest.approx(2 - reach), pytest.approx(2 + reach))


def test_with_skewness_the_interval_reaches_further_up():
    waits = pd.Series(np.exp(np.linspace(-2, 3, MEAN_FROM)))
    low, high = mean_interval(waits)
    assert high - waits.mean() > waits.mean() - low > 0


def weeks(*rows: tuple[int, int, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["met", "late", "missed"])
    closed = frame.sum(axis=1)
    return frame.assign(on_time_share=frame["met"] / closed.where(closed > 0))


class TestControlChart:
    def test_by_hand(self):
        chart = control_chart(weeks((90, 5, 5), (95, 5, 0), (0, 0, 0), (60, 20, 20)))
        centre = 245 / 300
        reach = 3 * math.sqrt(centre * (1 - centre) / 100)
        assert chart["centre"].iloc[0] == pytest.approx(centre)
        assert chart["lower"].iloc[0] == pytest.approx(centre - reach)
        assert chart["upper"].iloc[0] == pytest.approx(centre + reach)
        assert chart.loc[2, ["centre", "lower", "upper"]].isna().all()
        assert [None if pd.isna(s) else s for s in chart["signal"]] == [
            None,
            "above",
            None,
            "below",
        ]

    def test_eight_on_one_side_are_a_shift(self):
        low, high = (17, 3, 0), (19, 1, 0)
        chart = control_chart(weeks(*[low] * 8, *[high] * 7))
        assert chart["signal"].tolist()[7] == "shift"
        assert chart["signal"].notna().sum() == 1

    def test_of_nothing(self):
        chart = control_chart(weeks((0, 0, 0)))
        assert chart[["centre", "lower", "upper", "signal"]].isna().all(axis=None)

    def test_all_in_time_has_no_signal(self):
        chart = control_chart(weeks(*[(5, 0, 0)] * 7))
        assert chart["signal"].isna().all() and (chart["upper"] == 1).all()
