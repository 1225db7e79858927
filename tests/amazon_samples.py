"""One small file of each report and API answer, written for the tests."""

from __future__ import annotations

import json

ORDER = "302-1234567-1234567"
OTHER = "303-7654321-7654321"


def table(*rows: dict[str, str], sep: str = "\t", order: list[str] | None = None) -> str:
    """Return rows as a text table; columns in a given order, or as they come."""
    names = order or list(dict.fromkeys(name for row in rows for name in row))
    return "\n".join(
        sep.join(line) for line in [names, *([r.get(n, "") for n in names] for r in rows)]
    )


ALL_ORDERS_ROW = {
    "amazon-order-id": ORDER,
    "merchant-order-id": "",
    "purchase-date": "2026-03-01T10:00:00+00:00",
    "last-updated-date": "2026-03-02T10:00:00+00:00",
    "order-status": "Shipped - Delivered to Buyer",
    "fulfillment-channel": "Merchant",
    "sales-channel": "Amazon.de",
    "ship-service-level": "Standard",
    "product-name": 'Monitor 27" Übergröße',
    "sku": "007",
    "asin": "B000000001",
    "item-status": "Shipped",
    "quantity": "2",
    "currency": "EUR",
    "item-price": "19.98",
    "item-tax": "3.19",
    "shipping-price": "4.99",
    "shipping-tax": "",
    "gift-wrap-price": "",
    "gift-wrap-tax": "",
    "item-promotion-discount": "1.00",
    "ship-promotion-discount": "",
    "ship-city": "Köln",
    "ship-country": "DE",
    "promotion-ids": "a,b",
}

ARCHIVED_ROW = {
    name: cell for name, cell in ALL_ORDERS_ROW.items() if name != "ship-city"
} | {
    "url": "", "ship-promotion-id": "", "customized-url": "", "is-heavy-or-bulky": "false",
}  # fmt: skip

UNSHIPPED_ROW = {
    "order-id": ORDER,
    "order-item-id": "00001",
    "purchase-date": "2026-03-01T10:00:00-08:00",
    "payments-date": "2026-03-01T10:00:00-08:00",
    "reporting-date": "2026-03-02T10:00:00-08:00",
    "promise-date": "2026-03-03T23:59:59-08:00",
    "days-past-promise": "-1",
    "buyer-email": "abc@marketplace.amazon.com",
    "sku": "007",
    "product-name": "Cup",
    "quantity-purchased": "1",
    "quantity-shipped": "0",
    "quantity-to-ship": "1",
    "recipient-name": "",
}

NEW_ORDERS_ROW = {
    "order-id": ORDER,
    "order-item-id": "00001",
    "purchase-date": "2026-03-01T10:00:00-08:00",
    "payments-date": "2026-03-01T10:00:00-08:00",
    "buyer-email": "abc@marketplace.amazon.com",
    "buyer-name": "",
    "sku": "007",
    "product-name": "Cup",
    "quantity-purchased": "2",
    "currency": "USD",
    "item-price": "20.00",
    "item-tax": "1.50",
    "shipping-price": "5.00",
    "shipping-tax": "0.50",
    "recipient-name": "",
    "delivery-start-date": "",
    "delivery-end-date": "2026-03-09T18:00:00-08:00",
    "delivery-time-zone": "",
    "delivery-Instructions": "",
}

SHIPMENT_ROW = {
    "amazon-order-id": ORDER,
    "merchant-order-id": "",
    "shipment-id": "S2",
    "shipment-item-id": "I2",
    "amazon-order-item-id": "00001",
    "purchase-date": "2026-03-01T10:00:00-08:00",
    "payments-date": "2026-03-01T10:00:00-08:00",
    "shipment-date": "2026-03-03T08:00:00-08:00",
    "reporting-date": "2026-03-03T12:00:00-08:00",
    "sku": "007",
    "product-name": "Cup",
    "quantity-shipped": "1",
    "currency": "USD",
    "item-price": "20.00",
    "carrier": "UPS",
    "tracking-number": "1Z2",
    "estimated-arrival-date": "2026-03-06T20:00:00-08:00",
    "fulfillment-channel": "AFN",
    "sales-channel": "Amazon.com",
}

