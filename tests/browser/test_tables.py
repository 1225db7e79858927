"""Tables sort and are searched by the page's own script, by click and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from look import opened

from sellerkit.report.exporter import page_scripts

pytestmark = pytest.mark.browser

ROWS = [
    # name, share, wait, due, money, note
    ("b", "60.0 %", "2 d 3 h", "Tue 6 Oct 03:18", "€1,240.15", "–"),
    ("a", "2 of 4", "59 min", "Sun 27 Dec 2026", "£20.00", "x10"),
    ("d", "100.0 %", "4 h 2 min", "4 Jan", "€59.00", "x9"),
    ("c", "–", "12 h", "Mon 5 Oct 12:02", "–", ""),
]
HEADS = ("Name", "Share", "Wait", "Due", "Money", "Note")


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def line(name: str, *cells: str) -> str:
        return f"<th scope=row>{name}</th>" + "".join(f"<td>{cell}</td>" for cell in cells)

    heads = "".join(f"<th scope=col>{name}</th>" for name in HEADS)
    pairs = "".join(
        f"<tr>{line(*row)}</tr><tr class=wy><td colspan=6>why {row[0]}</td></tr>" for row in ROWS
    )
    long = "".join(
        f"<tr><th scope=row>row {name}</th><td>Buyer {n % 3}</td></tr>"
        for n, name in enumerate("abcdefghijkl")
    )
    path = tmp_path_factory.mktemp("tables") / "tables.html"
    path.write_text(
        f"""<!doctype html><meta charset=utf-8>
        <script type="application/json" id="sellerkit-run">
        {{"parameters": {{"as_of": "2026-10-05T06:00:00+00:00"}}}}</script>
        <div class=tw aria-label=short><table><thead><tr>{heads}</tr></thead>
        <tbody>{pairs}</tbody></table></div>
        <div class=tw aria-label=long><table><thead><tr><th scope=col>Row</th>
        <th scope=col>Buyer <a href="#x">assumed</a></th></tr></thead>
        <tbody>{long}</tbody></table></div>
        <script>{page_scripts(charts=False)[0]}</script>""",
        "utf-8",
    )
    return path


ORDERS = [
    ("Name", "abcd"),
    ("Share", "abd-"),  # "2 of 4" is a half; what is not known stands last
    ("Wait", "adcb"),
    ("Due", "cbad"),  # a date without a year is the one nearest to the page's moment
    ("Money", "adb-"),  # currencies are never mixed
    ("Note", "da--"),
]


def names(page: object) -> str:
    return "".join(page.locator("[aria-label=short] tbody th").all_text_contents())


@pytest.mark.parametrize(("head", "order"), ORDERS, ids=[head for head, _ in ORDERS])
def test_a_column_is_sorted_both_ways_and_back(browser, page_path, head, order) -> None:
    with opened(browser, page_path) as (page, _, complaints):
        cell = page.locator("th[scope=col]", has_text=head).first
        given, known = names(page), order.rstrip("-")
        button = cell.get_by_role("button")
        button.click()
        assert cell.get_attribute("aria-sort") == "ascending"
        assert names(page)[: len(known)] == known
        button.press("Enter")
        assert cell.get_attribute("aria-sort") == "descending"
        assert names(page)[: len(known)] == known[::-1]
        button.press("Space")
        assert cell.get_attribute("aria-sort") is None
        assert names(page) == given
        assert complaints == []


def test_what_belongs_to_a_row_goes_with_it(browser, page_path) -> None:
    with opened(browser, page_path) as (page, _, _):
        page.get_by_role("button", name="Name").click()
        rows = page.locator("[aria-label=short] tbody tr").all_text_contents()
        assert [row[0] for row in rows[::2]] == [row[-1] for row in rows[1::2]] == list("abcd")


def test_rows_are_found_by_words(browser, page_path) -> None:
    with opened(browser, page_path) as (page, _, _):
        fields = page.get_by_role("searchbox")
        assert fields.count() == 1  # a short table needs none
        fields.fill("buyer 1 ROW")
        shown = page.locator("[aria-label=long] tbody tr:visible th").all_text_contents()
        assert shown == ["row b", "row e", "row h", "row k"]
        assert page.locator("output").text_content() == "4 of 12 rows"
        fields.fill("")
        assert page.locator("[aria-label=long] tbody tr:visible").count() == 12
        assert page.locator("output").text_content() == ""


def test_a_link_in_a_head_stands_beside_its_button(browser, page_path) -> None:
    with opened(browser, page_path) as (page, _, _):
        assert page.locator("button a").count() == 0
        assert page.locator("th > a").count() == 1


def test_the_tables_of_a_report_sort(browser, pages) -> None:
    with opened(browser, pages["compliance"].path) as (page, _, complaints):
        head = page.locator("#due-now th[scope=col]", has_text="Store").first
        head.get_by_role("button").click()
        stores = page.locator("#due-now .tw >> nth=0 >> tbody > tr > td:nth-child(5)")
        told = [store for store in stores.all_text_contents() if store != "–"]
        assert told == sorted(told) and len(set(told)) > 1
        assert complaints == []
