"""Weeks of which some mails are missing, found by what is left of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.measure.chances import binomial_tail, combined, share_above, student_below
from sellerkit.measure.hole import FALSE_ALARM, as_holes, no_holes
from sellerkit.measure.replies import monday

_WEEK = pd.Timedelta(days=7)
_DAY = pd.Timedelta(days=1)
#: Where a mail is missing for sure, less has to speak for it that more of that week are.
_ALARM_IF_PROVEN = 0.05
#: A week beside a named one is taken for whole only if all its evidence is likelier than this.
_DOUBTFUL = 0.2
#: However many inquiries have no answer, it counts for no more than so small a chance.
_SILENCE_COUNTS = 0.01
#: Of the seven ways to lay seven days over a week so many are different from each other.
_SHIFTS = 3
#: From how many whole weeks on a week's volume is compared with that of the others.
_WEEKS_COMPARED = 8
#: One-sided risk that more is missing than a hole's upper figure says.
_RISK = 0.025
#: Above this share of missing mails the few that are left say nothing of the rest.
_MOST = 0.9


def named_weeks(
    messages: pd.DataFrame,
    orders: pd.DataFrame,
    contacts: pd.DataFrame,
    answered: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """List weeks of one account in which some mail is missing; see `find_holes`."""
    weeks = _tallied(messages, orders, contacts, answered)
    whole = (weeks["since"] >= messages["sent_at"].min()) & (weeks["since"] + _WEEK <= as_of)
    by_volume = _by_volume(weeks, whole.to_numpy(bool))
    weeks = weeks.join(by_volume)
    named = np.zeros(len(weeks), dtype=bool)
    chance = np.ones(len(weeks))
    limit = np.where(weeks["proven"] > 0, _ALARM_IF_PROVEN, FALSE_ALARM)
    # a week that is named no longer counts among those that the others are compared with
    for _ in range(len(weeks)):
        chance = np.where(named, chance, _chances(weeks, named))
        fresh = (chance * len(weeks) < limit) & ~named
        if not fresh.any():
            break
        named |= fresh & (chance <= chance[fresh].min())
    return _described(weeks.assign(chance=chance), named)


def _tallied(
    messages: pd.DataFrame, orders: pd.DataFrame, contacts: pd.DataFrame, answered: pd.DataFrame
) -> pd.DataFrame:
    """Count by week: messages of people, inquiries, orders, mails answered, and unanswered."""
    people = messages[messages["sender"] != "amazon"]
    told = answered[~answered["before_mail"]]
    judged = contacts[contacts["status"].isin(["met", "late", "missed"])]
    counts = {
        "messages": people["sent_at"],
        "inquiries": people.loc[people["sender"] == "buyer", "sent_at"],
        "orders": orders["purchased_at"],
        "answered": told["at"],
        "answered_missing": told.loc[told["missing"], "at"],
        "proven": told.loc[told["proven"], "at"],
        "judged": judged["sent_at"],
        "unanswered": judged.loc[judged["status"] == "missed", "sent_at"],
    }
    first, last = (monday(messages["sent_at"]).agg(end) for end in ("min", "max"))
    index = pd.date_range(first, last, freq=_WEEK, unit="us")
    by_week = {
        name: monday(at).value_counts().reindex(index, fill_value=0) for name, at in counts.items()
    }
    # buyers write about the orders of some weeks, so a week's mails go with these
    bought = monday(orders["purchased_at"]).value_counts()
    lags = [bought.reindex(index - lag * _WEEK, fill_value=0).to_numpy() for lag in range(3)]
    tally = pd.DataFrame(by_week).rename_axis("since").reset_index()
    tally["orders"] = np.mean(lags, axis=0) if len(orders) else 1.0
    tally["account"] = messages["account"].iloc[0]
    lost = told.loc[told["missing"], "at"].sort_values().to_numpy()
    tally["shifted_missing"] = _most_in_seven_days(tally["since"], lost)
    return tally


def _most_in_seven_days(weeks: pd.Series, lost: np.ndarray) -> np.ndarray:
    """Return the most instants that lie in seven days of which most are in each week."""
    shifts = [weeks + days * _DAY for days in range(-3, 4)]
    counts = [
        np.searchsorted(lost, (begin + _WEEK).to_numpy()) - np.searchsorted(lost, begin.to_numpy())
        for begin in shifts
    ]
    return np.max(counts, axis=0)


def _by_volume(weeks: pd.DataFrame, whole: np.ndarray) -> pd.DataFrame:
    """Return what the other weeks let expect of each, how far it may be off, and the chance.

    Counts are compared as square roots, whose spread does not grow with the count; the middle and
    the spread are medians, so that a hole does not hide itself.
    """
    none = pd.DataFrame({"expected": math.nan, "spread": math.nan, "by_volume": 1.0}, weeks.index)
    usable = whole & (weeks["orders"].to_numpy() > 0)
    if usable.sum() < _WEEKS_COMPARED:
        return none
    pace = np.sqrt(weeks["messages"] / weeks["orders"].where(usable))
    for row in np.flatnonzero(usable):
        others = np.delete(np.flatnonzero(usable), np.searchsorted(np.flatnonzero(usable), row))
        middle = float(pace.iloc[others].median())
        size = np.sqrt(weeks["orders"].iloc[others])
        off = 2 * (pace.iloc[others] - middle).abs() * size
        spread = max(1.0, 1.4826 * float(off.median()))
        at = weeks.index[row]
        own = 2 * (pace.iloc[row] - middle) * math.sqrt(weeks["orders"].iloc[row])
        none.loc[at, "expected"] = middle**2 * weeks["orders"].iloc[row]
        none.loc[at, "spread"] = spread
        none.loc[at, "by_volume"] = student_below(own / spread, max(3, len(others) // 2))
    return none


def _chances(weeks: pd.DataFrame, named: np.ndarray) -> np.ndarray:
    """Return the chance of each week's evidence, by the rates of the weeks that are not named."""
    result = np.ones(len(weeks))
    places = np.arange(len(weeks))
    for place, row in enumerate(weeks.to_dict("records")):
        # a hole need not keep to calendar weeks, so neither neighbour tells what is usual
        others = weeks[~named & (abs(places - place) > 1)]
        if not row["answered_missing"]:
            result[place] = combined([1.0, row["by_volume"], 1.0])
            continue
        lost = _tail(row, others, "answered_missing", "answered")
        # he who did not answer is not excused by that; it can only make a proven hole surer
        silent = _tail(row, others, "unanswered", "judged") if row["proven"] else 1.0
        silent = max(silent, _SILENCE_COUNTS)
        together = combined([lost, row["by_volume"], silent])
        shifted = _SHIFTS * _tail(row, others, "shifted_missing", "answered")
        result[place] = min(1.0, 2 * min(together, shifted))
    return result


