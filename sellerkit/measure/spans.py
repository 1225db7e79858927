"""Which time the files cover: of orders, of mail, and how well the clocks agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sellerkit.measure.quiet import by_day, quiet_runs
from sellerkit.measure.shares import in_window

#: A gap between orders is named where chance alone would leave such a one this rarely.
IMPROBABLE = 0.001

#: A mail cannot be received before it was sent: more than this, and a clock is wrong.
AHEAD = pd.Timedelta(minutes=5)
#: Mail takes seconds; after this it was held up, or a clock is wrong.
BEHIND = pd.Timedelta(hours=1)


def order_gaps(
    orders: pd.DataFrame, *, since: pd.Timestamp, until: pd.Timestamp, as_of: pd.Timestamp
) -> list[dict[str, Any]]:
    """Days without an order that the pace of orders makes improbable, where they meet the window.

    Parameters
    ----------
    orders : pd.DataFrame
        The history, any order.
    since, until, as_of : pd.Timestamp
        UTC; the window is ``[since, until)``, and `as_of` ends the last gap.

    Returns
    -------
    list of dict
        `account`, `marketplace` (None where orders name none), `since`, `until` (days, UTC; the
        last is not part of it) and `expected`: orders at the pace of the weeks beside it.

    Notes
    -----
    Poisson: a run of days in which n orders are expected has none with chance exp(-n); it is
    named where that, times the days looked at, is below `IMPROBABLE`. Either nothing was sold or
    an order report is missing; the files cannot tell which.
    """
    found = []
    for (account, store), own in orders.groupby(["account", "marketplace"], dropna=False):
        counts = by_day(own["purchased_at"], own["purchased_at"].min(), as_of)
        runs = quiet_runs(counts)
        rare = len(counts) * np.exp(-runs["expected"]) < IMPROBABLE
        meets = (runs["since"] < until) & (runs["until"] > since)
        for run in runs[rare & meets].to_dict("records"):
            found.append(
                {
                    "account": account,
                    "marketplace": None if pd.isna(store) else store,
                    "since": run["since"].date(),
                    "until": run["until"].date(),
                    "expected": run["expected"],
                }
            )
    return found


def spans(messages: pd.DataFrame, orders: pd.DataFrame) -> list[dict[str, Any]]:
    """First and last message and order of each account, and what lies outside the other's span.

    Parameters
    ----------
    messages, orders : pd.DataFrame
        The histories, any order.

    Returns
    -------
    list of dict
        By account: `first_message_at`, `last_message_at`, `first_order_at`, `last_order_at` (None
        without any), `orders_before_mail`, `orders_after_mail`, `messages_before_orders`,
        `messages_after_orders` (counts; 0 where either is empty).
    """
    accounts = sorted({*messages["account"], *orders["account"]})
    return [
        _span(
            account,
            messages.loc[messages["account"] == account, "sent_at"],
            orders.loc[orders["account"] == account, "purchased_at"],
        )
        for account in accounts
    ]


def _span(account: str, sent: pd.Series, bought: pd.Series) -> dict[str, Any]:
    return {
        "account": account,
        "first_message_at": sent.min() if len(sent) else None,
        "last_message_at": sent.max() if len(sent) else None,
        "first_order_at": bought.min() if len(bought) else None,
        "last_order_at": bought.max() if len(bought) else None,
        "orders_before_mail": int((bought < sent.min()).sum()),
        "orders_after_mail": int((bought > sent.max()).sum()),
        "messages_before_orders": int((sent < bought.min()).sum()),
        "messages_after_orders": int((sent > bought.max()).sum()),
    }


def clock_skew(mails: pd.DataFrame, *, since: pd.Timestamp, until: pd.Timestamp) -> dict[str, Any]:
    """How far the sender's clock (Date) and the receiver's (the last Received) are apart.

    Parameters
    ----------
    mails : pd.DataFrame
        `tables.MAILS`.
    since, until : pd.Timestamp
        UTC; mails sent in ``[since, until)``.

    Returns
    -------
    dict
        `mails` (those with both), `ahead` (sent more than five minutes after they were received,
        so a clock is wrong), `behind` (received more than an hour after they were sent: held up,
        or a clock is wrong), `most_ahead_hours`, `most_behind_hours` (None where none is).
    """
    sent = in_window(mails, "sent_at", since, until)
    late = (sent["received_at"] - sent["sent_at"]).dropna()
    ahead, behind = -late[late < -AHEAD], late[late > BEHIND]
    hour = pd.Timedelta(hours=1)
    return {
        "mails": len(late),
        "ahead": len(ahead),
        "behind": len(behind),
        "most_ahead_hours": ahead.max() / hour if len(ahead) else None,
        "most_behind_hours": behind.max() / hour if len(behind) else None,
    }
