"""Why something is not as the run before found it, told from facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sellerkit.report.provenance import Provenance

if TYPE_CHECKING:
    from sellerkit.report.diff import Findings

_Row = Mapping[str, Any]
_Cause = tuple[str, str]

#: What a cause is called, and what it means for a reader.
CAUSES = {
    "since": "happened since the earlier run",
    "time": "its time ran out",
    "late_data": "data that arrived late",
    "rule": "a rule changed",
    "mark": "a mark was set or taken back",
    "mapping": "files were read otherwise",
    "code": "sellerkit itself changed",
    "unknown": "unknown",
}

#: What of two runs may differ, and the cause that it would be.
_SOURCES = {
    "files": "late_data",
    "marks": "mark",
    "readings": "mapping",
    "rules": "rule",
    "code": "code",
}
_NAMED = {
    "files": "the files read",
    "marks": "the marks",
    "readings": "how files were read",
    "rules": "the rules",
    "code": "sellerkit itself",
}

#: What a row is about: it comes from the files, and no rule and no moment changes it.
_ABOUT = ("marketplace", "topic", "order_id", "thread_id", "reason", "amount")
_WRITTEN = {"contacts": "answered_at", "obligations": "satisfied_at"}


def plain(value: Any) -> Any:
    """Return a value of a frame so that missing ones are one and the same, None."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [str(part) for part in value]
    return None if pd.isna(value) else value


