"""How much the wording of a seller's message speaks for each rule: weights learned from messages.

A message is its sentences, each alone and with the next one. Such a window has groups of letters
and words (`sellerkit.text.ngrams`), which have weights in a table per language, and senses
(``senses.toml``: a review, a gift, a condition), which have weights, alone and two and two, that
hold for all languages. Its score for a rule is the sum of its groups' weights over the root of
their number, and of the weights of its senses. A message's score is that of its best window, and
the weights of the senses that it has anywhere, and of those in the subject that it answers. For
``unneeded`` the score is that of saying more than a confirmation. `benchmarks/fit_lint.py` writes
the weights.
"""

from __future__ import annotations

import functools
import io
import re
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sellerkit.text.lint.rules import load
from sellerkit.text.ngrams import groups_of, scores

#: The rules that are told from wording, in the order of the weights.
LEARNED = ("incentive", "review_pressure", "marketing", "asks_to_cancel", "unneeded")

#: Where a sentence ends in a folded text.
_ENDS = "([.!?…]+[\"')]*(?: |$)|[。！？]+[」』)]*|\n)"

#: Windows looked at in one go; times the places of a table, below what 32 bits hold.
_CHUNK = 20_000

#: The senses one of which a confirmation has.
_CONFIRMS = ("shipped", "thanks", "order")

#: The language of a text of fewer letters is told unsurely.
_FEW = 40

#: What is shorter, in bytes, is too little to weigh: the phrases alone decide.
_BRIEF = 40

#: The language of a store, for texts whose own has no weights.
_SPOKEN = {
    "DE": "de", "AT": "de", "ES": "es", "MX": "es", "FR": "fr", "BE": "nl", "IT": "it", "JP": "ja",
    "NL": "nl", "UK": "en", "US": "en", "CA": "en", "AU": "en", "IE": "en",
}  # fmt: skip


class Windows(NamedTuple):
    """The windows of some texts of one language.

    Attributes
    ----------
    text : np.ndarray
        ``int64``: which text, rising.
    number : np.ndarray
        ``int64``: twice the number of the first sentence, one more where there is a second.
    which : np.ndarray
        ``int64``: which row of the two below; windows repeat from text to text.
    cells : pa.Array
        What stands in a window.
    senses : np.ndarray
        ``float32``: 1 where a window has a sense, a column per sense.
    """

    text: np.ndarray
    number: np.ndarray
    which: np.ndarray
    cells: pa.Array
    senses: np.ndarray


class Weights(NamedTuple):
    """What was learned from labelled messages (`weights.npz`).

    Attributes
    ----------
    tables : dict of str to np.ndarray
        By language: ``int8``, a row per place of a group and a column per rule of `LEARNED`.
    scales : dict of str to float
        By language: what one step of its table is worth.
    pairs : np.ndarray
        ``float32``, rules by senses by senses: two senses in one window; the diagonal one alone.
    whole : np.ndarray
        ``float32``, senses by rules: a sense anywhere in the message.
    heard : np.ndarray
        ``float32``, alike: a sense in the subject that is answered.
    joins : np.ndarray
        ``float32``, a column per rule: a row per score, one per rule that the phrases tell, one for
        what nobody asked for, one for every message. A rule is told above 0.
    """

    tables: dict[str, np.ndarray]
    scales: dict[str, float]
    pairs: np.ndarray
    whole: np.ndarray
    heard: np.ndarray
    joins: np.ndarray


@functools.cache
def weights() -> Weights:
    """Return the weights that ship with the package."""
    packed = files(__package__).joinpath("weights.npz").read_bytes()
    with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
        found = {name: stored[name] for name in stored.files}
    languages = [str(code) for code in found["languages"]]
    return Weights(
        {code: found[f"table_{code}"] for code in languages},
        dict(zip(languages, found["scales"].tolist(), strict=True)),
        found["pairs"], found["whole"], found["heard"], found["joins"],
    )  # fmt: skip


