"""Amazon's own figures beside what the histories give for the same store and period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.measure.order_performance import METRICS, share_of

#: Amazon's response figures (V1), and the word for the contacts each is the share of.
RESPONSE = {
    "responseUnder24Hours": "met",
    "responseTimeGreaterThan24Hours": "late",
    "noResponseForContactsOlderThan24Hours": "missed",
}
_AVERAGE = "averageResponseTimeInHours"

#: A mail may reach a mailbox later than Amazon took it down: so near to the limit it could turn.
NEAR = pd.Timedelta(minutes=30)

#: Two figures that print alike to a tenth of a percent are the same.
_ALIKE = 0.0005

_KEY = ["account", "marketplace", "period_start", "period_end", "metric"]


def beside_amazon(
    performance: pd.DataFrame,
    contacts: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    with_autoreplies: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Each figure that Amazon reported and the histories can give, side by side.

    Parameters
    ----------
    performance : pd.DataFrame
        The history of that name.
    contacts : pd.DataFrame
        All contacts up to `as_of`, counted and not, waived and not.
    orders : pd.DataFrame
        As `performance_orders` returns them.
    with_autoreplies : pd.DataFrame, optional
        All contacts of an audit in which an automated reply is an answer
        (`crt.autoreply_counts` true), to see whether that explains a difference.

    Returns
    -------
    pd.DataFrame
        One row per such figure: `account`, `marketplace`, `period_start`, `period_end`, `metric`;
        `amazon`, `amazon_numerator`, `amazon_denominator`; `ours`, `numerator`, `denominator`,
        `least`, `most` (what is unknown on either side); `difference` (ours less Amazon's);
        `as_messages`, `as_autoreplies` (ours, read so); `near_limit` (contacts within half an hour
        of the limit), `missing` (how many more Amazon counts), all ``float64``; `explained_by`
        (``str``: what brings the two together, null where they are alike or nothing does).

    Notes
    -----
    Contacts are judged as they stood at the period's end, as Amazon saw them: one answered after
    that had no response yet, one younger than its limit is left out. Amazon's limit is 24 hours;
    here it is the rule's of the day. Of contacts without a store, none is compared.
    """
    known = performance[performance["metric"].isin([*RESPONSE, _AVERAGE, *METRICS])]
    rows = [
        {**{name: row[name] for name in _KEY}, **_amazon(row),
         **_ours(row, contacts, orders, with_autoreplies)}
        for row in known.to_dict("records")
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[*_KEY, *_FIGURES, "explained_by"]).astype(
        {**{name: known[name].dtype for name in _KEY}, **_FIGURES}
    )
    frame["difference"] = frame["ours"] - frame["amazon"]
    frame["missing"] = frame["amazon_denominator"] - frame["denominator"]
    frame["explained_by"] = pd.Series([_explained(row) for row in frame.to_dict("records")],
                                      index=frame.index, dtype="str")  # fmt: skip
    return frame


_FIGURES = dict.fromkeys(
    ["amazon", "amazon_numerator", "amazon_denominator", "ours", "numerator", "denominator",
     "least", "most", "difference", "as_messages", "as_autoreplies", "near_limit", "missing"],
    "float64",
)  # fmt: skip


def _amazon(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "amazon": row["value"],
        "amazon_numerator": row["numerator"],
        "amazon_denominator": row["denominator"],
    }


def _ours(
    row: Mapping[str, Any],
    contacts: pd.DataFrame,
    orders: pd.DataFrame,
    with_autoreplies: pd.DataFrame | None,
) -> dict[str, Any]:
    if row["metric"] in METRICS:
        inside = orders[(orders["metric"] == row["metric"]) & _of(orders, "at", row)]
        own = share_of(inside["counts"], good=METRICS[row["metric"]].good)
        return {"ours": own["value"]} | {name: own[name] for name in _SHARE}
    seen = as_seen(contacts, row)
    own = _response(seen[seen["counted"]], row["metric"])
    messages = _response(seen, row["metric"])["ours"]
    automated = None
    if with_autoreplies is not None:
        other = as_seen(with_autoreplies, row)
        automated = _response(other[other["counted"]], row["metric"])["ours"]
    return own | {"as_messages": messages, "as_autoreplies": automated}


_SHARE = ["numerator", "denominator", "least", "most"]


def _of(frame: pd.DataFrame, column: str, row: Mapping[str, Any]) -> pd.Series:
    """Tell which rows are of the account and store and lie in the period."""
    own = (frame["account"] == row["account"]) & (frame["marketplace"] == row["marketplace"])
    return own & (frame[column] >= row["period_start"]) & (frame[column] < row["period_end"])


def as_seen(contacts: pd.DataFrame, period: Mapping[str, Any]) -> pd.DataFrame:
    """Contacts of one store and period, judged as they stood at its end: the ones concerned.

    Parameters
    ----------
    contacts : pd.DataFrame
        All contacts up to `as_of`.
    period : mapping
        `account`, `marketplace`, `period_start`, `period_end`, as a row of `beside_amazon` has.

    Returns
    -------
    pd.DataFrame
        The same columns, with `status` as it was then: `met`, `late`, `missed`, `open`. Waived
        ones are left out.
    """
    own = contacts[_of(contacts, "sent_at", period) & (contacts["status"] != "waived")]
    end = period["period_end"]
    answered = (own["answered_at"] <= end).to_numpy(bool)
    in_time = (own["answered_at"] <= own["due_at"]).to_numpy(bool)
    past = (own["due_at"] < end).to_numpy(bool)
    written = np.where(in_time, "met", "late")
    status = np.where(answered, written, np.where(past, "missed", "open"))
    hours = own["response_hours"].where(answered)
    return own.assign(status=pd.Series(status, index=own.index, dtype="str"), response_hours=hours)


def _response(seen: pd.DataFrame, metric: str) -> dict[str, Any]:
    closed = seen[seen["status"] != "open"]
    if metric == _AVERAGE:
        answered = seen["response_hours"].dropna()
        n = len(answered)
        return {"ours": answered.mean() if n else None, "denominator": n, "near_limit": None}
    hits, n = int((closed["status"] == RESPONSE[metric]).sum()), len(closed)
    gap = (seen["answered_at"] - seen["due_at"]).abs()
    share = hits / n if n else None
    return {"ours": share, "numerator": hits, "denominator": n, "least": share, "most": share,
            "near_limit": int((gap <= NEAR).sum())}  # fmt: skip


def _explained(row: Mapping[str, Any]) -> str | None:
    """Say what brings the two figures together: one reading each, the likeliest first."""
    alike = _ALIKE if row["metric"] != _AVERAGE else 0.05
    if pd.isna(row["difference"]) or abs(row["difference"]) <= alike:
        return None
    if abs(row["as_messages"] - row["amazon"]) <= alike:
        return "contact unit"
    if abs(row["as_autoreplies"] - row["amazon"]) <= alike:
        return "automated replies"
    if row["least"] - alike <= row["amazon"] <= row["most"] + alike:
        return "unknown orders" if row["least"] < row["most"] else None
    off = abs(row["difference"]) * row["denominator"]
    if row["near_limit"] and off <= row["near_limit"] + 0.5:
        return "mail delay"
    return "missing mail" if row["missing"] > 0 else None
