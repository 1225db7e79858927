"""Whether an answer says what it has to."""

from __future__ import annotations

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
    assert verdict(kind, body, "sv")


@pytest.mark.parametrize("kind", list(SAYS))
@pytest.mark.parametrize(
    "body", ["Thank you, we will look into it.", "Danke für Ihre Nachricht.", "Merci !"]
)
def test_what_does_not(kind, body):
    assert not verdict(kind, body, None)


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
