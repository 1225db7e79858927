"""What Amazon's notices say: events, amounts, days and deadlines, in the words of its stores."""

from __future__ import annotations

import datetime as dt
import time

import pandas as pd
import pytest
from mails import CONTEXT, ORDER, mail, parse

from sellerkit.read.mail.amounts import amount_in
from sellerkit.read.mail.deadlines import day_in, respond_by
from sellerkit.read.mail.mended import mended
from sellerkit.read.mail.notices import NOTICES, Facts, facts_of, notice_of
from sellerkit.tables import conform
from sellerkit.text import topic
from sellerkit.text.words import fold

#: A Tuesday, 10:00 in UTC: 02:00 in Seattle, 11:00 in Rome, 19:00 in Tokyo.
SENT = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)

RETURN, REFUND, CANCEL = "return_requested", "refund_issued", "cancel_requested"
OPENED, DECIDED = "claim_opened", "claim_decided"

#: Every notice of the table of subject templates (formats.md 2.3): event, topic, subject.
SUBJECTS = [
    (CANCEL, "notice", f"Order cancellation request from Amazon customer Jo (Order: {ORDER})"),
    (CANCEL, "notice", "Demande d'annulation de commande"),
    (CANCEL, "notice", "Solicitud de cancelación de pedido del cliente de Amazon"),
    (CANCEL, "notice", f"Solicitud de cancelación del pedido para el número de pedido: {ORDER}"),
    (CANCEL, "notice", f"Richiesta di annullamento per l'ordine numero: {ORDER}"),
    (CANCEL, "notice", "キャンセルリクエスト"),
    (CANCEL, "notice", "キャンセルの依頼"),
    (RETURN, "return", f"Return authorization request for order # {ORDER}"),
    (RETURN, "return", f"Return authorisation request for order {ORDER}"),
    (RETURN, "return", f"Return authorization notification for order {ORDER}"),
    (RETURN, "return", f"Return authorisation notification for order # {ORDER}"),
    (RETURN, "return", "Notification d'autorisation de retour"),
    (RETURN, "return", f"Notificación de autorización de devolución para el pedido {ORDER}"),
    (RETURN, "return", f"Notifica di autorizzazione del reso per l'ordine {ORDER}"),
    (RETURN, "return", "返品承認"),
    (REFUND, "refund", f"Refund initiated for order {ORDER}"),
    (REFUND, "refund", f"Remboursement initié pour la commande {ORDER}"),
    (REFUND, "refund", f"rimborso 169.01 EUR avviato - ordine {ORDER}"),
    (OPENED, "claim", f"Claim received on order {ORDER}"),
    (OPENED, "claim", f"Action required: Claim received on order {ORDER}"),
    (OPENED, "claim", f"A-to-z Guarantee Claim for Order {ORDER}"),
    (OPENED, "claim", f"Richiesta di rimborso ricevuta per l'ordine {ORDER}"),
    (OPENED, "claim", f"Azione richiesta: Richiesta di rimborso ricevuta per l'ordine {ORDER}"),
    (DECIDED, "claim", f"Claim decision on order {ORDER}"),
    (DECIDED, "claim", "Décision concernant la réclamation"),
    # of either step: the subject alone does not tell
    (None, "claim", "Garantie A à Z"),
    (None, "claim", f"Su reclamación bajo la Garantía de la A a la Z para el pedido {ORDER}"),
    (None, "claim", f"La tua richiesta di garanzia Amazon dalla A alla Z per l'ordine {ORDER}"),
    (None, "claim", "マーケットプレイス保証"),
    (None, "claim", "保証による保護"),
]


def plain(subject: str) -> str:
    """Return a subject without its accents; Japanese has none."""
    return subject.translate(str.maketrans("áàéèíóúñü", "aaeeiounu"))


def curly(subject: str) -> str:
    return subject.replace("'", "’").replace("-", "‑")


def tight(subject: str) -> str:
    return subject.replace(" (", "(")


def misread(subject: str) -> str:
    """Return a subject as a program shows it that takes UTF-8 for Windows-1252."""
    raw = subject.encode("utf-8")
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)


def topics_of(subjects: list[str]) -> list[str]:
    rows = pd.DataFrame({"subject": subjects}, dtype="str").assign(
        sender="amazon", body="", order_id=ORDER, language=None, topic=None, topic_rule=None
    )
    return list(topic(rows)["topic"])


