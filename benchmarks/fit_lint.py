"""Learn the weights of sellers' wordings from labelled messages: writes lint/weights.npz.

Run by hand where messages were added: ``uv run --with scikit-learn python -m benchmarks.fit_lint``.
The same files give the same weights.

A message breaks a rule where one of its windows does (`sellerkit.text.lint.weighing`), and which
one is not labelled: every few steps the window that speaks most for it is taken for the one.
How much scores and phrases count is learned from scores by weights that were learned without the
message's fold, of parts that no phrase was written from. A fold takes the same stretches of all
files, since languages share scenes. ``held`` and ``held2`` are not read.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from benchmarks.lint import LABELLED
from sellerkit.text.lint import phrases_tell
from sellerkit.text.lint.folding import folded_alike
from sellerkit.text.lint.rules import load
from sellerkit.text.lint.weighing import LEARNED, Windows, anywhere, rows_of, windows_of
from sellerkit.text.ngrams import BITS, groups_of

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja")
WEIGHTS = LABELLED.parents[1] / "sellerkit" / "text" / "lint" / "weights.npz"

_PARTS = ("tune", "tune2", "fresh", "later", "wide", "more", "retold", "drafts")
#: Parts that no phrase was written from.
_UNSEEN = ("later", "wide")
_FOLDS, _STRETCHES = 3, 30
_STEPS, _CHOOSE, _KEEP_SMALL = 100, 35, 1e-4
#: How much a message that breaks a rule counts for each that does not.
_RARE = 4.0
#: What a group, and a sense or two, of a window count against each other.
_GROUPS, _SENSES = 3.0, 0.15
#: Wanted of what is told, over all rules told from words.
_PRECISION = 0.93


class Learned(NamedTuple):
    """Weights of all features, a column per rule and fold."""

    groups: np.ndarray
    pairs: np.ndarray
    whole: np.ndarray


def main() -> None:
    """Learn, print what the folds say, and write the weights."""
    rows = labelled()
    said, may, rows["heard"] = phrases_tell(
        rows[["subject", "body", "marketplace"]].assign(
            language=rows["code"], proactive=rows["kind"] == "proactive"
        )
    )
    windows = [windows_of(_cells(rows[rows["code"] == code]), code) for code in LANGUAGES]
    features, text = stacked(windows, rows)
    fold = rows["stretch"].to_numpy() % _FOLDS
    wanted, asked = labels(rows)
    # what retells the others would tell of them
    new = (rows["part"] != "retold").to_numpy()
    masks = [asked & (new & (fold != each))[:, None] for each in range(_FOLDS)] + [asked]
    found = learn(features, text, np.hstack([wanted] * len(masks)), np.hstack(masks))
    out = best_of(features @ found, text, len(rows))
    own = np.stack([out[:, 5 * each : 5 * each + 5] for each in range(_FOLDS)])
    own = own[fold, np.arange(len(rows))]
    joins = join(rows, own, said, may)
    write(found[:, -len(LEARNED) :], joins)


def labelled() -> pd.DataFrame:
    """Return the messages that may be learned from, and which stretch of their file they are of."""
    rows: list[dict[str, Any]] = []
    for code in LANGUAGES:
        for part in _PARTS:
            lines = (LABELLED / f"{code}.lint.{part}.jsonl").read_text("utf-8").splitlines()
            rows += [
                json.loads(line)
                | {"code": code, "part": part, "stretch": at * _STRETCHES // len(lines)}
                for at, line in enumerate(lines)
            ]
    return pd.DataFrame(rows)


def _cells(rows: pd.DataFrame) -> pa.Array:
    return folded_alike(pa.array(rows["body"], type=pa.large_string()))


def labels(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which rules messages break, and which may be asked of them.

    Of ``unneeded`` the opposite, that one window says more, and only of what nobody asked for.
    """
    wanted = np.column_stack([rows["rules"].map(lambda has, r=rule: r in has) for rule in LEARNED])
    wanted = wanted.astype(bool)
    wanted[:, -1] = ~wanted[:, -1]
    asked = np.ones_like(wanted)
    asked[:, -1] = rows["kind"] == "proactive"
    return wanted, asked


