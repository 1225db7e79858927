"""The list of messages and orders that need no response: `no_response_needed.csv`."""

from __future__ import annotations

import pandas as pd

from sellerkit.errors import InputError
from sellerkit.read import values
from sellerkit.read.flat import header_of, read_lines, unknown_columns
from sellerkit.read.source import Context, Format, Parsed, Source

_COLUMNS = ("message_id", "order_id", "marked_at", "account")


def parse(source: Source, context: Context) -> Parsed:
    """Read a list of marks: each line names a message or an order.

    Raises
    ------
    InputError
        Neither column of ids is there.
    """
    lines = read_lines(source, context)
    cells = lines.cells
    if "message_id" not in cells and "order_id" not in cells:
        raise InputError(f"{source.name}: line 1: neither column message_id nor order_id is there")
    unknown_columns(source, lines, _COLUMNS)
    text = {name: cells.get(name, pd.Series(None, cells.index, dtype="str")) for name in _COLUMNS}
    zone = values.zones(text["account"].mask(text["account"].notna()), context.marketplace, None)
    marked_at, bad = values.instants(text["marked_at"], zone)
    by_message = text["message_id"].notna()
    ids = text["message_id"].fillna(text["order_id"])
    faults = dict.fromkeys(ids.index[ids.isna()], "message_id and order_id: both are missing")
    for row in bad.index[bad.to_numpy(bool)]:
        faults.setdefault(row, f"marked_at: {text['marked_at'][row][:80]!r} is no date or time")
    rows = pd.DataFrame(
        {
            "account": text["account"].fillna(context.account),
            "kind": by_message.map({True: "message", False: "order"}),
            "marks": ids.str.strip().str.strip("<>"),
            "marked_at": marked_at,
            "source_pos": pd.Series(lines.at, dtype="Int64"),
        }
    )
    lines.quarantine(faults)
    lines.parsed.tables["no_response_needed"] = rows.drop(index=list(faults))
    return lines.parsed


def matches(source: Source) -> bool:
    """Tell whether a file is such a list: it has ids and marks, or bears the list's name."""
    names = {name.strip().casefold() for name in header_of(source)}
    has_ids = bool(names & {"message_id", "order_id"}) and names <= set(_COLUMNS)
    return has_ids and ("marked_at" in names or source.stem == "no_response_needed")


NO_RESPONSE_NEEDED = Format(
    name="no_response_needed_csv",
    about="list of messages or orders that you marked as needing no response",
    recognised_by="a header with message_id or order_id, and marked_at",
    example="message_id,order_id,marked_at",
    matches=matches,
    parse=parse,
)
