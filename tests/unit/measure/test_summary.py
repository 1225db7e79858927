from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from builders import claim, histories, instant, message, order
from hypothesis import given
from hypothesis import strategies as st

from sellerkit.measure.summary import summarize, to_json
from sellerkit.tables import CALLS_REVIEW, FINDINGS, KINDS

AS_OF = instant("2026-10-05T06:00")
SINCE = instant("2026-09-05T06:00")


def summary(contacts, findings, found=None, **others):
    given = {
        "contacts": contacts, "findings": findings, "histories": found or histories(),
        "as_of": AS_OF, "since": SINCE, "until": AS_OF, "policy_name": "amazon", "target": 0.9,
        "lake_version": 3,
    }  # fmt: skip
    return summarize(**(given | others))


@pytest.fixture
def findings(of, unchanged):
    """Return a maker of the seven findings, empty where no rows are given."""
    return lambda **rows: {name: unchanged(of(name, rows.get(name, []))) for name in FINDINGS}


def test_of_nothing_is_whole_and_undefined_not_zero(contacts_of, findings):
    found = summary(contacts_of(), findings())
    assert sorted(found) == [
        "ahead", "as_of", "beside_amazon", "calls", "claims", "completeness", "contacts",
        "lake_version", "obligations", "order_performance", "policy", "target", "violations",
        "waits_compared", "weeks", "window",
    ]  # fmt: skip
    assert sorted(found["contacts"]) == ["last_30_days", "last_7_days", "last_90_days", "window"]
    assert found["contacts"]["window"]["on_time_share"] is None
    assert found["obligations"] == {
        kind: {
            "met": 0, "late": 0, "missed": 0, "open": 0, "waived": 0, "not_applicable": 0,
            "coverage": None, "written_share": None,
        }
        for kind in KINDS
    }  # fmt: skip
    assert found["claims"] == {
        "ready": 0, "gaps": 0, "indefensible": 0, "exposure": 0.0, "exposure_by_currency": {},
    }  # fmt: skip
    assert found["calls"] == dict.fromkeys(sorted(CALLS_REVIEW["verdict"].choices), 0)
    assert found["violations"] == {}
    assert json.loads(to_json(found))["window"] == {
        "since": "2026-09-05T06:00:00Z", "until": "2026-10-05T06:00:00Z",
    }  # fmt: skip


def test_by_hand(contacts_of, findings):
    contacts = contacts_of(
        ("2026-10-01T08:00", "met", 2.0),
        ("2026-10-01T08:00", "missed"),
        ("2026-08-01T08:00", "late", 30.0),
    )
    found = summary(
        contacts,
        findings(
            obligations=[{"status": "met"}, {"kind": "claim", "status": "late"}],
            claims_readiness=[
                {"claim_id": "a", "amount": 10.0, "exposure": 10.0},
                {"claim_id": "b", "order_id": "B", "verdict": "gaps", "exposure": 40.0},
                {"claim_id": "c", "order_id": "C", "verdict": "gaps"},
            ],
            calls_review=[{"verdict": "email_owed"}, {"verdict": "email_owed"}],
            violations=[{"rule": "emoji"}, {"rule": "incentive", "start": 2}],
        ),
        histories(
            orders=[order(order_id="B", currency="GBP")],
            claims=[claim("2026-10-01", claim_id="a", currency="EUR")],
            messages=[message("2026-10-01T08:00")],
        ),
    )
    assert found["contacts"]["window"]["on_time_share"] == 0.5
    assert found["contacts"]["last_90_days"]["contacts"] == 3
    assert found["contacts"]["window"]["answers_to_target"] == 8
    assert found["obligations"]["inquiry"]["coverage"] == 1
    assert found["obligations"]["claim"]["written_share"] == 1
    assert found["claims"] == {
        "ready": 1, "gaps": 2, "indefensible": 0, "exposure": 50.0,
        "exposure_by_currency": {"EUR": 10.0, "GBP": 40.0, "unknown": None},
    }  # fmt: skip
    assert found["calls"]["email_owed"] == 2 and found["calls"]["complex"] == 0
    assert found["violations"] == {"emoji": 1, "incentive": 1}
    assert found["completeness"]["rows"]["messages"] == 1
    assert found["completeness"]["orders_not_on_file"] == 1
    assert '"last_message_at": "2026-10-01T08:00:00Z"' in to_json(found)


