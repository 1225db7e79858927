"""Orders API v0: what `getOrders`, `getOrder` and `getOrderItems` answer, as JSON.

Accepted: ``{payload: {Orders}}``, ``{Orders}``, one order, a bare list, JSON lines. Buyers' names,
addresses and e-mail addresses are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from sellerkit.policy import by_id
from sellerkit.read import values
from sellerkit.read.amazon.orders import FULFILLMENTS, STATUSES
from sellerkit.read.amazon.payload import Units, answers, at, keys, listed, raw_of, units, word
from sellerkit.read.amazon.report import stores_of
from sellerkit.read.json_parts import object_at
from sellerkit.read.source import Context, Format, Parsed, Quarantined, Source

_INSTANTS = {
    "purchased_at": "PurchaseDate",
    "latest_ship_at": "LatestShipDate",
    "promised_by": "LatestDeliveryDate",
    "updated_at": "LastUpdateDate",
}

_ORDER = {
    "order_id": "AmazonOrderId",
    "marketplace": "MarketplaceId",
    "channel": "SalesChannel",
    "status": "OrderStatus",
    "fulfillment": "FulfillmentChannel",
    "total": "OrderTotal",
    "currency": "CurrencyCode",
    "units": "NumberOfItemsShipped",
    **_INSTANTS,
}

_ITEM = {
    "order_id": "AmazonOrderId",
    "item_id": "OrderItemId",
    "sku": "SellerSKU",
    "asin": "ASIN",
    "title": "Title",
    "quantity": "QuantityOrdered",
    "price": "ItemPrice",
}


def parse(source: Source, context: Context) -> Parsed:
    """Read orders; a unit is one order.

    `LatestDeliveryDate` is `promised_by`, `LatestShipDate` is `latest_ship_at`; Amazon gives both
    for seller-fulfilled orders only. The status Unfulfillable is none of ours and stays null. Items
    that were put into their orders are read too.

    Raises
    ------
    InputError
        It is no JSON; the message names line and column.
    """
    orders = list(orders_of(answers(source)))
    parsed = Parsed(read=len(orders))
    read = Units([_row(order) for order in orders], _ORDER)
    parsed.tables["orders"] = read.kept(_orders(read, context), parsed, orders)
    within = [
        (number, order, item)
        for number, order in enumerate(orders)
        if number not in read.faults
        for item in listed(order, "OrderItems")
    ]
    if within:
        items = Units([_item_row(at(order, "AmazonOrderId"), it) for _, order, it in within], _ITEM)
        rows = _items(items).assign(source_pos=pd.Series([n for n, *_ in within], dtype="Int64"))
        parsed.tables["order_items"] = rows.drop(index=list(items.faults)).reset_index(drop=True)
    return parsed


def orders_of(documents: list[Any]) -> Iterator[Any]:
    """Give the orders that a file's documents hold."""
    return units(documents, "Orders")


def _row(order: Any) -> dict[str, str | None]:
    """Return what we read of an order, as text; nothing where it is no object."""
    counts = [at(order, "NumberOfItemsShipped"), at(order, "NumberOfItemsUnshipped")]
    known = [n for n in counts if isinstance(n, int) and not isinstance(n, bool)]
    return {
        "order_id": word(at(order, "AmazonOrderId")),
        "marketplace": by_id().get(str(at(order, "MarketplaceId"))),
        "channel": word(at(order, "SalesChannel")),
        "status": STATUSES.get(str(at(order, "OrderStatus")).casefold()),
        "fulfillment": FULFILLMENTS.get(str(at(order, "FulfillmentChannel")).casefold()),
        "total": word(at(order, "OrderTotal", "Amount")),
        "currency": word(at(order, "OrderTotal", "CurrencyCode")),
        "units": word(sum(known)) if known else None,
        **{ours: word(at(order, theirs)) for ours, theirs in _INSTANTS.items()},
    }


def _orders(read: Units, context: Context) -> pd.DataFrame:
    text = read.text
    read.needed("order_id")
    stores = text["marketplace"].fillna(stores_of(text["channel"])).fillna(context.marketplace)
    zones = values.zones(stores, None, text["currency"])
    moments = {name: read.instants(name, zones) for name in _INSTANTS}
    return text.assign(
        marketplace=stores, units=read.whole("units"), total=read.numbers("total"), **moments
    ).drop(columns="channel")


def parse_items(source: Source, context: Context) -> Parsed:
    """Read the items of orders; a unit is one item. `price` is that of all its units together."""
    within = list(items_of(answers(source)))
    items = [item for _, item in within]
    parsed = Parsed(read=len(items))
    read = Units([_item_row(order_id, item) for order_id, item in within], _ITEM)
    parsed.tables["order_items"] = read.kept(_items(read), parsed, items)
    return parsed


