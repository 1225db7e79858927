"""What speaks against asking a buyer how it went: he opted out, or something on his order is open.

Each is an event on an order with the instant at which it began and that at which it was over. An
order is asked about at one instant of its own, so one comparison for each event is enough.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import NAT, NONE, codes_of, instants_of, micros_of

NEVER = np.iinfo("int64").max

#: What ends with the buyer's waiting, not with the time that it should have taken.
_WAITED_FOR = ("inquiry", "return")


class _Events(NamedTuple):
    """Events on rows of orders (`NONE`: not on file), from `since` to before `until`."""

    rows: np.ndarray
    since: np.ndarray
    until: np.ndarray


def standing_at(evidence: Evidence, obligations: pd.DataFrame, asked: np.ndarray) -> pd.DataFrame:
    """Name for each order what stood against a check-in at an instant.

    Parameters
    ----------
    evidence : Evidence
    obligations : pd.DataFrame
        All of them.
    asked : np.ndarray
        For each row of orders the instant (``int64`` micros); at `NAT` nothing stands.

    Returns
    -------
    pd.DataFrame
        ``name`` (``str``): ``opt_out``, ``claim``, ``return``, ``inquiry`` or ``duty``, the first
        of them that stood, null where none did; ``since``: its instant, of several the earliest.

    Source
    ------
    rules.md, Check-ins (blocked); docs/readings.md.
    """
    duties = _unwritten(evidence, obligations)
    events = {
        "opt_out": _opt_outs(evidence),
        "claim": _claims(evidence),
        "return": _returns(evidence),
        "inquiry": _duties(evidence, duties[duties["kind"] == "inquiry"]),
        "duty": _duties(evidence, duties[duties["kind"] != "inquiry"]),
    }
    name, since = np.full(len(asked), None, dtype=object), np.full(len(asked), NAT)
    for one, (rows, begun, over) in events.items():
        at = np.where(rows == NONE, NAT, asked[rows] if len(asked) else NAT)
        stands = (begun != NAT) & (begun <= at) & (at < over)
        first = np.full(len(asked), NEVER)
        np.minimum.at(first, rows[stands], begun[stands])
        new = (first != NEVER) & (since == NAT)
        name[new], since[new] = one, first[new]
    return pd.DataFrame({"name": pd.Series(name, dtype="str"), "since": instants_of(since)})


def _or_never(*instants: pd.Series) -> np.ndarray:
    """Return the earliest of several instants in each row, `NEVER` where all are missing."""
    stacked = np.stack([micros_of(each) for each in instants])
    return np.where(stacked == NAT, NEVER, stacked).min(axis=0)


def _claims(evidence: Evidence) -> _Events:
    """Claims until they are decided; one that is, on a day not known, stands against nothing."""
    claims = evidence.histories["claims"]
    ended = (claims["outcome"].notna() & (claims["outcome"] != "open")).to_numpy(bool)
    until = _or_never(claims["decided_at"])
    until[(until == NEVER) & ended] = NAT
    rows = evidence.order_rows(evidence.on_order["claims"])
    return _Events(rows, micros_of(claims["filed_at"]), until)


def _returns(evidence: Evidence) -> _Events:
    """Return requests until they are refunded or closed."""
    returns = evidence.histories["returns"]
    rows = evidence.order_rows(evidence.on_order["returns"])
    until = _or_never(returns["refunded_at"], returns["closed_at"])
    return _Events(rows, micros_of(returns["requested_at"]), until)


def _unwritten(evidence: Evidence, obligations: pd.DataFrame) -> pd.DataFrame:
    """Return the duties that were open for a while, on orders."""
    waited = ~(obligations["satisfied_at"] <= obligations["trigger_at"])
    own = obligations["order_id"].notna() & waited
    own &= ~obligations["status"].isin(["waived", "not_applicable"])
    columns = ["account", "order_id", "kind", "trigger_at", "satisfied_at", "due_at"]
    duties = obligations.loc[own, columns].reset_index(drop=True)
    return duties.assign(row=evidence.rows_of(duties["account"], duties["order_id"]))


def _duties(evidence: Evidence, duties: pd.DataFrame) -> _Events:
    """Duties until they are fulfilled; a notice until it was due, for then it is too late."""
    until, due = _or_never(duties["satisfied_at"]), micros_of(duties["due_at"])
    waits = duties["kind"].isin(_WAITED_FOR).to_numpy(bool)
    until = np.where(waits, until, np.minimum(until, due + 1))
    return _Events(duties["row"].to_numpy("int64"), micros_of(duties["trigger_at"]), until)


def _opt_outs(evidence: Evidence) -> _Events:
    """Opt-outs, for good: on the order that the notice names, and on all others of its buyer."""
    notices = evidence.histories["notices"]
    own = (notices["event"] == "opted_out").to_numpy(bool)
    codes, at = evidence.on_order["notices"][own], micros_of(notices["sent_at"])[own]
    codes, at = codes[codes != NONE], at[codes != NONE]
    if not len(codes):
        return _Events(codes, at, at)
    by_order = np.full(evidence.order_count + 1, NEVER)  # the last place is that of `NONE`
    np.minimum.at(by_order, codes, at)
    messages, order = evidence.messages, evidence.on_order["messages"]
    (buyer,) = codes_of([messages["account"], messages["buyer_id"]])
    by_buyer = np.full(buyer.max(initial=NONE) + 2, NEVER)
    np.minimum.at(by_buyer, buyer, by_order[order])
    by_buyer[NONE] = NEVER
    np.minimum.at(by_order, order, by_buyer[buyer])
    named = np.flatnonzero(by_order[:-1] != NEVER)
    since = by_order[named]
    return _Events(evidence.order_rows(named), since, np.full(len(named), NEVER))
