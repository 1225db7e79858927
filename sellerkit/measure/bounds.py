"""Between what a rate must lie where mail is missing: its lowest and its highest value.

A missing mail can be an answer, an inquiry, or word that an answer did not arrive. Whatever of
these a hole may hide is laid once all against the seller and once all in his favour.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sellerkit.measure.shares import in_window
from sellerkit.tables import KINDS, PROBLEMS

#: How long before a duty arises a mail may already meet it, with room to spare.
_BEFORE = pd.Timedelta(days=7)

Bound = dict[str, Any]


class Whole(NamedTuple):
    """Counts of closed contacts or duties on file, and what a hole may hide of each kind.

    Attributes
    ----------
    met, late, missed : int
        On file.
    hidden : int
        Inquiries (or what gives a duty) that are missing at most.
    replacing : int
        Of the hidden, how many may begin a run of which a later one counts on file, and was met.
    unbounced : int
        Counted as written, though word that it bounced may be missing.
    may_be_met, may_be_written : int
        Late or missed ones that a missing answer may have met; missed ones that one may have
        answered at all.
    more_met, more_bad, more_missed : int
        Not closed or not counted on file, that a missing answer would make count: which may be
        met, which may be late or missed, which may be missed.
    """

    met: int = 0
    late: int = 0
    missed: int = 0
    hidden: int = 0
    replacing: int = 0
    unbounced: int = 0
    may_be_met: int = 0
    may_be_written: int = 0
    more_met: int = 0
    more_bad: int = 0
    more_missed: int = 0

    @property
    def closed(self) -> int:
        """Contacts or duties on file whose time is over."""
        return self.met + self.late + self.missed

    def on_time(self) -> Bound:
        """Bound the share that was met."""
        replaced = min(self.hidden, self.replacing, self.met)
        lost = min(self.unbounced, self.met - replaced)
        lowest = _share(
            self.met - replaced - lost, self.closed + self.hidden - replaced + self.more_bad
        )
        more = self.hidden + self.more_met
        highest = _share(self.met + self.may_be_met + more, self.closed + more)
        unknown = self.hidden + self.may_be_met + max(self.more_met, self.more_bad) + lost
        return _bound(self.met, self.closed, unknown, lowest, highest)

    def unanswered(self) -> Bound:
        """Bound the share that was missed."""
        more = self.hidden + self.more_met
        lowest = _share(self.missed - self.may_be_written, self.closed + more)
        lost = min(self.unbounced, self.met + self.late)
        worse = self.hidden + self.more_missed
        highest = _share(self.missed + worse + lost, self.closed + worse)
        unknown = self.hidden + self.may_be_written + max(self.more_met, self.more_missed) + lost
        return _bound(self.missed, self.closed, unknown, lowest, highest)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _bound(
    part: int, closed: int, unknown: int, lowest: float | None, highest: float | None
) -> Bound:
    rate = _share(part, closed)
    if not unknown:
        lowest = highest = rate
    elif rate is None:
        lowest, highest = 0.0, 1.0
    return {"rate": rate, "unknown": unknown, "lowest": lowest, "highest": highest}


def _other(bound: Bound) -> Bound:
    """Bound the share of all others."""
    turned = {"rate": "rate", "lowest": "highest", "highest": "lowest"}
    return {"unknown": bound["unknown"]} | {
        name: None if bound[source] is None else 1 - bound[source]
        for name, source in turned.items()
    }


def bounds_of_contacts(
    contacts: pd.DataFrame,
    holes: pd.DataFrame,
    answered: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    as_of: pd.Timestamp,
) -> dict[str, Bound]:
    """Lowest and highest value of the three shares of the contacts of a window.

    Parameters
    ----------
    contacts : pd.DataFrame
        All contacts up to `as_of`, any order.
    holes : pd.DataFrame
        As `find_holes` returns it.
    answered : pd.DataFrame
        As `replies.answered_mails` returns it: a mail that a reply names and that is not on file
        is missing, wherever it lies.
    since, until, as_of : pd.Timestamp
        UTC; the window is ``[since, until)``.

    Returns
    -------
    dict
        `on_time_share`, `late_share` and `no_response_share`, each with `rate`, `unknown` (how
        many contacts, on file or missing, it does not know), `lowest` and `highest`. Without a
        hole `unknown` is 0 and all three values are the rate; None where undefined.
    """
    rows = _told_apart(contacts, holes, as_of)
    rows = in_window(rows, "sent_at", since, until)
    counted = rows[rows["counted"]]
    status, aside = counted["status"], rows[~rows["counted"] & rows["split"]]
    open_ = (status == "open") & counted["answer_in_hole"]
    may_be_met = aside["met_in_hole"] | (aside["status"] == "met")
    hidden = _hidden(holes, answered, since, until)
    found = Whole(
        **{name: int((status == name).sum()) for name in ("met", "late", "missed")},
        hidden=hidden,
        replacing=min(
            int(((status == "met") & counted["replaced"]).sum()),
            _of(hidden, _share_in_runs(contacts)),
        ),
        unbounced=int(_overlapping(holes, since, until)["bounces_missing_high"].sum()),
        may_be_met=int((status.isin(["late", "missed"]) & counted["met_in_hole"]).sum()),
        may_be_written=int(((status == "missed") & counted["answer_in_hole"]).sum()),
        more_met=int(open_.sum() + may_be_met.sum()),
        more_bad=int(aside["status"].isin(["late", "missed"]).sum()),
        more_missed=int((aside["status"] == "missed").sum()),
    )
    on_time = found.on_time()
    return {
        "on_time_share": on_time,
        "late_share": _other(on_time),
        "no_response_share": found.unanswered(),
    }


def _share_in_runs(contacts: pd.DataFrame) -> float:
    """Return which share of inquiries have others that share their answer, and do not count."""
    asked = contacts[contacts["status"] != "waived"]
    return float((~asked["counted"]).mean()) if len(asked) else 0.0


def _of(count: int, share: float) -> int:
    """Return how many of so many have a property at most, where they are as all others are."""
    mean = count * share
    return math.ceil(mean + 2 * math.sqrt(mean))


def _told_apart(contacts: pd.DataFrame, holes: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Tell of each contact what a missing mail may have done to it.

    `met_in_hole`, `answer_in_hole`: an answer in time, or any, may be missing. `split`: so may
    one between this contact and the one before it, so that both would count. `replaced`: so may
    an earlier inquiry of the same run, whose own time was over at the answer.
    """
    rows = contacts.sort_values(["sent_at", "message_id"], kind="stable").reset_index(drop=True)
    before = rows.groupby(["account", "thread_id"])["sent_at"].shift()
    ends = pd.Series(as_of, index=rows.index)
    allowed = rows["due_at"] - rows["sent_at"]
    replaced = np.zeros(len(rows), dtype=bool)
    for hole in holes.to_dict("records"):
        earliest = before.where(before > hole["reach_since"], hole["reach_since"])
        early = (earliest < rows["sent_at"]) & (earliest < hole["reach_until"])
        over = rows["answered_at"] > earliest + allowed
        replaced |= ((rows["account"] == hole["account"]) & early & over).to_numpy(bool)
    return rows.assign(
        met_in_hole=_touch(rows["account"], rows["sent_at"], rows["due_at"], holes),
        answer_in_hole=_touch(rows["account"], rows["sent_at"], ends, holes),
        split=_touch(rows["account"], before, rows["sent_at"], holes)
        & (rows["status"] != "waived"),
        replaced=replaced,
    )


