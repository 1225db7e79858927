"""Order reports of Amazon's: what each line comes to, and which lines do not fit."""

from __future__ import annotations

import pandas as pd
import pytest
from amazon_samples import (
    ALL_ORDERS_ROW,
    ARCHIVED_ROW,
    NEW_ORDERS_ROW,
    ORDER,
    OTHER,
    SHIPMENT_ROW,
    UNSHIPPED_ROW,
    table,
)

from sellerkit.errors import InputError
from sellerkit.read.registry import by_name
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import HISTORIES, conform

CONTEXT = Context("shop")


def parse(name: str, text: str | bytes, context: Context = CONTEXT) -> Parsed:
    data = text if isinstance(text, bytes) else text.encode()
    return by_name(name).parse(Source("report.txt", data), context)


def rows(parsed: Parsed, name: str) -> pd.DataFrame:
    """Return a table's rows as they come into the lake, by their order or item."""
    frame = parsed.tables[name].assign(account="shop")
    return conform(frame, HISTORIES[name])


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_all_orders_gives_an_order_and_its_items():
    parsed = parse("all_orders", table(ALL_ORDERS_ROW, ALL_ORDERS_ROW | {"sku": "8"}))
    (order,) = rows(parsed, "orders").to_dict("records")
    assert order["order_id"] == ORDER
    assert order["marketplace"] == "DE"
    assert order["status"] == "shipped"  # "Shipped - Delivered to Buyer"
    assert order["fulfillment"] == "merchant"
    assert order["total"] == 2 * (19.98 + 4.99 - 1.00)  # taxes are in the prices of amazon.de
    assert order["units"] == 4
    assert order["purchased_at"] == utc("2026-03-01 10:00")
    assert pd.isna(order["shipped_at"]) and pd.isna(order["delivered_at"])
    items = rows(parsed, "order_items")
    assert list(items["item_id"]) == ["007", "8"]
    assert items["title"][0] == 'Monitor 27" Übergröße'
    assert list(items["source_pos"]) == [2, 3]


def test_archived_orders_are_read_alike():
    both = [
        rows(parse("all_orders", table(row)), "orders") for row in (ALL_ORDERS_ROW, ARCHIVED_ROW)
    ]
    pd.testing.assert_frame_equal(*both)


def test_the_order_of_columns_and_the_separator_are_irrelevant():
    price = {"item-price": "19.98", "item-promotion-discount": "1.00"}
    plain = ALL_ORDERS_ROW | price | {"product-name": "Monitor", "promotion-ids": ""}
    expected = rows(parse("all_orders", table(plain)), "orders")
    for sep in ("\t", ",", ";"):
        text = table(plain, sep=sep, order=sorted(plain, reverse=True))
        pd.testing.assert_frame_equal(rows(parse("all_orders", text), "orders"), expected)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_an_encoding_loses_no_letter(encoding):
    parsed = parse("all_orders", table(ALL_ORDERS_ROW).encode(encoding))
    assert rows(parsed, "order_items")["title"][0] == 'Monitor 27" Übergröße'
    told = [] if encoding.startswith("utf-8") else [f"report.txt: read as {encoding}"]
    assert parsed.warnings == told


def test_japanese_in_cp932_is_read_where_the_store_tells():
    row = ALL_ORDERS_ROW | {"product-name": "表示器", "ship-city": "東京"}
    data = table(row).encode("cp932")
    parsed = parse("all_orders", data, Context("shop", marketplace="JP"))
    assert rows(parsed, "order_items")["title"][0] == "表示器"


def test_a_short_line_lacks_its_last_columns_and_a_long_one_is_set_aside():
    header, line = table(ALL_ORDERS_ROW).split("\n")
    short = "\t".join(line.split("\t")[:13])
    parsed = parse("all_orders", "\n".join([header, short, line + "\tx\ty"]))
    assert rows(parsed, "orders")["units"][0] == 2
    assert pd.isna(rows(parsed, "orders")["total"][0])
    (unfit,) = parsed.quarantined
    assert (unfit.pos, unfit.reason) == (3, "27 cells where the header has 25")


@pytest.mark.parametrize(
    "written", ["04-30-22", "03/04/26", "30.04.2026", "2026-13-01T00:00:00Z", "9999-12-31"]
)
def test_a_date_edited_by_hand_is_not_guessed(written):
    parsed = parse("all_orders", table(ALL_ORDERS_ROW, ALL_ORDERS_ROW | {"purchase-date": written}))
    (unfit,) = parsed.quarantined
    assert unfit.pos == 3
    assert unfit.reason == f"purchase-date: {written!r} is no date or time"
    assert len(rows(parsed, "order_items")) == 1


def test_a_header_repeated_among_the_lines_is_set_aside():
    header, line = table(ALL_ORDERS_ROW).split("\n")
    parsed = parse("all_orders", "\n".join([header, header, line]))
    assert [unfit.pos for unfit in parsed.quarantined] == [2]
    assert len(rows(parsed, "orders")) == 1


def test_a_status_of_no_known_word_is_set_aside_and_a_blank_one_unknown():
    blank = ALL_ORDERS_ROW | {"order-status": "", "amazon-order-id": OTHER}
    parsed = parse("all_orders", table(ALL_ORDERS_ROW | {"order-status": "Lost"}, blank))
    assert parsed.quarantined[0].reason == "order-status: 'Lost' is no known word"
    assert rows(parsed, "orders")["status"].isna().all()


