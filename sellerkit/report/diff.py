"""Two runs side by side: which contacts, duties, claims and violations changed, and why.

The why is told from facts and from nothing else: when something was sent and when the earlier run
looked, which row of the rules judged it, what was marked, how a file was read. Where the facts
leave it open, it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd

from sellerkit.report.cause import Facts, plain
from sellerkit.report.provenance import Provenance


@dataclass(frozen=True)
class Findings:
    """The findings of one run.

    Attributes
    ----------
    as_of, since, until : pd.Timestamp
        UTC; the window is ``[since, until)``.
    frames : mapping of str to pd.DataFrame
        Columns of `tables.FINDINGS`, by name.
    run : Provenance or None
        What the run rests on; None where nobody wrote that down, and more is unknown then.
    """

    as_of: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp
    frames: Mapping[str, pd.DataFrame]
    run: Provenance | None = None


class Kind(NamedTuple):
    """How one finding is compared: its key, its instant, its verdict, and what else counts."""

    key: tuple[str, ...]
    at: str
    verdict: str
    columns: tuple[str, ...]


_ABOUT = ("order_id", "thread_id", "marketplace")

#: What is compared. Columns that move with `as_of` by themselves (hours left, scores of what is
#: still open, sentences) are left out; whatever they tell, the verdict tells too.
KINDS = {
    "contacts": Kind(
        ("account", "message_id"), "sent_at", "status",
        ("due_at", "answered_at", "counted", "why_not", "topic", "rule", *_ABOUT),
    ),
    "obligations": Kind(
        ("account", "obligation_id"), "trigger_at", "status",
        ("due_at", "satisfied_at", "satisfied_by", "content_ok", "content_expected", "rule",
         *_ABOUT),
    ),
    "claims_readiness": Kind(
        ("account", "claim_id"), "filed_at", "verdict",
        ("respond_by", "reason", "amount", "missing", "order_id"),
    ),
    "violations": Kind(
        ("account", "message_id", "rule", "start"), "sent_at", "severity", ("end", "order_id"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was.

    Attributes
    ----------
    finding : str
        ``contacts``, ``obligations``, ``claims_readiness`` or ``violations``.
    id : str
    also : tuple of str
        Findings that say the same of the same event: an inquiry is a contact and a duty.
    what : str
        The kind of duty, or ``contact``, ``readiness``; of a violation its rule.
    account, order_id : str or None
    at : pd.Timestamp
        The event's own instant.
    change : str
        ``met``, ``late``, ``missed``, ``open``, ``waived``, ``not_applicable``, ``ready``,
        ``gaps``, ``indefensible`` (the verdict now, which was another), ``appeared``, ``vanished``
        or ``changed`` (with the verdict it had).
    before, after : dict
        What is not the same, verdict first; of one that appeared or vanished only the verdict.
    cause : str
        A word of `sellerkit.report.cause.CAUSES`.
    why : str
        The fact from which the cause is told, in a sentence.
    """

    finding: str
    id: str
    also: tuple[str, ...]
    what: str
    account: str
    order_id: str | None
    at: pd.Timestamp
    change: str
    before: dict[str, Any]
    after: dict[str, Any]
    cause: str
    why: str


@dataclass(frozen=True)
class Changes:
    """What changed from one run to another.

    Attributes
    ----------
    before, now : Findings
    changes : list of Change
        By finding and instant.
    left, entered : dict of str to int
        How many rows of each finding lie in the window of the one run only; they are no changes.
    differs : dict of str to bool or None
        Whether the lake's files, marks, readings, the rules and the code of the two are not the
        same; None is unknown.
    """

    before: Findings
    now: Findings
    changes: list[Change]
    left: dict[str, int]
    entered: dict[str, int]
    differs: dict[str, bool | None]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as `sellerkit.measure.to_json` can write it."""
        return {
            "before": _told(self.before),
            "now": _told(self.now),
            "differs": self.differs,
            "changes": [vars(change) for change in self.changes],
            "left_the_window": self.left,
            "entered_the_window": self.entered,
        }


def _told(findings: Findings) -> dict[str, Any]:
    window = {"since": findings.since, "until": findings.until}
    run = findings.run
    return {
        "as_of": findings.as_of,
        "window": window,
        "lake_version": run.lake.version if run else None,
        "policy": run.policy.name if run else None,
    }


def diff(before: Findings, now: Findings) -> Changes:
    """Compare two runs, thing by thing.

    Parameters
    ----------
    before, now : Findings
        The earlier run and the later one, of one account or of the same accounts.

    Returns
    -------
    Changes
        A contact and the inquiry that it is, and a claim and its readiness, are one change where
        they appear, vanish or change together.

    Notes
    -----
    A row of the earlier run that lies before the later window has not vanished: the window went
    on. Such rows are counted and are no changes; likewise what only the earlier window left out.
    """
    facts = Facts.of(before, now)
    found: list[Change] = []
    left, entered = {}, {}
    for name in KINDS:
        rows, left[name], entered[name] = _compared(name, before, now)
        found += [_change(name, *pair, facts) for pair in rows]
    return Changes(before, now, _folded(found), left, entered, facts.differs)


_Row = dict[str, Any]


def _compared(
    name: str, before: Findings, now: Findings
) -> tuple[list[tuple[_Row | None, _Row | None]], int, int]:
    """Return the pairs of rows that differ, and how many rows only one window could hold."""
    kind = KINDS[name]
    old, new = _unequal(before.frames[name], now.frames[name], kind)
    old_rows, new_rows = _by_key(old, kind), _by_key(new, kind)
    same = [key for key in old_rows if key in new_rows]
    pairs: list[tuple[_Row | None, _Row | None]] = [(old_rows[k], new_rows[k]) for k in same]
    gone, left = _inside(old_rows, same, kind, now)
    come, entered = _inside(new_rows, same, kind, before, since_then=True)
    return [*pairs, *((row, None) for row in gone), *((None, row) for row in come)], left, entered


def _unequal(old: pd.DataFrame, new: pd.DataFrame, kind: Kind) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of each that the other has not alike; most rows of two runs are alike."""
    names = list(dict.fromkeys([*kind.key, kind.verdict, *kind.columns]))
    hashes = []
    for frame in (old, new):
        words = {n: frame[n].map(" ".join) for n in names if frame[n].dtype == object}
        hashes.append(pd.util.hash_pandas_object(frame[names].assign(**words), index=False))
    return old[~hashes[0].isin(hashes[1])], new[~hashes[1].isin(hashes[0])]


