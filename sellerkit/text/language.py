"""The language that a message is written in."""

from __future__ import annotations

import functools

import pandas as pd
from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

#: The languages that sellerkit has phrases for (ISO 639-1).
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja", "pt")

#: How much of a text decides: the first sentences do, and the detector's time grows with length.
_READ = 240

#: … and how much is enough for a quick look.
_GLANCED = 120

#: How far the best language must be ahead of the next. Below this, single words such as "ok" or
#: a product's name were told for German or Dutch.
_LEAD = 0.25

#: … and how far after a quick look; what is closer gets a careful one.
_CLEAR_LEAD = 0.6

#: What is shorter ("ok", a smiley) is of no language.
_SHORTEST = 4


def _detector(lead: float) -> LanguageDetectorBuilder:
    codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    return builder.with_minimum_relative_distance(lead)


@functools.cache
def _careful() -> LanguageDetector:
    return _detector(_LEAD).build()


@functools.cache
def _quick() -> LanguageDetector:
    """Return a detector that knows groups of three letters only: a third of the time."""
    return _detector(_CLEAR_LEAD).with_low_accuracy_mode().build()


def _told(texts: list[str]) -> dict[str, str | None]:
    """Return the language of each text: by a quick look, where unclear by a careful one."""
    quick, careful = _quick().detect_language_of, _careful().detect_language_of
    found = {text: quick(text[:_GLANCED]) or careful(text) for text in texts}
    return {
        text: each.iso_code_639_1.name.lower() if each else None for text, each in found.items()
    }


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
    read = known.str.slice(0, _READ)
    return read.map(_told(read.unique().tolist())).reindex(texts.index).astype("str")
