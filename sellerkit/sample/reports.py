"""Amazon's reports and API answers about the sample shop, in their own shapes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sellerkit.sample.catalogue import read_toml
from sellerkit.sample.shop import Order, Return, Shop

#: Columns by report, in order.
_COLUMNS: dict[str, list[str]] = read_toml("reports.toml")
_STATUS = {"shipped": "Shipped", "unshipped": "Unshipped", "canceled": "Cancelled"}
#: The last line of a download that broke off inside a date.
_TORN = "028-7431902-5528117\t028-7431902-5528117\t2026-10-0"
_Row = dict[str, Any]


def write_reports(shop: Shop, folder: Path, as_of: dt.datetime) -> None:
    """Write what Amazon itself says: three reports and an answer of the Orders API.

    Parameters
    ----------
    shop : Shop
        As it was known at `as_of`.
    folder : Path
        Created if it is not there.
    as_of : datetime
        When the reports were asked for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    orders = [order for order in shop.orders if order.on_file]
    lines = [line for order in orders for line in _all_orders_rows(order)]
    _write_tabbed(folder / "all-orders.txt", lines, torn=_TORN)
    open_orders = [
        order for order in orders if order.status == "unshipped" and order.fulfillment == "merchant"
    ]
    _write_tabbed(
        folder / "unshipped-orders.txt",
        [line for order in open_orders for line in _unshipped_rows(order, as_of)],
    )
    claimed = {claim.order.order_id for claim in shop.claims}
    rows = [_return_row(row, row.order.order_id in claimed) for row in shop.returns]
    _write_tabbed(folder / "mfn-returns.txt", rows)
    answer = {"payload": {"Orders": [_api_order(order) for order in orders]}}
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    (folder / "orders-api.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _write_tabbed(path: Path, rows: list[_Row], torn: str = "") -> None:
    """Write a flat file; `torn` is a last line that does not fit."""
    header = _COLUMNS[path.stem]
    lines = ["\t".join(header)]
    lines += ["\t".join(str(row.get(name, "")) for name in header) for row in rows]
    if torn:
        lines.append(torn)
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")


def _iso(at: dt.datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}+00:00" if at else ""


def _zulu(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _item_id(order: Order, number: int) -> str:
    """Return an order item id: fourteen digits made of the order's own."""
    digits = order.order_id.replace("-", "")
    return f"{digits[3:16]}{number}"


def _last_event(order: Order) -> dt.datetime:
    events = (order.purchased_at, order.shipped_at, order.delivered_at, order.canceled_at)
    return max(at for at in events if at is not None)


def _address(order: Order) -> _Row:
    city, state, code = order.town
    country = "GB" if order.store.code == "UK" else order.store.code
    return {
        "ship-city": city,
        "ship-state": state,
        "ship-postal-code": code,
        "ship-country": country,
    }


def _all_orders_rows(order: Order) -> list[_Row]:
    currency = order.store.currency
    status = _STATUS[order.status]
    delivered = order.delivered_at is not None and order.fulfillment == "merchant"
    rows = []
    for product, quantity in order.lines:
        row = {
            "amazon-order-id": order.order_id,
            "merchant-order-id": order.order_id,
            "purchase-date": _iso(order.purchased_at),
            "last-updated-date": _iso(_last_event(order)),
            "order-status": f"{status} - Delivered to Buyer" if delivered else status,
            "fulfillment-channel": order.fulfillment.title(),
            "sales-channel": order.store.domain.capitalize(),
            "ship-service-level": "Standard",
            "product-name": product.title,
            "sku": product.sku,
            "asin": product.asin,
            "item-status": status,
            "quantity": quantity,
            "currency": currency,
            "item-price": "" if order.canceled_at else f"{product.prices[currency] * quantity:.2f}",
            "is-business-order": "false",
        }
        rows.append(row | _address(order))
    return rows


def _unshipped_rows(order: Order, as_of: dt.datetime) -> list[_Row]:
    assert order.latest_ship_at is not None
    rows = []
    for number, (product, quantity) in enumerate(order.lines, start=1):
        row = {
            "order-id": order.order_id,
            "order-item-id": _item_id(order, number),
            "purchase-date": _iso(order.purchased_at),
            "payments-date": _iso(order.purchased_at + dt.timedelta(minutes=20)),
            "reporting-date": _iso(order.purchased_at + dt.timedelta(minutes=30)),
            "promise-date": _iso(order.latest_ship_at),
            "days-past-promise": (as_of - order.latest_ship_at).days,
            "buyer-email": order.buyer.address,
            "sku": product.sku,
            "product-name": product.title,
            "quantity-purchased": quantity,
            "quantity-shipped": 0,
            "quantity-to-ship": quantity,
            "ship-service-level": "Standard",
            "recipient-name": order.buyer.name,
            "is-business-order": "false",
            "is-prime": "false",
        }
        rows.append(row | _address(order))
    return rows


def _day(at: dt.datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%d-%b-%Y}"


def _return_status(row: Return) -> str:
    if row.refunded_at is not None:
        return "Completed"
    if row.authorized_at is not None:
        return "Approved"
    return "Rejected" if row.closed_at is not None else "PendingApproval"


def _return_row(row: Return, claimed: bool) -> _Row:
    order, zone = row.order, row.order.store.zone
    product = order.product
    return {
        "Order ID": order.order_id,
        "Order date": _day(order.purchased_at, zone),
        "Return request date": _day(row.requested_at, zone),
        "Return request status": _return_status(row),
        "Amazon RMA ID": row.return_id,
        "Label type": "AmazonPrePaidLabel" if row.authorized_by == "amazon" else " ",
        "Currency code": order.store.currency,
        "Label to be paid by": "Seller" if row.authorized_at else " ",
        "A-to-Z Claim": "Y" if claimed else "N",
        "Is prime": "N",
        "ASIN": product.asin,
        "Merchant SKU": product.sku,
        "Item Name": product.title,
        "Return quantity": 1,
        "Return Reason": row.reason,
        "In policy": "Y" if row.in_policy else "N",
        "Return type": "C-Returns",
        "Resolution": "StandardRefund",
        "Order Amount": f"{order.total:.2f}",
        "Order quantity": sum(quantity for _, quantity in order.lines),
        "Refunded Amount": f"{order.total:.2f}" if row.refunded_at else "",
        "Order Item ID": _item_id(order, 1),
    }


def _api_order(order: Order) -> _Row:
    units = sum(quantity for _, quantity in order.lines)
    shipped = units if order.shipped_at else 0
    found: _Row = {
        "AmazonOrderId": order.order_id,
        "PurchaseDate": _zulu(order.purchased_at),
        "LastUpdateDate": _zulu(_last_event(order)),
        "OrderStatus": "Canceled" if order.canceled_at else _STATUS[order.status],
        "FulfillmentChannel": "MFN" if order.fulfillment == "merchant" else "AFN",
        "SalesChannel": order.store.domain.capitalize(),
        "ShipServiceLevel": "Standard",
        "NumberOfItemsShipped": shipped,
        "NumberOfItemsUnshipped": 0 if order.canceled_at else units - shipped,
        "MarketplaceId": order.store.marketplace_id,
        "IsReplacementOrder": "false",
        "BuyerInfo": {"BuyerEmail": order.buyer.address} if order.canceled_at is None else {},
    }
    if order.canceled_at is None:
        found["OrderTotal"] = {"CurrencyCode": order.store.currency, "Amount": f"{order.total:.2f}"}
    if order.latest_ship_at is not None:
        found["LatestShipDate"] = _zulu(order.latest_ship_at)
    if order.promised_by is not None:
        found["LatestDeliveryDate"] = _zulu(order.promised_by)
    return found