def _by_key(frame: pd.DataFrame, kind: Kind) -> dict[tuple[Any, ...], _Row]:
    records: list[_Row] = frame.to_dict("records")
    return {tuple(row[name] for name in kind.key): row for row in records}


def _inside(
    rows: Mapping[tuple[Any, ...], _Row], same: list[tuple[Any, ...]], kind: Kind,
    other: Findings, *, since_then: bool = False,
) -> tuple[list[_Row], int]:  # fmt: skip
    """Return the rows that the other run lacks though its window, or time, could hold them."""
    known = set(same)
    alone = [row for key, row in rows.items() if key not in known]
    held = [
        row
        for row in alone
        if other.since <= row[kind.at] < other.until or (since_then and row[kind.at] >= other.as_of)
    ]
    return held, len(alone) - len(held)


def _differing(kind: Kind, old: _Row, new: _Row) -> list[str]:
    return [c for c in (kind.verdict, *kind.columns) if plain(old[c]) != plain(new[c])]


def _change(name: str, old: _Row | None, new: _Row | None, facts: Facts) -> Change:
    kind = KINDS[name]
    row = new or old or {}
    verdict = kind.verdict
    if old is None or new is None:
        names = [verdict]
        change = "vanished" if new is None else "appeared"
    else:
        names = list(dict.fromkeys([verdict, *_differing(kind, old, new)]))
        moved = plain(old[verdict]) != plain(new[verdict])
        change = str(new[verdict]) if moved and name != "violations" else "changed"
    cause, why = facts.cause(name, old, new)
    return Change(
        finding=name,
        id=_id(name, row),
        also=(),
        what=_what(name, row),
        account=str(row["account"]),
        order_id=plain(row["order_id"]),
        at=row[kind.at],
        change=change,
        before={n: plain(old[n]) for n in names} if old else {},
        after={n: plain(new[n]) for n in names} if new else {},
        cause=cause,
        why=why,
    )


def _id(name: str, row: _Row) -> str:
    ids = {"obligations": "obligation_id", "claims_readiness": "claim_id"}
    return str(row[ids.get(name, "message_id")])


def _what(name: str, row: _Row) -> str:
    words = {"contacts": "contact", "claims_readiness": "readiness"}
    return words.get(name) or str(row["kind" if name == "obligations" else "rule"])


#: Of two findings that tell of one event the first speaks for both.
_TWINS = {("obligations", "inquiry"): "contact", ("claims_readiness", "readiness"): "claim"}


def _folded(changes: list[Change]) -> list[Change]:
    """Tell an event once: a contact with its inquiry, a claim's duty with its readiness."""
    told: dict[tuple[Any, ...], Change] = {}
    for one in sorted(changes, key=lambda c: (list(KINDS).index(c.finding), c.at, c.id)):
        event = (one.account, one.order_id, one.at)
        twin = (_TWINS.get((one.finding, one.what)), *event)
        if twin in told and not told[twin].also:
            told[twin] = _with(told[twin], one)
        else:
            key = (one.what, *event)
            told[key if key not in told else (*key, one.finding, one.id)] = one
    return list(told.values())


def _with(first: Change, other: Change) -> Change:
    """Return a change that speaks for another; of a claim the readiness is told beside it."""
    if other.what != "readiness":
        return replace(first, also=(other.finding,))
    return replace(
        first,
        also=(other.finding,),
        before=first.before | {"readiness": other.before.get("verdict")},
        after=first.after | {"readiness": other.after.get("verdict")},
    )