MFN_RETURN_ROW = {
    "Order ID": ORDER,
    "Order date": "01-Mar-2026",
    "Return request date": "10-Mar-2026",
    "Return request status": "Approved",
    "Amazon RMA ID": "R1",
    "Merchant RMA ID": "",
    "Label type": "AmazonPrePaidLabel",
    "Currency code": "EUR",
    "Tracking ID": " ",
    "A-to-Z Claim": "N",
    "ASIN": "B000000001",
    "Merchant SKU": "007",
    "Return Reason": "CR-DEFECTIVE",
    "In policy": "Y",
    "Refunded Amount": "19.98",
}

XML_RETURN = f"""<return_details>
<item_details><item_name>Tasse ä</item_name><asin>B000000001</asin>
<return_reason_code>CR-DEFECTIVE</return_reason_code><merchant_sku>007</merchant_sku>
<in_policy>Y</in_policy><return_quantity>1</return_quantity><refund_amount>9.99</refund_amount>
</item_details>
<order_id>{ORDER}</order_id><order_date>2026-03-01T10:00:00Z</order_date>
<amazon_rma_id>R1</amazon_rma_id>
<return_request_date>2026-03-10T12:44:17Z</return_request_date>
<return_request_status>Approved</return_request_status><a_to_z_claim>false</a_to_z_claim>
<label_details><tracking_id>T1</tracking_id><currency_code>EUR</currency_code>
<label_type>AmazonUnPaidLabel</label_type></label_details>
<order_quantity>2</order_quantity></return_details>"""


def xml_returns(*returns: str, encoding: str = "UTF-8") -> bytes:
    body = f"<AmazonEnvelope><Message>{''.join(returns)}</Message></AmazonEnvelope>"
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{body}'.encode(encoding)


FBA_RETURN_ROW = {
    "return-date": "2026-03-20T00:00:00-08:00",
    "order-id": ORDER,
    "sku": "007",
    "asin": "B000000001",
    "fnsku": "X000000001",
    "product-name": "Cup",
    "quantity": "1",
    "fulfillment-center-id": "PHX3",
    "detailed-disposition": "SELLABLE",
    "reason": "DEFECTIVE",
    "status": "Unit returned to inventory",
    "license-plate-number": "LPN1",
    "customer-comments": "",
}

REIMBURSEMENT_ROW = {
    "approval-date": "2026-03-20T00:00:00-08:00",
    "reimbursement-id": "1",
    "case-id": "2",
    "amazon-order-id": ORDER,
    "reason": "Lost_Warehouse",
    "sku": "007",
    "amount-per-unit": "1.00",
    "quantity-reimbursed-total": "1",
    "original-reimbursement-id": "",
}

FEEDBACK_ROW = {
    "Date": "03/04/26",
    "Rating": "5",
    "Comments": "Great",
    "Your Response": "",
    "Order ID": ORDER,
    "Rater Email": "abc@marketplace.amazon.com",
}

_SETTLED = {
    "settlement-id": "1",
    "settlement-start-date": "01.03.2026 00:00:00 UTC",
    "settlement-end-date": "15.03.2026 00:00:00 UTC",
    "deposit-date": "17.03.2026 00:00:00 UTC",
    "total-amount": "",
    "currency": "EUR",
    "transaction-type": "Order",
    "order-id": ORDER,
    "merchant-order-id": "",
    "marketplace-name": "Amazon.de",
}

SETTLEMENT_ROW = _SETTLED | {"price-type": "Principal", "price-amount": "1.052,64"}
SETTLEMENT_V2_ROW = _SETTLED | {
    "amount-type": "ItemPrice", "amount-description": "Principal", "amount": "19,98",
}  # fmt: skip

