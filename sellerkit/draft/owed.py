"""Which mails are owed: those that were asked for by id, or all that are open or missed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sellerkit.errors import InputError, UsageError
from sellerkit.tables import OBLIGATIONS, conform

#: Nothing was written for these yet.
_OWED = ("open", "missed")

_DONE = {
    "met": "is met",
    "late": "is met, though late",
    "waived": "is waived",
    "not_applicable": "does not apply",
}


def all_owed(
    obligations: pd.DataFrame, as_of: pd.Timestamp, hours: float | None = None
) -> pd.DataFrame:
    """Return the obligations for which a mail is owed, the most urgent first.

    Parameters
    ----------
    obligations : pd.DataFrame
        Columns of `tables.OBLIGATIONS`.
    as_of : pd.Timestamp
    hours : float, optional
        Of the open ones only those that are due within so many hours; missed ones always.
    """
    is_owed = obligations["status"].isin(_OWED)
    if hours is not None:
        is_owed &= obligations["due_at"] <= as_of + pd.Timedelta(hours=hours)
    return _sorted(obligations[is_owed])


def chosen(
    obligations: pd.DataFrame,
    orders: pd.DataFrame,
    wanted: Sequence[str],
    *,
    anyway: bool = False,
) -> pd.DataFrame:
    """Return the obligations of some ids: of an order's id, all for which a mail is owed.

    Parameters
    ----------
    obligations : pd.DataFrame
        All of them up to `as_of`.
    orders : pd.DataFrame
        As on file.
    wanted : sequence of str
        Ids of obligations and of orders.
    anyway : bool
        A text was asked for by name: an obligation that is settled, or an order that owes
        nothing, gets it too; of an order then one row only, that of its most urgent obligation
        or one without (`obligation_id` null).

    Raises
    ------
    InputError
        No obligation and no order has an id.
    UsageError
        Nothing is owed for it.
    """
    parts = []
    for name in dict.fromkeys(wanted):
        own = obligations[obligations["obligation_id"] == name]
        on_order = obligations[obligations["order_id"] == name]
        on_file = orders[orders["order_id"] == name]
        if not len(own) and not len(on_order) and not len(on_file):
            raise InputError(f"no obligation and no order has the id {name[:200]}")
        if len(own):
            found = own if anyway or own["status"].isin(_OWED).all() else None
            why = "" if found is not None else _why(own.iloc[0])
        else:
            found = _of_order(on_order, on_file, anyway)
            why = f"order {name}: no mail is owed"
        if found is None or not len(found):
            raise UsageError(f"{why}; name a text with --template to draft one all the same")
        parts.append(found)
    return _sorted(pd.concat(parts, ignore_index=True).drop_duplicates(_ROW))


#: What makes two rows one.
_ROW = ["obligation_id", "account", "order_id"]


def _of_order(on_order: pd.DataFrame, on_file: pd.DataFrame, anyway: bool) -> pd.DataFrame:
    owed = _sorted(on_order[on_order["status"].isin(_OWED)])
    if not anyway:
        return owed
    if len(owed):
        return owed.drop_duplicates("account")
    rows = on_file if len(on_file) else on_order.drop_duplicates("account")
    plain = rows[["account", "order_id", "marketplace"]].reset_index(drop=True)
    return conform(plain, OBLIGATIONS)


def _why(row: pd.Series) -> str:
    return f"obligation {row['obligation_id']} {_DONE[row['status']]}: {row['why'].rstrip('.')}"


def _sorted(obligations: pd.DataFrame) -> pd.DataFrame:
    return obligations.sort_values(["due_at", "obligation_id"], kind="stable", ignore_index=True)
