"""Whatever a text holds, lint answers, in good time, with places that are there."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.text.lint import lint
from sellerkit.text.lint.folding import fold_with_places

WORDS = (
    "review", "5 stars", "please", "cancel", "the order", "gift card", "http://", "a.example.com",
    "@", "a@b.co", "+1 646 555 0143", ".", "\n", "\n\n\n", "302-1234567-1234567", "星5",
    "レビュー", "キャンセル", "Rezension", "ｓｈｏｐ", "\u0301", "\u200d", "\U0001f600", "\ufe0f",
    "(dot)", "null sechs", "?", "[Important]", "code SPRING15", "\u2028", "（", "İ", "ﬃ",
)  # fmt: skip

texts = st.one_of(
    st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), max_size=30).map("".join),
)  # fmt: skip


def frame(bodies: list[str], subject: str | None = None, proactive: bool = True) -> pd.DataFrame:
    columns = {"subject": subject, "body": bodies, "language": None, "marketplace": "DE"}
    return pd.DataFrame(columns).astype("str").assign(proactive=proactive)


@settings(max_examples=20, deadline=None)
@given(body=texts, subject=st.none() | texts)
def test_places_slice_to_their_excerpts(body, subject):
    found = lint(frame([body], subject))
    for row in found.to_dict("records"):
        if row["start"] >= 0:
            assert body[row["start"] : row["end"]] == row["excerpt"]
            assert row["excerpt"]
        else:
            assert row["start"] == row["end"] == -1
    assert not found.duplicated(["rule", "start", "end", "excerpt"]).any()


@settings(max_examples=20, deadline=None)
@given(
    body=st.text(
        st.characters(exclude_categories=["Nd", "No", "Nl"], exclude_characters=".@。．＠"),
        max_size=200,
    )
)
def test_without_digits_dots_and_at_signs_there_are_no_addresses_and_numbers(body):
    spelled = ("dot", "punkt", "point", "punto", "punt", "ponto", "ドット", "://", ":\\\\", "www")
    if not any(word in body.lower() for word in spelled):
        assert not set(lint(frame([body]))["rule"]) & {
            "external_link", "email_address", "phone_number",
        }  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(bodies=st.lists(texts, min_size=1, max_size=5))
def test_each_text_is_told_as_if_it_were_alone(bodies):
    together = lint(frame(bodies))
    alone = [lint(frame([body])).assign(row=at) for at, body in enumerate(bodies)]
    expected = pd.concat(alone, ignore_index=True)
    assert together.astype("object").equals(expected.astype("object")) or (
        together.empty and expected.empty
    )


@settings(max_examples=80, deadline=None)
@given(text=texts)
def test_places_of_a_folded_text_go_forward(text):
    folded = fold_with_places(text)
    spans = [folded.origin(at, at + 1) for at in range(len(folded.text))]
    assert all(start < end for start, end in spans)
    assert all(one[0] <= other[0] for one, other in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(
    "piece",
    ["a.", "a@", "1-", "((", "+1 ", "null ", "please leave ", "http://", "\U0001f600\u200d", "\n ",
     "review and we ", "(dot) ", "www . ", "a\u0301", "星5", "9" * 50 + " ", "- "],
)  # fmt: skip
def test_long_hostile_texts_are_read_to_their_end(piece):
    body = piece * (40_000 // len(piece))
    found = lint(frame([body, f"{body}!"]))
    assert set(found["row"]) <= {0, 1}
