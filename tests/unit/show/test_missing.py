"""What a page says where mail is missing, and that it says nothing of the kind where none is."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pandas as pd
import pytest
from builders import histories, instant

from sellerkit import tables
from sellerkit.measure import coverage, summarize
from sellerkit.policy import Policy
from sellerkit.show import (
    View,
    cards_compliance,
    headline_compliance,
    note_completeness,
    table_completeness,
    table_obligations,
    words_of_holes,
)

SINCE, AS_OF = instant("2026-09-05"), instant("2026-10-05")
WEEK = {
    "account": "shop", "kind": "week", "since": instant("2026-09-14"),
    "until": instant("2026-09-21"), "messages": 106, "expected": 136.2, "answered": 38,
    "answered_missing": 11, "chance": 1e-9, "inquiries_missing": 20, "inquiries_missing_high": 44,
}  # fmt: skip
BOUND = {"rate": 0.75, "unknown": 67, "lowest": 0.669, "highest": 0.934}


@pytest.fixture
def view() -> View:
    return View(AS_OF, SINCE, AS_OF, "Europe/Berlin", Policy.default(), histories(), ("shop",))


@pytest.fixture
def found() -> dict[str, pd.DataFrame]:
    sent = [instant("2026-09-15T08:00") + n * pd.Timedelta(hours=5) for n in range(20)]
    contacts = [
        {"message_id": f"m{n}", "thread_id": f"t{n}", "account": "shop", "order_id": f"o{n}",
         "sent_at": at,
         "due_at": at + pd.Timedelta(hours=24), "status": "met" if n % 4 else "missed",
         "counted": True, "response_hours": 2.0 if n % 4 else None, "rule": "crt.window",
         "answered_at": at + pd.Timedelta(hours=2) if n % 4 else pd.NaT}
        for n, at in enumerate(sent)
    ]  # fmt: skip
    duties = [
        {"obligation_id": f"o{n}", "kind": "inquiry", "account": "shop", "trigger_at": at,
         "due_at": at, "status": "met" if n % 4 else "missed", "why": "why", "rule": "rule"}
        for n, at in enumerate(sent)
    ]  # fmt: skip
    rows = {"contacts": contacts, "obligations": duties}
    return {
        name: tables.conform(pd.DataFrame(rows.get(name, [])), table)
        for name, table in tables.FINDINGS.items()
    }


def summary(found: dict[str, pd.DataFrame], *, holed: bool) -> dict[str, Any]:
    whole = summarize(
        contacts=found["contacts"], findings=found, histories=histories(), as_of=AS_OF,
        since=SINCE, until=AS_OF, policy_name="amazon", target=0.9, lake_version=1,
    )  # fmt: skip
    if holed:
        missing = whole["completeness"]
        missing["holes"] = [WEEK]
        missing["bounds"]["contacts"]["window"] = dict.fromkeys(
            ("on_time_share", "late_share", "no_response_share"), BOUND
        )
        missing["bounds"]["obligations"]["inquiry"] = dict.fromkeys(
            ("coverage", "written_share"), BOUND
        )
    return whole


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).replace("\u202f", " ").split())


def page(found: dict[str, pd.DataFrame], view: View, *, holed: bool) -> dict[str, str]:
    said = summary(found, holed=holed)
    owed = coverage(found["obligations"])
    parts = {
        "headline": headline_compliance(said, found["contacts"], found["obligations"], view),
        "cards": cards_compliance(said, found["contacts"], owed),
        "note": note_completeness(
            said["completeness"], said["contacts"]["window"], view, target=0.9
        ),
        "table": table_completeness(said["completeness"], view),
        "duties": table_obligations(
            owed, view, bounds=said["completeness"]["bounds"]["obligations"]
        ),
        "weeks": words_of_holes(said["completeness"]),
    }
    return {name: plain(part.html) for name, part in parts.items()}


def test_over_a_hole_a_rate_is_never_printed_as_if_it_were_whole(found, view) -> None:
    said = page(found, view, holed=True)
    assert "Between 66.9 % and 93.4 % of the inquiries were answered" in said["headline"]
    assert "mail is missing" in said["headline"]
    assert "between 66.9 and 93.4 %: 67 unknown" in said["cards"]
    assert "66.9–93.4 % 67 unknown" in said["duties"]
    for name in ("headline", "duties"):
        assert "75" not in said[name], name
    # of the cards only the periods without a hole still say it
    assert said["cards"].count("75.0 %") == 2


def test_the_week_is_named_with_what_is_missing_and_how_that_is_known(found, view) -> None:
    said = page(found, view, holed=True)
    assert "Some mail of the week 14 Sep to 20 Sep: about 20 inquiries, at most 44" in said["note"]
    assert "The lower end is below the target" in said["note"]
    words = "106 messages on file, where 136 would be usual; of 38 mails that replies answer 11 are"
    assert words in said["table"]
    assert "Answered on time 67 66.9 % 93.4 % 75.0 %" in said["table"]
    assert "from 14 Sep on" in said["weeks"]


def test_of_whole_mail_nothing_of_the_kind_is_said(found, view) -> None:
    said = page(found, view, holed=False)
    assert "75.0 % of 20 inquiries" in said["headline"]
    assert "unknown" not in said["cards"] and "unknown" not in said["duties"]
    assert said["note"] == said["weeks"] == ""
    assert "Nothing shows that mail of this window is missing" in said["table"]


def test_each_finding_has_its_line(found, view) -> None:
    missing = summary(found, holed=False)["completeness"]
    missing |= {
        "days_without_mail": [dt.date(2026, 9, 8)],
        "references_not_on_file": 1,
        "threads_beginning_with_reply": 2,
        "aliases_without_order": 3,
        "order_gaps": [{"account": "shop", "marketplace": "DE", "since": dt.date(2026, 9, 9),
                        "until": dt.date(2026, 9, 12), "expected": 29.7}],
        "spans": [{"account": "shop", "first_message_at": instant("2026-08-01"),
                   "last_message_at": instant("2026-09-01"),
                   "first_order_at": instant("2026-07-30"),
                   "last_order_at": instant("2026-10-01"), "orders_before_mail": 4,
                   "orders_after_mail": 50, "messages_before_orders": 0,
                   "messages_after_orders": 0}],
        "clock_skew": {"mails": 9, "ahead": 1, "behind": 2, "most_ahead_hours": 1.5,
                       "most_behind_hours": 30.25},
    }  # fmt: skip
    said = plain(table_completeness(missing, view).html)
    for words in (
        "1 day with orders and no message. 8 Sep", "1 mail named by others is not on file",
        "2 threads begin with the seller’s reply", "3 buyers without an order",
        "DE: no order, 9 Sep to 11 Sep. About 30 would be usual",
        "50 orders after the last message. Mail on file ends 1 Sep 2026",
        "1 mail dated later than received. Up to 1.5 h",
        "2 mails received over an hour after its date. Up to 30.2 h",
    ):  # fmt: skip
        assert words in said
    assert "before the first message" not in said  # two days apart say nothing
