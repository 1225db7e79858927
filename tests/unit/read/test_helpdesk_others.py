"""Freshdesk, Gorgias and Re:amaze: directions, notes, failures, every unit accounted for."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from desks import ALIAS, ORDER, lines, read, rows

from sellerkit.read.helpdesk import FRESHDESK, GORGIAS, REAMAZE
from sellerkit.read.registry import detect
from sellerkit.read.source import Context, Source

# --- Freshdesk


def conversation(number, **more):
    return {
        "id": number, "ticket_id": 20, "user_id": 1, "body": "<div>Es ist unterwegs.</div>",
        "body_text": "Es ist unterwegs.", "incoming": False, "private": False, "source": 0,
        "support_email": "service@seller.example", "from_email": "service@seller.example",
        "to_emails": [ALIAS], "cc_emails": [], "created_at": "2026-01-05T03:00:00Z",
        "updated_at": "2026-01-05T03:00:00Z", "attachments": [],
    } | more  # fmt: skip


def fresh(*conversations, **more):
    return {
        "id": 20, "subject": f"Frage (Bestellung: {ORDER})", "status": 2, "source": 1,
        "description": "<div>Wo ist mein Paket?</div>", "description_text": "Wo ist mein Paket?",
        "requester_id": 129, "responder_id": 1, "created_at": "2026-01-05T00:00:00Z",
        "requester": {"id": 129, "name": "Jo", "email": ALIAS}, "tags": [], "custom_fields": {},
        "to_emails": ["service@seller.example"], "conversations": list(conversations),
    } | more  # fmt: skip


def test_freshdesk_the_description_is_the_first_message():
    again = conversation(
        2, incoming=True, body_text="Danke!", created_at="2026-01-05T05:00:00Z",
        from_email=f'"Jo" <{ALIAS}>', to_emails=["service@seller.example"], user_id=129,
    )  # fmt: skip
    found = rows(read(FRESHDESK, [fresh(conversation(1), again)]))
    assert found["sender"].tolist() == ["buyer", "seller", "buyer"]
    assert found["body"].tolist() == ["Wo ist mein Paket?", "Es ist unterwegs.", "Danke!"]
    keys = ["freshdesk:20:description", "freshdesk:20:1", "freshdesk:20:2"]
    assert found["message_id"].tolist() == keys
    assert set(found["thread_id"]) == {"freshdesk:20"}
    assert set(found["order_id"]) == {ORDER}
    assert set(found["buyer_id"]) == {"a1b2c3d4e5f6g7"}
    assert set(found["channel"]) == {"amazon"}
    assert found["topic"].tolist()[0] == "order_problem"


def test_freshdesk_notes_and_forwarded_mails_are_no_answers():
    note = conversation(1, private=True, source=2)
    forward = conversation(2, source=8, to_emails=["claims@dhl.example"])
    parsed = read(FRESHDESK, fresh(note, forward))
    assert parsed.skipped == {
        "internal note": 1,
        "forwarded to somebody else than the buyer": 1,
    }
    assert rows(parsed)["sender"].tolist() == ["buyer"]


def test_freshdesk_a_mail_that_failed_did_not_arrive():
    found = rows(read(FRESHDESK, fresh(conversation(1, email_failure_count=1))))
    assert found["undelivered"].tolist() == [False, True]
    partly = conversation(1, email_failure_count=1, to_emails=[ALIAS, "x@example.org"])
    assert not rows(read(FRESHDESK, fresh(partly)))["undelivered"].any()
    for nothing in (None, 0, "", True):
        told = conversation(1, email_failure_count=nothing)
        assert not rows(read(FRESHDESK, fresh(told)))["undelivered"].any()


def test_freshdesk_who_began_a_ticket():
    begun = rows(read(FRESHDESK, fresh(source=10)))
    assert begun["sender"].tolist() == ["seller"]
    parsed = read(FRESHDESK, fresh(conversation(1), source=3))
    assert parsed.skipped == {"note of a telephone call": 1}
    notice = fresh(requester={"id": 9, "email": "donotreply@amazon.com"})
    assert rows(read(FRESHDESK, notice))["sender"].tolist() == ["amazon"]


def test_freshdesk_a_ticket_without_its_conversations_is_warned_of():
    bare = fresh()
    del bare["conversations"]
    parsed = read(FRESHDESK, [bare, fresh(conversation(1, ticket_id=21), id=21)])
    assert parsed.skipped == {"ticket without conversations: export with include=conversations": 1}
    assert "include=conversations" in parsed.warnings[0]
    assert len(rows(parsed)) == 3, "its description is a message all the same"


def test_freshdesk_as_lines_and_conversations_by_themselves():
    found = rows(read(FRESHDESK, lines(fresh(conversation(1)), fresh(id=21))))
    assert found["source_pos"].tolist() == [1, 2, 1]
    alone = rows(
        read(FRESHDESK, [conversation(1), conversation(2, incoming=True, from_email=ALIAS)])
    )
    assert sorted(alone["sender"]) == ["buyer", "seller"]


def test_freshdesk_order_from_a_custom_field():
    found = rows(read(FRESHDESK, fresh(subject="Hi", custom_fields={"cf_order": ORDER, "x": None})))
    assert found["order_id"].tolist() == [ORDER]


# --- Gorgias


def gorgias(number, agent, **more):
    people = [
        {"id": 700, "email": ALIAS, "name": "Jo"},
        {"id": 1, "email": "maren@seller.example", "name": "Maren"},
    ]
    sender, receiver = people[::-1] if agent else people
    return {
        "id": number, "uri": f"/api/messages/{number}/", "ticket_id": 30, "from_agent": agent,
        "public": True, "channel": "email", "via": "email", "rule_id": None,
        "message_id": f"<{number}@mail.example>", "external_id": None, "sender": sender,
        "receiver": receiver, "subject": f"Frage (Bestellung: {ORDER})",
        "body_text": "Es ist unterwegs." if agent else "Wo ist mein Paket?", "body_html": "",
        "stripped_text": "", "attachments": [], "created_datetime": f"2026-01-05T0{number}:00:00",
        "sent_datetime": f"2026-01-05T0{number}:00:01.500000", "failed_datetime": None,
        "source": {
            "type": "email", "from": {"address": sender["email"]},
            "to": [{"address": receiver["email"]}],
        },
    } | more  # fmt: skip


def test_gorgias_messages():
    parsed = read(GORGIAS, {"data": [gorgias(1, False), gorgias(2, True)], "object": "list"})
    found = rows(parsed)
    assert found["sender"].tolist() == ["buyer", "seller"]
    assert found["message_id"].tolist() == ["1@mail.example", "2@mail.example"]
    assert set(found["thread_id"]) == {"gorgias:30"}
    assert set(found["order_id"]) == {ORDER} and set(found["buyer_id"]) == {"a1b2c3d4e5f6g7"}
    assert found["sent_at"][0] == pd.Timestamp("2026-01-05T01:00:01.5Z"), "UTC without an offset"
    assert set(found["channel"]) == {"amazon"}


@pytest.mark.parametrize("note", [{"public": False}, {"channel": "internal-note"}])
def test_gorgias_notes_are_no_messages(note):
    parsed = read(GORGIAS, [gorgias(1, False), gorgias(2, True, **note)])
    assert parsed.skipped == {"internal note": 1}


def test_gorgias_failed_ruled_and_nameless_messages():
    failed = gorgias(2, True, failed_datetime="2026-01-05T02:00:09", sent_datetime=None)
    ruled = gorgias(3, True, rule_id=17, message_id=None)
    found = rows(read(GORGIAS, [gorgias(1, False), failed, ruled]))
    assert found["undelivered"].tolist() == [False, True, False]
    assert found["automated"].tolist() == [False, False, True]
    assert found["message_id"].tolist()[2] == "gorgias:30:3"


def test_gorgias_tickets_with_messages():
    whole = {
        "id": 30, "customer": {"id": 700, "email": "jo@example.org"}, "subject": "Hi",
        "tags": [{"name": ORDER}], "custom_fields": {"5": {"value": "x"}},
        "messages": [gorgias(1, False, subject=None, source={}, sender={"id": 700})],
    }  # fmt: skip
    empty = {"id": 31, "customer": {"id": 700}, "messages": []}
    parsed = read(GORGIAS, lines(whole, empty, {"id": 32, "customer": {}, "messages_count": 2}))
    assert parsed.skipped == {"ticket without messages: export the messages too": 2}
    (found,) = rows(parsed).to_dict("records")
    assert (found["order_id"], found["buyer_id"], found["channel"]) == (ORDER, "700", "other")


# --- Re:amaze


def reamaze(number, staff, **more):
    email = "maren@seller.example" if staff else ALIAS
    return {
        "body": "Es ist unterwegs." if staff else "Wo ist mein Paket?",
        "created_at": f"2026-01-05T0{number}:00:00.000Z", "visibility": 0, "origin": 1,
        "user": {"id": number, "name": "Jo", "email": email, "staff?": staff},
        "recipients": [], "attachments": [],
        "conversation": {"slug": "frage-1", "subject": f"Frage (Bestellung: {ORDER})"},
    } | more  # fmt: skip


def test_reamaze_messages_and_notes():
    page = {
        "page_size": 30, "page_count": 1, "total_count": 3,
        "messages": [reamaze(1, False), reamaze(2, True), reamaze(3, True, visibility=1)],
    }  # fmt: skip
    parsed = read(REAMAZE, page)
    assert parsed.skipped == {"internal note": 1}
    found = rows(parsed)
    assert found["sender"].tolist() == ["buyer", "seller"]
    assert set(found["thread_id"]) == {"reamaze:frage-1"}
    assert set(found["order_id"]) == {ORDER} and set(found["channel"]) == {"amazon"}
    assert found["message_id"].str.startswith("reamaze:frage-1:").all()
    again = rows(read(REAMAZE, page))
    assert again["message_id"].tolist() == found["message_id"].tolist()


def test_reamaze_without_the_staff_flag_the_addresses_decide():
    def bare(number, email):
        return reamaze(number, False) | {"user": {"email": email}}

    export = [bare(1, ALIAS), bare(2, "Service@Seller.example"), bare(3, "who@example.org")]
    parsed = read(REAMAZE, export)
    assert rows(parsed)["sender"].tolist() == ["buyer", "seller"]
    assert parsed.skipped == {"neither the buyer nor an agent wrote it": 1}
    unknown = read(REAMAZE, export, Context("shop"))
    assert rows(unknown)["sender"].tolist() == ["buyer"]
    assert "--own-address" in unknown.warnings[0]


def test_reamaze_html_and_plain_bodies_keep_their_lines():
    plain = reamaze(1, False, body="Erste Zeile <3\nzweite Zeile")
    marked = reamaze(2, True, body="<p>Hallo</p><p>Jo</p>")
    found = rows(read(REAMAZE, lines(plain, marked)))
    assert found["body"].tolist()[0] == "Erste Zeile <3\nzweite Zeile"
    assert found["body"].tolist()[1].split() == ["Hallo", "Jo"]


# --- all of them


@pytest.mark.parametrize(
    ("form", "export"),
    [
        (FRESHDESK, fresh(conversation(1))),
        (GORGIAS, [gorgias(1, False)]),
        (REAMAZE, {"messages": [reamaze(1, False)]}),
    ],
)
def test_each_is_told_by_its_fields(form, export):
    assert detect(Source("x", json.dumps(export).encode())) is form
    assert detect(Source("x", json.dumps(export, indent=2).encode("utf-8-sig"))) is form
    assert detect(Source("x", lines(export, export).encode())) is form
