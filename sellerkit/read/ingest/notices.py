"""Amazon's notices → returns and claims: what no report and no list on file tells of.

A report of returns has days, comes late and ends after 60 days; of claims there is none at all. The
notices say both, with the time. What they give is concluded anew from all notices on file, so that
it depends on what is on file alone, not on the order in which it came.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from sellerkit.policy import zone_of
from sellerkit.read.mail.deadlines import end_of_day
from sellerkit.tables import CLAIMS, PROVENANCE, RETURNS, Table, conform, empty

#: How the ids of returns and claims begin that notices gave. No report has such.
MADE_BY_MAIL = "mail:"

_ORIGIN = tuple(column.name for column in PROVENANCE)
#: A notice and a row on file so near each other are about one return, or one claim.
_SAME_RETURN_DAYS = 7
_SAME_CLAIM_DAYS = 30

_Row = dict[str, Any]
_Order = tuple[str, str]


class Concluded(NamedTuple):
    """What the notices on file give.

    Attributes
    ----------
    returns, claims : pd.DataFrame
        `sellerkit.tables.RETURNS` and `CLAIMS`, ids with `MADE_BY_MAIL`; they take the place of all
        rows on file whose ids begin so.
    warnings : list of str
        Sentences for the user, each with the file and the place of a notice that gave nothing.
    """

    returns: pd.DataFrame
    claims: pd.DataFrame
    warnings: list[str]


@dataclass
class _Return:
    """A return and its notices in time's order; `day` is the one they name, or the first one's."""

    day: dt.date
    notices: list[_Row] = field(default_factory=list)
    refunds: list[_Row] = field(default_factory=list)


def concluded(
    notices: pd.DataFrame, returns: pd.DataFrame, claims: pd.DataFrame, orders: pd.DataFrame
) -> Concluded:
    """Conclude returns and claims from all notices on file.

    Parameters
    ----------
    notices : pd.DataFrame
        `sellerkit.read.mail.notices.NOTICES`, all of a lake, any order.
    returns, claims : pd.DataFrame
        `sellerkit.tables.RETURNS` and `CLAIMS`, all of a lake; rows whose ids begin with
        `MADE_BY_MAIL` are not looked at.
    orders : pd.DataFrame
        `order_id`, `account`, `marketplace`: for a notice that names no store.

    Returns
    -------
    Concluded

    Notes
    -----
    Days are those of the order's store; edges are inclusive.

    A return notice whose day (the one that it names, else that on which it was sent) is at most
    7 days before or after a return on file of that order, or that names its id, gives nothing: the
    row on file is that return. The others give one row a return. Notices that name a day are one
    return per day. Those that name none belong to the nearest such day at most 7 days off; the
    rest are returns of their own, each as long as at most 7 days lie between one and the next.
    `requested_at` is the instant of the first notice, or the end of the day that it names if that
    is earlier. Refund notices belong to the last return requested before them, so to a row made
    here or to one on file, which is never touched: the first gives `refunded_at`, their sum is the
    amount, null where one of them names none or they differ in currency. A refund without a return
    gives nothing.

    A notice of a claim gives nothing where a claim on file of that order was filed within 30 days
    of it, or has no date. Else all of an order are one claim, filed when the first was sent. The
    last decision that says how the claim ended gives `decided_at` and `outcome`; where none says
    it, the first decision gives `decided_at`. A decision without a claim gives no row, for nothing
    says when it was filed.
    """
    stores = _stores(_about(orders, notices))
    in_order = _records(notices.sort_values(["sent_at", "account", "message_id"]))
    by_order: dict[_Order, list[_Row]] = defaultdict(list)
    for row in in_order:
        if row["order_id"] is not None:
            by_order[row["account"], row["order_id"]].append(_dated(row, stores))
    filed = _on_file(_about(claims, notices), "claim_id")
    asked = _on_file(_about(returns, notices), "return_id")
    warnings = [_no_order(row) for row in in_order if _wants_an_order(row)]
    made_returns: list[_Row] = []
    made_claims: list[_Row] = []
    for order in sorted(by_order):
        made_returns += _returns(by_order[order], asked[order])
        made_claims += _claims(by_order[order], filed[order], warnings)
    return Concluded(_frame(made_returns, RETURNS), _frame(made_claims, CLAIMS), warnings)


def made_by_mail(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows of returns or claims on file that notices gave."""
    return rows[rows[table.key[1]].str.startswith(MADE_BY_MAIL).astype(bool)]