def windows_of(cells: pa.Array, code: str) -> Windows:
    """Return the windows of folded texts of a language."""
    parted = pc.split_pattern(pc.replace_substring_regex(cells, _ENDS, "\\1\0"), "\0")
    text = np.repeat(np.arange(len(cells)), np.asarray(pc.list_value_length(parted)))
    flat = pc.utf8_trim_whitespace(pc.list_flatten(parted))
    said = np.asarray(pc.utf8_length(flat)) > 0
    text, flat = text[said], flat.filter(pa.array(said))
    # an order's number makes no sentence another one
    coded = pc.dictionary_encode(pc.replace_substring_regex(flat, "[0-9]+", "0"))
    sentence, has = np.asarray(coded.indices, "int64"), _senses(coded.dictionary, code)
    first = np.arange(len(text))
    begins = np.searchsorted(text, text)
    pairs = first[:-1][text[:-1] == text[1:]]
    alone = np.stack([text, 2 * (first - begins), sentence, np.full(len(text), -1)])
    both = np.stack([text[pairs], alone[1][pairs] + 1, sentence[pairs], sentence[pairs + 1]])
    every = np.hstack([alone, both])
    every = every[:, np.lexsort((every[1], every[0]))]
    known, which = np.unique(every[2:], axis=1, return_inverse=True)
    two, one = known[1] >= 0, known[0]
    next_one = np.where(two, known[1], 0)
    blank = pa.scalar("", pa.large_string())
    second = pc.if_else(pa.array(two), coded.dictionary.take(pa.array(next_one)), blank)
    joined = pc.binary_join_element_wise(
        coded.dictionary.take(pa.array(one)), second, pa.scalar(" ", pa.large_string())
    )
    senses = has[one] | (has[next_one] & two[:, None])
    return Windows(every[0], every[1], which.reshape(-1), joined, senses.astype(np.float32))


def _senses(cells: pa.Array, code: str) -> np.ndarray:
    found = [
        np.asarray(pc.match_substring_regex(cells, each[code]).to_numpy(zero_copy_only=False), bool)
        for each in load("senses.toml").values()
    ]
    return np.column_stack(found)


