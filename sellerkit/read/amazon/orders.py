"""Order reports: All Orders, new orders, and the unshipped ones with the date to ship by.

Columns: formats.md 1. Buyers' names, addresses and telephone numbers are not read.
"""

from __future__ import annotations

import pandas as pd

from sellerkit.read import values
from sellerkit.read.amazon.report import (
    Reading,
    column,
    numbered,
    repeated,
    speaks_of,
    stores_of,
    stores_of_mails,
)
from sellerkit.read.flat import read_lines, require
from sellerkit.read.parts import by_parts
from sellerkit.read.source import Context, Format, Parsed, Source
from sellerkit.read.text_parts import record_at

#: Amazon's words for the state of an order, without case, and ours.
STATUSES = {
    "pending": "pending",
    "pendingavailability": "pending",
    "unshipped": "unshipped",
    "partiallyshipped": "unshipped",
    "shipping": "unshipped",
    "complete": "shipped",
    "invoiceunconfirmed": "shipped",
    "shipped": "shipped",
    "cancelled": "canceled",
    "canceled": "canceled",
}

#: … and for who fulfills it.
FULFILLMENTS = {"amazon": "amazon", "afn": "amazon", "merchant": "merchant", "mfn": "merchant"}

#: In these stores the price of an item does not include its tax.
_TAX_ON_TOP = ("US", "CA")

_PAID = ("item_price", "shipping_price", "gift_wrap_price")
_TAXES = ("item_tax", "shipping_tax", "gift_wrap_tax")
_OFF = ("item_promotion_discount", "ship_promotion_discount")

#: The columns of All Orders that are read.
_READ = frozenset(
    {
        "amazon_order_id", "sales_channel", "currency", "purchase_date", "order_status",
        "fulfillment_channel", "quantity", "last_updated_date", "sku", "asin", "product_name",
        *_PAID, *_TAXES, *_OFF,
    }
)  # fmt: skip

#: What of a line is the item's, and what the order's.
_ITEM = ["order_id", "item_id", "sku", "asin", "title", "quantity", "price", "source_pos"]
_ORDER = [
    "order_id", "marketplace", "purchased_at", "status", "fulfillment", "total", "currency",
    "units", "updated_at", "source_pos",
]  # fmt: skip


def parse_all_orders(source: Source, context: Context) -> Parsed:
    """Read an All Orders flat file, by order date, by last update or archived: a line per item.

    `total` is what the buyer paid for the lines of an order: items, shipping and gift wrap less
    promotions, and taxes where prices do not include them (US, CA). The report does not say when
    an order was shipped, delivered or canceled, and last-updated-date is not taken for any of it.
    """
    parsed = by_parts(source, context, _all_orders_part)
    orders, items = (pd.DataFrame(parsed.tables[name]) for name in ("orders", "order_items"))
    torn = repeated(orders["order_id"])
    if torn.any():  # lines of one order stand in several parts
        rows = items["order_id"].isin(orders.loc[torn, "order_id"])
        items.loc[rows, "item_id"] = _item_ids(items[rows])
        whole = [orders[~torn], _by_order(orders[torn])]
        parsed.tables |= {"order_items": items, "orders": pd.concat(whole, ignore_index=True)}
    return parsed


def _all_orders_part(source: Source, context: Context) -> Parsed:
    """Read an All Orders report, or a part of one."""
    parsed = _all_orders_lines(source, context)
    rows = pd.DataFrame(parsed.tables.pop("lines"))
    items = rows.rename(columns={"units": "quantity"})
    items["item_id"] = _item_ids(items)
    parsed.tables["order_items"] = items[_ITEM]
    parsed.tables["orders"] = _by_order(rows[_ORDER])
    return parsed


def _item_ids(items: pd.DataFrame) -> pd.Series:
    return numbered(items["order_id"], items["sku"].fillna(items["asin"]))


def _all_orders_lines(source: Source, context: Context) -> Parsed:
    """Read the lines of an All Orders report, each by itself."""
    lines = read_lines(source, context, wanted=_READ)
    require(source, lines, ("amazon_order_id", "purchase_date"), "-")
    reading = Reading(lines, context)
    stores = stores_of(column(lines, "sales_channel")).fillna(context.marketplace)
    zones = values.zones(stores, None, column(lines, "currency"))
    rows = pd.DataFrame(
        {
            "order_id": reading.needed("amazon_order_id"),
            "marketplace": stores,
            "purchased_at": reading.instants("purchase_date", zones),
            "status": reading.mapped("order_status", STATUSES),
            "fulfillment": reading.mapped("fulfillment_channel", FULFILLMENTS),
            "total": _total(reading, stores),
            "currency": column(lines, "currency"),
            "units": reading.whole("quantity"),
            "updated_at": reading.instants("last_updated_date", zones),
            "sku": column(lines, "sku"),
            "asin": column(lines, "asin"),
            "title": column(lines, "product_name"),
            "price": reading.money("item_price"),
        }
    )
    lines.parsed.tables["lines"] = reading.kept(rows)
    return lines.parsed


def _total(reading: Reading, stores: pd.Series) -> pd.Series:
    paid = pd.DataFrame({name: reading.money(name) for name in _PAID})
    taxes = pd.DataFrame({name: reading.money(name) for name in _TAXES}).sum(axis=1)
    off = pd.DataFrame({name: reading.money(name).abs() for name in _OFF}).sum(axis=1)
    # no price at all is no price of nothing
    total = paid.sum(axis=1, min_count=1) - off
    return (total + taxes.where(stores.isin(_TAX_ON_TOP), 0.0)).round(2)


