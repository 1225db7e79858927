"""What Amazon itself reports of a seller's performance, as JSON (V2) and as XML (V1)."""

from __future__ import annotations

import copy

import pandas as pd
import pytest
from amazon_samples import PERFORMANCE_V1, PERFORMANCE_V2, PERIOD, as_json

from sellerkit.errors import InputError
from sellerkit.read.registry import by_name
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import PERFORMANCE, conform

CONTEXT = Context("shop")


def parse(name: str, data: bytes, context: Context = CONTEXT) -> Parsed:
    parsed = by_name(name).parse(Source("report", data), context)
    assert parsed.used + sum(parsed.skipped.values()) + len(parsed.quarantined) == parsed.read
    return parsed


def metrics(parsed: Parsed) -> dict[str, tuple[object, ...]]:
    """Return value, numerator and denominator by metric."""
    frame = conform(parsed.tables["performance"].assign(account="shop"), PERFORMANCE)
    figures = frame[["value", "numerator", "denominator"]].astype("object")
    figures = figures.where(figures.notna(), None)
    return dict(zip(frame["metric"], figures.itertuples(index=False, name=None), strict=True))


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def changed(**metric: object) -> bytes:
    """Return a V2 report of one store with one metric."""
    return as_json({"performanceMetrics": [{"marketplaceId": "A1PA6795UKMFR9"} | metric]})


def test_v2_rates_and_counts_become_metrics():
    parsed = parse("performance_v2", as_json(PERFORMANCE_V2))
    assert metrics(parsed) == {
        "lateShipmentRate": (0.01, 5.0, 500.0),
        "orderDefectRate.mfn": (0.004, None, 500.0),
        "orderDefectRate.mfn.claims": (2.0, 2.0, 500.0),
    }
    frame = parsed.tables["performance"]
    assert set(frame["marketplace"]) == {"DE"}
    assert set(frame["period_start"]) == {utc("2026-02-01")}  # written without seconds
    assert set(frame["period_end"]) == {utc("2026-02-28 23:59")}
    assert parsed.skipped == {
        "account status: no history holds it": 1,
        "status without a figure": 2,  # orderDefectRate.afn and accountHealthRating
    }


def test_v2_names_are_looked_up_loosely():
    loose = {
        "ACCOUNTSTATUSES": [],
        "PerformanceMetrics": [
            {
                "MarketplaceID": "A1PA6795UKMFR9",
                "lateShipmentRate": {
                    "ReportingDateRange": {
                        "reportingdatefrom": "2026-02-01T00:00:00Z",
                        "reportingDATEto": "2026-02-28T23:59:59Z",
                    },
                    "ordercount": "500",
                    "LateShipmentCount": "5",
                    "Rate": "0.01",
                    "status": "NEVER_HEARD_OF",
                },
            }
        ],
    }
    assert metrics(parse("performance_v2", as_json(loose))) == {
        "lateShipmentRate": (0.01, 5.0, 500.0)
    }


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"rate": 0.1}, "reportingDateFrom: is missing"),
        ({"rate": 0.1, "reportingDateRange": PERIOD | {"reportingDateTo": "03/04/26"}},
         "reportingDateTo: '03/04/26' is no date or time"),
        ({"rate": "much", "reportingDateRange": PERIOD}, "rate: 'much' is no number"),
    ],
)  # fmt: skip
def test_v2_a_metric_that_does_not_fit_is_set_aside(body, reason):
    parsed = parse("performance_v2", changed(lateShipmentRate=body))
    (unfit,) = parsed.quarantined
    assert unfit.reason == reason
    assert "lateShipmentRate" in unfit.raw
    assert metrics(parsed) == {}


def test_v2_of_no_known_store_needs_one():
    report = copy.deepcopy(PERFORMANCE_V2)
    del report["performanceMetrics"][0]["marketplaceId"]
    parsed = parse("performance_v2", as_json(report))
    assert {unfit.reason for unfit in parsed.quarantined} == {"marketplaceId: is missing"}
    given = parse("performance_v2", as_json(report), Context("shop", marketplace="FR"))
    assert set(given.tables["performance"]["marketplace"]) == {"FR"}


@pytest.mark.parametrize(
    "odd",
    [
        {"performanceMetrics": {"a": {"b": {"c": {}}}}},
        {"performanceMetrics": [[1, 2], "x", None, {"m": [1]}, {"m": {"count": {}}}]},
        {"performanceMetrics": None, "accountStatuses": None},
        {"accountStatuses": "x", "payload": {"accountStatuses": 3}},
    ],
)
def test_v2_of_an_unknown_shape_is_accounted_for(odd):
    assert metrics(parse("performance_v2", as_json(odd))) == {}


