"""The wording of a message, weighed beside its phrases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellerkit.text.ngrams import BITS, TOPICS, groups_of, scores, weighed, weights
from sellerkit.text.topics import topic
from sellerkit.text.words import fold

some_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def groups_one_by_one(text: str) -> set[str]:
    """Return the groups of a text as one would write them down."""
    plain = f" {' '.join(text.split())} "
    letters = {f"{n}{plain[i : i + n]}" for n in range(1, 6) for i in range(len(plain) - n + 1)}
    words = plain.split()
    pairs = {" ".join(words[i : i + n]) for n in (1, 2) for i in range(len(words) - n + 1)}
    return letters | {f"word {each}" for each in pairs}


@pytest.mark.parametrize("text", ["a", "ab", "wo ist mein paket", "返品したい", "aaaa aaaa"])
def test_a_message_is_the_set_of_its_groups(text):
    found = groups_of(pd.Series([text], dtype="str"))
    # two groups may share a place of the table, so there may be fewer
    wanted = len(groups_one_by_one(text))
    assert wanted - 2 <= len(found.place) <= wanted
    assert len(set(found.place.tolist())) == len(found.place)
    assert found.place.min() >= 0 and found.place.max() < 2**BITS


@given(st.lists(some_text, min_size=1, max_size=6))
def test_messages_do_not_see_each_other(texts):
    folded = pd.Series([fold(text) for text in texts], dtype="str")
    together = groups_of(folded)
    for number in range(len(folded)):
        alone = groups_of(folded.iloc[[number]])
        assert together.place[together.message == number].tolist() == alone.place.tolist()


def test_numbers_are_one_and_signs_stand_apart():
    one, other = (groups_of(pd.Series([t], dtype="str")) for t in ("42 tage?", "7 tage ?"))
    assert one.place.tolist() == other.place.tolist()


def test_a_score_is_the_sum_over_the_root_of_the_number():
    texts = pd.Series(["paket", ""], dtype="str")
    table = np.zeros((2**BITS, len(TOPICS)), dtype=np.int8)
    table[:, 2] = 3
    found = scores(groups_of(texts), table, 2)
    n = len(groups_of(texts.iloc[:1]).place)
    assert found[0, 2] == pytest.approx(3 * np.sqrt(n), rel=1e-5)
    assert found[0, 0] == 0


def test_the_weights_are_whole():
    known = weights()
    assert set(known.tables) == {"en", "de", "fr", "es", "it", "nl", "ja"}
    assert all(table.shape == (2**BITS, len(TOPICS)) for table in known.tables.values())
    assert known.joins.shape == (len(TOPICS) + len(known.rules) + 2, len(TOPICS))
    assert np.isfinite(known.joins).all()


def test_without_an_order_nothing_is_a_return_or_a_claim():
    texts = pd.Series(["i want to return this", "i filed an a-z claim"], dtype="str")
    rule = np.array(["words:question"] * 2, dtype=object)
    english = pd.Series(["en", "en"], dtype="str")
    found = weighed(texts, english, rule, np.array([False, False]))
    assert not {"return", "claim"} & set(found)
    assert weighed(texts, english, rule, np.array([True, True])).tolist() == ["return", "claim"]


def test_what_was_not_learned_is_left_to_the_phrases():
    texts = pd.Series(["quero devolver", "where is it"], dtype="str")
    languages = pd.Series(["pt", "en"], dtype="str")
    rules = np.array(["words:return (low)", "subject:return"], dtype=object)
    assert weighed(texts, languages, rules, np.array([True, True])).tolist() == [None, None]


def test_it_says_that_the_wording_decided():
    body = (
        "I posted the shoes off to you three weeks back and my bank still shows nothing from you."
    )
    row = {"sender": "buyer", "subject": "Re: question", "body": body, "language": "en",
           "order_id": "302-0000001-0000001", "topic": None, "topic_rule": None}  # fmt: skip
    found = topic(pd.DataFrame([row]).astype("str")).iloc[0]
    assert found["topic"] == "refund"
    assert found["topic_rule"] in ("words:refund", "words:wording (low)")


def test_a_hostile_text_takes_no_longer_than_its_letters():
    texts = pd.Series(["\x00" * 5000, "?" * 5000, "a " * 5000, "\U0010ffff" * 5000], dtype="str")
    found = groups_of(texts)
    assert found.message.max() == 3 and np.bincount(found.message).max() < 2000
