"""What `show` prints: rows as cards, their files, and the original bytes, readable in 80 columns.

All of it is others' writing, so all of it goes through `harmless`, and none of it is markup.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sellerkit.cli.printed import harmless, out, plain, rule, section

if TYPE_CHECKING:
    from sellerkit.lake.records import Found, Record
    from sellerkit.read.original import Original

OriginalOf = Callable[["Record"], "Original | None"]

#: Of an original so many lines and characters are shown; `--raw` writes all of it.
_LINES = 200
_CHARACTERS = 20_000

_NAMES = {
    "messages": "message", "orders": "order", "returns": "return", "claims": "claim",
    "calls": "call", "solicitations": "check-in sent by Amazon's form",
}  # fmt: skip

_ORIGIN = ("source", "source_sha256", "source_pos")
#: Columns that a card leaves to its heading, or that are of the lake's own making.
_LEFT_OUT = (*_ORIGIN, "account", "part_id", "body")

_STATES = {
    "as read": Text("as it was read", "green"),
    "changed": Text("changed since it was read", "yellow"),
    "gone": Text("not there any more", "yellow"),
    "no place": Text("as it was read, cannot be cut out", "yellow"),
}


def print_found(found: list[Found], version: int, original_of: OriginalOf) -> None:
    """Show all that accounts have under an id."""
    for number, one in enumerate(found):
        if number:
            out.print()
        _heading(one, version)
        if one.table == "orders":
            _order(one, original_of)
        else:
            _whole(one, original_of)


def _heading(one: Found, version: int) -> None:
    column = {"messages": "message_id"}.get(one.table, f"{_NAMES[one.table]}_id")
    ids = [record.row[column] for record in one.records if column in record.row]
    rule(Text(f"{_NAMES[one.table]} {harmless(ids[0])}", "bold"), style="cyan")
    out.print(Text(f"{harmless(one.account)} · lake version {version}", "dim"), end="\n\n")


def _whole(one: Found, original_of: OriginalOf) -> None:
    """Show a row, its text, its marks, and the bytes that it was read from."""
    record = one.records[0]
    _card(record.row)
    if "body" in record.row:
        section("body")
        out.print(plain(record.row["body"]))
    _marks(one.of("no_response_needed"), original_of)
    original = original_of(record)
    section("read from")
    _from(record, original)
    _bytes(original)


def _order(one: Found, original_of: OriginalOf) -> None:
    for record in one.of("orders"):
        _card(record.row)
    if not one.of("orders"):
        out.print(Text("no report holds this order; other records name it", "yellow"))
    parts = one.of("order_parts") or one.of("orders")
    for number, record in enumerate(parts, 1):
        section(f"read from, {number} of {len(parts)}" if len(parts) > 1 else "read from")
        original = original_of(record)
        said = {k: v for k, v in record.row.items() if k not in ("order_id", "arrived")}
        if len(parts) > 1:
            _card(said)
            out.print()
        _from(record, original)
        _bytes(original)
    _items(one.of("order_items"), original_of)
    events = one.of("returns", "claims", "calls", "messages", "solicitations")
    if events:
        section("what happened")
    for record in events:
        _event(record, original_of(record))
    _marks(one.of("no_response_needed"), original_of)


def _items(records: list[Record], original_of: OriginalOf) -> None:
    if not records:
        return
    section("items" if len(records) > 1 else "item")
    for record in records:
        row = record.row
        head = Text(f"{row.get('quantity', '?')} × ").append(plain(row.get("title", "no title")))
        names = ("item_id", "sku", "asin", "price")
        out.print(head.append("  ").append(_inline(row, names)))
        out.print(_place(record, original_of(record)))


def _event(record: Record, original: Original | None) -> None:
    """Show one thing that happened to an order: when, what, and the first of its words."""
    row = record.row
    what = {"messages": f"{row.get('sender')} wrote", "calls": f"{row.get('direction')} call"}
    head = Text(f"{_moment(row)}  ", "bold").append(what.get(record.table, _NAMES[record.table]))
    if record.table == "messages":
        flags = [n for n in ("no_response_needed", "automated", "undelivered") if row.get(n)]
        for word in (row.get("topic"), *(flag.replace("_", " ") for flag in flags)):
            head.append(f" · {harmless(word)}" if word else "", "dim")
        words = " ".join(str(row.get("body", "")).split())
        lines = [plain(row.get("subject", "")), _shortened(words), plain(f"<{row['message_id']}>")]
        lines[-1].stylize("dim")
    else:
        shown = [n for n in row if n not in (*_LEFT_OUT, "order_id", *_MOMENTS)]
        lines = [_inline(row, shown)]
    out.print(head)
    for line in (*lines, _place(record, original)):
        if line.plain:
            out.print(Padding(line, (0, 0, 0, 2)))


_MOMENTS = ("sent_at", "requested_at", "filed_at", "started_at")


def _moment(row: dict[str, Any]) -> str:
    return next(f"{row[name]:%Y-%m-%d %H:%M}" for name in _MOMENTS if name in row)


def _marks(records: Iterable[Record], original_of: OriginalOf) -> None:
    for number, record in enumerate(records):
        if not number:
            section("marked as needing no response by")
        until = record.row.get("marked_at")
        what = Text(f"{record.row['kind']} ").append(plain(record.row["marks"]))
        if record.row["kind"] == "order":
            what.append(f", messages before {_value(until)}" if until else ", all its messages")
        out.print(what)
        out.print(_place(record, original_of(record)))


def _card(row: dict[str, Any]) -> None:
    """Show the columns of a row, one a line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in row.items():
        if name not in _LEFT_OUT:
            grid.add_row(name, plain(_value(value)))
    out.print(grid)


