"""Amazon's own figures beside ours: as it saw them, and what could explain a difference."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import MARKETPLACE, claim, histories, instant, order
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.measure import as_seen, beside_amazon, newest_reported, performance_orders
from sellerkit.policy import Policy
from sellerkit.tables import HISTORIES, conform

START, END = instant("2026-09-28"), instant("2026-10-05")
AS_OF = instant("2026-10-07")
MET, LATE, MISSED = (
    "responseUnder24Hours",
    "responseTimeGreaterThan24Hours",
    "noResponseForContactsOlderThan24Hours",
)
AVERAGE = "averageResponseTimeInHours"
NO_ORDERS = performance_orders(histories(), as_of=AS_OF, policy=Policy.default())


def reported(*rows):
    base = {"account": "shop", "marketplace": MARKETPLACE, "period_start": START,
            "period_end": END}  # fmt: skip
    names = ("metric", "value", "numerator", "denominator")
    listed = [base | (dict(zip(names, row, strict=False)) if isinstance(row, tuple) else row)
              for row in rows]  # fmt: skip
    return conform(pd.DataFrame(listed), HISTORIES["performance"])


def one(performance, contacts, orders=NO_ORDERS, **others):
    found = beside_amazon(performance, contacts, orders, **others)
    assert len(found) == 1
    return found.iloc[0]


@pytest.fixture
def sent(row):
    """Return a maker of contacts sent so many hours after the period's start."""

    def make(hours: float, waited: float | None, **others):
        at = START + pd.Timedelta(hours=hours)
        status = "missed" if waited is None else "met" if waited <= 24 else "late"
        return row(at.isoformat(), status, waited, **others)

    return make


WEEK = 7 * 24


def test_of_nothing_is_nothing(contacts_of):
    found = beside_amazon(reported()[:0], contacts_of(), NO_ORDERS)
    assert found.empty and str(found["explained_by"].dtype) == "str"
    row = one(reported((MET, 0.9)), contacts_of())
    assert row["denominator"] == 0 and pd.isna(row["ours"]) and pd.isna(row["explained_by"])


def test_what_the_histories_cannot_give_is_left_out(contacts_of):
    rows = reported(("unitOnTimeDeliveryRate", 0.9), ("accountHealthRating", 1000.0))
    assert beside_amazon(rows, contacts_of(), NO_ORDERS).empty


@pytest.mark.parametrize(
    ("hours", "waited", "status"),
    [
        (0, 24, "met"),
        (0, 24.001, "late"),
        (0, None, "missed"),
        (WEEK - 30, 29, "late"),
        (WEEK - 30, 30, "late"),  # at the end itself it was there
        (WEEK - 30, 30.5, "missed"),  # answered after the end: it had no response yet
        (WEEK - 24, None, "open"),  # 24 hours to the instant
        (WEEK - 24.001, None, "missed"),
        (WEEK - 2, 5, "open"),  # answered in time, but after the end
        (WEEK - 2, 1, "met"),
        (WEEK, 1, None),
        (-0.001, 1, None),
    ],
)
def test_as_it_stood_at_the_end(contacts_of, sent, unchanged, hours, waited, status):
    period = {"account": "shop", "marketplace": MARKETPLACE, "period_start": START,
              "period_end": END}  # fmt: skip
    seen = as_seen(unchanged(contacts_of(sent(hours, waited))), period)
    assert seen["status"].tolist() == ([] if status is None else [status])
    if status in ("missed", "open"):
        assert seen["response_hours"].isna().all()


def test_amazons_limit_is_its_own_whatever_the_rule_asks(contacts_of, sent):
    own = sent(5, 20) | {"due_at": START + pd.Timedelta(hours=17), "status": "late"}
    assert one(reported((MET, 1.0)), contacts_of(own))["ours"] == 1.0


@pytest.mark.parametrize(
    "others",
    [{"status": "waived", "counted": False}, {"marketplace": "UK"}, {"account": "other"},
     {"marketplace": None}],
)  # fmt: skip
def test_what_is_not_of_the_figure(contacts_of, sent, others):
    own = contacts_of(sent(0, 2), sent(1, None) | others)
    assert one(reported((MET, 1.0)), own)["denominator"] == 1


def test_shares_and_average_by_hand(contacts_of, sent):
    contacts = contacts_of(
        sent(0, 2), sent(1, 4), sent(2, 30), sent(3, None), sent(WEEK - 2, None)
    )  # fmt: skip
    rows = reported((MET, 0.5), (LATE, 0.25), (MISSED, 0.25), (AVERAGE, 12.0))
    found = beside_amazon(rows, contacts, NO_ORDERS).set_index("metric")
    assert found["ours"].tolist() == [0.5, 0.25, 0.25, 12.0]
    assert found["numerator"].tolist()[:3] == [2, 1, 1]
    assert found["denominator"].tolist() == [4, 4, 4, 3]
    assert (found["difference"] == 0).all() and found["explained_by"].isna().all()


