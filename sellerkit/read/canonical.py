"""The canonical CSV: each history with the headers of `sellerkit.tables`, from any system."""

from __future__ import annotations

from functools import partial

import pandas as pd

from sellerkit import tables
from sellerkit.read import values
from sellerkit.read.flat import Lines, header_of, read_lines, require, unknown_columns
from sellerkit.read.source import Context, Format, Parsed, Source
from sellerkit.read.text_parts import record_at
from sellerkit.tables import HISTORIES, PROVENANCE, Column, Table, conform
from sellerkit.text import language, topic

_ORIGIN = {column.name for column in PROVENANCE}

#: Columns without which no row of a history can be: its key and what may not be null. An order may
#: be known in part, since several files make one; a message's thread follows from its order.
_OPTIONAL = {
    "orders": {"purchased_at", "status", "fulfillment"},
    "messages": {"thread_id"},
}


def required(table: Table) -> list[str]:
    """Return the columns that a canonical CSV of a history cannot do without."""
    spare = _OPTIONAL.get(table.name, set()) | {"account"} | _ORIGIN
    return [
        column.name
        for column in table.columns
        if column.name not in spare and not column.nullable and column.default is None
    ]


def history_of(source: Source) -> str | None:
    """Return the history that a CSV's header speaks of, null where it is no canonical CSV.

    The file's name tells what it is meant to be, where its header has at least half of its names
    from that history; else it is the history that has the most of its columns, all required ones
    among them.
    """
    names = {name.strip().casefold() for name in header_of(source)} - {""}
    meant = HISTORIES.get(source.stem)
    if meant and len(names & set(meant.names)) * 2 >= len(names) > 0:
        return meant.name
    fitting = {
        table.name: len(names & set(table.names))
        for table in HISTORIES.values()
        if names.issuperset(required(table)) and len(names & set(table.names)) > 1
    }
    fitting = {
        name: size for name, size in fitting.items() if name != "orders" or names & _ORDERS_ONLY
    }
    return max(fitting, key=lambda name: fitting[name]) if fitting else None


#: `orders` needs no more than an order id, so one of these must show that it is meant.
_ORDERS_ONLY = {
    "purchased_at", "shipped_at", "delivered_at", "latest_ship_at", "promised_by", "canceled_at",
    "fulfillment",
}  # fmt: skip


def parse(source: Source, context: Context, *, table: Table) -> Parsed:
    """Read a canonical CSV.

    Returns
    -------
    Parsed
        Rows of `table`; a line with a value that does not fit its type is quarantined.

    Raises
    ------
    InputError
        A required column is missing, or the file is no text.
    """
    lines = read_lines(source, context)
    require(source, lines, required(table))
    unknown_columns(source, lines, [name for name in table.names if name not in _ORIGIN])
    return typed(lines, table, context)


def typed(
    lines: Lines, table: Table, context: Context, faults: dict[int, str] | None = None
) -> Parsed:
    """Return a history's rows from cells that stand under its names.

    Parameters
    ----------
    lines : Lines
        `cells` with columns of `table`; others are left alone.
    table : Table
    context : Context
    faults : dict of int to str, optional
        Rows that are known not to fit, and why.

    Returns
    -------
    Parsed
        A row with a value that does not fit its type is quarantined.
    """
    rows, found = _typed(lines, table, context)
    found |= faults or {}
    lines.quarantine(found)
    kept = rows.drop(index=list(found))
    kept = kept.assign(source_pos=pd.Series(lines.at, dtype="Int64").loc[kept.index])
    finished = _with_topics(_with_threads(kept)) if table.name == "messages" else kept
    lines.parsed.tables[table.name] = finished.reset_index(drop=True)
    return lines.parsed