def event_of(subject: str) -> str | None:
    found = facts_of(None, subject, "", SENT)
    return found.event if found else None


SHAPES = [str, plain, curly, tight, str.upper, str.lower]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("event", "about", "subject"), SUBJECTS)
def test_a_subject_tells_the_event_without_the_header(event, about, subject, shape):
    assert event_of(shape(subject)) == event


@pytest.mark.parametrize("shape", SHAPES)
def test_a_subject_tells_the_topic_without_the_header(shape):
    subjects = [shape(subject) for _, _, subject in SUBJECTS]
    assert topics_of(subjects) == [about for _, about, _ in SUBJECTS]


@pytest.mark.parametrize(("event", "about", "subject"), SUBJECTS)
def test_a_misread_subject_tells_the_same_event(event, about, subject):
    assert event_of(misread(subject)) == event


def test_misread_subjects_tell_the_same_topic_once_mended():
    subjects = [mended(misread(subject)) for _, _, subject in SUBJECTS]
    assert subjects == [subject for _, _, subject in SUBJECTS]
    assert topics_of(subjects) == [about for _, about, _ in SUBJECTS]


def test_an_italian_claim_is_no_refund():
    subject = f"Richiesta di rimborso ricevuta per l'ordine {ORDER}"
    text = (
        "Salve,\nabbiamo ricevuto un reclamo dalla A alla Z di 119,00 € per l'ordine "
        f"{ORDER}. Deve rispondere entro 3 giorni di calendario.\nGrazie"
    )
    found = facts_of("claim", subject, text, SENT, "IT")
    assert found == Facts(
        OPENED, ORDER, 119.0, "EUR", respond_by=SENT + dt.timedelta(days=3)
    )  # the notice does not say why


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ("RETURN_REQUEST", RETURN),
        ("REFUND_ISSUED", REFUND),
        ("BRC_SELLER_NOTIFICATION", CANCEL),
        ("A_Z_CLAIM_RESPONDENT_NOTIFY", OPENED),
        ("A_Z_CLAIM_RESPONDENT_CLOSE", DECIDED),
        ("BUYER_OPTED_OUT_BSM_MESSAGES", "opted_out"),
        ("opt_out", "opted_out"),
    ],
)
def test_the_header_tells_the_event_whatever_the_words(told, event):
    found = facts_of(told, "Claim decision", f"Order {ORDER}", SENT)
    assert found is not None and (found.event, found.order_id) == (event, ORDER)


def test_the_text_tells_the_step_of_a_claim_where_the_subject_does_not():
    subject = "Su reclamacion bajo la Garantia de la A a la Z de Amazon para el pedido " + ORDER
    text = (
        "Hemos concedido una reclamacion bajo la Garantia de la A a la Z de 49,90 EUR en relacion "
        "con el pedido. Hemos cobrado el importe de su cuenta."
    )
    found = facts_of("claim", subject, text, SENT, "ES")
    assert found == Facts(DECIDED, ORDER, 49.9, "EUR", outcome="seller_funded")


@pytest.mark.parametrize("subject", ["Your order has shipped", "", "Sold, ship now"])
def test_another_mail_of_amazons_is_no_notice(subject):
    assert facts_of(None, subject, f"We granted an A-to-z Guarantee claim on {ORDER}", SENT) is None
    assert facts_of("notice", subject, "", SENT) is None
    assert facts_of(None, None, None, SENT) is None


def test_the_subjects_order_goes_before_the_texts():
    other = "302-9999999-9999999"
    found = facts_of("REFUND_ISSUED", f"Refund initiated for order {ORDER}", other, SENT)
    assert found is not None and found.order_id == ORDER


def test_a_us_return_notice_of_2016():
    text = (
        f"Order ID: # {ORDER}\nItem: Cotton Pajamas Set (6)\nQuantity: 1\n"
        "Return reason: Too small\nCustomer comments: I need 5T. Request received: never\n"
        "Request received: February 27, 2016"
    )
    sent = dt.datetime(2016, 2, 28, 3, 0, tzinfo=dt.UTC)
    found = facts_of("RETURN_REQUEST", "", text, sent, "US")
    assert found == Facts(RETURN, ORDER, return_reason="Too small", requested_on="2016-02-27")


