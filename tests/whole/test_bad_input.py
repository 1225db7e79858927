"""What cannot be read: one sentence, the exit code of cli.md, nothing half-written."""

from __future__ import annotations

import gzip
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sellerkit.lake import Lake

ORDERS = "order_id,purchased_at\n302-1234567-1234567,2026-01-01\n"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def utf16_without_mark(folder: Path) -> Path:
    header = "amazon-order-id\tpurchase-date\torder-status\n"
    return write(folder / "all-orders.txt", header.encode("utf-16-le"))


def undecodable(folder: Path) -> Path:
    # 0x81 and 0x8D are no character of cp1252, and this is no UTF-8
    text = b"amazon-order-id\tpurchase-date\torder-status\tproduct-name\n"
    return write(
        folder / "all-orders.txt", text + b"302-1234567-1234567\t\x81\x8d\xff\tShipped\tx\n"
    )


def cut_zip(folder: Path) -> Path:
    whole = folder / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", ORDERS * 1000)
    cut = write(folder / "cut.zip", whole.read_bytes()[:150])
    whole.unlink()
    return cut


#: What is wrong, and what the sentence must name.
CASES = {
    "no such folder": (lambda folder: folder / "nowhere", ["nowhere"]),
    "an empty folder": (lambda folder: (folder / "void").mkdir() or folder / "void", ["void"]),
    "an unknown format": (
        lambda f: write(f / "notes.txt", "hello\nworld\n"),
        ["notes.txt", "format"],
    ),
    "a key column missing": (
        lambda f: write(f / "orders.csv", "purchased_at,status\n2026-01-01,shipped\n"),
        ["orders.csv", "order_id"],
    ),
    "messages without ids": (
        lambda f: write(f / "messages.csv", "sent_at,sender,body\n2026-01-01,buyer,hi\n"),
        ["messages.csv", "message_id"],
    ),
    "UTF-16 without a mark": (utf16_without_mark, ["all-orders.txt"]),
    "no encoding at all": (undecodable, ["all-orders.txt"]),
    "a cut archive": (cut_zip, ["cut.zip"]),
    "a cut gz": (
        lambda f: write(f / "orders.csv.gz", gzip.compress(ORDERS.encode() * 999)[:60]),
        ["orders.csv.gz"],
    ),
    "JSON that breaks off": (
        lambda f: write(f / "orders.json", '{"payload": {"Orders": [{"AmazonOrderId": "302'),
        ["orders.json"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_read_is_one_sentence_and_3(case: str, run: object, tmp_path: Path) -> None:
    make, named = CASES[case]
    place = tmp_path / "lake"
    done = run("ingest", make(tmp_path), "--lake", place, "--account", "A")
    assert done.code == 3, done
    assert len(done.err.strip().splitlines()) == 1
    assert "Traceback" not in done.err + done.out
    assert all(word in done.err for word in named), done.err
    assert not list(place.rglob("*.parquet"))


def test_a_bad_file_among_good_ones_leaves_the_lake_as_it_was(run: object, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    write(files / "orders.csv", ORDERS)
    write(files / "claims.csv", "claim_id,filed_at,reason\n1,2026-01-01,other\n")
    done = run("ingest", files, "--lake", tmp_path / "lake", "--account", "A")
    assert done.code == 3
    assert "claims.csv" in done.err and "order_id" in done.err
    assert not list((tmp_path / "lake").rglob("*.parquet"))


def test_a_cut_mailbox_gives_all_whole_mails_and_says_what_was_cut(
    run: object, sample: object, tmp_path: Path
) -> None:
    raw = next(Path(sample.folder).rglob("*.mbox")).read_bytes()
    place = raw.rindex(b"\nFrom ", 0, len(raw) * 2 // 3)
    # a mail in several parts, cut between two of them
    boundary = raw.index(b"boundary=", place)
    cut = write(tmp_path / "cut.mbox", raw[: raw.index(b"\n--", boundary) + 40])
    done = run("ingest", cut, "--lake", tmp_path / "lake", "--account", "A", "--json")
    assert done.code == 0, done.err
    (file,) = done.json["files"]
    assert file["quarantined"] == 1 and file["used"] > 50
    assert "cut.mbox" in done.err and "Traceback" not in done.err


@pytest.mark.parametrize("text", ["soon", "2026-13-45", "now", "05.10.2026x"])
def test_an_as_of_that_is_no_date_is_2(text: str, lake: tuple, run: object) -> None:
    done = run("audit", "--lake", lake[0], "--as-of", text)
    assert done.code == 2
    assert "as_of" in done.err.replace("-", "_") and len(done.err.strip().splitlines()) == 1


def test_other_slips_of_usage_are_2(lake: tuple, run: object) -> None:
    assert run("audit").code == 2
    assert run("nonsense").code == 2
    assert run("report", "nonsense", "--lake", lake[0], "--as-of", "2026-10-05").code == 2
    assert run("audit", "--lake", lake[0], "--policy", "nonsense").code == 2
    assert run("ingest", ".", "--lake", "x", "--account", "A", "--marketplace", "XX").code == 2


def test_no_lake_and_no_version_are_3(lake: tuple, run: object, tmp_path: Path) -> None:
    done = run("audit", "--lake", tmp_path, "--as-of", "2026-10-05")
    assert done.code == 3 and "no lake here" in done.err
    done = run("audit", "--lake", lake[0], "--as-of", "2026-10-05", "--lake-version", 99)
    assert done.code == 3 and "no version 99" in done.err
    done = run("report", "all", "--lake", lake[0], "--as-of", "2026-10-05", "--account", "nobody")
    assert done.code == 3 and "nobody" in done.err


@pytest.mark.skipif(os.name != "posix", reason="files are limited by the shell's ulimit")
def test_a_lake_that_cannot_be_written_is_one_sentence_and_loses_nothing(tmp_path, sample) -> None:
    words = ["ingest", str(sample.folder), "--lake", "lake", "--account", sample.account]
    command = shlex.join([sys.executable, "-m", "sellerkit", *words])
    limited = f'ulimit -f 8; trap "" XFSZ; exec {command}'  # as a full disk: no file over 4 KiB
    failed = subprocess.run(["bash", "-c", limited], cwd=tmp_path, capture_output=True, text=True)
    assert failed.returncode == 3
    sentence = failed.stderr.strip().splitlines()[-1]
    assert sentence.startswith("sellerkit: lake: cannot be written: ")
    assert sentence.endswith("; nothing was changed")
    assert Lake.open_or_new(tmp_path / "lake").version == 0
    again = subprocess.run(shlex.split(command), cwd=tmp_path, capture_output=True)
    assert again.returncode == 0
    assert Lake.open(tmp_path / "lake").version == 1
