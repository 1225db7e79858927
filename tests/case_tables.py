"""The hand-worked cases of `tests/cases`: read, judged by sellerkit, and compared.

A case is a few events, an instant at which they are looked at, and what must be concluded. One
event a line: ``INSTANT WHAT ID column=value … flag …``; columns are those of the histories, and a
number for an order stands for a made-up order id. One expected row a line: its id, its verdict,
and the columns that matter (see `tests/cases/README.md`).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from builders import ACCOUNT, Row, call, claim, message, order, return_

from sellerkit.tables import FINDINGS, HISTORIES, KINDS

FOLDER = Path(__file__).parent / "cases"

#: For each part of an expectation: its finding, and the columns that a line's first words are.
SECTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "contacts": ("contacts", ("message_id", "status")),
    **dict.fromkeys(KINDS, ("obligations", ("trigger_at", "status"))),
    "claims_readiness": ("claims_readiness", ("claim_id", "verdict")),
    "exposure": ("exposure", ("order_id",)),
    "calls_review": ("calls_review", ("call_id", "verdict")),
    "violations": ("violations", ("message_id", "rule")),
    "check_ins": ("check_ins", ("order_id", "state")),
    "limits": ("limits", ("id", "at")),
    "figures": ("figures", ("of",)),
}

_FLAGS = {
    "waived": {"no_response_needed": True},
    "automated": {"automated": True},
    "undelivered": {"undelivered": True},
    "requested": {"buyer_requested": True},
}
_MADE = {"return": ("returns", return_), "claim": ("claims", claim), "call": ("calls", call)}
_IDS = {"return": "return_id", "claim": "claim_id", "call": "call_id"}
_WORDS = {"yes": True, "no": False, "none": None}

#: A request sent with the Solicitations API is known by this file alone.
SOLICITATIONS = "check_ins"

#: Threads are told from mails, so a case about threads has mails.
MAILS = "mails"


@dataclass(frozen=True)
class Case:
    """One case of a file, as written."""

    file: str
    name: str
    rule: str
    events: list[str]
    as_of: str
    since: str | None
    until: str | None
    policy: str | list[dict[str, str]] | None
    #: Why the case does not end so yet, where the code is known to be wrong.
    bug: str | None
    expect: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the case for a person: what happened, and when one looks at it."""
        window = f"window from {self.since or '30 days before'} to {self.until or 'then'}"
        policy = f"\nby the rules {self.policy}" if self.policy else ""
        return (
            f"{self.file}: {self.name}\nrules.md: {self.rule}\n"
            + "".join(f"    {event}\n" for event in self.events)
            + f"as of {self.as_of}, {window}{policy}"
        )


def read_cases() -> list[Case]:
    """Return the cases of all files, in the files' order."""
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in _cases_of(path)]


def _cases_of(path: Path) -> Iterator[Case]:
    # every scalar stays text: a date must not become an object on its way
    document = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    defaults = document["defaults"]
    for entry in document["cases"]:
        unknown = set(entry) - {
            "name", "rule", "events", "as_of", "since", "until", "policy", "expect", "bug",
        }  # fmt: skip
        if unknown or not entry["expect"] or set(entry["expect"]) - set(SECTIONS):
            raise ValueError(f"{path.name}, {entry['name']}: {unknown or set(entry['expect'])}")
        edges = {name: entry.get(name, defaults.get(name)) for name in ("since", "until")}
        yield Case(
            path.stem,
            entry["name"],
            entry["rule"],
            _lines(entry.get("events", "nothing")),
            entry.get("as_of", defaults["as_of"]),
            policy=entry.get("policy"),
            bug=entry.get("bug"),
            expect={name: _lines(text) for name, text in entry["expect"].items()},
            **{name: None if edge == "default" else edge for name, edge in edges.items()},
        )


