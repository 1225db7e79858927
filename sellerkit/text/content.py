"""Whether an answer says what it has to: of a return, of an order that went wrong, of a claim."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sellerkit.text.words import folded, says, words_of

#: The phrases, a file per language.
_FOLDER = "answers"


class _Wanted(NamedTuple):
    """Kinds of phrases: each of `all_of` has to stand in an answer, and none of `none_of`."""

    all_of: tuple[str, ...]
    none_of: tuple[str, ...] = ()


_WANTED = {
    "return_information": _Wanted(("return_information",), ("return_information_not",)),
    "outside_window": _Wanted(("outside_window",), ("outside_window_not",)),
    "late_shipment": _Wanted(("late_shipment", "next_step")),
    "late_delivery": _Wanted(("late_delivery", "next_step")),
    "out_of_stock": _Wanted(("out_of_stock", "next_step")),
    "claim": _Wanted(("claim",), ("claim_not",)),
}

#: What an answer can be expected to say: how to send back, or that the time for it is over; what
#: is wrong with the order and what happens next; something about the matter of a claim.
EXPECTED = tuple(_WANTED)

#: So few letters say nothing that they do not say in a phrase, whatever their language.
_SAYS_NOTHING = 20


def content_ok(expected: pd.Series, body: pd.Series, language: pd.Series) -> pd.Series:
    """Tell whether each message says what is expected of it.

    Parameters
    ----------
    expected : pd.Series
        ``str``: one of `EXPECTED`, or null where nothing is expected.
    body : pd.Series
        ``str``, aligned: the message's own text.
    language : pd.Series
        ``str``, aligned: ISO 639-1, null where unknown.

    Returns
    -------
    pd.Series
        ``boolean``; null where nothing is expected, the body is missing or empty, or its language
        has no phrases. Where the language is not known, every language is tried: what is found
        is said, and what is not found is not known (null) unless the text is too short for it.
    """
    texts = folded(body)
    known = language.isna() | language.isin(list(words_of(_FOLDER)))
    asked = (expected.notna() & (texts != "") & known).to_numpy(bool)
    verdict = pd.Series(pd.NA, index=body.index, dtype="boolean")
    for kind, wanted in _WANTED.items():
        rows = np.flatnonzero(asked & (expected == kind).fillna(False).to_numpy(bool))
        if len(rows):
            verdict.iloc[rows] = _told(texts.iloc[rows], language.iloc[rows], wanted)
    return verdict


def _told(texts: pd.Series, languages: pd.Series, wanted: _Wanted) -> pd.Series:
    found = np.ones(len(texts), dtype=bool)
    for what in wanted.all_of:
        found &= says(texts, languages, _FOLDER, what).to_numpy(bool)
    for what in wanted.none_of:
        found &= ~says(texts, languages, _FOLDER, what).to_numpy(bool)
    unsure = ~found & (languages.isna() & (texts.str.len() >= _SAYS_NOTHING)).to_numpy(bool)
    return pd.Series(found, index=texts.index, dtype="boolean").mask(unsure)
