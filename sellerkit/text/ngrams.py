"""How much the wording of a message speaks for each topic: weights learned from labelled messages.

A message is the set of its groups of one to five letters and of one or two words. Each group has a
place in a table of weights per language (hashed, so the table is small), and a message's score
for a topic is the sum of its groups' weights over the root of their number.
`benchmarks/fit_topics.py` writes the tables.
"""

from __future__ import annotations

import functools
import io
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

#: The topics that a buyer's words can be about, in the order of the weights.
TOPICS = ("claim", "inquiry", "order_problem", "other", "refund", "return")

#: Places in a table: 2 to the power of so many.
BITS = 14

#: Letters of a message that are looked at: what it is about stands at its beginning.
_READ = 1500

#: Messages looked at in one go; times 2**BITS, below what 32 bits hold.
_CHUNK = 4000

_LETTERS, _WORDS = (1, 2, 3, 4, 5), (1, 2)
_SPACE = np.uint64(32)
_BASE = 0x9E3779B97F4A7C15
_MIX = np.uint64(0xBF58476D1CE4E5B9)


class Groups(NamedTuple):
    """The groups of letters and words of some messages, each group once a message.

    Attributes
    ----------
    message : np.ndarray
        ``int32``: which message, rising.
    place : np.ndarray
        ``int32``: the group's place in a table of weights.
    """

    message: np.ndarray
    place: np.ndarray


def groups_of(texts: pd.Series) -> Groups:
    """Return the groups of letters and words of folded texts.

    Parameters
    ----------
    texts : pd.Series
        ``str``, as `sellerkit.text.words.folded` returns them.

    Returns
    -------
    Groups
    """
    plain = _plain(texts)
    letters = np.frombuffer("".join(plain).encode("utf-32-le"), np.uint32).astype(np.uint64)
    message = np.repeat(np.arange(len(plain)), [len(text) for text in plain])
    hashes = _Hashes(letters)
    spaces = np.flatnonzero(letters == _SPACE)
    found = [(*_runs(message, size), size) for size in _LETTERS]
    found += [(*_between(message, spaces, size), 100 + size) for size in _WORDS]
    owner = np.concatenate([message[begin] for begin, _, _ in found])
    place = np.concatenate([hashes.of(begin, end, salt) for begin, end, salt in found])
    return _each_once(owner, place)


def _plain(texts: pd.Series) -> list[str]:
    """Return texts with signs set apart, numbers as one, and a space at each end."""
    cells = pc.utf8_slice_codeunits(pa.array(texts, type=pa.large_string()), 0, _READ)
    cells = pc.replace_substring_regex(cells, r"[0-9]+", "0")
    cells = pc.replace_substring_regex(cells, r'([?!.,;:()"])', r" \1 ")
    cells = pc.replace_substring_regex(cells, r"\s+", " ")
    return [f" {text.strip()} " for text in cells.to_pylist()]


def _runs(message: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where each run of so many letters within one message begins and ends."""
    begin = np.arange(max(len(message) - size + 1, 0))
    begin = begin[message[begin] == message[begin + size - 1]]
    return begin, begin + size


def _between(message: np.ndarray, spaces: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where each run of so many words within one message begins and ends."""
    begin, end = spaces[:-size], spaces[size:]
    same = message[begin] == message[end]
    return begin[same] + 1, end[same]


class _Hashes:
    """Hashes of all stretches of a row of letters, each in one step (sums of prefixes)."""

    def __init__(self, letters: np.ndarray) -> None:
        base, back = np.uint64(_BASE), np.uint64(pow(_BASE, -1, 2**64))
        powers = np.cumprod(np.full(len(letters), base))
        self.undo = np.cumprod(np.full(len(letters), back))
        self.sums = np.concatenate(
            [np.zeros(1, np.uint64), np.cumsum((letters + np.uint64(17)) * powers)]
        )

    def of(self, begin: np.ndarray, end: np.ndarray, salt: int) -> np.ndarray:
        mixed = (self.sums[end] - self.sums[begin]) * self.undo[begin]
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ np.uint64(salt * _BASE % 2**64)) * _MIX
        mixed ^= mixed >> np.uint64(32)
        return ((mixed >> np.uint64(24)) & np.uint64(2**BITS - 1)).astype(np.int64)