def test_v1_response_times_are_shares_of_all_contacts():
    parsed = parse("performance_v1", PERFORMANCE_V1.encode())
    assert metrics(parsed) == {
        "orderWithDefects": (0.006, 3.0, None),
        "a_z_claims": (0.004, 2.0, None),
        "responseUnder24Hours": (0.9, 36.0, 40.0),
        "responseTimeGreaterThan24Hours": (0.075, 3.0, 40.0),
        "noResponseForContactsOlderThan24Hours": (0.025, 1.0, 40.0),
        "averageResponseTimeInHours": (5.25, None, 39.0),
    }
    frame = parsed.tables["performance"]
    times = frame[frame["metric"] == "responseUnder24Hours"].iloc[0]
    assert (times["marketplace"], times["period_start"], times["period_end"]) == (
        "DE", utc("2026-02-01"), utc("2026-03-01"),
    )  # fmt: skip
    assert parsed.read == 3
    assert parsed.skipped == {"status without a figure of a period": 1}


TIMES = PERFORMANCE_V1[
    PERFORMANCE_V1.index("<responseTimeMetrics>") : PERFORMANCE_V1.index("</buyerSeller")
]
FRAME = TIMES[TIMES.index("<timeFrame>") : TIMES.index("<responseUnder")]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ((FRAME, ""), "timeFrame: is missing, so the period is not known"),
        (("<end>2026-03-01T00:00:00Z</end>", ""), "timeFrame/end: is missing, so the period is"),
        (("2026-02-01T00:00:00Z", "30 days"), "timeFrame/start: '30 days' is no date or time"),
        ((">5.25<", ">5 hours<"), "averageResponseTimeInHours: '5 hours' is no number"),
        ((">36<", ">many<"), "responseUnder24Hours: no count, so of how many contacts"),
        ((">1<", "><"), "noResponseForContactsOlderThan24Hours: no count, so of how many"),
    ],
)
def test_v1_a_block_that_does_not_fit_is_set_aside(broken, reason):
    parsed = parse("performance_v1", PERFORMANCE_V1.replace(TIMES, TIMES.replace(*broken)).encode())
    (unfit,) = parsed.quarantined
    assert unfit.reason.startswith(f"responseTimeMetrics: {reason}")
    assert set(metrics(parsed)) == {"orderWithDefects", "a_z_claims"}


def test_v1_a_rate_without_its_sign_is_not_guessed():
    parsed = parse("performance_v1", PERFORMANCE_V1.replace("0.6%", "0.6").encode())
    assert parsed.quarantined[0].reason == (
        "orderDefectMetrics: orderWithDefects/rate: '0.6' is no percentage like 97.5%"
    )


def test_v1_a_period_without_contacts_has_no_share():
    none = TIMES
    for count in (">36<", ">3<", ">1<", ">5.25<"):
        none = none.replace(count, ">0<")
    parsed = parse("performance_v1", PERFORMANCE_V1.replace(TIMES, none).encode())
    assert parsed.skipped["no contacts in the period"] == 1
    assert "responseUnder24Hours" not in metrics(parsed)


def test_v1_periods_of_days_begin_with_the_first_and_end_with_the_last():
    days = FRAME.replace("2026-02-01T00:00:00Z", "2026-02-01").replace(
        "2026-03-01T00:00:00Z", "2026-02-28"
    )
    parsed = parse("performance_v1", PERFORMANCE_V1.replace(FRAME, days).encode())
    frame = parsed.tables["performance"].set_index("metric")
    times = frame.loc["responseUnder24Hours"]
    assert times["period_start"] == utc("2026-01-31 23:00")  # midnight in Berlin
    assert times["period_end"] == utc("2026-02-28 22:59:59.999999")


def test_v1_without_a_store_asks_for_one():
    text = PERFORMANCE_V1.replace("<marketplaceId>A1PA6795UKMFR9</marketplaceId>", "")
    parsed = parse("performance_v1", text.encode())
    assert {unfit.reason.split(": ")[1] for unfit in parsed.quarantined} == {
        "it names no store; name it with --marketplace"
    }
    assert set(
        parse("performance_v1", text.encode(), Context("shop", marketplace="UK")).tables[
            "performance"
        ]["marketplace"]
    ) == {"UK"}


def test_v1_that_is_cut_is_refused():
    with pytest.raises(InputError, match="the XML is cut or damaged"):
        parse("performance_v1", PERFORMANCE_V1.encode()[:-40])
