"""Silence: buyers' messages and return requests that stood without an answer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import NAT, codes_of, micros_from, micros_of, pairs_of

_NEVER = np.iinfo("int64").max


class Silence:
    """All that a buyer said and when it was answered, to be asked "was there silence then?".

    Source
    ------
    rules.md, A-to-z readiness (no_silence) and Exposure (auto_lost): what is older than
    `claim.silence_hours` and was without an answer.
    """

    def __init__(
        self, evidence: Evidence, contacts: pd.DataFrame, obligations: pd.DataFrame
    ) -> None:
        self.evidence = evidence
        asked = contacts[(contacts["status"] != "waived").to_numpy(bool)]
        # a request that came as a mail is among the contacts; the others are rows of returns
        requests = obligations[
            (obligations["kind"] == "return").to_numpy(bool)
            & obligations["thread_id"].isna().to_numpy(bool)
            & ~obligations["status"].isin(["waived", "not_applicable"]).to_numpy(bool)
        ]
        kept = [(asked, "sent_at", "answered_at"), (requests, "trigger_at", "satisfied_at")]
        self._said = [[frame["account"], frame["order_id"]] for frame, _, _ in kept]
        self._asked_at = np.concatenate([micros_of(frame[begun]) for frame, begun, _ in kept])
        answered = np.concatenate([micros_of(frame[ended]) for frame, _, ended in kept])
        self._answered_at = np.where(answered == NAT, _NEVER, answered)

    def on(
        self, accounts: pd.Series, orders: pd.Series, at: pd.Series, marketplace: pd.Series
    ) -> pd.Series:
        """Tell for each order whether there was silence at an instant.

        Returns
        -------
        pd.Series
            ``boolean``; null where no rule on silence existed then.
        """
        limit = self.evidence.policy.limit("claim.silence_hours", at, marketplace)
        now = micros_of(at)
        before = now - micros_from(limit.value)
        *said, asked = codes_of(*self._said, [accounts, orders])
        rows, pairs = pairs_of(asked, np.concatenate(said))
        silent = (self._asked_at[pairs] < before[rows]) & (self._answered_at[pairs] > now[rows])
        found = np.zeros(len(asked), dtype=bool)
        found[rows[silent]] = True
        return pd.Series(pd.arrays.BooleanArray(found, limit.value.isna().to_numpy(bool)))