def _each_once(owner: np.ndarray, place: np.ndarray) -> Groups:
    """Keep each place once a message. Both fit one whole number, which sorts fast."""
    cell = np.sort((owner << BITS | place).astype(np.int32))
    cell = cell[np.diff(cell, prepend=-1) != 0]
    return Groups(cell >> BITS, cell & (2**BITS - 1))


class Weights(NamedTuple):
    """What was learned from labelled messages (`weights.npz`).

    Attributes
    ----------
    tables : dict of str to np.ndarray
        By language: ``int8``, a row per place and a column per topic of `TOPICS`.
    scales : dict of str to float
        By language: what one step of its table is worth.
    rules : dict of str to int
        Which row of `joins` a rule of the phrases has.
    joins : np.ndarray
        ``float32``, a column per topic: a row per score, then one per rule, then one for an order
        on file and one for every message.
    """

    tables: dict[str, np.ndarray]
    scales: dict[str, float]
    rules: dict[str, int]
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
        {str(rule): row for row, rule in enumerate(found["rules"], len(TOPICS))},
        found["joins"],
    )


def weighed(
    texts: pd.Series, languages: pd.Series, rules: np.ndarray, has_order: np.ndarray
) -> np.ndarray:
    """Tell what buyers' messages are about, by their wording and by what the phrases say.

    Parameters
    ----------
    texts : pd.Series
        ``str``, as `sellerkit.text.words.folded` returns them.
    languages : pd.Series
        ``str``, aligned: ISO 639-1.
    rules : np.ndarray
        ``object``, aligned: the rule by which the phrases decided.
    has_order : np.ndarray
        ``bool``, aligned.

    Returns
    -------
    np.ndarray
        ``object``: a topic of `TOPICS`; None where a language has no weights or the rule is not
        one that was learned. A claim or a return needs an order.
    """
    known = weights()
    found = np.full(len(texts), None, dtype=object)
    row_of_rule = np.array([known.rules.get(rule, -1) for rule in rules], dtype=np.int64)
    codes = languages.astype("str").to_numpy(object)
    for code in known.tables:
        here = np.flatnonzero((codes == code) & (row_of_rule >= 0))
        for start in range(0, len(here), _CHUNK):
            rows = here[start : start + _CHUNK]
            own = scores(groups_of(texts.iloc[rows]), known.tables[code], len(rows))
            joined = own * known.scales[code] @ known.joins[: len(TOPICS)]
            joined += known.joins[row_of_rule[rows]] + known.joins[-1]
            joined += np.where(has_order[rows, None], known.joins[-2], 0)
            joined[np.ix_(np.flatnonzero(~has_order[rows]), _NEED_ORDER)] = -np.inf
            found[rows] = np.array(TOPICS, dtype=object)[joined.argmax(axis=1)]
    return found


_NEED_ORDER = np.array([TOPICS.index("claim"), TOPICS.index("return")])


def scores(groups: Groups, table: np.ndarray, messages: int) -> np.ndarray:
    """Return messages' scores by one table: sums of weights over the root of their number."""
    sums = np.zeros((messages, table.shape[1]), dtype=np.float32)
    counts = np.bincount(groups.message, minlength=messages)
    if len(groups.message):
        begins = np.flatnonzero(np.diff(groups.message, prepend=-1))
        sums[groups.message[begins]] = np.add.reduceat(
            table[groups.place].astype(np.float32), begins, axis=0
        )
    return sums / np.sqrt(np.maximum(counts, 1))[:, None].astype(np.float32)
