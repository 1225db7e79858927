"""How many of the mails that were owed were written."""

from __future__ import annotations

import pandas as pd

from sellerkit.measure.shares import status_counts, wilson
from sellerkit.tables import KINDS, PROBLEMS

_ROWS = [
    (kind, problem)
    for kind in KINDS
    for problem in ((None, *PROBLEMS) if kind == "order_problem" else (None,))
]


def coverage(obligations: pd.DataFrame) -> pd.DataFrame:
    """Share of duties to write that were met in time, one row per kind and per order problem.

    Parameters
    ----------
    obligations : pd.DataFrame
        The finding of that name, of a window, any order; read are `kind`, `problem`, `status`.

    Returns
    -------
    pd.DataFrame
        `kind`, `problem` (null on the kind's own row), `met`, `late`, `missed`, `open`, `waived`,
        `not_applicable` (``int64``), `coverage`, `written_share`, `low`, `high` (Wilson 95 % of
        coverage; ``float64``, ``NaN`` where undefined). Always seven rows: each kind, and the
        three problems below their kind.

    Notes
    -----
    coverage = met / (met + late + missed); written_share = (met + late) / the same. The six
    counts of a kind add up to its obligations.

    Source
    ------
    The kit's own rules, "Obligations": coverage.
    """
    status = obligations["status"]
    # Kinds and problems share no word, so one index can hold both.
    counts = pd.concat([status_counts(status, obligations[name]) for name in ("kind", "problem")])
    names = [problem or kind for kind, problem in _ROWS]
    rows = counts.reindex(names, fill_value=0).reset_index(drop=True)
    closed = rows["met"] + rows["late"] + rows["missed"]
    rows["coverage"] = rows["met"] / closed
    rows["written_share"] = (rows["met"] + rows["late"]) / closed
    rows["low"], rows["high"] = wilson(rows["met"], closed)
    labels = pd.DataFrame(_ROWS, columns=["kind", "problem"], dtype="str")
    return pd.concat([labels, rows], axis=1)
