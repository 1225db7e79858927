"""The histories at `as_of`, coded and sorted once, as every part of the audit needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sellerkit.audit.moments import as_they_were
from sellerkit.audit.pairing import NONE, Timeline, codes_of, is_among, micros_of, pick, time_order
from sellerkit.policy import Policy


@dataclass(frozen=True)
class Evidence:
    """What was on file at `as_of`, with threads and orders as integer codes.

    Attributes
    ----------
    as_of : pd.Timestamp
    policy : Policy
    histories : dict of str to pd.DataFrame
        As they were; messages sorted by ``(sent_at, message_id)``.
    threads : np.ndarray
        For each message the code of its account and thread.
    on_order : dict of str to np.ndarray
        For each history with orders, for each row, the code of its account and order; `NONE` where
        it names none.
    """

    as_of: pd.Timestamp
    policy: Policy
    histories: dict[str, pd.DataFrame]
    threads: np.ndarray
    on_order: dict[str, np.ndarray]

    @classmethod
    def at(
        cls, histories: dict[str, pd.DataFrame], as_of: pd.Timestamp, policy: Policy
    ) -> Evidence:
        """Prepare histories for an audit at an instant."""
        seen = as_they_were(histories, as_of)
        messages = seen["messages"]
        order = time_order(micros_of(messages["sent_at"]), messages["message_id"])
        if (order[1:] < order[:-1]).any():
            seen["messages"] = messages.iloc[order].reset_index(drop=True)
        (threads,) = codes_of([seen["messages"]["account"], seen["messages"]["thread_id"]])
        named = ("messages", "orders", "returns", "claims", "calls", "solicitations", "notices")
        on_order = codes_of(*([seen[n]["account"], seen[n]["order_id"]] for n in named))
        return cls(as_of, policy, seen, threads, dict(zip(named, on_order, strict=True)))

    @property
    def messages(self) -> pd.DataFrame:
        """Messages up to `as_of`, by ``(sent_at, message_id)``."""
        return self.histories["messages"]

    @property
    def orders(self) -> pd.DataFrame:
        """Orders as they were."""
        return self.histories["orders"]

    @cached_property
    def sent(self) -> np.ndarray:
        """Microseconds at which each message was sent."""
        return micros_of(self.messages["sent_at"])

    @cached_property
    def is_buyer(self) -> np.ndarray:
        """Whether each message is a buyer's."""
        return (self.messages["sender"] == "buyer").to_numpy(bool)

    @cached_property
    def is_seller(self) -> np.ndarray:
        """Whether each message is the seller's."""
        return (self.messages["sender"] == "seller").to_numpy(bool)

    @cached_property
    def autoreply_counts(self) -> np.ndarray:
        """Whether an automated reply counted as an answer when each message was sent."""
        limit = self.policy.limit(
            "crt.autoreply_counts", self.messages["sent_at"], self.messages["marketplace"]
        )
        return limit.value.to_numpy(bool)

    @cached_property
    def is_answer(self) -> np.ndarray:
        """Whether each message is an answer: the seller's, by a person, and delivered."""
        by_machine = self.messages["automated"].to_numpy(bool) & ~self.autoreply_counts
        return self.is_seller & ~by_machine & ~self.messages["undelivered"].to_numpy(bool)

    @cached_property
    def writes(self) -> Timeline:
        """Answers by order: "the seller writes on the order"."""
        return Timeline(np.where(self.is_answer, self.on_order["messages"], NONE), self.sent)

    @cached_property
    def asks(self) -> Timeline:
        """Buyers' messages by order."""
        return Timeline(np.where(self.is_buyer, self.on_order["messages"], NONE), self.sent)

    @cached_property
    def order_count(self) -> int:
        """How many order codes there are: as many as orders that any history names."""
        return int(max(codes.max(initial=NONE) for codes in self.on_order.values())) + 1

    def of_messages(self, columns: Sequence[str], rows: np.ndarray) -> dict[str, pd.Series]:
        """Return columns of messages at the given rows, and of no other column anything."""
        return {name: pick(self.messages[name], rows) for name in columns}

    def message_ids(self, rows: np.ndarray) -> pd.Series:
        """Return the message ids at the given rows, null where the row is `NONE`."""
        return pick(self.messages["message_id"], rows)

    def order_rows(self, codes: np.ndarray) -> np.ndarray:
        """Return the row in orders of each order code, `NONE` where it is not on file."""
        return self._rows_by_order[codes]

    @cached_property
    def _rows_by_order(self) -> np.ndarray:
        of_orders = self.on_order["orders"]
        table = np.full(self.order_count + 1, NONE)
        table[of_orders] = np.arange(len(of_orders))
        # an order's code may be NONE (-1), which addresses the last, spare place
        table[NONE] = NONE
        return table

    def rows_of(self, accounts: pd.Series, order_ids: pd.Series) -> np.ndarray:
        """Return the row in orders of each account and order id, `NONE` where there is none."""
        orders = self.orders
        # few are asked for: the others need no code
        named = np.flatnonzero(is_among(orders["order_id"], order_ids))
        of_orders, asked = codes_of(
            [pick(orders["account"], named), pick(orders["order_id"], named)],
            [accounts, order_ids],
        )
        table = np.full(max(of_orders.max(initial=NONE), asked.max(initial=NONE)) + 2, NONE)
        table[of_orders] = named
        table[NONE] = NONE
        return table[asked]

    def of_order(self, column: str, codes: np.ndarray) -> pd.Series:
        """Return a column of orders for each order code, null where the order is not on file."""
        return pick(self.orders[column], self.order_rows(codes))

    def marketplaces(self, codes: np.ndarray) -> pd.Series:
        """Return the store of each order code, null where it is not known."""
        return self.of_order("marketplace", codes)
