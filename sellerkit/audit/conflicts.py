"""Must and must not at once: what is owed and at the same time not allowed, and the safe way."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.pairing import (
    NAT,
    NONE,
    Timeline,
    codes_of,
    instants_of,
    micro,
    micros_from,
    micros_of,
    pick,
)
from sellerkit.audit.run import Audit
from sellerkit.audit.words import say

CONFLICTS = tables.Table(
    "conflicts",
    ("obligation_id", "conflict"),
    tables.columns_of(
        f"""
        obligation_id str
        kind str {"|".join(tables.KINDS)}
        problem str?
        order_id str?
        account str
        marketplace str?
        trigger_at ts
        due_at ts
        status str
        conflict str opted_out|after_30_days|personal_data
        rule str
        barred_by str
        barred_since ts
        why str
        safe_way str
        """
    ),
    "one per duty still to be written for and per rule that forbids or hinders it at as_of",
)

_PROACTIVE_BASES = ("delivered_at", "promised_by", "shipped_at")


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("conflicts.toml").read_text("utf-8"))


def conflicts(found: Audit, obligations: pd.DataFrame | None = None) -> pd.DataFrame:
    """List duties that are open or missed and that another rule forbids or hinders at `as_of`.

    Parameters
    ----------
    found : Audit
    obligations : pd.DataFrame, optional
        Rows of obligations; default all up to `as_of`.

    Returns
    -------
    pd.DataFrame
        `CONFLICTS`, in the order of obligations. ``rule`` is the duty's row of the policy,
        ``barred_by`` the row that forbids, of `as_of`'s own day: the message would be sent then.
        ``barred_since`` tells from when on: the notice of the opt-out, or the end of the days.

    Source
    ------
    policy.md, sections 0 and 5 (opted-out buyers, 30 days), 7 (personal data), 10.10.
    """
    owed = found.obligations if obligations is None else obligations
    owed = owed[owed["status"].isin(["open", "missed"])].reset_index(drop=True)
    orders = found.histories["orders"]
    codes, of_orders = codes_of(*([f["account"], f["order_id"]] for f in (owed, orders)))
    rows = pd.Series(np.arange(len(orders)), index=of_orders).drop(NONE, errors="ignore")
    place = rows.reindex(codes).fillna(NONE).to_numpy("int64")
    own = pd.DataFrame(
        {column: pick(orders[column], place) for column in ("marketplace", *_PROACTIVE_BASES)}
    )
    parts = [_opted_out(found, owed), _too_late(found, owed, own), _personal(found, owed, own)]
    whole = pd.concat(parts, ignore_index=True).sort_values(["row", "conflict"], kind="stable")
    return tables.conform(whole, CONFLICTS).reset_index(drop=True)


def _opted_out(found: Audit, owed: pd.DataFrame) -> pd.DataFrame:
    """Notices of order problems to a buyer who wants no messages that he did not ask for."""
    since = _opt_outs(found, owed)
    barred = _at_as_of(found, owed, "message.opt_out")
    hit = (owed["kind"] == "order_problem").to_numpy(bool) & (since != NAT)
    hit &= barred[0].to_numpy(bool)
    passes = _at_as_of(found, owed, "message.important_override")[0].to_numpy(bool)
    stock = (owed["problem"] == "out_of_stock").to_numpy(bool)
    way = np.select([stock, passes], ["out_of_stock", "important"], "contact_reason")
    return _part(owed, "opted_out", hit, since, barred[1], way)


def _opt_outs(found: Audit, owed: pd.DataFrame) -> np.ndarray:
    """Return when Amazon first said that the buyer of each duty's order had opted out."""
    messages, notices = found.histories["messages"], found.histories["notices"]
    said = notices[(notices["event"] == "opted_out").to_numpy(bool)]
    of_owed, of_messages, of_notices = codes_of(
        *([frame["account"], frame["order_id"]] for frame in (owed, messages, said))
    )
    at = micros_of(said["sent_at"])
    (buyers,) = codes_of([messages["account"], messages["buyer_id"]])
    # a buyer opts out of all of the seller's messages, so other orders of his tell it too
    told = pd.DataFrame({"order": of_notices, "at": at})
    told = told[told["order"] != NONE]
    known = pd.DataFrame({"order": of_messages, "buyer": buyers}).drop_duplicates()
    known = known[(known["order"] != NONE) & (known["buyer"] != NONE)]
    by_buyer = told.merge(known, on="order")[["buyer", "at"]]
    spread = by_buyer.merge(known, on="buyer")[["order", "at"]]
    every = pd.concat([told, spread]).groupby("order")["at"].min()
    return every.reindex(of_owed).fillna(NAT).to_numpy("int64")


