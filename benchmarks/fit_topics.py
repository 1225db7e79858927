"""Learn the weights of wordings from labelled messages: writes sellerkit/text/weights.npz.

Run by hand where messages were added: ``uv run --with scikit-learn python -m
benchmarks.fit_topics``. The same files give the same weights.

The weights of groups of letters and words (`sellerkit.text.ngrams`) are learned from the parts
``tune`` and ``fresh``; how much they and each rule of the phrases count from ``fresh`` alone, since
the phrases were written while looking at ``tune``. Each message of ``fresh`` is scored by weights
that were learned without it. ``held`` is not read.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from benchmarks.topics import LABELLED, messages_of
from sellerkit.text import language
from sellerkit.text.ngrams import BITS, TOPICS, groups_of
from sellerkit.text.topics import by_phrases
from sellerkit.text.words import folded

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja")
WEIGHTS = LABELLED.parents[1] / "sellerkit" / "text" / "weights.npz"

_FOLDS = 10
_PARTS = {"tune": ("tune",), "fresh": ("fresh", "fresh2", "fresh3", "fresh4", "fresh5", "fresh6")}


def main() -> None:
    """Learn, print what the folds say, and write the weights."""
    tables, scales, learned = [], [], []
    for code in LANGUAGES:
        tune, fresh = labelled(code, "tune"), labelled(code, "fresh")
        learned.append(out_of_fold(tune, fresh))
        table = model().fit(stacked(tune, fresh), topics([*tune, *fresh])).coef_.T
        scales.append(float(np.abs(table).max() / 127))
        tables.append(np.round(table / scales[-1]).astype(np.int8))
    rules = sorted({rule for part in learned for rule in part["rule"]})
    joins = join(pd.concat(learned, ignore_index=True), rules)
    np.savez_compressed(
        WEIGHTS, languages=np.array(LANGUAGES), scales=np.array(scales), rules=np.array(rules),
        joins=joins, **{f"table_{c}": t for c, t in zip(LANGUAGES, tables, strict=True)},
    )  # fmt: skip
    print(f"written: {WEIGHTS.name}, {WEIGHTS.stat().st_size / 1024:.0f} KiB")


def labelled(code: str, part: str) -> list[dict[str, Any]]:
    """Return the messages of a part that the buyer's words tell."""
    files = [LABELLED / f"{code}.{name}.jsonl" for name in _PARTS[part]]
    lines = [
        line for file in files if file.exists() for line in file.read_text("utf-8").splitlines()
    ]
    rows = [json.loads(line) | {"written_in": code} for line in lines]
    return [row for row in rows if row["told_by"] == "words"]


def model() -> LinearSVC:
    """Return the model of wordings; topics that are rare count as much as frequent ones."""
    return LinearSVC(C=1.0, class_weight="balanced", fit_intercept=False, random_state=0)


def topics(rows: list[dict[str, Any]]) -> np.ndarray:
    """Return each message's topic as a number."""
    return np.array([TOPICS.index(row["topic"]) for row in rows])


def stacked(*parts: list[dict[str, Any]]) -> sparse.csr_matrix:
    """Return messages as rows of groups, each worth one over the root of their number."""
    rows = [row for part in parts for row in part]
    groups = groups_of(folded(pd.Series([row["body"] for row in rows], dtype="str")))
    found = sparse.csr_matrix(
        (np.ones(len(groups.place)), (groups.message, groups.place)), shape=(len(rows), 2**BITS)
    )
    counts = np.maximum(np.asarray(found.sum(axis=1)).ravel(), 1)
    return (sparse.diags(1 / np.sqrt(counts)) @ found).tocsr()


def out_of_fold(tune: list[dict[str, Any]], fresh: list[dict[str, Any]]) -> pd.DataFrame:
    """Return for each fresh message the scores by others' weights, and what the phrases say."""
    known, new, wanted = stacked(tune), stacked(fresh), topics(fresh)
    found = np.zeros((len(fresh), len(TOPICS)))
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=1).split(new, wanted):
        fitted = model().fit(
            sparse.vstack([known, new[train]]), np.concatenate([topics(tune), wanted[train]])
        )
        found[test] = fitted.decision_function(new[test])
    said = by_phrases(read(fresh))
    right = (said["topic"].to_numpy() == np.array(TOPICS)[wanted]).mean()
    print(f"{fresh[0]['written_in']}: {len(tune)} + {len(fresh)} messages; "
          f"phrases {right:.3f}, wording {(found.argmax(axis=1) == wanted).mean():.3f}")  # fmt: skip
    frame = pd.DataFrame(found, columns=list(TOPICS))
    return frame.assign(rule=said["topic_rule"].to_numpy(), wanted=wanted,
                        has_order=[row["has_order"] for row in fresh],
                        code=fresh[0]["written_in"])  # fmt: skip


def read(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return messages as a mailbox's reader records them, with their language."""
    messages = messages_of(rows)
    names = ("sender", "subject", "body", "order_id", "topic", "topic_rule")
    words = {name: messages.get(name, pd.Series(None, messages.index)) for name in names}
    frame = pd.DataFrame(words).astype("str")
    return frame.assign(language=language(frame["subject"], frame["body"]))


def join(learned: pd.DataFrame, rules: list[str]) -> np.ndarray:
    """Return how much each score, each rule and an order count for each topic."""
    rows = np.hstack([
        learned[list(TOPICS)], learned["rule"].to_numpy()[:, None] == np.array(rules),
        learned[["has_order"]],
    ]).astype(float)  # fmt: skip
    wanted = learned["wanted"].to_numpy()
    told = np.zeros(len(rows), dtype=int)
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=2).split(rows, wanted):
        told[test] = joint().fit(rows[train], wanted[train]).predict(rows[test])
    right = pd.Series(told == wanted).groupby(learned["code"].to_numpy(), sort=False).mean()
    print("both weighed:", ", ".join(f"{code} {share:.3f}" for code, share in right.items()))
    fitted = joint().fit(rows, wanted)
    return np.vstack([fitted.coef_.T, fitted.intercept_]).astype(np.float32)


def joint() -> LogisticRegression:
    """Return the model that weighs the two."""
    return LogisticRegression(C=1.0, max_iter=5000)


if __name__ == "__main__":
    main()
