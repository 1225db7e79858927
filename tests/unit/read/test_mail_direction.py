"""Who wrote a mail (formats.md 2.1 and 2.2)."""

from __future__ import annotations

import pytest
from mails import ALIAS, CONTEXT, ORDER, SHOP, mail, one, parse, reply, skipped

from sellerkit.read.mail.addresses import address, relay
from sellerkit.read.mail.direction import (
    DRAFT,
    NO_CONVERSATION,
    NOT_ABOUT_A_BUYER,
    OTHER_BOUNCE,
    TO_NOBODY,
)
from sellerkit.read.source import Context

AMAZON = "donotreply@amazon.com"


@pytest.mark.parametrize(
    ("notification", "kind", "sender", "topic"),
    [
        ("RETURN_REQUEST", "amazon", "amazon", "return"),
        ("REFUND_ISSUED", "amazon", "amazon", "refund"),
        ("BRC_SELLER_NOTIFICATION", "amazon", "amazon", "notice"),
        ("A_Z_CLAIM_RESPONDENT_NOTIFY", "amazon", "amazon", "claim"),
        ("A_Z_CLAIM_RESPONDENT_CLOSE", "amazon", "amazon", "claim"),
        ("BUYER_OPTED_OUT_BSM_MESSAGES", "opt_out", "amazon", "notice"),
        ("BBC_MESSAGE_CONFIRMATION_TO_MERCHANT", "copy", "seller", None),
    ],
)
def test_amazons_header_says_what_a_mail_is(notification, kind, sender, topic):
    found = one(mail(From=AMAZON, X_Space_Notification_Type=notification))
    assert (found["kind"], found["sender"], found["topic"]) == (kind, sender, topic)
    assert found["topic_rule"] == (f"header:{notification}" if topic else None)


def test_amazons_header_on_a_strangers_mail_means_nothing():
    raw = mail(From="x@evil.example", X_Space_Notification_Type="RETURN_REQUEST")
    assert skipped(raw) == NOT_ABOUT_A_BUYER


def test_a_buyer_is_told_by_the_alias_in_from():
    found = one(mail())
    assert (found["kind"], found["sender"]) == ("buyer", "buyer")
    assert (found["buyer_id"], found["marketplace"]) == ("a1b2c3d4e5f6g7", "DE")
    assert found["order_id"] == found["named_order_id"] == ORDER


@pytest.mark.parametrize("local", ["no-reply", "donotreply", "No-Reply"])
def test_amazons_own_address_at_the_marketplace_is_no_buyer(local):
    assert one(mail(From=f"{local}@marketplace.amazon.de"))["kind"] == "amazon"


def test_a_case_id_is_no_part_of_the_buyer():
    alias = "A1B2C3D4E5F6G7+12345678-1234-1234-1234-123456789012@Marketplace.Amazon.co.uk"
    found = one(mail(From=f"<{alias}>"))
    assert (found["buyer_id"], found["marketplace"]) == ("a1b2c3d4e5f6g7", "UK")


def test_an_alias_of_another_shape_is_one_by_its_domain():
    assert one(mail(From="buyer-maria.silva@marketplace.amazon.com.br"))["marketplace"] == "BR"


@pytest.mark.parametrize(
    "forged",
    [
        "a1b2c3d4e5f6g7@marketplace.amazon.com.evil.example",
        "a1b2c3d4e5f6g7@marketplace.amazon.evil",
        "a1b2c3d4e5f6g7@marketplace-amazon.com",
        "a1b2c3d4e5f6g7@xmarketplace.amazon.com@evil.example",
        f'"{ALIAS}" <x@evil.example>',
        "=?utf-8?q?x_=3Ca1b2c3d4=40marketplace=2Eamazon=2Ede=3E?= <x@evil.example>",
        "notamazon.com",
        "x@notamazon.de",
    ],
)
def test_what_only_looks_like_amazon_is_not(forged):
    assert skipped(mail(From=forged)) == NOT_ABOUT_A_BUYER


def test_the_domain_is_compared_to_its_end():
    assert address("x@marketplace.amazon.de").is_relay
    assert not address("x@marketplace.amazon.de.example").is_relay
    assert address("x@amazon.com.mx").store == "MX"
    assert address("x@amazon.co.jp").store == "JP"
    assert address("@marketplace.amazon.de").store is None
    assert relay(["x@y.example", "no-reply@marketplace.amazon.de"]) is None


@pytest.mark.parametrize("header", ["To", "Cc", "Bcc"])
def test_a_mail_to_an_alias_is_the_sellers(header):
    found = one(reply(**{"To": "someone@seller.example", header: f"Jo <{ALIAS.upper()}>"}))
    assert (found["kind"], found["sender"]) == ("seller", "seller")
    assert (found["buyer_id"], found["marketplace"]) == ("a1b2c3d4e5f6g7", "DE")


def test_an_employee_of_no_known_address_is_the_seller_too():
    assert one(reply(From="anna@seller.example"))["sender"] == "seller"


