"""Which orders' time is over, and which are kept longer, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sellerkit.audit import Audit
from sellerkit.lake.tokens import is_made
from sellerkit.tables import TS_DTYPE

KEY = ["account", "order_id"]

Frames = Mapping[str, pd.DataFrame]

#: Where each table names an order and an instant.
_EVENTS = {
    "messages": ("order_id", "sent_at"),
    "mails": ("named_order_id", "sent_at"),
    "notices": ("order_id", "sent_at"),
    "returns": ("order_id", "requested_at"),
    "claims": ("order_id", "filed_at"),
    "calls": ("order_id", "started_at"),
    "solicitations": ("order_id", "sent_at"),
}

_ENDED = ("seller_funded", "amazon_funded", "withdrawn", "denied")


@dataclass(frozen=True)
class Held:
    """An order that stays whole, or a thread that names none.

    Attributes
    ----------
    account, order_id, thread_id : str
        Of the two ids one is empty.
    kind : str
        ``claim``, ``appeal``, ``duty`` or ``hold``.
    reason : str
        One sentence.
    """

    account: str
    order_id: str
    kind: str
    reason: str
    thread_id: str = ""


def begins(frames: Frames) -> pd.Series:
    """Return from when on the days count for each order.

    The delivery; where that is not known the cancellation, else the latest of what was promised
    and done; of an order that is not on file the last that anything says of it.

    Returns
    -------
    pd.Series
        Instants by (account, order id).
    """
    orders = frames["orders"].drop_duplicates(KEY, keep="last")
    latest = orders[["promised_by", "latest_ship_at", "shipped_at", "purchased_at"]].max(axis=1)
    at = orders["delivered_at"].fillna(orders["canceled_at"]).fillna(latest.astype(TS_DTYPE))
    known = at.set_axis(pd.MultiIndex.from_frame(orders[KEY]))
    parts = [
        frames[name][["account", order, at]].set_axis([*KEY, "at"], axis=1)
        for name, (order, at) in _EVENTS.items()
    ]
    events = pd.concat(parts, ignore_index=True).dropna()
    last = events.groupby(KEY)["at"].max()
    return pd.concat([known, last[~last.index.isin(known.index)]]).astype(TS_DTYPE)


def held(
    frames: Frames, found: Audit, as_of: pd.Timestamp, holds: Iterable[Mapping[str, str]]
) -> list[Held]:
    """Return what is kept longer, the seller's own word first: he may also let go of one.

    Parameters
    ----------
    frames : mapping
    found : Audit
        At `as_of`: for duties that are open.
    as_of : pd.Timestamp
    holds : iterable of mapping
        ``order_id``, ``kind`` (``hold`` or ``release``), ``reason``.
    """
    said = {each["order_id"]: each for each in holds}
    orders = pd.concat([frames[name][KEY] for name in ("orders", "claims", "messages")])
    own = [
        Held(account, order, "hold", said[order]["reason"])
        for account, order in sorted(set(orders.dropna().itertuples(index=False, name=None)))
        if said.get(order, {}).get("kind") == "hold"
    ]
    first: dict[tuple[str, str, str], Held] = {}
    for each in (*own, *_claims(frames["claims"], found, as_of), *_duties(found)):
        if said.get(each.order_id, {}).get("kind") != "release":
            first.setdefault((each.account, each.order_id, each.thread_id), each)
    return list(first.values())


def _claims(claims: pd.DataFrame, found: Audit, as_of: pd.Timestamp) -> Iterator[Held]:
    """Yield orders with a claim that is not decided, or that is or can be appealed."""
    value, _ = found.policy.value("claim.appeal_days", as_of)
    days = None if value is None else float(value)
    # one that was purged was let go of: there is nothing left to hold for it
    whole = claims[~is_made(claims["claim_id"])]
    for row in whole.sort_values(["filed_at", "claim_id"]).itertuples():
        kind, reason = _waits(row, as_of, days)
        if kind:
            yield Held(row.account, row.order_id, kind, reason)


def _waits(claim: Any, as_of: pd.Timestamp, days: float | None) -> tuple[str, str]:
    """Return what a claim still waits for, and since or until when; nothing where it is over."""
    decided = pd.notna(claim.decided_at) and claim.decided_at <= as_of
    ended = decided or (pd.isna(claim.decided_at) and claim.outcome in _ENDED)
    day = claim.filed_at.date()
    if not ended:
        return "claim", f"the claim of {day} is not decided"
    if pd.notna(claim.appealed_at) and claim.appealed_at <= as_of:
        again = decided and claim.decided_at > claim.appealed_at
        if claim.outcome in _ENDED[1:] or again:
            return "", ""
        return "appeal", f"the appeal of {claim.appealed_at.date()} is not decided"
    until = claim.appeal_by
    if pd.isna(until) and decided and days is not None:
        until = claim.decided_at + pd.Timedelta(days=days)
    if claim.outcome == "seller_funded" and pd.notna(until) and until >= as_of:
        return "appeal", f"the claim of {day} can be appealed until {until.date()}"
    return "", ""


def _duties(found: Audit) -> Iterator[Held]:
    """Yield orders and threads on which a mail is owed that is not yet due."""
    owed = found.obligations
    for row in owed[owed["status"] == "open"].sort_values("due_at").itertuples():
        reason = f"a mail is owed until {row.due_at:%Y-%m-%d %H:%M} UTC ({row.kind})"
        if isinstance(row.order_id, str):
            yield Held(row.account, row.order_id, "duty", reason)
        elif isinstance(row.thread_id, str):
            yield Held(row.account, "", "duty", reason, row.thread_id)
