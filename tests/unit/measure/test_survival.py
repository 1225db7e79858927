from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from builders import instant
from hypothesis import given
from hypothesis import strategies as st

from sellerkit.errors import UsageError
from sellerkit.measure.survival import (
    median_hours,
    median_interval,
    response_histogram,
    survival_curve,
)

AS_OF = instant("2026-10-05T06:00")

#: What lifelines says of seeded waits: tests/lifelines_values.py wrote it.
LIFELINES = json.loads((Path(__file__).parents[2] / "data" / "lifelines.json").read_text("utf-8"))

#: Hours waited, and whether an answer ended the wait.
waits = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


def contact(hours: float, answered: bool) -> tuple[str, str, float | None]:
    sent_at = (AS_OF - pd.Timedelta(hours=hours)).isoformat()
    return (sent_at, "met" if answered else "open", hours if answered else None)


def plain_kaplan_meier(pairs: list[tuple[float, bool]]) -> list[tuple[float, ...]]:
    """Kaplan–Meier and its log-log Greenwood band as the textbook writes them, row by row."""
    z = NormalDist().inv_cdf(0.975)
    waiting, variance, rows = 1.0, 0.0, []
    for time in sorted({0.0, *(hours for hours, _ in pairs)}):
        at_risk = sum(hours >= time for hours, _ in pairs)
        events = sum(hours == time and answered for hours, answered in pairs)
        waiting *= 1 - events / at_risk
        if events < at_risk:
            variance += events / (at_risk * (at_risk - events))
        low = high = math.nan
        if 1e-12 < waiting < 1:
            middle = math.log(-math.log(waiting))
            error = math.sqrt(variance) / abs(math.log(waiting))
            low = 1 - math.exp(-math.exp(middle - z * error))
            high = 1 - math.exp(-math.exp(middle + z * error))
        rows.append((time, 1 - waiting, low, high, at_risk))
    return rows


def test_by_hand(contacts_of, unchanged):
    contacts = unchanged(
        contacts_of(contact(1, True), contact(2, False), contact(3, True), contact(3, True),
                    contact(5, False))
    )  # fmt: skip
    curve = survival_curve(contacts, as_of=AS_OF)
    assert curve["hours"].tolist() == [0, 1, 2, 3, 5]
    assert curve["at_risk"].tolist() == [5, 5, 4, 3, 1]
    # 4/5 wait beyond 1 h, and of them 1/3 beyond 3 h.
    np.testing.assert_allclose(curve["answered_share"], [0, 1 / 5, 1 / 5, 11 / 15, 11 / 15])
    assert curve[["low", "high"]].isna().all(axis=1).tolist() == [True] + [False] * 4
    assert median_hours(curve) == 3


def test_the_band_by_hand(contacts_of):
    # One of two answered: variance of log S is 1/2, log S is −log 2.
    curve = survival_curve(contacts_of(contact(1, True), contact(2, False)), as_of=AS_OF)
    reach = 1.959964 * math.sqrt(0.5) / math.log(2)
    assert curve["low"].iloc[1] == pytest.approx(1 - 0.5 ** math.exp(-reach))
    assert curve["high"].iloc[1] == pytest.approx(1 - 0.5 ** math.exp(reach))


def test_of_nothing(contacts_of):
    curve = survival_curve(contacts_of(), as_of=AS_OF)
    assert curve.empty
    assert list(curve.columns) == ["hours", "answered_share", "low", "high", "at_risk"]
    assert median_hours(curve) is None and median_interval(curve) == (None, None)


def test_of_one(contacts_of):
    curve = survival_curve(contacts_of(contact(4, True)), as_of=AS_OF)
    assert curve["answered_share"].tolist() == [0, 1]
    assert curve[["low", "high"]].isna().all(axis=None)
    assert median_hours(curve) == 4


def test_an_open_one_alone_never_reaches_a_half(contacts_of):
    curve = survival_curve(contacts_of(contact(4, False)), as_of=AS_OF)
    assert curve["hours"].tolist() == [0, 4] and curve["answered_share"].tolist() == [0, 0]
    assert median_hours(curve) is None


def test_a_tie_of_answer_and_censoring_was_at_risk(contacts_of):
    curve = survival_curve(contacts_of(contact(4, True), contact(4, False)), as_of=AS_OF)
    assert curve["answered_share"].tolist() == [0, 0.5]


def test_an_answer_at_once(contacts_of):
    curve = survival_curve(contacts_of(contact(0, True), contact(1, True)), as_of=AS_OF)
    assert curve["hours"].tolist() == [0, 1] and curve["answered_share"].tolist() == [0.5, 1]


def test_missed_ones_are_censored_and_others_left_out(contacts_of, row):
    contacts = contacts_of(
        ("2026-10-01T06:00", "missed"),
        ("2026-10-01T06:00", "waived"),
        row("2026-10-01T07:00", "met", 1.0, counted=False),
    )
    curve = survival_curve(contacts, as_of=AS_OF)
    assert curve["hours"].tolist() == [0, 96] and curve["at_risk"].tolist() == [1, 1]


def test_a_clock_change_does_not_lengthen_a_wait(contacts_of):
    contacts = contacts_of(("2026-10-25T00:00+02:00", "open"))
    curve = survival_curve(contacts, as_of=instant("2026-10-26T00:00+01:00"))
    assert curve["hours"].tolist() == [0, 25]


