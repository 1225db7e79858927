"""One order of a run → its dossier: its rows, what is derived of it, and where each was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sellerkit.audit import Audit, explain
from sellerkit.audit.why.case import Key, replay, rows_of
from sellerkit.errors import InputError, UsageError
from sellerkit.lake import Lake
from sellerkit.lake.merge import ORDER_PARTS
from sellerkit.lake.records import IDS, find, forms_of
from sellerkit.policy import zone_of
from sellerkit.report.load import Run
from sellerkit.show.dossier import Dossier, Exhibit
from sellerkit.show.statement import item_line

#: Histories that tell of events on an order: the key of a row, and its instant.
_IDS = {"messages": "message_id", "returns": "return_id", "claims": "claim_id", "calls": "call_id"}
_MOMENTS = {name: IDS[name][1] for name in _IDS}

#: Histories in which an order may be spoken of, and by what their rows are sorted.
_ORDERED = {
    "orders": ["order_id"],
    "order_items": ["item_id"],
    "notices": ["sent_at", "message_id", "event"],
    **{name: [_MOMENTS[name], column] for name, column in _IDS.items()},
}

_WRITERS = {
    "buyer": "Message from the buyer",
    "seller": "Message from the seller",
    "amazon": "Notice from Amazon",
}
_WHAT = {
    "orders": "Order record",
    "order_items": "Item record",
    "returns": "Return record",
    "claims": "Claim record",
    "calls": "Call record",
}


def load_dossier(run: Run, order_id: str, *, timezone: str = "") -> Dossier:
    """Gather all that a run has about one order.

    Parameters
    ----------
    run : Run
    order_id : str
        An Amazon order id, ``302-1234567-1234567``.
    timezone : str
        IANA zone for local times; empty for that of the order's store.

    Returns
    -------
    Dossier
        Also where only messages, a return, a claim or a call name the order.

    Raises
    ------
    InputError
        Nothing on file at `as_of` names the order; the message names ids that are like it.
    UsageError
        Several accounts have it.
    """
    wanted = order_id.strip()
    account = owner_of(run, wanted)
    alone = replay(run.audit, [Key(account, order_id=wanted)])
    histories = _histories(alone, wanted)
    order = next(iter(histories.pop("orders")), None)
    case = Dossier(
        wanted, account, timezone, run.audit.as_of, order, histories,
        tuple(_derivations(run, account, wanted)),
        {row["claim_id"]: row for row in _found(alone, "claims_readiness", wanted)},
        next(iter(_found(alone, "exposure", wanted)), None),
        tuple(_exhibits(_lake(run), account, wanted, histories, known=order is not None)),
    )  # fmt: skip
    if timezone:
        return case
    return replace(case, zone=zone_of(case.marketplace) if case.marketplace else run.zone)


def owner_of(run: Run, order_id: str) -> str:
    """Return the account that has an order.

    Raises
    ------
    InputError, UsageError
        See `load_dossier`.
    """
    owners: set[str] = set()
    for name in ("orders", *_IDS):  # an item has no time, so it cannot tell that it was there yet
        frame = run.audit.histories[name]
        owners.update(frame.loc[_is(frame["order_id"], order_id), "account"])
    if len(owners) > 1:
        names = " and ".join(sorted(owners))
        raise UsageError(f"order {order_id} stands in {names}; say whose with --account")
    if owners:
        return owners.pop()
    raise InputError(_nowhere(run, order_id))


def _nowhere(run: Run, order_id: str) -> str:
    """Say what an id is of that names no order; one that is of nothing `find` itself refuses."""
    # it says which ids are like it, and whether quarantine speaks of it
    found = find(_lake(run), order_id, run.parameters["account"] or None)[0]
    if found.table == "orders":
        return (
            f"nothing that had happened by {run.audit.as_of:%Y-%m-%d %H:%M} UTC names the order "
            f"{order_id[:200]}; something on file does, so give a later --as-of"
        )
    said = f"{order_id[:200]} is the id of a {found.table[:-1]}, no order"
    own = found.records[0].row.get("order_id")
    return f"{said}'s; its order is {own}" if own else f"{said}'s, and names none"


def items_said(run: Run, order_id: str) -> list[str]:
    """Return the lines of an order's items, which the page shows and a message may repeat.

    They are the catalogue's words and no buyer's: a search for what messages hold passes over them.
    """
    items = run.audit.histories["order_items"]
    return [item_line(row) for row in rows_of(items[_is(items["order_id"], order_id.strip())])]


def _is(column: pd.Series, value: str) -> Any:
    return (column == value).fillna(False).to_numpy(bool)


def _lake(run: Run) -> Lake:
    return Lake.open(run.parameters["lake"], run.lake_version)


def _histories(alone: Audit, order_id: str) -> dict[str, tuple[dict[str, Any], ...]]:
    """Return the rows on the order, and the messages of its conversations that name no order."""
    return {
        name: tuple(rows_of(_own(alone.histories[name], order_id).sort_values(by, kind="stable")))
        for name, by in _ORDERED.items()
    }


def _own(frame: pd.DataFrame, order_id: str) -> pd.DataFrame:
    return frame[frame["order_id"].isna().to_numpy(bool) | _is(frame["order_id"], order_id)]


def _found(alone: Audit, name: str, order_id: str) -> list[dict[str, Any]]:
    return rows_of(_own(alone.findings[name], order_id))


def _derivations(run: Run, account: str, order_id: str) -> Iterator[Any]:
    try:
        yield from explain(run.audit, order_id, account=account)
    except InputError:
        # the order is on file, so this says that nothing was concluded of it
        return


def _exhibits(
    lake: Lake, account: str, order_id: str, histories: Mapping[str, Any], *, known: bool
) -> Iterator[Exhibit]:
    """Yield each mail and line once, the order's own lines first, then by time."""
    forms = forms_of(lake)
    seen: set[tuple[str, int]] = set()
    parts = _parts(lake, account, order_id) if known else []
    rows = [*parts, *_events(histories)]
    for table, row in rows:
        if row.get("source") is None or row.get("source_sha256") is None:
            continue
        place = (row["source_sha256"], int(row.get("source_pos") or 0))
        if place in seen:
            continue
        seen.add(place)
        yield Exhibit(
            len(seen), table, row[_IDS.get(table, "order_id")], _what(table, row),
            row[_MOMENTS[table]] if table in _IDS else None, account, row.get("marketplace"),
            row["source"], *place, forms.get((row["source"], row["source_sha256"])),
        )  # fmt: skip


def _parts(lake: Lake, account: str, order_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the records from which the order and its items were read, as they came."""
    parts = lake.read(ORDER_PARTS)
    parts = parts[(parts["account"] == account) & _is(parts["order_id"], order_id)]
    parts = parts.sort_values(["arrived", "source", "source_pos"], kind="stable")
    yield from (("orders", row) for row in rows_of(parts))


def _events(histories: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    items = [("order_items", row) for row in histories["order_items"]]
    events = [(name, row) for name in _IDS for row in histories[name]]
    events.sort(key=lambda each: (each[1][_MOMENTS[each[0]]], each[0], each[1][_IDS[each[0]]]))
    return items + events


def _what(table: str, row: Mapping[str, Any]) -> str:
    return _WRITERS[row["sender"]] if table == "messages" else _WHAT[table]
