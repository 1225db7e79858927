from __future__ import annotations

import math

import pandas as pd
import pytest
from builders import claim, histories, instant, order

from sellerkit.measure.money import claim_currency, claims_money, exposure_money, exposure_runoff

AS_OF = instant("2026-10-05T06:00")
FILED = "2026-10-01T00:00"


@pytest.fixture
def files(unchanged):
    """Two euro orders, a pound order, one without a currency, and claims on the first three."""
    found = histories(
        orders=[
            order(order_id="A"),
            order(order_id="B"),
            order(order_id="C", currency="GBP"),
            order(order_id="D", currency=None),
        ],
        claims=[
            claim(FILED, claim_id="a", order_id="A", currency="EUR", outcome="seller_funded"),
            claim(FILED, claim_id="b", order_id="B", currency="EUR", outcome="seller_funded"),
            claim(FILED, claim_id="c", order_id="C"),
        ],
    )
    return {name: unchanged(frame) for name, frame in found.items()}


@pytest.fixture
def readiness(of, unchanged):
    rows = [
        {"claim_id": "a", "order_id": "A", "amount": 10.0, "exposure": 10.0},
        {"claim_id": "b", "order_id": "B", "amount": 5.5, "exposure": 5.5},
        {"claim_id": "c", "order_id": "C", "exposure": 40.0, "hours_left": 3.0,
         "verdict": "gaps"},
    ]  # fmt: skip
    return unchanged(of("claims_readiness", rows))


class TestClaimsMoney:
    def test_by_hand(self, readiness, files):
        euros, pounds = claims_money(readiness, files["claims"], files["orders"]).to_dict("records")
        assert euros == {
            "currency": "EUR", "verdict": "ready", "outcome": "seller_funded", "to_answer": False,
            "claims": 2, "amount": 15.5, "exposure": 15.5, "unpriced": 0,
        }  # fmt: skip
        assert pounds["currency"] == "GBP" and pounds["verdict"] == "gaps"
        assert pd.isna(pounds["outcome"]) and pounds["to_answer"] is True
        assert math.isnan(pounds["amount"]) and pounds["exposure"] == 40

    def test_without_orders_a_claim_without_currency_is_a_row_of_its_own(self, readiness, files):
        money = claims_money(readiness, files["claims"])
        assert money["currency"].isna().tolist() == [False, True]

    def test_an_exposure_from_the_order_is_in_its_currency(self, of):
        found = histories(
            orders=[order(currency="GBP")],
            claims=[claim(FILED, claim_id="a", currency="EUR")],
        )
        rows = [{"claim_id": "a", "exposure": 40.0}]
        readiness = of("claims_readiness", rows)
        assert claim_currency(readiness, found["claims"], found["orders"]).tolist() == ["GBP"]

    def test_of_nothing(self, of):
        none = histories()
        money = claims_money(of("claims_readiness"), none["claims"], none["orders"])
        assert money.empty and list(money.columns) == [
            "currency", "verdict", "outcome", "to_answer", "claims", "amount", "exposure",
            "unpriced",
        ]  # fmt: skip

    def test_an_unknown_amount_is_not_zero(self, of):
        found = histories(claims=[claim(FILED, claim_id="a", currency="EUR")])
        money = claims_money(of("claims_readiness", [{"claim_id": "a"}]), found["claims"])
        assert math.isnan(money["exposure"][0]) and money["unpriced"][0] == 1

    def test_accounts_are_kept_apart(self, of):
        found = histories(
            claims=[
                claim(FILED, claim_id="a", currency="EUR"),
                claim(FILED, claim_id="a", currency="USD", account="other"),
            ]
        )
        rows = [{"claim_id": "a", "account": "other", "amount": 1.0, "exposure": 1.0}]
        assert claims_money(of("claims_readiness", rows), found["claims"])["currency"][0] == "USD"


@pytest.fixture
def exposed(of, unchanged):
    rows = [
        {"order_id": "A", "exposure": 10.0, "claim_window_ends_at": instant("2026-10-05T12:00")},
        {"order_id": "B", "exposure": 20.0, "claim_window_ends_at": instant("2026-10-07T06:00"),
         "auto_lost": True},
        {"order_id": "C", "exposure": 7.0, "claim_window_ends_at": instant("2026-10-06T06:00")},
        {"order_id": "D", "claim_window_ends_at": instant("2026-12-31")},
    ]  # fmt: skip
    return unchanged(of("exposure", rows))


class TestExposureMoney:
    def test_by_hand(self, exposed, files):
        euros, pounds, unknown = exposure_money(exposed, files["orders"]).to_dict("records")
        assert euros == {
            "currency": "EUR", "orders": 2, "exposure": 30.0, "auto_lost_orders": 1,
            "auto_lost_exposure": 20.0, "unpriced": 0,
        }  # fmt: skip
        assert pounds["exposure"] == 7 and pounds["auto_lost_exposure"] == 0
        assert pd.isna(unknown["currency"]) and math.isnan(unknown["exposure"])
        assert unknown["unpriced"] == 1

    def test_of_nothing(self, of):
        money = exposure_money(of("exposure"), histories()["orders"])
        assert money.empty and list(money.columns) == [
            "currency", "orders", "exposure", "auto_lost_orders", "auto_lost_exposure", "unpriced",
        ]  # fmt: skip


class TestExposureRunoff:
    def test_by_hand(self, exposed, files):
        runoff = exposure_runoff(exposed, files["orders"], as_of=AS_OF, days=2)
        assert runoff["currency"].tolist()[:6] == ["EUR"] * 3 + ["GBP"] * 3
        euros, pounds = runoff[:3], runoff[3:6]
        # B's window ends at the very instant of day 2: it is over then, as C's on day 1.
        assert euros["at"].tolist() == [AS_OF + pd.Timedelta(days=n) for n in range(3)]
        assert euros["exposure"].tolist() == [30, 20, 0]
        assert euros["orders"].tolist() == [2, 1, 0]
        assert pounds["exposure"].tolist() == [7, 0, 0]
        assert runoff["orders"].tolist()[6:] == [1, 1, 1]
        assert runoff["exposure"].tolist()[6:] == [0, 0, 0]

    def test_begins_with_all_of_it(self, exposed, files):
        runoff = exposure_runoff(exposed, files["orders"], as_of=AS_OF)
        assert runoff["at"].nunique() == 91
        first = runoff[runoff["at"] == AS_OF]
        assert first["orders"].sum() == len(exposed)

    def test_of_nothing(self, of):
        runoff = exposure_runoff(of("exposure"), histories()["orders"], as_of=AS_OF)
        assert runoff.empty
        assert list(runoff.columns) == ["currency", "at", "orders", "exposure"]
        assert str(runoff["at"].dtype) == "datetime64[us, UTC]"

    def test_a_day_is_24_hours_over_a_clock_change(self, of):
        ends = instant("2026-10-26T00:00+01:00")
        exposed = of("exposure", [{"exposure": 1.0, "claim_window_ends_at": ends}])
        as_of = instant("2026-10-25T00:00+02:00")
        runoff = exposure_runoff(exposed, histories()["orders"], as_of=as_of, days=2)
        assert runoff["orders"].tolist() == [1, 1, 0]  # 25 hours are left on day 0
