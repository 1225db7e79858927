"""Zendesk: who wrote a comment, what it answers, and every unit accounted for."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from desks import ALIAS, CONTEXT, ORDER, OTHER, comment, lines, mail_from, read, rows, ticket

from sellerkit.errors import InputError
from sellerkit.read.helpdesk import ZENDESK
from sellerkit.read.registry import detect
from sellerkit.read.source import Context, Source

ASKED = comment(11, 7, "Wo ist mein Paket?", 0, via=mail_from(ALIAS))
REPLY = comment(12, 1, "Es ist unterwegs.", 3)
USERS = [
    {"id": 7, "name": "Jo", "email": ALIAS, "role": "end-user"},
    {"id": 1, "name": "Maren", "email": "maren@seller.example", "role": "agent"},
]


def test_a_ticket_is_a_conversation_of_buyer_and_seller():
    found = rows(read(ZENDESK, ticket(5, ASKED, REPLY)))
    assert found["sender"].tolist() == ["buyer", "seller"]
    assert found["message_id"].tolist() == ["zendesk:5:11", "zendesk:5:12"]
    assert found["thread_id"].tolist() == ["zendesk:5"] * 2
    assert found["order_id"].tolist() == [ORDER] * 2
    assert found["buyer_id"].tolist() == ["a1b2c3d4e5f6g7"] * 2
    assert found["channel"].tolist() == ["amazon"] * 2
    assert found["marketplace"].tolist() == ["DE"] * 2
    assert found["body"].tolist() == ["Wo ist mein Paket?", "Es ist unterwegs."]
    assert found["sent_at"].tolist() == [
        pd.Timestamp("2026-01-05T00:00Z"),
        pd.Timestamp("2026-01-05T03:00Z"),
    ]
    assert found["language"].tolist() == ["de", "de"]
    assert found["topic"].tolist() == ["order_problem", "other"]


@pytest.mark.parametrize(
    "export",
    [
        ticket(5, ASKED, REPLY),
        [ticket(5, ASKED, REPLY)],
        {"ticket": ticket(5, ASKED, REPLY)},
        {"tickets": [ticket(5, ASKED, REPLY)], "users": USERS, "count": 1, "end_of_stream": True},
        {"tickets": [ticket(5, comments={"comments": [ASKED, REPLY], "count": 2})]},
        lines(ticket(5, ASKED, REPLY), {"users": USERS}),
        lines(*USERS, ticket(5, ASKED, REPLY)),
        {
            "tickets": [{k: v for k, v in ticket(5).items() if k != "comments"}],
            "comments": [ASKED | {"ticket_id": 5}, REPLY | {"ticket_id": 5}],
        },
    ],
    ids=[
        "one", "list", "answer", "page", "nested comments", "lines", "lines, users first",
        "comments beside",
    ],
)  # fmt: skip
def test_each_shape_gives_the_same(export):
    drop = ["source_pos", "topic_rule"]
    found = rows(read(ZENDESK, export)).drop(columns=drop)
    expected = rows(read(ZENDESK, ticket(5, ASKED, REPLY))).drop(columns=drop)
    pd.testing.assert_frame_equal(found, expected)


def test_the_accounts_own_export_has_people_whole():
    whole = ticket(5, ASKED, REPLY, via={"channel": "api", "source": {}})
    del whole["requester_id"], whole["submitter_id"], whole["assignee_id"]
    whole |= {"requester": {"id": 7, "email": ALIAS}, "submitter": {"id": 7, "email": ALIAS}}
    found = rows(read(ZENDESK, lines(whole, whole | {"id": 6, "comments": []})))
    assert found["sender"].tolist() == ["buyer", "seller"]
    assert found["buyer_id"].tolist() == ["a1b2c3d4e5f6g7"] * 2


def event(number, at, *children, **more):
    return {
        "id": number, "ticket_id": 5, "created_at": at, "timestamp": 1767571200, "updater_id": 7,
        "via": "Mail", "system": {"client": "Mozilla"}, "event_type": "Audit",
        "child_events": list(children), **more,
    }  # fmt: skip


def test_ticket_events_of_the_incremental_export():
    created = {
        "id": 1, "via": "Mail", "event_type": "Create", "requester_id": 7,
        "subject": f"Frage (Bestellung: {ORDER})", "tags": ["amazon"],
    }  # fmt: skip
    asked = ASKED | {"event_type": "Comment", "via_reference_id": None}
    reply = REPLY | {"event_type": "Comment", "via": "Web form", "created_at": None}
    ruled = REPLY | {"id": 13, "event_type": "Comment", "via": "Rule"}
    changed = {"id": 9, "via": "Web form", "event_type": "Change", "status": "solved"}
    page = {
        "ticket_events": [
            event(101, "2026-01-05T00:00:00Z", created, asked),
            event(102, "2026-01-05T03:00:00Z", {k: v for k, v in reply.items() if v}, changed),
            event(103, "2026-01-05T04:00:00Z", changed),
            event(104, "2026-01-05T05:00:00Z", ruled),
        ],
        "end_of_stream": True,
    }
    parsed = read(ZENDESK, page)
    found = rows(parsed)
    assert parsed.read == 3, "a unit is a comment; a change of status is none"
    assert sorted(found["sender"]) == ["buyer", "seller", "seller"]
    assert found["order_id"].tolist() == [ORDER] * 3
    assert found["automated"].tolist().count(True) == 1
    by_key = found.set_index("message_id")
    assert by_key["sent_at"]["zendesk:5:12"] == pd.Timestamp("2026-01-05T03:00Z")
    assert by_key["automated"]["zendesk:5:13"]


def test_events_without_their_comments_say_how_to_export():
    bare = {"id": 1, "event_type": "Comment-less", "comment_present": True, "comment_public": True}
    parsed = read(ZENDESK, {"ticket_events": [event(101, "2026-01-05T00:00:00Z", bare)]})
    (reason,) = parsed.skipped
    assert "include=comment_events" in reason and "include=comment_events" in parsed.warnings[0]


@pytest.mark.parametrize("order", [ORDER, None])
def test_of_a_note_only_its_moment_and_its_order_are_kept(order):
    note = comment(13, 1, "Kunde ruft an, ORDERSECRET", 2, public=False)
    asked = ASKED if order else ASKED | {"plain_body": "Frage", "body": "Frage"}
    about = ticket(5, asked, note, REPLY)
    if order is None:
        about = json.loads(json.dumps(about).replace(ORDER, "die Bestellung"))
    parsed = read(ZENDESK, about)
    assert parsed.skipped == {"internal note": 1}
    notes = pd.DataFrame(parsed.tables.get("notices", []))
    if order is None:  # nothing would connect it with a duty
        assert notes.empty
        return
    (kept,) = notes.to_dict("records")
    assert kept == {
        "account": CONTEXT.account,
        "message_id": "zendesk:5:13",
        "sent_at": pd.Timestamp("2026-01-05T02:00Z"),
        "order_id": ORDER,
        "event": "internal_note",
        "source_pos": 1,
    }


def test_a_note_is_no_message_and_no_answer():
    parsed = read(ZENDESK, ticket(5, ASKED, comment(12, 1, "Bei DHL gefragt.", 2, public=False)))
    assert parsed.skipped == {"internal note": 1}
    assert rows(parsed)["sender"].tolist() == ["buyer"]


def test_a_buyers_mail_is_a_message_however_it_is_filed():
    """Zendesk files a mail of somebody who is not yet on the ticket as a private comment."""
    again = comment(12, 8, "Und nun?", 5, public=False, via=mail_from(ALIAS.replace("@", "+1a@")))
    assert rows(read(ZENDESK, ticket(5, ASKED, again)))["sender"].tolist() == ["buyer", "buyer"]


def test_the_description_is_not_read_a_second_time():
    parsed = read(ZENDESK, ticket(5, ASKED, REPLY))
    assert parsed.read == 2


def test_tickets_without_comments_are_accounted_for_and_warned_of():
    bare = ticket(6)
    del bare["comments"]
    parsed = read(ZENDESK, {"tickets": [ticket(5, ASKED), bare, ticket(7)]})
    assert parsed.skipped == {"ticket without comments: export the comments too": 2}
    assert "2 tickets" in parsed.warnings[0] and "export.json" in parsed.warnings[0]


@pytest.mark.parametrize(
    ("via", "author", "automated"),
    [
        ({"channel": "rule", "source": {"rel": "trigger", "from": {"id": 2}}}, 1, True),
        ({"channel": "rule", "source": {"rel": "automation", "from": {"id": 2}}}, 1, True),
        ({"channel": 8, "source": {}}, 1, True),
        ({"channel": "api", "source": {}}, 1, False),
        ({"channel": "web", "source": {}}, -1, True),
        (None, 1, False),
    ],
)
def test_a_business_rule_is_automated_and_an_integration_is_not(via, author, automated):
    found = rows(read(ZENDESK, ticket(5, ASKED, REPLY | {"via": via, "author_id": author})))
    assert found["sender"].tolist() == ["buyer", "seller"]
    assert found["automated"].tolist() == [False, automated]


@pytest.mark.parametrize(
    ("subject", "field", "tags", "body", "order"),
    [
        ("Frage", ORDER, [], "", ORDER),
        ("Frage", f"Amazon {ORDER}", [], "", ORDER),
        ("Frage", None, ["vip", ORDER], "", ORDER),
        ("Frage", None, [], f"Es geht um {ORDER}.", ORDER),
        (f"Bestellung {ORDER}", OTHER, [OTHER], OTHER, ORDER),
        ("Frage", ORDER, [OTHER], "", None),
        ("Frage", None, [], "", None),
        (None, 5, None, "", None),
    ],
)
def test_the_order_by_subject_then_fields_and_tags_then_text(subject, field, tags, body, order):
    asked = ASKED | {"body": f"Hallo. {body}"}
    export = ticket(
        5, asked, subject=subject, raw_subject=None, tags=tags,
        custom_fields=[{"id": 1, "value": field}],
    )  # fmt: skip
    (found,) = rows(read(ZENDESK, export))["order_id"].astype(object)
    assert found == order if order else pd.isna(found)


def test_a_comment_that_names_no_order_has_its_conversations_only_one():
    named = comment(15, 7, f"Bestellung {ORDER}", 1, via=mail_from(ALIAS))
    export = ticket(5, ASKED, named, REPLY, subject="Frage", raw_subject="Frage")
    assert rows(read(ZENDESK, export))["order_id"].tolist() == [ORDER] * 3
    second = comment(13, 7, f"und {OTHER}", 2, via=mail_from(ALIAS))
    export = ticket(5, ASKED, named, second, subject="Frage", raw_subject="Frage")
    assert rows(read(ZENDESK, export))["order_id"].fillna("").tolist() == ["", ORDER, OTHER]


def test_a_follow_up_goes_on_with_the_first_tickets_conversation():
    origin = {"ticket_id": 5, "subject": "Frage"}
    follow = {"channel": "web", "source": {"from": origin, "to": {}, "rel": "follow_up"}}
    later = ticket(9, comment(21, 7, "Noch etwas?", 30, via=mail_from(ALIAS)), via=follow)
    threads = rows(read(ZENDESK, [later, ticket(5, ASKED, REPLY)]))["thread_id"]
    assert set(threads) == {"zendesk:5"}
    named = ticket(5, ASKED, REPLY, followup_ids=[9])
    assert set(rows(read(ZENDESK, [named, later]))["thread_id"]) == {"zendesk:5"}
    circle = [ticket(5, ASKED, followup_ids=[9]), ticket(9, REPLY, followup_ids=[5])]
    assert len(rows(read(ZENDESK, circle))) == 2


def test_a_customer_who_is_no_amazon_buyer_has_the_help_desks_id_and_another_channel():
    asked = comment(11, 7, "Wo ist mein Paket?", 0, via=mail_from("jo@example.org"))
    export = ticket(5, asked, REPLY, via=mail_from("jo@example.org"), subject="Hi", raw_subject="")
    found = rows(read(ZENDESK, export))
    assert found["channel"].tolist() == ["other", "other"]
    assert found["buyer_id"].tolist() == ["7", "7"]
    assert found["marketplace"].tolist() == ["DE", "DE"], "the store of the ingest"


def test_an_alias_known_from_the_users_alone_is_an_amazon_buyer():
    asked = ASKED | {"via": {"channel": "any_channel", "source": {}}}
    page = {"tickets": [ticket(5, asked, REPLY, via={"channel": "api"})], "users": USERS}
    found = rows(read(ZENDESK, page, Context("shop")))
    assert found["channel"].tolist() == ["amazon", "amazon"]
    assert found["marketplace"].tolist() == ["DE", "DE"]


def test_roles_tell_an_agent_from_a_third_person():
    users = [*USERS, {"id": 8, "email": "carrier@dhl.example", "role": "end-user"}]
    third = comment(13, 8, "Wir suchen das Paket.", 2, via=mail_from("carrier@dhl.example"))
    parsed = read(ZENDESK, {"tickets": [ticket(5, ASKED, third, REPLY)], "users": users})
    assert rows(parsed)["sender"].tolist() == ["buyer", "seller"]
    assert parsed.skipped == {"neither the buyer nor an agent wrote it": 1}
    assert "--own-address" in parsed.warnings[0]


def test_the_sellers_own_address_is_the_seller_whoever_asked_for_the_ticket():
    wrote = comment(11, 7, "Ihr Paket kommt später.", 0, via=mail_from("service@seller.example"))
    assert rows(read(ZENDESK, ticket(5, wrote)))["sender"].tolist() == ["seller"]


def test_amazons_notices_are_amazons_and_its_other_mails_are_skipped():
    def notice(number, sender, subject):
        one = comment(number * 10, 50, f"Order {ORDER}", number, via=mail_from(sender))
        return ticket(
            number, one, via=mail_from(sender), requester_id=50, subject=subject, raw_subject=""
        )

    parsed = read(
        ZENDESK,
        [
            notice(1, "donotreply@amazon.com", f"Return authorization request for order {ORDER}"),
            notice(2, "atoz-guarantee-no-reply@amazon.de", f"Claim received on order {ORDER}"),
            notice(3, "no-reply@marketplace.amazon.de", "Hinweis"),
            notice(4, "payments-messages@amazon.de", "Auszahlung"),
        ],
    )
    found = rows(parsed)
    assert found["sender"].tolist() == ["amazon"] * 3
    assert found["topic"].tolist() == ["return", "claim", "notice"]
    assert found["order_id"].tolist() == [ORDER] * 3
    assert found["buyer_id"].isna().all()
    assert parsed.skipped == {"from Amazon, but no conversation": 1}


def test_what_a_notice_says_is_kept_as_of_a_mail():
    sender = mail_from("atoz-guarantee-no-reply@amazon.de")
    words = f"A buyer has filed a claim of EUR 119.00 on order {ORDER}."
    one = comment(21, 50, words, 5, via=sender)
    subject = f"Claim received on order {ORDER}"
    export = ticket(2, one, via=sender, requester_id=50, subject=subject, raw_subject="")
    parsed = read(ZENDESK, [ticket(5, ASKED), export])
    (notice,) = pd.DataFrame(parsed.tables["notices"]).to_dict("records")
    assert (notice["event"], notice["order_id"]) == ("claim_opened", ORDER)
    assert (notice["message_id"], notice["source_pos"]) == ("zendesk:2:21", 1)


def test_a_copy_of_a_reply_is_the_sellers_and_stands_only_once():
    text = "Es ist unterwegs."
    words = "Here is a copy of the e-mail that you sent to Jo.\n\n------------- Begin message "
    words += f"-------------\n\n{text}\n\n------------- End message -------------\n"
    copy = comment(13, 60, words, 4, via=mail_from("auto-communication@amazon.de"))
    parsed = read(ZENDESK, ticket(5, ASKED, REPLY, copy))
    assert parsed.skipped == {"copy of a reply that is there too": 1}
    alone = rows(read(ZENDESK, ticket(5, ASKED, copy)))
    assert alone["sender"].tolist() == ["buyer", "seller"]
    assert alone["body"].tolist()[1] == text


def opted_out(hour):
    words = (
        f"Dear Seller, We were unable to deliver the message you sent for order {ORDER} because "
        "the buyer has chosen to opt out of receiving unsolicited messages from sellers."
    )
    mail = mail_from("auto-communication@amazon.de")
    one = comment(31, 60, words, hour, via=mail)
    return ticket(8, one, via=mail, requester_id=60, subject="Your message", raw_subject="")


def test_amazons_word_that_the_buyer_opted_out_voids_the_last_message_before_it():
    first = comment(12, 1, "Es ist unterwegs.", 3)
    second = comment(14, 1, "Bitte bewerten Sie uns.", 5)
    found = rows(read(ZENDESK, [ticket(5, ASKED, first, second), opted_out(6)]))
    assert found["undelivered"].tolist() == [False, False, True, False]
    assert found["sender"].tolist() == ["buyer", "seller", "seller", "amazon"]
    late = rows(read(ZENDESK, [ticket(5, ASKED, first, second), opted_out(5 + 25)]))
    assert not late["undelivered"].any()


def suspended(**more):
    return {
        "id": 77, "author": {"id": None, "name": "Mail Delivery System", "email": ""},
        "subject": "Undelivered Mail Returned to Sender", "content": "recipient address rejected",
        "cause": "Automated response mail, delivery failed", "message_id": "<b@x>",
        "ticket_id": 5, "recipient": "service@seller.example",
        "created_at": "2026-01-05T05:00:00Z", "via": mail_from("MAILER-DAEMON@seller.example"),
    } | more  # fmt: skip


def test_a_suspended_bounce_voids_what_the_ticket_had_sent_last():
    later = comment(14, 1, "Es ist da.", 6)
    page = {"tickets": [ticket(5, ASKED, REPLY, later)], "suspended_tickets": [suspended()]}
    found = rows(read(ZENDESK, page))
    assert found["sender"].tolist() == ["buyer", "seller", "amazon", "seller"]
    assert found["undelivered"].tolist() == [False, True, False, False]
    assert found["channel"].tolist() == ["amazon", "amazon", "other", "amazon"]


def test_a_bounce_that_names_its_mail_voids_that_one():
    named = {"system": {"message_id": "<OUT1@shop.zendesk.com>"}}
    page = {
        "tickets": [ticket(5, ASKED, REPLY | {"metadata": named}, comment(14, 1, "Da.", 4))],
        "suspended_tickets": [suspended(content="lost: Message-ID: <OUT1@shop.zendesk.com>")],
    }
    assert rows(read(ZENDESK, page))["undelivered"].tolist() == [False, True, False, False]


def test_a_buyers_mail_that_was_suspended_is_still_a_buyers():
    lost = suspended(via=mail_from(ALIAS), content="Wo bleibt es?", ticket_id=None, subject="Hm")
    news = suspended(id=78, via=mail_from("news@example.org"))
    parsed = read(ZENDESK, {"tickets": [ticket(5, ASKED)], "suspended_tickets": [lost, news]})
    assert rows(parsed)["sender"].tolist() == ["buyer", "buyer"]
    assert parsed.skipped == {"suspended mail of nobody that we ask for": 1}


def test_a_mails_message_id_makes_the_same_mail_known_again():
    system = {"system": {"message_id": "<0102@email.amazonses.com>"}}
    asked = ASKED | {"metadata": system}
    found = rows(read(ZENDESK, ticket(5, asked, REPLY)))
    assert found["message_id"].tolist() == ["0102@email.amazonses.com", "zendesk:5:12"]
    # the same mail in a second ticket is the same mail; another text under its id is another
    parsed = read(ZENDESK, [ticket(5, asked), ticket(6, asked | {"id": 15})])
    assert parsed.skipped == {"duplicate": 1}
    parsed = read(ZENDESK, [ticket(5, asked), ticket(6, asked | {"id": 15, "body": "Anders"})])
    assert set(rows(parsed)["message_id"]) == {"0102@email.amazonses.com", "zendesk:6:15"}


def test_pages_that_overlap_count_a_comment_once():
    page = {"tickets": [ticket(5, ASKED, REPLY)]}
    later = {"tickets": [ticket(5, ASKED, REPLY, comment(14, 7, "Danke!", 9), status="solved")]}
    parsed = read(ZENDESK, lines(page, later))
    assert parsed.read == 5 and parsed.skipped == {"duplicate": 2}
    assert len(rows(parsed)) == 3


def test_two_comments_of_one_id_are_not_merged():
    parsed = read(ZENDESK, ticket(5, ASKED, ASKED | {"body": "Etwas ganz anderes"}))
    (unit,) = parsed.quarantined
    assert "same id" in unit.reason and "ganz anderes" in unit.raw


@pytest.mark.parametrize("at", [None, "", "soon", "2026-01-05", 1767571200, "0001-01-01T00:00+14"])
def test_a_comment_without_a_date_is_kept_aside(at):
    parsed = read(ZENDESK, ticket(5, ASKED, REPLY | {"created_at": at}))
    (unit,) = parsed.quarantined
    assert "date" in unit.reason and "unterwegs" in unit.raw
    assert len(rows(parsed)) == 1


def test_what_is_none_of_zendesks_is_kept_aside():
    parsed = read(ZENDESK, [ticket(5, ASKED), {"hello": 1}, 5, None])
    assert [unit.pos for unit in parsed.quarantined] == [1, 2, 3] or len(parsed.quarantined) == 3


def test_a_broken_line_is_kept_aside_and_named_and_the_others_read():
    text = lines(ticket(5, ASKED)) + '{"id": 6, "comm\n' + lines(ticket(7, REPLY))
    parsed = read(ZENDESK, text)
    (unit,) = parsed.quarantined
    assert unit.pos == 2 and "cut or damaged" in unit.reason and unit.raw == '{"id": 6, "comm'
    assert parsed.warnings and "line 2" in parsed.warnings[0]
    assert rows(parsed)["source_pos"].tolist() == [1, 3]


def test_a_cut_document_is_one_sentence():
    with pytest.raises(InputError, match=r"export\.json: line 1, column .*cut or damaged"):
        read(ZENDESK, '{"tickets": [{"id": 5, "requester_id": 7, "submitter_id": 7, "comm')


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"tickets":' * 50_000, '[{"a":' * 30_000])
def test_a_document_nested_without_end_is_one_sentence(deep):
    with pytest.raises(InputError, match="export.json"):
        read(ZENDESK, deep)


def test_utf_16_and_half_characters():
    export = ticket(5, ASKED | {"body": "Gr\ud83d Größe?", "html_body": ""})
    found = rows(read(ZENDESK, json.dumps(export).encode("utf-16")))
    assert found["body"].tolist() == ["Gr? Größe?"]


def test_the_buyers_words_are_cut_out_of_amazons_frame():
    words = (
        f"Bestell-Nr. {ORDER}:\n\n------------- Anfang der Nachricht -------------\n\n"
        "Passt das?\n\n------------- Ende der Nachricht -------------\n\nFor Your Information: To "
        "help arbitrate disputes and preserve trust and safety, we retain all messages"
    )
    asked = ASKED | {"body": words, "html_body": "", "plain_body": ""}
    assert rows(read(ZENDESK, ticket(5, asked)))["body"].tolist() == ["Passt das?"]
    bare = ASKED | {"body": None, "plain_body": "", "html_body": "<p>Nur <b>HTML</b></p>"}
    assert rows(read(ZENDESK, ticket(5, bare)))["body"].tolist() == ["Nur HTML"]


def test_attachments_are_counted_without_pictures_in_the_text():
    files = [{"file_name": "a.pdf", "inline": False}, {"file_name": "b.png", "inline": True}]
    found = rows(read(ZENDESK, ticket(5, ASKED | {"attachments": [*files, {"id": 1}]})))
    assert found["attachments"].tolist() == [2]


def test_one_text_to_many_buyers_at_once_was_sent_by_a_machine():
    def told(number):
        alias = f"buyer{number}xyz@marketplace.amazon.de"
        wrote = comment(number, 1, "Betriebsferien bis Montag.", 3)
        order = f"302-000000{number}-0000001"
        return ticket(number, wrote, via=mail_from(alias), subject=order, raw_subject=order)

    assert rows(read(ZENDESK, [told(n) for n in range(1, 6)]))["automated"].all()
    assert not rows(read(ZENDESK, [told(n) for n in range(1, 5)]))["automated"].any()


def test_zendesk_is_told_by_its_fields():
    for export in (ticket(5, ASKED), {"ticket_events": [event(1, "2026-01-05T00:00:00Z", {})]}):
        assert detect(Source("x", json.dumps(export).encode())) is ZENDESK
    assert detect(Source("x", b'{"id": 5, "hello": "requester_id"}')) is None
    assert CONTEXT.account == "shop"


def test_a_telephone_call_is_no_message():
    call = comment(13, 1, "Call from +49", 2, type="VoiceComment")
    assert read(ZENDESK, ticket(5, ASKED, call)).skipped == {"telephone call": 1}
