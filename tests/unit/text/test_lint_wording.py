"""Phrases looked for in whole columns give what they give in single texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.text.lint import lint, lint_with_requests, review_requests, wording
from sellerkit.text.lint.folding import fold_with_places, folded_alike

_LETTERS = "abcZ ÄÖÜßéñçœ’“„–­​\u0301 \t\r\n\u00a0\u3000 カタがガアﾌﾞﾙ漢字ＡＢ１２!?.%€"


def _messages(bodies, language="en", marketplace="UK", proactive=False):
    frame = pd.DataFrame({"subject": "Order 203-4418820-9912347", "body": bodies}).astype("str")
    for name, value in (("language", language), ("marketplace", marketplace)):
        frame[name] = pd.Series([value] * len(frame), dtype="str")
    return frame.assign(proactive=proactive)


def _told(body, **more):
    return set(lint(_messages([body], **more))["rule"])


@given(st.lists(st.text(_LETTERS, max_size=30), max_size=8))
@settings(max_examples=60, deadline=None)
def test_columns_are_folded_as_single_texts_are(texts):
    # blanks that part line breaks from what shows nothing are the one known difference
    texts = [text.replace("\u200b", "").replace("\u00ad", "") for text in texts]
    column = folded_alike(pa.array(texts, type=pa.large_string())).to_pylist()
    assert [each.split() for each in column] == [fold_with_places(t).text.split() for t in texts]


def test_what_shows_nothing_hides_no_word():
    told = folded_alike(pa.array(["gift\u00ad card for a re\u200bview"], type=pa.large_string()))
    assert told.to_pylist() == ["gift card for a review"]


def test_many_texts_are_told_as_few_are(monkeypatch):
    bodies = [
        "Leave a review and we will send you a $5 gift card.",
        "We never offer anything for a review. Please leave a five-star rating!",
        "Your parcel arrives on Friday.",
        "Use the code SAVE10 for 10% off your next order.",
        "Please cancel the order from your side.",
    ]
    few = lint(_messages(bodies))
    monkeypatch.setattr(wording, "_MANY", 0)
    pd.testing.assert_frame_equal(lint(_messages(bodies)), few)
    assert set(few["rule"]) >= {"incentive", "review_pressure", "marketing", "asks_to_cancel"}


def test_a_template_is_told_wherever_it_was_sent():
    body = "Please cancel the order from your side."
    found = lint(_messages([body, "It is on its way, in two parcels.", body]))
    assert found["row"].tolist() == [0, 2]
    assert found["excerpt"].nunique() == 1


def test_both_at_once_are_what_each_is():
    messages = _messages(["Please leave a review.", "Rate us and get a voucher.", "Hello."])
    told, asked = lint_with_requests(messages)
    pd.testing.assert_frame_equal(told, lint(messages))
    pd.testing.assert_frame_equal(asked, review_requests(messages))
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("language", "body", "rule"),
    [
        ("en", "The lamp is 20 euros. Never miss a deal, sign up for our newsletter!", "marketing"),
        ("fr", "Abonnez-vous à notre newsletter pour ne rater aucune promotion.", "marketing"),
        ("nl", "Meld u aan voor onze nieuwsbrief en mis geen enkele aanbieding.", "marketing"),
    ],
)
def test_no_denial_excuses_a_plain_offer(language, body, rule):
    assert _told(body, language=language) == {rule}


def test_who_was_asked_how_to_cancel_asks_nobody_to():
    body = "You asked whether you can cancel. Yes: open Your Orders and choose Cancel items."
    assert _told(body) == set()
    assert _told("No stock. Open Your Orders and choose Cancel items.") == {"asks_to_cancel"}


def test_a_few_words_taken_for_another_language_are_read_in_the_stores():
    body = "¡Pónganos 5 estrellas, por favor!"
    assert _told(body, language="it", marketplace="ES") == {"review_pressure"}
    assert _told(body, language="it", marketplace="IT") == set()


def test_a_text_is_searched_in_its_own_language_at_home():
    searched = wording.searched_in(pd.Series(["fr", "it", None]), pd.Series(["BE", "BE", "DE"]))
    assert [code for code in searched if searched[code][0]] == ["en", "fr"]
    assert [code for code in searched if searched[code][1]] == ["de", "en", "fr", "it", "nl"]
    assert np.all([searched[code][2] for code in searched])


def test_who_advertises_says_more_than_that_it_left():
    body = "Your parcel is on its way. Have a look at our new collection!"
    assert _told(body, proactive=True) == {"marketing"}
    assert _told("Your parcel is on its way.", proactive=True) == {"unneeded"}