def test_a_report_without_its_key_is_refused_with_the_columns_that_it_has():
    text = table({name: "" for name in ALL_ORDERS_ROW if name != "purchase-date"})
    with pytest.raises(InputError, match=r"report\.txt: line 1: column purchase-date is missing"):
        parse("all_orders", text)


def test_unshipped_gives_the_day_to_ship_by():
    (order,) = rows(parse("unshipped_orders", table(UNSHIPPED_ROW)), "orders").to_dict("records")
    assert order["latest_ship_at"] == utc("2026-03-04 07:59:59")
    assert (order["status"], order["fulfillment"], order["marketplace"]) == (
        "unshipped", "merchant", "US",
    )  # fmt: skip


def test_new_orders_say_neither_status_nor_who_fulfills():
    parsed = parse("new_orders", table(NEW_ORDERS_ROW))
    (order,) = rows(parsed, "orders").to_dict("records")
    assert pd.isna(order["status"]) and pd.isna(order["fulfillment"])
    assert order["marketplace"] == "US"
    assert order["total"] == 27.0  # 20.00 + 1.50 + 5.00 + 0.50: taxes come on top in the US
    assert order["promised_by"] == utc("2026-03-10 02:00")
    assert order["units"] == 2
    (item,) = rows(parsed, "order_items").to_dict("records")
    assert (item["item_id"], item["sku"], item["quantity"], item["price"]) == (
        "00001", "007", 2, 20.0,
    )  # fmt: skip


def test_a_scheduled_delivery_without_its_offset_is_not_guessed():
    parsed = parse("new_orders", table(NEW_ORDERS_ROW | {"delivery-end-date": "2026-03-09T18:00"}))
    assert rows(parsed, "orders")["promised_by"].isna().all()
    assert not parsed.quarantined


def test_of_several_shipments_the_first_ships_the_order_and_the_last_is_promised():
    first = SHIPMENT_ROW | {
        "shipment-date": "2026-03-02T08:00:00-08:00",
        "tracking-number": "",
        "estimated-arrival-date": "2026-03-05T20:00:00-08:00",
    }
    parsed = parse("fba_shipments", table(SHIPMENT_ROW, first))
    (order,) = rows(parsed, "orders").to_dict("records")
    assert order["shipped_at"] == utc("2026-03-02 16:00")
    assert order["promised_by"] == utc("2026-03-07 04:00")
    assert (order["status"], order["fulfillment"]) == ("shipped", "amazon")
    assert order["carrier"] == "UPS"
    assert pd.isna(order["tracking_id"])  # the first has none; the second's is not its own
    assert pd.isna(order["total"]) and pd.isna(order["units"])
    assert len(rows(parsed, "order_items")) == 1
    assert parsed.used == 2


def test_an_order_from_another_channel_has_no_store():
    row = SHIPMENT_ROW | {
        "amazon-order-id": "S01-1234567-1234567",
        "sales-channel": "Non-Amazon",
        "purchase-date": "",
        "currency": "",
    }
    parsed = parse("fba_shipments", table(row), Context("shop", marketplace="US"))
    (order,) = rows(parsed, "orders").to_dict("records")
    assert pd.isna(order["marketplace"]) and pd.isna(order["purchased_at"])


def test_a_shipment_without_its_date_is_set_aside():
    parsed = parse("fba_shipments", table(SHIPMENT_ROW | {"shipment-date": ""}))
    assert parsed.quarantined[0].reason == "shipment-date: is missing"
    assert rows(parsed, "orders").empty


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (["1,234.56", "-1,052.64"], [1234.56, -1052.64]),
        (["1.234,56", "119,00 €", "EUR 169,01"], [1234.56, 119.0, 169.01]),
        (["EUR 169.01", "1,234"], [169.01, 1234.0]),
        (["1.234", "119,00"], [1234.0, 119.0]),
        (["1,234"], [None]),
        (["1.234"], [None]),
        (["1.230"], [None]),
        (["1.230", "5.00"], [1.23, 5.0]),
        (["12.5", "7", None], [12.5, 7.0, None]),
        (["0.125", "1234.567"], [0.125, 1234.567]),
        (["1,234,567", "1.234.567"], [1234567.0, 1234567.0]),
        (["1E5", "12-5", "free"], [None, None, None]),
    ],
)
def test_amounts_are_read_as_stores_write_them_and_never_guessed(cells, amounts):
    from sellerkit.read import values

    found, bad = values.money(pd.Series(cells, dtype="str"))
    assert [None if pd.isna(value) else value for value in found] == amounts
    assert list(bad) == [
        amount is None and cell is not None for cell, amount in zip(cells, amounts, strict=True)
    ]


def test_setting_many_lines_aside_takes_no_longer_than_reading_them():
    header, line = table(ALL_ORDERS_ROW).split("\n")
    bad = line.replace("2026-03-01T10:00:00+00:00", "04-30-22")
    parsed = parse("all_orders", "\n".join([header, *[bad] * 20_000]))
    assert len(parsed.quarantined) == 20_000
    assert parsed.quarantined[-1].raw == bad
    assert parsed.quarantined[-1].pos == 20_001
