"""Whether a buyer asks for a telephone call in so many words."""

from __future__ import annotations

import pandas as pd

from sellerkit.text.words import alternation, folded, replaced, says, words_of

_FILE = "calls.toml"


def asks_for_call(subject: pd.Series, body: pd.Series, language: pd.Series) -> pd.Series:
    """Tell whether each message asks to be called, or for a number to call.

    Parameters
    ----------
    subject, body : pd.Series
        ``str``, aligned; a missing one says nothing.
    language : pd.Series
        ``str``, aligned: ISO 639-1, null where unknown (then every language is tried).

    Returns
    -------
    pd.Series
        ``bool``. Who asks not to be called, or tells of a call that did not come, asks for none;
        nor does who wants the parcel's driver to call.

    Notes
    -----
    Patterns of words: a wish in other words is missed. Only a message's beginning is read.
    """
    texts = folded(subject).str.cat(folded(body), sep=". ")
    refused = [phrase for words in words_of(_FILE).values() for phrase in words["not_ask"]]
    return says(replaced(texts, alternation(refused), "."), language, _FILE, "ask")
