"""Who asks for a call in so many words, and who only speaks of one."""

from __future__ import annotations

import pandas as pd
import pytest

from sellerkit.text import asks_for_call

ASKS = {
    "en": [
        "Please call me on my mobile, this is getting too long.",
        "Could you give me a call tomorrow?",
        "I would like to talk to someone on the phone about it.",
        "What is your phone number?",
        "Can somebody phone me back today?",
        "I request a call back.",
        "I don't understand a word of the manual. Call me.",
    ],
    "de": [
        "Rufen Sie mich bitte an, das ist zu kompliziert.",
        "Bitte rufen Sie mich zurück.",
        "Ich bitte um Rückruf.",
        "Können wir das telefonisch klären?",
        "Könnten Sie mich morgen kurz anrufen?",
        "Haben Sie eine Telefonnummer?",
    ],
    "fr": [
        "Appelez-moi s'il vous plaît.",
        "Pouvez-vous me rappeler demain ?",
        "Je préférerais en parler par téléphone.",
        "Quel est votre numéro de téléphone ?",
        "Merci de m'appeler.",
    ],
    "es": [
        "Llámeme por favor.",
        "¿Pueden llamarme mañana?",
        "Prefiero hablar por teléfono.",
        "¿Cuál es su número de teléfono?",
        "Por favor, me llamen esta tarde.",
    ],
    "it": [
        "Mi chiami per favore.",
        "Potete richiamarmi domani?",
        "Preferirei parlarne al telefono.",
        "Qual è il vostro numero di telefono?",
        "Chiamatemi appena possibile.",
    ],
    "nl": [
        "Bel mij alstublieft.",
        "Kunt u mij morgen even bellen?",
        "Ik word graag teruggebeld.",
        "Kunnen we dit telefonisch overleggen?",
        "Wat is uw telefoonnummer?",
    ],
    "ja": [
        "お電話ください。",
        "一度電話をいただけますか。",
        "電話番号を教えてください。",
        "電話で相談したいです。",
    ],
}

ASKS_NOT = {
    "en": [
        "Please don't call me, write instead.",
        "The driver did not call me and left the parcel in the rain.",
        "Tell the courier to call me when he arrives.",
        "Call me old-fashioned, but I expected a manual.",
        "Your colleague never called me back.",
        "Does the phone case fit a Galaxy S21?",
        "Is the ring adjustable?",
        "Where is my order?",
    ],
    "de": [
        "Bitte rufen Sie mich nicht an.",
        "Der Fahrer hat nicht angerufen.",
        "Der Zusteller soll mich bitte vorher anrufen.",
        "Bitte keine Anrufe, nur schriftlich.",
        "Passt die Hülle auf das Telefon meiner Frau?",
        "Wo ist mein Paket?",
    ],
    "fr": [
        "Ne m'appelez pas, écrivez-moi.",
        "Je m'appelle Jean et j'attends mon colis.",
        "Le livreur ne m'a pas appelé.",
        "Rappelez-moi le numéro de la commande.",
        "Inutile de m'appeler.",
    ],
    "es": [
        "No me llamen, escriban.",
        "Me llamo Ana y espero mi pedido.",
        "El repartidor no me llamó.",
        "Nadie me ha llamado.",
    ],
    "it": [
        "Non mi chiami, scriva.",
        "Mi chiamo Anna e aspetto il pacco.",
        "Il corriere non mi ha chiamato.",
    ],
    "nl": [
        "Bel mij niet, schrijf.",
        "De bezorger heeft mij niet gebeld.",
        "Past het hoesje op mijn telefoon?",
    ],
    "ja": [
        "電話はしないでください。",
        "配達員から電話がありませんでした。",
        "電話ケースのサイズを教えてください。",
    ],
}


def asked(texts: list[str], language: str | None) -> list[str]:
    body = pd.Series(texts, dtype="str")
    nothing = pd.Series([None] * len(texts), dtype="str")
    found = asks_for_call(nothing, body, pd.Series([language] * len(texts), dtype="str"))
    return [text for text, hit in zip(texts, found, strict=True) if hit]


@pytest.mark.parametrize("language", ASKS)
@pytest.mark.parametrize("known", [True, False], ids=["language known", "unknown"])
def test_who_asks_for_a_call(language: str, known: bool) -> None:
    assert asked(ASKS[language], language if known else None) == ASKS[language]


@pytest.mark.parametrize("language", ASKS_NOT)
@pytest.mark.parametrize("known", [True, False], ids=["language known", "unknown"])
def test_who_does_not(language: str, known: bool) -> None:
    assert asked(ASKS_NOT[language], language if known else None) == []


def test_the_subject_counts_and_nothing_says_nothing() -> None:
    subject = pd.Series(["Please call me", None, "Invoice"], dtype="str", index=[7, 8, 9])
    body = pd.Series([None, None, ""], dtype="str", index=[7, 8, 9])
    language = pd.Series(["en", None, "en"], dtype="str", index=[7, 8, 9])
    found = asks_for_call(subject, body, language)
    assert found.to_dict() == {7: True, 8: False, 9: False}
    empty = pd.Series([], dtype="str")
    assert asks_for_call(empty, empty, empty).empty
