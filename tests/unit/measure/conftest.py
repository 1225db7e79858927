"""Findings in a line: rows with defaults, as frames of `sellerkit.tables`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd
import pytest
from builders import ACCOUNT, MARKETPLACE, ORDER, instant
from pandas.testing import assert_frame_equal

from sellerkit.tables import FINDINGS, conform

Row = dict[str, Any]

#: What no test needs to say of a contact or a duty.
DEFAULTS: dict[str, Row] = {
    "contacts": {
        "thread_id": "thread", "order_id": ORDER, "marketplace": MARKETPLACE, "topic": "inquiry",
        "counted": True, "rule": "crt.window@2012-02-01",
    },
    "obligations": {
        "order_id": ORDER, "kind": "inquiry", "trigger_at": instant("2026-10-01"),
        "due_at": instant("2026-10-02"), "why": "why", "rule": "rule",
    },
    "claims_readiness": {
        "order_id": ORDER, "filed_at": instant("2026-10-01"), "reason": "not_received",
        "verdict": "ready",
    },
    "exposure": {"order_id": ORDER, "claim_window_ends_at": instant("2026-12-01"),
                 "auto_lost": False},
    "calls_review": {
        "started_at": instant("2026-10-01"), "verdict": "delivery", "followed_up": False,
        "why": "why",
    },
    "violations": {
        "message_id": "m", "sent_at": instant("2026-10-01"), "rule": "emoji",
        "severity": "warning", "excerpt": "", "start": -1, "end": -1, "why": "why",
    },
    "check_ins": {},
}  # fmt: skip


def finding(name: str, rows: Iterable[Row] = ()) -> pd.DataFrame:
    """Return a finding of the rows given, each with the defaults of its kind and its own id."""
    table, listed = FINDINGS[name], []
    for number, row in enumerate(rows):
        ids = dict.fromkeys(set(table.key) - {"account"} - set(DEFAULTS[name]), f"id-{number}")
        listed.append({"account": ACCOUNT} | ids | DEFAULTS[name] | row)
    return conform(pd.DataFrame(listed), table)


def contact_row(sent_at: str, status: str, hours: float | None = None, **others: Any) -> Row:
    """Return a contact sent at an instant and answered after so many hours, due after 24."""
    sent = instant(sent_at)
    answered = pd.NaT if hours is None else sent + pd.Timedelta(hours=hours)
    return {
        "sent_at": sent, "due_at": sent + pd.Timedelta(hours=24), "answered_at": answered,
        "response_hours": hours, "status": status, "counted": status != "waived",
    } | others  # fmt: skip


@pytest.fixture(scope="session")
def of() -> Callable[..., pd.DataFrame]:
    """Return the maker of findings: `of("obligations", [{"status": "met"}])`."""
    return finding


@pytest.fixture(scope="session")
def contacts_of() -> Callable[..., pd.DataFrame]:
    """Return the maker of contacts: `contacts_of(("2026-10-01T08:00", "met", 2))`."""

    def make(*rows: tuple[Any, ...] | Row) -> pd.DataFrame:
        listed = [row if isinstance(row, dict) else contact_row(*row) for row in rows]
        return finding("contacts", listed)

    return make


@pytest.fixture
def row() -> Callable[..., Row]:
    """Return the maker of one contact's row, for columns that the short form does not name."""
    return contact_row


@pytest.fixture
def unchanged() -> Iterator[Callable[[pd.DataFrame], pd.DataFrame]]:
    """Return a watcher: every frame given to it is compared with its copy after the test."""
    watched: list[tuple[pd.DataFrame, pd.DataFrame]] = []

    def watch(frame: pd.DataFrame) -> pd.DataFrame:
        watched.append((frame, frame.copy(deep=True)))
        return frame

    yield watch
    for frame, before in watched:
        assert_frame_equal(frame, before)
