"""The report of return requests as XML: the flat file's facts, with the moment of each request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from xml.etree.ElementTree import Element

import pandas as pd

from sellerkit.read.amazon.returns import returns_of
from sellerkit.read.amazon.xml import (
    children,
    element_at,
    local,
    raw_of,
    root_of,
    speaks_of,
    text_at,
)
from sellerkit.read.flat import Lines
from sellerkit.read.source import Context, Format, Parsed, Source

#: Plain names of the flat file → where the same stands in a return, and in an item of it.
_OF_RETURN = {
    "order_id": ("order_id",),
    "amazon_rma_id": ("amazon_rma_id",),
    "a_to_z_claim": ("a_to_z_claim",),
    "return_request_date": ("return_request_date",),
    "currency_code": ("label_details", "currency_code"),
    "label_type": ("label_details", "label_type"),
    "tracking_id": ("label_details", "tracking_id"),
}
_OF_ITEM = {
    "return_reason": "return_reason_code",
    "in_policy": "in_policy",
    "asin": "asin",
    "merchant_sku": "merchant_sku",
}

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,9})?")


def parse(source: Source, context: Context) -> Parsed:
    """Read an XML returns report; a unit is one return.

    Of a return with several items the first gives reason and `in_policy`, as in the flat file;
    what is refunded is added up.

    Raises
    ------
    InputError
        It is no well-formed XML.
    """
    found = list(returns_in(root_of(source)))
    cells = pd.DataFrame(
        [_cells(one) for one in found],
        columns=[*_OF_RETURN, *_OF_ITEM, "refunded_amount"],
        dtype="str",
    )
    lines = Lines(cells, range(len(found)), lambda row: raw_of(found[row]), Parsed(read=len(found)))
    return returns_of(source, lines, context)


def returns_in(root: Element) -> Iterator[Element]:
    """Give the returns of a report."""
    return (one for one in root.iter() if local(one) == "return_details")


def _cells(one: Element) -> dict[str, str | None]:
    items = _items(one)
    said = {
        ours: next((text for item in items if (text := text_at(item, theirs))), None)
        for ours, theirs in _OF_ITEM.items()
    }
    whole = {ours: text_at(one, *path) for ours, path in _OF_RETURN.items()}
    return {**whole, **said, "refunded_amount": _sum(items, "refund_amount")}


def _items(one: Element) -> list[Element]:
    """Return a return's items, each once: Amazon writes some of them twice, word by word.

    They are taken for one where together they would be more than was ordered.
    """
    items = list(children(one, "item_details"))
    returned, ordered = _sum(items, "return_quantity"), text_at(one, "order_quantity") or ""
    known = _NUMBER.fullmatch(returned or "") and _NUMBER.fullmatch(ordered)
    if not known or Decimal(returned or "0") <= Decimal(ordered):
        return items
    return list({raw_of(item).strip(): item for item in items}.values())


def _sum(items: list[Element], name: str) -> str | None:
    """Return the sum of what items say; the first that is no number as it stands."""
    texts = [text for item in items if (text := text_at(item, name))]
    unfit = (text for text in texts if not _NUMBER.fullmatch(text))
    if (first := next(unfit, None)) is not None:
        return first
    return f"{sum(map(Decimal, texts)):f}" if texts else None


XML_RETURNS = Format(
    name="xml_returns",
    about="Return requests of seller-fulfilled orders as XML, with the moment of each request",
    recognised_by="XML with return_details",
    example="<AmazonEnvelope>…<return_details><item_details>…</item_details><order_id>",
    matches=lambda source: speaks_of(source, "return_details"),
    parse=parse,
    unit=partial(element_at, units=returns_in),
)
