"""The hand-worked cases of `tests/cases`, and that they leave out nothing that rules.md names."""

from __future__ import annotations

from typing import Any

import pytest
from case_bench import Bench, found_rows
from case_tables import KINDS, Case, differences, read_cases, wanted

CASES = read_cases()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(CASES, tmp_path_factory.mktemp("cases"))


def as_parameter(case: Case) -> Any:
    raises = pytest.fail.Exception
    known = [pytest.mark.xfail(reason=case.bug, raises=raises, strict=True)] if case.bug else []
    return pytest.param(case, id=f"{case.file}: {case.name}", marks=known)


@pytest.mark.parametrize("case", [as_parameter(case) for case in CASES])
def test_a_case_ends_as_worked_out_by_hand(case: Case, bench: Bench) -> None:
    faults = [
        fault
        for section, lines in case.expect.items()
        for fault in differences(section, lines, found_rows(section, case, bench))
    ]
    if faults:
        pytest.fail("\n".join([str(case), "", *faults]), pytrace=False)


def test_there_are_enough_cases_and_no_two_are_called_alike() -> None:
    assert len(CASES) >= 160
    assert len({case.name for case in CASES}) == len(CASES)


# --- nothing of rules.md is left out --------------------------------------------------------------


def seen(section: str, column: str) -> set[str]:
    """Return what the cases expect in a column of one part of an expectation."""
    rows = [wanted(section, line) for case in CASES for line in case.expect.get(section, [])]
    return {row[column] for row in rows if column in row}


#: Each row of the table in rules.md, Policy packs (and the one that Messages that break the rules
#: names), with each date on which its value changes.
POLICY_ROWS = {
    "crt.window_hours": ["2012-02-01", "2015-12-01", "2016-01-01"],
    "crt.target_share": ["2012-02-01", "2018-10-01"],
    "crt.unit": ["2012-02-01"],
    "crt.autoreply_counts": ["2012-02-01"],
    "return.reply_hours": ["2012-02-01", "2016-01-01"],
    "return.window_days": ["2012-02-01"],
    "problem.notice_hours": ["2012-02-01"],
    "problem.lookback_hours": ["2012-02-01"],
    "problem.cancellation_counts": ["2012-02-01"],
    "claim.reply_hours": ["2012-02-01", "2016-11-14", "2019-12-01", "2023-01-01"],
    "claim.silence_hours": ["2012-02-01", "2019-11-01", "2023-01-01"],
    "claim.contact_wait_hours": ["2012-02-01"],
    "claim.window_days": ["2012-02-01"],
    "claim.appeal_days": ["2012-02-01"],
    "message.proactive_days": ["2012-02-01"],
    "message.important_override": ["2012-02-01", "2017-05-01", "2025-04-25"],
    "check_in.from_days": ["2012-02-01"],
    "check_in.to_days": ["2012-02-01"],
    "phone.delivery_only": ["2012-02-01", "2019-05-01"],
    "pii.retention_days": ["2012-02-01"],
}


def test_each_row_of_the_policy_table_is_asked_for_on_each_of_its_dates() -> None:
    stems = {name: name.removesuffix("_hours").removesuffix("_days").removesuffix("_share")
             for name in POLICY_ROWS}  # fmt: skip
    rows = {f"{stems[name]}@{day}" for name, days in POLICY_ROWS.items() for day in days}
    assert seen("limits", "id") >= set(POLICY_ROWS)
    assert seen("limits", "rule") >= rows


def test_the_rule_in_force_stands_beside_each_verdict() -> None:
    expected = set().union(*(seen(part, "rule") for part in ("contacts", *KINDS)))
    dated = ("crt.window", "return.reply", "problem.notice", "claim.reply")
    days = {f"{name}@{day}" for name in dated for day in POLICY_ROWS[f"{name}_hours"]}
    assert expected >= days


STATUSES = {"met", "late", "missed", "open", "waived", "not_applicable"}

#: What may be expected, for each part and column: the words of rules.md and tables.md.
WORDS = {
    ("contacts", "status"): STATUSES - {"not_applicable"},
    ("contacts", "why_not"): {"automated", "undelivered", "call_only", "none"},
    ("contacts", "counted"): {"yes", "no"},
    ("inquiry", "status"): STATUSES - {"not_applicable"},
    ("return", "status"): STATUSES,
    ("return", "satisfied_by"): {"authorization", "refund", "closure", "a1", "none"},
    ("return", "content_expected"): {"return_information", "outside_window"},
    ("return", "content_ok"): {"yes", "no", "none"},
    ("order_problem", "status"): STATUSES - {"waived"},
    ("order_problem", "problem"): {"late_shipment", "late_delivery", "out_of_stock"},
    ("order_problem", "satisfied_by"): {"cancellation", "a1", "none"},
    ("order_problem", "proactive"): {"yes", "no", "none"},
    ("claim", "status"): {"met", "late", "missed", "open"},
    ("claim", "satisfied_by"): {"claim_response", "a1", "none"},
    ("claims_readiness", "verdict"): {"ready", "gaps", "indefensible"},
    ("exposure", "auto_lost"): {"yes", "no"},
    ("exposure", "reasons"): {"inquiry", "return", "order_problem"},
    ("calls_review", "verdict"): {
        "email_owed", "delivery", "not_permitted", "requested", "complex", "email_preferred",
    },
    ("calls_review", "owed_kinds"): {"inquiry", "return", "claim", "nothing"},
    ("calls_review", "followed_up"): {"yes", "no"},
    ("check_ins", "state"): {"sent", "due", "skipped", "too_early", "blocked"},
    ("violations", "rule"): {
        "external_link", "email_address", "phone_number", "incentive", "review_pressure",
        "marketing", "asks_to_cancel", "repeat_request", "too_late", "no_order_id", "unneeded",
        "emoji", "blank_lines", "attachment", "important_tag",
    },
    ("violations", "severity"): {"error", "warning"},
}  # fmt: skip


@pytest.mark.parametrize(("section", "column"), WORDS)
def test_each_word_that_a_verdict_may_be_is_expected_somewhere(section: str, column: str) -> None:
    assert seen(section, column) >= WORDS[section, column]


CHECKLIST = {
    "order_on_file": {"yes", "no"},
    "tracking": {"yes", "no", "none"},
    "shipped_on_time": {"yes", "no", "none"},
    "delivery_proof": {"yes", "no", "none"},
    "contacted_before": {"yes", "no"},
    "inquiries_answered": {"yes", "no", "none"},
    "no_silence": {"yes", "no", "none"},
    "return_answered": {"yes", "no", "none"},
    "problem_notified": {"yes", "no", "none"},
    "claim_answered": {"yes", "no", "none"},
    "refund_recorded": {"yes", "no", "none"},
}


@pytest.mark.parametrize("item", CHECKLIST)
def test_each_item_of_the_checklist_is_expected_true_false_and_null(item: str) -> None:
    assert seen("claims_readiness", item) == CHECKLIST[item]
