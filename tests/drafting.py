"""One order for each language, audited once: with everything on file, and with next to nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
from builders import ACCOUNT, Row, claim, histories, message, order, return_

from sellerkit.audit import Audit, audit
from sellerkit.audit.return_window import return_ends
from sellerkit.draft import Draft, Templates, all_owed, chosen, drafts

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja", "pt")
ALIAS = "k3j9x2m4q8z7w1"

#: The window to return ends on 2025-04-09; the request comes before, or after that.
INSIDE, OUTSIDE = "2025-04-02T12:00", "2025-04-18T12:00"


def order_of(language: str) -> str:
    """Return the id of the order whose buyer writes a language."""
    return f"302-0000000-000000{LANGUAGES.index(language)}"


def full_order(order_id: str) -> Row:
    """Return an order of which everything is on file."""
    return order(
        order_id=order_id,
        latest_ship_at="2025-03-03T22:59",
        shipped_at="2025-03-05T10:00",
        promised_by="2025-03-08T22:59",
        delivered_at="2025-03-10T12:00",
        carrier="DHL",
        tracking_id="JD014600000000000000",
        status="shipped",
    )


def item(order_id: str, title: str = "Lamp, brass", **others: Any) -> Row:
    """Return an item of an order."""
    return {
        "order_id": order_id, "account": ACCOUNT, "item_id": title, "sku": "S", "asin": "A",
        "title": title, "quantity": 1,
    } | others  # fmt: skip


@cache
def everything(requested_at: str) -> Audit:
    """Return the audit of an order in each language, with all that a text may name."""
    rows: dict[str, list[Row]] = {name: [] for name in ("orders", "order_items", "messages")}
    rows |= {"returns": [], "claims": []}
    refund = {"refunded_at": "2025-04-19T09:00", "refund_amount": 12.5, "currency": "EUR"}
    for language in LANGUAGES:
        key = {"order_id": order_of(language)}
        rows["orders"].append(full_order(**key))
        rows["order_items"].append(item(**key))
        about = {"language": language, "buyer_id": ALIAS, "channel": "amazon"}
        ids = {"message_id": f"{language}@amazonses.com", "thread_id": language}
        rows["messages"].append(message("2025-03-20T09:00", **key, **about, **ids))
        rows["returns"].append(return_(requested_at, return_id=language, **key, **refund))
        filed = claim("2025-04-19T10:00", claim_id=language, respond_by="2025-04-22T10:00", **key)
        rows["claims"].append(filed)
    as_of = "2025-04-05T12:00" if requested_at == INSIDE else "2025-04-20T12:00"
    return audit(histories(**rows), as_of=as_of)


@cache
def nothing() -> Audit:
    """Return the audit of an order in each language of which only a message is on file."""
    orders = [order(order_id=order_of(language)) for language in LANGUAGES]
    asked = [
        message(
            "2025-03-20T09:00", order_id=order_of(language), language=language,
            message_id=language, thread_id=language,
        )
        for language in LANGUAGES
    ]  # fmt: skip
    return audit(histories(orders=orders, messages=asked), as_of="2025-04-20T12:00")


def drafted(found: Audit, duties: pd.DataFrame | None = None, **options: Any) -> list[Draft]:
    """Return the drafts of some duties, by default of all that are owed."""
    owed = all_owed(found.obligations, found.as_of)
    duties = owed if duties is None else duties
    ends = return_ends(found.histories, duties, found.as_of, found.policy)
    return drafts(
        duties.assign(return_ends_at=ends),
        found.histories,
        options.pop("templates", None) or Templates.load(),
        as_of=found.as_of,
        owed=owed,
        **options,
    )


@cache
def in_all_languages(name: str, full: bool) -> dict[str, Draft]:
    """Return one text in each language."""
    found = nothing()
    if full:
        found = everything(INSIDE if name == "return_information" else OUTSIDE)
    if full and name in ("return_information", "outside_window"):
        duties = found.obligations[found.obligations["kind"] == "return"]
    else:
        ids = [order_of(language) for language in LANGUAGES]
        duties = chosen(found.obligations, found.histories["orders"], ids, anyway=True)
    by_language = {one.to.language: one for one in drafted(found, duties, template=name)}
    return {language: by_language[language] for language in LANGUAGES}
