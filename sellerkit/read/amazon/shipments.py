"""The report of what Amazon shipped from its warehouses (FBA shipments)."""

from __future__ import annotations

import pandas as pd

from sellerkit.read import values
from sellerkit.read.amazon.report import Reading, column, speaks_of, stores_of
from sellerkit.read.flat import read_lines, require
from sellerkit.read.source import Context, Format, Parsed, Source
from sellerkit.read.text_parts import record_at


def parse(source: Source, context: Context) -> Parsed:
    """Read an Amazon-fulfilled shipments report: one line per item of a shipment.

    An order may have several shipments. The first gives `shipped_at`, `carrier` and
    `tracking_id`: from then on the order is shipped. The latest estimated arrival is
    `promised_by`. A report of some days need not hold all of an order's shipments, so what was
    paid for it and how many units it has stay null: All Orders tells. Orders from other channels
    (``S01-…``) have neither store nor day of purchase.
    """
    lines = read_lines(source, context)
    require(source, lines, ("amazon_order_id", "shipment_date"), "-")
    reading = Reading(lines, context)
    given = stores_of(column(lines, "sales_channel"))
    elsewhere = column(lines, "sales_channel").str.casefold().eq("non-amazon").astype(bool)
    stores = given.fillna(context.marketplace).mask(elsewhere)
    zones = values.zones(stores, None, column(lines, "currency"))
    rows = pd.DataFrame(
        {
            "order_id": reading.needed("amazon_order_id"),
            "marketplace": stores,
            "purchased_at": reading.instants("purchase_date", zones),
            "shipped_at": reading.instants("shipment_date", zones),
            "promised_by": reading.instants("estimated_arrival_date", zones),
            "updated_at": reading.instants("reporting_date", zones),
            "carrier": column(lines, "carrier"),
            "tracking_id": column(lines, "tracking_number"),
            "item_id": column(lines, "amazon_order_item_id"),
            "sku": column(lines, "sku"),
            "title": column(lines, "product_name"),
        }
    ).assign(status="shipped", fulfillment="amazon")
    reading.needed("shipment_date")
    kept = reading.kept(rows)
    items = kept[kept["item_id"].notna()].drop_duplicates(["order_id", "item_id"])
    lines.parsed.tables["order_items"] = items.reset_index(drop=True)
    lines.parsed.tables["orders"] = _by_order(kept)
    return lines.parsed


def _by_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Fold the shipments of each order into one row, the first shipment's."""
    grouped = rows.sort_values("shipped_at", kind="stable").groupby("order_id", sort=False)
    # its own carrier and number, be they null, and not those of a later shipment
    folded = grouped.first().assign(
        carrier=grouped["carrier"].nth(0).set_axis(grouped["order_id"].nth(0)),
        tracking_id=grouped["tracking_id"].nth(0).set_axis(grouped["order_id"].nth(0)),
        promised_by=grouped["promised_by"].max(),
        updated_at=grouped["updated_at"].max(),
    )
    return folded.reset_index().astype({"source_pos": "Int64"})


FBA_SHIPMENTS = Format(
    name="fba_shipments",
    about="Amazon-fulfilled shipments report (Seller Central, Fulfillment), a line per item",
    recognised_by="columns such as amazon-order-id, shipment-id, shipment-date, tracking-number",
    example="amazon-order-id\tmerchant-order-id\tshipment-id\tshipment-item-id\tshipment-date",
    matches=lambda source: speaks_of(
        source,
        frozenset(
            {
                "amazon_order_id", "shipment_id", "shipment_item_id", "shipment_date",
                "estimated_arrival_date", "tracking_number", "amazon_order_item_id",
            }
        ),
        of_which=4,
    ),
    parse=parse,
    unit=record_at,
)  # fmt: skip