def _returns(notices: list[_Row], on_file: list[_Row]) -> list[_Row]:
    """Return the rows of one order's returns that are not on file."""
    moments = sorted(row["requested_at"] for row in on_file if row["requested_at"] is not None)
    if len(moments) < len(on_file):  # one on file without a day could be any
        return []
    ids = {row["return_id"] for row in on_file}
    days = {_day(moment, notices[0]["zone"]) for moment in moments}
    missing = [
        each
        for each in _told(_of(notices, "return_requested"))
        if days.isdisjoint(_around(each.day)) and _first(each.notices, "rma_id") not in ids
    ]
    missing.sort(key=_requested_at)
    for refund in _of(notices, "refund_issued"):
        _refunded(refund, missing, moments)
    return [_return_row(each) for each in missing]


def _around(day: dt.date) -> Iterator[dt.date]:
    """Yield the days that may be of the same return, the nearest first."""
    yield day
    for off in range(1, _SAME_RETURN_DAYS + 1):
        yield day - dt.timedelta(days=off)
        yield day + dt.timedelta(days=off)


def _told(notices: list[_Row]) -> list[_Return]:
    """Return the returns that notices tell of: one per day that they name, then the others."""
    named: dict[dt.date, _Return] = {}
    for row in notices:
        if row["requested_on"] is not None:
            named.setdefault(row["day"], _Return(row["day"])).notices.append(row)
    others: list[_Return] = []
    for row in notices:
        if row["requested_on"] is None:
            near = next((named[day] for day in _around(row["day"]) if day in named), None)
            if near is None and others and others[-1].notices[-1]["day"] in _around(row["day"]):
                near = others[-1]
            if near is None:
                near = _Return(row["day"])
                others.append(near)
            near.notices.append(row)
    for each in named.values():
        each.notices.sort(key=lambda row: (row["sent_at"], row["message_id"]))
    return [*named.values(), *others]


def _refunded(refund: _Row, made: list[_Return], on_file: list[pd.Timestamp]) -> None:
    """Give a refund to the last return requested before it, if that is one made here."""
    at = bisect_right(made, refund["sent_at"], key=_requested_at)
    other = bisect_right(on_file, refund["sent_at"])
    if at and not (other and on_file[other - 1] > _requested_at(made[at - 1])):
        made[at - 1].refunds.append(refund)


def _requested_at(each: _Return) -> dt.datetime:
    first = each.notices[0]
    sent_at: dt.datetime = first["sent_at"]
    return min(sent_at, end_of_day(each.day, first["zone"]))


def _return_row(each: _Return) -> _Row:
    first, refunds = each.notices[0], each.refunds
    by_amazon = next((row for row in each.notices if row["authorized_by"] == "amazon"), None)
    return _origin(first) | {
        "return_id": f"{MADE_BY_MAIL}{first['order_id']}:{each.day.isoformat()}",
        "requested_at": _requested_at(each),
        "authorized_at": by_amazon["sent_at"] if by_amazon else None,
        "authorized_by": "amazon" if by_amazon else None,
        "reason": _first(each.notices, "return_reason"),
        "in_policy": _first(each.notices, "in_policy"),
        "tracking_id": _first(each.notices, "tracking_id"),
        "refunded_at": refunds[0]["sent_at"] if refunds else None,
        "refund_amount": _sum(refunds),
        "currency": _first(refunds, "currency"),
    }


def _sum(refunds: list[_Row]) -> float | None:
    """Return what refunds come to; null where one names no amount, or their currencies differ."""
    if not refunds or any(row["amount"] is None for row in refunds):
        return None
    if len({row["currency"] for row in refunds}) > 1:
        return None
    total: float = sum(row["amount"] for row in refunds)
    return round(total, 2)


