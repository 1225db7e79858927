"""Settlements and transactions: what was paid, recognised and accounted for line by line.

A refund's line names an order and no return, and `refunded_at` belongs to a return. A line of an
A-to-z claim tells that there was one and that it cost the seller money, but neither its id nor when
it was filed, which a claim cannot be without. So no rows come of them: what a line was is the
reason that it is skipped for, and the orders with claims are named in a warning.
"""

from __future__ import annotations

import functools
from functools import partial

import pandas as pd

from sellerkit.read.amazon.report import aliases, column, localised, name_claims, skip, speaks_of
from sellerkit.read.flat import Lines, aliased, header_of, plain, read_lines, require
from sellerkit.read.source import Context, Format, Parsed, Source, Unit
from sellerkit.read.text_parts import record_at

PAYMENT = "payment: no history holds payments"
SUMMARY = "summary of the settlement"
REFUND = "refund: it does not say of which return"
CLAIM = "A-to-z claim: it does not say when it was filed"

#: Names that tell the header of transactions from the lines before it.
_HOLDING = ("date/time", "type")

#: Within so many bytes the header begins.
_PREAMBLE_BYTES = 8192


def parse_settlement(source: Source, context: Context) -> Parsed:
    """Account for a settlement's lines; the first is its summary and has no type."""
    lines = read_lines(source, context)
    require(source, lines, ("settlement_id", "transaction_type"), "-")
    return _accounted(source, lines, "transaction_type")


def parse_transactions(source: Source, context: Context) -> Parsed:
    """Account for the lines of date-range transactions, and for those before their header."""
    lines = read_lines(source, context, _HOLDING, aliases("transactions"))
    require(source, lines, _HOLDING, " ")
    return _accounted(source, lines, "type")


def transaction_at(source: Source, pos: int, context: Context) -> Unit | None:
    """Return a line of the transactions."""
    return record_at(source, pos, context, holding=_HOLDING, aliases=aliases("transactions"))


def _accounted(source: Source, lines: Lines, type_column: str) -> Parsed:
    types = column(lines, type_column)
    is_claim, is_refund = _speaks_of(types, "claim"), _speaks_of(types, "refund")
    reasons = pd.Series(PAYMENT, index=types.index).mask(types.isna(), SUMMARY)
    skip(lines, reasons.mask(is_refund, REFUND).mask(is_claim, CLAIM))
    name_claims(source, lines, column(lines, "order_id")[is_claim])
    return lines.parsed


def _speaks_of(types: pd.Series, what: str) -> pd.Series:
    folded = types.str.casefold()
    found = pd.Series(False, index=types.index)
    for known in localised()["payment_types"][what]:
        found |= folded.str.contains(known.casefold(), regex=False).fillna(False).astype(bool)
    return found


@functools.cache
def _marks() -> tuple[bytes, ...]:
    """Return what the first column of transactions is called, in the bytes of each encoding."""
    names = ["date/time", *localised()["transactions"]["date/time"]]
    pairs = [(name, code) for name in names for code in ("utf-8", "cp1252", "cp932", "utf-16-le")]
    found = {_looked_at(name.encode(code, "ignore")) for name, code in pairs}
    return tuple(mark for mark in found if len(mark) > 1)


def _looked_at(data: bytes) -> bytes:
    return data.replace(b"\0", b"").lower()


def _is_transactions(source: Source) -> bool:
    # a hundred thousand mails are looked at too: few of them come as far as their lines
    head = _looked_at(source.head[:_PREAMBLE_BYTES])
    if not any(mark in head for mark in _marks()):
        return False
    known = aliases("transactions")
    names = {aliased(name, known) for name in header_of(source, _HOLDING, known)}
    wanted = {plain(name) for name in localised()["transactions"]}
    return names.issuperset(_HOLDING) and len(names & wanted) >= 5


_settlement = partial(
    speaks_of,
    signature=frozenset(
        {"settlement_id", "settlement_start_date", "settlement_end_date", "deposit_date",
         "transaction_type", "marketplace_name"}
    ),
    of_which=4,
)  # fmt: skip

_LONG_FORM = frozenset({"amount_type", "amount_description"})

SETTLEMENT = Format(
    name="settlement",
    about="Settlement report, one column per kind of amount: accounted for",
    recognised_by="columns such as settlement-id, deposit-date, transaction-type, price-type",
    example="settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\tprice-type",
    matches=lambda source: _settlement(source, without=_LONG_FORM),
    parse=parse_settlement,
    unit=record_at,
)

SETTLEMENT_V2 = Format(
    name="settlement_v2",
    about="Settlement report V2, one line per amount: accounted for",
    recognised_by="columns such as settlement-id, deposit-date, amount-type, amount-description",
    example="settlement-id\tsettlement-start-date\tdeposit-date\tamount-type\tamount-description",
    matches=lambda source: _settlement(source) and speaks_of(source, _LONG_FORM, of_which=1),
    parse=parse_settlement,
    unit=record_at,
)

TRANSACTIONS = Format(
    name="transactions",
    about="Date-range or unified transactions (Seller Central, Payments), CSV: accounted for",
    recognised_by="a header below some lines, with date/time, type, settlement id, in any language",
    example='"date/time","settlement id","type","order id","sku","description","quantity"',
    matches=_is_transactions,
    parse=parse_transactions,
    unit=transaction_at,
)
