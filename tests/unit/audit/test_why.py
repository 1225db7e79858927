"""Derivations on tables small enough to work by hand: what is told, and of which records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from builders import (
    ACCOUNT,
    ORDER,
    call,
    claim,
    histories,
    instant,
    message,
    noticed,
    order,
    return_,
)

from sellerkit import tables
from sellerkit.audit import Audit, Derivation, audit, derive, explain
from sellerkit.audit.why.derivation import Id, said
from sellerkit.audit.why.messages import _meanings
from sellerkit.errors import InputError, UsageError

NOON = "2025-03-10T12:00"
FROM_FILE = {"source": "mail/all.mbox", "source_pos": 1234}


def audited(as_of: str = "2025-04-01", **rows: Any) -> Audit:
    return audit(histories(**rows), as_of=instant(as_of), since="2000-01-01")


def sentences(one: Derivation) -> list[str]:
    return one.as_dict(lambda at: f"{at:%d %H:%M}")["steps"]


def test_a_contact_told_from_its_first_event_to_its_verdict() -> None:
    answer = message("2025-03-11T13:30", "seller", message_id="answer")
    automatic = message("2025-03-10T12:05", "seller", automated=True)
    found = audited(messages=[message(NOON, **FROM_FILE), automatic, answer])
    (one,) = explain(found, f"buyer@{NOON}")
    assert (one.what, one.verdict, one.agrees) == ("contact", "late", True)
    assert sentences(one) == [
        "The buyer wrote at 10 12:00; this starts the clock.",
        "crt.window@2016-01-01 allows 24 hours: due by 11 12:00.",
        "The first answer in the thread at or after it is answer, at 11 13:30, 25.5 hours later.",
        "The answer came after 11 12:00, 1.5 hours over: late.",
        "An automatic reply came in time; it is not credited.",
        "It is counted in the figures.",
    ]
    assert [(event.role, event.source, event.position) for event in one.events] == [
        ("starts the clock", "mail/all.mbox", 1234),
        ("no answer: automatic", None, None),
        ("answers", None, None),
    ]
    window, unit = one.rules
    assert (window.name, window.value, window.mark, window.doubt) == (
        "crt.window@2016-01-01", "24 hours", "A", False,
    )  # fmt: skip
    assert (unit.name, unit.doubt) == ("crt.unit@2012-02-01", True)


def test_the_second_message_of_a_run_names_the_first() -> None:
    found = audited(messages=[message(NOON), message("2025-03-10T13:00")])
    (one,) = explain(found, "buyer@2025-03-10T13:00")
    assert sentences(one)[-1] == (
        f"It is not counted: buyer@{NOON}, of 10 12:00, came first in the thread and shares having "
        "no answer; such a run counts once."
    )


def test_a_microsecond_is_told() -> None:
    answer = message("2025-03-11T12:00:00.000001", "seller")
    (one,) = explain(audited(messages=[message(NOON), answer]), f"buyer@{NOON}")
    assert "1e-06 seconds over: late." in sentences(one)[3]


def test_a_bare_date_is_a_caveat() -> None:
    rows = {"orders": [order()], "returns": [return_("2025-03-10T22:59:59.999999")]}
    (one,) = explain(audited(**rows), "R@2025-03-10T22:59:59.999999")
    assert [each.by(str)[:28] for each in one.caveats] == ["The file gives the day only;"]
    (timed,) = explain(audited(orders=[order()], returns=[return_(NOON)]), f"R@{NOON}")
    assert timed.caveats == ()


def test_the_users_own_rule_and_the_rules_of_a_day_are_named(tmp_path: Any) -> None:
    from sellerkit.policy import Policy

    rows = histories(messages=[message(NOON)])
    old = Policy.of("2015-12-05")
    (one,) = explain(audit(rows, as_of="2025-04-01", policy=old), f"buyer@{NOON}")
    assert (one.rules[0].name, one.rules[0].value) == ("crt.window@2015-12-01", "12 hours")
    (tmp_path / "own.toml").write_text(
        '[[rule]]\nid = "crt.window_hours"\nvalue = 6\nunit = "hours"\nfrom = 2016-01-01\n'
        'mark = "U"\nsource = "ours"\nmarketplaces = ["DE"]\n'
    )
    own = Policy.of(str(tmp_path / "own.toml"))
    (one,) = explain(audit(rows, as_of="2025-04-01", policy=own), f"buyer@{NOON}")
    # both rows have this name; that of the store is meant
    assert (one.rules[0].value, one.rules[0].stores) == ("6 hours", "DE")
    assert one.clock is not None and one.clock.due_at == instant("2025-03-10T18:00")


# --- which things an id names -----------------------------------------------------------------


def shop() -> Audit:
    return audited(
        orders=[order(latest_ship_at="2025-03-05T12:00", shipped_at="2025-03-06T12:00")],
        messages=[message(NOON), message("2025-03-10T14:00", "seller", message_id="answer")],
        returns=[return_("2025-03-12T12:00")],
        claims=[claim("2025-03-20T12:00")],
        calls=[call("2025-03-21T12:00")],
    )


def named(found: Audit, wanted: str) -> list[tuple[str, str]]:
    return [(one.what, one.title) for one in explain(found, wanted)]


def test_an_order_shows_all_its_duties_claims_and_calls() -> None:
    assert named(shop(), ORDER) == [
        ("obligation", "Inquiry"),
        ("obligation", "Return request"),
        ("obligation", "Order problem, shipped late"),
        ("obligation", "A-to-z claim"),
        ("claim", "Readiness of an A-to-z claim"),
        ("call", "Telephone call"),
    ]


def test_each_id_shows_what_it_names() -> None:
    found = shop()
    assert named(found, f"buyer@{NOON}") == [("contact", "Buyer’s message")]
    assert named(found, "R@2025-03-12T12:00") == [("obligation", "Return request")]
    assert named(found, "T@2025-03-21T12:00") == [("call", "Telephone call")]
    assert named(found, "C@2025-03-20T12:00") == [
        ("obligation", "A-to-z claim"),
        ("claim", "Readiness of an A-to-z claim"),
    ]
    # what an answer satisfied
    assert named(found, "answer") == [
        ("obligation", "Inquiry"),
        ("obligation", "Order problem, shipped late"),
    ]
    for row in found.obligations.to_dict("records"):
        (one,) = explain(found, row["obligation_id"])
        assert (one.id, one.verdict) == (row["obligation_id"], row["status"])


def test_two_accounts_may_have_one_id() -> None:
    messages = [message(NOON), message(NOON, account="other shop")]
    found = audited(messages=messages)
    both = explain(found, f"buyer@{NOON}")
    assert sorted(one.account for one in both) == ["other shop", ACCOUNT]
    (one,) = explain(found, f"buyer@{NOON}", account=ACCOUNT)
    assert one.account == ACCOUNT


def test_an_id_that_is_nowhere_or_of_nothing_judged() -> None:
    body = "The part of order 302-0000001-0000001 fits the lamp as well."
    found = audited(messages=[message(NOON, "seller", message_id="alone", body=body)])
    with pytest.raises(InputError, match="nothing on file at 2025-04-01 00:00 UTC has the id 'no'"):
        explain(found, "no")
    with pytest.raises(InputError, match="nothing was concluded of 'alone'"):
        explain(found, "alone")
    with pytest.raises(UsageError, match="no finding is called orders; there are contacts"):
        derive(found, "orders", found.contacts)


def test_what_as_of_does_not_know_has_no_derivation() -> None:
    found = audited("2025-03-10T11:59:59.999999", messages=[message(NOON)])
    with pytest.raises(InputError, match="nothing on file"):
        explain(found, f"buyer@{NOON}")


def test_no_rows_no_derivations() -> None:
    found = audited(messages=[message(NOON)])
    assert derive(found, "contacts", found.contacts.head(0)) == []


# --- agreement, conflicts, texts -----------------------------------------------------------------


def test_a_finding_that_was_tampered_with_does_not_agree() -> None:
    found = audited(messages=[message(NOON)])
    other = found.contacts.assign(status="met")
    (one,) = explain(replace(found, contacts=other), f"buyer@{NOON}")
    assert (one.verdict, one.agrees) == ("missed", False)


def test_a_row_that_the_records_alone_do_not_give_does_not_agree() -> None:
    found = audited(messages=[message(NOON)])
    made_up = found.contacts.assign(message_id="made up")
    messages = found.histories["messages"].assign(message_id="made up", sender="amazon")
    told = replace(found, contacts=made_up, histories=found.histories | {"messages": messages})
    (one,) = derive(told, "contacts", made_up)
    assert one.agrees is False


def test_what_the_window_leaves_out_neither_agrees_nor_disagrees() -> None:
    frames = histories(claims=[claim("2025-03-20T12:00")])
    found = audit(frames, as_of=instant("2025-06-01"))
    assert {one.what: one.agrees for one in explain(found, "C@2025-03-20T12:00")} == {
        "obligation": True,
        "claim": None,
    }


def test_a_conflict_stands_with_the_duty() -> None:
    rows = {"orders": [order(latest_ship_at="2025-03-30T12:00")]}
    (one,) = [d for d in explain(audited(**rows), ORDER) if d.what == "obligation"]
    assert one.conflicts == ()
    told = audited(**rows, notices=[noticed("2025-03-05T10:00")])
    (one,) = [d for d in explain(told, ORDER) if d.what == "obligation"]
    (way,) = one.conflicts
    assert "(message.opt_out@2017-03-31). Write with [Important]" in way.by(str)


def test_what_amazon_and_internal_notes_say_stands_among_the_events() -> None:
    notices = [
        noticed("2025-03-10T14:00", "internal_note", message_id="desk:1:2"),
        noticed("2025-03-11T12:00:00.000001", "internal_note", message_id="desk:1:3"),
        noticed("2025-03-10T13:00", "claim_opened", message_id="amazon"),
    ]
    messages = [message(NOON), message("2025-03-10T13:00", "amazon", message_id="amazon")]
    (one,) = explain(audited(messages=messages, notices=notices), f"buyer@{NOON}")
    assert [(event.what, event.role) for event in one.events] == [
        ("the buyer wrote", "starts the clock"),
        ("Amazon told of a claim", ""),
        ("an internal note", "no answer: a note"),
    ]


def test_texts_only_where_asked_for_and_then_the_first_line() -> None:
    found = audited(messages=[message(NOON, body="first line\nSECRET")])
    (one,) = explain(found, f"buyer@{NOON}")
    assert "first line" not in str(one)
    (one,) = explain(found, f"buyer@{NOON}", texts=True)
    assert [event.text for event in one.events] == ["first line"]
    assert "SECRET" not in str(one)


def test_ids_that_strangers_chose_are_neither_blanks_nor_whole_on_a_page() -> None:
    hostile = "{at}{0.__class__}<b>@attacker.example"
    answer = message("2025-03-10T14:00", "seller", message_id=hostile)
    (one,) = explain(audited(messages=[message(NOON), answer]), f"buyer@{NOON}")
    assert hostile in sentences(one)[2]
    short = one.as_dict(short=True)["steps"][2]
    assert "attacker" not in short and Id(hostile).short in short
    assert said("{a} {b}", a="{b}", b="x").by(str) == "{b} x"


def test_a_long_conversation_lists_what_matters_and_counts_the_rest() -> None:
    minutes = pd.date_range("2025-03-01", periods=60, freq="min")
    notices = [message(f"{at:%Y-%m-%dT%H:%M}", "amazon") for at in minutes]
    (one,) = explain(audited(messages=[message(NOON), *notices]), f"buyer@{NOON}")
    assert (len(one.events), one.left_out) == (40, 21)
    assert "starts the clock" in {event.role for event in one.events}


# --- findings of other makers ---------------------------------------------------------------------


def test_every_rule_on_messages_has_its_meaning() -> None:
    rules = {
        "external_link", "email_address", "phone_number", "incentive", "review_pressure",
        "marketing", "asks_to_cancel", "repeat_request", "too_late", "no_order_id", "unneeded",
        "emoji", "blank_lines", "attachment", "important_tag",
    }  # fmt: skip
    assert set(_meanings()) == rules


def test_a_violation_tells_where_and_only_on_request_what() -> None:
    text = "Look at www.example.com"
    sent = message(NOON, "seller", message_id="m", body=text)
    row = {
        "message_id": "m", "order_id": ORDER, "account": ACCOUNT, "sent_at": instant(NOON),
        "rule": "external_link", "severity": "error", "excerpt": "www.example.com", "start": 8,
        "end": 23, "why": "The host is not one of Amazon’s.",
    }  # fmt: skip
    found = audited(messages=[sent])
    rows = tables.conform(pd.DataFrame([row]), tables.VIOLATIONS)
    (one,) = derive(found, "violations", rows)
    assert (one.what, one.verdict, one.id) == ("violation", "external_link", "m")
    assert any("characters 8 to 23" in step for step in sentences(one))
    assert "example.com" not in str(sentences(one))
    (one,) = derive(found, "violations", rows, texts=True)
    assert "There stands: www.example.com" in sentences(one)
    whole = rows.assign(rule="emoji", start=-1, end=-1)
    (one,) = derive(found, "violations", whole)
    assert "It is about the whole message." in sentences(one)


CHECK_INS = {
    "too_early": ("2025-03-12", {}),
    "due": ("2025-03-20", {}),
    "skipped": ("2025-05-01", {}),
    "sent": (
        "2025-04-01",
        {"messages": [message("2025-03-20T12:00", "seller", topic="check_in")]},
    ),
    "blocked": ("2025-03-20", {"notices": [noticed("2025-03-11T12:00")]}),
}


@pytest.mark.parametrize("state", tables.CHECK_INS["state"].choices)
def test_a_check_in_tells_its_days_and_its_state(state: str) -> None:
    as_of, rows = CHECK_INS[state]
    found = audited(as_of, orders=[order(delivered_at=NOON)], **rows)
    (one,) = derive(found, "check_ins", found.findings["check_ins"])
    assert (one.what, one.verdict, one.agrees) == ("check_in", state, True)
    assert [rule.name.partition("@")[0] for rule in one.rules] == ["check_in.from", "check_in.to"]
    assert ("the check-in" in {event.role for event in one.events}) == (state == "sent")
    assert sentences(one)[-1] == found.findings["check_ins"]["why"].iloc[0]
