"""Whether an answer to a return request says what it has to."""

from __future__ import annotations

import pandas as pd

from sellerkit.text.words import folded, says

#: What an answer can be expected to say: how to send back, or that the time for it is over.
EXPECTED = ("return_information", "outside_window")


def content_ok(expected: pd.Series, body: pd.Series, language: pd.Series) -> pd.Series:
    """Tell whether each message says what is expected of it.

    Parameters
    ----------
    expected : pd.Series
        ``str``: one of `EXPECTED`, or null where nothing is expected.
    body : pd.Series
        ``str``, aligned: the message's own text.
    language : pd.Series
        ``str``, aligned: ISO 639-1, null where unknown (then every language is tried).

    Returns
    -------
    pd.Series
        ``boolean``; null where nothing is expected or the body is missing or empty.
    """
    texts = folded(body)
    verdict = pd.Series(pd.NA, index=body.index, dtype="boolean")
    for kind in EXPECTED:
        asked = (expected == kind).fillna(False).astype(bool) & (texts != "")
        if asked.any():
            verdict[asked] = says(texts[asked], language[asked], "content.toml", kind)
    return verdict
