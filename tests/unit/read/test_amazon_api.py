"""Answers of Amazon's API: orders and items of v0 and of 2026-01-01, and all others."""

from __future__ import annotations

import copy
import json

import pandas as pd
import pytest
from amazon_samples import ORDER, ORDER_ITEMS_V0, ORDERS_2026, ORDERS_V0, as_json

from sellerkit.errors import InputError
from sellerkit.read.registry import by_name, detect
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import HISTORIES, conform

CONTEXT = Context("shop")


def parse(data: bytes, name: str | None = None) -> Parsed:
    source = Source("answer.json", data)
    form = by_name(name) if name else detect(source)
    assert form is not None
    parsed = form.parse(source, CONTEXT)
    assert parsed.used + sum(parsed.skipped.values()) + len(parsed.quarantined) == parsed.read
    return parsed


def rows(parsed: Parsed, name: str) -> list[dict[str, object]]:
    frame = conform(parsed.tables[name].assign(account="shop"), HISTORIES[name])
    return frame.to_dict("records")


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


V0 = ORDERS_V0["payload"]["Orders"][0]
NEW = ORDERS_2026["orders"][0]


@pytest.mark.parametrize(
    "data",
    [
        as_json(ORDERS_V0),
        as_json(ORDERS_V0["payload"]),
        as_json({"payload": V0}),
        as_json(V0),
        as_json([V0]),
        as_json([ORDERS_V0]),
        as_json(V0) + b"\r\n" + as_json(V0 | {"AmazonOrderId": "x"}),
    ],
)
def test_v0_orders_are_read_from_every_wrapping(data):
    row = rows(parse(data), "orders")[0]
    assert row["order_id"] == ORDER
    assert (row["status"], row["fulfillment"], row["marketplace"]) == (
        "unshipped",
        "merchant",
        "DE",
    )
    assert (row["total"], row["currency"], row["units"]) == (24.97, "EUR", 2)
    assert row["latest_ship_at"] == utc("2026-03-03 22:59:59")
    assert row["promised_by"] == utc("2026-03-06 22:59:59")


def test_v0_items_put_into_their_order_are_read_too():
    items = ORDER_ITEMS_V0["payload"]["OrderItems"]
    parsed = parse(
        as_json([V0 | {"OrderItems": items}, {"AmazonOrderId": None, "OrderItems": items}])
    )
    assert [row["item_id"] for row in rows(parsed, "order_items")] == ["05015851154158"]
    assert [unfit.reason for unfit in parsed.quarantined] == ["AmazonOrderId: is missing"]


def test_v0_items_keep_their_zeros_and_the_price_of_all_units():
    (row,) = rows(parse(as_json(ORDER_ITEMS_V0)), "order_items")
    assert (row["order_id"], row["item_id"], row["sku"]) == (ORDER, "05015851154158", "007")
    assert (row["quantity"], row["price"], row["title"]) == (2, 19.98, "Tasse")


def test_an_item_that_does_not_fit_is_set_aside():
    answer = copy.deepcopy(ORDER_ITEMS_V0)
    answer["payload"]["OrderItems"] += [{"OrderItemId": "1", "QuantityOrdered": "two"}, "x"]
    parsed = parse(as_json(answer))
    assert [(unfit.pos, unfit.reason) for unfit in parsed.quarantined] == [
        (1, "QuantityOrdered: 'two' is no whole number"),
        (2, "OrderItemId: is missing"),
    ]
    assert parsed.used == 1


