"""A mapping file drafted from what a file calls its columns."""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice

import pandas as pd

from sellerkit.errors import InputError
from sellerkit.read import values
from sellerkit.read.canonical import required
from sellerkit.read.documents import documents, is_json
from sellerkit.read.flat import header_of, plain
from sellerkit.read.mapping.records import (
    is_sheet,
    list_paths,
    object_lines,
    objects,
    sheet_rows,
    table,
)
from sellerkit.read.source import Context, Source
from sellerkit.tables import HISTORIES, PROVENANCE, Column, Table
from sellerkit.text.words import fold

#: How many rows are looked at, how deep fields of fields are listed, how many values are shown.
_ROWS, _DEPTH, _SHOWN = 200, 4, 4
_ORIGIN = {column.name for column in PROVENANCE}


@dataclass(frozen=True)
class _Found:
    """What a file has: its columns by their own names, and where its rows are."""

    columns: dict[str, list[str]]
    header: int = 1
    records: str = ""


def draft(source: Source, history: str | None = None) -> str:
    """Return a mapping file for a file, to be checked by its user.

    A column that goes by a known name, and whose values fit, is mapped. One that might be meant
    stands as a comment, with what was seen in it.

    Parameters
    ----------
    source : Source
    history : str, optional
        Without it, the one that the columns' names fit best.

    Raises
    ------
    InputError
        The file is neither a table nor JSON, or no history fits.
    """
    found = _found(source)
    names = {name: _named(name, found.columns) for name in HISTORIES}
    best = history or max(names, key=lambda name: _fit(name, names[name]))
    if not history and not names[best]:
        raise InputError(
            f"{source.name}: no history goes by these columns: {', '.join(found.columns)}; "
            "name one with --history"
        )
    return "\n".join(_written(source, found, HISTORIES[best], names[best])) + "\n"


def _fit(history: str, named: dict[str, str]) -> tuple[int, float]:
    """Return how well a history fits: by the columns found, then by the needed ones among them."""
    needed = required(HISTORIES[history])
    return len(named), sum(name in named for name in needed) / len(needed)


def _found(source: Source) -> _Found:
    if is_json(source):
        return _of_objects(source)
    header = _header_row(source) if is_sheet(source) else 1
    cells = table(source, Context(""), header, None).cells
    spelled = _spelled(source, header, list(cells.columns))
    return _Found(
        {spelled.get(name, name): _seen(cells[name]) for name in cells if name}, header=header
    )


def _seen(cells: pd.Series) -> list[str]:
    return [str(cell) for cell in cells.head(_ROWS).dropna()]


def _header_row(source: Source) -> int:
    """Return the first row that could be a header: at least two cells, and all of them texts."""
    for number, row in enumerate(sheet_rows(source, None)[:30], 1):
        texts = [cell for cell in row if cell.strip()]
        if len(texts) >= 2 and not any(cell[0].isdigit() for cell in texts):
            return number
    return 1


def _spelled(source: Source, header: int, names: list[str]) -> dict[str, str]:
    """Return how the file itself spells its columns."""
    own = sheet_rows(source, None)[header - 1] if is_sheet(source) else header_of(source)
    return dict(zip(names, own, strict=True)) if len(own) == len(names) else {}


def _of_objects(source: Source) -> _Found:
    first = next(iter(documents(source)), None)
    paths = [] if first is None or isinstance(first.value, list) else list_paths(first.value)
    records = paths[0] if paths else ""
    fields: dict[str, None] = {}
    for _, each, fault in islice(objects(source, records or None), _ROWS):
        if not fault:
            fields |= dict.fromkeys(_fields(each, "", _DEPTH))
    cells = object_lines(source, records or None, fields).cells
    return _Found({name: _seen(cells[name]) for name in fields}, records=records)


def _fields(value: object, above: str, depth: int) -> Iterator[str]:
    """Yield the paths of an object's fields, those of fields of fields too."""
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if isinstance(inner, dict) and depth > 1 and inner:
            yield from _fields(inner, f"{above}{name}.", depth - 1)
        else:
            yield f"{above}{name}"


@functools.cache
def _synonyms() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files(__package__).joinpath("synonyms.toml").read_text("utf-8"))


def _key(name: str) -> str:
    """Return a name as it is compared: plain, without accents, the last part of a path."""
    return plain(fold(name.rpartition(".")[2]))


