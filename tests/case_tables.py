"""The hand-worked cases of `tests/cases`: read, judged by sellerkit, and compared.

A case is a few events, an instant at which they are looked at, and what must be concluded. One
event a line: ``INSTANT WHAT ID column=value … flag …``; columns are those of the histories, and a
number for an order stands for a made-up order id. One expected row a line: its id, its verdict,
and the columns that matter (see `tests/cases/README.md`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from builders import ACCOUNT, MARKETPLACE, Row, call, claim, histories, message, order, return_
from mails import SHOP, mail, parse, reply
from mails import frames as mail_frames

from sellerkit import open_lake
from sellerkit.audit import Audit, audit
from sellerkit.lake import Lake
from sellerkit.measure import summarize
from sellerkit.policy import Policy
from sellerkit.read.ingest import ingest
from sellerkit.read.mail.conversations import resolve
from sellerkit.read.source import Context
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
_SOLICITATIONS = "check_ins"

#: Threads are told from mails, so a case about threads has mails.
_MAILS = "mails"


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
            table, row = _MAILS, {"message_id": label, "sent_at": at, "account": ACCOUNT}
        elif what == "solicitation":
            table, row = (
                _SOLICITATIONS,
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
        elif table == _MAILS:
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


# --- judged -------------------------------------------------------------------------------------


class Bench:
    """Judges cases; those that look from one instant by one policy in one audit, which is quick.

    Each case has accounts of its own, and what happens in one account touches no other.
    """

    def __init__(self, cases: list[Case], folder: Path) -> None:
        self._folder = folder
        self._groups: dict[tuple[str, ...], list[Case]] = {}
        for case in cases:
            self._groups.setdefault(_view(case), []).append(case)
        self._through_files = [case for case in cases if _needs_files(rows_of(case.events))]
        self._audits: dict[tuple[str, ...], Audit] = {}
        self._rows: dict[tuple[tuple[str, ...], str], list[Row]] = {}

    def rows(self, case: Case, finding: str) -> list[Row]:
        """Return what one finding holds of a case."""
        view = _view(case)
        if (view, finding) not in self._rows:
            frame = self._audit(view).findings[finding]
            found = frame.astype("object").where(frame.notna(), None).to_dict("records")
            self._rows[view, finding] = found
        start = _account(case, "")
        own = [row for row in self._rows[view, finding] if row["account"].startswith(start)]
        return [row | {"account": row["account"].removeprefix(start)} for row in own]

    def summary(self, case: Case) -> dict[str, Any]:
        """Return the figures of a case alone."""
        found = self._audit(_view(case))
        findings = {name: _own(frame, case) for name, frame in found.findings.items()}
        return summarize(
            contacts=_own(found.contacts, case),
            findings=findings,
            histories={name: _own(frame, case) for name, frame in found.histories.items()},
            as_of=found.as_of,
            since=found.since,
            until=found.until,
            policy_name=found.policy.name,
            target=0.9,
            lake_version=None,
        )

    def policy(self, case: Case) -> Policy:
        """Return the rules of a case: ours, those of one day, or with the case's own rows."""
        if not isinstance(case.policy, list):
            return Policy.of(case.policy)
        path = self._folder / "rules.toml"
        path.write_text("".join(_rule(row) for row in case.policy), "utf-8")
        return Policy.of(str(path))

    def _audit(self, view: tuple[str, ...]) -> Audit:
        if view not in self._audits:
            self._audits[view] = self._judge(self._groups[view])
        return self._audits[view]

    def _judge(self, cases: list[Case]) -> Audit:
        plain = [case for case in cases if case not in self._through_files]
        together = _together(plain)
        mails = _conversations(together.pop(_MAILS, []))
        frames = histories(**together)
        frames["messages"] = pd.concat([frames["messages"], *mails], ignore_index=True)
        if len(plain) < len(cases):
            # other cases of the lake are judged along, by a view that is not theirs, and not shown
            for name, on_file in self._lake.histories().items():
                frames[name] = pd.concat([*_some(frames.get(name)), on_file], ignore_index=True)
        edges = {"since": cases[0].since, "until": cases[0].until}
        return audit(frames, as_of=cases[0].as_of, **edges, policy=self.policy(cases[0]))

    @cached_property
    def _lake(self) -> Lake:
        """The cases that only files can tell: canonical CSV, read into a lake."""
        files = self._folder / "files"
        files.mkdir()
        for name, rows in _together(self._through_files).items():
            pd.DataFrame(rows).to_csv(files / f"{name}.csv", index=False)
        ingest([files], self._folder / "lake", Context(ACCOUNT))
        return open_lake(str(self._folder / "lake"))


