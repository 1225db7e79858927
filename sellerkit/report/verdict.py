"""What the check of a page found: which figure, finding, rule or place is not as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sellerkit.report.pieces import Difference
from sellerkit.report.provenance import Provenance

#: Of the figures of two lake versions these differ by what they are.
_OF_THE_VERSION = ("lake_version",)

_ABSENT = "not there"


@dataclass(frozen=True)
class Figure:
    """Something with a name, its value on the page, and its value now."""

    name: str
    page: Any
    now: Any


@dataclass(frozen=True)
class Verdict:
    """Whether a page holds, and what of it does not.

    Attributes
    ----------
    report, account : str
    lake_version : int
    policy : str
        The name of the rules on the page.
    figures : list of Figure
        Of `summary.json`, those that are another now.
    findings : list of Figure
        The findings whose rows are others now: how many they were and are.
    rules : list of Figure
        The rows of the rules that say something else now.
    places : list of Difference
        Every place of the page that is not as it is made now.
    newer : list of Figure
        The figures that would differ at the lake's newest version; the page holds without them.
    newest : int
        The lake's newest version.
    unchecked : list of str
        What could not be made anew, and why.
    notes : list of str
        What is to be known and is no fault: the code is another.
    """

    report: str
    account: str
    lake_version: int
    policy: str
    figures: list[Figure]
    findings: list[Figure]
    rules: list[Figure]
    places: list[Difference]
    newer: list[Figure] = field(default_factory=list)
    newest: int = 0
    unchecked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether the page is what its lake version and rules give."""
        return not (self.places or self.figures or self.findings or self.rules)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        lists = ("figures", "findings", "rules", "places", "newer")
        told = {name: [vars(each) for each in getattr(self, name)] for name in lists}
        return {"holds": self.holds, **vars(self), **told}


def judge(said: Provenance, now: Provenance, places: list[Difference]) -> Verdict:
    """Compare what a page says of itself with what lake and rules give now.

    Parameters
    ----------
    said, now : Provenance
        Of the page, and of the same run made anew.
    places : list of Difference
        Where the page is not the page made anew.
    """
    old_rows, new_rows = said.policy.rows, now.policy.rows
    return Verdict(
        report=str(said.report),
        account=str(said.parameters.get("account", "")),
        lake_version=said.lake.version,
        policy=said.policy.name,
        figures=compared(said.summary or {}, now.of_page().summary or {}),
        findings=_findings(said, now),
        rules=[
            Figure(row, old_rows.get(row, _ABSENT), new_rows.get(row, _ABSENT))
            for row in sorted({*old_rows, *new_rows})
            if old_rows.get(row) != new_rows.get(row)
        ],
        places=places,
    )


def _findings(said: Provenance, now: Provenance) -> list[Figure]:
    """Return the findings that are others: by the number of rows, or as many rows and others."""
    found = []
    for name in sorted({*said.findings, *now.findings}):
        old, new = said.findings.get(name), now.findings.get(name)
        if old != new:
            words = [f"{f.rows} rows, {f.sha256[:12]}" if f else _ABSENT for f in (old, new)]
            found.append(Figure(name, *words))
    return found


def newer(page: Provenance, newest: Provenance) -> list[Figure]:
    """Return the figures and findings that are others at a newer version of the lake."""
    figures = compared(page.summary or {}, newest.summary or {}, leave_out=_OF_THE_VERSION)
    return [
        *figures,
        *(Figure(f"findings.{f.name}", f.page, f.now) for f in _findings(page, newest)),
    ]


def compared(
    page: Mapping[str, Any], now: Mapping[str, Any], *, leave_out: tuple[str, ...] = ()
) -> list[Figure]:
    """Return the figures that two summaries do not share, ``contacts.window.on_time_share``."""
    old, new = (dict(_flat(figures)) for figures in (page, now))
    return [
        Figure(name, old.get(name, _ABSENT), new.get(name, _ABSENT))
        for name in sorted({*old, *new})
        if name not in leave_out and not _same(old.get(name, _ABSENT), new.get(name, _ABSENT))
    ]


def _same(one: Any, other: Any) -> bool:
    # JSON's true is not 1
    return type(one) is type(other) and one == other or _numbers(one, other)


def _numbers(one: Any, other: Any) -> bool:
    both = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (one, other))
    return both and bool(one == other)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from _flat(part, f"{name}[{place}]")
    else:
        yield name, value
