"""The list of all runs: whole whatever happens to the pages, and made of small records alone."""

from __future__ import annotations

import datetime as dt
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from sellerkit.report import index as module
from sellerkit.report.figures import Figures
from sellerkit.report.index import accounts_of, write_index
from sellerkit.report.places import PORTFOLIO, Place
from sellerkit.report.record import Record, read_records, record_files, write_record

NEWEST = dt.datetime(2026, 10, 5, 6, tzinfo=dt.UTC)
NONE_OWED = {"overdue": 0, "due_today": 0, "due_soon": 0, "claims": 0, "to_answer": 0}


def figures(share: float | None = 0.95, **others: Any) -> Figures:
    met = 0 if share is None else round(share * 100)
    row = {
        "inquiries": 100, "met": met, "late": 100 - met if met else 0, "missed": 0, "open": 0,
        "on_time_share": share, "interval": None if share is None else (share - 0.02, share + 0.02),
        "bound": None, "median_hours": 6.0, "target": 0.9, "coverage": {}, "at_risk": {},
        "not_ready": 0, "holes": 0,
    }  # fmt: skip
    kinds = ("inquiry", "return", "order_problem", "claim")
    row["coverage"] = dict.fromkeys(kinds, share)
    return Figures(**(row | NONE_OWED | others))


def publish(
    out: Path, account: str = "shop", report: str = "compliance", *, days_ago: float = 0,
    failed: str = "", share: float | None = 0.95, **others: Any,
) -> Place:  # fmt: skip
    """Put a page and its record where a report command puts them."""
    as_of = NEWEST - dt.timedelta(days=days_ago)
    portfolio = report == PORTFOLIO
    record = Record(
        account="" if portfolio else account, report=report, as_of=as_of, until=as_of,
        since=as_of - dt.timedelta(days=30), lake_version=1, policy="amazon", zone="Europe/Berlin",
        stores=("DE",), code="0", failed=failed,
        figures=None if failed or portfolio else figures(share, **others),
    )  # fmt: skip
    place = Place.of(out, account, report, as_of)
    place.folder.mkdir(parents=True, exist_ok=True)
    if not failed:
        place.page.write_text("a page")
    write_record(record, place)
    return place


def listed(out: Path) -> str:
    return write_index(out).read_text("utf-8")


def rows_of(page: str, account: str) -> list[str]:
    table = page.split(f'aria-label="Runs of {account}"', 1)[1].split("</table>", 1)[0]
    return re.findall(r"<tr><th scope=\"row\">.*?</tr>", table, re.S)


def test_runs_are_listed_newest_first_with_links_and_figures(tmp_path: Path) -> None:
    publish(tmp_path, days_ago=7, share=0.85)
    for report in ("compliance", "atoz", "due"):
        publish(tmp_path, "My shop", report)
        publish(tmp_path, report=report, share=0.91)
    page = listed(tmp_path)
    newest, older = rows_of(page, "shop")
    assert "5 Oct 2026" in newest and "91.0" in newest
    assert "28 Sep 2026" in older and "85.0" in older
    for report in ("compliance", "atoz", "due"):
        assert f'href="shop/{report}/2026-10-05.html"' in newest
    assert 'href="My%20shop/compliance/2026-10-05.html"' in page
    for link in re.findall(r'href="([^"#:]+\.html)"', page):
        assert (tmp_path / link.replace("%20", " ")).is_file(), link


def test_no_page_is_read(tmp_path: Path) -> None:
    places = [publish(tmp_path, days_ago=n) for n in range(3)]
    before = listed(tmp_path)
    for place in places:
        place.page.write_bytes(b"\xff\x00 no page any more")
    assert listed(tmp_path) == before


def test_a_page_removed_by_hand_is_named_and_not_linked(tmp_path: Path) -> None:
    publish(tmp_path)
    publish(tmp_path, report="atoz").page.unlink()
    page = listed(tmp_path)
    assert "atoz/2026-10-05.html" not in page and "A-to-z removed" in page
    assert "compliance/2026-10-05.html" in page


@pytest.mark.parametrize("bad", [b"", b'{"account": "sh', b"\xff\xfe", b"[]", b"{}"])
def test_a_record_cut_short_is_left_out_and_counted(tmp_path: Path, bad: bytes) -> None:
    publish(tmp_path, "whole")
    publish(tmp_path, "cut").record.write_bytes(bad)
    page = listed(tmp_path)
    assert "1 record could not be read" in page
    assert rows_of(page, "whole") and "Runs of cut" not in page
    publish(tmp_path, "cut")
    assert "could not be read" not in listed(tmp_path)


