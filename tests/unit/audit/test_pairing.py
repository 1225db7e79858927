"""The kernel agrees with what one would do row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sellerkit.audit.pairing import NONE, codes_of, first_answers, is_among, pairs_of


@pytest.mark.parametrize("seed", range(8))
def test_the_first_answer_of_a_group_at_or_after_a_question(seed: int) -> None:
    random = np.random.default_rng(seed)
    size = int(random.integers(0, 60))
    groups = random.integers(NONE, 5, size)
    micros = np.sort(random.integers(0, 25, size))  # so few that many are of one instant
    asks = random.random(size) < 0.5
    answers = ~asks & (random.random(size) < 0.7)
    expected = np.full(size, NONE)
    for row in np.flatnonzero(asks & (groups != NONE)):
        later = answers & (groups == groups[row]) & (micros >= micros[row])
        expected[row] = np.flatnonzero(later)[0] if later.any() else NONE
    assert first_answers(groups, micros, asks, answers).tolist() == expected.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_all_pairs_of_equal_codes(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = (random.integers(NONE, 4, size) for size in (7, 12))
    rows, places = pairs_of(one, other)
    expected = [(r, p) for r, a in enumerate(one) for p, b in enumerate(other) if a == b != NONE]
    assert sorted(zip(rows.tolist(), places.tolist(), strict=True)) == expected


def test_codes_are_alike_where_all_parts_are_and_none_where_one_is_missing() -> None:
    one = [pd.Series(["a", "b", "a"], dtype="str"), pd.Series(["1", "1", None], dtype="str")]
    other = [pd.Series(["b", "a"], dtype="str"), pd.Series(["1", "2"], dtype="str")]
    (x, y, missing), (z, w) = codes_of(one, other)
    assert (y == z, missing) == (True, NONE)
    assert len({int(code) for code in (x, y, w)}) == 3
    (single, lost), _ = codes_of(
        [pd.Series(["a", None], dtype="str")], [pd.Series([], dtype="str")]
    )
    assert (single, lost) == (0, NONE)


def test_a_missing_text_is_among_nothing() -> None:
    texts, others = pd.Series(["a", None, "c"], dtype="str"), pd.Series([None, "c"], dtype="str")
    assert is_among(texts, others).tolist() == [False, False, True]
    assert is_among(texts, others[:0]).tolist() == [False, False, False]
