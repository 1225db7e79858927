"""Pages about 200,000 findings: as small as those about few, cut, and with where the rest is."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from played import played

import sellerkit as sk
from sellerkit.report.catalogue import REPORTS
from sellerkit.report.exporter import render_page
from sellerkit.report.load import Run
from sellerkit.tables import FINDINGS

MANY = 200_000

#: What makes a row another row.
IDS = ["message_id", "obligation_id", "claim_id", "order_id", "call_id"]

AS_OF = "2026-10-05T06:00:00Z"


def copied(frame: pd.DataFrame, times: int) -> pd.DataFrame:
    """Return the rows so many times, the copies with ids of their own."""
    rows = pd.concat([frame] * times, ignore_index=True)
    number = (rows.index // max(1, len(frame))).to_series(rows.index).map(lambda n: f"~{n}")
    first = rows.index < len(frame)
    told = [name for name in IDS if name in rows]
    return rows.assign(**{n: rows[n].where(first, rows[n] + number) for n in told})


class Copies(Run):
    """A run whose findings are copied: a copy came about as what it is a copy of."""

    def why(self, finding: str, rows: pd.DataFrame) -> list[Any]:
        told = [name for name in IDS if name in rows]
        first = {n: rows[n].str.replace(r"~\d+$", "", regex=True) for n in told}
        return super().why(finding, rows.assign(**first))


@pytest.fixture(scope="module")
def run(lake: tuple[Path, dict]) -> Run:
    """The sample's run with its findings so often that there are 200,000."""
    small = sk.load_run(str(lake[0]), as_of=AS_OF)
    found = small.audit
    times = -(-MANY // sum(map(len, found.findings.values())))
    findings = {name: copied(frame, times) for name, frame in found.findings.items()}
    many = replace(
        found,
        findings=findings,
        contacts=copied(found.contacts, times),
        obligations=copied(found.obligations, times),
    )
    parts = {field.name: getattr(small, field.name) for field in fields(small)}
    return Copies(**parts | {"audit": many})


@pytest.mark.parametrize(
    "name", ["compliance", *(pytest.param(n, marks=pytest.mark.slow) for n in ("atoz", "due"))]
)
def test_a_page_of_many_findings_is_small_and_says_where_the_rest_is(
    name: str, run: Run, lake: tuple[Path, dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sum(map(len, run.audit.findings.values())) >= MANY
    monkeypatch.setattr(sk, "load_run", lambda *_, **__: run)
    executed = played(REPORTS[name][0], lake=str(lake[0]), as_of=AS_OF)
    page = render_page(executed, title=name)
    assert len(page.encode()) <= 2_000_000
    assert len(render_page(executed, title=name, static=True).encode()) <= 400_000
    shown = [int(n.replace(",", "")) for n in re.findall(r"\d+ of (?:the )?([\d,]+)", page)]
    assert max(shown) > 1000
    if name == "due":
        assert "<code>sellerkit due</code> lists all" in page
    else:
        files = set(re.findall(r'<a href="2026-10-05.findings/(\w+).parquet">', page))
        assert files and files <= set(FINDINGS)