PREAMBLE = (
    '"Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore transactions"\n'
    '"All amounts in USD, unless specified"\n'
    '"Definitions:"\n'
    "\n"
)
TRANSACTIONS = PREAMBLE + (
    '"date/time","settlement id","type","order id","sku","description","quantity","marketplace",'
    '"fulfillment","product sales","other","total"\n'
    f'"Jan 6, 2026 7:21:49 PM PST","1","Order","{ORDER}","007","Cup","1","amazon.com","Seller",'
    '"1,052.64","0","-1,052.64"\n'
    f'"Jan 7, 2026 7:21:49 PM PST","1","Refund","{ORDER}","007","Cup","1","amazon.com","Seller",'
    '"-9.99","0","-9.99"\n'
    f'"Jan 8, 2026 7:21:49 PM PST","1","A-to-z Guarantee Claim","{OTHER}","007","Cup","1",'
    '"amazon.com","Seller","-9.99","0","-9.99"\n'
)

PERFORMANCE_V1 = """<?xml version="1.0" encoding="UTF-8"?>
<sellerPerformanceReports><sellerPerformanceReport>
<marketplaceId>A1PA6795UKMFR9</marketplaceId>
<performanceChecklist><orderDefectRate><status>Good</status></orderDefectRate>
</performanceChecklist>
<orderDefects><orderDefectMetrics>
<timeFrame><start>2026-01-01T00:00:00Z</start><end>2026-03-01T00:00:00Z</end></timeFrame>
<orderWithDefects><count>3</count><rate>0.6%</rate></orderWithDefects>
<a_z_claims><count>2</count><rate>0.4%</rate></a_z_claims>
</orderDefectMetrics></orderDefects>
<buyerSellerContactResponseTimeMetrics><responseTimeMetrics>
<timeFrame><start>2026-02-01T00:00:00Z</start><end>2026-03-01T00:00:00Z</end></timeFrame>
<responseUnder24Hours>36</responseUnder24Hours>
<responseTimeGreaterThan24Hours>3</responseTimeGreaterThan24Hours>
<noResponseForContactsOlderThan24Hours>1</noResponseForContactsOlderThan24Hours>
<averageResponseTimeInHours>5.25</averageResponseTimeInHours>
</responseTimeMetrics></buyerSellerContactResponseTimeMetrics>
</sellerPerformanceReport></sellerPerformanceReports>
"""

PERIOD = {
    "reportingDateFrom": "2026-02-01T00:00Z",
    "reportingDateTo": "2026-02-28T23:59Z",
}

PERFORMANCE_V2 = {
    "accountStatuses": [{"marketplaceId": "A1PA6795UKMFR9", "status": "SUSPENDED"}],
    "performanceMetrics": [
        {
            "marketplaceId": "A1PA6795UKMFR9",
            "lateShipmentRate": {
                "reportingDateRange": PERIOD,
                "orderCount": 500,
                "lateShipmentCount": 5,
                "status": "GOOD",
                "rate": 0.01,
                "targetValue": 0.04,
            },
            "orderDefectRate": {
                "mfn": {
                    "reportingDateRange": PERIOD,
                    "orderCount": 500,
                    "claims": {"count": 2, "status": "NONE"},
                    "rate": 0.004,
                },
                "afn": {"reportingDateRange": PERIOD, "orderCount": 0, "status": "NONE"},
            },
            "accountHealthRating": {"ahrStatus": "WARNED", "reportingDateRange": PERIOD},
        }
    ],
}

