"""Files in: every unit accounted for, the same again changes nothing, containers make no odds."""

from __future__ import annotations

import mailbox
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import amazon_samples
import pandas as pd
import pytest

from sellerkit.lake import QUARANTINE, Lake
from sellerkit.read.helpdesk import FORMATS as HELP_DESKS
from sellerkit.read.ingest import ingest
from sellerkit.read.registry import FORMATS
from sellerkit.read.source import Context
from sellerkit.tables import HISTORIES, MESSAGES, PROVENANCE

OWN = [column.name for column in PROVENANCE]


def assert_accounted(report: dict) -> None:
    for file in report["files"]:
        parts = file["used"] + sum(file["skipped"].values()) + file["quarantined"]
        assert file["read"] == parts, file
        for name, counts in file["tables"].items():
            assert counts["rows"] == counts["new"] + counts["updated"] + counts["same"], name


def test_every_format_is_read_and_every_unit_accounted_for(lake: tuple, tmp_path: Path) -> None:
    _, report = lake
    assert_accounted(report)
    seen = {file["format"] for file in report["files"]}
    for name, data in amazon_samples.FILES.items():
        (tmp_path / name).write_bytes(data)
    others = ingest([tmp_path], tmp_path / "lake", Context("A", "DE")).as_dict()
    assert_accounted(others)
    seen |= {file["format"] for file in others["files"]}
    missing = {form.name for form in FORMATS} - seen
    # the canonical CSV of these is tried with files of their own, below and in test_check_ins.py
    elsewhere = {"messages_csv", "order_items_csv", "check_ins_csv"}
    # the same messages as help desks export them: test_same_shop.py
    elsewhere |= {form.name for form in HELP_DESKS}
    assert missing <= elsewhere, missing
    assert report["totals"]["quarantined"] > 0


def test_canonical_csv_of_every_history_comes_back_as_it_went_in(tmp_path: Path) -> None:
    from canonical_rows import ROWS

    for name, rows in ROWS.items():
        pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False)
    report = ingest([tmp_path], tmp_path / "lake", Context("A")).as_dict()
    assert_accounted(report)
    assert {f["format"] for f in report["files"]} == {f"{name}_csv" for name in HISTORIES}
    stored = Lake.open(tmp_path / "lake").histories()
    for name, rows in ROWS.items():
        assert len(stored[name]) == len(rows), name
        for column, value in rows[0].items():
            found = stored[name][column].iloc[0]
            if isinstance(found, pd.Timestamp):
                assert found == pd.Timestamp(value), (name, column)
            else:
                assert found == value, (name, column)


def test_the_same_again_changes_nothing(lake: tuple, ingest_words: list, run: object) -> None:
    place, first = lake
    before = {n: len(f) for n, f in Lake.open(place).histories().items()}
    again = run(*ingest_words, "--lake", place)
    assert again.code == 0
    assert_accounted(again.json)
    for counts in again.json["totals"]["tables"].values():
        assert counts["new"] == counts["updated"] == 0
        assert counts["rows"] == counts["same"] > 0
    assert again.json["lake_version"] == first["lake_version"]
    assert {n: len(f) for n, f in Lake.open(place).histories().items()} == before


def _messages(place: Path) -> pd.DataFrame:
    rows = Lake.open(place).read(MESSAGES).drop(columns=OWN)
    return rows.sort_values("message_id").reset_index(drop=True)


