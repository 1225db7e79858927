"""Holes in the mail: weeks of which some is missing, days without any, and single mails."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.measure.hole import HOLES, as_holes, no_holes
from sellerkit.measure.quiet import silent_days
from sellerkit.measure.weeks import named_weeks

#: So near to a mail that is missing for sure others may be missing too: half a week to each side,
#: and as long again for not knowing when it was sent.
_NEAR = pd.Timedelta(days=4)


def find_holes(
    messages: pd.DataFrame,
    orders: pd.DataFrame,
    contacts: pd.DataFrame,
    answered: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """List weeks and days of each account in which mail is missing, one row per hole.

    Parameters
    ----------
    messages, orders : pd.DataFrame
        The histories as they were at `as_of`, any order.
    contacts : pd.DataFrame
        All contacts up to `as_of`.
    answered : pd.DataFrame
        As `replies.answered_mails` returns it.
    as_of : pd.Timestamp
        UTC.

    Returns
    -------
    pd.DataFrame
        `HOLES`, by account and `since`.

    Notes
    -----
    Weeks begin on Monday, 00:00 UTC. A week is named where three things together are too unlikely
    in a whole mailbox: replies to mails that are not on file, fewer messages than the orders of
    these weeks let expect, and, only where a mail is missing for sure, inquiries without any
    answer. Nobody is said to have lost mail because he did not answer. A mail that a reply names
    and that is not on file is missing in any case, and others near it may be.
    """
    found = []
    for account in sorted(messages["account"].unique()):
        own = [f[f["account"] == account] for f in (messages, orders, contacts, answered)]
        named = [named_weeks(*own, as_of=as_of), silent_days(own[0], own[1], as_of=as_of)]
        found += [*named, lone_mails(own[3], pd.concat(named))]
    holes = pd.concat([no_holes(), *found], ignore_index=True)
    sent = messages[messages["sender"] == "seller"]
    bounced = sent["undelivered"].groupby(sent["account"]).mean().reindex(holes["account"])
    bounced = bounced.fillna(0.0).to_numpy("float64")
    holes["bounces_missing_high"] = np.ceil(bounced * holes["inquiries_missing_high"])
    return holes.astype(HOLES).sort_values(["account", "since", "kind"], ignore_index=True)


def lone_mails(answered: pd.DataFrame, holes: pd.DataFrame) -> pd.DataFrame:
    """List mails of one account that replies name and that no hole explains, one row per cluster.

    Parameters
    ----------
    answered : pd.DataFrame
        As `replies.answered_mails` returns it, of one account.
    holes : pd.DataFrame
        Weeks and silences of that account.

    Returns
    -------
    pd.DataFrame
        `hole.HOLES`, of kind `mails`; those at most eight days apart are one row.
    """
    at = answered.loc[answered["proven"], "at"].sort_values()
    for hole in holes.to_dict("records"):
        at = at[(at < hole["since"]) | (at >= hole["until"])]
    if at.empty:
        return no_holes()
    cluster = (at.diff() > 2 * _NEAR).cumsum()
    found = at.groupby(cluster).agg(["min", "max", "size"]).reset_index(drop=True)
    return as_holes(
        pd.DataFrame(
            {
                "account": answered["account"].iloc[0],
                "kind": "mails",
                "since": found["min"].dt.floor("D"),
                "until": found["max"].dt.floor("D") + pd.Timedelta(days=1),
                "reach_since": found["min"] - _NEAR,
                "reach_until": found["max"] + _NEAR,
                "answered": found["size"],
                "answered_missing": found["size"],
                "inquiries_missing": found["size"],
                "inquiries_missing_high": found["size"],
            }
        )
    )
