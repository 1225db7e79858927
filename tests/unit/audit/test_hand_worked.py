"""Each rule of the audit on a table small enough to work by hand.

The default order is a German one that the merchant ships; all instants are UTC and the limits
those of 2025 unless a test says otherwise: 24 hours for an answer, 48 for a return, 72 for a claim.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from builders import Row, call, claim, histories, instant, message, order, return_

from sellerkit.audit import audit
from sellerkit.policy import Policy

NOON = "2025-03-10T12:00"
AS_OF = "2025-04-01"
HOUR = pd.Timedelta(hours=1)


def findings(name: str, as_of: str = AS_OF, since: str = "2000-01-01", **rows: Any) -> pd.DataFrame:
    """Audit rows of histories, and return one of the findings over nearly all time."""
    window = {"since": instant(since), "until": instant("2100-01-01")}
    frames = histories(**rows)
    return audit(frames, as_of=instant(as_of), **window, policy=Policy.default()).findings[name]


def contacts(*messages: Row, **others: Any) -> pd.DataFrame:
    return findings("contacts", messages=list(messages), **others).sort_values("sent_at")


def duties(kind: str, **rows: Any) -> pd.DataFrame:
    """Return the obligations of one kind, by the instant that started them."""
    found = findings("obligations", **rows)
    return found[found["kind"] == kind].sort_values("trigger_at")


def duty(kind: str, **rows: Any) -> pd.Series:
    """Return the one obligation of a kind."""
    found = duties(kind, **rows)
    assert len(found) == 1
    return found.iloc[0]


def column(found: pd.DataFrame, name: str) -> list[Any]:
    return found[name].astype(object).where(found[name].notna(), None).tolist()


# --- Time ---------------------------------------------------------------------------------------


def test_what_is_sent_after_as_of_does_not_exist() -> None:
    rows = [message(NOON), message("2025-03-10T14:00:00.000001", "seller")]
    assert column(contacts(*rows, as_of="2025-03-10T14:00"), "status") == ["open"]
    assert column(contacts(*rows, as_of="2025-03-10T14:00:00.000001"), "status") == ["met"]


def test_the_window_takes_its_first_instant_and_not_its_last() -> None:
    frames = histories(messages=[message(f"2025-03-{day}") for day in (10, 11, 12)])
    window = {"since": instant("2025-03-10"), "until": instant("2025-03-12")}
    found = audit(frames, as_of=instant(AS_OF), **window).findings["contacts"]
    assert sorted(found["sent_at"]) == [instant("2025-03-10"), instant("2025-03-11")]


@pytest.mark.parametrize(
    ("notice_at", "trigger_at"),
    [
        ("2025-03-10T08:30Z", "2025-03-10T08:30Z"),
        ("2025-03-09T23:00Z", "2025-03-09T23:00Z"),  # midnight in Berlin
        ("2025-03-09T22:59Z", "2025-03-10T22:59:59.999999Z"),  # the day before in Berlin
    ],
)
def test_a_date_takes_its_time_from_amazons_notice_of_that_day(
    notice_at: str, trigger_at: str
) -> None:
    found = duty(
        "return",
        messages=[message(notice_at, "amazon", topic="return")],
        orders=[order()],
        returns=[return_("2025-03-10T23:59:59.999999+01:00")],
    )
    assert found["trigger_at"] == instant(trigger_at)


# --- Policy packs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_at", "hours", "rule"),
    [
        ("2011-06-01", 24, "crt.window@2012-02-01"),
        ("2015-11-30T23:59:59.999999", 24, "crt.window@2012-02-01"),
        ("2015-12-01", 12, "crt.window@2015-12-01"),
        ("2016-01-01", 24, "crt.window@2016-01-01"),
    ],
)
def test_a_contact_is_judged_by_the_limit_of_its_own_instant(
    sent_at: str, hours: int, rule: str
) -> None:
    found = contacts(message(sent_at)).iloc[0]
    assert (found["due_at"], found["rule"]) == (instant(sent_at) + hours * HOUR, rule)


@pytest.mark.parametrize(
    ("filed_at", "hours"),
    [("2016-11-13", 168), ("2016-11-14", 72), ("2019-12-01", 48), ("2023-01-01", 72)],
)
def test_a_claim_is_due_by_the_limit_of_the_day_it_was_filed(filed_at: str, hours: int) -> None:
    found = duty("claim", claims=[claim(filed_at)])
    assert found["due_at"] == instant(filed_at) + hours * HOUR


# --- Contacts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered_at", "status", "hours"),
    [
        (NOON, "met", 0.0),
        ("2025-03-11T12:00", "met", 24.0),
        ("2025-03-11T12:00:00.000001", "late", 24.0),
    ],
)
def test_an_answer_at_due_at_is_in_time(answered_at: str, status: str, hours: float) -> None:
    found = contacts(message(NOON), message(answered_at, "seller")).iloc[0]
    assert found["status"] == status
    assert found["response_hours"] == pytest.approx(hours)
    assert found["answered_by"] == f"seller@{answered_at}"


@pytest.mark.parametrize(
    ("as_of", "status"), [("2025-03-11T12:00", "open"), ("2025-03-11T12:00:00.000001", "missed")]
)
def test_what_is_not_answered_is_open_until_due_at(as_of: str, status: str) -> None:
    assert column(contacts(message(NOON), as_of=as_of), "status") == [status]


def test_three_mails_before_one_reply_are_one_contact_on_the_first_ones_clock() -> None:
    found = contacts(
        message("2025-03-10T08:00"),
        message("2025-03-10T20:00"),
        message("2025-03-11T07:00"),
        message("2025-03-11T09:00", "seller"),
        message("2025-03-12T09:00"),
    )
    assert column(found, "status") == ["late", "met", "met", "missed"]
    assert column(found, "counted") == [True, False, False, True]


def test_a_waived_message_is_not_counted_and_does_not_head_its_run() -> None:
    found = contacts(message("2025-03-10", no_response_needed=True), message("2025-03-11"))
    assert column(found, "status") == ["waived", "missed"]
    assert column(found, "counted") == [False, True]


def test_of_two_answers_at_one_instant_the_smaller_id_answers() -> None:
    answers = [message("2025-03-11", "seller", message_id=name) for name in ("b", "a", "c")]
    assert column(contacts(message("2025-03-10"), *answers), "answered_by") == ["a"]


@pytest.mark.parametrize(
    ("automated", "undelivered", "called", "why_not"),
    [
        (True, True, True, "automated"),
        (True, False, False, "automated"),
        (False, True, True, "undelivered"),
        (None, None, True, "call_only"),
        (None, None, False, None),
    ],
)
def test_why_a_reply_was_not_credited(
    automated: bool | None, undelivered: bool | None, called: bool, why_not: str | None
) -> None:
    rows = [message(NOON)]
    if automated is not None:
        flags = {"automated": automated, "undelivered": undelivered}
        rows.append(message("2025-03-11T12:00", "seller", **flags))
    calls = [call("2025-03-10T15:00")] if called else []
    found = contacts(*rows, calls=calls)
    assert column(found, "status") == ["missed"]
    assert column(found, "why_not") == [why_not]


# --- Obligations: returns -----------------------------------------------------------------------


def test_a_return_is_answered_by_a_mail_in_any_thread() -> None:
    found = duty(
        "return",
        messages=[message("2025-03-12T12:00", "seller", thread_id="another")],
        orders=[order()],
        returns=[return_(NOON)],
    )
    assert (found["status"], found["satisfied_by"]) == ("met", "seller@2025-03-12T12:00")
    assert (found["due_at"], found["rule"]) == (
        instant("2025-03-12T12:00"),
        "return.reply@2016-01-01",
    )


@pytest.mark.parametrize(
    ("events", "satisfied_by"),
    [
        ({"authorized_at": "2025-03-11", "authorized_by": "seller"}, "authorization"),
        ({"refunded_at": "2025-03-11", "closed_at": "2025-03-11"}, "refund"),
        ({"closed_at": "2025-03-11"}, "closure"),
        ({"closed_at": "2025-03-10T11:59"}, None),  # before the request
        ({"authorized_at": "2025-03-11", "authorized_by": None}, None),
    ],
)
def test_an_event_at_or_after_the_request_answers_a_return(
    events: dict[str, Any], satisfied_by: str | None
) -> None:
    found = duties("return", orders=[order()], returns=[return_(NOON, **events)])
    assert column(found, "satisfied_by") == [satisfied_by]


def test_amazons_own_authorization_waives_a_return() -> None:
    authorized = return_(NOON, authorized_at=NOON, authorized_by="amazon")
    found = duty("return", orders=[order()], returns=[authorized])
    assert found["status"] == "waived"
    assert duty("return", orders=[order()], returns=[authorized], as_of=NOON)["status"] == "waived"


def test_what_amazon_fulfills_owes_neither_returns_nor_notices() -> None:
    rows: dict[str, Any] = {
        "orders": [order(fulfillment="amazon", latest_ship_at="2025-03-03")],
        "messages": [message(NOON), message(NOON, "seller")],
        "returns": [return_(NOON)],
        "claims": [claim(NOON)],
    }
    found = findings("obligations", **rows).set_index("kind")
    assert found["status"].to_dict() == {
        "inquiry": "met",
        "return": "not_applicable",
        "order_problem": "not_applicable",
        "claim": "met",
    }
    assert found["satisfied_at"].notna().to_dict()["return"] is False


@pytest.mark.parametrize(
    ("requested_at", "triggers"),
    [
        ("2025-03-17T12:00", 1),
        ("2025-03-03T12:00", 1),
        ("2025-03-17T12:00:00.000001", 2),
        ("2025-03-03T11:59:59.999999", 2),
    ],
)
def test_a_mail_asks_for_a_return_where_no_row_is_within_seven_days(
    requested_at: str, triggers: int
) -> None:
    mail = message(NOON, topic="return")
    found = duties("return", messages=[mail], returns=[return_(requested_at)])
    assert len(found) == triggers


def test_a_second_mail_within_seven_days_of_the_first_owes_nothing_more() -> None:
    sent = ["2025-03-01", "2025-03-05", "2025-03-08", "2025-03-09"]
    found = duties("return", messages=[message(at, topic="return") for at in sent])
    assert list(found["trigger_at"]) == [instant("2025-03-01"), instant("2025-03-09")]


@pytest.mark.parametrize(
    ("in_policy", "requested_at", "expected"),
    [
        (None, "2025-03-31T12:00", "return_information"),  # the thirtieth day to the hour
        (None, "2025-03-31T12:00:00.000001", "outside_window"),
        (True, "2025-06-01", "return_information"),
        (False, "2025-03-02", "outside_window"),
    ],
)
def test_what_the_reply_to_a_return_must_say(
    in_policy: bool | None, requested_at: str, expected: str
) -> None:
    delivered = order(delivered_at="2025-03-01T12:00")
    asked = return_(requested_at, in_policy=in_policy)
    found = duty("return", orders=[delivered], returns=[asked], as_of="2025-07-01")
    assert found["content_expected"] == expected


@pytest.mark.parametrize(
    ("purchased_at", "requested_at", "expected"),
    [
        ("2025-11-01T00:00-07:00", "2026-01-31T23:59:59.999999-08:00", "return_information"),
        ("2025-11-01T00:00-07:00", "2026-02-01T00:00-08:00", "outside_window"),
        ("2025-10-31T23:59-07:00", "2026-01-15", "outside_window"),  # before the season
        ("2025-12-31T23:59-08:00", "2026-01-31T12:00-08:00", "return_information"),
    ],
)
def test_a_holiday_season_extends_the_return_window_in_its_stores_days(
    purchased_at: str, requested_at: str, expected: str
) -> None:
    found = duty(
        "return",
        orders=[order(purchased_at, marketplace="US", currency="USD")],
        returns=[return_(requested_at)],
        as_of="2026-03-01",
    )
    assert found["content_expected"] == expected


# --- Obligations: order problems ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "problems"),
    [
        ({"latest_ship_at": NOON}, ["late_shipment"]),
        ({"latest_ship_at": NOON, "shipped_at": NOON}, []),
        ({"latest_ship_at": NOON, "shipped_at": "2025-03-10T12:01"}, ["late_shipment"]),
        ({"latest_ship_at": NOON, "status": "canceled"}, []),
        ({"latest_ship_at": NOON, "status": "canceled", "canceled_at": NOON}, []),
        (
            {"latest_ship_at": NOON, "canceled_at": "2025-03-11", "canceled_by": "seller"},
            ["late_shipment", "out_of_stock"],
        ),
        ({"canceled_at": NOON, "canceled_by": "buyer"}, []),
        ({"promised_by": NOON}, []),
        ({"promised_by": NOON, "shipped_at": "2025-03-05"}, []),  # no tracking, nobody knows
        (
            {"promised_by": NOON, "shipped_at": "2025-03-05", "tracking_id": "JD01"},
            ["late_delivery"],
        ),
        ({"promised_by": NOON, "shipped_at": "2025-03-05", "delivered_at": NOON}, []),
        (
            {"promised_by": NOON, "shipped_at": "2025-03-05", "delivered_at": "2025-03-11"},
            ["late_delivery"],
        ),
    ],
)
def test_which_problems_an_order_has(facts: dict[str, Any], problems: list[str]) -> None:
    assert sorted(duties("order_problem", orders=[order(**facts)])["problem"]) == problems


def test_a_problem_exists_only_once_its_instant_is_past() -> None:
    late = [order(latest_ship_at=NOON)]
    assert duties("order_problem", orders=late, as_of=NOON).empty
    found = duty("order_problem", orders=late, as_of="2025-03-10T12:00:00.000001")
    assert found["status"] == "open"


@pytest.mark.parametrize(
    ("wrote_at", "status"),
    [
        ("2025-03-07T11:59:59.999999", "missed"),  # too long before to be about it
        ("2025-03-07T12:00", "met"),
        ("2025-03-11T12:00", "met"),
        ("2025-03-11T12:00:00.000001", "late"),
    ],
)
def test_a_notice_counts_from_three_days_before_the_problem(wrote_at: str, status: str) -> None:
    messages = [message(wrote_at, "seller")]
    found = duty("order_problem", messages=messages, orders=[order(latest_ship_at=NOON)])
    assert found["status"] == status


@pytest.mark.parametrize(
    ("wrote_at", "asked_at", "proactive"),
    [
        ("2025-03-10T10:00", "2025-03-10T11:00", True),
        ("2025-03-10T10:00", "2025-03-10T10:00", False),
        ("2025-03-10T10:00", "2025-03-10T09:00", False),
        ("2025-03-10T10:00", "2025-03-07T11:59", True),  # asked before the lookback
        (None, "2025-03-10T11:00", False),
    ],
)
def test_a_notice_is_proactive_where_the_buyer_had_not_asked(
    wrote_at: str | None, asked_at: str, proactive: bool
) -> None:
    messages = [message(asked_at)] + ([message(wrote_at, "seller")] if wrote_at else [])
    found = duty("order_problem", messages=messages, orders=[order(latest_ship_at=NOON)])
    assert found["proactive"] == proactive


# --- Obligations: claims ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "status", "satisfied_by"),
    [
        ({"responded_at": "2025-03-13T12:00"}, "met", "claim_response"),
        ({"responded_at": "2025-03-14"}, "late", "claim_response"),
        (
            {"responded_at": "2025-03-11T12:00", "respond_by": "2025-03-11"},
            "late",
            "claim_response",
        ),
        ({}, "missed", None),
    ],
)
def test_a_claim_is_answered_by_its_own_date_or_the_limit(
    facts: dict[str, Any], status: str, satisfied_by: str | None
) -> None:
    found = duties("claim", claims=[claim(NOON, **facts)])
    assert (column(found, "status"), column(found, "satisfied_by")) == ([status], [satisfied_by])


# --- A-to-z readiness ---------------------------------------------------------------------------

SHIPPED = order(
    "2025-03-01T10:00",
    status="shipped",
    latest_ship_at="2025-03-03",
    shipped_at="2025-03-02",
    promised_by="2025-03-06",
    delivered_at="2025-03-05",
    carrier="DHL",
    tracking_id="JD01",
)

ANSWERED = [message("2025-03-06"), message("2025-03-06T20:00", "seller")]


def readiness(messages: list[Row], **rows: Any) -> pd.Series:
    """Return the review of the one claim."""
    given = {"orders": [SHIPPED], "claims": [claim(NOON, responded_at="2025-03-11")]} | rows
    found = findings("claims_readiness", messages=messages, **given)
    assert len(found) == 1
    return found.iloc[0]


def test_a_claim_with_all_proof_is_ready() -> None:
    found = readiness(ANSWERED)
    assert (found["verdict"], found["score"], found["missing"]) == ("ready", 1.0, [])
    assert found["exposure"] == 40.0
    assert pd.isna(found["refund_recorded"])
    assert pd.isna(found["return_answered"])


def test_a_claim_without_tracking_of_what_did_not_arrive_is_indefensible() -> None:
    found = readiness(ANSWERED, orders=[SHIPPED | {"tracking_id": None}])
    assert (found["verdict"], found["missing"]) == ("indefensible", ["tracking"])
    other = claim(NOON, reason="other", responded_at="2025-03-11")
    found = readiness(ANSWERED, orders=[SHIPPED | {"tracking_id": None}], claims=[other])
    assert (found["verdict"], found["missing"]) == ("gaps", ["tracking"])


@pytest.mark.parametrize(
    ("asked_at", "no_silence"),
    [("2025-03-07T12:00", True), ("2025-03-07T11:59:59.999999", False)],
)
def test_silence_longer_than_the_limit_at_filing_is_indefensible(
    asked_at: str, no_silence: bool
) -> None:
    found = readiness([message(asked_at), message("2025-03-10T12:00:00.000001", "seller")])
    assert found["no_silence"] == no_silence
    assert found["verdict"] == ("gaps" if no_silence else "indefensible")


def test_there_was_no_rule_on_silence_before_november_2019() -> None:
    old = claim("2019-10-31", responded_at="2019-10-31")
    found = readiness([message("2019-09-01")], claims=[old])
    assert pd.isna(found["no_silence"])


def test_an_open_claim_has_hours_left() -> None:
    found = readiness(ANSWERED, claims=[claim(NOON)], as_of="2025-03-13T09:00")
    assert pd.isna(found["claim_answered"])
    assert found["hours_left"] == 3.0
    found = readiness(ANSWERED, claims=[claim(NOON)], as_of="2025-03-13T12:00:00.000001")
    assert (found["claim_answered"], pd.isna(found["hours_left"])) == (False, True)


@pytest.mark.parametrize(("refunded_at", "recorded"), [("2025-03-20", True), (None, False)])
def test_a_refund_that_is_missed_must_be_on_file(refunded_at: str | None, recorded: bool) -> None:
    found = readiness(
        ANSWERED,
        claims=[claim(NOON, reason="refund_not_issued", responded_at="2025-03-11")],
        returns=[return_("2025-03-06", refunded_at=refunded_at)],
    )
    assert found["refund_recorded"] == recorded


def test_a_claim_on_an_order_that_is_not_on_file() -> None:
    found = readiness([], orders=[], claims=[claim(NOON, amount=12.0)])
    assert found["missing"] == ["order_on_file", "contacted_before", "claim_answered"]
    assert (found["verdict"], found["score"], found["exposure"]) == ("gaps", 0.25, 12.0)


# --- Exposure -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "exposed", "auto_lost"),
    [
        ("2025-03-09T00:00:00.000001", True, True),
        ("2025-03-09", True, False),  # asked 72 hours ago, and not longer
        ("2025-06-03T23:59:59.999999", True, True),
        ("2025-06-04", False, None),  # 90 days after the promise
    ],
)
def test_an_order_is_exposed_until_its_claim_window_ends(
    as_of: str, exposed: bool, auto_lost: bool | None
) -> None:
    found = findings("exposure", as_of, messages=[message("2025-03-06")], orders=[SHIPPED])
    assert len(found) == exposed
    if exposed:
        row = found.iloc[0]
        assert row["claim_window_ends_at"] == instant("2025-06-04")
        assert row["claimable_from"] == instant("2025-03-08")
        assert (row["auto_lost"], row["reasons"]) == (auto_lost, ["inquiry"])


def test_an_order_with_a_claim_or_without_a_broken_duty_is_not_exposed() -> None:
    asked = [message("2025-03-06")]
    assert findings("exposure", messages=asked, orders=[SHIPPED], claims=[claim(NOON)]).empty
    assert findings("exposure", messages=ANSWERED, orders=[SHIPPED]).empty


# --- Calls --------------------------------------------------------------------------------------

CHANGES = [
    message(f"2025-03-09T1{hour}:00", sender)
    for hour, sender in enumerate(["buyer", "seller", "buyer", "seller", "buyer", "seller"])
]


@pytest.mark.parametrize(
    ("facts", "messages", "verdict"),
    [
        ({"purpose": "delivery"}, [message("2025-03-10T11:00")], "email_owed"),
        ({"purpose": "Delivery"}, CHANGES, "delivery"),
        ({"purpose": "scheduling", "buyer_requested": True}, [], "delivery"),
        ({}, CHANGES, "not_permitted"),
        ({"buyer_requested": True}, CHANGES, "requested"),
        ({"started_at": "2019-04-30T23:59"}, [], "email_preferred"),
        ({"started_at": "2019-05-01"}, [], "not_permitted"),
    ],
)
def test_whether_a_call_should_have_been_a_mail(
    facts: dict[str, Any], messages: list[Row], verdict: str
) -> None:
    calls = [call(NOON) | facts]
    found = findings("calls_review", messages=messages, orders=[order()], calls=calls)
    assert column(found, "verdict") == [verdict]


@pytest.mark.parametrize(("turns", "verdict"), [(4, "email_preferred"), (5, "complex")])
def test_four_changes_of_sender_make_a_call_complex(turns: int, verdict: str) -> None:
    said = [
        message(
            f"2018-03-09T1{turn}:00", "seller" if turn % 2 else "buyer", no_response_needed=True
        )
        for turn in range(turns)
    ]
    found = findings("calls_review", messages=said, calls=[call("2018-03-10")])
    assert column(found, "verdict") == [verdict]


def test_a_call_never_answers_but_a_mail_within_a_day_of_it_follows_up() -> None:
    rows: dict[str, Any] = {
        "messages": [message("2025-03-10T11:00"), message("2025-03-11T12:00", "seller")],
        "calls": [call(NOON), call("2025-03-10T11:59:59.999999")],
    }
    found = findings("calls_review", **rows).sort_values("started_at")
    assert column(found, "followed_up") == [False, True]
    assert column(found, "owed_kinds") == [["inquiry"], ["inquiry"]]
    assert column(findings("contacts", **rows), "status") == ["late"]
