"""Whether an answer says what it has to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sellerkit.text import content_ok

SAYS = {
    "return_information": {
        "en": ["Please use the attached return label.", "Please send it back to our warehouse at the address below."],
        "de": ["Bitte nutzen Sie das Rücksendeetikett.", "Bitte senden Sie den Artikel an folgende Adresse zurück."],
        "fr": ["Voici l'étiquette de retour.", "Votre retour est autorisé."],
        "es": ["Adjuntamos la etiqueta de devolución.", "Su devolución ha sido autorizada."],
        "it": ["In allegato l'etichetta di reso.", "Il reso è stato autorizzato."],
        "nl": ["Hierbij het retourlabel.", "U kunt het artikel terugsturen naar ons adres."],
        "ja": ["返送ラベルをお送りします。", "着払いで送ってください"],
        "pt": ["Segue a etiqueta de devolução.", "Sua devolução foi autorizada."],
    },
    "outside_window": {
        "en": ["Unfortunately your order is outside the return window.", "The return period has expired."],
        "de": ["Die Rückgabefrist ist leider abgelaufen.", "Das liegt außerhalb der Rückgabefrist."],
        "fr": ["Le délai de retour est dépassé.", "Vous êtes hors du délai."],
        "es": ["El plazo de devolución ha terminado.", "Está fuera de plazo."],
        "it": ["Il termine per il reso è scaduto.", "Siamo fuori dai termini."],
        "nl": ["De retourtermijn is verstreken.", "Dit valt buiten de retourtermijn."],
        "ja": ["返品期間を過ぎております。"],
        "pt": ["O prazo de devolução expirou.", "Está fora do prazo."],
    },
    "late_shipment": {
        "en": ["Your order has not been shipped yet; we will send it on Monday."],
        "de": ["Ihre Bestellung ist noch nicht verschickt, sie geht morgen raus."],
        "fr": ["Votre commande a du retard, elle part demain."],
        "es": ["Su pedido va con retraso, sale mañana."],
        "it": ["Il Suo ordine è in ritardo, parte domani."],
        "nl": ["Uw bestelling is vertraagd en gaat morgen op de post."],
        "ja": ["発送が遅れております。明日発送いたします。"],
        "pt": ["O seu pedido está atrasado e sai amanhã."],
    },
    "late_delivery": {
        "en": ["The parcel is lost. We are sending a replacement today."],
        "de": ["Das Paket ist verloren gegangen, wir schicken heute Ersatz."],
        "fr": ["Le colis est perdu, nous vous remboursons."],
        "es": ["El paquete se ha perdido; le reembolsamos hoy."],
        "it": ["Il pacco è andato smarrito, La rimborsiamo."],
        "nl": ["Het pakket is zoek, we betalen u terug."],
        "ja": ["荷物が紛失しました。返金いたします。"],
        "pt": ["A encomenda perdeu-se; vamos reembolsar."],
    },
    "out_of_stock": {
        "en": ["It is out of stock, and we have refunded you in full."],
        "de": ["Der Artikel ist ausverkauft, wir haben den Betrag erstattet."],
        "fr": ["L'article est en rupture de stock, vous êtes remboursé."],
        "es": ["El artículo está agotado y le hemos reembolsado."],
        "it": ["L'articolo è esaurito e l'abbiamo rimborsata."],
        "nl": ["Het artikel is uitverkocht en u krijgt uw geld terug."],
        "ja": ["在庫切れのため、全額返金いたしました。"],
        "pt": ["O artigo está esgotado e já reembolsamos."],
    },
    "claim": {
        "en": ["The parcel was delivered on 5 May and signed for."],
        "de": ["Das Paket wurde am 5. Mai zugestellt und quittiert."],
        "fr": ["Le colis a été livré le 5 mai contre signature."],
        "es": ["El paquete se entregó el 5 de mayo con firma."],
        "it": ["Il pacco è stato consegnato il 5 maggio con firma."],
        "nl": ["Het pakket is op 5 mei bezorgd, met handtekening."],
        "ja": ["5月5日に配達され、受領印がございます。"],
        "pt": ["A encomenda foi entregue em 5 de maio e assinada."],
    },
}  # fmt: skip
CASES = [
    (kind, code, text)
    for kind, codes in SAYS.items()
    for code, texts in codes.items()
    for text in texts
]


def verdict(expected, body, language):
    found = content_ok(*(pd.Series([value], dtype="str") for value in (expected, body, language)))
    assert found.dtype == "boolean"
    return found.iloc[0]


@pytest.mark.parametrize(("kind", "language", "body"), CASES)
def test_what_says_it(kind, language, body):
    assert verdict(kind, body, language)
    assert verdict(kind, body, None)


@pytest.mark.parametrize("kind", list(SAYS))
@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("en", "Thank you, we will look into it."),
        ("de", "Danke für Ihre Nachricht."),
        ("fr", "Merci !"),
        ("es", "Gracias por su mensaje."),
        ("it", "Grazie per il Suo messaggio."),
        ("nl", "Bedankt voor uw bericht."),
        ("ja", "ご連絡ありがとうございます。"),
        ("pt", "Obrigado pela sua mensagem."),
    ],
)
def test_what_does_not(kind, language, body):
    assert verdict(kind, body, language) is np.False_


@pytest.mark.parametrize("kind", ["late_shipment", "late_delivery", "out_of_stock"])
@pytest.mark.parametrize(
    "body",
    [
        "We are sorry that your order is delayed and out of stock.",  # and then?
        "You will be refunded in full.",  # for what?
    ],
)
def test_a_problem_is_named_and_what_happens_next(kind, body):
    assert not verdict(kind, body, "en")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("outside_window", "You are still within the return period, please use the label."),
        ("return_information", "We cannot accept your return, so there is no label."),
        ("claim", "We will refund you once you have withdrawn the claim."),
    ],
)
def test_what_takes_it_back(kind, body):
    assert not verdict(kind, body, "en")


def test_a_language_that_is_not_known_is_not_guessed():
    unknown = "Vi återkommer så snart som möjligt om detta."
    assert verdict("claim", unknown, None) is pd.NA
    assert verdict("claim", unknown, "sv") is pd.NA
    assert verdict("claim", "You have been refunded.", "sv") is pd.NA
    assert verdict("claim", "ok", None) is np.False_


@pytest.mark.parametrize(
    ("expected", "body"), [(None, "x"), ("return_information", None), ("outside_window", "  ")]
)
def test_what_cannot_be_said(expected, body):
    assert verdict(expected, body, "en") is pd.NA


def test_the_index_is_kept():
    expected = pd.Series(["outside_window", None], index=[4, 2], dtype="str")
    body = pd.Series(["out of the return window", "x"], index=[4, 2], dtype="str")
    found = content_ok(expected, body, pd.Series([None, None], index=[4, 2], dtype="str"))
    assert found.index.tolist() == [4, 2] and found[4]
