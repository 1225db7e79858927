"""The sample shop as other systems export it: the same bytes each time, each message once."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sellerkit.errors import UsageError
from sellerkit.sample import write_exports


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exports")
    write_exports(out, orders=200)
    return out


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_exports(tmp_path, orders=200)
    for name in ("zendesk/zendesk.json", "canonical/messages.csv"):
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


def test_buyers_messages_are_the_same_in_both(folder: Path) -> None:
    page = json.loads((folder / "zendesk" / "zendesk.json").read_text("utf-8"))
    buyers = {user["id"] for user in page["users"] if "@marketplace." in user["email"]}
    in_zendesk = sorted(
        comment["created_at"]
        for ticket in page["tickets"]
        for comment in ticket["comments"]
        if comment["author_id"] in buyers
    )
    with (folder / "canonical" / "messages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert in_zendesk == sorted(row["sent_at"] for row in rows if row["sender"] == "buyer")
    assert len({row["message_id"] for row in rows}) == len(rows) > 100


def test_a_help_desk_has_notes_and_suspended_mails_too(folder: Path) -> None:
    page = json.loads((folder / "zendesk" / "zendesk.json").read_text("utf-8"))
    comments = [comment for ticket in page["tickets"] for comment in ticket["comments"]]
    assert any(not comment["public"] for comment in comments)
    assert any(comment["via"]["channel"] == "rule" for comment in comments)
    assert any("delivery failed" in mail["cause"] for mail in page["suspended_tickets"])
    assert any(ticket["followup_ids"] for ticket in page["tickets"])
    for ticket in page["tickets"]:
        assert ticket["description"] == ticket["comments"][0]["body"]


def test_too_small_a_shop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="39"):
        write_exports(tmp_path, orders=39)
