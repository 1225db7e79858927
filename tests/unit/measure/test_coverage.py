from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellerkit.measure.coverage import coverage
from sellerkit.measure.shares import wilson
from sellerkit.tables import KINDS, PROBLEMS, STATUSES

duty = st.fixed_dictionaries({"kind": st.sampled_from(KINDS), "status": st.sampled_from(STATUSES)})


def test_by_hand(of, unchanged):
    problem = {"kind": "order_problem"}
    obligations = unchanged(
        of(
            "obligations",
            [
                {"status": "met"},
                {"status": "late"},
                {"status": "missed"},
                {"status": "open"},
                {"status": "waived"},
                {"kind": "return", "status": "not_applicable"},
                problem | {"problem": "late_shipment", "status": "met"},
                problem | {"problem": "late_delivery", "status": "late"},
            ],
        )
    )
    rows = coverage(obligations)
    assert rows["kind"].tolist() == ["inquiry", "return", *["order_problem"] * 4, "claim"]
    assert rows["problem"].dropna().tolist() == list(PROBLEMS)
    assert rows["problem"].isna().tolist() == [True] * 3 + [False] * 3 + [True]
    inquiry, return_, whole, stock, shipment, delivery, claim = rows.to_dict("records")
    assert [inquiry[name] for name in STATUSES] == [1, 1, 1, 1, 1, 0]
    assert inquiry["coverage"] == 1 / 3 and inquiry["written_share"] == 2 / 3
    assert (inquiry["low"], inquiry["high"]) == wilson(1, 3)
    assert return_["not_applicable"] == 1
    assert whole["coverage"] == 0.5 and whole["written_share"] == 1
    assert shipment["coverage"] == 1 and delivery["coverage"] == 0
    for undefined in (return_, stock, claim):
        assert undefined["coverage"] != undefined["coverage"]
        assert undefined["low"] != undefined["low"]


def test_of_nothing_has_every_row(of):
    rows = coverage(of("obligations"))
    assert len(rows) == 7
    assert rows[list(STATUSES)].eq(0).all(axis=None)
    assert rows[["coverage", "written_share", "low", "high"]].isna().all(axis=None)
    assert rows["coverage"].dtype == "float64" and rows["met"].dtype == "int64"


def test_of_one(of):
    rows = coverage(of("obligations", [{"kind": "claim", "status": "missed"}])).set_index("kind")
    assert rows.loc["claim", "coverage"] == 0 and rows.loc["claim", "written_share"] == 0


@given(st.lists(duty, max_size=30))
def test_statuses_add_up_and_shares_are_shares(of, duties):
    rows = coverage(of("obligations", duties))
    kinds = rows[rows["problem"].isna()].set_index("kind")
    for kind in KINDS:
        assert kinds.loc[kind, list(STATUSES)].sum() == sum(d["kind"] == kind for d in duties)
    known = kinds.dropna(subset=["coverage"])
    assert (known["low"] <= known["coverage"]).all() and (known["coverage"] <= known["high"]).all()
    assert (known["coverage"] <= known["written_share"]).all()
    assert known["written_share"].between(0, 1).all()


@pytest.mark.parametrize("name", ["coverage", "written_share"])
def test_row_order_is_irrelevant(of, name):
    obligations = of("obligations", [{"status": s} for s in ("met", "late", "missed", "met")])
    assert coverage(obligations)[name][0] == coverage(obligations.iloc[::-1])[name][0]
