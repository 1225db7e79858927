"""What a message is about (rules.md Topics; formats.md 2.3 and 2.5)."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from sellerkit.tables import TOPICS
from sellerkit.text import topic
from sellerkit.text.topics import by_phrases
from sellerkit.text.words import alternation, fold, folded, load, words_of

ORDER = "302-0000001-0000001"


def asked(
    body="x", subject="Re: question", sender="buyer", order=ORDER, language=None, by=topic, **others
):
    row = {
        "sender": sender, "subject": subject, "body": body, "order_id": order,
        "language": language, "topic": None, "topic_rule": None,
    }  # fmt: skip
    frame = pd.DataFrame([row | others]).astype("str")
    found = by(frame).iloc[0]
    return found["topic"], found["topic_rule"]


@pytest.mark.parametrize(
    ("subject", "sender", "expected"),
    [
        (f"Return authorization request for order # {ORDER}", "amazon", "return"),
        (f"Return authorisation notification for order {ORDER}", "amazon", "return"),
        ("Notification d'autorisation de retour", "amazon", "return"),
        (f"Notificación de autorización de devolución para el pedido {ORDER}", "amazon", "return"),
        (f"Notifica di autorizzazione del reso per l’ordine {ORDER}", "amazon", "return"),
        ("返品承認", "amazon", "return"),
        (f"Refund initiated for order {ORDER}", "amazon", "refund"),
        (f"Remboursement initie pour la commande {ORDER}", "amazon", "refund"),
        (f"rimborso 169.01 EUR avviato - ordine {ORDER}", "amazon", "refund"),
        (f"Action required: Claim received on order {ORDER}", "amazon", "claim"),
        (f"A–to–z Guarantee Claim for Order {ORDER}", "amazon", "claim"),
        (f"Claim decision on order {ORDER}", "amazon", "claim"),
        ("Décision concernant la réclamation", "amazon", "claim"),
        (
            f"Su reclamación bajo la Garantía de la A a la Z para el pedido {ORDER}",
            "amazon",
            "claim",
        ),
        (f"Richiesta di rimborso ricevuta per l'ordine {ORDER}", "amazon", "claim"),
        (
            f"La tua richiesta di garanzia Amazon dalla A alla Z per l'ordine {ORDER}",
            "amazon",
            "claim",
        ),
        ("Amazonマーケットプレイス保証", "amazon", "claim"),
        ("Order cancellation request from Amazon customer Jo", "amazon", "notice"),
        ("Your shipment", "amazon", "notice"),
        ("Paket nicht angekommen: Gutschrift anfordern(Bestellung: x)", "buyer", "order_problem"),
        ("Le colis n'est pas arrivé", "buyer", "order_problem"),
        ("Article endommagé", "buyer", "order_problem"),
        ("Order cancellation request from Amazon customer Jo (Order: x)", "buyer", "inquiry"),
        ("Demande d'annulation de commande", "buyer", "inquiry"),
        ("Return policy inquiry from Amazon customer Jo", "buyer", "return"),
        ("Order delivery enquiry from Amazon customer Jo", "buyer", "order_problem"),
        ("Product details inquiry from Amazon customer Jo", "buyer", "inquiry"),
        ("Ship faster inquiry from Amazon customer Jo", "buyer", "inquiry"),
        ("Detalhes do produto Amazon Jo pergunta do cliente", "buyer", "inquiry"),
        ("Frage von Amazon-Kunde Jo (Bestellung: x)", "buyer", "inquiry"),
        ("Factuuraanvraag van Amazon-klant Jo (Bestelling: x)", "buyer", "inquiry"),
        ("Amazonのカスタマー Jo 様から商品に関するお問い合わせ(注文: x)", "buyer", "inquiry"),
        ("Something else", "buyer", "other"),
    ],
)
def test_subject_templates(subject, sender, expected):
    found, rule = asked(subject=subject, sender=sender)
    assert found == expected
    assert (rule == "else") == (expected in ("notice", "other"))


BODIES = {
    "return": {
        "en": ["I want to return this item.", "How do I send it back?", "Please send me a return label"],
        "de": ["Ich möchte den Artikel zurückschicken.", "Wie läuft die Rücksendung?"],
        "fr": ["Je souhaite retourner cet article", "Comment obtenir une étiquette de retour ?"],
        "es": ["Quiero devolver el producto", "¿Cómo solicito una devolución?"],
        "it": ["Vorrei restituire il prodotto", "Come faccio il reso?"],
        "nl": ["Ik wil het artikel graag terugsturen", "Kan ik een retourlabel krijgen?"],
        "ja": ["返品したいのですが"],
        "pt": ["Quero devolver o produto", "Como faço a devolução?"],
    },
    "order_problem": {
        "en": ["My order has not arrived", "The lamp arrived broken.", "You sent the wrong item", "One part is missing"],
        "de": ["Mein Paket ist nicht angekommen", "Die Lampe ist defekt", "Falsche Farbe geliefert"],
        "fr": ["Mon colis n'est toujours pas arrivé", "L'article est cassé"],
        "es": ["No ha llegado mi pedido", "El producto está roto"],
        "it": ["Il pacco non è ancora arrivato", "Il prodotto è danneggiato"],
        "nl": ["Mijn pakket is nog niet aangekomen", "De lamp is kapot"],
        "ja": ["商品がまだ届きません", "壊れていました"],
        "pt": ["Minha encomenda não chegou", "O produto veio quebrado"],
    },
    "refund": {
        "en": ["Where is my refund?", "I returned it three weeks ago and still have no refund"],
        "de": ["Wann bekomme ich mein Geld zurück?", "Ich habe noch keine Erstattung erhalten"],
        "fr": ["Quand serai-je remboursé ? Où est mon remboursement ?"],
        "es": ["¿Cuándo recibo mi reembolso?"],
        "it": ["Quando arriva il rimborso?"],
        "nl": ["Wanneer krijg ik mijn geld terug?"],
        "ja": ["返金はいつですか"],
        "pt": ["Onde está o meu reembolso?"],
    },
    "claim": {
        "en": ["I will file an A-to-z claim."],
        "de": ["Ich stelle einen A-bis-Z-Garantieantrag."],
        "fr": ["Je vais ouvrir une garantie A à Z."],
        "es": ["Abriré una reclamación de la A a la Z."],
        "it": ["Aprirò una garanzia dalla A alla Z."],
        "nl": ["Ik dien een A-tot-Z-claim in."],
        "ja": ["マーケットプレイス保証を申請します"],
        "pt": ["Vou abrir uma garantia de A a Z."],
    },
    "inquiry": {
        "en": ["Is it waterproof?", "Please send me the invoice.", "Please return my call."],
        "de": ["Passt das in einen Golf?", "Bitte senden Sie mir die Rechnung"],
        "fr": ["Est-ce compatible ?", "Pouvez-vous m'envoyer la facture"],
        "es": ["¿Es compatible?", "Necesito la factura"],
        "it": ["È compatibile?", "Vorrei la fattura"],
        "nl": ["Past dit?", "Ik wil graag de factuur"],
        "ja": ["領収書をお願いします", "色は何ですか?"],
        "pt": ["É compatível?", "Preciso da nota fiscal"],
    },
    "other": {
        "en": ["Thanks!", "Thank you, it arrived today.", "Never mind, problem solved.", "ok"],
        "de": ["Vielen Dank!", "Danke, hat sich erledigt."],
        "fr": ["Merci beaucoup", "C'est bien arrivé, merci"],
        "es": ["Muchas gracias", "Ya llegó, gracias"],
        "it": ["Grazie mille", "Problema risolto, grazie"],
        "nl": ["Bedankt", "Probleem opgelost, dank u"],
        "ja": ["ありがとうございました"],
        "pt": ["Obrigado", "Já chegou, obrigada"],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "language", "body"),
    [
        (name, code, text)
        for name, codes in BODIES.items()
        for code, texts in codes.items()
        for text in texts
    ],
)
def test_the_buyers_own_words(expected, language, body):
    assert asked(body, language=language, by=by_phrases)[0] == expected
    assert asked(body, by=by_phrases)[0] == expected, "without knowing the language"


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("en", "It arrived broken, can I return it?"),
        ("de", "Die Lampe ist defekt, ich möchte sie zurückschicken"),
        ("it", "È danneggiato, vorrei restituire il prodotto"),
    ],
)
def test_a_return_goes_before_damage(language, body):
    assert asked(body, language=language)[0] == "return"
    assert asked(body, "Order delivery inquiry from Amazon customer Jo")[0] == "return"
    assert asked(body, "Article endommagé")[0] == "return"


def test_claim_and_return_from_words_alone_need_an_order_and_say_that_they_are_unsure():
    assert asked("I want to return this item") == ("return", "words:return (low)")
    assert asked("I will file an A-to-z claim") == ("claim", "words:claim (low)")
    assert asked("Can I return it if it is too small?", order=None)[0] == "inquiry"
    assert asked("Do I have the A-to-z guarantee?", order=None)[0] == "inquiry"


def test_amazons_reason_codes():
    assert asked("Reason: CR-UNWANTED_ITEM") == ("return", "reason:return")
    assert asked("DID_NOT_ARRIVE") == ("order_problem", "reason:order_problem")
    behalf = "We've been contacted by a customer regarding the order identified below. Reason: Where's my stuff"
    assert asked(behalf, sender="amazon") == ("order_problem", "reason:order_problem")


@pytest.mark.parametrize(
    "body",
    [
        "Would you leave us a review?", "Bitte hinterlassen Sie eine Bewertung", "Pourriez-vous laisser un avis ?",
        "¿Podría dejarnos una opinión?", "Può lasciare una recensione?", "Wilt u een beoordeling achterlaten?",
        "レビューをお願いします", "Poderia deixar uma avaliação?",
    ],
)  # fmt: skip
def test_the_sellers_request_for_a_review_is_a_check_in(body):
    assert asked(body, sender="seller") == ("check_in", "words:check_in")


def test_the_sellers_other_mails():
    assert asked("Please return it with this label.", sender="seller") == ("other", "else")


def test_a_topic_that_is_there_stands():
    assert asked("Is it red?", topic="claim", topic_rule="header:X") == ("claim", "header:X")
    assert asked("Is it red?", topic="claim") == ("claim", "given")


def test_what_amazons_customer_service_passes_on_is_told_by_its_reason():
    body = (
        "We've been contacted by a customer regarding the order identified below. Order#: "
        "302-0000001-0000001 Item: Lamp Reason: Where's my stuff Details: please look into it"
    )
    assert asked(body, "Inquiry from Amazon") == ("order_problem", "reason:order_problem")


def test_nothing_to_read():
    assert asked(None, None) == ("other", "else")
    columns = ["sender", "subject", "body", "order_id", "language", "topic", "topic_rule"]
    assert topic(pd.DataFrame(columns=columns, dtype="str")).empty


def test_the_index_is_kept_and_the_input_not_changed():
    rows = [{"sender": "buyer", "subject": "x", "body": "Is it red?"}] * 3
    frame = pd.DataFrame(rows, index=[7, 3, 5]).astype("str")
    frame[["order_id", "language", "topic", "topic_rule"]] = pd.NA
    before = frame.copy()
    assert topic(frame)["topic"].to_dict() == {7: "inquiry", 3: "inquiry", 5: "inquiry"}
    pd.testing.assert_frame_equal(frame, before)


def test_words_are_folded():
    assert fold("  Größe’s –\n\xa0ÉTÉ ガ ｶﾞｶ ") == "grosse's - ete が がか"
    assert folded(pd.Series(["A", None])).tolist() == ["a", ""]


@pytest.mark.parametrize("name", ["phrases", "answers"])
def test_every_phrase_compiles_and_can_be_found(name):
    tables = words_of(name)
    kinds = {kind for words in tables.values() for kind in words}
    for code, words in tables.items():
        assert set(words) == kinds, code
    lists = [phrases for words in tables.values() for phrases in words.values()]
    subjects = load("topics.toml")
    lists += [phrases for part in ("subject", "reason") for phrases in subjects[part].values()]
    for phrases in lists:
        re.compile(alternation(phrases))
        assert not [p for p in phrases if re.search(r"\\[A-Z]|\(\?", p)]


def test_only_topics_of_the_table_are_given():
    assert set(BODIES) <= set(TOPICS)
