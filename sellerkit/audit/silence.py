"""Silence: buyers' messages and return requests that stood without an answer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import NAT, NONE, codes_of, micros_from, micros_of

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
        asked = contacts[contacts["status"] != "waived"]
        # a request that came as a mail is among the contacts; the others are rows of returns
        requests = obligations[
            (obligations["kind"] == "return")
            & obligations["thread_id"].isna()
            & ~obligations["status"].isin(["waived", "not_applicable"])
        ]
        said = pd.concat(
            [
                asked[["account", "order_id", "sent_at", "answered_at"]],
                requests.rename(columns={"trigger_at": "sent_at", "satisfied_at": "answered_at"})[
                    ["account", "order_id", "sent_at", "answered_at"]
                ],
            ],
            ignore_index=True,
        )
        said = said[said["order_id"].notna()]
        self._said = said
        self._asked_at = micros_of(said["sent_at"])
        answered = micros_of(said["answered_at"])
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
        said, asked = codes_of(
            [self._said["account"], self._said["order_id"]],
            [accounts.reset_index(drop=True), orders.reset_index(drop=True)],
        )
        pairs = pd.merge(
            pd.DataFrame({"order": asked, "row": np.arange(len(asked))}),
            pd.DataFrame({"order": said, "at": self._asked_at, "answered": self._answered_at}),
            on="order",
        )
        pairs = pairs[pairs["order"] != NONE]
        rows = pairs["row"].to_numpy()
        silent = (pairs["at"].to_numpy() < before[rows]) & (
            pairs["answered"].to_numpy() > now[rows]
        )
        found = np.zeros(len(asked), dtype=bool)
        found[rows[silent]] = True
        return pd.Series(found, dtype="boolean").mask(limit.value.isna().reset_index(drop=True))