ORDERS_V0 = {
    "payload": {
        "Orders": [
            {
                "AmazonOrderId": ORDER,
                "PurchaseDate": "2026-03-01T10:00:00Z",
                "LastUpdateDate": "2026-03-02T10:00:00Z",
                "OrderStatus": "Unshipped",
                "FulfillmentChannel": "MFN",
                "SalesChannel": "Amazon.de",
                "OrderTotal": {"CurrencyCode": "EUR", "Amount": "24.97"},
                "NumberOfItemsShipped": 0,
                "NumberOfItemsUnshipped": 2,
                "MarketplaceId": "A1PA6795UKMFR9",
                "LatestShipDate": "2026-03-03T22:59:59Z",
                "LatestDeliveryDate": "2026-03-06T22:59:59Z",
                "IsReplacementOrder": "false",
                "BuyerInfo": {},
            }
        ],
        "NextToken": "x",
    }
}

ORDER_ITEMS_V0 = {
    "payload": {
        "AmazonOrderId": ORDER,
        "OrderItems": [
            {
                "ASIN": "B000000001",
                "OrderItemId": "05015851154158",
                "SellerSKU": "007",
                "Title": "Tasse",
                "QuantityOrdered": 2,
                "ItemPrice": {"CurrencyCode": "EUR", "Amount": "19.98"},
            }
        ],
    }
}

ORDERS_2026 = {
    "orders": [
        {
            "orderId": ORDER,
            "createdTime": "2026-03-01T10:00:00Z",
            "lastUpdatedTime": "2026-03-02T10:00:00Z",
            "salesChannel": {
                "channelName": "AMAZON",
                "marketplaceId": "A1F83G8C2ARO7P",
                "marketplaceName": "Amazon.co.uk",
            },
            "proceeds": {"grandTotal": {"amount": "24.97", "currencyCode": "GBP"}},
            "fulfillment": {
                "fulfillmentStatus": "PARTIALLY_SHIPPED",
                "fulfilledBy": "MERCHANT",
                "shipByWindow": {"latestDateTime": "2026-03-03T22:59:59Z"},
                "deliverByWindow": {"latestDateTime": "2026-03-06T22:59:59Z"},
            },
            "orderItems": [
                {
                    "orderItemId": "05015851154158",
                    "quantityOrdered": 2,
                    "product": {"asin": "B000000001", "title": "Cup", "sellerSku": "007"},
                    "proceeds": {
                        "breakdowns": [
                            {"type": "TAX", "subtotal": {"amount": "3.00"}},
                            {"type": "ITEM", "subtotal": {"amount": "19.98"}},
                        ]
                    },
                }
            ],
            "packages": [
                {"shipTime": "2026-03-03T09:00:00Z", "carrier": "DPD", "trackingNumber": "2"},
                {"shipTime": "2026-03-02T09:00:00Z", "carrier": "DHL", "trackingNumber": "1"},
            ],
        }
    ],
    "pagination": {"nextToken": "x"},
}

REPORT_STATE = {"reportId": "50001", "reportType": "GET_X", "processingStatus": "DONE"}


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


#: A file of each format by the format's name.
FILES: dict[str, bytes] = {
    "all_orders": table(ALL_ORDERS_ROW).encode(),
    "unshipped_orders": table(UNSHIPPED_ROW).encode(),
    "new_orders": table(NEW_ORDERS_ROW).encode(),
    "fba_shipments": table(SHIPMENT_ROW).encode(),
    "mfn_returns": table(MFN_RETURN_ROW).encode(),
    "xml_returns": xml_returns(XML_RETURN),
    "fba_returns": table(FBA_RETURN_ROW).encode(),
    "fba_reimbursements": table(REIMBURSEMENT_ROW).encode(),
    "feedback": table(FEEDBACK_ROW).encode(),
    "settlement": table(SETTLEMENT_ROW).encode(),
    "settlement_v2": table(SETTLEMENT_V2_ROW).encode(),
    "transactions": TRANSACTIONS.encode(),
    "performance_v1": PERFORMANCE_V1.encode(),
    "performance_v2": as_json(PERFORMANCE_V2),
    "orders_v0": as_json(ORDERS_V0),
    "order_items_v0": as_json(ORDER_ITEMS_V0),
    "orders_2026_01_01": as_json(ORDERS_2026),
    "amazon_api_other": as_json(REPORT_STATE),
}
