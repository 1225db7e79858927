"""When the seller's own server took a mail in, kept beside the date that its sender wrote."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
from deltalake import DeltaTable, write_deltalake

from sellerkit.lake import Lake
from sellerkit.read.ingest import ingest
from sellerkit.read.mail.dates import received_at
from sellerkit.read.source import Context
from sellerkit.tables import MAILS

SHOP = Context("shop", None, frozenset({"shop@seller.example"}))
MAIL = (
    "{received}Date: Tue, 01 Sep 2026 10:00:00 +0200\r\nMessage-ID: <{number}@seller.example>\r\n"
    "From: shop@seller.example\r\nTo: abcdefghijklmn@marketplace.amazon.de\r\n"
    "Subject: Order 302-0000001-0000001\r\n\r\nHello.\r\n"
)
TOP = "Received: from a by b; Tue, 01 Sep 2026 09:00:00 +0000\r\n"
BELOW = "Received: from c by a; Tue, 01 Sep 2026 08:30:00 +0000\r\n"


def write(folder: Path, number: int, received: str) -> Path:
    path = folder / f"{number}.eml"
    path.write_bytes(MAIL.format(received=received, number=number).encode())
    return path


def test_the_topmost_received_counts() -> None:
    lines = ["from a by b; Tue, 01 Sep 2026 09:00:00 +0000", "from c; Tue, 01 Sep 2026 08:00 +0000"]
    assert received_at(lines) == dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)
    assert received_at([]) is None and received_at(["nonsense", *lines]) is None


def test_it_is_kept_and_the_same_mail_again_changes_nothing(tmp_path: Path) -> None:
    paths = [write(tmp_path, 1, TOP + BELOW), write(tmp_path, 2, "")]
    ingest(paths, tmp_path / "lake", SHOP)
    kept = Lake.open(tmp_path / "lake").read(MAILS).sort_values("message_id")
    assert kept["received_at"].iloc[0] == pd.Timestamp("2026-09-01T09:00Z")
    assert pd.isna(kept["received_at"].iloc[1])
    assert (kept["sent_at"] == pd.Timestamp("2026-09-01T08:00Z")).all()
    copied = write(tmp_path, 3, "")
    copied.write_bytes(paths[0].read_bytes() + b"\r\n")
    said = ingest([copied], tmp_path / "lake", SHOP).as_dict()["totals"]["tables"]["mails"]
    assert (said["new"], said["updated"], said["same"]) == (0, 0, 1)


def test_a_lake_of_an_earlier_version_takes_the_new_column(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    ingest([write(tmp_path, 1, TOP)], lake, SHOP)
    place = str(lake / "mails")
    before = DeltaTable(place).to_pyarrow_table().drop_columns(["received_at"])
    write_deltalake(place, before, mode="overwrite", schema_mode="overwrite")
    log = DeltaTable(str(lake / "ingests")).to_pyarrow_table().to_pandas()
    log["versions"] = log["versions"].str.replace('"mails": 0', '"mails": 1')
    write_deltalake(str(lake / "ingests"), log, mode="overwrite")
    assert Lake.open(lake).read(MAILS)["received_at"].isna().all()
    ingest([write(tmp_path, 2, TOP)], lake, SHOP)
    kept = Lake.open(lake).read(MAILS).sort_values("message_id")
    assert kept["received_at"].notna().tolist() == [False, True]
    (tmp_path / "3.eml").write_bytes((tmp_path / "1.eml").read_bytes() + b"\r\n")
    ingest([tmp_path / "3.eml"], lake, SHOP)
    assert Lake.open(lake).read(MAILS)["received_at"].notna().all()
