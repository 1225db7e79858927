"""What the page shows of calls and check-ins: the findings' own numbers, and nothing of buyers."""

from __future__ import annotations

import re
from typing import Any

from builders import Row, call, claim, histories, instant, message, order, solicitation

import sellerkit as sk
from sellerkit import show
from sellerkit.show import View

EVIL = "<img src=x onerror=alert(1)>"


def shown(**rows: list[Row]) -> tuple[sk.Audit, View]:
    found = sk.audit(
        histories(**rows), as_of="2025-04-01", since="2025-03-01", until=instant("2025-04-01")
    )
    view = View(found.as_of, found.since, found.until, "UTC", found.policy, found.histories)
    return found, view


def delivered(order_id: str, at: str) -> Row:
    return order(order_id=order_id, status="shipped", delivered_at=at)


def test_check_ins_are_counted_by_state_and_the_due_ones_listed_by_urgency() -> None:
    orders = [
        delivered("due-late", "2025-03-20"),
        delivered("due-soon", "2025-03-03"),
        delivered(f"due-{EVIL}", "2025-03-10"),
        delivered("fresh", "2025-03-31"),
        delivered("over", "2025-02-01"),
        delivered("asked", "2025-03-10"),
        delivered("claimed", "2025-03-10"),
    ]
    found, view = shown(
        orders=orders,
        solicitations=[solicitation("2025-03-20", order_id="asked")],
        claims=[claim("2025-03-12", order_id="claimed")],
        messages=[message("2025-03-01", "seller", order_id="due-soon", buyer_id="ann-lee")],
    )
    piece = show.table_check_ins(found.findings["check_ins"], view)
    assert piece.note == {"count": 3}
    tally = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", piece.html)
    assert [int(count) for _, count in tally] == [1, 3, 1, 1, 1]
    places = [piece.html.index(name) for name in ("due-soon", "due-&lt;img", "due-late")]
    assert places == sorted(places)
    assert not [
        name for name in (EVIL, "ann-lee", "fresh", ">over<", "Buyer") if name in piece.html
    ]
    few = show.table_check_ins(found.findings["check_ins"], view, limit=2)
    assert "2 of 3 shown" in few.html and "due-late" not in few.html


def test_without_a_delivery_the_page_says_what_is_lacking() -> None:
    found, view = shown(orders=[order()])
    assert "delivered_at" in show.table_check_ins(found.findings["check_ins"], view).html


def test_both_views_stand_side_by_side_and_calls_that_were_wanting_below() -> None:
    wish: dict[str, Any] = {"body": f"Please call me. {EVIL}", "language": "en"}
    found, view = shown(
        calls=[
            call("2025-03-20", order_id="A", purpose="delivery"),
            call("2025-03-21", order_id="B", purpose="question"),
        ],
        messages=[message("2025-03-10", order_id="C", buyer_id="ann-lee") | wish],
    )
    both, missing = sk.call_views(found), sk.calls_missing(found)
    piece = show.table_call_views(both, missing, view)
    assert re.findall(r">(permitted|not permitted|fit|not fit)</span>", piece.html) == [
        "permitted", "not fit", "not permitted", "not fit",
    ]  # fmt: skip
    assert "They part on 1 call." in piece.html
    assert "On 1 conversation a call" in piece.html
    assert "the safe way is to write" in piece.html
    assert not [word for word in ("onerror", "Please call", "ann-lee") if word in piece.html]


def test_without_calls_nothing_is_shown() -> None:
    found, view = shown()
    assert show.table_call_views(sk.call_views(found), sk.calls_missing(found), view).html == ""
