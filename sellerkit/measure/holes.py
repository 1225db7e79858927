"""Holes in the mail: weeks of which some is missing, and days of which all is."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sellerkit.measure.chances import binomial_tail, combined, share_above, student_below
from sellerkit.measure.quiet import by_day, quiet_runs
from sellerkit.measure.replies import monday
from sellerkit.tables import TS_DTYPE

#: An account whose mail is whole has a week or days named with this chance.
FALSE_ALARM = 0.002

_WEEK = pd.Timedelta(days=7)
_DAY = pd.Timedelta(days=1)
#: From how many whole weeks on a week's volume is compared with that of the others.
_WEEKS_COMPARED = 8
#: One-sided risk that more is missing than a hole's upper figure says.
_RISK = 0.025
#: Above this share of missing mails the few that are left say nothing of the rest.
_MOST = 0.9
#: Messages come in bursts: their number in a day varies so many times more than by mere chance.
_BURSTS = 3.0

#: ``kind``: `week` (some of its mails are missing), `silence` (days with orders and no message).
#: ``expected``: messages at the pace of the other weeks. ``answered``, ``answered_missing``: mails
#: of the hole that replies on file answer, and how many of them are not on file. ``chance``: of
#: such evidence where nothing is missing. ``inquiries_missing``, ``…_high``: buyers' messages
#: estimated to be missing, and at most. ``bounces_missing_high``: at most so many mails missing
#: that would say that an answer did not arrive.
COLUMNS = {
    "account": "str", "kind": "str", "since": TS_DTYPE, "until": TS_DTYPE, "messages": "int64",
    "expected": "float64", "answered": "int64", "answered_missing": "int64", "chance": "float64",
    "inquiries_missing": "int64", "inquiries_missing_high": "int64",
    "bounces_missing_high": "int64",
}  # fmt: skip


def find_holes(
    messages: pd.DataFrame,
    orders: pd.DataFrame,
    contacts: pd.DataFrame,
    answered: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Weeks and days of each account in which mail is missing, one row per hole.

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
        `COLUMNS`, by account and `since`.

    Notes
    -----
    Weeks begin on Monday, 00:00 UTC. A week is named where three things together are too unlikely
    in a whole mailbox: replies to mails that are not on file, fewer messages than the orders of
    these weeks let expect, and, only where a mail is missing for sure, inquiries without any
    answer. Nobody is said to have lost mail because he did not answer.
    """
    found = []
    for account in sorted(messages["account"].unique()):
        own = [f[f["account"] == account] for f in (messages, orders, contacts, answered)]
        found += [named_weeks(*own, as_of=as_of), silent_days(own[0], own[1], as_of=as_of)]
    holes = pd.concat([_none(), *found], ignore_index=True)
    sent = messages[messages["sender"] == "seller"]
    bounced = holes["account"].map(sent.groupby("account")["undelivered"].mean()).fillna(0.0)
    holes["bounces_missing_high"] = np.ceil(bounced * holes["inquiries_missing_high"])
    return holes.astype(COLUMNS).sort_values(["account", "since", "kind"], ignore_index=True)


def named_weeks(
    messages: pd.DataFrame,
    orders: pd.DataFrame,
    contacts: pd.DataFrame,
    answered: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Weeks of one account in which some mail is missing; see `find_holes`."""
    weeks = _tallied(messages, orders, contacts, answered)
    whole = (weeks["since"] >= messages["sent_at"].min()) & (weeks["since"] + _WEEK <= as_of)
    by_volume = _by_volume(weeks, whole.to_numpy(bool))
    weeks = weeks.join(by_volume)
    named = np.zeros(len(weeks), dtype=bool)
    chance = np.ones(len(weeks))
    # a week that is named no longer counts among those that the others are compared with
    for _ in range(len(weeks)):
        chance = np.where(named, chance, _chances(weeks, named))
        fresh = (chance * len(weeks) < FALSE_ALARM) & ~named
        if not fresh.any():
            break
        named |= chance <= chance[fresh].min()
    return _described(weeks.assign(chance=chance)[named])


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
    return tally


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
    kept = weeks[~named]
    for place, (index, row) in enumerate(weeks.iterrows()):
        others = kept.drop(index=index, errors="ignore")
        lost = _tail(row, others, "answered_missing", "answered")
        silent = _tail(row, others, "unanswered", "judged") if row["answered_missing"] else 1.0
        result[place] = combined([lost, row["by_volume"], silent])
    return result


def _tail(row: pd.Series, others: pd.DataFrame, part: str, whole: str) -> float:
    """Return the chance of so many of a kind in a week, by the share of the other weeks."""
    share = (others[part].sum() + 0.5) / (others[whole].sum() + 1)
    return binomial_tail(int(row[part]), int(row[whole]), min(share, 1 - 1e-9))


def _described(weeks: pd.DataFrame) -> pd.DataFrame:
    """Return named weeks as holes, with how many inquiries are missing in each."""
    rows = []
    for row in weeks.to_dict("records"):
        estimate, high = _missing(row)
        rows.append(
            row
            | {
                "kind": "week",
                "until": row["since"] + _WEEK,
                "inquiries_missing": round(estimate),
                "inquiries_missing_high": math.ceil(max(high, row["answered_missing"])),
                "bounces_missing_high": 0,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)


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


def silent_days(
    messages: pd.DataFrame, orders: pd.DataFrame, *, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Runs of days on which one account sold and has no message at all, where that is unlikely.

    Parameters
    ----------
    messages, orders : pd.DataFrame
        Histories of one account; without any order on file no run needs one.
    as_of : pd.Timestamp
        UTC; its day is not over and is left out.

    Returns
    -------
    pd.DataFrame
        `COLUMNS`, of kind `silence`; `chance` is that of such a run somewhere in the mailbox.

    Notes
    -----
    What was to be expected: `quiet_runs`. Messages come in bursts, so a run without any has the
    chance of a negative binomial whose variance is three times its mean. Before the first message
    and after the last, days with orders make a run too.
    """
    first = pd.concat([messages["sent_at"], orders["purchased_at"]]).min()
    counts = by_day(messages["sent_at"], first, as_of)
    runs = quiet_runs(counts)
    runs["chance"] = len(counts) * _BURSTS ** (-runs["expected"] / (_BURSTS - 1))
    sold = by_day(orders["purchased_at"], first, as_of).cumsum()
    until = sold.reindex(runs["until"] - _DAY).to_numpy()
    bought = until - sold.shift(fill_value=0).reindex(runs["since"]).to_numpy()
    runs = runs[((bought > 0) | orders.empty) & (runs["chance"] < FALSE_ALARM)]
    part = float((messages["sender"] == "buyer").mean())
    lacking = runs["expected"] * part
    return runs.assign(
        account=messages["account"].iloc[0],
        kind="silence",
        messages=0,
        answered=0,
        answered_missing=0,
        inquiries_missing=lacking.round(),
        inquiries_missing_high=np.ceil(lacking + 2 * np.sqrt(_BURSTS * lacking)),
        bounces_missing_high=0,
    )[list(COLUMNS)].astype(COLUMNS)