@pytest.mark.parametrize(
    ("metric", "off", "alike"),
    [(MET, 0.0005, True), (MET, 0.0006, False), (AVERAGE, 0.05, True), (AVERAGE, 0.051, False)],
)
def test_what_prints_alike_is_alike(contacts_of, sent, metric, off, alike):
    ours = {MET: 0.5, AVERAGE: 2.0}[metric]
    found = one(reported((metric, ours + off)), contacts_of(sent(0, 2), sent(1, None)))
    why = found["explained_by"]
    # an average this near could be the way of the mail; nothing could move this share
    assert pd.isna(why) if alike or metric == MET else why == "mail delay"


def test_contact_unit(contacts_of, sent):
    contacts = contacts_of(sent(0, 2), sent(1, None), sent(2, None, counted=False))
    for counts, why in (((1, 3), "contact unit"), ((), "contact unit"), ((10, 30), None)):
        found = one(reported((MET, 1 / 3, *counts)), contacts)
        assert found["as_messages"] == pytest.approx(1 / 3)
        if why:
            assert found["explained_by"] == why
        else:  # the share fits by chance, the counts do not
            assert found["explained_by"] == "missing mail"


def test_a_reading_with_a_delay_needs_as_many_contacts_as_amazon_names(contacts_of, sent):
    contacts = contacts_of(sent(0, 2), sent(1, 4), sent(2, 9, counted=False))
    for whole, why in (
        (3, "contact unit with mail delay or missing mail"),
        (4, "missing mail"),
        (None, None),
    ):
        found = one(reported((AVERAGE, 5.2, None, whole)), contacts)
        assert found["explained_by"] == why if why else pd.isna(found["explained_by"])


def test_automated_replies(contacts_of, sent):
    contacts, other = contacts_of(sent(0, 2), sent(1, None)), contacts_of(sent(0, 2), sent(1, 0))
    row = reported((MET, 1.0, 2, 2))
    assert one(row, contacts, with_autoreplies=other)["explained_by"] == "automated replies"
    assert pd.isna(one(row, contacts)["explained_by"])
    assert pd.isna(one(row, contacts)["as_autoreplies"])


def test_of_two_readings_that_fit_neither_is_chosen(contacts_of, sent):
    contacts = contacts_of(sent(0, 2), sent(1, None), sent(2, 3, counted=False))
    other = contacts_of(sent(0, 2), sent(1, 0), sent(2, 3))
    found = one(reported((MET, 2 / 3)), contacts, with_autoreplies=other)
    assert found["explained_by"] == "contact unit"
    other = contacts_of(sent(0, 2), sent(1, None), sent(2, 3))
    found = one(reported((MET, 2 / 3)), contacts, with_autoreplies=other)
    assert found["explained_by"] == "contact unit or automated replies"


@pytest.mark.parametrize(
    ("metric", "amazon", "contact", "why"),
    [
        (MET, 1.0, (1, 24.4), "mail delay"),  # a little late here, a little early there
        (MET, 1.0, (1, 24.5), "mail delay"),
        (MET, 1.0, (1, 24.6), None),
        (MET, 0.5, (1, 23.6), "mail delay"),
        (MET, 0.5, (1, 23.4), None),
        (MISSED, 0.5, (WEEK - 30, 29.6), "mail delay"),  # at the period's end
        (MISSED, 0.5, (WEEK - 30, 29.4), None),
        (MISSED, 0.0, (WEEK - 30, 30.4), "mail delay"),
        (LATE, 0.5, (1, 24.4), None),  # late here and there: nothing to explain
        (LATE, 0.0, (1, 24.4), "mail delay"),
    ],
)
def test_mail_delay_has_a_direction_and_a_reach(contacts_of, sent, metric, amazon, contact, why):
    found = one(reported((metric, amazon, amazon * 2, 2)), contacts_of(sent(0, 2), sent(*contact)))
    assert found["explained_by"] == why if why else pd.isna(found["explained_by"])


def test_mail_delay_of_an_average(contacts_of, sent):
    contacts = contacts_of(sent(0, 2), sent(1, 3))
    for amazon, why in ((2.9, "mail delay"), (2.0, "mail delay"), (3.2, None)):
        found = one(reported((AVERAGE, amazon)), contacts)
        assert found["explained_by"] == why if why else pd.isna(found["explained_by"])


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ((3, 5), "missing mail"),  # three more contacts, two of them answered in time
        ((1, 5), "missing mail"),
        ((4, 5), "missing mail"),
        ((0, 5), None),  # one answered in time is on file, so it cannot be none
        ((5, 5), None),
        ((1, 1), None),  # Amazon counts fewer
    ],
)
def test_missing_mail_must_have_room(contacts_of, sent, counts, why):
    found = one(reported((MET, counts[0] / counts[1], *counts)),
                contacts_of(sent(0, 2), sent(1, None)))  # fmt: skip
    assert found["missing"] == counts[1] - 2
    assert found["explained_by"] == why if why else pd.isna(found["explained_by"])