def stacked(windows: list[Windows], rows: pd.DataFrame) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Return every window as a row of features, and the message that each is of."""
    parts, texts = [], []
    for at, (code, found) in enumerate(zip(LANGUAGES, windows, strict=True)):
        own = np.flatnonzero(rows["code"] == code)
        groups = groups_of(pd.Series(found.cells, dtype="str"))
        shape = (len(found.cells), len(LANGUAGES) * 2**BITS)
        place = groups.place.astype(np.int64) + at * 2**BITS
        table = sparse.csr_matrix((np.ones(len(place)), (groups.message, place)), shape=shape)
        counts = np.maximum(np.asarray(table.sum(axis=1)).ravel(), 1)
        whole = anywhere(found, len(own))[found.text]
        parts.append(
            sparse.hstack([
                (sparse.diags(_GROUPS / np.sqrt(counts)) @ table).tocsr()[found.which],
                _SENSES * sparse.csr_matrix(_two_and_two(found.senses)[found.which]),
                _SENSES * sparse.csr_matrix(whole),
                _SENSES * sparse.csr_matrix(heard(rows.iloc[own], code)[found.text]),
                np.ones((len(whole), 1)),
            ])
        )  # fmt: skip
        texts.append(own[found.text])
    return sparse.vstack(parts).tocsr().astype(np.float32), np.concatenate(texts)


def heard(rows: pd.DataFrame, code: str) -> np.ndarray:
    """Return which senses the subject has that a message answers."""
    cells = folded_alike(pa.array(rows["heard"].fillna(""), type=pa.large_string()))
    return anywhere(windows_of(cells, code), len(rows))


def _two_and_two(senses: np.ndarray) -> np.ndarray:
    """Return each sense and each two, in the order of the upper triangle of a square."""
    one, two = np.triu_indices(senses.shape[1])
    return senses[:, one] * senses[:, two]


def best_of(found: np.ndarray, text: np.ndarray, texts: int) -> np.ndarray:
    """Return the best score of each message's windows."""
    score = np.full((texts, found.shape[1]), -np.inf, dtype=np.float32)
    begins = np.flatnonzero(np.diff(text, prepend=-1))
    score[text[begins]] = np.maximum.reduceat(found, begins, axis=0)
    return score


