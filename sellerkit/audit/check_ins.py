"""Check-ins: which delivered orders are due one, were sent one, or must not get one, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import (
    NAT,
    NONE,
    instants_of,
    micro,
    micros_from,
    micros_of,
    pick,
)
from sellerkit.audit.trouble import NEVER, standing_at
from sellerkit.audit.words import alike, say_each

_BLOCKED = {
    "opt_out": "the buyer opted out of messages on {since}",
    "claim": "an A-to-z claim of {since} was not decided",
    "return": "a return asked for on {since} was not over",
    "inquiry": "the buyer's message of {since} was not answered",
    "duty": "what was owed in writing since {since} was not written",
}

_ENDINGS = {
    "due": "Delivered on {delivered}; no check-in was sent yet, and one may be until {to}.",
    "skipped": "No check-in was sent in its window, from {from} to {to}.",
    "too_early": "Delivered on {delivered}; a check-in may be sent from {from} to {to}.",
}

#: Where a check-in that was sent lay, seen from its window.
_WHEN = {
    "inside": "inside its window from {from} to {to}",
    "early": "before its window began on {from}",
    "late": "after its window had ended on {to}",
}


def check_ins(evidence: Evidence, obligations: pd.DataFrame) -> pd.DataFrame:
    """Say of every delivered order how it stands with asking its buyer how it went.

    Parameters
    ----------
    evidence : Evidence
    obligations : pd.DataFrame
        All of them, not only the window's.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.CHECK_INS`, one row for each order that was delivered by `as_of`, in the
        order of orders. The window has both `from_at` and `to_at` in it. `sent_at` is the instant
        of the first check-in that reached the buyer, null without one.

    Notes
    -----
    `sent` goes before `blocked`, which goes before the others. Whether something speaks against a
    check-in is asked at `as_of`, or at `to_at` where that has passed. Of one that was sent it is
    asked just before it was, and what spoke against it stands in `why`.

    Source
    ------
    rules.md, Check-ins; docs/readings.md.
    """
    delivered = micros_of(evidence.orders["delivered_at"])
    if not (delivered != NAT).any():
        return tables.empty(tables.CHECK_INS)
    begin, end = _window(evidence, delivered)
    sent, now = _sent(evidence), micro(evidence.as_of)
    asked = np.where(sent != NEVER, sent - 1, np.minimum(now, end))
    trouble = standing_at(evidence, obligations, np.where(delivered == NAT, NAT, asked))
    state = np.select(
        [sent != NEVER, trouble["name"].notna(), now < begin, now <= end],
        ["sent", "blocked", "too_early", "due"],
        "skipped",
    )
    rows = np.flatnonzero(delivered != NAT)
    columns = {c: pick(evidence.orders[c], rows) for c in ("order_id", "account", "delivered_at")}
    columns |= {
        "state": pd.Series(state[rows], dtype="str"),
        "from_at": instants_of(begin[rows]),
        "to_at": instants_of(end[rows]),
        "sent_at": instants_of(np.where(sent == NEVER, NAT, sent)[rows]),
        "trouble": pick(trouble["name"], rows),
        "since": pick(trouble["since"], rows),
    }
    columns["why"] = _sentences(columns, now)
    return tables.frame_of(columns, tables.CHECK_INS, pd.RangeIndex(len(rows)))


def _window(evidence: Evidence, delivered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last instant at which a check-in may be sent; `NAT` if never."""
    base, stores = evidence.orders["delivered_at"], evidence.orders["marketplace"]
    edges = []
    for name in ("check_in.from_days", "check_in.to_days"):
        days = evidence.policy.limit(name, base, stores)
        edges.append(np.where(delivered == NAT, NAT, delivered + 24 * micros_from(days.value)))
    return edges[0], edges[1]


def _sent(evidence: Evidence) -> np.ndarray:
    """Return for each order when the first check-in that reached the buyer was sent."""
    messages, by_form = evidence.messages, evidence.histories["solicitations"]
    written = evidence.is_seller & (messages["topic"] == "check_in").to_numpy(bool)
    written &= ~messages["undelivered"].to_numpy(bool)
    codes = (evidence.on_order["messages"][written], evidence.on_order["solicitations"])
    rows = evidence.order_rows(np.concatenate(codes))
    at = np.concatenate([evidence.sent[written], micros_of(by_form["sent_at"])])
    first = np.full(len(evidence.orders), NEVER)
    np.minimum.at(first, rows[rows != NONE], at[rows != NONE])
    return first


def _sentences(found: dict[str, pd.Series], now: int) -> pd.Series:
    columns = {
        "delivered": found["delivered_at"],
        "from": found["from_at"],
        "to": found["to_at"],
        "sent": found["sent_at"],
        "since": found["since"],
    }
    trouble = found["trouble"].fillna("")
    kinds = [found["state"], _when(found), trouble, pd.Series(micros_of(found["to_at"]) < now)]
    each = [(_template(*(kind.iat[rows[0]] for kind in kinds)), rows) for rows in alike(kinds)]
    return say_each(each, columns)


def _template(state: str, when: str, trouble: str, over: bool) -> str:
    """Return the sentence for an order's state, with blanks for its instants."""
    if state == "sent":
        ending = f", although {_BLOCKED[trouble]}" if trouble else ""
        return f"A check-in was sent on {{sent}}, {_WHEN[when]}{ending}."
    if state == "blocked" and over:
        return f"No check-in was to be sent by {{to}}: {_BLOCKED[trouble]}."
    if state == "blocked":
        return f"No check-in is to be sent: {_BLOCKED[trouble].replace(' was ', ' is ')}."
    return _ENDINGS[state]


def _when(found: dict[str, pd.Series]) -> pd.Series:
    sent, begin, end = (micros_of(found[c]) for c in ("sent_at", "from_at", "to_at"))
    early, late = (sent != NAT) & (sent < begin), sent > end
    return pd.Series(np.select([early, late], ["early", "late"], "inside"))