def test_an_italian_return_notice_authorised_by_amazon():
    text = (
        f"Numero ordine: {ORDER}\nData della richiesta di reso: 2026-03-03\n"
        "Verifica delle politiche di reso: Reso previsto dalle politiche\n"
        "Autorizzazione: Autorizzato automaticamente da Amazon\n"
        "Articolo ASIN Sku Quantità Motivo Commento\n"
        "Ferro da stiro B0CF2SK1VM INN-681 1 Prestazioni o qualità non adeguate Perde acqua.\n"
        "Corriere spedizione di reso: POSTE_ITALIANE\nNumero di tracciamento: 1UW1URV235536"
    )
    assert facts_of("RETURN_REQUEST", "", text, SENT, "IT") == Facts(
        RETURN,
        ORDER,
        return_reason="Prestazioni o qualità non adeguate",
        requested_on="2026-03-03",
        authorized_by="amazon",
        in_policy=True,
        tracking_id="1UW1URV235536",
    )


def test_a_spanish_return_notice_without_accents():
    text = (
        f"Identificador de pedido: {ORDER}\nFecha de la solicitud de devolucion: 2026-03-02\n"
        "Autorizacion: Autorizado automaticamente por Amazon\n"
        "Motivo de la devolucion: No es el producto que pedi"
    )
    found = facts_of("RETURN_REQUEST", "", text, SENT, "ES")
    assert found is not None
    assert (found.requested_on, found.authorized_by) == ("2026-03-02", "amazon")
    assert found.return_reason == "No es el producto que pedi"


def test_a_buyers_comment_authorises_nothing():
    text = (
        "Autorizzazione: In attesa\nCommento: mi hanno detto: autorizzato automaticamente da Amazon"
    )
    found = facts_of("RETURN_REQUEST", "", text, SENT, "IT")
    assert found is not None and found.authorized_by is None


def test_a_return_asked_for_after_its_notice_was_misread():
    found = facts_of("RETURN_REQUEST", "", "Request received: March 5, 2026", SENT, "US")
    assert found is not None and found.requested_on is None


def test_a_us_claim_and_its_reason():
    text = (
        f"We have received a claim under the A-to-z Guarantee program for order {ORDER} because "
        'the item(s) did not arrive\nThe buyer\'s comments were "damaged".\n'
        "Please note that you have three (3) days to respond to this e-mail."
    )
    found = facts_of("A_Z_CLAIM_RESPONDENT_NOTIFY", "", text, SENT, "CA")
    assert found == Facts(
        OPENED, ORDER, respond_by=SENT + dt.timedelta(days=3), claim_reason="not_received"
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Reason: Refund not received", "refund_not_issued"),
        ("Reason: Item not received", "not_received"),
        ("Reason: Item not as described", "not_as_described"),
        ("Reason: Changed his mind", "other"),
        ("Buyer's comments: it was not as described", None),
    ],
)
def test_the_reason_of_a_claim_stands_in_its_line(line, reason):
    found = facts_of("A_Z_CLAIM_RESPONDENT_NOTIFY", "", line, SENT)
    assert found is not None and found.claim_reason == reason


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("We have granted an A-to-z Guarantee claim of $67.32 on the order.", "seller_funded"),
        ("We have granted an A-to-z Guarantee claim. We covered the cost.", "amazon_funded"),
        ("You should not be held responsible for this claim.", "amazon_funded"),
        ("The claim was decided in your favor.", "denied"),
        ("The claim was decided in your favour.", "denied"),
        # one of the two is about something else
        ("We have granted an A-to-z Guarantee claim. It may end in your favor.", None),
        ("The claim was closed.", None),
    ],
)
def test_how_a_claim_ended(text, outcome):
    found = facts_of("A_Z_CLAIM_RESPONDENT_CLOSE", "", text, SENT, "US")
    assert found is not None and found.outcome == outcome
    # the time for an appeal is no time to answer
    assert found.respond_by is None


