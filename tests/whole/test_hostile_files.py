"""Every hostile file of the torture a hundred times smaller, against limits as much lower."""

from __future__ import annotations

from pathlib import Path

import pytest
from mails import CONTEXT
from torture.files_hostile import FILES, Hostile
from torture.hostile_files import escaped

from sellerkit.errors import InputError
from sellerkit.read import bounds, files, source
from sellerkit.read.amazon import xml
from sellerkit.read.ingest import ingest
from sellerkit.read.mail import record
from sellerkit.read.mapping import draft
from sellerkit.read.source import Source
from sellerkit.report import bounded
from sellerkit.report.findings import read_findings

SIZE = 0.01
LIMITS = [
    (files, "_LARGE"), (files, "MAX_DIRECTORY"), (source, "MAX_QUARANTINED"), (bounds, "_CELLS"),
    (bounds, "_ROWS"), (bounds, "_MARKS"), (bounds, "MAX_CELL"), (xml, "MAX_MARKS"),
    (record, "MAX_MAIL"), (record, "MAX_TEXT"), (record, "MAX_HEADERS"), (bounded, "_LARGE"),
]  # fmt: skip


@pytest.fixture
def lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    from sellerkit.read import flat

    for module, name in LIMITS:
        monkeypatch.setattr(module, name, int(getattr(module, name) * SIZE))
    monkeypatch.setattr(flat, "MAX_CELL", bounds.MAX_CELL)


def read(one: Hostile, path: Path, lake: Path) -> None:
    """Read a file; what is not refused is accounted for, to the last unit."""
    if one.command == "mapping draft":
        draft(Source(str(path), path.read_bytes()))
    elif one.command == "diff":
        read_findings(path)
    else:
        for file in ingest([path], lake, CONTEXT).as_dict()["files"]:
            whole = file["used"] + sum(file["skipped"].values()) + file["quarantined"]
            assert file["read"] == whole, file


@pytest.mark.parametrize("one", FILES, ids=lambda one: one.name)
def test_it_is_refused_in_a_sentence_or_accounted_for(
    one: Hostile, tmp_path: Path, lowered: None
) -> None:
    path = one.make(tmp_path, SIZE)
    try:
        read(one, path, tmp_path / "lake")
        assert not one.said, "it should have been refused"
    except InputError as error:
        assert one.said in str(error) and (one.said or one.command == "diff"), error
        assert str(path) in str(error) and "\n" not in str(error)
    assert not escaped(tmp_path)
