"""The report of return requests on seller-fulfilled orders (MFN returns).

It has days and no times, and does not say when or by whom a request was authorized: Approved
tells that somebody did. So these stay null here; a canonical CSV, or Amazon's mails, can tell.
Its ``A-to-Z Claim`` flag has no date, so no claim comes of it: a warning names the orders.
"""

from __future__ import annotations

import hashlib

import pandas as pd

from sellerkit.read import values
from sellerkit.read.amazon.report import Reading, column, name_claims, speaks_of
from sellerkit.read.flat import Lines, read_lines, require
from sellerkit.read.source import Context, Format, Parsed, Source
from sellerkit.read.text_parts import record_at


def parse(source: Source, context: Context) -> Parsed:
    """Read an MFN returns report: one line per item that is to come back.

    The lines of one return (Amazon RMA ID) are folded into one row. A return without an id gets
    one from its order, its item and its day.
    """
    lines = read_lines(source, context)
    require(source, lines, ("order_id", "return_request_date"), " ")
    return returns_of(source, lines, context)


def returns_of(source: Source, lines: Lines, context: Context) -> Parsed:
    """Read what a report says of returns, by the flat file's plain names."""
    reading = Reading(lines, context)
    stores = pd.Series(context.marketplace, index=lines.cells.index, dtype="str")
    zones = values.zones(stores, None, column(lines, "currency_code"))
    rows = pd.DataFrame(
        {
            "order_id": reading.needed("order_id"),
            "requested_at": reading.days("return_request_date", zones),
            "reason": column(lines, "return_reason"),
            "in_policy": reading.flags("in_policy"),
            "refund_amount": reading.money("refunded_amount"),
            "currency": column(lines, "currency_code"),
            "label": column(lines, "label_type"),
            "tracking_id": column(lines, "tracking_id"),
        }
    )
    reading.needed("return_request_date")
    claimed = values.flags(column(lines, "a_to_z_claim"))[0].fillna(False).astype(bool)
    name_claims(source, lines, rows["order_id"][claimed])
    rows["return_id"] = column(lines, "amazon_rma_id").fillna(_ids(rows, reading))
    kept = reading.kept(rows)
    grouped = kept.groupby("return_id", sort=False)
    folded = grouped.first()
    folded["refund_amount"] = grouped["refund_amount"].sum(min_count=1).round(2)
    lines.parsed.tables["returns"] = folded.reset_index().astype({"source_pos": "Int64"})
    return lines.parsed


def _ids(rows: pd.DataFrame, reading: Reading) -> pd.Series:
    """Return an id for each line from what it says; of two that say the same the second is #2."""
    said = (
        rows["order_id"]
        .fillna("")
        .str.cat(
            [reading.text(n).fillna("") for n in ("merchant_sku", "asin", "return_request_date")],
            sep="|",
        )
    )
    again = said.groupby(said).cumcount().astype("str")
    whole = said + "|" + again
    return whole.map(lambda text: f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}")


MFN_RETURNS = Format(
    name="mfn_returns",
    about="Return requests of seller-fulfilled orders (Seller Central, Return reports)",
    recognised_by="columns such as Return request date, Return request status, Amazon RMA ID",
    example="Order ID\tOrder date\tReturn request date\tReturn request status\tAmazon RMA ID",
    matches=lambda source: speaks_of(
        source,
        frozenset(
            {
                "return_request_date", "return_request_status", "amazon_rma_id", "merchant_rma_id",
                "return_reason", "in_policy", "label_to_be_paid_by", "a_to_z_claim",
            }
        ),
    ),
    parse=parse,
    unit=record_at,
)  # fmt: skip
