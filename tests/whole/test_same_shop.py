"""The same shop as a mailbox, as a Zendesk export and as a canonical CSV: the same contacts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sellerkit.lake import Lake
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report.load import load_run
from sellerkit.sample import Sample, write_exports
from sellerkit.tables import MESSAGES

#: What a contact is found to be, whatever system it came from; ids are each system's own.
FOUND = [
    "sent_at", "marketplace", "due_at", "answered_at", "response_hours", "status", "counted",
    "why_not", "topic", "order_id", "rule", "together",
]  # fmt: skip


@pytest.fixture(scope="module")
def lakes(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The shop's messages from each source, beside the same reports and histories."""
    folder = tmp_path_factory.mktemp("shop")
    write_exports(folder, orders=250)
    sources = {
        "mail": sample.folder / "mail",
        "zendesk": folder / "zendesk",
        "csv": folder / "canonical",
    }
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    rest = [sample.folder / "reports", sample.folder / "histories"]
    for name, source in sources.items():
        report = ingest([source, *rest], folder / "lake" / name, context)
        for file in report.files:
            assert file.read >= sum(file.skipped.values()) + file.quarantined
    return {name: folder / "lake" / name for name in sources}


def contacts(lake: Path, sample: Sample) -> pd.DataFrame:
    """Return a lake's contacts in time's order, and for each the first of its conversation."""
    run = load_run(
        str(lake), version=0, account="", as_of=sample.as_of, since=sample.since,
        until=sample.until, policy="",
    )  # fmt: skip
    found = run.audit.contacts.sort_values(["sent_at", "order_id"])
    first = found.groupby("thread_id")["sent_at"].transform("min")
    return found.assign(together=first)[FOUND].reset_index(drop=True)


@pytest.mark.parametrize("source", ["zendesk", "csv"])
def test_contacts_are_the_same(source: str, lakes: dict[str, Path], sample: Sample) -> None:
    of_mail = contacts(lakes["mail"], sample)
    assert len(of_mail) > 150
    assert {"met", "late", "missed", "waived"} <= set(of_mail["status"])
    assert of_mail["why_not"].notna().any(), "some answers must not count, or nothing is shown"
    assert of_mail["topic"].nunique() >= 5
    pd.testing.assert_frame_equal(contacts(lakes[source], sample), of_mail)


@pytest.mark.parametrize("source", ["zendesk", "csv"])
def test_what_the_seller_wrote_arrived_or_not_alike(source: str, lakes: dict[str, Path]) -> None:
    def sent(name: str) -> pd.DataFrame:
        rows = Lake.open(lakes[name]).read(MESSAGES)
        rows = rows[rows["sender"] == "seller"]
        columns = ["sent_at", "buyer_id", "order_id", "automated", "undelivered", "body"]
        # a mail's own text has no more than one blank line in a row
        rows = rows.assign(body=rows["body"].str.replace(r"\n{3,}", "\n\n", regex=True))
        return rows.sort_values(["sent_at", "buyer_id"])[columns].reset_index(drop=True)

    of_mail = sent("mail")
    assert of_mail["automated"].any() and of_mail["undelivered"].sum() >= 2
    pd.testing.assert_frame_equal(sent(source), of_mail)
