"""Which figures rest on rules that no Amazon source states, and how many rows of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from sellerkit.policy import Policy
from sellerkit.tables import TS_DTYPE

_COLUMNS = {"figure": "str", "rule_id": "str", "rule": "str", "doubt": "str", "rows": "int64"}

#: Duties that a limit decides: the others are owed by nobody, or were waived.
_JUDGED = ("met", "late", "missed", "open")

#: Verdicts on calls that stand whatever the rule on calls says.
_SURE = ("email_owed", "delivery")


#: What decides whether an order problem was announced in time.
_NOTICE = ("problem.notice_hours", "problem.lookback_hours")


class _Use(NamedTuple):
    """A figure, a rule that it rests on, and the rows that it judges: when, and in which store."""

    figure: str
    rule_id: str
    at: pd.Series
    marketplace: pd.Series | None = None


def assumptions(
    findings: Mapping[str, pd.DataFrame], policy: Policy, *, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Say which rules marked U touched which figures of an audit.

    Parameters
    ----------
    findings : mapping of str to pd.DataFrame
        Of `tables.FINDINGS`, as an audit found them; one that is left out touches nothing.
    policy : Policy
        The rules that the audit used.
    as_of : pd.Timestamp
        The audit's "now", by whose rules exposure is judged.

    Returns
    -------
    pd.DataFrame
        One row per figure and rule, in the order of the figures:

        - figure: ``contacts``, a kind of obligation (``inquiry``, ``return``, ``order_problem``,
          ``claim``), ``readiness``, ``exposure``, ``calls`` or ``check_ins``;
        - rule_id: ``crt.unit``;
        - rule: the row that held, ``crt.unit@2012-02-01``;
        - doubt: what is not certain about it, a sentence;
        - rows: how many of the figure's rows were judged by it (``int64``).

    Notes
    -----
    A claim that names its own deadline does not rest on `claim.reply_hours`. Exposure, calls and
    check-ins name no store, so a store's own row is not seen there; order problems behind exposure
    and readiness are looked up at `as_of` and at the claim.

    Source
    ------
    policy.md of the design: what is marked U there; rules.md, Policy packs.
    """
    parts = [_of(use, policy) for use in _uses(findings, policy, as_of)]
    rows = [row for part in parts for row in part]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def _of(use: _Use, policy: Policy) -> Iterator[tuple[str, str, str, str, int]]:
    limit = policy.limit(use.rule_id, use.at, use.marketplace)
    names = limit.rule[limit.assumed].value_counts().sort_index()
    for name, count in names.items():
        rows = [row for row in policy.rows(str(name)) if row.mark == "U"]
        yield use.figure, use.rule_id, str(name), rows[-1].doubt or rows[-1].source, int(count)


def _uses(
    findings: Mapping[str, pd.DataFrame], policy: Policy, as_of: pd.Timestamp
) -> Iterator[_Use]:
    if "contacts" in findings:
        rows = findings["contacts"]
        rows = rows[rows["status"] != "waived"]
        for rule_id in ("crt.window_hours", "crt.unit", "crt.autoreply_counts"):
            yield _Use("contacts", rule_id, rows["sent_at"], rows["marketplace"])
    if "obligations" in findings:
        yield from _duties(findings["obligations"], policy)
    if "exposure" in findings:
        rows = findings["exposure"]
        now = pd.Series(as_of, index=rows.index, dtype=TS_DTYPE)
        yield _Use("exposure", "claim.silence_hours", now)
        failed = rows["reasons"].map(lambda kinds: "order_problem" in kinds).astype(bool)
        for rule_id in _NOTICE:
            yield _Use("exposure", rule_id, now[failed])
    if "claims_readiness" in findings:
        rows = findings["claims_readiness"]
        for rule_id in _NOTICE:
            yield _Use("readiness", rule_id, rows.loc[rows["problem_notified"].notna(), "filed_at"])
    if "calls_review" in findings:
        rows = findings["calls_review"]
        rows = rows[~rows["verdict"].isin(_SURE)]
        yield _Use("calls", "phone.delivery_only", rows["started_at"])
    if "check_ins" in findings:
        rows = findings["check_ins"]
        yield _Use("check_ins", "check_in.from_days", rows["from_at"])
        yield _Use("check_ins", "check_in.to_days", rows["from_at"])


def _duties(obligations: pd.DataFrame, policy: Policy) -> Iterator[_Use]:
    judged = obligations[obligations["status"].isin(_JUDGED)]
    returns, problems = _kind(judged, "return"), _kind(judged, "order_problem")
    stockouts = problems[problems["problem"] == "out_of_stock"]
    every = _kind(obligations, "claim")  # the checklist asks of each claim, answered or not
    for figure, rule_id, rows in (
        ("inquiry", "crt.window_hours", _kind(judged, "inquiry")),
        ("inquiry", "crt.unit", _kind(judged, "inquiry")),
        ("inquiry", "crt.autoreply_counts", _kind(judged, "inquiry")),
        ("return", "return.reply_hours", returns),
        ("return", "return.window_days", returns[returns["content_ok"].notna()]),
        ("order_problem", "problem.notice_hours", problems),
        ("order_problem", "problem.lookback_hours", problems),
        ("order_problem", "problem.cancellation_counts", stockouts),
        ("claim", "claim.reply_hours", _by_rule(_kind(judged, "claim"), policy)),
        ("readiness", "claim.silence_hours", every),
        ("readiness", "claim.reply_hours", _by_rule(every, policy)),
    ):
        yield _Use(figure, rule_id, rows["trigger_at"], rows["marketplace"])


def _kind(obligations: pd.DataFrame, kind: str) -> pd.DataFrame:
    return obligations[obligations["kind"] == kind]


def _by_rule(claims: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the claims that are due by the rule's hours, not by a day that they name."""
    limit = policy.limit("claim.reply_hours", claims["trigger_at"], claims["marketplace"])
    hours = (claims["due_at"] - claims["trigger_at"]) / pd.Timedelta(hours=1)
    return claims[np.isclose(hours.to_numpy("float64"), limit.value.to_numpy("float64"))]
