"""The wording of sellers' messages, weighed beside the phrases."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.text.lint import lint, weighing
from sellerkit.text.lint.folding import fold_with_places, folded_alike
from sellerkit.text.lint.weighing import LEARNED, place_of, weighed, weights, windows_of

some_text = st.text(st.sampled_from("ab éß.?!。」 \n\t0123評価"), max_size=60)


def _cells(texts):
    return folded_alike(pa.array(texts, type=pa.large_string()))


def _messages(bodies, language="en", store="UK", proactive=False, subject=None):
    frame = pd.DataFrame({"subject": subject, "body": bodies}).astype("str")
    return frame.assign(language=language, marketplace=store, proactive=proactive)


def test_each_sentence_stands_alone_and_with_the_next():
    windows = windows_of(_cells(["One. Two!  Three?", "Four"]), "en")
    said = np.array(windows.cells.to_pylist(), dtype=object)[windows.which]
    assert said.tolist() == ["one. ", "one. two!", "two! ", "two! three?", "three? ", "four "]
    assert windows.text.tolist() == [0, 0, 0, 0, 0, 1]
    assert windows.number.tolist() == [0, 1, 2, 3, 4, 0]


def test_a_window_that_comes_again_is_weighed_once_whatever_its_numbers():
    windows = windows_of(_cells(["Order 12 left.", "Order 345 left."]), "en")
    assert len(windows.cells) == 1 and windows.which.tolist() == [0, 0]


@given(st.lists(some_text, min_size=1, max_size=5))
@settings(deadline=None, max_examples=40)
def test_texts_do_not_see_each_other(texts):
    codes = np.array(["de"] * len(texts), dtype=object)
    together, which, _ = weighed(_cells(texts), codes)
    for row, text in enumerate(texts):
        alone, best, _ = weighed(_cells([text]), codes[:1])
        assert np.allclose(together[row], alone[0], atol=1e-3) or text.strip() == ""
        assert which[row].tolist() == best[0].tolist()


@given(some_text.filter(lambda text: text.strip()))
@settings(deadline=None, max_examples=60)
def test_the_place_of_a_window_is_what_stands_in_it(text):
    windows = windows_of(_cells([text]), "de")
    folded = fold_with_places(text).text
    for number, which in zip(windows.number, windows.which, strict=True):
        start, end = place_of(folded, int(number))
        assert 0 <= start < end <= len(folded)
        # numbers are one, whatever their digits
        said = [
            re.sub("[0-9 \n]", "", each)
            for each in (folded[start:end], windows.cells[which].as_py())
        ]
        assert said[0] == said[1]


def test_a_language_without_weights_is_left_to_the_phrases():
    found, _, _ = weighed(_cells(["Recenzja za prezent."]), np.array(["pl"], dtype=object))
    assert np.isneginf(found).all()
    phrases = np.eye(1, len(LEARNED), dtype=bool)
    assert weighing.told(found, phrases, np.array([False])).tolist() == phrases.tolist()


def test_a_text_without_a_language_takes_that_of_its_store():
    written_in = pd.Series([None, "fr", "pl", None, "it", "it", "fr"], dtype="str")
    stores = pd.Series(["JP", "DE", "IT", None, "ES", "IT", "BE"])
    letters = np.array([99, 99, 99, 99, 9, 9, 9])
    codes = weighing.language_of(written_in, stores, letters)
    assert codes[[0, 1, 2, 4, 5, 6]].tolist() == ["ja", "fr", "it", "es", "it", "fr"]
    assert pd.isna(codes[3])


def test_the_weights_are_small_and_whole():
    known = weights()
    assert set(known.tables) == {"en", "de", "fr", "es", "it", "nl", "ja"}
    assert all(table.dtype == np.int8 for table in known.tables.values())
    assert known.pairs.shape[0] == known.whole.shape[1] == known.joins.shape[1] == len(LEARNED)
    assert known.joins.shape[0] == 2 * len(LEARNED) + 2


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_no_phrase_has_is_told_with_its_place(language):
    body = {
        "en": "The lid is on its way.\n\nThe rug went to a lady before you. "
        "Please send the order back from your computer. Kind regards",
        "ja": "蓋を発送しました。お手元のパソコンから注文をお戻しください。キャンセルは"
        "お客様からお願いできますか。",
    }[language]
    rows = lint(_messages([body], language=language, store={"en": "UK", "ja": "JP"}[language]))
    row = rows[rows["rule"] == "asks_to_cancel"].iloc[0]
    assert row["excerpt"] == body[row["start"] : row["end"]] and row["excerpt"] in body


def test_no_messages_are_no_breaks():
    assert lint(_messages([])).empty
    assert lint(_messages([None, "", " \n "])).empty
