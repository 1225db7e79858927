"""The language that a message is written in."""

from __future__ import annotations

import functools

import pandas as pd
from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

#: The languages that sellerkit has phrases for (ISO 639-1).
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja", "pt")

#: How much of a text decides: the first sentences do, and the detector's time grows with length.
_READ = 240

#: How far the best language must be ahead of the next. Below this, single words such as "ok" or
#: a product's name were told for German or Dutch.
_LEAD = 0.25


#: What is shorter ("ok", a smiley) is of no language.
_SHORTEST = 4


@functools.cache
def _detector() -> LanguageDetector:
    codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    return builder.with_minimum_relative_distance(_LEAD).build()


def language(subject: pd.Series, body: pd.Series) -> pd.Series:
    """Return the language of each message, by its body, or its subject where the body is empty.

    Parameters
    ----------
    subject, body : pd.Series
        ``str``, aligned, null where absent.

    Returns
    -------
    pd.Series
        ``str``: ISO 639-1, one of `LANGUAGES`; null where the text is too short or unclear.
    """
    empty = body.isna() | (body.str.strip() == "").fillna(True)
    texts = body.where(~empty, subject)
    known = texts[texts.str.len() >= _SHORTEST]
    distinct = known.str.slice(0, _READ).drop_duplicates().tolist()
    found = _detector().detect_languages_in_parallel_of(distinct)
    names = [each.iso_code_639_1.name.lower() if each else None for each in found]
    codes = known.str.slice(0, _READ).map(dict(zip(distinct, names, strict=True)))
    return codes.reindex(texts.index).astype("str")