def _tail(row: dict[str, Any], others: pd.DataFrame, part: str, whole: str) -> float:
    """Return the chance of so many of a kind in a week, by the share of the other weeks."""
    usual = "answered_missing" if part == "shifted_missing" else part
    share = (others[usual].sum() + 0.5) / (others[whole].sum() + 1)
    n = max(int(row[whole]), int(row[part]))
    return binomial_tail(int(row[part]), n, min(share, 1 - 1e-9))


def _described(weeks: pd.DataFrame, named: np.ndarray) -> pd.DataFrame:
    """Return named weeks as holes, with how many inquiries are missing in each.

    A hole need not keep to calendar weeks: it reaches into a neighbour that is not above suspicion.
    """
    every = weeks.to_dict("records")
    # replies say nothing of missing answers, so few mails alone are enough to doubt
    doubtful = (weeks[["chance", "by_volume"]].min(axis=1) < _DOUBTFUL).to_numpy(bool) & ~named
    doubtful = np.concatenate([[False], doubtful, [False]])
    rows = []
    for place in np.flatnonzero(named):
        row = every[place]
        beside = [every[place + side] for side in (-1, 1) if doubtful[place + 1 + side]]
        estimate, high = _missing(row)
        high = max(high, row["answered_missing"]) + sum(_missing(other)[1] for other in beside)
        rows.append(
            row
            | {
                "kind": "week",
                "until": row["since"] + _WEEK,
                "reach_since": row["since"] - (_WEEK if doubtful[place] else _DAY),
                "reach_until": row["since"] + _WEEK + (_WEEK if doubtful[place + 2] else _DAY),
                "inquiries_missing": round(estimate),
                "inquiries_missing_high": math.ceil(high),
            }
        )
    return as_holes(pd.DataFrame(rows)) if rows else no_holes()


def _missing(row: dict[str, float]) -> tuple[float, float]:
    """Return how many inquiries are missing, and how many at most.

    Mails are missing at random, so of the inquiries the same share as of the mails that replies
    answer. The volume serves where these cannot tell, and where it by itself shows more missing.
    """
    n, k, inquiries = int(row["answered"]), int(row["answered_missing"]), row["inquiries"]
    most_odds = _MOST / (1 - _MOST)
    estimate, high = 0.0, 0.0
    if k and k < n:
        share = share_above(k, n, _RISK)
        odds = min(share / (1 - share), most_odds)
        estimate, high = inquiries * k / (n - k), (inquiries + 1) * odds
    if row["by_volume"] < _RISK or (not math.isnan(row["expected"]) and k in (0, n)):
        part = inquiries / row["messages"] if row["messages"] else 0.5
        lacking = max(0.0, row["expected"] - row["messages"])
        most = lacking + 2 * row["spread"] * math.sqrt(row["expected"])
        estimate = max(estimate, lacking * part)
        high = max(high, most * part)
    elif k in (0, n):
        high = (inquiries + 1) * most_odds
    return max(estimate, float(k)), high
