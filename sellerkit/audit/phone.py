"""The telephone by two views that disagree: Amazon's rule of the day, and what fits the case.

Amazon permits calls about a delivery only, since May 2019. The seed, the article from which this
kit set out, finds a call fit for complex cases and on request, and never in the place of a mail
that is owed. Neither view is left out: they stand side by side.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.calls import COMPLEX, DELIVERY, changes_before, turns_in
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import NONE, Timeline, codes_of, micro, micros_of, pick
from sellerkit.audit.run import Audit
from sellerkit.audit.told import told_call
from sellerkit.audit.words import say
from sellerkit.policy import Limit
from sellerkit.text import asks_for_call

_RULE = "phone.delivery_only"

_AMAZON = {
    "delivery": "Amazon permits calls about a delivery, and only those, since {day}.",
    "other": "Amazon permits calls about a delivery only, since {day}; all else goes by message.",
    "free": "No dated rule of Amazon's limited calls at the time.",
}

_SEED = {
    "owed": "A mail was owed ({owed}), and a call never replaces it.",
    "asked": "The buyer asked for it.",
    "rang": "The buyer rang himself.",
    "complex": "The two had taken turns {changes} times: a call may settle what mails do not.",
    "plain": "Nobody asked for it, and the case was not complex: a mail does.",
}


def call_views(found: Audit) -> pd.DataFrame:
    """Judge every call of the window by Amazon's rule of its day and by the seed's advice.

    Parameters
    ----------
    found : Audit
        As from `sellerkit.audit.audit`.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.CALL_VIEWS`, in the order of ``findings["calls_review"]``, and its
        `verdict`. `amazon_view`: ``permitted`` or ``not_permitted``, by `rule` and the call's
        purpose alone. `seed_view`: ``fit`` where no mail was owed and the buyer asked (or rang
        himself), or buyer and seller had taken turns 4 times or more; else ``not_fit``.
        `disagree`: one view allows the call and the other does not.

    Source
    ------
    policy.md of the design, 6; docs/readings.md.
    """
    evidence, review = found.evidence, found.findings["calls_review"]
    calls = evidence.histories["calls"]
    of_calls, of_review = codes_of(
        [calls["account"], calls["call_id"]], [review["account"], review["call_id"]]
    )
    rows = pd.Index(of_calls).get_indexer(pd.Index(of_review))
    calls, codes = calls.iloc[rows].reset_index(drop=True), evidence.on_order["calls"][rows]
    limit = evidence.policy.limit(_RULE, calls["started_at"], evidence.marketplaces(codes))
    amazon = _by_amazon(calls, limit)
    changes = changes_before(evidence, codes, micros_of(calls["started_at"]))
    seed = _by_seed(calls, review, changes)
    permitted, fit = amazon != "other", np.isin(seed, ["asked", "rang", "complex"])
    columns = {
        "day": _day(limit),
        "owed": review["owed_kinds"].map(lambda kinds: ", ".join(kinds)).astype("str"),
        "changes": pd.Series(changes).astype("str"),
    }
    both = review.assign(
        amazon_view=np.where(permitted, "permitted", "not_permitted"),
        amazon_why=_told(_AMAZON, amazon, columns),
        seed_view=np.where(fit, "fit", "not_fit"),
        seed_why=_told(_SEED, seed, columns),
        disagree=permitted != fit,
        rule=limit.rule.to_numpy(object),
    )
    return tables.conform(both, tables.CALL_VIEWS)


def _by_amazon(calls: pd.DataFrame, limit: Limit) -> np.ndarray:
    purpose = calls["purpose"].str.strip().str.casefold()
    about_it = purpose.isin(DELIVERY).to_numpy(bool)
    limited = limit.value.to_numpy(bool)
    return np.select([limited & about_it, limited], ["delivery", "other"], "free")


def _by_seed(calls: pd.DataFrame, review: pd.DataFrame, changes: np.ndarray) -> np.ndarray:
    return np.select(
        [
            (review["owed_kinds"].map(len) > 0).to_numpy(bool),
            calls["buyer_requested"].to_numpy(bool),
            (calls["direction"] == "inbound").to_numpy(bool),
            changes >= COMPLEX,
        ],
        ["owed", "asked", "rang", "complex"],
        "plain",
    )


def _day(limit: Limit) -> pd.Series:
    """Return the day from which each row of the policy holds: its name ends in it."""
    return limit.rule.str.rsplit("@", n=1).str[-1].reset_index(drop=True)


def _told(
    sentences: dict[str, str], which: np.ndarray, columns: dict[str, pd.Series]
) -> np.ndarray:
    texts = np.full(len(which), "", dtype=object)
    for name, sentence in sentences.items():
        rows = np.flatnonzero(which == name)
        texts[rows] = say(sentence, columns, rows)
    return texts


_REASONS = {
    "asked": "The buyer asked for a call on {at}",
    "complex": "The two had taken turns {changes} times by {at}",
}

_MISSING = {
    "limited": ", and no call is on file. Amazon permits calls about a delivery only, since {day}:"
    " the safe way is to write{written}.",
    "free": ", and no call is on file; no dated rule of Amazon's stood against one{written}.",
}


def calls_missing(found: Audit) -> pd.DataFrame:
    """List where a call would have been fit by the seed's view and none was made.

    Parameters
    ----------
    found : Audit
        As from `sellerkit.audit.audit`.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.CALLS_MISSING`, by `fit_at`: one row for each order, or thread that names
        none, of which the instant `fit_at` lies in the window. `reasons`: ``asked`` (the buyer asks
        for a call in so many words, and none is on file at or after that), ``complex`` (buyer and
        seller took turns 4 times, and no call on the order is on file at all). `message_id`: the
        message by which it became so, at `fit_at`. `changes`: turns taken up to then.
        `written_at`: the seller's first answer from then on. `amazon_view`: ``permitted``, or
        ``delivery_only`` where by `rule` no other call was.

    Notes
    -----
    A call that names no order is matched with nothing. Texts are read of the window only.

    Source
    ------
    policy.md of the design, 6; docs/readings.md.
    """
    evidence = found.evidence
    groups = _groups(evidence)
    inside = (evidence.sent >= micro(found.since)) & (evidence.sent < micro(found.until))
    _, turns = turns_in(evidence, groups)
    why = {
        "asked": _asked(evidence, groups, inside),
        "complex": _grown_complex(evidence, groups, turns, inside),
    }
    first = pd.DataFrame(
        {"row": np.concatenate(list(why.values())),
         "reason": np.repeat(list(why), [len(rows) for rows in why.values()])}
    )  # fmt: skip
    first["group"] = groups[first["row"]]
    first = first.sort_values("row", kind="stable")  # messages stand in order of time
    chosen = first.drop_duplicates("group")
    for_both = [np.isin(chosen["group"], groups[rows]) for rows in why.values()]
    chosen = chosen.assign(reasons=_lists(list(why), *for_both))
    return _missing(evidence, chosen, groups, turns)


def _lists(names: list[str], *holds: np.ndarray) -> np.ndarray:
    """Return for each row the list of the names that hold."""
    bits = np.stack(holds, axis=1) @ (1 << np.arange(len(names)))
    words = [
        [name for place, name in enumerate(names) if mask >> place & 1]
        for mask in range(1 << len(names))
    ]
    return pd.Series(words, dtype="object").reindex(bits).to_numpy(object)


def _groups(evidence: Evidence) -> np.ndarray:
    """Return for each message the code of its order, or where it names none of its thread."""
    orders = evidence.on_order["messages"]
    return np.where(orders != NONE, orders, evidence.order_count + evidence.threads)


def _asked(evidence: Evidence, groups: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return the rows of messages in which a buyer asks for a call that did not come."""
    rows = np.flatnonzero(inside & evidence.is_buyer)
    said = evidence.messages.iloc[rows]
    asked = asks_for_call(said["subject"], said["body"], said["language"])
    rows = rows[told_call(said, asked).to_numpy(bool)]
    called = Timeline(
        evidence.on_order["calls"], micros_of(evidence.histories["calls"]["started_at"])
    )
    return rows[called.first(groups[rows], evidence.sent[rows]) == NONE]


