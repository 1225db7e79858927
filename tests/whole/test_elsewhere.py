"""A machine in another zone, of another language, finds the same, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mails import DATE, mail, mbox

AS_OF = "2026-11-05T06:00:00Z"

#: Bare days and moments on the nights on which clocks are changed, and on a leap day.
RETURNS = """return_id,order_id,requested_at
1,302-0000001-0000001,2026-10-25
2,302-0000002-0000002,2026-10-24
3,302-0000003-0000003,2026-03-29
4,302-0000004-0000004,2024-02-29
5,302-0000005-0000005,2026-10-25T02:30:00+02:00
6,302-0000006-0000006,2026-10-25T02:30:00+01:00
"""
DATES = ("Sun, 25 Oct 2026 02:30:00 +0200", "Sun, 25 Oct 2026 02:30:00 +0100",
         "Sun, 1 Nov 2026 01:30:00 EDT", "Sun, 1 Nov 2026 01:30:00 EST", DATE)  # fmt: skip


def found(folder: Path, run: Any) -> dict[str, bytes]:
    """Ingest and audit; return all findings as they lie on disk, but for how the run was made."""
    lake = folder / "lake"
    read = run("ingest", folder.parent / "in", "--lake", lake, "--account", "Ä", "--marketplace",
               "DE", "--json")  # fmt: skip
    assert read.code == 0, read.err
    done = run("audit", "--lake", lake, "--as-of", AS_OF, "--since", "2020-01-01", "--out",
               folder / "out")  # fmt: skip
    assert done.code == 0, done.err
    summary = json.loads((folder / "out" / "summary.json").read_bytes())
    assert summary["obligations"]["return"]["missed"] == 6 and summary["contacts"]
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def test_the_same_findings_wherever_the_machine_stands(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "returns.csv").write_text(RETURNS)
    mails = [mail(Date=date, Message_ID=f"<{n}@x>") for n, date in enumerate(DATES)]
    (tmp_path / "in" / "all.mbox").write_bytes(mbox(*mails))
    seen = []
    for zone, language in (("America/St_Johns", "C"), ("Pacific/Kiritimati", "tr_TR.UTF-8")):
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("LC_ALL", language)
        place = tmp_path / language
        place.mkdir()
        seen.append(found(place, run))
    assert seen[0] == seen[1]