@pytest.mark.parametrize(
    ("text", "marketplace", "amount", "currency"),
    [
        ("claim of $1,234.56 on", "US", 1234.56, "USD"),
        ("claim of $12", "CA", 12.0, "CAD"),
        ("claim of $12.50.", None, 12.5, None),
        ("claim of $12.50", "DE", 12.5, None),
        ("US$ 12.50", "MX", 12.5, "USD"),
        ("CDN$ 12.50", None, 12.5, "CAD"),
        ("R$ 1.234,56", "BR", 1234.56, "BRL"),
        ("di 119,00 €", "IT", 119.0, "EUR"),
        ("di 1.119,00 €", "IT", 1119.0, "EUR"),
        ("di 1.119 €", "IT", 1119.0, "EUR"),
        ("rimborso di EUR 169.01 a Maria", "IT", 169.01, "EUR"),
        ("rimborso 169.01 EUR avviato", "IT", 169.01, "EUR"),
        ("£9.99", "UK", 9.99, "GBP"),
        ("￥1,980", "JP", 1980.0, "JPY"),
        ("1,980円の", "JP", 1980.0, "JPY"),
        ("119,00\u00a0€", "FR", 119.0, "EUR"),
        ("129,90 zł", "PL", 129.9, "PLN"),
    ],
)
def test_amounts_as_stores_write_them(text, marketplace, amount, currency):
    assert amount_in(fold(text), (), marketplace) == (amount, currency)


@pytest.mark.parametrize(
    "text",
    [
        "no amount", "12.50", f"order {ORDER} EUR", "try 3 times", "EUR", "$", "5 eurosport",
        # either could be meant
        "$10.00 and $5.00",
        # a quantity and a price, or thousands
        "1 169,01 €",
        # whose currency?
        "B0AAAAAAAA 1 EUR 169.01", "169.01 EUR 1",
    ],
)  # fmt: skip
def test_what_is_no_amount_or_not_one(text):
    assert amount_in(fold(text), (), "US") is None


def test_the_amount_behind_its_words_is_meant():
    text = "We initiated. Price EUR 150.00, shipping EUR 19.01: abbiamo avviato un rimborso di EUR "
    found = facts_of("REFUND_ISSUED", "", text + "169.01 a Maria", SENT, "IT")
    assert found is not None and (found.amount, found.currency) == (169.01, "EUR")
    line = "A-to-z Guarantee claim on an order of $80.00\nClaim amount: $67.32\nReturn carrier: UPS"
    claim = facts_of("A_Z_CLAIM_RESPONDENT_NOTIFY", "", line, SENT, "US")
    assert claim is not None and claim.amount == 67.32


@pytest.mark.parametrize(
    ("text", "marketplace", "day"),
    [
        ("February 27, 2016", "US", (2016, 2, 27)),
        ("27 February 2016", "UK", (2016, 2, 27)),
        ("March 1st, 2026", "US", (2026, 3, 1)),
        ("3. März 2026", "DE", (2026, 3, 3)),
        ("1er août 2026", "FR", (2026, 8, 1)),
        ("3 de marzo de 2026", "ES", (2026, 3, 3)),
        ("3 marzo 2026", "IT", (2026, 3, 3)),
        ("3 maart 2026", "NL", (2026, 3, 3)),
        ("3 de março de 2026", "BR", (2026, 3, 3)),
        ("2026年3月3日", "JP", (2026, 3, 3)),
        ("2026-03-04", None, (2026, 3, 4)),
        ("2026/3/4", "JP", (2026, 3, 4)),
        ("03.04.2026", None, (2026, 4, 3)),
        ("03/04/2026", "US", (2026, 3, 4)),
        ("03/04/2026", "UK", (2026, 4, 3)),
        ("03/04/2026", None, None),
        ("03/24/2026", None, (2026, 3, 24)),
        ("24/03/2026", "US", (2026, 3, 24)),
        ("31 February 2026", "UK", None),
        ("March 3", "US", None),
        ("March 3, 0026", "US", None),
    ],
)
def test_days_in_the_words_of_the_stores(text, marketplace, day):
    assert day_in(fold(text), marketplace) == (dt.date(*day) if day else None)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Please respond within 3 calendar days.", 72),
        ("If you do not respond to our request within 48 hours, we will grant it.", 48),
        ("You have 7 days to respond to this claim.", 168),
        ("Wenn Sie nicht innerhalb von 48 Stunden auf unsere Anforderung antworten, …", 48),
        ("Si vous ne répondez pas à notre demande dans un délai de 48 heures, …", 48),
        ("Si no respondes a nuestra solicitud en un plazo de 72 horas, …", 72),
        ("Se non rispondi alla nostra richiesta entro 48 ore, …", 48),
        ("Deve rispondere entro 3 giorni di calendario.", 72),
        ("Als je niet binnen 48 uur reageert op ons verzoek, …", 48),
        ("Se você não responder à solicitação em até 48 horas, …", 48),
        ("出品者が情報提供のリクエストに48時間以内に返答しない場合、", 48),
        ("We need it within 24 hours. Respond within 3 days. Respond within 48 hours.", 48),
        # no deadline for an answer
        ("Your item arrives within 3 days.", None),
        ("Please respond. It arrives within 3 days.", None),
        # whose holidays?
        ("Please respond within 2 business days.", None),
        ("Responda en un plazo de 2 días hábiles.", None),
        ("Antworten Sie innerhalb von 2 Werktagen.", None),
        ("返答は3営業日以内に", None),
        ("Please respond within 0 days, within 999 days.", None),
    ],
)
def test_deadlines_from_the_instant_of_the_notice(text, hours):
    expected = SENT + dt.timedelta(hours=hours) if hours else None
    assert respond_by(fold(text), SENT, "UTC", None) == expected


