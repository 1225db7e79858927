"""What another set of rules makes of the same duties."""

from __future__ import annotations

import pandas as pd


def moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Duties counted by kind and by their status under two sets of rules.

    Parameters
    ----------
    before, after : pd.DataFrame
        Obligations of the same histories and window: `obligation_id`, `account`, `kind`,
        `status`, any order.

    Returns
    -------
    pd.DataFrame
        `kind`, `before`, `after` (``str``; ``none`` where the rules make no such duty) and
        `duties` (``int64``): only those whose status differs, sorted by kind and status. Empty
        where nothing moved.
    """
    keys = ["account", "kind", "obligation_id"]
    both = before[[*keys, "status"]].merge(
        after[[*keys, "status"]], on=keys, how="outer", suffixes=("_before", "_after")
    )
    both = both.rename(columns={"status_before": "before", "status_after": "after"})
    both[["before", "after"]] = both[["before", "after"]].fillna("none")
    differ = both[both["before"] != both["after"]]
    counts = differ.groupby(["kind", "before", "after"], observed=True).size()
    return counts.rename("duties").reset_index()