def _named(history: str, columns: dict[str, list[str]]) -> dict[str, str]:
    """Return our columns whose names, or what others call them, a file has; each of theirs once."""
    theirs = {_key(name): name for name in reversed(columns)}
    named: dict[str, str] = {}
    for ours, words in _synonyms()[history].items():
        for key in (ours, *(plain(word) for word in words)):
            if key in theirs and theirs[key] not in named.values():
                named[ours] = theirs[key]
                break
    return named


def _written(source: Source, found: _Found, history: Table, named: dict[str, str]) -> list[str]:
    file = source.name.replace("\\", "/").rsplit("/", 1)[-1]
    lines = [
        f"# Drafted from {_quoted(file)}. Check each line, then look at the outcome:",
        "#   sellerkit mapping try FILE --mapping THIS",
        f"history = {_quoted(history.name)}",
        "# In which zone are times that name none?",
        '# timezone = "Europe/Berlin"',
    ]
    lines += [f"records = {_quoted(found.records)}"] if found.records else []
    lines += [f"header = {found.header}"] if found.header != 1 else []
    lines += ["", "[columns]"]
    used = set()
    for column in history.columns:
        if column.name in _ORIGIN:
            continue
        if column.name in named:
            used.add(named[column.name])
            lines.append(_line(column, named[column.name], found.columns[named[column.name]]))
        else:
            lines += _proposals(column, history, found.columns, set(named.values()))
    rest = [name for name in found.columns if name not in used]
    lines += ["", "# Not used:"] if rest else []
    return lines + [f"#   {_quoted(name)}{_saw(found.columns[name])}" for name in rest]


def _line(column: Column, name: str, seen: list[str]) -> str:
    """Return the line of a column that was found; a comment where its values do not fit yet."""
    if column.kind == "ts" and not _all_fit(column, seen):
        told = f'{{ column = {_quoted(name)}, format = "…", timezone = "…" }}'
        return f"# {column.name} = {told}{_saw(seen)}: say how a date is written, as %d.%m.%Y %H:%M"
    if column.choices and not _all_fit(column, seen):
        pairs = ", ".join(f'{_quoted(word)} = "…"' for word in dict.fromkeys(seen[:50]))
        told = f"{{ column = {_quoted(name)}, values = {{ {pairs} }} }}"
        return f"# {column.name} = {told}  # ours are {', '.join(column.choices)}"
    if not _all_fit(column, seen):
        return f"# {column.name} = {_quoted(name)}{_saw(seen)}: does not fit"
    return f"{column.name} = {_quoted(name)}{_saw(seen)}"


def _proposals(
    column: Column, history: Table, columns: dict[str, list[str]], taken: set[str]
) -> list[str]:
    """Return comments for a column that no name is known of, if it must be there or one is like."""
    words = [column.name, *map(plain, _synonyms()[history.name].get(column.name, []))]
    patterns = [re.compile(rf"(?:^|_){re.escape(word)}(?:_|$)") for word in words]
    like = [
        name
        for name in columns
        if name not in taken and any(each.search(_key(name)) for each in patterns)
    ]
    lines = [f"# {column.name} = {_quoted(name)}{_saw(columns[name])}" for name in like[:3]]
    if not like and column.name in required(history):
        spare = (
            " (without it, a message's words make its id)" if column.name == "message_id" else ""
        )
        lines = [f'# {column.name} = "…"  # not found, and needed{spare}']
    return lines


def _all_fit(column: Column, seen: list[str]) -> bool:
    """Tell whether the values seen are such as a canonical CSV may have."""
    cells = pd.Series(seen, dtype="str")
    if column.kind == "ts":
        zones = pd.Series("UTC", index=cells.index, dtype="str")
        bad = values.instants(cells, zones)[1]
    elif column.kind == "bool":
        bad = values.flags(cells)[1]
    elif column.kind == "int":
        bad = values.whole_numbers(cells)[1]
    elif column.kind == "num":
        bad = values.numbers(cells)[1]
    elif column.choices:
        bad = values.words(cells, column.choices)[1]
    else:
        return True
    return not bad.any()


def _saw(seen: list[str]) -> str:
    """Return a comment that shows some of a column's values."""
    shown = [_quoted(text[:40]) for text in list(dict.fromkeys(seen))[:_SHOWN]]
    return f"  # saw {', '.join(shown)}" if shown else "  # empty"


def _quoted(text: str) -> str:
    """Return a text as TOML writes it, on one line."""
    whole = text.encode("utf-8", "replace").decode()
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")
