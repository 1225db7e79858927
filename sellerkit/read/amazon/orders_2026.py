"""Orders API 2026-01-01: what `searchOrders` and `getOrder` answer, as JSON.

The model: ``orders_2026-01-01.json`` in amzn/selling-partner-api-models. Buyers, recipients and
payments are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from sellerkit.policy import by_id
from sellerkit.read import values
from sellerkit.read.amazon.orders import FULFILLMENTS, STATUSES
from sellerkit.read.amazon.payload import Units, answers, at, keys, listed, units, word
from sellerkit.read.amazon.report import stores_of
from sellerkit.read.json_parts import object_at
from sellerkit.read.source import Context, Format, Parsed, Source

_INSTANTS = {
    "purchased_at": ("createdTime",),
    "updated_at": ("lastUpdatedTime",),
    "latest_ship_at": ("fulfillment", "shipByWindow", "latestDateTime"),
    "promised_by": ("fulfillment", "deliverByWindow", "latestDateTime"),
}

_ORDER = {
    "order_id": "orderId",
    "marketplace": "marketplaceId",
    "channel": "marketplaceName",
    "status": "fulfillmentStatus",
    "fulfillment": "fulfilledBy",
    "total": "grandTotal",
    "currency": "currencyCode",
    "units": "quantityOrdered",
    "shipped_at": "shipTime",
    "carrier": "carrier",
    "tracking_id": "trackingNumber",
    "canceled_by": "cancelledBy",
    "cancel_reason": "cancelReason",
    **{ours: ".".join(path) for ours, path in _INSTANTS.items()},
}

_ITEM = {
    "order_id": "orderId",
    "item_id": "orderItemId",
    "sku": "sellerSku",
    "asin": "asin",
    "title": "title",
    "quantity": "quantityOrdered",
    "price": "proceeds",
}

_CANCELERS = {"buyer": "buyer", "merchant": "seller", "amazon": "amazon"}


def parse(source: Source, context: Context) -> Parsed:
    """Read orders with their items; a unit is one order.

    Of several packages the one that a carrier had first gives `shipped_at`, `carrier` and
    `tracking_id`. Nothing says when a package was delivered or an order canceled; who canceled it
    is read where all its items agree. That a signature was asked for does not say that somebody
    signed, so `signature` stays null.

    Raises
    ------
    InputError
        It is no JSON; the message names line and column.
    """
    orders = list(units_of(answers(source)))
    parsed = Parsed(read=len(orders))
    read = Units([_row(order) for order in orders], _ORDER)
    rows = _orders(read, context)
    within = [(n, at(o, "orderId"), it) for n, o in enumerate(orders) for it in _items_of(o)]
    items = Units([_item_row(order_id, item) for _, order_id, item in within], _ITEM)
    item_rows = items.text.assign(
        quantity=items.whole("quantity"),
        price=items.numbers("price"),
        source_pos=pd.Series([number for number, *_ in within], dtype="Int64"),
    )
    items.needed("item_id")
    for row, fault in items.faults.items():
        read.faults.setdefault(within[row][0], f"orderItems: {fault}")
    parsed.tables["orders"] = read.kept(rows, parsed, orders)
    fits = ~item_rows["source_pos"].isin(list(read.faults)).to_numpy(bool)
    parsed.tables["order_items"] = item_rows[fits].reset_index(drop=True)
    return parsed


def units_of(documents: list[Any]) -> Iterator[Any]:
    """Give the orders that a file's documents hold."""
    return units(documents, "orders", "order")


def _items_of(order: Any) -> list[Any]:
    return listed(order, "orderItems")


def _row(order: Any) -> dict[str, str | None]:
    status = str(at(order, "fulfillment", "fulfillmentStatus")).casefold().replace("_", "")
    fulfilled_by = str(at(order, "fulfillment", "fulfilledBy")).casefold()
    first = _first_package(order)
    return {
        "order_id": word(at(order, "orderId")),
        "marketplace": by_id().get(str(at(order, "salesChannel", "marketplaceId"))),
        "channel": word(at(order, "salesChannel", "marketplaceName")),
        "status": STATUSES.get(status),
        "fulfillment": FULFILLMENTS.get(fulfilled_by),
        "total": word(at(order, "proceeds", "grandTotal", "amount")),
        "currency": word(at(order, "proceeds", "grandTotal", "currencyCode")),
        "units": _units_of(order),
        "shipped_at": word(at(first, "shipTime")),
        "carrier": word(at(first, "carrier")),
        "tracking_id": word(at(first, "trackingNumber")),
        "canceled_by": _CANCELERS.get(_agreed(order, "cancelledBy").casefold()),
        "cancel_reason": _agreed(order, "cancelReason") or None,
        **{ours: word(at(order, *path)) for ours, path in _INSTANTS.items()},
    }


def _first_package(order: Any) -> Any:
    """Return the package that was shipped first; texts of one notation sort as their instants."""
    shipped = [one for one in listed(order, "packages") if word(at(one, "shipTime"))]
    return min(shipped, key=lambda one: word(at(one, "shipTime")) or "", default=None)


def _units_of(order: Any) -> str | None:
    counts = [at(item, "quantityOrdered") for item in _items_of(order)]
    whole = [n for n in counts if isinstance(n, int) and not isinstance(n, bool)]
    return word(sum(whole)) if whole and len(whole) == len(counts) else None


def _agreed(order: Any, name: str) -> str:
    """Return what all items say of their cancellation; an empty text where they differ."""
    said = {
        word(at(item, "cancellation", "cancellationExecution", name)) for item in _items_of(order)
    }
    return (said.pop() or "") if len(said) == 1 else ""


def _orders(read: Units, context: Context) -> pd.DataFrame:
    text = read.text
    read.needed("order_id")
    stores = text["marketplace"].fillna(stores_of(text["channel"])).fillna(context.marketplace)
    zones = values.zones(stores, None, text["currency"])
    moments = {name: read.instants(name, zones) for name in (*_INSTANTS, "shipped_at")}
    return text.assign(
        marketplace=stores, units=read.whole("units"), total=read.numbers("total"), **moments
    ).drop(columns="channel")


def _item_row(order_id: Any, item: Any) -> dict[str, str | None]:
    return {
        "order_id": word(order_id),
        "item_id": word(at(item, "orderItemId")),
        "sku": word(at(item, "product", "sellerSku")),
        "asin": word(at(item, "product", "asin")),
        "title": word(at(item, "product", "title")),
        "quantity": word(at(item, "quantityOrdered")),
        "price": _price(item),
    }


def _price(item: Any) -> str | None:
    """Return the price of all units together, as v0's `ItemPrice` is: the proceeds for the item."""
    for part in listed(item, "proceeds", "breakdowns"):
        if part.get("type") == "ITEM":
            return word(at(part, "subtotal", "amount"))
    return None


def matches(source: Source) -> bool:
    """Tell whether a file is JSON that speaks of orders as this version of the API does."""
    names = keys(source)
    return {"orderId", "createdTime"} <= names and bool(
        names & {"fulfillment", "salesChannel", "fulfillmentStatus"}
    )


ORDERS_2026 = Format(
    name="orders_2026_01_01",
    about="Orders API 2026-01-01 (searchOrders, getOrder), JSON or JSON lines",
    recognised_by="JSON with orderId, createdTime and fulfillment or salesChannel",
    example='{"orders": [{"orderId": "902-3159896-1390916", "createdTime": "…", …}]}',
    matches=matches,
    parse=parse,
    unit=partial(object_at, units=units_of),
)