def test_ten_equal_steps_reach_a_half_in_spite_of_rounding(contacts_of):
    curve = survival_curve(contacts_of(*[contact(h, True) for h in range(1, 11)]), as_of=AS_OF)
    assert median_hours(curve) == 5


@given(waits)
def test_agrees_with_the_plain_version(contacts_of, pairs):
    curve = survival_curve(contacts_of(*[contact(*pair) for pair in pairs]), as_of=AS_OF)
    expected = np.array(plain_kaplan_meier(pairs))
    np.testing.assert_allclose(curve.to_numpy(), expected, rtol=1e-5, atol=1e-9)


@given(waits)
def test_never_falls_and_stays_within_its_band(contacts_of, pairs):
    curve = survival_curve(contacts_of(*[contact(*pair) for pair in pairs]), as_of=AS_OF)
    share = curve["answered_share"]
    assert (share.diff().dropna() >= 0).all() and share.between(0, 1).all()
    known = curve.dropna()
    assert (known["low"] <= known["answered_share"] + 1e-12).all()
    assert (known["answered_share"] <= known["high"] + 1e-12).all()
    assert known["low"].ge(0).all() and known["high"].le(1).all()


@given(waits)
def test_one_who_waits_longer_than_all_only_lowers_the_curve(contacts_of, pairs):
    rows = [contact(*pair) for pair in pairs]
    before = survival_curve(contacts_of(*rows), as_of=AS_OF)
    after = survival_curve(contacts_of(*rows, contact(13, False)), as_of=AS_OF)
    merged = before.merge(after, on="hours", suffixes=("", "_after"))
    assert len(merged) == len(before)
    assert (merged["answered_share_after"] <= merged["answered_share"] + 1e-12).all()


@given(waits)
def test_without_censoring_it_is_the_plain_share(contacts_of, pairs):
    hours = np.array([h for h, _ in pairs])
    curve = survival_curve(contacts_of(*[contact(h, True) for h in hours]), as_of=AS_OF)
    plain = [(hours <= time).mean() for time in curve["hours"]]
    np.testing.assert_allclose(curve["answered_share"], plain, atol=1e-12)


@given(waits)
def test_row_order_is_irrelevant(contacts_of, pairs):
    contacts = contacts_of(*[contact(*pair) for pair in pairs])
    one = survival_curve(contacts, as_of=AS_OF)
    other = survival_curve(contacts.iloc[::-1], as_of=AS_OF)
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("sample", LIFELINES["samples"])
def test_agrees_with_lifelines(contacts_of, sample):
    curve = survival_curve(contacts_of(*[contact(*pair) for pair in sample["waits"]]), as_of=AS_OF)
    theirs = pd.DataFrame(sample, columns=["hours", "share", "low", "high"])
    np.testing.assert_array_equal(curve["hours"], theirs["hours"])
    np.testing.assert_allclose(curve["answered_share"], theirs["share"], atol=1e-12)
    # where the share is 0 or 1 the band is undefined, and lifelines draws it as the curve
    known = curve["low"].notna()
    assert known.sum() > 5
    ours = curve.loc[known, ["low", "high"]]
    np.testing.assert_allclose(ours, theirs.loc[known, ["low", "high"]], rtol=1e-5)


def test_the_median_has_an_interval_around_it(contacts_of):
    curve = survival_curve(contacts_of(*[contact(h, True) for h in range(1, 41)]), as_of=AS_OF)
    low, high = median_interval(curve)
    assert low < median_hours(curve) < high
    band = curve.set_index("hours")
    assert band.loc[low, "high"] >= 0.5 > band.loc[low - 1, "high"]
    assert band.loc[high, "low"] >= 0.5 > band.loc[high - 1, "low"]


class TestHistogram:
    def test_by_hand(self, contacts_of, unchanged):
        contacts = unchanged(
            contacts_of(
                ("2026-10-01", "met", 0.0),
                ("2026-10-01", "met", 1.0),
                ("2026-10-01", "met", 24.0),
                ("2026-10-01", "late", 24.5),
                ("2026-10-01", "late", 49.0),
                ("2026-10-01", "missed"),
                ("2026-10-05", "open"),
                ("2026-10-01", "waived", 3.0),
            )
        )
        bins = response_histogram(contacts, edges=[0, 1, 24, 48])
        assert bins["from_hours"].tolist() == [0, 1, 24, 48]
        assert bins["to_hours"].tolist() == [1, 24, 48, math.inf]
        assert bins["answered"].tolist() == [2, 1, 1, 1]
        assert bins["met"].tolist() == [2, 1, 0, 0]
        assert bins["late"].tolist() == [0, 0, 1, 1]

    def test_of_nothing(self, contacts_of):
        bins = response_histogram(contacts_of(), edges=range(3))
        assert bins[["answered", "met", "late"]].eq(0).all(axis=None) and len(bins) == 3

    @pytest.mark.parametrize("edges", [[], [1, 2], [0, 2, 2], [0, 3, 1], [0, math.nan]])
    def test_edges_that_are_none(self, contacts_of, edges):
        with pytest.raises(UsageError, match="edges"):
            response_histogram(contacts_of(), edges=edges)