def _claims(notices: list[_Row], on_file: list[_Row], warnings: list[str]) -> list[_Row]:
    """Return the row of one order's claim, if it is not on file."""
    opened = [row for row in _of(notices, "claim_opened") if not _is_filed(row, on_file)]
    decided = _of(notices, "claim_decided")
    if not opened:
        if decided and not on_file:
            warnings.append(_never_filed(decided[0]))
        return []
    first = opened[0]
    decided = [row for row in decided if row["sent_at"] >= first["sent_at"]]
    ended = [row for row in decided if row["outcome"] is not None]
    decision = ended[-1] if ended else decided[0] if decided else None
    amount = next((row for row in (*opened, *decided) if row["amount"] is not None), None)
    claim = {
        "claim_id": f"{MADE_BY_MAIL}{first['order_id']}",
        "filed_at": first["sent_at"],
        "reason": _first(opened, "claim_reason") or "other",
        "amount": amount["amount"] if amount else None,
        "currency": amount["currency"] if amount else None,
        "respond_by": _first(opened, "respond_by"),
        "decided_at": decision["sent_at"] if decision else None,
        "outcome": decision["outcome"] if decision else None,
    }
    return [_origin(first) | claim]


def _is_filed(notice: _Row, on_file: list[_Row]) -> bool:
    near = dt.timedelta(days=_SAME_CLAIM_DAYS)
    return any(
        row["filed_at"] is None or abs(row["filed_at"] - notice["sent_at"]) <= near
        for row in on_file
    )


def _wants_an_order(row: _Row) -> bool:
    return row["event"] in ("return_requested", "claim_opened") and row["order_id"] is None


def _no_order(row: _Row) -> str:
    what = "return" if row["event"] == "return_requested" else "claim"
    return f"{_place(row)}: a notice of a {what} that names no order; it is kept as a message only"


def _never_filed(row: _Row) -> str:
    return (
        f"{_place(row)}: Amazon decided a claim on order {row['order_id']}, but nothing says when "
        "it was filed; ingest the notice of its filing, or a claims.csv with the claim"
    )


def _place(row: _Row) -> str:
    if row["source"] is None or row["source_pos"] is None:
        return f"message {row['message_id']}"
    return f"{row['source']}, byte {int(row['source_pos'])}"


def _records(frame: pd.DataFrame) -> list[_Row]:
    cells = frame.astype("object")
    return cells.where(cells.notna(), None).to_dict("records")


def _dated(row: _Row, stores: dict[_Order, object]) -> _Row:
    """Add a notice's zone and day: the one that it names, else that on which it was sent there."""
    store = row["marketplace"]
    if store is None:
        store = stores.get((row["account"], row["order_id"]))
    zone = zone_of(store, row["currency"])
    named = row["requested_on"]
    day = dt.date.fromisoformat(named) if named is not None else _day(row["sent_at"], zone)
    return row | {"zone": zone, "day": day}


def _about(rows: pd.DataFrame, notices: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["order_id"].isin(notices["order_id"])]


def _stores(orders: pd.DataFrame) -> dict[_Order, object]:
    columns = (orders[name].to_numpy(object) for name in ("account", "order_id", "marketplace"))
    return {(account, order): store for account, order, store in zip(*columns, strict=True)}


def _on_file(rows: pd.DataFrame, key: str) -> dict[_Order, list[_Row]]:
    """Return rows that no notice made, by order."""
    found: dict[_Order, list[_Row]] = defaultdict(list)
    for row in _records(rows[~rows[key].str.startswith(MADE_BY_MAIL).astype(bool)]):
        found[row["account"], row["order_id"]].append(row)
    return found


def _of(notices: list[_Row], event: str) -> list[_Row]:
    return [row for row in notices if row["event"] == event]


def _first(notices: list[_Row], column: str) -> Any:
    """Return the first value that is known."""
    return next((row[column] for row in notices if row[column] is not None), None)


def _day(instant: dt.datetime, zone: str) -> dt.date:
    return instant.astimezone(ZoneInfo(zone)).date()


def _origin(notice: _Row) -> _Row:
    return {name: notice[name] for name in ("account", "order_id", *_ORIGIN)}


def _frame(rows: list[_Row], table: Table) -> pd.DataFrame:
    return conform(pd.DataFrame(rows), table) if rows else empty(table)
