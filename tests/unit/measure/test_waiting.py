"""Waits compared, against lifelines and by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from builders import instant
from pandas.testing import assert_frame_equal

from sellerkit.measure import log_rank, medians_by, survival_by, survival_curve

AS_OF = instant("2026-10-05T06:00")
LIFELINES = json.loads((Path(__file__).parents[2] / "data" / "lifelines.json").read_text("utf-8"))


def contact(hours: float, answered: bool) -> tuple[str, str, float | None]:
    sent_at = (AS_OF - pd.Timedelta(hours=hours)).isoformat()
    return (sent_at, "met" if answered else "open", hours if answered else None)


@pytest.mark.parametrize("test", LIFELINES["tests"])
def test_log_rank_agrees_with_lifelines(contacts_of, test):
    first, second = (
        contacts_of(*[contact(*pair) for pair in LIFELINES["samples"][test[name]]["waits"]])
        for name in ("first", "second")
    )
    found = log_rank(first, second, as_of=AS_OF)
    assert found["chi_square"] == pytest.approx(test["chi_square"], rel=1e-9)
    assert found["p_value"] == pytest.approx(test["p_value"], rel=1e-9)
    other_way = log_rank(second, first, as_of=AS_OF)
    assert other_way["chi_square"] == pytest.approx(found["chi_square"])


def test_log_rank_by_hand(contacts_of):
    # at 1 h two wait in each, one of the first is answered; at 2 h one and two, one of the second
    first = contacts_of(contact(1, True), contact(3, False))
    second = contacts_of(contact(2, True), contact(4, False))
    found = log_rank(first, second, as_of=AS_OF)
    assert (found["contacts_before"], found["contacts_after"], found["answers_seen"]) == (2, 2, 1)
    assert found["answers_expected"] == pytest.approx(2 / 4 + 2 / 3)
    variance = 1 / 4 + 2 / 9
    assert found["chi_square"] == pytest.approx((1 - 7 / 6) ** 2 / variance)


def test_log_rank_of_nothing_is_undefined(contacts_of):
    some = contacts_of(contact(1, True))
    for one, other in [
        (contacts_of(), some),
        (some, contacts_of()),
        (contacts_of(), contacts_of()),
    ]:
        found = log_rank(one, other, as_of=AS_OF)
        assert found["chi_square"] is None and found["p_value"] is None


def test_the_same_waits_do_not_differ(contacts_of):
    some = contacts_of(contact(1, True), contact(5, True), contact(9, False))
    found = log_rank(some, some, as_of=AS_OF)
    assert found["chi_square"] == pytest.approx(0) and found["p_value"] == pytest.approx(1)


def test_curves_by_topic_are_the_curves_of_each(contacts_of):
    contacts = contacts_of(*[contact(h, h % 3 > 0) for h in range(1, 20)])
    contacts["topic"] = (["return", "inquiry", None] * 7)[:19]
    found = survival_by(contacts, "topic", as_of=AS_OF)
    own = found[found["topic"] == "return"].drop(columns="topic").reset_index(drop=True)
    assert_frame_equal(own, survival_curve(contacts[contacts["topic"] == "return"], as_of=AS_OF))
    assert found["topic"].isna().any() and found["topic"].iloc[-1] is not found["topic"].iloc[0]
    medians = medians_by(contacts, "topic", as_of=AS_OF)
    assert medians["contacts"].tolist() == [6, 7, 6] and medians["few"].all()
    assert medians["km_median_hours"].notna().sum() == 2
    assert medians[["low", "high"]].isna().all(axis=None)  # of fewer than 16


def test_medians_have_intervals_from_16_contacts(contacts_of):
    contacts = contacts_of(*[contact(h, h % 3 > 0) for h in range(1, 32)])
    contacts["topic"] = (["return", "inquiry"] * 16)[:31]
    told, untold = medians_by(contacts, "topic", as_of=AS_OF).iloc[[1, 0]].to_dict("records")
    assert (told["contacts"], untold["contacts"]) == (16, 15)
    assert told["low"] <= told["km_median_hours"] and pd.isna(untold["low"])


def test_groups_of_nothing(contacts_of):
    assert list(survival_by(contacts_of(), "topic", as_of=AS_OF))[0] == "topic"
    assert medians_by(contacts_of(), "topic", as_of=AS_OF).empty
