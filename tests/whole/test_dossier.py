"""`report dossier` as a user runs it on the sample shop: page, zip, and what it refuses."""

from __future__ import annotations

import html
import re
import zipfile
from pathlib import Path

import pytest

import sellerkit as sk
from sellerkit.cli.dossier import check_order
from sellerkit.errors import UsageError
from sellerkit.report.exhibits import verify_zip
from sellerkit.report.run import build_reports

AS_OF = "2026-10-05T06:00:00Z"


@pytest.fixture(scope="module")
def order(lake: tuple) -> str:
    """An order with a claim, on which buyer and seller wrote."""
    histories = sk.open_lake(str(lake[0])).histories()
    senders = histories["messages"].groupby("order_id")["sender"].agg(set)
    both = senders[senders >= {"buyer", "seller"}].index
    return next(order for order in histories["claims"]["order_id"] if order in both)


@pytest.fixture(scope="module")
def built(run: object, lake: tuple, order: str, tmp_path_factory: object) -> object:
    words = ["report", "dossier", "--order", order, "--lake", lake[0], "--as-of", AS_OF, "--zip"]
    done = run(*words, "--out", tmp_path_factory.mktemp("out"))
    assert done.code == 0, done.err
    return done


def paths(done: object) -> tuple[Path, Path]:
    page, packed = (Path(line) for line in done.out.splitlines())
    return page, packed


def test_page_and_zip_lie_side_by_side_under_the_orders_name(built: object, order: str) -> None:
    page, packed = paths(built)
    assert page.name == f"2026-10-05_{order}.html" and packed == page.with_suffix(".zip")
    assert (page.parent / f"2026-10-05_{order}.findings" / "summary.json").is_file()
    assert "buyer's data" in built.err and "manifest" in built.err


def test_the_zip_holds(built: object) -> None:
    assert verify_zip(paths(built)[1]) == []


def test_the_zip_has_the_page_and_the_text_that_the_page_shows(built: object) -> None:
    page, packed = paths(built)
    with zipfile.ZipFile(packed) as archive:
        assert archive.read("dossier.html") == page.read_bytes()
        text = archive.read("text-to-paste.txt").decode()
    shown = re.search(r'<pre class="paste"[^>]*>(.*?)</pre>', page.read_text("utf-8"), re.DOTALL)
    assert html.unescape(shown[1]) == text


def test_the_page_holds_no_word_of_a_message_and_the_zip_all(
    built: object, order: str, lake: tuple
) -> None:
    page, packed = paths(built)
    shown = html.unescape(page.read_text("utf-8"))
    with zipfile.ZipFile(packed) as archive:
        mails = [archive.read(name) for name in archive.namelist() if "message" in name]
    messages = sk.open_lake(str(lake[0])).histories()["messages"]
    own = messages[messages["order_id"] == order]
    buyers = set(messages["buyer_id"].dropna())
    assert not [buyer for buyer in buyers if buyer in shown]
    for body in own["body"].dropna():
        words = body.split()
        assert not any(" ".join(words[n : n + 8]) in shown for n in range(len(words) - 7))
    assert len(mails) == (own["sender"] != "amazon").sum() > 0


def test_an_order_on_no_file_is_one_sentence(run: object, lake: tuple, tmp_path: Path) -> None:
    words = ["report", "dossier", "--order", "302-0000000-0000000", "--lake", lake[0]]
    done = run(*words, "--as-of", AS_OF, "--out", tmp_path)
    assert done.code == 3 and done.err.count("\n") == 1
    assert "no order, message, return, claim or call has the id 302-0000000-0000000" in done.err
    assert not list(tmp_path.iterdir())


def test_a_dossier_wants_an_order_and_an_order_a_dossier(lake: tuple, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name it with --order ID"):
        build_reports(["dossier"], tmp_path, parameters={"lake": str(lake[0]), "as_of": AS_OF})
    for given in ({"order": "1", "zipped": False}, {"order": "", "zipped": True}):
        with pytest.raises(UsageError, match="is for the dossier"):
            check_order(["compliance"], **given)
        check_order(["dossier"], **given)
