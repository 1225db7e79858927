"""A hole in the mail: the columns in which one is told, whoever finds it."""

from __future__ import annotations

import pandas as pd

from sellerkit.tables import TS_DTYPE

#: An account whose mail is whole has a week or days named with this chance.
FALSE_ALARM = 0.002

#: ``kind``: `week` (some of its mails are missing), `silence` (days with orders and no message),
#: `mails` (single ones that replies name). ``reach_…``: between when a missing mail may have been.
#: ``expected``: messages at the pace of the other weeks. ``answered``, ``answered_missing``: mails
#: of the hole that replies on file answer, and how many of them are not on file. ``chance``: of
#: such evidence where nothing is missing. ``inquiries_missing``, ``…_high``: buyers' messages
#: estimated to be missing, and at most. ``bounces_missing_high``: at most so many mails missing
#: that would say that an answer did not arrive.
HOLES = {
    "account": "str", "kind": "str", "since": TS_DTYPE, "until": TS_DTYPE,
    "reach_since": TS_DTYPE, "reach_until": TS_DTYPE, "messages": "int64",
    "expected": "float64", "answered": "int64", "answered_missing": "int64", "chance": "float64",
    "inquiries_missing": "int64", "inquiries_missing_high": "int64",
    "bounces_missing_high": "int64",
}  # fmt: skip

_SORTS = {"int64": 0, "str": "", "float64": float("nan")}


def no_holes() -> pd.DataFrame:
    """Return a frame of no holes."""
    return pd.DataFrame(columns=list(HOLES)).astype(HOLES)


def as_holes(found: pd.DataFrame) -> pd.DataFrame:
    """Return holes with all columns: a count that was not given is 0, a chance unknown."""
    rest = {n: _SORTS[kind] for n, kind in HOLES.items() if n not in found and kind in _SORTS}
    return found.assign(**rest)[list(HOLES)].astype(HOLES)