def _lines(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    return [] if lines == ["nothing"] else lines


# --- events in ----------------------------------------------------------------------------------


def order_id(label: str) -> str:
    """Return the made-up order id that a number in a case stands for."""
    return f"302-{int(label):07}-{int(label):07}"


def rows_of(events: list[str]) -> dict[str, list[Row]]:
    """Return the rows of the histories that the events of a case are."""
    rows: dict[str, list[Row]] = {}
    for event in events:
        at, what, label, *facts = shlex.split(event, comments=True)
        if what in ("buyer", "seller", "amazon"):
            table, row = "messages", message(at, what, message_id=label)
        elif what == "order":
            table, row = "orders", order(at, order_id=order_id(label))
        elif what == "mail":
            table, row = MAILS, {"message_id": label, "sent_at": at, "account": ACCOUNT}
        elif what == "solicitation":
            table, row = (
                SOLICITATIONS,
                {"order_id": order_id(label), "sent_at": at, "account": ACCOUNT},
            )
        else:
            table, make = _MADE[what]
            row = make(at, **{_IDS[what]: label})
        rows.setdefault(table, []).append(row | _facts(table, facts))
    return rows


def _facts(table: str, facts: list[str]) -> Row:
    found: Row = {}
    for fact in facts:
        name, given, value = fact.partition("=")
        if not given:
            found |= _FLAGS[name]
        elif name == "order":
            found["order_id"] = None if value == "none" else order_id(value)
        elif name == "thread":
            found["thread_id"] = value
        elif table == MAILS:
            found[name] = value
        else:
            found[name] = _typed(HISTORIES[table][name].kind, value)
    return found


def _typed(kind: str, value: str) -> Any:
    if value in _WORDS:
        return _WORDS[value]
    if kind in ("num", "int"):
        return float(value) if kind == "num" else int(value)
    return value.replace("\\n", "\n") if kind == "str" else value


# --- compared -----------------------------------------------------------------------------------


def wanted(section: str, line: str) -> Row:
    """Return one expected row: column to text."""
    _, lead = SECTIONS[section]
    words = shlex.split(line, comments=True)
    row = dict(zip(lead, words[: len(lead)], strict=True))
    return row | dict(word.split("=", 1) for word in words[len(lead) :])


def differences(section: str, lines: list[str], rows: list[Row]) -> list[str]:
    """Return what was expected and not found, and what was found and not expected."""
    expected = [wanted(section, line) for line in lines]
    shown = list(dict.fromkeys(name for row in expected for name in row))
    shown = shown or list(SECTIONS[section][1])
    faults, rest = [], list(rows)
    for row in expected:
        match = next((i for i, found in enumerate(rest) if _fits(section, row, found)), None)
        if match is None:
            faults.append(f"expected in {section}: {_shown(row, list(row))}")
        else:
            rest.pop(match)
    # figures that a case does not name are no fault
    if section != "figures" or faults:
        faults += [f"found in {section}:    {_shown(row, shown)}" for row in rest]
    return faults


def _shown(row: Row, names: list[str]) -> str:
    return "  ".join(f"{name}={row.get(name)}" for name in names)


def _fits(section: str, expected: Row, found: Row) -> bool:
    if not all(same(section, name, expected[name], found[name]) for name in SECTIONS[section][1]):
        return False
    unknown = set(expected) - set(found)
    if unknown:
        raise ValueError(f"{section} has no {sorted(unknown)}")
    return all(same(section, name, text, found[name]) for name, text in expected.items())


def same(section: str, column: str, text: str, value: Any) -> bool:
    """Tell whether a value is the one that a case's text stands for."""
    finding, _ = SECTIONS[section]
    kind = FINDINGS[finding][column].kind if finding in FINDINGS else _kind(value)
    if kind == "list":
        return list(value) == ([] if text == "nothing" else text.split(","))
    if text in _WORDS:
        return value is None if text == "none" else value is not None and value == _WORDS[text]
    if value is None:
        return False
    if kind == "ts":
        return bool(value == pd.Timestamp(text))
    if kind == "num":
        return abs(float(value) - float(text)) < 1e-6
    if column == "order_id":
        text = order_id(text)
    return text in value if column == "why" else str(value) == text


def _kind(value: Any) -> str:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return "num" if numeric else "str"
