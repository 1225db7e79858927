"""What the histories lack: the figures are only as good as what is on file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sellerkit.measure.shares import in_window
from sellerkit.tables import HISTORIES

_KEY = ["account", "order_id"]
_NAMING_ORDERS = ("messages", "returns", "claims", "calls")


def completeness(
    histories: Mapping[str, pd.DataFrame],
    contacts: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
) -> dict[str, Any]:
    """Rows on file, the span of the mail, and what is known to be missing, in one dictionary.

    Parameters
    ----------
    histories : mapping of str to pd.DataFrame
        The seven histories as they were at `as_of`, by name.
    contacts : pd.DataFrame
        The contacts of the window.
    since, until : pd.Timestamp
        The window ``[since, until)``.

    Returns
    -------
    dict
        `rows` (per history), `first_message_at` and `last_message_at` (None without a message),
        `contacts_without_order`, `orders_not_on_file` (counts) and `days_without_mail` (list of
        dates).
    """
    sent_at = histories["messages"]["sent_at"]
    return {
        "rows": {name: len(histories[name]) for name in HISTORIES},
        "first_message_at": sent_at.min() if len(sent_at) else None,
        "last_message_at": sent_at.max() if len(sent_at) else None,
        "contacts_without_order": int(contacts["order_id"].isna().sum()),
        "orders_not_on_file": orders_not_on_file(histories),
        "days_without_mail": days_without_mail(
            histories["messages"], histories["orders"], since=since, until=until
        ),
    }


def orders_not_on_file(histories: Mapping[str, pd.DataFrame]) -> int:
    """Orders that a message, return, claim or call names and that `orders` does not hold.

    Parameters
    ----------
    histories : mapping of str to pd.DataFrame
        The seven histories; an order is the same where account and order_id are.

    Returns
    -------
    int
        How many different ones.
    """
    keys = pd.concat([histories[name][_KEY] for name in _NAMING_ORDERS]).dropna()
    found = keys.drop_duplicates().merge(
        histories["orders"][_KEY], on=_KEY, how="left", indicator=True
    )
    return int((found["_merge"] == "left_only").sum())


def days_without_mail(
    messages: pd.DataFrame, orders: pd.DataFrame, *, since: pd.Timestamp, until: pd.Timestamp
) -> list[dt.date]:
    """Days of the window on which an account sold but has no message at all on file.

    Parameters
    ----------
    messages, orders : pd.DataFrame
        The histories, any order; read are `account`, `sent_at` and `purchased_at`.
    since, until : pd.Timestamp
        The window ``[since, until)``, within which the order was bought.

    Returns
    -------
    list of datetime.date
        Days in UTC, rising, each once.

    Notes
    -----
    A message of any sender makes the day one with mail, also where it lies before `since` on the
    window's first day. Accounts are looked at one by one: the mail of one does not hide that the
    other's was not read.
    """
    sold = _account_days(in_window(orders, "purchased_at", since, until), "purchased_at")
    silent = sold.difference(_account_days(messages, "sent_at"))
    return [day.date() for day in silent.get_level_values("day").unique().sort_values()]


def _account_days(frame: pd.DataFrame, column: str) -> pd.MultiIndex:
    days = pd.DataFrame({"account": frame["account"], "day": frame[column].dt.floor("D")})
    return pd.MultiIndex.from_frame(days.drop_duplicates())