def _grown_complex(
    evidence: Evidence, groups: np.ndarray, turns: np.ndarray, inside: np.ndarray
) -> np.ndarray:
    """Return the rows of messages by which an exchange became complex, where nobody ever called."""
    rows = np.flatnonzero(turns == COMPLEX)
    rows = rows[np.unique(groups[rows], return_index=True)[1]]
    return rows[inside[rows] & ~np.isin(groups[rows], evidence.on_order["calls"])]


def _missing(
    evidence: Evidence, chosen: pd.DataFrame, groups: np.ndarray, turns: np.ndarray
) -> pd.DataFrame:
    rows = chosen["row"].to_numpy("int64")
    said = evidence.messages.iloc[rows].reset_index(drop=True)
    limit = evidence.policy.limit(_RULE, said["sent_at"], said["marketplace"])
    answers = Timeline(np.where(evidence.is_answer, groups, NONE), evidence.sent)
    answer = answers.first(groups[rows], evidence.sent[rows])
    written = pick(evidence.messages["sent_at"], answer)
    limited = limit.value.to_numpy(bool)
    columns = {
        "at": said["sent_at"],
        "day": _day(limit),
        "changes": pd.Series(turns[rows]).astype("str"),
        "written": _written(written),
    }
    ending = np.where(limited, "limited", "free")
    why = _told(_REASONS, chosen["reason"].to_numpy(object), columns)
    why += _told(_MISSING, ending, columns)
    found = said.assign(
        fit_at=said["sent_at"],
        reasons=chosen["reasons"].to_numpy(object),
        changes=turns[rows],
        written_at=written,
        amazon_view=np.where(limited, "delivery_only", "permitted"),
        why=why,
        rule=limit.rule,
    )
    return tables.conform(found, tables.CALLS_MISSING)


def _written(written: pd.Series) -> pd.Series:
    """Return how a sentence goes on: the seller wrote, or nothing is written yet."""
    told = pd.Series(", and nothing is written yet", index=written.index, dtype="object")
    rows = np.flatnonzero(written.notna())
    told.iloc[rows] = say(", and the seller wrote on {at}", {"at": written}, rows)
    return told.astype("str")