def performance_rows(*orders, claims=()):
    numbered = [o | {"order_id": str(n)} for n, o in enumerate(orders)]
    frames = histories(orders=numbered, claims=list(claims))
    return performance_orders(frames, as_of=AS_OF, policy=Policy.default())


def test_orders_beside_amazons(contacts_of):
    rows = performance_rows(
        order("2026-10-01", status="canceled", canceled_by="seller"),
        order("2026-10-02", status="shipped"),
        order("2026-10-05", status="shipped"),  # after the period
    )
    name = "preFulfillmentCancellationRate"
    found = one(reported((name, 0.5, 1, 2)), contacts_of(), rows)
    assert (found["ours"], found["denominator"], found["difference"]) == (0.5, 2, 0)
    assert pd.isna(found["explained_by"])
    found = one(reported((name, 0.25, 1, 4)), contacts_of(), rows)
    assert found["explained_by"] == "missing orders"
    # the older report's name of it
    assert one(reported(("preFulfillmentCancellation", 0.5)), contacts_of(), rows)["ours"] == 0.5


def test_unknown_orders(contacts_of):
    rows = performance_rows(
        order("2026-10-01", status="canceled"), order("2026-10-02", status="shipped")
    )
    name = "preFulfillmentCancellationRate"
    assert one(reported((name, 0.5)), contacts_of(), rows)["explained_by"] == "unknown orders"
    assert pd.isna(one(reported((name, 0.6)), contacts_of(), rows)["explained_by"])


def test_carrier_scans_could_explain_less_tracking_and_never_more(contacts_of):
    dates = {"shipped_at": "2026-10-01", "carrier": "DHL", "status": "shipped"}
    rows = performance_rows(order(tracking_id="1", **dates), order(**dates))
    name = "validTrackingRate"
    assert one(reported((name, 0.25)), contacts_of(), rows)["explained_by"] == "carrier scans"
    assert pd.isna(one(reported((name, 1.0)), contacts_of(), rows)["explained_by"])


@pytest.mark.parametrize("name", ["orderDefectRate.mfn.claims", "orderDefectRate.claims"])
def test_claims_are_reported_as_a_count_and_compared_as_a_share(contacts_of, name):
    rows = performance_rows(
        order("2026-10-01"), order("2026-10-01"),
        claims=[claim("2026-10-04", order_id="0", outcome="seller_funded")],
    )  # fmt: skip
    found = one(reported((name, 1.0, 1, 2)), contacts_of(), rows)
    assert (found["amazon"], found["ours"]) == (0.5, 0.5)
    without = one(reported((name, 1.0, 1)), contacts_of(), rows)
    assert pd.isna(without["amazon"]) and pd.isna(without["explained_by"])


def test_newest_of_each_length_and_none_of_the_future(unchanged):
    rows = unchanged(reported(*(
        {"metric": MET, "value": 0.5, "period_start": instant(start), "period_end": instant(end)}
        for start, end in (
            ("2026-09-24", "2026-10-01"), ("2026-09-28", "2026-10-05"),
            ("2026-10-01", "2026-10-08"), ("2026-09-05", "2026-10-05"),
        )
    )))  # fmt: skip
    found = newest_reported(rows, as_of=AS_OF)
    assert found["period_start"].dt.strftime("%m-%d").tolist() == ["09-28", "09-05"]
    assert newest_reported(rows, as_of=END)["period_end"].max() == END
    assert newest_reported(rows[:0], as_of=AS_OF).empty


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(-2, WEEK), st.one_of(st.none(), st.floats(0, 60)))))
def test_the_three_shares_are_of_one_whole_and_agree_with_a_loop(contacts_of, waits):
    listed = []
    for hours, waited in waits:
        at = (START + pd.Timedelta(hours=hours)).round("us")
        answered = pd.NaT if waited is None else (at + pd.Timedelta(hours=waited)).round("us")
        listed.append({"sent_at": at, "due_at": at + pd.Timedelta(hours=24), "status": "met",
                       "answered_at": answered, "counted": True})  # fmt: skip
    counts = dict.fromkeys((MET, LATE, MISSED), 0)
    for own in listed:
        if not START <= own["sent_at"] < END:
            continue
        if not pd.isna(own["answered_at"]) and own["answered_at"] <= END:
            late = own["answered_at"] - own["sent_at"] > pd.Timedelta(hours=24)
            counts[LATE if late else MET] += 1
        elif own["sent_at"] + pd.Timedelta(hours=24) < END:
            counts[MISSED] += 1
    found = beside_amazon(
        reported((MET, 0.5), (LATE, 0.5), (MISSED, 0.5)), contacts_of(*listed), NO_ORDERS
    )
    if sum(counts.values()):
        assert found["numerator"].tolist() == list(counts.values())
        assert found["ours"].sum() == pytest.approx(1)
        assert (found["least"] <= found["ours"]).all() and (found["ours"] <= found["most"]).all()
    else:
        assert found["ours"].isna().all()
