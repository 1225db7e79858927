"""Reports that hold nothing for a history: every line has its reason, and no row is invented."""

from __future__ import annotations

import pytest
from amazon_samples import (
    FBA_RETURN_ROW,
    FEEDBACK_ROW,
    FILES,
    ORDER,
    OTHER,
    REIMBURSEMENT_ROW,
    SETTLEMENT_ROW,
    SETTLEMENT_V2_ROW,
    TRANSACTIONS,
    table,
)

from sellerkit.errors import InputError
from sellerkit.read.registry import by_name
from sellerkit.read.source import Context, Parsed, Source


def parse(name: str, text: str) -> Parsed:
    return by_name(name).parse(Source("file", text.encode()), Context("shop"))


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        ("feedback", FEEDBACK_ROW, "feedback: no history holds ratings"),
        ("fba_returns", FBA_RETURN_ROW,
         "FBA return: when it came back to Amazon, not when the buyer asked for it"),
        ("fba_reimbursements", REIMBURSEMENT_ROW,
         "reimbursement: no history holds what Amazon owes the seller"),
    ],
)  # fmt: skip
def test_each_line_is_skipped_with_its_reason(name, row, reason):
    parsed = parse(name, table(row, row) + "\n")
    assert parsed.read == 2
    assert parsed.skipped == {reason: 2}
    assert parsed.tables == {}


@pytest.mark.parametrize(
    ("name", "row"), [("settlement", SETTLEMENT_ROW), ("settlement_v2", SETTLEMENT_V2_ROW)]
)
def test_a_settlement_tells_what_its_lines_were(name, row):
    summary = row | {"transaction-type": "", "order-id": "", "total-amount": "1.052,64"}
    kinds = ("Order", "Refund", "Chargeback Refund", "A-to-z Guarantee Refund", "ServiceFee")
    parsed = parse(name, table(summary, *(row | {"transaction-type": kind} for kind in kinds)))
    assert parsed.skipped == {
        "summary of the settlement": 1,
        "payment: no history holds payments": 2,
        "refund: it does not say of which return": 2,
        "A-to-z claim: it does not say when it was filed": 1,
    }
    assert parsed.tables == {}


def test_orders_with_claims_are_named():
    parsed = parse("transactions", TRANSACTIONS)
    assert parsed.skipped == {
        "preamble": 4,
        "payment: no history holds payments": 1,
        "refund: it does not say of which return": 1,
        "A-to-z claim: it does not say when it was filed": 1,
    }
    (warning,) = parsed.warnings
    assert OTHER in warning and ORDER not in warning
    assert "give Amazon's mails about them, or a claims.csv" in warning


def test_of_many_orders_with_claims_five_are_named():
    row = SETTLEMENT_ROW | {"transaction-type": "A-to-z Guarantee Claim"}
    parsed = parse("settlement", table(*(row | {"order-id": f"order {n}"} for n in range(8))))
    assert "order 0, order 1, order 2, order 3, order 4 and 3 more" in parsed.warnings[0]


def test_a_claim_in_japanese_is_one():
    text = FILES["transactions"].decode()
    text = text.replace("A-to-z Guarantee Claim", "Amazonマーケットプレイス保証申請")
    assert (
        parse("transactions", text).skipped["A-to-z claim: it does not say when it was filed"] == 1
    )


def test_a_comment_that_broke_its_line_is_accounted_for_too():
    row = FBA_RETURN_ROW | {"customer-comments": "too\nsmall"}
    torn = FBA_RETURN_ROW | {"customer-comments": "a\tb"}
    parsed = parse("fba_returns", table(row, torn))
    assert parsed.read == 3
    assert sum(parsed.skipped.values()) == 2
    assert [unfit.reason for unfit in parsed.quarantined] == ["14 cells where the header has 13"]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("settlement", "settlement-id"),
        ("settlement_v2", "settlement-id"),
        ("transactions", "date/time"),
        ("fba_returns", "return-date"),
        ("fba_reimbursements", "reimbursement-id"),
    ],
)
def test_another_table_under_their_name_is_refused(name, column):
    with pytest.raises(InputError, match=f"file: line 1: column {column} is missing; there are a"):
        parse(name, "a,b\n1,2\n")
