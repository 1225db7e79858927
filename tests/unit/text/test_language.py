"""The language of a message."""

from __future__ import annotations

import pandas as pd
import pytest

from sellerkit.text import language


def told(subject, body):
    texts = (pd.Series([value], dtype="str") for value in (subject, body))
    return language(*texts).iloc[0]


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("en", "Where is my order? It should have arrived yesterday."),
        ("de", "Wo bleibt mein Paket? Ich warte seit einer Woche."),
        ("fr", "Bonjour, où est mon colis ?"),
        ("es", "Hola, no ha llegado mi pedido"),
        ("it", "Vorrei restituire il prodotto, grazie."),
        ("nl", "Waar is mijn pakket?"),
        ("ja", "商品がまだ届きません。"),
        ("pt", "Onde está minha encomenda?"),
    ],
)
def test_languages(code, body):
    assert told("Inquiry from Amazon customer", body) == code


@pytest.mark.parametrize("body", ["ok", "12345", "🙂"])
def test_what_is_unclear_is_null(body):
    assert pd.isna(told("Where is my order?", body))


def test_the_subject_speaks_for_an_empty_body():
    assert told("Wo bleibt mein Paket?", None) == "de"
    assert told("Wo bleibt mein Paket?", "  ") == "de"
    assert pd.isna(told(None, None))


def test_index_and_empty_input():
    body = pd.Series(["Where is my order?", None], index=[3, 1], dtype="str")
    found = language(body, body)
    assert found.index.tolist() == [3, 1] and found[3] == "en" and str(found.dtype) == "str"
    nothing = pd.Series([], dtype="str")
    assert language(nothing, nothing).empty