def test_the_same_rows_in_another_order_give_the_same_bytes(contacts_of, findings):
    hours = [0.1 * n for n in range(1, 40)]
    contacts = contacts_of(*[("2026-10-01T08:00", "met", h) for h in hours])
    one, other = (summary(frame, findings()) for frame in (contacts, contacts.iloc[::-1]))
    assert to_json(one) == to_json(other)


class TestToJson:
    def test_by_hand(self):
        text = to_json(
            {
                "b": [np.int64(1), np.float64(1 / 3), np.bool_(True), float("nan"), np.inf],
                "a": {"day": dt.date(2026, 10, 5), "none": pd.NaT, "na": pd.NA, "zero": -1e-12},
            }
        )
        assert text.endswith("}\n")
        assert json.loads(text) == {
            "a": {"day": "2026-10-05", "na": None, "none": None, "zero": 0.0},
            "b": [1, 0.333333333, True, None, None],
        }
        assert "-0.0" not in text and text.index('"a"') < text.index('"b"')

    @pytest.mark.parametrize(
        ("at", "text"),
        [
            (pd.Timestamp("2026-10-05T08:00", tz="Europe/Berlin"), "2026-10-05T06:00:00Z"),
            (pd.Timestamp("2026-10-05T06:00"), "2026-10-05T06:00:00Z"),
            (instant("2026-10-05T23:59:59.999999"), "2026-10-05T23:59:59.999999Z"),
        ],
    )
    def test_instants_are_utc(self, at, text):
        assert json.loads(to_json({"at": at})) == {"at": text}

    def test_what_it_does_not_know_fails(self):
        with pytest.raises(TypeError):
            to_json({"frame": object()})

    @given(st.dictionaries(st.text(), st.floats() | st.text() | st.integers() | st.none()))
    def test_is_stable_and_never_nan(self, values):
        text = to_json(values)
        again = json.loads(text, parse_constant=lambda word: pytest.fail(word))
        assert to_json(again) == text


def test_what_the_figures_rest_on_is_there_as_plain_rows(contacts_of, findings):
    now = contacts_of(*[("2026-10-01T08:00", "met", 2.0)] * 3, ("2026-10-01T09:00", "missed"))
    before = contacts_of(*[("2026-08-20T08:00", "met", 4.0)] * 3)
    contacts = pd.concat([now, before], ignore_index=True)
    frames = histories(
        orders=[order("2026-10-02", status="canceled", canceled_by="seller")],
        performance=[{"account": "shop", "marketplace": "DE", "metric": "responseUnder24Hours",
                      "period_start": instant("2026-09-28"), "period_end": instant("2026-10-05"),
                      "value": 0.75, "numerator": 3, "denominator": 4}],
    )  # fmt: skip
    given = findings()
    given["contacts"] = now
    found = json.loads(to_json(summary(contacts, given, frames)))
    canceled = [row for row in found["order_performance"] if "Cancellation" in row["metric"]]
    assert [(row["value"], row["target"], row["is_met"]) for row in canceled] == [
        (1.0, 0.025, False)
    ]
    (beside,) = found["beside_amazon"]
    assert (beside["amazon"], beside["ours"], beside["explained_by"]) == (0.75, 0.75, None)
    assert len(found["ahead"]) == 3 * 15 and len(found["weeks"]) == 13
    assert found["weeks"][-1]["week_start"] == "2026-10-05"
    compared = found["waits_compared"]
    assert (compared["contacts_before"], compared["contacts_after"]) == (3, 4)


def test_a_report_of_a_period_that_is_not_over_is_not_seen(contacts_of, findings):
    frames = histories(
        performance=[{"account": "shop", "marketplace": "DE", "metric": "responseUnder24Hours",
                      "period_start": instant("2026-10-01"), "period_end": instant("2026-10-08"),
                      "value": 0.75}],
    )  # fmt: skip
    assert summary(contacts_of(), findings(), frames)["beside_amazon"] == []