def items_of(documents: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Give the items that a file's documents hold, each with its order's id."""
    for answer in units(documents):
        inner = at(answer, "OrderItems")
        for item in inner if isinstance(inner, list) else [answer]:
            yield at(answer, "AmazonOrderId"), item


def _item_row(order_id: Any, item: Any) -> dict[str, str | None]:
    plain = ("item_id", "sku", "asin", "title", "quantity")
    return {
        "order_id": word(order_id),
        "price": word(at(item, "ItemPrice", "Amount")),
        **{name: word(at(item, _ITEM[name])) for name in plain},
    }


def _items(read: Units) -> pd.DataFrame:
    read.needed("order_id")
    read.needed("item_id")
    return read.text.assign(quantity=read.whole("quantity"), price=read.numbers("price"))


#: Names that tell an answer of the API which holds nothing for any history.
_NOTHING_FOR_US = (
    ("AmazonOrderId", "buyer, address or settings of an order: nothing that a history holds"),
    ("uploadDestinationId", "upload destination: nothing that a history holds"),
    ("reportDocumentId", "where a report lies: fetch the report and give that file"),
    ("reportId", "state of a report: fetch the report and give that file"),
    ("_links", "what may be sent to a buyer: nothing that a history holds"),
    ("errors", "answer of errors or none, without data"),
)

_ERROR_KEYS = frozenset({"errors", "code", "message", "details", "payload"})


def parse_other(source: Source, context: Context) -> Parsed:
    """Account for answers that hold nothing for a history; a unit is one answer."""
    parsed = Parsed()
    for number, answer in enumerate(others_of(answers(source))):
        parsed.read += 1
        found = answer if isinstance(answer, dict) else {}
        reasons = [reason for name, reason in _NOTHING_FOR_US if name in found]
        if reasons:
            parsed.skipped[reasons[0]] += 1
        else:
            reason = "no answer of Amazon's that sellerkit knows"
            parsed.quarantined.append(Quarantined(number, reason, raw_of(answer)))
    return parsed


def others_of(documents: list[Any]) -> Iterator[Any]:
    """Give the answers, and the states of reports, that a file's documents hold."""
    return units(documents, "reports")


def matches(source: Source) -> bool:
    """Tell whether a file is JSON that speaks of Amazon's orders."""
    names = keys(source)
    return ("AmazonOrderId" in names and bool(names & {"OrderStatus", "Orders"})) or (
        {"payload", "Orders"} <= names
    )


def matches_items(source: Source) -> bool:
    """Tell whether a file is JSON that speaks of the items of Amazon's orders."""
    return {"AmazonOrderId", "OrderItems"} <= keys(source) and not matches(source)


def matches_other(source: Source) -> bool:
    """Tell whether a file is JSON of Amazon's API that speaks of something else."""
    names = keys(source)
    if matches(source) or matches_items(source):
        return False
    return (
        bool(names & {"AmazonOrderId", "uploadDestinationId", "reportDocumentId"})
        or {"reportId", "reportType"} <= names
        or ("_links" in names and b"/messaging/v1/orders/" in source.head)
        or ("errors" in names and names <= _ERROR_KEYS)
    )


ORDERS_V0 = Format(
    name="orders_v0",
    about="Orders API v0 (getOrders, getOrder), JSON or JSON lines",
    recognised_by="JSON with AmazonOrderId and OrderStatus",
    example='{"payload": {"Orders": [{"AmazonOrderId": "902-3159896-1390916", …}]}}',
    matches=matches,
    parse=parse,
    unit=partial(object_at, units=orders_of),
)

ORDER_ITEMS_V0 = Format(
    name="order_items_v0",
    about="Orders API v0 (getOrderItems), JSON or JSON lines",
    recognised_by="JSON with AmazonOrderId and OrderItems",
    example='{"payload": {"AmazonOrderId": "902-3159896-1390916", "OrderItems": [{…}]}}',
    matches=matches_items,
    parse=parse_items,
    unit=partial(object_at, units=lambda documents: (item for _, item in items_of(documents))),
)

API_OTHER = Format(
    name="amazon_api_other",
    about="other answers of Amazon's API (buyers, addresses, report states, errors): accounted for",
    recognised_by="JSON with reportId, reportDocumentId, uploadDestinationId, errors, …",
    example='{"reportId": "50001", "reportType": "…", "processingStatus": "DONE"}',
    matches=matches_other,
    parse=parse_other,
    unit=partial(object_at, units=others_of),
)
