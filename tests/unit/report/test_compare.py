"""Two windows of one shop, worked by hand: what the rules, and what the seller did."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from builders import Row, claim, histories, instant, message, order, return_

from sellerkit.audit import audit, contacts_and_obligations
from sellerkit.errors import UsageError
from sellerkit.measure import PARTS, contact_figures, in_window
from sellerkit.policy import Policy
from sellerkit.report.compare import RULES, Comparison, compare, parse_window

HOUR = pd.Timedelta(hours=1)


def conversation(sent_at: str, hours: float | None, **others: Any) -> list[Row]:
    """Return a buyer's message in a thread and on an order of its own, and its answer if any."""
    number = instant(sent_at).strftime("%d%m%H%M%S")
    place = {"thread_id": f"t{number}", "order_id": f"302-{number}-0000001"[:19]}
    asked = message(sent_at, **place | others)
    if hours is None:
        return [asked]
    answer = message(str(instant(sent_at) + hours * HOUR), "seller", **place)
    return [asked, answer]


def figure(found: Comparison, name: str, kind: str | None = None) -> pd.Series:
    """Return the row of one figure."""
    kinds = found.figures["kind"]
    of_kind = kinds.isna() if kind is None else kinds == kind
    return found.figures[(found.figures["figure"] == name) & of_kind].iloc[0]


def test_twelve_hours_in_december_2015() -> None:
    # answered after so many hours: within 24 three of four in either month, within 12 one of four
    # in November and two of four in December
    november, december = (6, 18, 18, 30), (6, 6, 18, 30)
    mails = []
    for day, (before, now) in enumerate(zip(november, december, strict=True), 10):
        mails += conversation(f"2015-11-{day}T10:00", before)
        mails += conversation(f"2015-12-{day}T10:00", now)
    run = audit(
        histories(messages=mails), as_of="2016-01-10", since="2015-12-01", until="2016-01-01"
    )
    found = compare(run, parse_window("2015-11-01..2015-12-01"))
    row = figure(found, "on_time_share")
    assert row[["before", "now"]].tolist() == [0.75, 0.5]
    # rules: November by December's 0.25 − 0.75, December less by November's 0.5 − 0.75: the mean
    assert row[PARTS].tolist() == pytest.approx([-0.375, 0, 0.125])
    assert [(c.rule.name, c.before, c.now) for c in found.rules] == [
        ("crt.window@2015-12-01", 24, 12)
    ]
    late = figure(found, "late_share")
    assert late[PARTS].tolist() == pytest.approx([0.375, 0, -0.125])
    # what was written at all hangs on no limit
    assert figure(found, "written_share", "inquiry")[PARTS].tolist() == pytest.approx([0, 0, 0])


def test_the_same_seller_under_another_rule_did_not_change() -> None:
    mails = []
    for month in (11, 12):
        for day, hours in ((3, 5), (9, 20), (14, 13), (30, 11)):
            mails += conversation(f"2015-{month}-{day:02}T08:00", hours)
    run = audit(histories(messages=mails), as_of="2016-01-01", since="2015-12-01")
    row = figure(compare(run), "on_time_share")
    assert row[["before", "now"]].tolist() == [1, 0.5]
    assert row[PARTS].tolist() == pytest.approx([-0.5, 0, 0])


def test_claims_since_december_2019() -> None:
    # 72 hours until 2019-12-01, 48 since; a claim that names its own deadline keeps it
    filed = {
        "2019-11-05T09:00": 60, "2019-11-07T09:00": 60, "2019-12-05T09:00": 60,
        "2019-12-07T09:00": 24,
    }  # fmt: skip
    claims = [
        claim(at, responded_at=str(instant(at) + hours * HOUR)) for at, hours in filed.items()
    ]
    run = audit(histories(claims=claims), as_of="2019-12-31", since="2019-12-01")
    found = compare(run)
    row = figure(found, "coverage", "claim")
    assert row[["before", "now"]].tolist() == [1, 0.5]
    assert row[PARTS].tolist() == pytest.approx([-0.75, 0, 0.25])
    assert [change.rule.name for change in found.rules] == ["claim.reply@2019-12-01"]
    own = [row | {"respond_by": str(instant(row["filed_at"]) + 96 * HOUR)} for row in claims]
    found = compare(audit(histories(claims=own), as_of="2019-12-31", since="2019-12-01"))
    row = figure(found, "coverage", "claim")
    assert row[["change", *PARTS]].tolist() == [0, 0, 0, 0]


def test_what_the_other_rules_leave_open_cannot_be_split() -> None:
    # filed 54 hours before the end: missed by 48 hours, and still open by 72
    claims = [
        claim("2019-11-05T09:00", responded_at="2019-11-06T09:00"), claim("2019-12-28T18:00"),
    ]  # fmt: skip
    run = audit(histories(claims=claims), as_of="2019-12-31", since="2019-12-01")
    row = figure(compare(run), "coverage", "claim")
    assert row["change"] == -1
    assert row[PARTS].isna().all() and row["why_null"] == "none_by_other_rules"


