"""Reports that tell nothing which a history holds: recognised, and every line accounted for.

Feedback are ratings, and its dates are written as each store writes them (``03/04/23``); nothing
is concluded from either. Customer returns to Amazon's warehouses say when a parcel came in, not
when a buyer asked to return it, and for what Amazon fulfills it answers itself; a return request
without its moment would be an invented one. Reimbursements are Amazon's debts to the seller.
"""

from __future__ import annotations

import re
from functools import partial

import pandas as pd

from sellerkit.read.amazon.report import skip, speaks_of
from sellerkit.read.flat import header_of, read_lines, require
from sellerkit.read.source import Context, Format, Parsed, Source
from sellerkit.read.text_parts import record_at

_FEEDBACK_LINE = re.compile(
    r"[^\t]*\d[^\t]*\t[1-5]\t[^\t]*\t[^\t]*\t(?:\d{3}|S01)-\d{7}-\d{7}(?:\t[^\t]*)?\r?\n?"
)


def parse(source: Source, context: Context, *, reason: str, needed: tuple[str, ...] = ()) -> Parsed:
    """Account for each line of a report as skipped.

    Raises
    ------
    InputError
        A column is missing that shows that it is this report.
    """
    lines = read_lines(source, context)
    require(source, lines, needed, "-")
    skip(lines, pd.Series(reason, index=lines.cells.index))
    return lines.parsed


def _is_feedback(source: Source) -> bool:
    """Tell feedback by its English names, or by its second line: its header is localised."""
    names = frozenset({"date", "rating", "comments", "your_response", "order_id", "rater_email"})
    if speaks_of(source, names, of_which=5):
        return True
    if len(header_of(source)) not in (5, 6):
        return False
    lines = source.head.split(b"\n", 2)
    return len(lines) > 1 and bool(_FEEDBACK_LINE.fullmatch(lines[1].decode("cp1252", "replace")))


FEEDBACK = Format(
    name="feedback",
    about="Seller feedback report: accounted for, no history holds ratings",
    recognised_by="columns Date, Rating, Comments, Your Response, Order ID, in any language",
    example="Date\tRating\tComments\tYour Response\tOrder ID\tRater Email",
    matches=_is_feedback,
    parse=partial(parse, reason="feedback: no history holds ratings"),
    unit=record_at,
)

FBA_RETURNS = Format(
    name="fba_returns",
    about="FBA customer returns report: accounted for, it has no return requests",
    recognised_by="columns such as return-date, fnsku, detailed-disposition, license-plate-number",
    example="return-date\torder-id\tsku\tasin\tfnsku\tproduct-name\tquantity\tdetailed-disposition",
    matches=lambda source: speaks_of(
        source,
        frozenset({"return_date", "order_id", "fnsku", "detailed_disposition",
                   "license_plate_number", "customer_comments"}),
        of_which=4,
    ),
    parse=partial(
        parse,
        reason="FBA return: when it came back to Amazon, not when the buyer asked for it",
        needed=("return_date", "order_id"),
    ),
    unit=record_at,
)  # fmt: skip

FBA_REIMBURSEMENTS = Format(
    name="fba_reimbursements",
    about="FBA reimbursements report: accounted for, no history holds what Amazon owes",
    recognised_by="columns such as reimbursement-id, approval-date, amount-per-unit",
    example="approval-date\treimbursement-id\tcase-id\tamazon-order-id\treason\tamount-total",
    matches=lambda source: speaks_of(
        source,
        frozenset({"approval_date", "reimbursement_id", "case_id", "amount_per_unit",
                   "quantity_reimbursed_total", "original_reimbursement_id"}),
    ),
    parse=partial(
        parse,
        reason="reimbursement: no history holds what Amazon owes the seller",
        needed=("reimbursement_id",),
    ),
    unit=record_at,
)  # fmt: skip