def learn(
    features: sparse.csr_matrix, text: np.ndarray, wanted: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    """Return weights of the features for each column of labels (logistic, accelerated descent)."""
    windows = np.bincount(text, minlength=len(wanted)).astype(np.float32)[text][:, None]
    breaks, counted = wanted[text], asked[text]
    share = np.where(breaks, _RARE / windows, 1 / np.sqrt(windows)) * counted
    back = features.T.tocsr()
    step = 4 / _steepest(features, share.mean(axis=1))
    now = np.zeros((features.shape[1], wanted.shape[1]), np.float32)
    ahead, pace = now, 1.0
    for at in range(_STEPS):
        found = features @ ahead
        if at and at % _CHOOSE == 0:
            top = found >= best_of(found, text, len(wanted))[text] - 1e-6
            share = np.where(breaks, _RARE * top, 1 / np.sqrt(windows)) * counted
        wrong = (1 / (1 + np.exp(-found)) - breaks) * share / share.sum(axis=0)
        slope = back @ wrong.astype(np.float32) + _KEEP_SMALL * ahead
        following, faster = ahead - step * slope, (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = (following + (pace - 1) / faster * (following - now)).astype(np.float32)
        now, pace = following.astype(np.float32), faster
    return now


def _steepest(features: sparse.csr_matrix, share: np.ndarray) -> float:
    """Return the largest curvature of the features (power iteration)."""
    share, way, size = share / share.sum(), np.ones(features.shape[1]), 1.0
    for _ in range(8):
        way = features.T @ (share * (features @ (way / size)))
        size = float(np.linalg.norm(way))
    return size


def join(rows: pd.DataFrame, own: np.ndarray, said: np.ndarray, may: np.ndarray) -> np.ndarray:
    """Return how much scores and phrases count for each rule; all are told alike surely."""
    wanted, asked = labels(rows)
    wanted[:, -1] = ~wanted[:, -1]
    table = rows_of(own, said, (rows["kind"] == "proactive").to_numpy())
    unseen = rows["part"].isin(_UNSEEN).to_numpy()
    found = np.zeros((table.shape[1], len(LEARNED)))
    sure = np.full(wanted.shape, -np.inf)
    stretch = rows["stretch"].to_numpy() // 3 % 2
    for rule in range(len(LEARNED)):
        here = unseen & asked[:, rule]
        for half in (0, 1):
            fitted = _joint().fit(
                table[here & (stretch == half)], wanted[here & (stretch == half), rule]
            )
            rest = here & (stretch != half)
            sure[rest, rule] = fitted.decision_function(table[rest])
        found[:, rule] = _joint().fit(table[here], wanted[here, rule]).coef_[0]
    sure[~may] = -np.inf
    print_figures(rows, sure, wanted)
    found[-1] -= threshold(sure[unseen], wanted[unseen])
    return found.astype(np.float32)


def _joint() -> LogisticRegression:
    return LogisticRegression(C=1.0, max_iter=5000, fit_intercept=False)


def threshold(sure: np.ndarray, wanted: np.ndarray) -> float:
    """Return from where on, over all rules, what is told is as precise as wanted."""
    order = np.argsort(-sure, axis=None)
    right = np.cumsum(wanted.ravel()[order]) / np.arange(1, sure.size + 1)
    last = int(np.flatnonzero(right >= _PRECISION)[-1])
    return float(sure.ravel()[order][last])


def print_figures(rows: pd.DataFrame, sure: np.ndarray, wanted: np.ndarray) -> None:
    """Print by part and rule what the folds tell above the threshold."""
    unseen = rows["part"].isin(_UNSEEN).to_numpy()
    least = threshold(sure[unseen], wanted[unseen])
    for part in _UNSEEN:
        here = (rows["part"] == part).to_numpy()
        said = sure[here] > least
        right = (said & wanted[here]).sum(axis=0)
        precision, recall = right / said.sum(axis=0), right / wanted[here].sum(axis=0)
        print(f"{part} (from {least:.2f}):", ", ".join(
            f"{rule} {p:.2f} {r:.2f}" for rule, p, r in zip(LEARNED, precision, recall, strict=True)
        ), f"all {right.sum() / said.sum():.3f} {right.sum() / wanted[here].sum():.3f}")  # fmt: skip


def write(found: np.ndarray, joins: np.ndarray) -> None:
    """Write the weights."""
    groups, rest = np.split(found, [len(LANGUAGES) * 2**BITS])
    tables = groups.reshape(len(LANGUAGES), 2**BITS, -1) * _GROUPS
    scales = np.abs(tables).max(axis=(1, 2)) / 127
    senses = len(load("senses.toml"))
    one, two = np.triu_indices(senses)
    pairs = np.zeros((len(LEARNED), senses, senses), np.float32)
    pairs[:, one, two] = _SENSES * rest[: len(one)].T
    whole, answered = _SENSES * rest[len(one) : -1].reshape(2, senses, -1)
    joins = joins.copy()
    # the score of every message alike
    joins[-1] += rest[-1] @ joins[: len(LEARNED)]
    np.savez_compressed(
        WEIGHTS, languages=np.array(LANGUAGES), scales=scales.astype(np.float32), pairs=pairs,
        whole=whole.astype(np.float32), heard=answered.astype(np.float32), joins=joins, **{
            f"table_{code}": np.round(table / scale).astype(np.int8)
            for code, table, scale in zip(LANGUAGES, tables, scales, strict=True)
        },
    )  # fmt: skip
    print(f"written: {WEIGHTS.name}, {WEIGHTS.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
