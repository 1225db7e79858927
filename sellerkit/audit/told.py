"""What purged messages had said: the words are gone, and what the audit asks of them was kept.

The columns ``told_…`` beside a message (`sellerkit.tables.TOLD`) stand in for its words. They are
there only where a lake was purged, and null for a message that has its words still.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.audit.pairing import pick
from sellerkit.text import content_ok
from sellerkit.text.content import EXPECTED
from sellerkit.text.lint import lint_with_requests, rules

_MARKS = {True: "y", False: "n"}
_UNKNOWN = "?"

#: What stands in for a message's words, where they are gone.
TOLD = ("told_content", "told_places", "told_request")

#: As what a message was read: whether one is asked for the audit says, and a later mail may change.
_READ_AS = {"unasked": True, "asked": False}


def tell(sent: pd.DataFrame) -> pd.DataFrame:
    """Read messages of the seller once more, for when their words are gone.

    Parameters
    ----------
    sent : pd.DataFrame
        `subject`, `body`, `language`, `marketplace` of `tables.MESSAGES`; index from 0.

    Returns
    -------
    pd.DataFrame
        ``content``, ``places``, ``request`` of `tables.TOLD`, index of `sent`.
    """
    letters = pd.Series("", index=sent.index, dtype="str")
    for kind in EXPECTED:
        expected = pd.Series(kind, index=sent.index, dtype="str")
        ok = content_ok(expected, sent["body"], sent["language"])
        letters += ok.map(_MARKS, na_action="ignore").astype("str").fillna(_UNKNOWN)
    texts = sent[["subject", "body", "language", "marketplace"]]
    places: dict[int, dict[str, list[list[Any]]]] = {}
    for read_as, proactive in _READ_AS.items():
        told, asked = lint_with_requests(texts.assign(proactive=proactive))
        for each in told.itertuples():
            in_subject = each.start < 0 and each.excerpt != ""
            kinds = places.setdefault(int(each.row), {name: [] for name in _READ_AS})
            kinds[read_as].append([each.rule, int(each.start), int(each.end), bool(in_subject)])
    # whether it asks for a review does not hang on who began
    requests = {int(r.row): json.dumps([int(r.start), int(r.end)]) for r in asked.itertuples()}
    kept = {row: json.dumps(found) for row, found in places.items()}
    return pd.DataFrame(
        {
            "content": letters,
            "places": pd.Series(kept, dtype="str").reindex(sent.index),
            "request": pd.Series(requests, dtype="str").reindex(sent.index),
        }
    )


def linted(texts: pd.DataFrame, sent: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what `lint_with_requests` returns, of purged messages what it had returned.

    Parameters
    ----------
    texts : pd.DataFrame
        As `lint_with_requests` takes them.
    sent : pd.DataFrame
        The messages, aligned.
    """
    if "told_content" not in sent:
        return lint_with_requests(texts)
    gone = sent["told_content"].notna().to_numpy(bool)
    live = np.flatnonzero(~gone)
    told, asked = lint_with_requests(texts.iloc[live])
    told, asked = (f.assign(row=live[f["row"].to_numpy("int64")]) for f in (told, asked))
    places = _places(sent, texts["proactive"].to_numpy(bool))
    requests = _requests(sent)
    both = pd.concat([f for f in (told, places) if len(f)] or [told], ignore_index=True)
    # the order in which all would have been found
    both = both.sort_values("row", kind="stable", ignore_index=True)
    asked = pd.concat([f for f in (asked, requests) if len(f)] or [asked], ignore_index=True)
    return both, asked.sort_values("row", kind="stable", ignore_index=True)


def _places(sent: pd.DataFrame, proactive: np.ndarray) -> pd.DataFrame:
    known, kept = rules(), sent["told_places"]
    rows = []
    for row in np.flatnonzero(kept.notna().to_numpy(bool)):
        read_as = "unasked" if proactive[row] else "asked"
        for name, start, end, in_subject in json.loads(kept.iloc[row])[read_as]:
            if name in known:
                rule = known[name]
                why = rule.sentence(", in the subject" if in_subject else "")
                rows.append((int(row), name, rule.severity, "", start, end, why))
    return pd.DataFrame(rows, columns=["row", "rule", "severity", "excerpt", "start", "end", "why"])


def _requests(sent: pd.DataFrame) -> pd.DataFrame:
    kept = sent["told_request"]
    rows = np.flatnonzero(kept.notna().to_numpy(bool))
    found = [(int(row), "", *json.loads(kept.iloc[row])) for row in rows]
    return pd.DataFrame(found, columns=["row", "excerpt", "start", "end"])


def told_content(
    messages: pd.DataFrame, rows: np.ndarray, expected: pd.Series, found: pd.Series
) -> pd.Series:
    """Return whether each message says what it must, of purged ones as it was told.

    Parameters
    ----------
    messages : pd.DataFrame
    rows : np.ndarray
        The message of each, or `NONE`.
    expected, found : pd.Series
        What is expected of each, and what its words say now.
    """
    if "told_content" not in messages:
        return found
    kept = pick(messages["told_content"], rows)
    answers = {"y": True, "n": False, _UNKNOWN: pd.NA}
    result = found.copy()
    for place, kind in enumerate(EXPECTED):
        these = ((expected == kind).fillna(False) & kept.notna()).to_numpy(bool)
        said = kept[these].str[place].map(answers).astype("boolean")
        result.iloc[np.flatnonzero(these)] = said
    return result


def told_call(messages: pd.DataFrame, asks: pd.Series) -> pd.Series:
    """Return whether each buyer's message asks for a call, of purged ones as it was told."""
    if "told_asks_call" not in messages:
        return asks
    kept = messages["told_asks_call"]
    return asks.mask(kept.notna(), kept).astype(bool)