def test_a_failed_run_leaves_the_last_good_figures_and_says_what_is_unknown(tmp_path: Path) -> None:
    publish(tmp_path, days_ago=7, share=0.93, due_today=4)
    publish(tmp_path, failed="cell 4 of its notebook gave KeyError")
    page = listed(tmp_path)
    overview = page.split('aria-label="Newest run of each account"')[1].split("</table>")[0]
    assert "run failed" in overview and "93.0" in overview and overview.count("unknown") == 3
    assert "cell 4 of its notebook gave KeyError" in page and "of 28 Sep 2026" in page
    # the page of the same day, made before the run that failed, is still there
    publish(tmp_path)
    publish(tmp_path, failed="again")
    assert "compliance/2026-10-05.html" in listed(tmp_path)
    # and a run that is published ends the failure
    publish(tmp_path)
    assert "failed" not in listed(tmp_path)


def test_old_figures_are_called_old_by_how_often_the_account_is_run(tmp_path: Path) -> None:
    publish(tmp_path, "fresh")
    for ago in (8, 9, 10):
        publish(tmp_path, "daily", days_ago=ago)
    for ago in (8, 38, 68):
        publish(tmp_path, "monthly", days_ago=ago)
    kept, _ = read_records(record_files(tmp_path))
    stale = {account.name: account.stale for account in accounts_of(kept, tmp_path)}
    assert stale == {"fresh": False, "daily": True, "monthly": False}
    page = listed(tmp_path)
    assert "8 days old" in page and "run every day" in page


def test_nothing_is_owed_is_said_only_where_it_is_so(tmp_path: Path) -> None:
    publish(tmp_path, "clear")
    publish(tmp_path, "owing", overdue=1)
    publish(tmp_path, "holed", holes=3)
    page = listed(tmp_path)
    assert page.count("Nothing is owed.") == 1
    assert "Nothing is owed." in page.split("<h2>clear</h2>")[1].split("</section>")[0]


def test_trend_has_only_windows_of_one_length_and_no_unknown_share(tmp_path: Path) -> None:
    bound = {"lowest": 0.5, "highest": 0.9}
    for ago, more in ((0, {}), (7, {"bound": bound}), (14, {"share": 0.8})):
        publish(tmp_path, days_ago=ago, **more)
    odd = publish(tmp_path, days_ago=21)
    record = Record.model_validate_json(odd.record.read_bytes())
    write_record(record.model_copy(update={"since": record.since - dt.timedelta(days=60)}), odd)
    kept, _ = read_records(record_files(tmp_path))
    (account,) = accounts_of(kept, tmp_path)
    assert [share for _, share in account.trend] == [0.8, None, 0.95]


def test_names_of_accounts_are_text(tmp_path: Path) -> None:
    publish(tmp_path, "<img src=x> & co")
    publish(tmp_path, "日本")
    page = listed(tmp_path)
    assert "<img" not in page and "&lt;img src=x&gt; &amp; co" in page and "日本" in page
    ids = re.findall(r'<section id="([^"]*)"', page)
    assert len(ids) == len(set(ids)) and all(ids)


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    for place in ("one", "two"):
        for account in ("b", "a"):
            publish(tmp_path / place, account, share=0.91 if account == "a" else 0.89)
        write_index(tmp_path / place)
    assert (tmp_path / "one/index.html").read_bytes() == (tmp_path / "two/index.html").read_bytes()


def test_the_portfolios_are_listed(tmp_path: Path) -> None:
    publish(tmp_path, report=PORTFOLIO)
    publish(tmp_path)
    page = listed(tmp_path)
    assert 'href="portfolio/2026-10-05.html"' in page
    assert "<dt>Accounts</dt><dd>1</dd>" in page


def test_an_empty_folder_gets_a_list_that_says_so(tmp_path: Path) -> None:
    assert "Nothing is published" in listed(tmp_path)


def test_a_run_published_while_the_list_is_written_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commands: the other publishes and lists after ours read, and before ours writes."""
    publish(tmp_path, "ours")
    render, others = module.render_index, []

    def slow(*given: Any, **options: Any) -> str:
        text = render(*given, **options)
        if not others:
            others.append("theirs")
            publish(tmp_path, "theirs")
            write_index(tmp_path)
        return text

    monkeypatch.setattr(module, "render_index", slow)
    page = listed(tmp_path)
    assert rows_of(page, "ours") and rows_of(page, "theirs")


def test_many_at_once_lose_no_run(tmp_path: Path) -> None:
    def command(number: int) -> None:
        publish(tmp_path, f"shop {number}")
        write_index(tmp_path)

    threads = [threading.Thread(target=command, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    page = (tmp_path / "index.html").read_text("utf-8")
    assert all(rows_of(page, f"shop {n}") for n in range(6))
    assert not list(tmp_path.rglob(".writing-*"))
