"""Which figures rest on rules marked U: of findings that a real audit made of a few rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import call, claim, histories, instant, message, order, return_

from sellerkit.audit import audit
from sellerkit.measure import assumptions
from sellerkit.policy import Policy
from sellerkit.tables import FINDINGS, empty

AS_OF = "2025-04-01"
COLUMNS = ["figure", "rule_id", "rule", "doubt", "rows"]


def assumed(
    policy: Policy | None = None, as_of: str = AS_OF, **rows: Any
) -> dict[tuple[str, str], int]:
    """Audit rows over nearly all time; return how many rows of each figure each rule touched."""
    rules = policy or Policy.default()
    window = {"since": instant("2000-01-01"), "until": instant("2100-01-01")}
    found = audit(histories(**rows), as_of=instant(as_of), **window, policy=rules)
    frame = assumptions(found.findings, rules, as_of=found.as_of)
    assert list(frame.columns) == COLUMNS and frame["rows"].dtype == "int64"
    assert (frame["rows"] > 0).all() and frame["doubt"].str.len().gt(20).all()
    return dict(zip(zip(frame["figure"], frame["rule"], strict=True), frame["rows"], strict=True))


def test_nothing_found_rests_on_nothing() -> None:
    assert assumed() == {}
    none = assumptions({}, Policy.default(), as_of=instant(AS_OF))
    assert list(none.columns) == COLUMNS and none.empty
    bare = {name: empty(table) for name, table in FINDINGS.items()}
    assert assumptions(bare, Policy.default(), as_of=instant(AS_OF)).empty


def test_what_counts_as_one_inquiry_touches_all_that_are_not_waived() -> None:
    found = assumed(
        messages=[
            message("2025-03-01T10:00"), message("2025-03-01T11:00"),
            message("2025-03-02T10:00", no_response_needed=True), message("2025-03-03", "seller"),
        ]
    )  # fmt: skip
    unit = "crt.unit@2012-02-01"
    # two messages before one answer are one inquiry
    assert found == {("contacts", unit): 2, ("inquiry", unit): 1}


def test_hours_for_order_problems_are_ours() -> None:
    late = order(latest_ship_at="2025-03-05T00:00")
    gone = order(order_id="302-0000002-0000002", status="canceled", canceled_by="seller",
                 canceled_at="2025-03-04T00:00")  # fmt: skip
    amazons = order(order_id="302-0000003-0000003", fulfillment="amazon",
                    latest_ship_at="2025-03-05T00:00")  # fmt: skip
    found = assumed(orders=[late, gone, amazons])
    assert {name: rows for name, rows in found.items() if name[0] == "order_problem"} == {
        ("order_problem", "problem.notice@2012-02-01"): 2,
        ("order_problem", "problem.lookback@2012-02-01"): 2,
        ("order_problem", "problem.cancellation_counts@2012-02-01"): 1,
    }
    # an order that is exposed for its problem alone rests on the same hours
    assert found[("exposure", "problem.notice@2012-02-01")] == 2
    assert found[("exposure", "claim.silence@2023-01-01")] == 2


@pytest.mark.parametrize(
    ("filed_at", "own", "reply", "silence"),
    [
        ("2022-12-31T23:59:59", None, 0, 0),
        ("2023-01-01T00:00", None, 1, 1),
        ("2023-01-01T00:00", "2023-01-09T00:00", 0, 1),
    ],
)
def test_a_claim_rests_on_assumed_dates_unless_it_names_its_own(
    filed_at: str, own: str | None, reply: int, silence: int
) -> None:
    found = assumed(as_of="2023-02-01", claims=[claim(filed_at, respond_by=own)])
    assert found.get(("claim", "claim.reply@2023-01-01"), 0) == reply
    assert found.get(("readiness", "claim.reply@2023-01-01"), 0) == reply
    assert found.get(("readiness", "claim.silence@2023-01-01"), 0) == silence


def test_returns_rest_on_amazons_own_pages() -> None:
    assert assumed(orders=[order()], returns=[return_("2025-03-10T10:00")]) == {
        ("exposure", "claim.silence@2023-01-01"): 1
    }


@pytest.mark.parametrize(("day", "rows"), [("2019-04-30", 1), ("2019-05-01", 0)])
def test_calls_before_may_2019(day: str, rows: int) -> None:
    other = {"purpose": "delivery", "call_id": "about the delivery"}
    calls = [call(f"{day}T10:00"), call(f"{day}T10:00", **other)]
    found = assumed(as_of="2020-01-01", calls=calls)
    assert found.get(("calls", "phone.delivery_only@2012-02-01"), 0) == rows


def test_one_days_rules_are_assumed_or_not_for_everything() -> None:
    claims = [claim("2022-12-01T00:00"), claim("2023-02-01T00:00", order_id="x")]
    for day, touched in (("2022-06-01", 0), ("2025-01-01", 2)):
        policy = Policy.default().on(dt.date.fromisoformat(day))
        found = assumed(policy, claims=claims)
        assert found.get(("readiness", "claim.silence@2023-01-01"), 0) == touched


def test_a_users_row_says_itself_whether_it_is_sure(tmp_path: Path) -> None:
    rows = [
        '[[rule]]\nid = "crt.unit"\nvalue = "run"\nfrom = 2012-02-01\nmark = "B"\nsource = "x"\n',
        '[[rule]]\nid = "return.reply_hours"\nvalue = 12\nfrom = 2025-01-01\nmark = "U"\n'
        'source = "what we promise our own buyers"\nmarketplaces = ["DE"]\n',
    ]
    path = tmp_path / "my.toml"
    path.write_text("\n".join(rows), "utf-8")
    policy = Policy.default().with_file(path)
    orders = [order(), order(order_id="u", marketplace="US")]
    found = assumed(
        policy,
        orders=orders,
        messages=[message("2025-03-01T10:00")],
        returns=[return_("2025-03-10T10:00"), return_("2025-03-11T10:00", order_id="u")],
    )
    assert ("contacts", "crt.unit@2012-02-01") not in found
    assert found[("return", "return.reply@2025-01-01")] == 1


def test_rows_are_those_of_the_slow_count() -> None:
    """Each row's own lookup, one by one, gives the same as the whole column's."""
    instants = pd.date_range("2022-12-25", "2023-01-08", freq="D", tz="UTC")
    claims = [claim(str(at), order_id=f"o{at.day}-{at.month}") for at in instants]
    found = assumed(as_of="2023-03-01", claims=claims)
    policy = Policy.default()
    slow = sum(policy.row("claim.silence_hours", at, None).mark == "U" for at in instants)
    assert found[("readiness", "claim.silence@2023-01-01")] == slow == 8
