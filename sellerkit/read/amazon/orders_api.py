"""Orders API v0: what `getOrders` and `getOrder` answer, as JSON.

Accepted: ``{payload: {Orders}}``, ``{Orders}``, one order, a bare list, JSON lines. Buyers' names,
addresses and e-mail addresses are not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from sellerkit.errors import InputError
from sellerkit.policy import by_id
from sellerkit.read import values
from sellerkit.read.amazon.orders import FULFILLMENTS, STATUSES
from sellerkit.read.amazon.report import stores_of
from sellerkit.read.flat import MAX_RAW
from sellerkit.read.source import Context, Format, Parsed, Quarantined, Source

_INSTANTS = {
    "purchased_at": "PurchaseDate",
    "latest_ship_at": "LatestShipDate",
    "promised_by": "LatestDeliveryDate",
    "updated_at": "LastUpdateDate",
}

_COLUMNS = [
    "order_id", "marketplace", "channel", "status", "fulfillment", "total", "currency", "units",
    *_INSTANTS,
]  # fmt: skip


def parse(source: Source, context: Context) -> Parsed:
    """Read orders; a unit is one order.

    `LatestDeliveryDate` is `promised_by`, `LatestShipDate` is `latest_ship_at`; Amazon gives both
    for seller-fulfilled orders only. The status Unfulfillable is none of ours and stays null.

    Raises
    ------
    InputError
        It is no JSON; the message names line and column.
    """
    orders = list(_orders(source))
    parsed = Parsed(read=len(orders))
    rows = pd.DataFrame([_row(order) for order in orders], columns=_COLUMNS)
    typed, faults = _typed(rows, context)
    for number, fault in sorted(faults.items()):
        raw = json.dumps(orders[number], ensure_ascii=False)[:MAX_RAW]
        parsed.quarantined.append(Quarantined(number, fault, raw))
    parsed.tables["orders"] = typed.drop(index=list(faults)).reset_index(drop=True)
    return parsed


def _orders(source: Source) -> Iterator[Any]:
    text = bytes(source.data).decode("utf-8-sig", "surrogateescape")
    try:
        yield from _listed(json.loads(text))
        return
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise _broken(source, error.lineno, error) from error
    except RecursionError as error:
        raise InputError(f"{source.name}: nested too deeply to be an answer of Amazon's") from error
    for number, line in enumerate(lines, 1):
        try:
            yield from _listed(json.loads(line))
        except json.JSONDecodeError as error:
            raise _broken(source, number, error) from error


def _broken(source: Source, line: int, error: json.JSONDecodeError) -> InputError:
    return InputError(
        f"{source.name}: line {line}, column {error.colno}: {error.msg}; the JSON is cut or damaged"
    )


def _listed(answer: Any) -> list[Any]:
    if isinstance(answer, dict):
        answer = answer.get("payload", answer)
    if isinstance(answer, dict):
        answer = answer.get("Orders", answer)
    return answer if isinstance(answer, list) else [answer]


def _row(order: Any) -> dict[str, Any]:
    """Return what we read of an order, as text; nothing where it is no object."""
    if not isinstance(order, dict):
        return {}
    total = order.get("OrderTotal")
    total = total if isinstance(total, dict) else {}
    counts = [order.get("NumberOfItemsShipped"), order.get("NumberOfItemsUnshipped")]
    units = [n for n in counts if isinstance(n, int) and not isinstance(n, bool)]
    return {
        "order_id": _word(order.get("AmazonOrderId")),
        "marketplace": by_id().get(str(order.get("MarketplaceId"))),
        "channel": _word(order.get("SalesChannel")),
        "status": STATUSES.get(str(order.get("OrderStatus")).casefold()),
        "fulfillment": FULFILLMENTS.get(str(order.get("FulfillmentChannel")).casefold()),
        "total": _word(total.get("Amount")),
        "currency": _word(total.get("CurrencyCode")),
        "units": str(sum(units)) if units else None,
        **{ours: _word(order.get(theirs)) for ours, theirs in _INSTANTS.items()},
    }


def _word(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) and str(value).strip() else None


def _typed(rows: pd.DataFrame, context: Context) -> tuple[pd.DataFrame, dict[int, str]]:
    """Return the orders as values, and what keeps an object from being one."""
    text = rows.astype("str")
    faults = dict.fromkeys(text.index[text["order_id"].isna()], "AmazonOrderId: is missing")
    stores = text["marketplace"].fillna(stores_of(text["channel"])).fillna(context.marketplace)
    zones = values.zones(stores, None, text["currency"])
    columns = {"marketplace": stores, "units": values.whole_numbers(text["units"])[0]}
    for ours, theirs in _INSTANTS.items():
        columns[ours], bad = values.instants(text[ours], zones)
        _note(faults, bad, theirs, text[ours], "date or time")
    columns["total"], bad = values.numbers(text["total"])
    _note(faults, bad, "OrderTotal", text["total"], "amount")
    typed = text.assign(**columns, source_pos=text.index).drop(columns="channel")
    return typed, faults


def _note(faults: dict[int, str], bad: pd.Series, name: str, cells: pd.Series, what: str) -> None:
    for number in bad.index[bad.to_numpy(bool)]:
        faults.setdefault(number, f"{name}: {cells[number][:80]!r} is no {what}")


def matches(source: Source) -> bool:
    """Tell whether a file is JSON that speaks of Amazon's orders."""
    head = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    is_json = head[:1] in (b"{", b"[")
    return (
        is_json and b'"AmazonOrderId"' in head and (b'"OrderStatus"' in head or b'"Orders"' in head)
    )


ORDERS_V0 = Format(
    name="orders_v0",
    about="Orders API v0 (getOrders, getOrder), JSON or JSON lines",
    recognised_by="JSON with AmazonOrderId and OrderStatus",
    example='{"payload": {"Orders": [{"AmazonOrderId": "902-3159896-1390916", …}]}}',
    matches=matches,
    parse=parse,
)
