"""The list of formats, and which of them a file is."""

from __future__ import annotations

from sellerkit.errors import InputError, UsageError
from sellerkit.read import canonical, helpdesk
from sellerkit.read.amazon.orders import ALL_ORDERS, NEW_ORDERS, UNSHIPPED_ORDERS
from sellerkit.read.amazon.orders_2026 import ORDERS_2026
from sellerkit.read.amazon.orders_api import API_OTHER, ORDER_ITEMS_V0, ORDERS_V0
from sellerkit.read.amazon.payments import SETTLEMENT, SETTLEMENT_V2, TRANSACTIONS
from sellerkit.read.amazon.performance import PERFORMANCE_V2
from sellerkit.read.amazon.performance_xml import PERFORMANCE_V1
from sellerkit.read.amazon.returns import MFN_RETURNS
from sellerkit.read.amazon.returns_xml import XML_RETURNS
from sellerkit.read.amazon.shipments import FBA_SHIPMENTS
from sellerkit.read.amazon.unheld import FBA_REIMBURSEMENTS, FBA_RETURNS, FEEDBACK
from sellerkit.read.check_ins import CHECK_INS
from sellerkit.read.files import is_spreadsheet
from sellerkit.read.mail.formats import EML, MBOX
from sellerkit.read.marks import NO_RESPONSE_NEEDED
from sellerkit.read.source import Format, Source

#: Every format that sellerkit reads.
FORMATS: tuple[Format, ...] = (
    MBOX,
    EML,
    ALL_ORDERS,
    UNSHIPPED_ORDERS,
    NEW_ORDERS,
    FBA_SHIPMENTS,
    MFN_RETURNS,
    XML_RETURNS,
    FBA_RETURNS,
    FBA_REIMBURSEMENTS,
    FEEDBACK,
    SETTLEMENT,
    SETTLEMENT_V2,
    TRANSACTIONS,
    PERFORMANCE_V1,
    PERFORMANCE_V2,
    ORDERS_V0,
    ORDER_ITEMS_V0,
    ORDERS_2026,
    API_OTHER,
    *helpdesk.FORMATS,
    *canonical.FORMATS,
    NO_RESPONSE_NEEDED,
    CHECK_INS,
)

UNKNOWN = "unknown format"
A_SPREADSHEET = "a spreadsheet: describe it with `sellerkit mapping draft FILE`"


def detect(source: Source) -> Format | None:
    """Tell a file's format from its content; null where it is none that is known.

    Raises
    ------
    InputError
        Two formats claim the file; the message names both.
    """
    if not source.head:
        return None
    # a folder may hold a hundred thousand mails, and nothing else begins with a mail's headers
    claims = [form for form in (MBOX, EML) if form.matches(source)]
    claims = claims or [form for form in FORMATS if form.matches(source)]
    if len(claims) > 1:
        names = " and ".join(form.name for form in claims)
        raise InputError(f"{source.name}: it could be {names}; say which with --format")
    return claims[0] if claims else None


def why_unknown(source: Source) -> str:
    """Return why a file is of no format, and what to do where something can be done."""
    return A_SPREADSHEET if is_spreadsheet(source.data) else UNKNOWN


def by_name(name: str) -> Format:
    """Return the format of that name.

    Raises
    ------
    UsageError
        There is none; the message lists those that there are.
    """
    for form in FORMATS:
        if form.name == name:
            return form
    known = ", ".join(form.name for form in FORMATS)
    raise UsageError(f"no format is called {name!r}; there are {known}")