@pytest.mark.parametrize("to", ["supplier@factory.example", "colleague@seller.example", SHOP])
def test_the_sellers_mail_to_anybody_else_is_no_answer(to):
    assert skipped(reply(To=to, Subject=f"Fwd: order {ORDER}")) == TO_NOBODY


def test_a_sent_mail_that_lost_its_recipient_is_known_by_its_order():
    raw = reply(To="'Jo - Amazon Marketplace'", Subject=f"Re: order {ORDER}")
    found = one(raw)
    assert (found["sender"], found["buyer_id"], found["order_id"]) == ("seller", None, ORDER)
    assert skipped(reply(To="'Jo - Amazon Marketplace'")) == TO_NOBODY


@pytest.mark.parametrize(
    "labels",
    [
        "Sent",
        "Gesendet,Wichtig",
        "=?UTF-8?Q?Messages_envoy=C3=A9s,Inbox?=",
        "受信トレイ,送信済み",
        '"Enviados"',
    ],
)
def test_gmails_label_tells_that_a_mail_was_sent(labels):
    raw = reply(From="anna@home.example", To=None, Subject=ORDER, X_Gmail_Labels=labels)
    assert one(raw)["sender"] == "seller"


@pytest.mark.parametrize(
    "path", ["Mail/Sent.mbox", "x/.Sent/cur/1:2,S", "INBOX.Sent/1.eml", "Gesendete Elemente/1.eml"]
)
def test_the_folder_tells_that_a_mail_was_sent(path):
    raw = reply(From="anna@home.example", To=None, Subject=ORDER)
    name = path if path.endswith((".mbox", ".eml")) else f"{path}"
    data = b"From x@y Mon Jan 06 04:49:45 2020\n" + raw if name.endswith(".mbox") else raw
    assert parse(data, name).used == 1


@pytest.mark.parametrize("labels", ["Drafts", "Entwürfe,Wichtig", "=?UTF-8?Q?Entw=C3=BCrfe?="])
def test_a_draft_was_never_sent(labels):
    assert skipped(reply(X_Gmail_Labels=labels)) == DRAFT
    assert skipped(reply(), "Drafts/cur/1:2,D") == DRAFT


def test_a_notice_of_amazons_is_nobodys_answer():
    raw = mail(From="order-update@amazon.de", To=ALIAS)
    assert one(raw)["kind"] == "amazon"


@pytest.mark.parametrize(
    "local", ["seller-answers", "community-help", "fba-noreply", "payments-messages"]
)
def test_amazons_mails_that_are_no_conversation_are_skipped(local):
    assert skipped(mail(From=f"{local}@amazon.com")) == NO_CONVERSATION


@pytest.mark.parametrize(
    "sender", ["atoz-guarantee-no-reply@amazon.it", "seller-guarantee@amazon.com"]
)
def test_a_claim_is_told_by_its_sender(sender):
    found = one(mail(From=sender, Subject=f"Richiesta di rimborso ricevuta per l'ordine {ORDER}"))
    assert (found["topic"], found["marketplace"]) == (
        "claim",
        "IT" if "it" in sender[-2:] else "US",
    )


def test_the_marketplace_header_names_the_store_of_a_notice():
    raw = mail(From=AMAZON, X_Marketplace_ID="APJ6JRA9NG5V4")
    assert one(raw)["marketplace"] == "IT"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Your e-mail to Jo", "x"),
        ("Seu e-mail para Jo", "x"),
        ("x", "Here is a copy of the e-mail that you sent to Jo.\n\nHello"),
        ("x", "Aqui está uma cópia do e-mail que você enviou para Jo.\n\nOlá"),
        ("x", "Aqui esta uma copia do e-mail que voce enviou para Jo.\n\nOla"),
    ],
)
def test_a_copy_of_the_sellers_own_reply(subject, body):
    raw = mail(body, From="auto-communication@amazon.com", Subject=subject, Reply_To=ALIAS)
    found = one(raw)
    assert (found["kind"], found["sender"]) == ("copy", "seller")
    assert (found["buyer_id"], found["marketplace"]) == ("a1b2c3d4e5f6g7", "DE")


PASSED_ON = [
    "Hello,\nWe've been contacted by a customer regarding the order identified below.\n\nReason: x",
    "Hello\n\nTo respond to this customer, please reply to this e-mail or visit your account:",
    "Um Ihren Käufer zu kontaktieren, antworten Sie bitte auf diese E-Mail oder besuchen Sie",
    "Nous vous remercions de répondre directement à ce client en répondant à cet e-mail ou",
    "Nous vous remercions de repondre directement a ce client en repondant a cet e-mail ou",
    "Para responder al cliente,  por favor responde a este email o bien visita tu cuenta",
    "Per rispondere a questo cliente, risponda a quest’e-mail oppure utilizzi il suo account",
    "Je kunt de klant antwoorden door op deze e-mail te reageren.",
    "購入者様へのご連絡は、直接こちらのメールにご返信いただくか、以下セラーアカウントからご返信ください。",
]


