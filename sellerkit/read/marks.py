"""Lists of messages and orders that need no response: `no_response_needed.csv`, or pasted ids."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable

import pandas as pd

from sellerkit.errors import InputError
from sellerkit.read import values
from sellerkit.read.flat import BLANK, MAX_RAW, decoded, header_of, read_lines, unknown_columns
from sellerkit.read.source import Context, Format, Parsed, Quarantined, Source
from sellerkit.read.text_parts import line_at, record_at

_COLUMNS = ("message_id", "order_id", "marked_at", "account")

#: An Amazon order id, and that of a multi-channel order; a longer number holds none.
_ORDER = re.compile(r"(?<![\w-])(?:\d{3}|S01)-\d{7}-\d{7}(?![\w-])")

#: A Message-ID: in brackets where a line begins with it, without them where it is all of the line.
_MESSAGE = re.compile(
    r"(?:Message-ID:\s*)?(?:<([^<>\s]+@[^<>\s]+)>|([^<>\s]+@[^<>\s]+)$)", re.IGNORECASE
)

#: A mail that has no Message-ID goes by its hash.
_HASH = re.compile(r"sha256:[0-9a-f]{32,64}")

#: An address of Amazon's relay is no Message-ID, though it looks like one.
_RELAY = "@marketplace.amazon."


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


def parse_pasted(source: Source, context: Context, known: Collection[str] = ()) -> Parsed:
    """Read a list as somebody pasted it: each line an id, or words with order ids in them.

    A line that begins with a Message-ID names that message; of any other line the order ids count,
    so a table copied from Seller Central will do.

    Parameters
    ----------
    source : Source
    context : Context
    known : collection of str
        Message ids on file: a help desk's look like anything, so such a line counts if it is one.

    Returns
    -------
    Parsed
        Rows of `no_response_needed`, `marked_at` null. A line without any id is quarantined.

    Raises
    ------
    InputError
        The file is no text.
    """
    parsed = Parsed()
    rows: list[dict[str, object]] = []
    text = decoded(source, context)[0].removeprefix("\ufeff").rstrip()
    for number, line in enumerate(text.split("\n"), 1):
        parsed.read += 1
        ids = _ids_of(line, known)
        if not line.strip():
            parsed.skipped[BLANK] += 1
        elif not ids:
            reason = "no order id like 302-1234567-1234567, and it begins with no Message-ID"
            parsed.quarantined.append(Quarantined(number, reason, line[:MAX_RAW]))
        for kind, marks in ids:
            row: dict[str, object] = {"kind": kind, "marks": marks, "source_pos": number}
            rows.append(row | {"account": context.account})
    parsed.tables["no_response_needed"] = rows
    return parsed


def _ids_of(line: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the ids in a line, each with what it is the id of."""
    whole = line.strip("\"',; \t\r")
    bare = whole.strip("<>")
    if bare in known or _HASH.fullmatch(bare):
        return [("message", bare)]
    found = _MESSAGE.match(whole[:2000])
    named = (found[1] or found[2]) if found else ""
    if named and _RELAY not in named.lower():
        return [("message", named)]
    return [("order", order) for order in dict.fromkeys(_ORDER.findall(line))]


def listed(ids: Iterable[str], marked_at: str = "") -> bytes:
    """Return ids given one by one as the CSV that would name them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("message_id", "order_id", "marked_at"))
    for given in ids:
        bare = given.strip().strip("<>")
        is_order = _ORDER.fullmatch(bare) is not None
        writer.writerow(("", bare, marked_at) if is_order else (bare, "", marked_at))
    return text.getvalue().encode()


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
    unit=record_at,
)

#: No file is told to be one; `sellerkit mark` reads what its user calls a list.
PASTED = Format(
    name="no_response_needed_pasted",
    about="ids of messages or orders as somebody pasted them",
    recognised_by="`sellerkit mark --file`",
    example="302-1234567-1234567",
    matches=lambda source: False,
    parse=parse_pasted,
    unit=line_at,
)
