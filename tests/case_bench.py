"""Judges the hand-worked cases: events in, what sellerkit concludes out."""

from __future__ import annotations

import re
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from builders import ACCOUNT, MARKETPLACE, Row, histories
from case_tables import MAILS, SECTIONS, SOLICITATIONS, Case, rows_of, wanted
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
from sellerkit.tables import KINDS


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
        mails = _conversations(together.pop(MAILS, []))
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
    return SOLICITATIONS in rows or bool(dates)


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


_UNITS = {"hours": "hours", "days": "days", "share": "share", "crt.unit": "run or message"}


def _rule(row: dict[str, str]) -> str:
    unit = _UNITS.get(row["id"].split("_")[-1], "flag")
    store = f'marketplaces = ["{row["marketplace"]}"]\n' if "marketplace" in row else ""
    return (
        f'[[rule]]\nid = "{row["id"]}"\nvalue = {row["value"]}\nunit = "{unit}"\n'
        f'from = {row.get("from", "2000-01-01")}\nmark = "U"\nsource = "this case"\n{store}\n'
    )


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