@pytest.fixture(scope="module")
def containers(sample: object, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One mailbox as it is, as a folder of single mails, and zipped."""
    folder = tmp_path_factory.mktemp("containers")
    source = next(Path(sample.folder).rglob("*.mbox"))
    raw = source.read_bytes()
    (folder / "mbox").mkdir()
    (folder / "mbox" / "mail.mbox").write_bytes(raw)
    (folder / "eml").mkdir()
    box = mailbox.mbox(folder / "mbox" / "mail.mbox")
    for number in range(len(box)):
        (folder / "eml" / f"{number:05}.eml").write_bytes(box.get_bytes(number))
    box.close()
    with zipfile.ZipFile(folder / "mail.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(source, "Takeout/Mail/All mail.mbox")
    return {"mbox": folder / "mbox", "eml": folder / "eml", "zip": folder / "mail.zip"}


def test_mbox_folder_of_eml_and_zip_give_equal_messages(
    containers: dict[str, Path], tmp_path: Path, sample: object
) -> None:
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    frames = {}
    for name, path in containers.items():
        report = ingest([path], tmp_path / name, context).as_dict()
        assert_accounted(report)
        frames[name] = _messages(tmp_path / name)
    assert len(frames["mbox"]) > 100
    pd.testing.assert_frame_equal(frames["mbox"], frames["zip"])
    pd.testing.assert_frame_equal(frames["mbox"], frames["eml"])


def test_another_container_of_the_same_mails_brings_nothing_new(
    containers: dict[str, Path], tmp_path: Path, sample: object
) -> None:
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    ingest([containers["mbox"]], tmp_path, context)
    before = _messages(tmp_path)
    totals = ingest([containers["eml"]], tmp_path, context).totals()
    for counts in totals["tables"].values():
        assert counts["new"] == counts["updated"] == 0
    pd.testing.assert_frame_equal(_messages(tmp_path), before)


def test_mails_in_two_parts_come_to_the_same_as_at_once(
    containers: dict[str, Path], tmp_path: Path, sample: object
) -> None:
    """Threads, copies and bounces hang on other mails, which may come later."""
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    files = sorted(containers["eml"].iterdir())
    ingest(files, tmp_path / "at once", context)
    ingest(files[1::2], tmp_path / "parts", context)
    ingest(files[::2], tmp_path / "parts", context)
    pd.testing.assert_frame_equal(_messages(tmp_path / "parts"), _messages(tmp_path / "at once"))


def test_what_does_not_fit_is_kept_with_place_reason_and_raw_text(lake: tuple) -> None:
    place, report = lake
    kept = Lake.open(place).read(QUARANTINE)
    assert len(kept) == report["totals"]["quarantined"]
    assert kept[["source", "reason", "raw"]].notna().all().all()


def test_a_killed_ingest_leaves_the_last_good_state(
    lake: tuple, containers: dict[str, Path], tmp_path: Path, ingest_words: list
) -> None:
    place = tmp_path / "lake"
    context = Context("first")
    small = tmp_path / "orders.csv"
    small.write_text("order_id,purchased_at\n302-1234567-1234567,2026-01-01\n")
    ingest([small], place, context)
    before = Lake.open(place).version
    words = [sys.executable, "-m", "sellerkit", *ingest_words, "--lake", str(place)]
    for delay in (1.5, 2.5, 3.5):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        seen = Lake.open(place)
        if seen.version == before:
            assert seen.read(MESSAGES).empty
            assert len(seen.histories()["orders"]) == 1
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    reference, _ = lake
    kept = _messages(place)
    pd.testing.assert_frame_equal(kept, _messages(reference))


def _mail(number: int, order: str = "", reply_to: str = "", words: str = "Wo?") -> str:
    headers = [
        "From: Jo <a1b2c3d4e5f6g7@marketplace.amazon.de>",
        "To: shop@seller.example",
        f"Date: Mon, 05 Jan 2026 10:{number:02}:00 +0000",
        f"Message-ID: <{number}@x>",
        f"Subject: Frage {order}".rstrip(),
    ]
    if reply_to:
        headers.append(f"In-Reply-To: <{reply_to}@x>")
    return "\n".join(headers) + f"\n\n{words}\n"


def test_a_later_mail_can_take_back_what_was_concluded(tmp_path: Path) -> None:
    """A mail without an order is of the buyer's only order, until he names a second one."""
    first, second = "302-0000001-0000001", "302-0000002-0000002"
    mails = [
        _mail(1, first),
        _mail(2, words="Ich möchte den Artikel zurückschicken."),
        _mail(3, second),
    ]
    for number, mail in enumerate(mails):
        (tmp_path / f"{number}.eml").write_text(mail, "utf-8")
    files = sorted(tmp_path.glob("*.eml"))
    ingest(files[:2], tmp_path / "parts", Context("A"))
    before = _messages(tmp_path / "parts").set_index("message_id").loc["2@x"]
    assert (before["order_id"], before["topic"]) == (first, "return")
    ingest(files[2:], tmp_path / "parts", Context("A"))
    after = _messages(tmp_path / "parts").set_index("message_id").loc["2@x"]
    assert pd.isna(after["order_id"]) and after["topic"] != "return"
    ingest(files, tmp_path / "at once", Context("A"))
    pd.testing.assert_frame_equal(_messages(tmp_path / "parts"), _messages(tmp_path / "at once"))
