"""From rows of findings, or from an id, to derivations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from sellerkit.audit.conflicts import conflicts
from sellerkit.audit.run import Audit
from sellerkit.audit.why.case import Case, Key, Row, rows_of
from sellerkit.audit.why.derivation import Derivation, Said, said
from sellerkit.audit.why.duties import obligation, trigger_of
from sellerkit.audit.why.inquiries import contact
from sellerkit.audit.why.messages import check_in, violation
from sellerkit.audit.why.orders import call, claim, exposure
from sellerkit.errors import InputError, UsageError

_BUILDERS: dict[str, Callable[[Case, Row], Derivation]] = {
    "contacts": contact,
    "obligations": obligation,
    "claims_readiness": claim,
    "exposure": exposure,
    "calls_review": call,
    "violations": violation,
    "check_ins": check_in,
}

#: The column that names a row of each finding.
ID = {
    "contacts": "message_id",
    "obligations": "obligation_id",
    "claims_readiness": "claim_id",
    "exposure": "order_id",
    "calls_review": "call_id",
    "violations": "message_id",
    "check_ins": "order_id",
}

#: Histories in which an id may stand, and under which name.
_NAMED = (
    ("messages", "message_id"), ("messages", "order_id"), ("orders", "order_id"),
    ("returns", "return_id"), ("returns", "order_id"), ("claims", "claim_id"),
    ("claims", "order_id"), ("calls", "call_id"), ("calls", "order_id"),
)  # fmt: skip


def derive(found: Audit, name: str, rows: pd.DataFrame, *, texts: bool = False) -> list[Derivation]:
    """Derive rows of a finding, in their order.

    Parameters
    ----------
    found : Audit
    name : str
        Of the finding: ``contacts``, ``obligations``, ….
    rows : pd.DataFrame
        Few: each becomes a page of text. The records of all of them are audited again at once.
    texts : bool
        Whether the first line of each message is told.

    Raises
    ------
    UsageError
        No such finding.
    """
    if name not in _BUILDERS:
        raise UsageError(f"no finding is called {name}; there are {', '.join(_BUILDERS)}")
    if rows.empty:
        return []
    asked = rows_of(rows)
    case = Case.of(found, [_key(found, row) for row in asked], texts=texts)
    column = ID[name]
    alone = {(row["account"], row[column]): row for row in rows_of(case.alone.findings[name])}
    told = [alone.get((row["account"], row[column]), row) for row in asked]
    if name == "violations":  # a message may break several, so its id names none of them
        told = asked
    return _with_conflicts(case, [_BUILDERS[name](case, row) for row in told])


def explain(
    found: Audit, wanted: str, *, account: str | None = None, texts: bool = False
) -> list[Derivation]:
    """Derive all that was concluded of an id, at `as_of`, whatever the window.

    Parameters
    ----------
    found : Audit
    wanted : str
        A message's id (what it asks for, or what it answered), an order's (all its duties, claims,
        calls, and whether it is exposed), an obligation's, a return's, a claim's or a call's.
    account : str, optional
        One account only; an id may stand in several.
    texts : bool
        Whether the first line of each message is told.

    Raises
    ------
    InputError
        Nothing at `as_of` has the id, or nothing was concluded of it.
    """
    keys = set(_keys(found, wanted, account))
    if not keys:
        raise InputError(
            f"nothing on file at {found.as_of:%Y-%m-%d %H:%M} UTC has the id {wanted[:200]!r}; it "
            "can be of a message, an order, a return, a claim, a call or an obligation"
        )
    case = Case.of(found, keys, texts=texts)
    told = [
        _BUILDERS[name](case, row)
        for name in _BUILDERS
        for row in _rows(case, name)
        if account in (None, row["account"]) and _is_about(case, name, row, wanted)
    ]
    if not told:
        raise InputError(
            f"nothing was concluded of {wanted[:200]!r}: no duty, claim or call hangs on it"
        )
    return _with_conflicts(case, told)


def _keys(found: Audit, wanted: str, account: str | None) -> Iterator[Key]:
    """Yield the orders and threads of whatever has the id."""
    tables = [(found.histories[name], column) for name, column in _NAMED]
    for frame, column in (*tables, (found.obligations, "obligation_id")):
        rows = frame[(frame[column] == wanted).fillna(False).to_numpy(bool)]
        for row in rows_of(rows):
            if account in (None, row["account"]):
                yield _key(found, row)


def _key(found: Audit, row: Row) -> Key:
    """Return what a row is about; a message's order and thread where the finding lacks them."""
    if "thread_id" not in row and "message_id" in row:
        messages = found.histories["messages"]
        same = (messages["account"] == row["account"]) & (
            messages["message_id"] == row["message_id"]
        )
        row = next(iter(rows_of(messages[same])), row)
    return Key(row["account"], row.get("order_id"), row.get("thread_id"), row.get("call_id"))


def _rows(case: Case, name: str) -> list[Row]:
    """Return all rows of a finding about the case."""
    return rows_of(case.alone.findings[name])


def _is_about(case: Case, name: str, row: Row, wanted: str) -> bool:
    ids = {row.get(column) for column in ("message_id", "claim_id", "call_id", "obligation_id")}
    if wanted in ids:
        return True
    if name != "contacts" and row.get("order_id") == wanted:  # its inquiries stand for contacts
        return True
    if name != "obligations":
        return False
    if row["satisfied_by"] == wanted:
        return True
    return row["kind"] != "inquiry" and trigger_of(case, row) == wanted


def _with_conflicts(case: Case, told: Iterable[Derivation]) -> list[Derivation]:
    """Add what forbids a duty, and the safe way."""
    ways: dict[str, list[Said]] = {}
    # of the whole audit: an opt-out may be known from another order of the buyer's
    for row in rows_of(conflicts(case.found, case.alone.obligations)):
        since = row["barred_since"]
        text = f"{row['why']} {row['safe_way']}".replace(f"{since:%Y-%m-%d %H:%M} UTC", "{since}")
        ways.setdefault(row["obligation_id"], []).append(said(text, since=since))
    return [dataclasses.replace(each, conflicts=tuple(ways.get(each.id, ()))) for each in told]