def best(found: np.ndarray, windows: Windows, texts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each text's best score by rule, and the number of the window that has it."""
    score = np.full((texts, found.shape[1]), -np.inf, dtype=np.float32)
    number = np.zeros((texts, found.shape[1]), dtype=np.int64)
    if len(windows.text):
        begins = np.flatnonzero(np.diff(windows.text, prepend=-1))
        here = windows.text[begins]
        score[here] = np.maximum.reduceat(found[windows.which], begins, axis=0)
        for rule in range(found.shape[1]):
            at = np.flatnonzero(found[windows.which, rule] == score[windows.text, rule])[::-1]
            number[windows.text[at], rule] = windows.number[at]
    return score, number


def anywhere(windows: Windows, texts: int) -> np.ndarray:
    """Return which senses texts have at all: ``float32``, a column per sense."""
    has = np.zeros((texts, windows.senses.shape[1]), dtype=np.float32)
    if len(windows.text):
        begins = np.flatnonzero(np.diff(windows.text, prepend=-1))
        has[windows.text[begins]] = np.maximum.reduceat(
            windows.senses[windows.which], begins, axis=0
        )
    return has


def weighed(cells: pa.Array, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how much folded texts speak for each rule of `LEARNED`.

    Parameters
    ----------
    cells : pa.Array
        As `sellerkit.text.lint.folding.folded_alike` returns them.
    codes : np.ndarray
        ``object``, aligned: the language, as `language_of` gives it.

    Returns
    -------
    np.ndarray
        ``float32``, a column per rule; -inf where there is no sentence, or no weights.
    np.ndarray
        ``int64``, alike: the number of the window that speaks most for it (`place_of`).
    np.ndarray
        ``bool``: whether a text speaks of what is sent, or thanks, at all.
    """
    known = weights()
    found = np.full((len(cells), len(LEARNED)), -np.inf, dtype=np.float32)
    number = np.zeros((len(cells), len(LEARNED)), dtype=np.int64)
    confirms = np.zeros(len(cells), dtype=bool)
    names = list(load("senses.toml"))
    for code in known.tables:
        here = np.flatnonzero(codes == code)
        if len(here):
            windows = windows_of(cells.take(pa.array(here)), code)
            own, number[here] = best(_scores(windows, code), windows, len(here))
            has = anywhere(windows, len(here))
            found[here] = own + has @ known.whole
            confirms[here] = has[:, [names.index(each) for each in _CONFIRMS]].any(axis=1)
    return found, number, confirms


def heard(cells: pa.Array, codes: np.ndarray) -> np.ndarray:
    """Return how much folded subjects that are answered speak for each rule, as `weighed` does."""
    known = weights()
    found = np.zeros((len(cells), len(LEARNED)), dtype=np.float32)
    for code in known.tables:
        here = np.flatnonzero(codes == code)
        if len(here):
            windows = windows_of(cells.take(pa.array(here)), code)
            found[here] = anywhere(windows, len(here)) @ known.heard
    return found


def _scores(windows: Windows, code: str) -> np.ndarray:
    known, texts = weights(), pd.Series(windows.cells, dtype="str")
    found = np.stack(
        [((windows.senses @ pairs) * windows.senses).sum(axis=1) for pairs in known.pairs], axis=1
    )
    for start in range(0, len(texts), _CHUNK):
        part = texts.iloc[start : start + _CHUNK]
        own = scores(groups_of(part), known.tables[code], len(part))
        found[start : start + _CHUNK] += own * np.float32(known.scales[code])
    return found


def is_weighed(cells: pa.Array) -> np.ndarray:
    """Tell which texts are long enough to be weighed: ``bool``; none that is null."""
    return np.asarray(pc.binary_length(cells).fill_null(0)) >= _BRIEF


def told(scores_of: np.ndarray, phrases: np.ndarray, proactive: np.ndarray) -> np.ndarray:
    """Tell which rules of `LEARNED` messages break: ``bool``, a column per rule.

    Parameters
    ----------
    scores_of : np.ndarray
        As `weighed` returns them; where they are -inf the phrases alone decide.
    phrases : np.ndarray
        ``bool``, aligned: which rules the phrases tell.
    proactive : np.ndarray
        ``bool``, aligned: what nobody asked for.
    """
    known = np.isfinite(scores_of).all(axis=1)
    rows = rows_of(np.where(known[:, None], scores_of, 0), phrases, proactive)
    return np.where(known[:, None], rows @ weights().joins > 0, phrases)


def rows_of(scores_of: np.ndarray, phrases: np.ndarray, proactive: np.ndarray) -> np.ndarray:
    """Return what `Weights.joins` weighs, a row per message."""
    return np.hstack([scores_of, phrases, proactive[:, None], np.ones((len(phrases), 1))])


def language_of(written_in: pd.Series, stores: pd.Series, letters: np.ndarray) -> np.ndarray:
    """Return the language whose weights count: a text's own, or else that of its store.

    The language of a few words is easily mistaken, so they take the store's as well, unless their
    own is spoken there.
    """
    own, store = (each.astype("object").to_numpy(object) for each in (written_in, stores))
    spoken = pd.Series(store, dtype="object").map(_SPOKEN).to_numpy(object)
    known = np.isin(own.astype(str), list(weights().tables))
    at_home = (own == spoken) | ((store == "BE") & np.isin(own.astype(str), ["fr", "de"]))
    return np.where(known & (at_home | (letters >= _FEW)), own, spoken)


def place_of(text: str, number: int) -> tuple[int, int] | None:
    """Return where a window of a folded text begins and ends; None where the text has none."""
    ends = [each.end() for each in re.finditer(_ENDS, text)]
    spans = zip([0, *ends], [*ends, len(text)], strict=True)
    said = [(start, end) for start, end in spans if text[start:end].strip()]
    if not said:
        return None
    first = said[min(number // 2, len(said) - 1)]
    last = said[min(number // 2 + number % 2, len(said) - 1)]
    end = last[0] + len(text[last[0] : last[1]].rstrip())
    return first[0] + len(text[first[0] : end]) - len(text[first[0] : end].lstrip()), end