def _by_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Fold the lines of each order into one row: amounts and units are added up."""
    several = repeated(rows["order_id"])
    grouped = rows[several].groupby("order_id", sort=False)
    folded = grouped.first()
    folded["total"] = grouped["total"].sum(min_count=1).round(2)
    folded["units"] = grouped["units"].sum(min_count=1)
    whole = pd.concat([rows[~several], folded.reset_index()], ignore_index=True)
    return whole.astype({"source_pos": "Int64"}).sort_values("source_pos", ignore_index=True)


def parse_unshipped(source: Source, context: Context) -> Parsed:
    """Read an unshipped-orders report: one line per item that is still to be shipped.

    `promise-date` is the day by which the seller promised to ship, so it is `latest_ship_at`.
    The store is that of the buyer's relay address. `reporting-date` tells how new the line is.
    """
    lines = read_lines(source, context)
    require(source, lines, ("order_id", "purchase_date", "promise_date"), "-")
    reading = Reading(lines, context)
    stores = stores_of_mails(column(lines, "buyer_email")).fillna(context.marketplace)
    zones = values.zones(stores, None, None)
    rows = pd.DataFrame(
        {
            "order_id": reading.needed("order_id"),
            "marketplace": stores,
            "purchased_at": reading.instants("purchase_date", zones),
            "latest_ship_at": reading.instants("promise_date", zones),
            "updated_at": reading.instants("reporting_date", zones),
            "units": reading.whole("quantity_purchased"),
            "item_id": column(lines, "order_item_id"),
            "sku": column(lines, "sku"),
            "title": column(lines, "product_name"),
        }
    ).assign(status="unshipped", fulfillment="merchant", total=float("nan"))
    kept = reading.kept(rows)
    items = kept[kept["item_id"].notna()].rename(columns={"units": "quantity"})
    lines.parsed.tables["order_items"] = items.drop(columns="total")
    lines.parsed.tables["orders"] = _by_order(kept)
    return lines.parsed


def parse_new_orders(source: Source, context: Context) -> Parsed:
    """Read a new-orders report (of 2009 and after): one line per item.

    It says neither how an order stands nor who fulfills it, so both stay null. The store is that
    of the buyer's relay address. `delivery-end-date`, where a delivery was scheduled, is
    `promised_by` if it names its offset.
    """
    lines = read_lines(source, context)
    require(source, lines, ("order_id", "purchase_date"), "-")
    reading = Reading(lines, context)
    stores = stores_of_mails(column(lines, "buyer_email")).fillna(context.marketplace)
    zones = values.zones(stores, None, column(lines, "currency"))
    scheduled = column(lines, "delivery_end_date")
    offset = scheduled.str.contains(r"(?:[Zz]|[+-]\d{2}:?\d{2})$").fillna(False).astype(bool)
    rows = pd.DataFrame(
        {
            "order_id": reading.needed("order_id"),
            "marketplace": stores,
            "purchased_at": reading.instants("purchase_date", zones),
            "promised_by": values.instants(scheduled.where(offset), zones)[0],
            "total": _total(reading, stores),
            "currency": column(lines, "currency"),
            "units": reading.whole("quantity_purchased"),
            "item_id": column(lines, "order_item_id"),
            "sku": column(lines, "sku"),
            "title": column(lines, "product_name"),
            "price": reading.money("item_price"),
        }
    )
    kept = reading.kept(rows)
    items = kept[kept["item_id"].notna()].rename(columns={"units": "quantity"})
    lines.parsed.tables["order_items"] = items.drop(columns="total")
    lines.parsed.tables["orders"] = _by_order(kept)
    return lines.parsed


ALL_ORDERS = Format(
    name="all_orders",
    about="All Orders report, by order date, by last update or archived, one line per item",
    recognised_by="columns such as amazon-order-id, purchase-date, order-status, sales-channel",
    example="amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status",
    matches=lambda source: speaks_of(
        source,
        frozenset(
            {
                "amazon_order_id", "purchase_date", "last_updated_date", "order_status",
                "sales_channel", "fulfillment_channel", "item_status",
            }
        ),
        without=frozenset({"shipment_id", "shipment_date"}),
    ),
    parse=parse_all_orders,
    unit=record_at,
)  # fmt: skip

UNSHIPPED_ORDERS = Format(
    name="unshipped_orders",
    about="Unshipped orders report (Seller Central, Order reports), with the day to ship by",
    recognised_by="columns such as order-id, promise-date, days-past-promise, quantity-to-ship",
    example="order-id\torder-item-id\tpurchase-date\tpayments-date\treporting-date\tpromise-date",
    matches=lambda source: speaks_of(
        source,
        frozenset(
            {"promise_date", "days_past_promise", "quantity_to_ship", "quantity_shipped",
             "reporting_date"}
        ),
        without=frozenset({"amazon_order_id"}),
    ),
    parse=parse_unshipped,
    unit=record_at,
)  # fmt: skip

NEW_ORDERS = Format(
    name="new_orders",
    about="New orders report (Seller Central, Order reports), one line per item",
    recognised_by="columns such as order-id, payments-date, quantity-purchased, recipient-name",
    example="order-id\torder-item-id\tpurchase-date\tpayments-date\tbuyer-email\tbuyer-name",
    matches=lambda source: speaks_of(
        source,
        frozenset(
            {"order_id", "order_item_id", "purchase_date", "payments_date", "quantity_purchased",
             "recipient_name", "delivery_start_date", "delivery_end_date"}
        ),
        of_which=4,
        without=frozenset({"amazon_order_id", "promise_date", "quantity_to_ship"}),
    ),
    parse=parse_new_orders,
    unit=record_at,
)  # fmt: skip