@pytest.mark.parametrize(
    "data",
    [as_json(ORDERS_2026), as_json({"order": NEW}), as_json([NEW]), as_json({"payload": NEW})],
)
def test_2026_orders_are_read_from_every_wrapping(data):
    parsed = parse(data)
    (row,) = rows(parsed, "orders")
    assert row["order_id"] == ORDER
    assert (row["status"], row["fulfillment"], row["marketplace"]) == (
        "unshipped",
        "merchant",
        "UK",
    )
    assert (row["total"], row["currency"], row["units"]) == (24.97, "GBP", 2)
    assert row["purchased_at"] == utc("2026-03-01 10:00")
    assert row["latest_ship_at"] == utc("2026-03-03 22:59:59")
    assert row["promised_by"] == utc("2026-03-06 22:59:59")
    assert row["shipped_at"] == utc("2026-03-02 09:00")  # the first of its packages
    assert (row["carrier"], row["tracking_id"]) == ("DHL", "1")
    assert parsed.tables["orders"]["updated_at"][0] == utc("2026-03-02 10:00")
    (item,) = rows(parsed, "order_items")
    assert (item["item_id"], item["sku"], item["asin"], item["quantity"], item["price"]) == (
        "05015851154158", "007", "B000000001", 2, 19.98,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "expected"),
    [("MERCHANT", "seller"), ("BUYER", "buyer"), ("AMAZON", "amazon"), ("SOMEBODY", None)],
)
def test_2026_who_canceled_is_read(said, expected):
    execution = {"cancelledBy": said, "cancelReason": "no stock"}
    item = NEW["orderItems"][0] | {"cancellation": {"cancellationExecution": execution}}
    order = NEW | {"orderItems": [item, item], "fulfillment": {"fulfillmentStatus": "CANCELLED"}}
    (row,) = rows(parse(as_json(order)), "orders")
    assert row["status"] == "canceled"
    assert (row["canceled_by"] if isinstance(row["canceled_by"], str) else None) == expected
    assert row["cancel_reason"] == "no stock"
    assert pd.isna(row["canceled_at"])


def test_2026_items_that_differ_on_who_canceled_tell_nobody():
    def item(by: str) -> dict[str, object]:
        return NEW["orderItems"][0] | {
            "cancellation": {"cancellationExecution": {"cancelledBy": by}}
        }

    (row,) = rows(parse(as_json(NEW | {"orderItems": [item("BUYER"), item("AMAZON")]})), "orders")
    assert pd.isna(row["canceled_by"])


def test_2026_an_order_with_an_item_that_does_not_fit_is_set_aside_whole():
    bad = NEW | {"orderItems": [{"quantityOrdered": 1}]}
    parsed = parse(as_json({"orders": [NEW, bad, {"createdTime": "x"}, 7]}))
    assert [(unfit.pos, unfit.reason) for unfit in parsed.quarantined] == [
        (1, "orderItems: orderItemId: is missing"),
        (2, "orderId: is missing"),
        (3, "orderId: is missing"),
    ]
    assert len(rows(parsed, "orders")) == len(rows(parsed, "order_items")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"payload": {"AmazonOrderId": ORDER, "BuyerEmail": "a@b"}},
        {"payload": {"AmazonOrderId": ORDER, "ShippingAddress": {"City": "X"}}},
        {"payload": {"uploadDestinationId": "x", "url": "http://localhost"}},
        {"reportDocumentId": "x", "url": "http://localhost", "compressionAlgorithm": "GZIP"},
        {"reportId": "1", "reportType": "X", "processingStatus": "DONE"},
        {"reports": [{"reportId": "1", "reportType": "X"}], "nextToken": "y"},
        {"_links": {"self": {"href": "/messaging/v1/orders/1?marketplaceIds=X"}}},
        {"errors": []},
        {"errors": [{"code": "InvalidInput", "message": "no", "details": ""}]},
    ],
)
def test_answers_that_hold_nothing_are_known_and_skipped(answer):
    parsed = parse(as_json(answer))
    assert detect(Source("x", as_json(answer))) is by_name("amazon_api_other")
    assert (parsed.read, parsed.used, len(parsed.quarantined)) == (1, 0, 0)
    assert parsed.tables == {}


@pytest.mark.parametrize("name", ["orders_v0", "order_items_v0", "orders_2026_01_01"])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"orderId": ', "line 1, column 13: Expecting value; the JSON is cut or damaged"),
        (b'{"a": 1}\n{"a": ', "line 2, column 7: Expecting value"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"1" * 5000 + b"}", "with an endless number"),
        (b'{"a": "\xe4"}', "byte 7 is not UTF-8"),
    ],
)
def test_json_that_is_none_is_refused_with_the_place(name, data, message):
    with pytest.raises(InputError, match=message):
        parse(data, name)


def test_half_a_character_does_not_reach_a_table():
    data = json.dumps(V0 | {"SalesChannel": "\ud800", "AmazonOrderId": "a\udc00b"}).encode()
    (row,) = rows(parse(data), "orders")
    assert row["order_id"] == "a\ufffdb"
    pd.DataFrame([row])["order_id"].astype("str").str.encode("utf-8")