def _view(case: Case) -> tuple[str, ...]:
    return case.as_of, str(case.since), str(case.until), str(case.policy)


def _needs_files(rows: dict[str, list[Row]]) -> bool:
    """Tell whether a date has no time yet, or a row is of a file that no history holds."""
    values = [value for table in rows.values() for row in table for value in row.values()]
    dates = [value for value in values if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value))]
    return _SOLICITATIONS in rows or bool(dates)


def _conversations(rows: list[Row]) -> list[pd.DataFrame]:
    """Return the messages that mails are, in the threads that all of them together tell."""
    contexts = {
        row["account"]: Context(row["account"], MARKETPLACE, frozenset({SHOP})) for row in rows
    }
    read = [parse(_mail(row), "one.eml", contexts[row["account"]]) for row in rows]
    return [resolve(*mail_frames(*read))] if read else []


def _mail(row: Row) -> bytes:
    """Return a mail between buyer and seller; it names its order in the subject, or none."""
    about = f"(Order: {row['order_id']})" if row.get("order_id") else ""
    headers = {
        "Message-ID": f"<{row['message_id']}>",
        "Date": format_datetime(pd.Timestamp(row["sent_at"])),
        "In-Reply-To": f"<{row['in_reply_to']}>" if "in_reply_to" in row else None,
    }
    if row["sender"] == "seller":
        return reply(To=row["alias"], Subject=f"Your question {about}", **headers)
    buyer = f"Jo - Amazon Marketplace <{row['alias']}>"
    return mail(From=buyer, Subject=f"Inquiry from Amazon customer Jo {about}", **headers)


def _together(cases: list[Case]) -> dict[str, list[Row]]:
    together: dict[str, list[Row]] = {}
    for case in cases:
        for table, rows in rows_of(case.events).items():
            own = [row | {"account": _account(case, row["account"])} for row in rows]
            together.setdefault(table, []).extend(own)
    return together


def _some(frame: pd.DataFrame | None) -> list[pd.DataFrame]:
    return [] if frame is None or frame.empty else [frame]


def _account(case: Case, account: str) -> str:
    return f"{case.file}/{case.name}/{account}"


def _own(frame: pd.DataFrame, case: Case) -> pd.DataFrame:
    return frame[frame["account"].str.startswith(_account(case, ""))].reset_index(drop=True)


def _rule(row: dict[str, str]) -> str:
    store = f'marketplaces = ["{row["marketplace"]}"]\n' if "marketplace" in row else ""
    return (
        f'[[rule]]\nid = "{row["id"]}"\nvalue = {row["value"]}\nunit = "as in rules.md"\n'
        f'from = {row.get("from", "2000-01-01")}\nmark = "U"\nsource = "this case"\n{store}\n'
    )


# --- compared -----------------------------------------------------------------------------------


def found_rows(section: str, case: Case, bench: Bench) -> list[Row]:
    """Return what was concluded, one dict a row, for one part of an expectation."""
    if section == "limits":
        policy = bench.policy(case)
        return [_limit(wanted(section, line), policy) for line in case.expect[section]]
    if section == "figures":
        summary = bench.summary(case)
        return [
            {"of": f"{part}.{name}"} | dict(figures)
            for part in ("contacts", "obligations")
            for name, figures in summary[part].items()
        ]
    rows = bench.rows(case, SECTIONS[section][0])
    return [row for row in rows if row["kind"] == section] if section in KINDS else rows


def _limit(question: Row, policy: Policy) -> Row:
    at = pd.Timestamp(question["at"]).as_unit("us")
    value, rule = policy.value(question["id"], at, question.get("marketplace"))
    return question | {"value": value, "rule": rule}


def wanted(section: str, line: str) -> Row:
    """Return one expected row: column to text."""
    _, lead = SECTIONS[section]
    words = shlex.split(line, comments=True)
    row = dict(zip(lead, words[: len(lead)], strict=True))
    return row | dict(word.split("=", 1) for word in words[len(lead) :])


def differences(case: Case, bench: Bench) -> list[str]:
    """Return what was expected and not found, and what was found and not expected."""
    faults: list[str] = []
    for section in case.expect:
        rows = found_rows(section, case, bench)
        expected = [wanted(section, line) for line in case.expect[section]]
        shown = list(dict.fromkeys(name for row in expected for name in row))
        shown = shown or list(SECTIONS[section][1])
        for row in expected:
            match = next((r for r in rows if _fits(section, row, r)), None)
            if match is None:
                faults.append(f"expected in {section}: {_shown(row, list(row))}")
            else:
                rows.remove(match)
        # figures that a case does not name are no fault
        if section != "figures" or faults:
            faults += [f"found in {section}:    {_shown(row, shown)}" for row in rows]
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