def _touch(
    account: pd.Series, first: pd.Series, last: pd.Series, holes: pd.DataFrame
) -> np.ndarray:
    """Tell which spans have an instant in a hole of their account; one without a begin has none."""
    found = np.zeros(len(account), dtype=bool)
    for hole in holes.to_dict("records"):
        meets = (first < hole["reach_until"]) & (last >= hole["reach_since"])
        found |= ((account == hole["account"]) & meets).to_numpy(bool)
    return found


def _overlapping(holes: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    return holes[(holes["since"] < until) & (holes["until"] > since)]


def _hidden(
    holes: pd.DataFrame, answered: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp
) -> int:
    """Return how many inquiries of the window are missing at most.

    Of a named week or silence that the window meets all count; of single mails those within.
    """
    large = holes[holes["kind"] != "mails"]
    lone = in_window(answered[answered["proven"]], "at", since, until)
    for hole in large.to_dict("records"):
        inside = (lone["at"] >= hole["since"]) & (lone["at"] < hole["until"])
        lone = lone[~inside | (lone["account"] != hole["account"])]
    return int(_overlapping(large, since, until)["inquiries_missing_high"].sum()) + len(lone)


def bounds_of_duties(
    obligations: pd.DataFrame,
    inquiries: dict[str, Bound],
    holes: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    as_of: pd.Timestamp,
    by_mail: tuple[str, ...] = ("return",),
) -> dict[str, dict[str, Bound]]:
    """Lowest and highest value of coverage and written share, by kind and by order problem.

    Parameters
    ----------
    obligations : pd.DataFrame
        Those of the window.
    inquiries : dict
        As `bounds_of_contacts` returns it, of the same window: an inquiry is a contact.
    holes : pd.DataFrame
        As `find_holes` returns it.
    since, until, as_of : pd.Timestamp
        UTC.
    by_mail : tuple of str
        Kinds of which a missing mail may be the only trace. Order problems come from reports.

    Returns
    -------
    dict
        By kind and by order problem: `coverage` and `written_share`, each as in
        `bounds_of_contacts`.
    """
    found = {
        "inquiry": {
            "coverage": inquiries["on_time_share"],
            "written_share": _other(inquiries["no_response_share"]),
        }
    }
    over = _overlapping(holes, since, until)
    missing, bounced = over["inquiries_missing_high"].sum(), over["bounces_missing_high"].sum()
    asked = max(1, int((obligations["kind"] == "inquiry").sum()))
    parts = [("kind", kind) for kind in KINDS[1:]] + [("problem", name) for name in PROBLEMS]
    for column, name in parts:
        rows = obligations[obligations[column] == name]
        share = len(rows) / asked if name in by_mail else 0.0
        duties = _duties(rows, holes, _of(int(missing), share), int(bounced), as_of)
        written = _other(duties.unanswered())
        found[name] = {"coverage": duties.on_time(), "written_share": written}
    return found


def _duties(
    rows: pd.DataFrame, holes: pd.DataFrame, hidden: int, unbounced: int, as_of: pd.Timestamp
) -> Whole:
    status, begins = rows["status"], rows["trigger_at"] - _BEFORE
    in_time = _touch(rows["account"], begins, rows["due_at"], holes)
    ever = _touch(rows["account"], begins, pd.Series(as_of, index=rows.index), holes)
    return Whole(
        met=int((status == "met").sum()),
        late=int((status == "late").sum()),
        missed=int((status == "missed").sum()),
        hidden=hidden,
        unbounced=unbounced if len(rows) else 0,
        may_be_met=int((status.isin(["late", "missed"]) & in_time).sum()),
        may_be_written=int(((status == "missed") & ever).sum()),
        more_met=int(((status == "open") & ever).sum()),
    )
