"""Which rows of a lake go: those of orders whose time is over, and what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sellerkit.lake.scrub import IDS
from sellerkit.lake.tokens import is_made, is_token
from sellerkit.purge.due import KEY, Frames, Held

_ORDER_ID = r"\b[0-9]{3}-[0-9]{7}-[0-9]{7}\b"
_MESSAGE = ["account", "message_id"]
_THREAD = ["account", "thread_id"]

#: By which column of a table a row is seen to have gone.
_OWN = {name: next(iter(columns)) for name, columns in IDS.items() if name != "told"} | {
    "no_response_needed": "marks",
    "quarantine": "reason",
}

#: Tables of which each row belongs to an order.
_OF_ORDERS = ("orders", "order_parts", "order_items", "returns", "claims", "solicitations")


@dataclass(frozen=True)
class Time:
    """When the days are over.

    Attributes
    ----------
    as_of : pd.Timestamp
    days : int
    begins : pd.Series
        As `sellerkit.purge.due.begins`.
    held : sequence of Held
    """

    as_of: pd.Timestamp
    days: int
    begins: pd.Series
    held: Iterable[Held] = ()

    def over(self, instants: pd.Series) -> np.ndarray:
        """Tell which instants lie so many days back; a missing one does not."""
        last = self.as_of - pd.Timedelta(days=self.days)
        return (instants <= last).fillna(False).to_numpy(bool)

    def orders(self) -> pd.MultiIndex:
        """Return the orders whose time is over and that are not held."""
        index = pd.MultiIndex.from_tuples(
            self.begins.index[self.over(self.begins)].tolist(), names=KEY
        )
        kept = [(each.account, each.order_id) for each in self.held if each.order_id]
        return index[~index.isin(kept)] if kept else index


def chosen(frames: Frames, time: Time) -> Mapping[str, np.ndarray]:
    """Tell for each table which of its rows go, those among them that went before.

    Parameters
    ----------
    frames : mapping of str to pd.DataFrame
        All tables of a lake.
    time : Time

    Returns
    -------
    mapping of str to np.ndarray
        ``bool`` by table.
    """
    over = time.orders()
    goes = {name: _in(frames[name], KEY, over) for name in _OF_ORDERS}
    calls = frames["calls"]
    goes["calls"] = np.where(
        calls["order_id"].notna(), _in(calls, KEY, over), time.over(calls["started_at"])
    )
    goes["messages"] = _messages(frames["messages"], over, time)
    for name, order in (("mails", "named_order_id"), ("notices", "order_id")):
        goes[name] = _beside(frames, name, order, goes["messages"], over, time)
    goes["told"] = np.ones(len(frames["told"]), dtype=bool)
    goes["performance"] = np.zeros(len(frames["performance"]), dtype=bool)
    goes["no_response_needed"] = _marks(frames, goes, over, time)
    goes["quarantine"] = _quarantine(frames, goes)
    return goes


def any_fresh(frames: Frames, goes: Mapping[str, np.ndarray]) -> bool:
    """Tell whether any row goes that has not gone before."""
    return any(
        bool((goes[name] & ~is_made(frames[name][column]).to_numpy(bool)).any())
        for name, column in _OWN.items()
    )


def _in(frame: pd.DataFrame, columns: list[str], index: pd.MultiIndex) -> np.ndarray:
    return np.asarray(pd.MultiIndex.from_frame(frame[columns]).isin(index), dtype=bool)


def _messages(messages: pd.DataFrame, over: pd.MultiIndex, time: Time) -> np.ndarray:
    """Those of their order; one that names none goes with the last of its thread."""
    named = messages["order_id"].notna().to_numpy(bool)
    by_order = _in(messages, KEY, over)
    threads = [messages[name] for name in _THREAD]
    live = pd.Series(named & ~by_order, index=messages.index).groupby(threads).transform("any")
    last = messages["sent_at"].groupby(threads).transform("max")
    kept = [(each.account, each.thread_id) for each in time.held if each.thread_id]
    waits = _in(messages, _THREAD, pd.MultiIndex.from_tuples(kept, names=_THREAD)) if kept else 0
    alone = time.over(last) & ~live.to_numpy(bool) & ~np.asarray(waits, dtype=bool)
    return np.where(named, by_order, alone) | is_token(messages["message_id"]).to_numpy(bool)


def _beside(
    frames: Frames, name: str, order: str, gone: np.ndarray, over: pd.MultiIndex, time: Time
) -> np.ndarray:
    """Tell what goes of a table beside messages: with them, else by its order, or its own day."""
    rows, messages = frames[name], frames["messages"]
    index = pd.MultiIndex.from_frame(messages[_MESSAGE])
    own = pd.MultiIndex.from_frame(rows[_MESSAGE])
    with_it = np.asarray(own.isin(index[gone]))
    named = rows[order].notna().to_numpy(bool)
    alone = np.where(named, _in(rows, ["account", order], over), time.over(rows["sent_at"])).astype(
        bool
    )
    there = np.asarray(own.isin(index))
    gone_before = is_token(rows["message_id"]).to_numpy(bool)
    return with_it | (alone & ~there) | gone_before


def _marks(
    frames: Frames, goes: Mapping[str, np.ndarray], over: pd.MultiIndex, time: Time
) -> np.ndarray:
    rows, messages = frames["no_response_needed"], frames["messages"]
    of_message = (rows["kind"] == "message").to_numpy(bool)
    index = pd.MultiIndex.from_frame(messages[_MESSAGE])
    own = ["account", "marks"]
    gone = np.where(of_message, _in(rows, own, index[goes["messages"]]), _in(rows, own, over))
    there = np.where(of_message, _in(rows, own, index), _in(rows, own, time.begins.index))
    old = ~there & time.over(rows["marked_at"])
    return gone.astype(bool) | old | is_token(rows["marks"]).to_numpy(bool)


def _quarantine(frames: Frames, goes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Tell which texts name no order that stays: nothing else says how old one is."""
    kept: set[str] = set()
    for name in (*_OF_ORDERS, "messages", "calls"):
        kept.update(frames[name].loc[~goes[name], "order_id"].dropna().unique())
    named = frames["quarantine"]["raw"].fillna("").str.findall(_ORDER_ID)
    return ~named.map(lambda ids: not kept.isdisjoint(ids)).astype(bool).to_numpy(bool)
