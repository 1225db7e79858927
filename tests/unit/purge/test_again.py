"""After a purge: the same mails again are no news, a new mail is, and a crash leaves no half."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from canaries import where
from mails import CONTEXT, mail, mbox
from small_shop import BARE, CLAIMED, MAILS, SECRET, UNSEEN, write_shop
from typer.testing import CliRunner

from sellerkit.audit import Audit
from sellerkit.cli import app
from sellerkit.errors import LakeError, UsageError
from sellerkit.lake import Lake, patient
from sellerkit.lake.tokens import is_token
from sellerkit.purge import filed, purge, run
from sellerkit.purge.check import audited
from sellerkit.purge.plan import read_all
from sellerkit.read.ingest import ingest
from sellerkit.tables import MAILS as EVIDENCE
from sellerkit.tables import MESSAGES, ORDERS, TOLD

LATER = "2020-06-01"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake after a purge that had to hold an order for its claim."""
    lake = write_shop(tmp_path_factory.mktemp("shop"))
    report = purge(lake, as_of="2020-05-01")
    assert [(each["order_id"], each["kind"]) for each in report.held] == [(CLAIMED, "claim")]
    assert where(lake, UNSEEN) == []
    return lake


@pytest.fixture(scope="module")
def shop(held: Path) -> Path:
    """Return a lake of which all may go: nobody waits for the claim any more."""
    lake = Path(shutil.copytree(held, held.with_name("released")))
    filed.add_hold(str(lake), CLAIMED, "release", "the claim was withdrawn", "2020-05-02")
    return lake


@pytest.fixture(scope="module")
def purged(shop: Path) -> Path:
    lake = Path(shutil.copytree(shop, shop.with_name("purged")))
    assert purge(lake, as_of=LATER).held == []
    return lake


def test_a_release_wants_a_reason(held: Path) -> None:
    words = ["purge", "--lake", str(held), "--as-of", LATER, "--release", CLAIMED]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, UsageError)
    assert not (held / filed.HOLDS).exists()


@pytest.fixture
def lake(purged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(purged, tmp_path / "lake"))


def read(folder: Path, name: str, data: bytes, lake: Path) -> dict[str, dict[str, int]]:
    (folder / name).write_bytes(data)
    report = ingest([folder / name], lake, CONTEXT)
    return {key: dict(value) for key, value in report.as_dict()["totals"]["tables"].items()}


def test_all_that_named_somebody_is_gone(purged: Path) -> None:
    gone = (CLAIMED, BARE, UNSEEN, SECRET, "a1b2c3d4e5f6g7", "zz99", "asked@x", "withdrawn",
            "smells of her dog", "Mrs Fink", "she cried", "flowerpot", "<script>")  # fmt: skip
    assert {word: where(purged, word) for word in gone} == {word: [] for word in gone}


@pytest.mark.parametrize("data", [MAILS, MAILS + b"\n"], ids=["the same file", "another export"])
def test_the_same_mails_again_are_the_same(data: bytes, lake: Path, tmp_path: Path) -> None:
    before = Lake.open(lake).read(MESSAGES)
    found = read(tmp_path, "again.mbox", data, lake)
    for name in ("messages", "mails"):
        assert found[name] == {"rows": 3, "new": 0, "updated": 0, "same": 3}
    assert where(lake, SECRET) == []
    pd.testing.assert_frame_equal(Lake.open(lake).read(MESSAGES), before)


def test_a_new_mail_on_a_purged_order_keeps_its_words_and_joins(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "same_figures", lambda *args: None)
    late = mail("May I send it back now?", **{"Message-ID": "<late@x>",
                "Date": "Mon, 01 Jun 2020 10:00:00 +0000"})  # fmt: skip
    assert read(tmp_path, "late.mbox", mbox(late), lake)["messages"]["new"] == 1
    messages = Lake.open(lake).read(MESSAGES).set_index("message_id")
    new = messages.loc["late@x"]
    assert new["body"] == "May I send it back now?"
    assert new["order_id"] in set(Lake.open(lake).read(ORDERS)["order_id"])
    threads = messages.loc[is_token(messages.index.to_series()), "thread_id"]
    assert new["thread_id"] in set(threads)
    # a mail is owed on it: it stays; a day later it does not
    assert purge(lake, as_of="2020-06-01T12:00Z").purged == 0
    assert where(lake, "send it back") != []
    assert purge(lake, as_of="2020-06-03T12:00Z").tables["messages"]["purged"] == 1
    assert where(lake, "send it back") == []


