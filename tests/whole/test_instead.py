"""From files to what is not credited and what conflicts; of internal notes no word is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import histories, noticed, order
from deltalake import DeltaTable
from desks import ALIAS, CONTEXT, comment, mail_from, ticket

from sellerkit.audit import audit, conflicts, explain
from sellerkit.lake import Lake
from sellerkit.read.ingest import ingest
from sellerkit.report.load import Run, load_run
from sellerkit.tables import NOTICED

ASKED = comment(11, 7, "Wo ist mein Paket?", 0, via=mail_from(ALIAS))
NOTE = comment(12, 1, "SECRET: Kunde ist schwierig", 2, public=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "export.json").write_text(json.dumps(ticket(5, ASKED, NOTE)))
    report = ingest([folder / "export.json"], folder / "lake", CONTEXT)
    (file,) = report.as_dict()["files"]
    assert (file["read"], file["used"], file["skipped"]) == (2, 1, {"internal note": 1})
    again = ingest([folder / "export.json"], folder / "lake", CONTEXT)
    assert again.lake.version == report.lake.version, "the same file twice changes nothing"
    return load_run(folder / "lake", as_of="2026-01-20")


def test_a_note_is_listed_as_what_was_done_instead(run: Run) -> None:
    (row,) = run.not_credited.to_dict("records")
    assert (row["reason"], row["by"], row["status"]) == ("internal_note", "zendesk:5:12", "missed")
    (one,) = explain(run.audit, "zendesk:5:11", texts=True)
    assert ("an internal note", "no answer: a note") in {(e.what, e.role) for e in one.events}
    assert "SECRET" not in str(one)


def test_nothing_of_what_it_says_is_kept(run: Run) -> None:
    lake = Path(run.parameters["lake"])
    assert len(Lake.open(lake).read(NOTICED)) == 1
    stored = [DeltaTable(log.parent).to_pyarrow_table() for log in lake.glob("*/_delta_log")]
    texts = [table.to_pandas().to_csv() for table in stored]
    assert any("Wo ist mein Paket?" in text for text in texts)
    assert not [text for text in texts if "SECRET" in text]


def test_conflicts_are_those_still_open_and_those_of_the_window() -> None:
    """Of two orders that were late, one now and one long ago, which nobody would write to now."""
    rows = histories(
        orders=[
            order(latest_ship_at="2026-03-10T12:00"),
            order(order_id="302-0000002-0000002", latest_ship_at="2026-01-10T12:00"),
        ],
        notices=[
            noticed("2026-01-05"),
            noticed("2026-01-06", order_id="302-0000002-0000002"),
        ],
    )
    found = audit(rows, as_of="2026-03-11")
    assert sorted(conflicts(found)["status"]) == ["missed", "open"]
    told = Run(found, "UTC", 1, ["shop"], {}).conflicts
    assert told["status"].tolist() == ["open"]
    wider = audit(rows, as_of="2026-03-11", since="2026-01-01")
    assert len(Run(wider, "UTC", 1, ["shop"], {}).conflicts) == 2
