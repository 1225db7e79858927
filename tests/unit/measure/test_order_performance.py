"""Amazon's order figures: each metric on both sides of each edge, and a slow second version."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from builders import claim, histories, instant, order, return_
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sellerkit.errors import UsageError
from sellerkit.measure import order_performance, performance_orders
from sellerkit.measure.order_performance import METRICS, share_of
from sellerkit.policy import Policy

AS_OF = instant("2026-10-05T06:00")
POLICY = Policy.default()
DEFECTS, LATE, CANCELED = (
    "orderDefectRate.mfn.claims", "lateShipmentRate", "preFulfillmentCancellationRate"
)  # fmt: skip
TRACKING, DELIVERY = "validTrackingRate", "onTimeDeliveryRate"
RETURNS = "returnDissatisfactionRate.lateResponse"


def rows_of(metric, policy=POLICY, as_of=AS_OF, **given):
    found = performance_orders(histories(**given), as_of=as_of, policy=policy)
    assert list(found) == ["metric", "account", "marketplace", "order_id", "at", "counts"]
    return found[found["metric"] == metric].reset_index(drop=True)


def verdicts(metric, *orders, **given):
    rows = rows_of(metric, orders=[o | {"order_id": str(n)} for n, o in enumerate(orders)], **given)
    return [
        None if n not in rows["order_id"].tolist() else _plain(rows, n)
        for n in map(str, range(len(orders)))
    ]


def _plain(rows, order_id):
    value = rows.loc[rows["order_id"] == order_id, "counts"].iloc[0]
    return "unknown" if pd.isna(value) else bool(value)


def figures(metric, *orders, policy=POLICY, as_of=AS_OF, **given):
    numbered = [o | {"order_id": str(n)} for n, o in enumerate(orders)]
    frames = histories(orders=numbered, **given)
    rows = performance_orders(frames, as_of=as_of, policy=policy)
    found = order_performance(rows, as_of=as_of, policy=policy)
    return found[found["metric"] == metric].reset_index(drop=True)


def test_no_history_gives_no_row_and_the_types_stand():
    rows = performance_orders(histories(), as_of=AS_OF, policy=POLICY)
    found = order_performance(rows, as_of=AS_OF, policy=POLICY)
    assert rows.empty and found.empty
    assert str(rows["counts"].dtype) == "boolean"
    assert str(rows["at"].dtype) == str(found["since"].dtype) == "datetime64[us, UTC]"
    assert str(found["is_met"].dtype) == "boolean"


def test_orders_that_amazon_fulfills_make_up_no_figure():
    dates = {
        "latest_ship_at": "2026-10-01",
        "promised_by": "2026-10-02",
        "shipped_at": "2026-10-03",
    }
    own = order(fulfillment="amazon", tracking_id="1", status="shipped", **dates)
    assert performance_orders(histories(orders=[own]), as_of=AS_OF, policy=POLICY).empty


@pytest.mark.parametrize(
    ("shipped_at", "status", "due", "counts"),
    [
        ("2026-10-01T12:00", "shipped", "2026-10-01T12:00", False),  # to the instant
        ("2026-10-01T12:00:00.000001", "shipped", "2026-10-01T12:00", True),
        (None, "unshipped", "2026-10-05T05:59:59.999999", True),
        (None, "unshipped", "2026-10-05T06:00", None),  # not past: not in any period yet
        (None, "shipped", "2026-10-01T12:00", "unknown"),  # nothing says when
        (None, "canceled", "2026-10-01T12:00", None),
        ("2026-10-02", "canceled", "2026-10-01T12:00", True),  # shipped, then canceled
        (None, "unshipped", None, None),  # no date to be late by
    ],
)
def test_late_shipment(shipped_at, status, due, counts):
    own = order(shipped_at=shipped_at, status=status, latest_ship_at=due)
    assert verdicts(LATE, own) == [counts]


@pytest.mark.parametrize(
    ("status", "by", "counts"),
    [
        ("canceled", "seller", True),
        ("canceled", "amazon", True),
        ("canceled", "buyer", False),
        ("canceled", None, "unknown"),
        ("shipped", None, False),
        ("unshipped", None, False),
        ("pending", None, None),
    ],
)
def test_cancellation(status, by, counts):
    own = order("2026-10-01", status=status, canceled_by=by)
    assert verdicts(CANCELED, own) == [counts]


@pytest.mark.parametrize(
    ("carrier", "number", "shipped_at", "counts"),
    [
        ("DHL", "1", "2026-09-01", False),
        ("DHL", None, "2026-09-01", True),
        (None, "1", "2026-09-01", True),
        ("DHL", "1", None, None),
    ],
)
def test_valid_tracking(carrier, number, shipped_at, counts):
    own = order(carrier=carrier, tracking_id=number, shipped_at=shipped_at)
    assert verdicts(TRACKING, own) == [counts]


@pytest.mark.parametrize(
    ("delivered_at", "number", "promised_by", "counts"),
    [
        ("2026-09-20T20:00", "1", "2026-09-20T20:00", False),
        ("2026-09-20T20:00:00.000001", "1", "2026-09-20T20:00", True),
        (None, "1", "2026-09-20", "unknown"),
        ("2026-09-21", None, "2026-09-20", None),  # no tracking: not in the figure
        ("2026-09-21", "1", None, None),
        (None, "1", "2026-10-05T06:00", None),  # its day has not come
    ],
)
def test_on_time_delivery(delivered_at, number, promised_by, counts):
    own = order(delivered_at=delivered_at, tracking_id=number, promised_by=promised_by,
                shipped_at="2026-09-15", status="shipped")  # fmt: skip
    assert verdicts(DELIVERY, own) == [counts]


def test_a_delivery_that_was_never_sent_is_no_late_delivery():
    assert verdicts(DELIVERY, order(tracking_id="1", promised_by="2026-09-20")) == [None]


@pytest.mark.parametrize(
    ("outcome", "appealed_at", "counts"),
    [
        ("seller_funded", None, True),
        ("seller_funded", "2026-09-20", True),  # appealed, not won
        ("amazon_funded", None, False),
        ("denied", None, False),
        ("denied", "2026-09-20", False),
        ("withdrawn", None, False),
        ("open", None, "unknown"),
        ("open", "2026-09-20", "unknown"),  # an appeal that is not decided is not won
        (None, None, "unknown"),
        (None, "2026-09-20", "unknown"),
    ],
)
def test_defects_by_what_became_of_the_claim(outcome, appealed_at, counts):
    own = claim("2026-09-10", order_id="0", outcome=outcome, appealed_at=appealed_at)
    assert verdicts(DEFECTS, order("2026-09-01"), claims=[own]) == [counts]


@pytest.mark.parametrize(
    ("outcomes", "counts"),
    [
        ([], False),
        (["denied", "seller_funded"], True),
        (["seller_funded", None], True),
        (["denied", "open"], "unknown"),
        (["denied", "withdrawn"], False),
    ],
)
def test_an_order_counts_once_by_the_worst_of_its_claims(outcomes, counts):
    claims = [claim(f"2026-09-1{n}", order_id="0", outcome=o) for n, o in enumerate(outcomes)]
    assert verdicts(DEFECTS, order("2026-09-01"), claims=claims) == [counts]


def test_a_claim_of_another_account_is_of_another_order():
    own = claim("2026-09-10", order_id="0", outcome="seller_funded", account="other")
    assert verdicts(DEFECTS, order("2026-09-01"), claims=[own]) == [False]


def test_which_claims_count_is_the_policys(tmp_path: Path):
    path = tmp_path / "mine.toml"
    rows = {"denied_claim": "true", "amazon_funded_claim": "true", "won_appeal": "false"}
    path.write_text("".join(
        f'[[rule]]\nid = "odr.{name}_counts"\nvalue = {value}\nunit = "flag"\nfrom = 2012-02-01\n'
        'mark = "U"\nsource = "ours"\n' for name, value in rows.items()))  # fmt: skip
    policy = POLICY.with_file(path)
    for appealed_at, counts in ((None, True), ("2026-09-20", False)):
        own = claim("2026-09-10", order_id="0", outcome="amazon_funded", appealed_at=appealed_at)
        assert verdicts(DEFECTS, order("2026-09-01"), claims=[own], policy=policy) == [counts]


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({"authorized_at": "2026-09-03T12:00"}, False),  # 48 hours to the instant
        ({"authorized_at": "2026-09-03T12:00:00.000001"}, True),
        ({"authorized_at": "2026-09-09", "refunded_at": "2026-09-02"}, False),  # the earliest
        ({"closed_at": "2026-09-02"}, False),
        ({"closed_at": "2026-09-09", "in_policy": True}, True),
        ({"closed_at": "2026-09-09", "in_policy": False}, None),
        ({}, "unknown"),  # its time is past, and no report carries the seller's answer
    ],
)
def test_returns_answered_late(given, counts):
    asked = return_("2026-09-01T12:00", order_id="0", **given)
    assert verdicts(RETURNS, order(), returns=[asked]) == [counts]


@pytest.mark.parametrize(
    ("requested_at", "counts"),
    [("2026-10-03T06:00", None), ("2026-10-03T05:59:59", "unknown")],
)
def test_a_return_whose_time_still_runs_is_in_no_figure(requested_at, counts):
    asked = [return_(requested_at, order_id="0")]
    assert verdicts(RETURNS, order(), returns=asked) == [counts]


def test_returns_of_orders_not_on_file_are_taken_as_the_merchants():
    late = return_("2026-09-01", order_id="x", closed_at="2026-09-09")
    found = rows_of(RETURNS, returns=[late])
    assert found["marketplace"].isna().all() and found["counts"].tolist() == [True]
    assert rows_of(RETURNS, returns=[late | {"order_id": "a"}],
                   orders=[order(order_id="a", fulfillment="amazon")]).empty  # fmt: skip


#: For each metric an order that counts or not, made so that `at` is the instant given.
def _at(metric, at):
    return {
        DEFECTS: order(at),
        LATE: order(latest_ship_at=at, shipped_at=at, status="shipped"),
        CANCELED: order(at, status="shipped"),
        TRACKING: order(shipped_at=at, carrier="DHL", tracking_id="1", status="shipped"),
        DELIVERY: order(promised_by=at, delivered_at=at, shipped_at="2026-01-01", tracking_id="1",
                        status="shipped"),
    }[metric]  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "store", "days", "lag"),
    [
        (DEFECTS, "DE", [60], 0),
        (LATE, "DE", [10, 30], 0),
        (CANCELED, "DE", [7], 0),
        (CANCELED, "IN", [7, 30], 0),
        (TRACKING, "DE", [7, 30], 14),
        (DELIVERY, "DE", [14], 7),
        (DELIVERY, "US", [14], 7),
    ],
)
def test_periods_end_where_amazon_ends_them(metric, store, days, lag):
    until = AS_OF - pd.Timedelta(days=lag)
    moment = pd.Timedelta(1, unit="us")
    edges = [until - moment, until] + [until - pd.Timedelta(days=n) for n in days]
    edges += [until - pd.Timedelta(days=n) - moment for n in days]
    orders = [_at(metric, at) | {"marketplace": store} for at in edges]
    found = figures(metric, *orders)
    assert found["period_days"].tolist() == days
    assert (found["until"] == until).all()
    assert ((found["until"] - found["since"]).dt.days == found["period_days"]).all()
    # inside: the last instant before the end, and the first instant of each period and shorter ones
    inside = [1 + sum(n <= own for n in days) + sum(n < own for n in days) for own in days]
    assert found["denominator"].tolist() == inside


@pytest.mark.parametrize(
    ("metric", "store", "as_of", "target", "rule"),
    [
        (DELIVERY, "US", "2024-09-24T23:59:59", 0.97, "on_time_delivery.min@2012-02-01"),
        (DELIVERY, "US", "2024-09-25T00:00:00", 0.90, "on_time_delivery.min@2024-09-25"),
        (DELIVERY, "DE", "2024-09-25T00:00:00", 0.97, "on_time_delivery.min@2012-02-01"),
        (DELIVERY, None, "2024-09-25T00:00:00", 0.97, "on_time_delivery.min@2012-02-01"),
        (CANCELED, "IN", "2026-10-05T06:00:00", 0.02, "cancel.max@2012-02-01"),
        (CANCELED, "DE", "2026-10-05T06:00:00", 0.025, "cancel.max@2012-02-01"),
        (TRACKING, "DE", "2026-10-05T06:00:00", 0.95, "tracking.min@2012-02-01"),
        (LATE, "DE", "2026-10-05T06:00:00", 0.04, "late_shipment.max@2012-02-01"),
        (DEFECTS, "DE", "2026-10-05T06:00:00", 0.01, "odr.max@2012-02-01"),
    ],
)
def test_target_of_the_day_and_store(metric, store, as_of, target, rule):
    now = instant(as_of)
    own = _at(metric, now - pd.Timedelta(days=20)) | {"marketplace": store}
    found = figures(metric, own, as_of=now)
    assert found["target"].tolist() == [target] * len(found)
    assert set(found["target_rule"]) == {rule}


def test_returns_had_no_target_before_2016():
    for year, target in ((2015, None), (2016, 0.1)):
        now = instant(f"{year}-06-01")
        asked = return_(now - pd.Timedelta(days=9), order_id="0", closed_at=now)
        found = figures(RETURNS, order(), returns=[asked], as_of=now).iloc[0]
        assert pd.isna(found["target"]) if target is None else found["target"] == target
        assert pd.isna(found["is_met"]) if target is None else not found["is_met"]


def test_a_maximum_is_met_below_it_and_a_minimum_at_it():
    day = "2026-10-01"
    canceled = order(day, status="canceled", canceled_by="seller")
    fine = order(day, status="shipped")
    at_limit = figures(CANCELED, canceled, *[fine] * 39).iloc[0]
    below = figures(CANCELED, canceled, *[fine] * 40).iloc[0]
    assert (at_limit["value"], at_limit["is_met"]) == (0.025, False)
    assert below["is_met"]
    day = "2026-09-20"
    tracked = _at(TRACKING, day)
    minimum = figures(TRACKING, tracked | {"carrier": None}, *[tracked] * 19).iloc[0]
    assert (minimum["value"], minimum["is_met"]) == (0.95, True)


def test_share_by_hand_with_what_is_not_known():
    counts = pd.Series([True, False, False, None, False], dtype="boolean")
    bad, good = share_of(counts, good=False), share_of(counts, good=True)
    assert [bad[k] for k in ("numerator", "denominator", "unknown", "value")] == [1, 4, 1, 0.25]
    assert (bad["least"], bad["most"]) == (0.2, 0.4)
    assert [good[k] for k in ("numerator", "value", "least", "most")] == [3, 0.75, 0.6, 0.8]
    assert bad["low"] == pytest.approx(1 - good["high"])
    unknown = share_of(pd.Series([None], dtype="boolean"), good=True)
    assert (unknown["value"], unknown["least"], unknown["most"]) == (None, 0.0, 1.0)
    assert share_of(counts[:0], good=True)["most"] is None


def test_stores_stand_apart_and_the_unknown_store_is_last():
    day = "2026-10-01"
    orders = [order(day, status="shipped") | {"marketplace": code} for code in (None, "UK", "DE")]
    found = figures(CANCELED, *orders)
    assert found["marketplace"].tolist()[:2] == ["DE", "UK"]
    assert pd.isna(found["marketplace"].iloc[2])
    assert found["denominator"].tolist() == [1, 1, 1]


def test_days_that_are_none_are_named(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text('[[rule]]\nid = "cancel.periods"\nvalue = "a week"\nunit = "days each"\n'
                    'from = 2012-02-01\nmark = "U"\nsource = "ours"\n')  # fmt: skip
    with pytest.raises(UsageError, match="cancel.periods@2012-02-01 names the days 'a week'"):
        figures(CANCELED, order("2026-10-01"), policy=POLICY.with_file(path))


# --- a slow second version, order by order -------------------------------------------------------

HOURS = st.integers(-24 * 40, 24 * 3)
MAYBE = st.one_of(st.none(), HOURS)


@st.composite
def shops(draw):
    def at(hours):
        return None if hours is None else AS_OF + pd.Timedelta(hours=hours)

    orders = [
        order(
            at(draw(HOURS)), order_id=str(n),
            status=draw(st.sampled_from(["pending", "unshipped", "shipped", "canceled"])),
            fulfillment=draw(st.sampled_from(["merchant", "amazon"])),
            marketplace=draw(st.sampled_from(["DE", "IN", None])),
            canceled_by=draw(st.sampled_from(["buyer", "seller", "amazon", None])),
            carrier=draw(st.sampled_from(["DHL", None])),
            tracking_id=draw(st.sampled_from(["1", None])),
            **{name: at(draw(MAYBE)) for name in
               ("latest_ship_at", "shipped_at", "promised_by", "delivered_at")},
        )
        for n in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    return histories(orders=orders)


def slow(orders: pd.DataFrame, metric: str, store: str | None, days: int) -> tuple[int, int, int]:
    """Return bad, known and unknown orders of a period."""
    until = AS_OF - dt.timedelta(days=METRICS[metric].lag_days)
    bad = known = unknown = 0
    for own in orders.to_dict("records"):
        code = None if pd.isna(own["marketplace"]) else own["marketplace"]
        if own["fulfillment"] != "merchant" or code != store:
            continue
        for at, counts in judged(own, metric):
            if pd.isna(at) or not until - dt.timedelta(days=days) <= at < until:
                continue
            unknown += counts is None
            known += counts is not None
            bad += counts is True
    return bad, known, unknown


def judged(own: dict, metric: str):
    shipped, due = own["shipped_at"], own["latest_ship_at"]
    if metric == LATE and not (own["status"] == "canceled" and pd.isna(shipped)):
        if pd.isna(shipped):
            yield due, None if own["status"] == "shipped" else True
        else:
            yield due, bool(shipped > due)
    if metric == CANCELED and own["status"] != "pending":
        if own["status"] != "canceled":
            yield own["purchased_at"], False
        else:
            yield (
                own["purchased_at"],
                (None if pd.isna(own["canceled_by"]) else own["canceled_by"] != "buyer"),
            )
    if metric == TRACKING and not pd.isna(shipped):
        yield shipped, bool(pd.isna(own["carrier"]) or pd.isna(own["tracking_id"]))
    tracked = not pd.isna(shipped) and not pd.isna(own["tracking_id"])
    if metric == DELIVERY and tracked and not pd.isna(own["promised_by"]):
        yield own["promised_by"], (
            None if pd.isna(own["delivered_at"])
            else bool(own["delivered_at"] > own["promised_by"])
        )  # fmt: skip


@settings(max_examples=30)
@given(shops())
def test_agrees_with_a_slow_version(frames):
    before = frames["orders"].copy(deep=True)
    rows = performance_orders(frames, as_of=AS_OF, policy=POLICY)
    assert_frame_equal(frames["orders"], before)
    for row in order_performance(rows, as_of=AS_OF, policy=POLICY).to_dict("records"):
        if row["metric"] == DEFECTS:
            continue  # no claims here
        store = None if pd.isna(row["marketplace"]) else row["marketplace"]
        bad, known, unknown = slow(frames["orders"], row["metric"], store, row["period_days"])
        good = METRICS[row["metric"]].good
        assert (row["denominator"], row["unknown"]) == (known, unknown)
        assert row["numerator"] == (known - bad if good else bad)
        if known + unknown:
            assert row["least"] <= row["most"]
        if known:
            assert row["least"] - 1e-12 <= row["value"] <= row["most"] + 1e-12
            assert row["low"] <= row["value"] <= row["high"]