def test_what_texts_had_said_is_kept(purged: Path) -> None:
    told = Lake.open(purged).read(TOLD)
    assert told["reply"].sum() == 1  # "Re: your order"
    assert set(told["content"].str.len()) == {0, 6}
    mails = Lake.open(purged).read(EVIDENCE)
    assert is_token(mails["buyer_id"]).all()


def test_a_lake_far_away_is_refused() -> None:
    with pytest.raises(UsageError, match="in a folder only"):
        purge("s3://bucket/lake", as_of=LATER)


def test_an_ingest_at_the_same_time_keeps_a_purge_out(shop: Path) -> None:
    with patient(0.1), Lake.open(shop).writing(), pytest.raises(LakeError, match="another ingest"):
        purge(shop, as_of=LATER)


class Stopped(BaseException):
    """The power is gone."""


def _stop_at(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop at the so-manieth thing that is written or removed."""
    left = iter(range(count))

    def stopping(does: Callable[..., object]) -> Callable[..., object]:
        def instead(*args: object, **words: object) -> object:
            if next(left, None) is None:
                raise Stopped
            return does(*args, **words)

        return instead

    for owner, name in (
        (run.filed, "write"), (run.Writer, "replace"), (run.Writer, "rewrite"), (Path, "unlink"),
        (run, "forget_versions"), (run.filed, "forget"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, stopping(getattr(owner, name)))


@pytest.fixture(scope="module")
def found(shop: Path) -> Audit:
    return audited(read_all(Lake.open(shop)), pd.Timestamp(LATER, tz="UTC"))


@pytest.mark.parametrize("count", [7, 14, 20])
def test_stopped_anywhere_a_rerun_ends_right(
    count: int, shop: Path, tmp_path: Path, found: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Path(shutil.copytree(shop, tmp_path / "lake"))
    # the figures are another test's
    monkeypatch.setattr(run, "same_figures", lambda *args: None)
    monkeypatch.setattr(run, "audited", lambda *args: found)
    with monkeypatch.context() as patched:
        _stop_at(count, patched)
        with pytest.raises(Stopped):
            purge(lake, as_of=LATER)
    rows = Lake.open(lake).read(MESSAGES)
    assert rows["body"].notna().sum() in (0, 2)  # one went before
    report = purge(lake, as_of=LATER)
    assert report.tables["messages"]["purged"] == 2
    assert where(lake, SECRET) == where(lake, CLAIMED) == where(lake, "a1b2c3d4e5f6g7") == []
    assert not (lake / filed.UNDER_WAY).exists()
    assert len(list((lake / filed.REPORTS).glob("*.json"))) == 2


def test_killed_a_rerun_ends_right(shop: Path, tmp_path: Path) -> None:
    lake = Path(shutil.copytree(shop, tmp_path / "lake"))
    code = (
        "import os, signal, sys\n"
        "from sellerkit.purge import run\n"
        "from sellerkit.lake import clean\n"
        "def die(*args): os.kill(os.getpid(), signal.SIGKILL)\n"
        "clean._only = die\n"
        "run.same_figures = print\n"
        f"run.purge(sys.argv[1], as_of={LATER!r})\n"
    )
    root = Path(run.__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(lake)], env=os.environ | {"PYTHONPATH": str(root)},
        check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert where(lake, SECRET) != []  # in the older version
    assert purge(lake, as_of=LATER).tables["messages"]["purged"] == 2
    assert where(lake, SECRET) == []


def test_originals_become_stubs_by_which_they_are_known(
    shop: Path, purged: Path, lake: Path, tmp_path: Path
) -> None:
    kept = Path(shutil.copytree(shop.parent / "files", tmp_path / "kept"))
    (kept / "other.eml").write_bytes(mail("Nothing of ours", **{"Message-ID": "<other@x>"}))
    (kept / "one.eml").write_bytes(mail("Where is it?", **{"Message-ID": "<asked@x>"}))
    report = purge(lake, as_of=LATER, originals=[kept])
    assert report.originals["mails"] == 4
    assert not (kept / "one.eml").exists()
    assert (kept / "other.eml").exists()
    assert (kept / "calls.csv").read_bytes() == b""
    assert {word: where(kept, word) for word in (SECRET, "Mrs Fink", "zz99")} == {
        word: [] for word in (SECRET, "Mrs Fink", "zz99")
    }
    found = ingest([kept / "all.mbox"], lake, CONTEXT).as_dict()["totals"]
    assert found["skipped"] == {"purged": 3}
    assert json.dumps(found["tables"]) == "{}"