def test_a_deadline_that_names_a_day_ends_with_it_in_the_stores_zone():
    text = "Please respond to this claim by Thursday, March 5, 2026."
    found = facts_of("A_Z_CLAIM_RESPONDENT_NOTIFY", "", text, SENT, "US")
    # midnight in Seattle is 08:00 in UTC
    end = dt.datetime(2026, 3, 6, 7, 59, 59, 999999, tzinfo=dt.UTC)
    assert found is not None and found.respond_by == end


def test_a_named_day_that_is_23_hours_long_ends_with_it_too():
    text = "Please respond by March 29, 2026."
    found = facts_of("A_Z_CLAIM_RESPONDENT_NOTIFY", "", text, SENT, "DE")
    end = dt.datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=dt.UTC)
    assert found is not None and found.respond_by == end


@pytest.mark.parametrize(
    "text",
    [
        "Größe, Été, ação, MANHÃ, LÃ MERINO", "plain", "返品承認", "£5 and â", "Ã", "Ã Ã",
        "Décision Ã©",
    ],
)  # fmt: skip
def test_a_text_that_was_read_rightly_stays(text):
    assert mended(text) == text


def test_a_lost_no_break_space_is_found_again():
    assert mended("rÃ©clamation : Garantie A Ã Z") == "réclamation : Garantie A à Z"
    assert mended("GARANTIE A Ã Z") == "GARANTIE A à Z"
    assert mended("line\n119,00Â â‚¬\nGröße") == "line\n119,00\u00a0 €\nGröße"


def test_a_mail_becomes_a_row_of_notices():
    raw = mail(
        f"We received an A-to-z Guarantee claim of $20.00 on order {ORDER}.",
        From="atoz-guarantee-no-reply@amazon.com",
        Subject=f"Claim received on order {ORDER}",
    )
    parsed = parse(raw, "one.eml", CONTEXT)
    message, said = parsed.tables["messages"][0], parsed.tables["mails"][0]
    row = notice_of(message, said["kind"])
    assert row is not None
    assert (row["event"], row["amount"], row["currency"]) == (OPENED, 20.0, "USD")
    assert (row["message_id"], row["order_id"], row["source_pos"]) == ("1@amazonses.com", ORDER, 0)
    frame = conform(pd.DataFrame([row]), NOTICES)
    assert list(frame.columns) == NOTICES.names
    assert notice_of(message, "buyer") is None


HOSTILE = [
    "claim of " * 3000, "$" * 20000, "1," * 10000, "$1,111" * 4000, "within 3 " * 4000,
    "three (3 " * 4000, "respond by " * 4000, "b0aaaaaaaa " * 2000, "reason:" * 4000,
    "a claim under the a-to-z guarantee program for order " * 500, "Ã©" * 10000, "Ã " * 10000,
    "1er de " * 4000, "1." * 10000, "\n" * 20000, ":" * 20000, "3/3/3/" * 4000, "respond" * 4000,
    "\x00\ud800" * 4000, "１２３" * 5000, "٣" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("told", ["A_Z_CLAIM_RESPONDENT_NOTIFY", "RETURN_REQUEST", "claim", None])
def test_hostile_text_takes_no_time_and_raises_nothing(told):
    begun = time.perf_counter()
    for text in HOSTILE:
        facts_of(told, text, text, SENT, "US")
    # half a second; quadratic time would be hours
    assert time.perf_counter() - begun < 60
