"""The list of formats, and which of them a file is."""

from __future__ import annotations

from sellerkit.errors import InputError, UsageError
from sellerkit.read import canonical, helpdesk
from sellerkit.read.amazon.orders import ALL_ORDERS, UNSHIPPED_ORDERS
from sellerkit.read.amazon.orders_api import ORDERS_V0
from sellerkit.read.amazon.returns import MFN_RETURNS
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
    MFN_RETURNS,
    ORDERS_V0,
    *helpdesk.FORMATS,
    *canonical.FORMATS,
    NO_RESPONSE_NEEDED,
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
    claims = [form for form in FORMATS if form.matches(source)]
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
