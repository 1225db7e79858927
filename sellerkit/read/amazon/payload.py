"""JSON of Amazon's API: answers taken apart into objects, and the objects read as values."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from sellerkit.errors import InputError
from sellerkit.read import values
from sellerkit.read.flat import MAX_RAW
from sellerkit.read.source import Parsed, Quarantined, Source

_KEY = re.compile(rb'"([A-Za-z_$][\w$]*)"\s*:')


def keys(source: Source) -> frozenset[str]:
    """Return the names that a JSON file's head gives to values; none where it is no JSON."""
    head = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] not in (b"{", b"["):
        return frozenset()
    return frozenset(name.decode("ascii", "replace") for name in _KEY.findall(head))


def answers(source: Source) -> list[Any]:
    """Return the documents of a file, each an answer or a list of them: one, or one a line.

    Raises
    ------
    InputError
        It is no JSON in UTF-8; the message names the place.
    """
    text = _text(source)
    try:
        return [json.loads(text)]
    except json.JSONDecodeError as error:
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2 or not lines[0][1].rstrip().endswith("}"):
            raise _broken(source, error.lineno, error) from error
        return [_line(source, number, line) for number, line in lines]
    except (RecursionError, ValueError) as error:
        raise _absurd(source, error) from error


def _line(source: Source, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise _broken(source, number, error) from error
    except (RecursionError, ValueError) as error:
        raise _absurd(source, error) from error


def _text(source: Source) -> str:
    try:
        return bytes(source.data).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source.name}: byte {error.start} is not UTF-8, as JSON must be; save it as UTF-8"
        ) from error


def _as_list(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


def _broken(source: Source, line: int, error: json.JSONDecodeError) -> InputError:
    return InputError(
        f"{source.name}: line {line}, column {error.colno}: {error.msg}; the JSON is cut or damaged"
    )


def _absurd(source: Source, error: Exception) -> InputError:
    what = "nested too deeply" if isinstance(error, RecursionError) else "with an endless number"
    return InputError(f"{source.name}: the JSON is {what}, so it is no answer of Amazon's")


def units(answers: Iterable[Any], *names: str) -> Iterator[Any]:
    """Give the objects within answers: what is in ``payload`` and under one of some names.

    An answer that has no such list is itself the object. It may stand in a list of answers.
    """
    for answer in itertools.chain.from_iterable(map(_as_list, answers)):
        inner = answer.get("payload", answer) if isinstance(answer, dict) else answer
        for name in names:
            if isinstance(inner, dict) and isinstance(inner.get(name), list | dict):
                inner = inner[name]
        yield from _as_list(inner)


def at(value: Any, *path: str) -> Any:
    """Return what lies at a path of names within an object; null where there is no such."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def listed(value: Any, *path: str) -> list[Any]:
    """Return the objects of the list at a path; none where there is no such list."""
    found = at(value, *path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def word(value: Any) -> str | None:
    """Return a text or number as text; null where it is neither, or blank."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    # half a surrogate pair is no character, and no table could hold it
    text = str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()
    return text or None


def raw_of(unit: Any) -> str:
    """Return an object as text, for quarantine."""
    try:
        return json.dumps(unit, ensure_ascii=True)[:MAX_RAW]
    except RecursionError:
        return ""


class Units:
    """Objects being read as values, with what keeps each from being one.

    Parameters
    ----------
    rows : list of dict
        What was read of each object, as text, by our names.
    theirs : mapping of str to str
        Our names → Amazon's, for the reasons.
    """

    def __init__(self, rows: list[dict[str, str | None]], theirs: Mapping[str, str]) -> None:
        self.text = pd.DataFrame(rows, columns=list(theirs), dtype="str")
        self.theirs = theirs
        self.faults: dict[int, str] = {}

    def needed(self, name: str) -> pd.Series:
        """Return a column as text; an object without it is at fault."""
        cells = self.text[name]
        for row in cells.index[cells.isna().to_numpy(bool)]:
            self.faults.setdefault(row, f"{self.theirs[name]}: is missing")
        return cells

    def instants(self, name: str, zones: pd.Series) -> pd.Series:
        """Return a column as instants."""
        return self._checked(name, values.instants(self.text[name], zones), "date or time")

    def numbers(self, name: str) -> pd.Series:
        """Return a column as numbers."""
        return self._checked(name, values.numbers(self.text[name]), "number")

    def whole(self, name: str) -> pd.Series:
        """Return a column as whole numbers."""
        return self._checked(name, values.whole_numbers(self.text[name]), "whole number")

    def kept(self, rows: pd.DataFrame, parsed: Parsed, objects: list[Any]) -> pd.DataFrame:
        """Return the rows without fault, with their place; the other objects are set aside."""
        for row, fault in sorted(self.faults.items()):
            parsed.quarantined.append(Quarantined(row, fault, raw_of(objects[row])))
        placed = rows.assign(source_pos=pd.Series(rows.index, index=rows.index, dtype="Int64"))
        return placed.drop(index=list(self.faults)).reset_index(drop=True)

    def _checked(self, name: str, converted: values.Converted, what: str) -> pd.Series:
        found, bad = converted
        for row in bad.index[bad.to_numpy(bool)]:
            said = f"{self.theirs[name]}: {str(self.text[name][row])[:80]!r} is no {what}"
            self.faults.setdefault(row, said)
        return found
