"""One row of every history, as a canonical CSV holds it."""

ORDER = "302-1234567-1234567"

ROWS = {
    "messages": [
        {
            "message_id": "m1", "thread_id": "t1", "order_id": ORDER, "marketplace": "DE",
            "sent_at": "2026-01-02T03:04:05Z", "sender": "buyer", "buyer_id": "b",
            "channel": "amazon", "topic": "inquiry", "subject": "Frage", "body": "Wo?",
            "language": "de", "no_response_needed": True, "automated": False,
            "undelivered": False, "attachments": 2,
        }
    ],
    "orders": [
        {
            "order_id": ORDER, "marketplace": "DE", "purchased_at": "2026-01-01T10:00:00+01:00",
            "status": "shipped", "fulfillment": "merchant",
            "latest_ship_at": "2026-01-02T22:59:59Z", "shipped_at": "2026-01-02T12:00:00Z",
            "promised_by": "2026-01-06T22:59:59Z", "delivered_at": "2026-01-05T12:00:00Z",
            "total": 12.5, "currency": "EUR", "carrier": "DHL", "tracking_id": "00340",
            "signature": True, "units": 2,
        }
    ],
    "order_items": [
        {"order_id": ORDER, "item_id": "1", "sku": "007", "asin": "B000000001", "quantity": 2}
    ],
    "returns": [
        {
            "return_id": "R1", "order_id": ORDER, "requested_at": "2026-01-08T08:00:00Z",
            "authorized_at": "2026-01-08T09:00:00Z", "authorized_by": "seller", "in_policy": True,
            "refunded_at": "2026-01-12T09:00:00Z", "refund_amount": 12.5, "currency": "EUR",
        }
    ],
    "claims": [
        {
            "claim_id": "C1", "order_id": ORDER, "filed_at": "2026-01-20T08:00:00Z",
            "reason": "not_received", "amount": 12.5, "currency": "EUR",
            "respond_by": "2026-01-23T08:00:00Z", "outcome": "open",
        }
    ],
    "calls": [
        {
            "call_id": "T1", "order_id": ORDER, "started_at": "2026-01-21T08:00:00Z",
            "minutes": 4.5, "direction": "outbound", "buyer_requested": True, "purpose": "delivery",
        }
    ],
    "performance": [
        {
            "marketplace": "DE", "period_start": "2026-01-01T00:00:00Z",
            "period_end": "2026-01-31T00:00:00Z", "metric": "late_shipment_rate",
            "value": 0.02, "numerator": 2.0, "denominator": 100.0,
        }
    ],
}  # fmt: skip