def _inline(row: dict[str, Any], names: Iterable[str]) -> Text:
    """Show some columns of a row one after another."""
    parts = [
        Text.assemble((f"{name} ", "dim"), plain(_value(row[name])))
        for name in names
        if name in row
    ]
    return Text("  ").join(parts)


def _value(value: Any) -> str:
    if isinstance(value, dt.datetime):  # which a pandas Timestamp is
        return f"{value:%Y-%m-%d %H:%M:%S}" + (f".{value:%f}" if value.microsecond else "") + " UTC"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from(record: Record, original: Original | None) -> None:
    """Show the file that a row came from, in full."""
    if original is None:
        out.print(Text("the row names no file", "yellow"))
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("file", plain(record.row["source"]))
    if original.path and original.path != record.row["source"]:
        grid.add_row("found as", plain(original.path))
    grid.add_row("format", plain(record.form or "not in the log"))
    grid.add_row("position", _position(record, original))
    grid.add_row("sha-256", record.row["source_sha256"])
    grid.add_row("state", _STATES[original.state])
    out.print(grid)


def _place(record: Record, original: Original | None) -> Text:
    """Show the file that a row came from, in a line."""
    if original is None:
        return Text("names no file", "yellow")
    where = Text(f"{harmless(record.row['source'])}, {_position(record, original)}", "dim")
    return where if original.state == "as read" else where + Text(", ") + _STATES[original.state]


def _position(record: Record, original: Original) -> str:
    units = {"mbox": "byte", "eml": "whole file"}
    by_name = "line" if (record.form or "").endswith("_csv") else "position"
    unit = original.unit or units.get(record.form or "", by_name)
    return unit if unit == "whole file" else f"{unit} {int(record.row.get('source_pos', 0)):,}"


def _bytes(original: Original | None) -> None:
    """Show the original, or say why there is none to be shown."""
    if original is None:
        return
    if original.data is None or original.text is None:
        out.print(Text(harmless(original.why), "yellow"), soft_wrap=True)
        return
    section(f"original, {len(original.data):,} bytes")
    lines = original.text[:_CHARACTERS].rstrip("\r\n").split("\n")[:_LINES]
    out.print(plain("\n".join(lines)))
    if len("\n".join(lines)) < len(original.text.rstrip("\r\n")):
        out.print(Text("… cut here; --raw writes all of it", "dim"))


def _shortened(words: str, length: int = 150) -> Text:
    return plain(words if len(words) <= length else f"{words[:length].rsplit(' ', 1)[0]} …")
