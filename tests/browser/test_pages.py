"""Reports in a real browser: drawn, closed, harmless, and readable on a phone and on paper."""

from __future__ import annotations

import pytest
from look import labels, narrowed, opened, ugly
from playwright.sync_api import Page

from sellerkit.report.run import REPORTS

pytestmark = pytest.mark.browser

FULL = tuple(REPORTS)
NAMES = (*FULL, "index", "compliance_empty", "atoz_empty", "due_empty")
WIDTHS = (1440, 820, 390, 320)
PAPER = 680  # px between the margins of an A4 page

GROUND = {False: "rgb(255, 255, 255)", True: "rgb(16, 18, 20)"}
FAINT = {False: "rgb(101, 107, 116)", True: "rgb(151, 157, 165)"}


def drawn(page: Page) -> int:
    """Count the charts that show something: plotly's, and drawings with marks in them."""
    return page.evaluate(
        """[...document.querySelectorAll(".js-plotly-plot, .draw")].filter((chart) =>
        chart.clientHeight && chart.querySelector(".main-svg path, rect, path, circle")).length"""
    )


def ground(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def faint(page: Page) -> str:
    return page.evaluate(
        "getComputedStyle(document.querySelector('.xtick text, .draw text:not([fill])')).fill"
    )


@pytest.mark.parametrize("form", ["path", "still"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_at_every_width_and_on_paper(browser, pages, name, dark, form) -> None:
    built = pages[name]
    path = getattr(built, form)
    with opened(browser, path, dark=dark) as (page, requests, complaints):
        assert ground(page) == GROUND[dark]
        for width in WIDTHS:
            narrowed(page, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert drawn(page) == built.charts
            assert ugly(labels(page)) == []
        assert not built.charts or faint(page) == FAINT[dark]
        # what a browser does before it prints; a chart then has a page's width
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        narrowed(page, PAPER)
        assert ground(page) == GROUND[False]
        assert page.evaluate("document.documentElement.scrollWidth") <= PAPER
        assert drawn(page) == built.charts
        assert ugly(labels(page)) == []
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        assert requests == [path.as_uri()]
        assert complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_small(pages, name) -> None:
    assert pages[name].path.stat().st_size <= 2_000_000
    assert pages[name].still.stat().st_size <= 400_000


def test_the_reports_have_charts_and_the_empty_ones_none(pages) -> None:
    charts = {name: pages[name].charts for name in NAMES if pages[name].charts}
    assert charts == {"compliance": 5, "atoz": 1}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", ["compliance", "atoz"])
def test_a_drawing_says_what_the_interactive_chart_says(browser, pages, name, width) -> None:
    """The same labels in the same places: so the same axes, and the same figures."""
    seen = []
    for path in (pages[name].path, pages[name].still):
        with opened(browser, path, width=width) as (page, _, _):
            order = [
                sorted(chart, key=lambda one: (one["text"], one["left"])) for chart in labels(page)
            ]
            seen.append(order)
    for interactive, still in zip(*seen, strict=True):
        assert [one["text"] for one in interactive] == [one["text"] for one in still]
        for one, other in zip(interactive, still, strict=True):
            for side in ("left", "right", "top", "bottom"):
                assert abs(one[side] - other[side]) <= 5, (one, other)


def test_a_static_page_runs_nothing(browser, pages) -> None:
    with opened(browser, pages["compliance"].still) as (page, _, _):
        assert page.locator("script:not([type='application/json'])").count() == 0
        assert page.locator("button, input").count() == 0
        policy = page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
        assert "script-src 'none'" in policy


@pytest.mark.parametrize("form", ["path", "still"])
def test_strangers_text_is_text(browser, pages, form) -> None:
    with opened(browser, getattr(pages["compliance"], form)) as (page, _, complaints):
        assert page.title() == "compliance"
        assert page.locator("img").count() == 0
        assert page.get_by_text("<img src=x onerror=").count() >= 1
        assert page.get_by_text("{{ 7*7 }}").count() >= 1
        assert page.locator(".meta .hot").count() == 1
        assert complaints == []


@pytest.mark.parametrize("name", ["due", "index"])
def test_strangers_text_is_text_on_pages_without_charts(browser, pages, name) -> None:
    with opened(browser, pages[name].path) as (page, _, complaints):
        assert page.title() == ("All runs, sellerkit" if name == "index" else name)
        assert page.locator("img").count() == 0
        assert page.get_by_text("<img src=x onerror=").count() >= 1
        assert complaints == []


def test_a_draft_opens_by_keyboard_and_none_is_cut(browser, pages) -> None:
    with opened(browser, pages["due"].path, width=390) as (page, _, _):
        closed = page.locator(".duties details:not([open]) summary").first
        closed.focus()
        page.keyboard.press("Enter")
        assert page.locator(".duties details[open] pre.draft").count() >= 2
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_dossier_escapes_too_and_one_click_selects_its_text(browser, pages) -> None:
    with opened(browser, pages["dossier"].path) as (page, _, complaints):
        assert page.title() == "dossier" and page.locator("img").count() == 0
        assert page.locator(".ev").get_by_text("<img src=x onerror=").count() == 1
        page.locator(".paste").click()
        selected = page.evaluate("getSelection().toString()")
        assert selected.startswith("Order ID: ") and "\n7. What is asked" in selected
        assert complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_headings_and_names_are_in_order(browser, pages, name) -> None:
    with opened(browser, pages[name].path) as (page, _, _):
        assert page.locator("h1").count() == 1
        assert page.locator("[role=img]:not([aria-label])").count() == 0
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
        assert len(ids) == len(set(ids))
        targets = page.locator(".side a, .headline a").evaluate_all(
            "all => all.map(one => one.getAttribute('href').slice(1))"
        )
        assert set(targets) <= set(ids)