@pytest.mark.parametrize("body", PASSED_ON)
def test_what_customer_service_passes_on_is_a_buyers_contact(body):
    raw = mail(body, From="cs@amazon.com", Subject=f"An inquiry from a customer: {ORDER}")
    found = one(raw)
    assert (found["kind"], found["sender"], found["order_id"]) == ("buyer", "buyer", ORDER)
    assert (found["buyer_id"], found["topic"]) == (None, None)


def test_an_alias_that_customer_service_names_is_the_buyer():
    found = one(mail(PASSED_ON[0], From="cs@amazon.com", Reply_To=ALIAS))
    assert (found["buyer_id"], found["marketplace"]) == ("a1b2c3d4e5f6g7", "DE")


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("donotreply@amazon.com", f"Return authorization request for order # {ORDER}"),
        ("atoz-guarantee-no-reply@amazon.com", f"Claim received on order {ORDER}"),
        ("donotreply@amazon.com", f"Order cancellation request (Order: {ORDER})"),
    ],
)
def test_a_notice_that_says_how_to_answer_stays_one(sender, subject):
    assert one(mail(PASSED_ON[1], From=sender, Subject=subject))["kind"] == "amazon"


def test_amazons_header_goes_before_what_the_text_says():
    raw = mail(PASSED_ON[0], From=AMAZON, X_Space_Notification_Type="RETURN_REQUEST")
    assert one(raw)["kind"] == "amazon"


def test_a_stranger_cannot_pass_for_customer_service():
    assert skipped(mail(PASSED_ON[0], From="cs@evil.example")) == NOT_ABOUT_A_BUYER


def test_a_stranger_cannot_pass_for_a_copy():
    raw = mail("Here is a copy of the e-mail that you sent to Jo.", From="x@evil.example")
    assert skipped(raw) == NOT_ABOUT_A_BUYER
    assert one(mail("x", Subject="Your e-mail to Jo"))["kind"] == "buyer"


@pytest.mark.parametrize(
    "subject",
    [
        "Il tuo messaggio all'acquirente non è stato consegnato.",
        "Il tuo messaggio all’acquirente non e stato consegnato.",
    ],
)
def test_an_opt_out_told_by_its_subject(subject):
    assert one(mail(From="auto-communication@amazon.it", Subject=subject))["kind"] == "opt_out"


def test_an_opt_out_told_by_its_text():
    words = (
        "We were unable to deliver the message you sent for order 302-0000001-0000001 because the "
        "buyer has chosen to opt out of receiving unsolicited messages from sellers."
    )
    told = mail(words, From="auto-communication@amazon.com", Subject="Your message")
    assert one(told)["kind"] == "opt_out"
    # a buyer's own mail is his, whatever it quotes
    assert one(mail(words))["kind"] == "buyer"


BOUNCE = f"""--b
Content-Type: text/plain

The mail to <{ALIAS}> could not be delivered.
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; {ALIAS}
Action: failed
--b
Content-Type: message/rfc822

From: {SHOP}
To: {ALIAS}
Message-ID: <lost@seller>
Subject: Re: question

Hello
--b--"""


def bounce(body: str = BOUNCE, **headers):
    own = {
        "From": "MAILER-DAEMON@mx.seller.example",
        "Content_Type": "multipart/report; report-type=delivery-status; boundary=b",
        "MIME_Version": "1.0",
        "Message-ID": "<bounce@mx>",
    }
    return mail(body, **(own | headers))


def test_a_bounce_names_the_mail_that_was_lost():
    found = one(bounce())
    assert (found["kind"], found["sender"], found["voids"]) == ("bounce", "amazon", ["lost@seller"])
    assert found["channel"] == "other"


def test_a_bounce_from_amazon_itself_is_one():
    assert one(bounce(From="MAILER-DAEMON@amazon.com"))["voids"] == ["lost@seller"]


def test_a_plain_bounce_is_read_from_its_text():
    text = f"Undelivered.\n\n> To: {ALIAS}\n> Message-ID: <lost@seller>\n"
    assert one(bounce(text, Content_Type="text/plain"))["voids"] == ["lost@seller"]


def test_a_bounce_of_a_private_mail_is_skipped():
    assert skipped(bounce(BOUNCE.replace(ALIAS, "aunt@home.example"))) == OTHER_BOUNCE


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"},
        {"Precedence": "auto_reply"},
    ],
)
def test_an_automated_mail_says_so(header):
    assert one(reply(**header))["automated"]
    assert one(mail(**header))["automated"]


@pytest.mark.parametrize("header", [{"Auto_Submitted": "no"}, {"Precedence": "bulk"}])
def test_these_headers_do_not_make_a_mail_automated(header):
    assert not one(reply(**header))["automated"]


def test_the_users_store_is_the_last_resort():
    raw = reply(To=None, Subject=ORDER)
    assert one(raw)["marketplace"] == "DE"
    assert one(mail(), context=Context("shop", "US"))["marketplace"] == "DE"
    assert one(raw, context=Context("shop", None, CONTEXT.own_addresses))["marketplace"] is None
