"""Violations: what the seller wrote that breaks Amazon's rules on writing, and where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.evidence import Evidence
from sellerkit.audit.pairing import NAT, NONE, Timeline, codes_of, micros_from, micros_of
from sellerkit.audit.told import TOLD, linted
from sellerkit.text.lint import rules

#: Topics of a message that is about an order problem, a return or a claim.
_ABOUT_TROUBLE = ("order_problem", "return", "claim", "refund")

#: Later than every instant.
_NEVER = np.iinfo("int64").max


def violations(evidence: Evidence, obligations: pd.DataFrame) -> pd.DataFrame:
    """List each rule that a message of the seller's breaks, once for each message and rule.

    Parameters
    ----------
    evidence : Evidence
    obligations : pd.DataFrame
        All of them: a message is about an order problem, a return or a claim where its order had
        one by then.

    Returns
    -------
    pd.DataFrame
        Columns of `tables.VIOLATIONS`, by ``(sent_at, message_id)`` and in the order of the rules.
        `start` and `end` are character offsets of the first place in the body; -1 where the rule is
        about the whole message or its subject. Automated and undelivered messages are among them:
        the seller sent those too.

    Source
    ------
    rules.md, Messages that break the rules; docs/readings.md.
    """
    rows = np.flatnonzero(evidence.is_seller)
    if not len(rows):
        return tables.empty(tables.VIOLATIONS)
    read = [*_READ, *(name for name in TOLD if name in evidence.messages)]
    sent = pd.DataFrame(evidence.of_messages(read, rows), copy=False)
    unasked = proactive(evidence, obligations, rows)
    told, asked = linted(sent.assign(proactive=unasked), sent)
    late = unasked & _is_late(evidence, rows, sent)
    heavy = unasked & (sent["attachments"] > 0).to_numpy(bool)
    parts = [
        _first_of_each(_tags_that_count(told, sent, evidence)),
        _repeats(evidence, rows, asked, sent),
        *(_whole(rule, np.flatnonzero(these))
          for rule, these in (("too_late", late), ("attachment", heavy)) if these.any()),
    ]  # fmt: skip
    parts = [part for part in parts if len(part)]
    if not parts:
        return tables.empty(tables.VIOLATIONS)
    found = pd.concat(parts, ignore_index=True)
    rank = found["rule"].map({name: at for at, name in enumerate(rules())})
    order = np.lexsort((rank.to_numpy(), found["row"].to_numpy("int64")))
    found = found.iloc[order].reset_index(drop=True)
    whose = evidence.of_messages(_NAMED, rows[found["row"].to_numpy("int64")])
    return tables.frame_of(whose | dict(found.items()), tables.VIOLATIONS, found.index)


_NAMED = ("message_id", "order_id", "account", "sent_at")
_READ = (
    "subject", "body", "language", "marketplace", "sent_at", "topic", "topic_rule", "attachments",
)  # fmt: skip


def proactive(evidence: Evidence, obligations: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    """Tell which of the seller's messages no buyer asked for.

    One with no buyer's message in its thread at or before it, and not about an order problem,
    return or claim: neither by its topic, nor (but for a check-in) because its order had one then.
    """
    messages = evidence.messages
    asked = Timeline(np.where(evidence.is_buyer, evidence.threads, NONE), evidence.sent)
    answered = asked.last(evidence.threads[rows], evidence.sent[rows]) != NONE
    topic = messages["topic"].iloc[rows]
    about = topic.isin(_ABOUT_TROUBLE).to_numpy(bool)
    in_trouble = _in_trouble(evidence, obligations, rows)
    return ~answered & ~about & ~(in_trouble & ~(topic == "check_in").to_numpy(bool))


def _in_trouble(evidence: Evidence, obligations: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    """Tell for which messages their order had a problem, a return or a claim by then."""
    duties = obligations[(obligations["kind"] != "inquiry").to_numpy(bool)].reset_index(drop=True)
    if not len(duties):
        return np.zeros(len(rows), dtype=bool)
    messages = evidence.messages
    of_duties, of_messages = codes_of(
        [duties["account"], duties["order_id"]], [messages["account"], messages["order_id"]]
    )
    lookback = evidence.policy.limit(
        "problem.lookback_hours", duties["trigger_at"], duties["marketplace"]
    )
    early = np.where(duties["kind"] == "order_problem", micros_from(lookback.value), 0)
    begun = Timeline(of_duties, micros_of(duties["trigger_at"]) - early)
    return begun.last(of_messages[rows], evidence.sent[rows]) != NONE


def _is_late(evidence: Evidence, rows: np.ndarray, sent: pd.DataFrame) -> np.ndarray:
    """Tell which messages were sent after the days that an unasked one may be sent in."""
    codes = evidence.on_order["messages"][rows]
    base = evidence.of_order("delivered_at", codes)
    for column in ("promised_by", "shipped_at"):
        base = base.fillna(evidence.of_order(column, codes))
    days = evidence.policy.limit("message.proactive_days", sent["sent_at"], sent["marketplace"])
    known = base.notna() & days.value.notna()
    end = np.where(known, micros_of(base) + 24 * micros_from(days.value), _NEVER)
    return np.asarray(evidence.sent[rows] > end)


def _tags_that_count(found: pd.DataFrame, sent: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Leave the tag in the subject where it overrode a buyer's opt-out when it was sent."""
    if not (found["rule"] == "important_tag").any():
        return found
    limit = evidence.policy.limit(
        "message.important_override", sent["sent_at"], sent["marketplace"]
    )
    held = limit.value.fillna(False).astype(bool).to_numpy()
    allowed = (found["rule"] == "important_tag") & held[found["row"].to_numpy("int64")]
    return found[~allowed]


