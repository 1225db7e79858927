from __future__ import annotations

import datetime as dt

from builders import call, claim, histories, instant, message, order, return_

from sellerkit.measure.completeness import completeness, days_without_mail, orders_not_on_file

SINCE, UNTIL = instant("2026-09-14T06:00"), instant("2026-09-18T06:00")


def silent_days(**rows):
    found = histories(**rows)
    return days_without_mail(found["messages"], found["orders"], since=SINCE, until=UNTIL)


def test_by_hand(contacts_of, row, unchanged):
    found = histories(
        messages=[message("2026-09-14T08:00"), message("2026-09-16T08:00", order_id=None)],
        orders=[order("2026-09-15T10:00")],
    )
    contacts = contacts_of(
        row("2026-09-14T08:00", "met", 1.0),
        row("2026-09-16T08:00", "met", 1.0, order_id=None),
    )
    files = {name: unchanged(frame) for name, frame in found.items()}
    assert completeness(files, contacts, since=SINCE, until=UNTIL) == {
        "rows": {
            "messages": 2, "orders": 1, "order_items": 0, "returns": 0, "claims": 0, "calls": 0,
            "performance": 0,
        },
        "first_message_at": instant("2026-09-14T08:00"),
        "last_message_at": instant("2026-09-16T08:00"),
        "contacts_without_order": 1,
        "orders_not_on_file": 0,
        "days_without_mail": [dt.date(2026, 9, 15)],
    }  # fmt: skip


def test_of_nothing(contacts_of):
    found = completeness(histories(), contacts_of(), since=SINCE, until=UNTIL)
    assert found["first_message_at"] is None and found["last_message_at"] is None
    assert found["contacts_without_order"] == found["orders_not_on_file"] == 0
    assert found["days_without_mail"] == []


def test_orders_not_on_file_are_counted_once_each():
    found = histories(
        orders=[order(order_id="A")],
        messages=[message("2026-09-14T08:00", order_id=o) for o in ("A", "B", None)]
        + [message("2026-09-14T08:00", order_id="A", account="other")],
        returns=[return_("2026-09-14", order_id="B")],
        claims=[claim("2026-09-14", order_id="C")],
        calls=[call("2026-09-14", order_id="D"), call("2026-09-15", order_id=None)],
    )
    assert orders_not_on_file(found) == 4  # B, C, D, and A of the other account


class TestDaysWithoutMail:
    def test_only_orders_of_the_window_ask(self):
        orders = [
            order(at, order_id=at)
            for at in ("2026-09-14T05:59", "2026-09-18T05:59", "2026-09-18T06:00")
        ]
        assert silent_days(orders=orders) == [dt.date(2026, 9, 18)]

    def test_a_message_before_the_window_on_its_first_day_counts(self):
        assert silent_days(
            orders=[order("2026-09-14T07:00")], messages=[message("2026-09-14T00:00", "seller")]
        ) == []  # fmt: skip

    def test_one_account_does_not_hide_the_other(self):
        orders = [order("2026-09-15", account=name) for name in ("shop", "other")]
        messages = [message("2026-09-15T12:00", account="other")]
        assert silent_days(orders=orders, messages=messages) == [dt.date(2026, 9, 15)]