def _too_late(found: Audit, owed: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Notices of order problems after the days in which one may write of one's own accord."""
    base = np.full(len(owed), NAT)
    for column in reversed(_PROACTIVE_BASES):
        at = micros_of(own[column])
        base = np.where(at == NAT, base, at)
    days, names = _at_as_of(found, owed, "message.proactive_days")
    ends = np.where(base == NAT, NAT, base + 24 * micros_from(days))
    hit = (owed["kind"] == "order_problem").to_numpy(bool) & (ends != NAT)
    hit &= ends < micro(found.as_of)
    return _part(owed, "after_30_days", hit, ends, names, _asked(found, owed))


def _asked(found: Audit, owed: pd.DataFrame) -> np.ndarray:
    """Return ``reply`` where the buyer wrote on the order, so that one can answer him."""
    messages = found.histories["messages"]
    of_owed, of_messages = codes_of(
        *([frame["account"], frame["order_id"]] for frame in (owed, messages))
    )
    buyers = np.where((messages["sender"] == "buyer").to_numpy(bool), of_messages, NONE)
    wrote = Timeline(buyers, micros_of(messages["sent_at"]))
    rows = wrote.first(of_owed, np.full(len(owed), NAT + 1))
    return np.where(rows != NONE, "reply", "silence")


def _personal(found: Audit, owed: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Claims to answer when the buyer's data may no longer be kept."""
    delivered = micros_of(own["delivered_at"])
    days, names = _at_as_of(found, owed, "pii.retention_days")
    ends = np.where(delivered == NAT, NAT, delivered + 24 * micros_from(days))
    hit = _undecided(found, owed) & (ends != NAT) & (ends < micro(found.as_of))
    return _part(owed, "personal_data", hit, ends, names, np.full(len(owed), "claim"))


def _undecided(found: Audit, owed: pd.DataFrame) -> np.ndarray:
    """Tell which duties are claims that Amazon has not decided: after that no answer helps."""
    claims = found.histories["claims"]
    waiting = claims[claims["decided_at"].isna()]
    of_owed, of_claims = codes_of(
        [owed["account"], owed["order_id"], owed["trigger_at"]],
        [waiting["account"], waiting["order_id"], waiting["filed_at"]],
    )
    return (owed["kind"] == "claim").to_numpy(bool) & np.isin(of_owed, of_claims)


def _at_as_of(found: Audit, owed: pd.DataFrame, rule_id: str) -> tuple[pd.Series, pd.Series]:
    """Return value and row of a rule for each duty, as for a message that is sent at `as_of`."""
    now = pd.Series(found.as_of, index=owed.index).astype(tables.TS_DTYPE)
    limit = found.policy.limit(rule_id, now, owed["marketplace"])
    return limit.value, limit.rule


def _part(
    owed: pd.DataFrame,
    conflict: str,
    hit: np.ndarray,
    since: np.ndarray,
    names: pd.Series,
    way: np.ndarray,
) -> pd.DataFrame:
    rows = np.flatnonzero(hit)
    words = _words()[conflict]
    columns = {"since": instants_of(since), "rule": names.reset_index(drop=True)}
    return owed.iloc[rows].assign(
        row=rows,
        conflict=conflict,
        barred_by=names.iloc[rows],
        barred_since=columns["since"].iloc[rows],
        why=pd.Series(say(words["why"], columns, rows), index=rows, dtype="str"),
        safe_way=pd.Series([words[each] for each in way[rows]], index=rows, dtype="str"),
    )