@dataclass(frozen=True)
class Facts:
    """What of two runs differs, as far as they say.

    Attributes
    ----------
    before_at, now_at : pd.Timestamp
        The instants as of which they looked.
    differs : dict of str to bool or None
        By the words of `_SOURCES`; None where one of them does not say.
    rows : dict of str to str
        The rows of the rules that differ, by the names that findings have, in words.
    """

    before_at: pd.Timestamp
    now_at: pd.Timestamp
    differs: dict[str, bool | None]
    rows: dict[str, str]

    @classmethod
    def of(cls, before: Findings, now: Findings) -> Facts:
        """Return the facts of two runs."""
        old, new = before.run, now.run
        if old is None or new is None:
            return cls(before.as_of, now.as_of, dict.fromkeys(_SOURCES), {})
        readings = _shared(old.lake.readings, new.lake.readings)
        differs: dict[str, bool | None] = {
            "files": old.lake.files != new.lake.files,
            "marks": old.lake.marks != new.lake.marks,
            "readings": None if readings is None else bool(readings),
            "rules": old.policy.sha256 != new.policy.sha256,
            "code": (old.code.version, old.code.package) != (new.code.version, new.code.package),
        }
        return cls(before.as_of, now.as_of, differs, rows_changed(old, new))

    def cause(self, name: str, old: _Row | None, new: _Row | None) -> _Cause:
        """Return why a row is another, is new or is gone: a word of `CAUSES`, and the fact."""
        if old is not None and new is not None:
            return self._of_change(name, old, new)
        return self._of_one(name, old, new)

    def _of_change(self, name: str, old: _Row, new: _Row) -> _Cause:
        told = [column for column in _ABOUT if column in new]
        moved = [column for column in told if plain(old[column]) != plain(new[column])]
        if moved:
            return self._by_data(f"its {moved[0]} is another")
        by_rule = self._by_rule(old, new)
        if by_rule:
            return by_rule
        if name in _WRITTEN:
            if "waived" in (old["status"], new["status"]) and self._may("marks") and _asked(new):
                return "mark", _marked(new)
            found = self._by_time(_WRITTEN[name], old, new)
            if found:
                return found
        if name == "claims_readiness" and old["verdict"] != new["verdict"] and not self._other():
            return "since", f"between {_at(self.before_at)} and {_at(self.now_at)}"
        return self._left_over()

    def _by_time(self, column: str, old: _Row, new: _Row) -> _Cause | None:
        """Tell by the clock: written since, run out of time since, or written and not on file."""
        written, was = new[column], old[column]
        if pd.notna(written) and (pd.isna(was) or written != was):
            if written >= self.before_at:
                return "since", f"written {_at(written)}, after the earlier run looked"
            if self._may("files"):
                return "late_data", (
                    f"written {_at(written)}, before the earlier run looked at "
                    f"{_at(self.before_at)}, and not on file then"
                )
            return None
        same = pd.isna(written) and pd.isna(was)
        due = new["due_at"]
        ran_out = same and old["status"] == "open" and self.before_at <= due < self.now_at
        return ("time", f"it was due {_at(due)}") if ran_out else None

    def _by_rule(self, old: _Row, new: _Row) -> _Cause | None:
        if not self._may("rules") or "due_at" not in new:
            return None
        if new["rule"] != old["rule"]:
            return "rule", f"judged by {old['rule']} then, by {new['rule']} now"
        if plain(new["due_at"]) != plain(old["due_at"]) and new["rule"] in self.rows:
            return "rule", f"{new['rule']} was {self.rows[new['rule']]}"
        return None

    def _of_one(self, name: str, old: _Row | None, new: _Row | None) -> _Cause:
        row = new if new is not None else old or {}
        at = next(row[c] for c in ("trigger_at", "filed_at", "sent_at") if c in row)
        if new is not None and at >= self.before_at:
            return "since", f"from {_at(at)}, after the earlier run looked"
        if name == "obligations" and self._may("rules") and row["rule"] in self.rows:
            return "rule", f"{row['rule']} was {self.rows[row['rule']]}"
        # a buyer's message is a contact whatever the rules say, so only the files can bring it
        only_files = name in ("contacts", "claims_readiness")
        others = ("readings",) if only_files else ("readings", "rules", "marks", "code")
        if new is not None and self._may("files") and not self._other(*others):
            return "late_data", (
                f"from {_at(at)}, before the earlier run looked at {_at(self.before_at)}, and not "
                "on file then"
            )
        return self._left_over()

    def _by_data(self, what: str) -> _Cause:
        sources = [n for n in ("files", "readings") if self.differs[n]]
        if "readings" in sources:
            return "mapping", f"{what}, and a file was read under other options than before"
        if sources:
            return "late_data", f"{what}, by a file read since the earlier run"
        return "unknown", what

    def _left_over(self) -> _Cause:
        """Tell by what alone differs between the two runs, if it is one thing."""
        others = [name for name, differs in self.differs.items() if differs]
        if None in self.differs.values():
            return "unknown", "one of the two runs does not say what it rests on"
        if "readings" in others:  # a file that is read again is among the files read
            others = [name for name in others if name != "files"]
        if len(others) == 1:
            return _SOURCES[others[0]], f"of the two runs only {_NAMED[others[0]]} differ" + (
                "s" if others[0] == "code" else ""
            )
        named = " and ".join(_NAMED[name] for name in others)
        return "unknown", f"several differ: {named}" if others else "nothing but the instant"

    def _may(self, name: str) -> bool:
        """Tell whether something differs, or could for all that is known."""
        return self.differs[name] is not False

    def _other(self, *names: str) -> bool:
        return any(self.differs[name] for name in names or tuple(_SOURCES))


def rows_changed(old: Provenance, new: Provenance) -> dict[str, str]:
    """Return the rows of the rules that are not the same in two runs, in words.

    Returns
    -------
    dict of str to str
        By a row's name in findings: ``24 hours, is 12 hours``.
    """
    before, now = old.policy.rows, new.policy.rows
    found: dict[str, str] = {}
    for row in sorted({*before, *now}):
        was, is_ = before.get(row), now.get(row)
        if was != is_:
            found[row.split(" ")[0]] = f"{was or 'not there'}, is {is_ or 'not there'}"
    return found


def _shared(before: Mapping[str, str], now: Mapping[str, str]) -> list[str] | None:
    """Return the files that were read under other options; None where nobody wrote that down."""
    if not before or not now:
        return None
    return [name for name in before if name in now and before[name] != now[name]]


def _asked(row: _Row) -> bool:
    """Tell whether a duty is one that a seller's mark takes away."""
    return row.get("kind", "inquiry") == "inquiry"


def _marked(row: _Row) -> str:
    if row["status"] == "waived":
        return "it is marked as needing no response, and was not"
    return "it was marked as needing no response, and is not"


def _at(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