def test_more_of_what_is_answered_worse_is_mix() -> None:
    # questions are always answered in time, messages about orders gone wrong never
    def shop(month: int, troubles: int) -> list[Row]:
        mails = []
        for day in range(1, 11):
            in_trouble = day <= troubles
            topic = {"topic": "order_problem" if in_trouble else "inquiry"}
            mails += conversation(
                f"2025-{month:02}-{day:02}T08:00", 30 if in_trouble else 2, **topic
            )
        return mails

    run = audit(histories(messages=shop(3, 2) + shop(4, 5)), as_of="2025-05-01", since="2025-04-01")
    found = compare(run, parse_window("2025-03-01..2025-04-01"))
    row = figure(found, "on_time_share")
    assert row[["before", "now", "change"]].tolist() == pytest.approx([0.8, 0.5, -0.3])
    assert row[PARTS].tolist() == pytest.approx([0, -0.3, 0])
    assert row["due_to_rules"] == 0


def test_both_windows_are_seen_as_long_after_their_end() -> None:
    # in each window one message of the last day, answered three days later: at the end of either
    # nothing had been written, though at as_of the first one's answer is on file
    mails = conversation("2025-03-09T00:00", 4 * 24) + conversation("2025-03-19T00:00", 4 * 24)
    run = audit(histories(messages=mails), as_of="2025-03-21", since="2025-03-11")
    found = compare(run)
    assert found.before.as_of == found.before.until == instant("2025-03-11")
    assert found.now.as_of == instant("2025-03-21")
    row = figure(found, "no_response_share")
    assert row[["before", "now", "change"]].tolist() == [1, 1, 0]


def test_the_same_window_twice_is_all_zero() -> None:
    mails = conversation("2025-03-10T08:00", 2) + conversation("2025-03-12T08:00", 30)
    run = audit(histories(messages=mails), as_of="2025-03-20", since="2025-03-01")
    found = compare(run, (run.since, run.until))
    assert found.before == found.now
    row = figure(found, "on_time_share")
    assert row[["before", "now", "change", *PARTS]].tolist() == [0.5, 0.5, 0, 0, 0, 0]


def test_figures_are_those_of_an_audit_of_each_window() -> None:
    mails = [mail for day in range(1, 29) for mail in conversation(f"2025-03-{day:02}T08:00", day)]
    frames = histories(messages=mails, returns=[return_("2025-03-10T00:00")])
    run = audit(frames, as_of="2025-03-29", since="2025-03-20")
    found = compare(run)
    for name, look in (("before", found.before), ("now", found.now)):
        own = audit(frames, as_of=look.as_of, since=look.since, until=look.until)
        figures = contact_figures(own.findings["contacts"], as_of=look.as_of)
        for share in ("on_time_share", "late_share", "no_response_share"):
            assert figure(found, share)[name] == pytest.approx(figures[share])
        assert figure(found, "on_time_share")[f"open_{name}"] == figures["open"]
        inquiries = in_window(own.obligations, "trigger_at", look.since, look.until)
        inquiries = inquiries[inquiries["kind"] == "inquiry"]["status"].value_counts()
        closed = inquiries.reindex(["met", "late", "missed"], fill_value=0)
        assert figure(found, "coverage", "inquiry")[name] == closed["met"] / closed.sum()


def test_no_other_limit_moves_a_share(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = set()
    limit = Policy.limit

    def watched(self: Policy, rule_id: str, *others: Any) -> Any:
        asked.add(rule_id)
        return limit(self, rule_id, *others)

    monkeypatch.setattr(Policy, "limit", watched)
    frames = histories(
        messages=conversation("2025-03-10T08:00", 2),
        orders=[
            order(latest_ship_at="2025-03-03T10:00"),
            order(
                order_id="302-0000009-0000009",
                status="canceled",
                canceled_at="2025-03-03T10:00",
                canceled_by="seller",
            ),
        ],
        returns=[return_("2025-03-10")],
        claims=[claim("2025-03-12")],
    )
    contacts_and_obligations(frames, as_of=instant("2025-04-01"), policy=Policy.default())
    # the window to return decides what the answer must say, not whether it came
    assert asked == {*RULES, "return.window_days"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("last month", "write previous, or a window like"),
        ("2025-03-01..2025-02-01", "begins at 2025-03-01 and ends at 2025-02-01"),
        ("today..2025-02-01", "no date or time"),
    ],
)
def test_a_window_that_is_none(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_window(text)


def test_the_other_window_is_the_earlier_one() -> None:
    run = audit(histories(), as_of="2025-03-20")
    with pytest.raises(UsageError, match="later than the audit's own"):
        compare(run, parse_window("2025-03-01..2025-03-21"))
    found = compare(run)
    assert found.figures[["before", "now", *PARTS]].isna().all(axis=None) and found.cells.empty
    assert found.points.isna().all(axis=None)