def _typed(lines: Lines, table: Table, context: Context) -> tuple[pd.DataFrame, dict[int, str]]:
    cells = lines.cells
    columns: dict[str, pd.Series] = {}
    faults: dict[int, str] = {}
    needed = set(required(table))
    zone = _zones(cells, context)
    for column in table.columns:
        if column.name not in cells or column.name in _ORIGIN:
            continue
        own = cells[column.name]
        converted, bad = _convert(column, own, zone)
        _note(faults, bad, own, f"is no {_KINDS[column.kind]}", column)
        if column.name in needed:
            _note(faults, own.isna(), own, "is missing", column)
        if column.default is not None:
            converted = converted.astype("object").where(converted.notna(), column.default)
        columns[column.name] = converted
    rows = pd.DataFrame(columns, index=cells.index)
    rows["account"] = (
        rows["account"].fillna(context.account) if "account" in rows else context.account
    )
    if "marketplace" in table and context.marketplace:
        given = rows.get("marketplace", pd.Series(None, index=rows.index, dtype="str"))
        rows["marketplace"] = given.fillna(context.marketplace)
    if "topic" in rows:
        rule = rows.get("topic_rule", pd.Series(None, index=rows.index, dtype="str"))
        rows["topic_rule"] = rule.fillna("given").where(rows["topic"].notna())
    return rows, faults


_KINDS = {
    "ts": "date or time like 2026-10-05T06:00:00Z",
    "bool": "true or false",
    "int": "whole number",
    "num": "number",
    "str": "word that is allowed here",
}


def _convert(column: Column, cells: pd.Series, zone: pd.Series) -> values.Converted:
    if column.kind == "ts":
        return values.instants(cells, zone)
    if column.kind == "bool":
        return values.flags(cells)
    if column.kind == "int":
        return values.whole_numbers(cells)
    if column.kind == "num":
        return values.numbers(cells)
    if column.choices:
        return values.words(cells, column.choices)
    return cells, pd.Series(False, index=cells.index)


def _note(
    faults: dict[int, str], bad: pd.Series, cells: pd.Series, what: str, column: Column
) -> None:
    """Note the first fault of each row: which column, which value."""
    for row in bad.index[bad.to_numpy(bool)]:
        value = "" if pd.isna(cells[row]) else f" {str(cells[row])[:80]!r}"
        allowed = f" ({', '.join(column.choices)})" if column.choices and value else ""
        faults.setdefault(row, f"{column.name}:{value} {what}{allowed}")


def _zones(cells: pd.DataFrame, context: Context) -> pd.Series:
    nothing = pd.Series(None, index=cells.index, dtype="str")
    stores = cells.get("marketplace", nothing)
    return values.zones(stores, context.marketplace, cells.get("currency"))


def _with_threads(messages: pd.DataFrame) -> pd.DataFrame:
    """Give a message without a thread that of its buyer and order, or else its own."""
    nothing = pd.Series(None, index=messages.index, dtype="str")
    buyer = messages.get("buyer_id", nothing)
    order = messages.get("order_id", nothing)
    known = (buyer + "/" + order).fillna(order).fillna(buyer).fillna(messages["message_id"])
    given = messages.get("thread_id", nothing)
    return messages.assign(thread_id=given.fillna(known))


def _with_topics(messages: pd.DataFrame) -> pd.DataFrame:
    """Tell language and topic from words where there is no such column; a blank in one stands."""
    full = conform(messages, tables.MESSAGES)
    worded = full["subject"].notna() | full["body"].notna()
    if "language" not in messages:
        full["language"] = language(full["subject"], full["body"])
    if "topic" not in messages and worded.any():
        full.loc[worded, ["topic", "topic_rule"]] = topic(full[worded])
    return full


def _format(table: Table) -> Format:
    needed = required(table)
    return Format(
        name=f"{table.name}_csv",
        about=f"canonical CSV of {table.name}: {table.about}",
        recognised_by=f"a header with {', '.join(needed)}",
        example=",".join(needed),
        matches=lambda source: history_of(source) == table.name,
        parse=partial(parse, table=table),
        unit=record_at,
    )


#: One format for each of the seven histories.
FORMATS: tuple[Format, ...] = tuple(_format(table) for table in tables.HISTORIES.values())
