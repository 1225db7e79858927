"""Rule files read and checked: an error names the file, the line, the row and the field."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sellerkit.errors import InputError
from sellerkit.policy.checks import fault_of_holiday, fault_of_rule
from sellerkit.policy.rule import Event, Holiday, Pack, Rule, near, shown

#: A rule file is written by hand; what is larger is something else.
_MOST_BYTES = 1_000_000

_TABLES: Mapping[str, Any] = {"rule": Rule, "holiday": Holiday, "event": Event}

#: Units as people write them; without one, or with "any", a row has that of its id.
_UNITS = {"h": "hours", "hour": "hours", "d": "days", "day": "days", "bool": "flag"}


@dataclass(frozen=True)
class _Text:
    """The text of a rule file, to find the line on which a row or a field of it stands."""

    where: str
    text: str

    def place(self, table: str, number: int, field: str, row_id: str) -> str:
        lines = self.text.splitlines()
        opening = re.compile(rf"\s*\[\[\s*{table}\s*\]\]")
        heads = [n for n, line in enumerate(lines, 1) if opening.match(line)]
        row = f"{table} {number + 1}" + (f" ({row_id})" if row_id else "")
        parts = [self.where, row, field]
        if number < len(heads):
            line = self._line(lines, heads[number], field)
            parts.insert(1, f"line {line}")
        return ", ".join(part for part in parts if part)

    def _line(self, lines: Sequence[str], head: int, field: str) -> int:
        own = re.compile(rf"""\s*["']?{re.escape(field)}["']?\s*=""")
        for number in range(head, len(lines)):
            if lines[number].lstrip().startswith("[["):
                break
            if field and own.match(lines[number]):
                return number + 1
        return head


def parse(text: str, where: str) -> Pack:
    """Read the text of a rule file: its syntax, its fields, and their types.

    Raises
    ------
    InputError
        The message names the file, the line, the row and the field.
    """
    try:
        said = tomllib.loads(text)
    except RecursionError as error:
        raise InputError(f"{where}: not a rule file: it is nested too deeply") from error
    except ValueError as error:  # a fault of syntax, or a number of thousands of digits
        raise InputError(f"{where}: not a TOML file: {error}") from error
    try:
        return Pack.model_validate(said)
    except ValidationError as error:
        raise InputError(_told(error, said, _Text(where, text))) from error


def _told(error: ValidationError, said: dict[str, Any], text: _Text) -> str:
    """Return the first fault of a file as one sentence."""
    fault = error.errors()[0]
    table, *rest = fault["loc"]
    number = rest[0] if rest and isinstance(rest[0], int) else None
    if number is None:
        known = Pack.model_fields
        what = _why(dict(fault), known) if len(rest) == 0 else str(fault["msg"])
        return f"{text.where}, {table}: {what}"
    field = str(rest[1]) if len(rest) > 1 else ""
    row = said[str(table)][number]
    row_id = row.get("id", "") if isinstance(row, dict) else ""
    model = _TABLES[str(table)]
    names = [info.alias or name for name, info in model.model_fields.items() if name != "layer"]
    place = text.place(str(table), number, field, row_id if isinstance(row_id, str) else "")
    return f"{place}: {_why(dict(fault), names)}"


def _why(fault: dict[str, Any], known: Iterable[str]) -> str:
    if fault["type"] == "extra_forbidden":
        return f"there is no such field{near(str(fault['loc'][-1]), known)}"
    if fault["type"] == "missing":
        return "it is missing"
    if fault["type"] == "string_pattern_mismatch":
        return f"{shown(fault['input'])} is no id like crt.window_hours"
    message = str(fault["msg"]).removeprefix("Input ").replace("should", "it should", 1)
    return f"{message}, and it is {shown(fault['input'])}"


def read_user_file(path: Path, ours: Sequence[Rule]) -> tuple[Pack, str]:
    """Read a user's rule file and check it against the rules that it adds to.

    Parameters
    ----------
    path : Path
    ours : sequence of Rule
        The rows below: their ids are the ids that there are, their units the units.

    Returns
    -------
    (Pack, str)
        The rows, each with its unit and one layer above the highest of ours, and the file's text.

    Raises
    ------
    InputError
        A file that cannot be read or is no rule file; an unknown field, id or store; a value that
        does not fit its unit; dates that are reversed or overlap. The message names the file, the
        line, the row and the field.
    """
    text = _text(path)
    pack = parse(text, str(path))
    if pack.event or not pack.rule + pack.holiday:
        what = "events are not for users' files" if pack.event else "it has no [[rule]] in it"
        raise InputError(f"{path}: {what}; a row begins with [[rule]] (or [[holiday]])")
    lines = _Text(str(path), text)
    layer = max((rule.layer for rule in ours), default=0) + 1
    _refuse(pack.rule, lambda rule: fault_of_rule(_with_unit(rule, ours), ours), "rule", lines)
    _refuse(pack.holiday, fault_of_holiday, "holiday", lines)
    _no_overlap(pack.rule, lines)
    rules = [_with_unit(rule, ours).model_copy(update={"layer": layer}) for rule in pack.rule]
    return pack.model_copy(update={"rule": rules}), text


def _with_unit(rule: Rule, ours: Sequence[Rule]) -> Rule:
    unit = _UNITS.get(rule.unit, rule.unit)
    if unit in ("", "any"):
        unit = next((row.unit for row in ours if row.id == rule.id), unit)
    return rule.model_copy(update={"unit": unit})


def _refuse(
    rows: Sequence[Any], fault_of: Callable[[Any], tuple[str, str] | None], table: str, text: _Text
) -> None:
    for number, row in enumerate(rows):
        if getattr(row, "layer", 0):
            place = text.place(table, number, "layer", row.id)
            raise InputError(f"{place}: there is no such field")
        fault = fault_of(row)
        if fault:
            field, why = fault
            place = text.place(table, number, field, getattr(row, "id", ""))
            raise InputError(f"{place}: {why}")


def _no_overlap(rules: Sequence[Rule], text: _Text) -> None:
    """Refuse two rows of one id that hold on one day in one store, unless one follows the other."""
    order = sorted(range(len(rules)), key=lambda n: (rules[n].id, rules[n].from_))
    stores = {code for rule in rules for code in rule.marketplaces} | {""}
    for code in sorted(stores):
        own = [n for n in order if code in (rules[n].marketplaces or ("",))]
        for before, after in pairwise(own):
            one, next_one = rules[before], rules[after]
            same_day = one.from_ == next_one.from_
            if one.id == next_one.id and (same_day or _end(one) > next_one.from_):
                place = text.place("rule", after, "from", next_one.id)
                raise InputError(
                    f"{place}: {next_one.from_} lies within rule {before + 1}, which holds from "
                    f"{one.from_}" + (f" to {one.to}" if one.to else "")
                )


def _end(rule: Rule) -> dt.date:
    return rule.to or rule.from_


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise InputError(f"{path}: larger than 1 MB, so no rule file")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a TOML file: byte {error.start} is no UTF-8") from error
