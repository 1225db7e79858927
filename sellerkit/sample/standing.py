"""What Amazon shows the shop of its own performance, as the seller noted it down."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from sellerkit.sample.shop import Mail, Shop

_PERIODS = (7, 30, 90)
_LIMIT = dt.timedelta(hours=24)
#: How long after it was sent Amazon's own clock notes a mail: its figures never match to the mail.
_RELAY_DELAY = dt.timedelta(minutes=4)


def performance_rows(shop: Shop, as_of: dt.datetime) -> list[dict[str, Any]]:
    """Return Amazon's contact response metrics by store and period, up to yesterday's midnight.

    Amazon counts by its own rule: each buyer's message is a contact, the next message of the shop
    to the same alias is its answer (an auto-reply is none), and what is marked is left out.
    """
    end = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    contacts = _contacts(shop)
    rows = []
    for code in sorted(contacts):
        for days in _PERIODS:
            begin = end - dt.timedelta(days=days)
            chosen = [wait for at, wait in contacts[code] if begin <= at < end - _LIMIT]
            rows += [
                {"marketplace": code, "period_start": begin, "period_end": end} | metric
                for metric in _metrics(chosen)
            ]
    return rows


def _contacts(shop: Shop) -> dict[str, list[tuple[dt.datetime, dt.timedelta | None]]]:
    """Return per store when each contact came, and how long the answer took."""
    marked = {mark.message_id for mark in shop.marks}
    answers: dict[str, list[dt.datetime]] = defaultdict(list)
    for mail in shop.mails:
        if mail.buyer and mail.kind in ("seller", "copy") and not mail.automated:
            answers[mail.buyer.alias].append(mail.sent_at)
    contacts = defaultdict(list)
    for mail in shop.mails:
        if mail.buyer and mail.kind == "buyer" and mail.message_id not in marked:
            wait = _wait(mail, answers[mail.buyer.alias])
            contacts[mail.buyer.store.code].append((mail.sent_at, wait))
    return contacts


def _wait(mail: Mail, answers: list[dt.datetime]) -> dt.timedelta | None:
    later = [at for at in answers if at >= mail.sent_at]
    return min(later) - mail.sent_at + _RELAY_DELAY if later else None


def _metrics(waits: list[dt.timedelta | None]) -> list[dict[str, Any]]:
    """Return the figures of one store and period; without a contact there is none to show."""
    if not waits:
        return []
    answered = [wait for wait in waits if wait is not None]
    counts = {
        "responseUnder24Hours": sum(wait <= _LIMIT for wait in answered),
        "responseTimeGreaterThan24Hours": sum(wait > _LIMIT for wait in answered),
        "noResponseForContactsOlderThan24Hours": len(waits) - len(answered),
    }
    rows = [
        {
            "metric": name,
            "value": round(count / len(waits), 4),
            "numerator": count,
            "denominator": len(waits),
        }
        for name, count in counts.items()
    ]
    if answered:
        hours = sum(answered, dt.timedelta()) / len(answered) / dt.timedelta(hours=1)
        rows.append(
            {
                "metric": "averageResponseTimeInHours",
                "value": round(hours, 2),
                "numerator": None,
                "denominator": len(answered),
            }
        )
    return rows