def _first_of_each(found: pd.DataFrame) -> pd.DataFrame:
    """Keep the first place of each message and rule, one in the body before one in the subject."""
    if len(found) < 2:
        return found
    order = found.assign(whole=found["start"] < 0).sort_values(["row", "whole"], kind="stable")
    first = order.drop_duplicates(["row", "rule"]).drop(columns="whole")
    places = order.groupby(["row", "rule"]).size()
    more = pd.Series(
        places.reindex(pd.MultiIndex.from_frame(first[["row", "rule"]])).to_numpy("int64") - 1,
        index=first.index,
    )
    told = first["why"].str.removesuffix(".") + "; places more: " + more.astype("str") + "."
    return first.assign(why=first["why"].where(more == 0, told))


def _repeats(
    evidence: Evidence, rows: np.ndarray, asked: pd.DataFrame, sent: pd.DataFrame
) -> pd.DataFrame:
    """Find the second and later requests for a review or feedback on an order."""
    worded = np.zeros(len(rows), dtype=bool)
    worded[asked["row"].to_numpy("int64")] = True
    is_check_in = (sent["topic"] == "check_in").to_numpy(bool)
    # a topic from the file stands for what its text does not say
    given = is_check_in & ~sent["topic_rule"].str.startswith("words:").fillna(False).to_numpy(bool)
    codes = evidence.on_order["messages"][rows]
    earlier = np.flatnonzero((worded | is_check_in) & (codes != NONE))
    first = np.full(codes.max(initial=NONE) + 2, len(rows))
    np.minimum.at(first, codes[earlier], earlier)
    second = np.arange(len(rows)) > first[codes]
    second |= _solicited(evidence, codes, evidence.sent[rows])
    here = np.flatnonzero(second & (worded | given) & (codes != NONE))
    if not len(here):
        return _whole("repeat_request", here)
    places = asked.set_index("row")[["excerpt", "start", "end"]].reindex(here)
    found = _whole("repeat_request", here)
    for column in ("excerpt", "start", "end"):
        told = pd.Series(places[column].to_numpy(), index=found.index)
        found[column] = told.where(told.notna(), found[column]).astype(found[column].dtype)
    return found


def _solicited(evidence: Evidence, codes: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Tell on which orders Amazon's own form had asked for a review by then."""
    forms = evidence.histories.get("solicitations")
    if forms is None:
        return np.zeros(len(codes), dtype=bool)
    instants = micros_of(forms["sent_at"])
    known = np.where(instants == NAT, NONE, evidence.on_order["solicitations"])
    return Timeline(known, instants).last(codes, sent) != NONE


def _whole(rule: str, rows: np.ndarray) -> pd.DataFrame:
    """Return findings about whole messages."""
    known = rules()[rule]
    return pd.DataFrame(
        {
            "row": rows,
            "rule": rule,
            "severity": known.severity,
            "excerpt": pd.Series("", index=range(len(rows)), dtype="object"),
            "start": -1,
            "end": -1,
            "why": known.sentence(),
        }
    )
