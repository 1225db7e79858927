"""The word "assumed" beside a figure, why, and the list at the end of the page."""

from __future__ import annotations

import re

import pandas as pd
from builders import claim, histories, instant, message, order

from sellerkit import measure, show
from sellerkit.audit import audit
from sellerkit.policy import Policy
from sellerkit.show.assumed import limits_assumed, why_assumed

HOSTILE = 'x"><img src=x onerror=alert(1)>'


def page(**rows: object) -> tuple[show.View, dict[str, pd.DataFrame], pd.DataFrame]:
    """Audit a few rows and return what a notebook has at hand."""
    found = audit(histories(**rows), as_of=instant("2025-04-01"), since="2025-01-01")
    assumed = measure.assumptions(found.findings, found.policy, as_of=found.as_of)
    view = show.View(found.as_of, found.since, found.until, "UTC", found.policy, found.histories,
                     ("shop",), False, assumed)  # fmt: skip
    return view, found.findings, assumed


def test_coverage_of_order_problems_is_marked_and_that_of_returns_is_not() -> None:
    view, found, assumed = page(
        orders=[order(latest_ship_at="2025-03-05T00:00")], messages=[message("2025-03-01T10:00")]
    )
    coverage = measure.coverage(found["obligations"])
    table = show.table_obligations(coverage, view).html
    names = ("Order problem", "Return request")
    rows = {name: part for part in table.split("<tr") for name in names if name in part}
    assert ">assumed</a>" in rows["Order problem"]
    assert "problem.notice@2012-02-01: Amazon asks to tell the buyer" in rows["Order problem"]
    assert ">assumed</a>" not in rows["Return request"]


def test_no_mark_where_nothing_is_assumed() -> None:
    view, found, assumed = page()
    assert assumed.empty
    coverage = measure.coverage(found["obligations"])
    for piece in (
        show.table_obligations(coverage, view),
        show.cards_atoz(found["claims_readiness"], measure.claims_money(
            found["claims_readiness"], view.histories["claims"], view.histories["orders"]),
            measure.exposure_money(found["exposure"], view.histories["orders"]), assumed),
        show.table_calls(found["calls_review"], view),
        show.limits_compliance(view),
        show.limits_atoz(view),
    ):  # fmt: skip
        assert "ssumed" not in piece.html


def test_the_checks_of_a_claim_that_rest_on_assumed_dates() -> None:
    view, found, assumed = page(claims=[claim("2025-03-01T10:00")])
    table = show.table_checklist(found["claims_readiness"], assumed).html
    marked = re.findall(r"<th scope=\"row\">([^<]*) <a class=\"as\"", table)
    assert marked == ["No long silence", "Claim answered in time"]
    assert 'class="as"' not in show.table_checklist(found["claims_readiness"]).html


def test_the_list_names_each_rule_its_value_and_what_it_touches() -> None:
    view, _, _ = page(
        orders=[order(latest_ship_at="2025-03-05T00:00")], claims=[claim("2025-03-20T10:00")],
        messages=[message("2025-03-01T10:00"), message("2025-03-02T10:00")],
    )  # fmt: skip
    told = show.limits_compliance(view).html
    assert "What counts as one inquiry is assumed." in told
    assert "It touches 2 buyer messages and 1 inquiry." in told
    assert "problem.notice@2012-02-01 (24 hours) is assumed." in told
    assert "claim.silence" not in told
    told = show.limits_atoz(view).html
    assert "claim.silence@2023-01-01 (72 hours) is assumed." in told
    assert "It touches 1 claim’s readiness" in told and "crt.unit" not in told


def test_a_users_doubt_is_text() -> None:
    frame = pd.DataFrame(
        [["calls", "phone.delivery_only", "phone.delivery_only@2012-02-01", HOSTILE, 1]],
        columns=["figure", "rule_id", "rule", "doubt", "rows"],
    )
    view, found, _ = page()
    view = show.View(view.as_of, view.since, view.until, "UTC", Policy.default(), view.histories,
                     ("shop",), False, frame)  # fmt: skip
    html = show.limits_compliance(view).html + show.table_calls(found["calls_review"], view).html
    assert "<img" not in html and "&lt;img" in html
    assert HOSTILE in why_assumed(frame)["calls"]


def test_without_a_frame_nothing_is_assumed() -> None:
    assert set(why_assumed(None).values()) == {""}
    assert limits_assumed(None, ["contacts"]) == []
