"""Contacts: each buyer message, its answer, and whether that came in time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import (
    HOUR,
    NONE,
    Timeline,
    first_answers,
    instants_of,
    micro,
    micros_from,
    micros_of,
    pick,
)

_OF_MESSAGE = (
    "message_id", "thread_id", "order_id", "account", "marketplace", "sent_at", "topic",
    "no_response_needed",
)  # fmt: skip


def contacts(evidence: Evidence) -> pd.DataFrame:
    """Pair every buyer message with its answer, one row per buyer message up to `as_of`.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.CONTACTS`, sorted by ``(sent_at, message_id)``. `response_hours` is null
        where nobody answered. In ``run`` mode only the first of the messages that share an answer
        (or share having none) is counted.

    Source
    ------
    rules.md, Contacts: response time. Seller Central help 200549770, 202152030.
    """
    rows = np.flatnonzero(evidence.is_buyer)
    asked = evidence.of_messages(_OF_MESSAGE, rows)
    threads, sent = evidence.threads[rows], evidence.sent[rows]
    answer = first_answers(evidence.threads, evidence.sent, evidence.is_buyer, evidence.is_answer)[
        rows
    ]
    answered = np.where(answer != NONE, evidence.sent[answer], 0) if len(sent) else sent
    window = evidence.policy.limit("crt.window_hours", asked["sent_at"], asked["marketplace"])
    due = sent + micros_from(window.value)
    waived = asked["no_response_needed"].to_numpy(bool)
    status = judge(due, answered, answer != NONE, evidence.as_of)
    status[waived] = "waived"
    found = asked | {
        "due_at": instants_of(due),
        "answered_at": pick(evidence.messages["sent_at"], answer),
        "answered_by": evidence.message_ids(answer),
        "response_hours": np.where(answer != NONE, (answered - sent) / HOUR, np.nan),
        "status": status,
        "counted": _counted(evidence, asked, threads, answer),
        "why_not": _why_not(evidence, rows, due, status),
        "rule": window.rule,
    }
    return tables.frame_of(found, tables.CONTACTS, pd.RangeIndex(len(rows)))


def judge(
    due: np.ndarray, written: np.ndarray, is_written: np.ndarray, as_of: pd.Timestamp
) -> np.ndarray:
    """Return met, late, missed or open for each duty; the instant of `due` itself is in time."""
    now = micro(as_of)
    unwritten = np.where(now <= due, "open", "missed")
    return np.where(is_written, np.where(written <= due, "met", "late"), unwritten).astype(object)


def _counted(
    evidence: Evidence, asked: dict[str, pd.Series], threads: np.ndarray, answer: np.ndarray
) -> np.ndarray:
    """Tell which contacts count: all that are not waived, or the first of each run."""
    unit = evidence.policy.limit("crt.unit", asked["sent_at"], asked["marketplace"]).value
    counted = ~asked["no_response_needed"].to_numpy(bool)
    kept = np.flatnonzero(counted)
    # by thread, and within it by time: the input is in order of time and this sort is stable
    kept = kept[np.argsort(threads[kept], kind="stable")]
    same = (threads[kept][1:] == threads[kept][:-1]) & (answer[kept][1:] == answer[kept][:-1])
    by_run = (unit == "run").to_numpy(bool)
    counted[kept[1:][same]] = ~by_run[kept[1:][same]]
    return counted


def _why_not(
    evidence: Evidence, rows: np.ndarray, due: np.ndarray, status: np.ndarray
) -> pd.Series:
    """Say what came in time and was no answer: replied, but not credited."""
    messages = evidence.messages
    automated = messages["automated"].to_numpy(bool) & ~evidence.autoreply_counts
    undelivered = messages["undelivered"].to_numpy(bool)
    calls = evidence.histories["calls"]
    began = micros_of(calls["started_at"])
    sent, threads = evidence.sent[rows], evidence.threads[rows]
    on_order = evidence.on_order["messages"][rows]
    reasons = {
        "automated": (evidence.is_seller & automated, evidence.threads, evidence.sent, threads),
        "undelivered": (evidence.is_seller & undelivered, evidence.threads, evidence.sent, threads),
        "call_only": (np.ones(len(calls), bool), evidence.on_order["calls"], began, on_order),
    }
    why = np.full(len(rows), None, dtype=object)
    for reason, (events, groups, micros, own) in reversed(reasons.items()):
        found = Timeline(np.where(events, groups, NONE), micros).first(own, sent)
        in_time = found != NONE
        in_time[in_time] = micros[found[in_time]] <= due[in_time]
        why[in_time] = reason
    why[np.isin(status, ["met", "waived"])] = None
    return pd.Series(why, dtype="str")
