"""Check-ins that Amazon sent for the seller (its Solicitations API): `check_ins.csv`."""

from __future__ import annotations

from functools import partial

from sellerkit.read import canonical
from sellerkit.read.flat import header_of
from sellerkit.read.source import Format, Source
from sellerkit.read.text_parts import record_at
from sellerkit.tables import SOLICITATIONS

_NEEDED = frozenset(canonical.required(SOLICITATIONS))
_COLUMNS = _NEEDED | {"account"}


def matches(source: Source) -> bool:
    """Tell whether a file is such a list: its columns and no others, or it bears the list's name.

    Of messages, too, many a file has an order and an instant; so any other column, without the
    name, makes it none.
    """
    names = {name.strip().casefold() for name in header_of(source)} - {""}
    by_name = source.stem == "check_ins" and len(names & _COLUMNS) * 2 > len(names)
    return by_name or _NEEDED <= names <= _COLUMNS


CHECK_INS = Format(
    name="check_ins_csv",
    about="list of the check-ins that were sent with Amazon's Solicitations API",
    recognised_by="a header with order_id and sent_at and no other column but account",
    example="order_id,sent_at",
    matches=matches,
    parse=partial(canonical.parse, table=SOLICITATIONS),
    unit=record_at,
)
