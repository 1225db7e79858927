"""Write docs/why.md: `sellerkit why` for one of each kind of finding of the sample shop.

    python tests/why_page.py

The sample is made and read anew; the page is the same each time, and a test fails when it is not
what the command prints now.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.text import Text

from sellerkit.audit import Derivation, derive
from sellerkit.cli.printed import out
from sellerkit.cli.why import moment_in, print_derivation
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report.load import Run, load_run
from sellerkit.sample import Sample, write_sample

PAGE = Path(__file__).parents[1] / "docs" / "why.md"

#: The sample of tests/whole, so that its lake can be used.
ORDERS = 250

HEAD = """# Why: every verdict with its derivation

Written by `python tests/why_page.py` from the sample shop; a test fails when it is stale.

    sellerkit why ID --lake lake --as-of 2026-10-05

prints how a verdict came about: the steps from the first event to it, the clock, what happened
with the file that each event was read from, and the rules with their sources and how sure they are.
`ID` is that of a message (what it asks for, or what it answered), an order (all its duties, claims
and calls), a return, a claim, a call or an obligation. `--json` prints the same as one object,
`--texts` shows the first line of each message, `--policy` judges by other rules. In the reports the
same stands behind “Why” at each row.

A derivation is no second opinion: the records of the one order or conversation are audited again,
alone, and what that concludes is told. So it cannot say anything else than the verdict, and it
shows that nothing else was needed for it; the last line says whether it agrees with the whole
audit. Where something is owed and not allowed at once, a line marked `!` says so and names the safe
way.

In Python:

```python
import sellerkit as sk
from sellerkit.audit import derive, explain

run = sk.load_run("lake", as_of="2026-10-05")
explain(run.audit, "302-1234567-1234567")  # all of an order
derive(run.audit, "contacts", run.audit.contacts.head(3))  # some rows of a finding
run.not_credited  # replied, but not credited
run.conflicts  # owed, and not allowed
```
"""

#: Title, finding, and the values of the row that is wanted, as far as there is one.
WANTED = (
    ("A buyer’s message", "contacts", {"status": "late", "why_not": None}),
    ("A message that was answered by a machine", "contacts", {"why_not": "automated"}),
    ("A return request", "obligations", {"kind": "return", "status": "missed"}),
    ("An order problem that may not be told", "obligations", {"problem": "late_shipment"}),
    ("An A-to-z claim to answer", "obligations", {"kind": "claim", "status": "missed"}),
    ("How ready a claim is", "claims_readiness", {"verdict": "indefensible"}),
    ("An order that could have a claim", "exposure", {"auto_lost": True}),
    ("A telephone call", "calls_review", {"verdict": "email_owed"}),
    ("A message that breaks a rule", "violations", {}),
    ("A check-in", "check_ins", {"state": "due"}),
)


def page(run: Run, sample: Sample) -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_sections(run, sample.folder)])


def _sections(run: Run, folder: Path) -> Iterator[str]:
    moment = moment_in(run.zone)
    for title, name, wanted in WANTED:
        rows = run.audit.findings[name]
        if name == "obligations" and "problem" in wanted:
            told = run.conflicts.loc[run.conflicts["conflict"] == "opted_out", "obligation_id"]
            rows = rows[rows["obligation_id"].isin(told)]
        if rows.empty:
            continue
        (one,) = derive(run.audit, name, _first(rows, wanted))
        out.width, before = 100, out.width
        with out.capture() as captured:
            print_derivation(_relative(one, folder), moment)
        out.width = before
        lines = Text.from_ansi(captured.get()).plain.split("\n")
        text = "\n".join(line.rstrip() for line in lines).strip()
        yield f"## {title}\n\n```\n$ sellerkit why {one.id} --lake lake\n\n{text}\n```\n"


def _first(rows: pd.DataFrame, wanted: dict[str, object]) -> pd.DataFrame:
    """Return the first row that has these values; one that none has is not asked for."""
    for column, value in wanted.items():
        fits = rows[column].isna() if value is None else rows[column] == value
        rows = rows[fits] if fits.any() else rows
    return rows.head(1)


def _relative(one: Derivation, folder: Path) -> Derivation:
    """Return a derivation whose files are named from within the sample's folder."""
    events = [
        dataclasses.replace(event, source=str(event.source).removeprefix(f"{folder}/"))
        for event in one.events
    ]
    return dataclasses.replace(one, events=tuple(events))


def main() -> None:
    """Make the sample, and write the page from it."""
    with tempfile.TemporaryDirectory() as place:
        sample = write_sample(Path(place) / "histories", orders=ORDERS)
        context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
        ingest([sample.folder], Path(place) / "lake", context)
        run = load_run(Path(place) / "lake", as_of=sample.as_of, timezone=sample.zone)
        PAGE.write_text(page(run, sample), "utf-8")


if __name__ == "__main__":
    main()
