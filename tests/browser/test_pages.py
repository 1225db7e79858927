"""Reports in a real browser: drawn, closed, harmless, and readable on a phone and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

CHARTS = {
    "compliance": 5, "atoz": 1, "due": 0, "portfolio": 0, "index": 0,
    "compliance_empty": 0, "atoz_empty": 0, "due_empty": 0,
}  # fmt: skip
NAMES = tuple(CHARTS)
FULL = ("compliance", "atoz")
WIDTHS = (1440, 390, 320)


@contextmanager
def opened(browser: Browser, built: object, *, width: int = 1440, dark: bool = False) -> Iterator:
    """Open a page from disk with the network off; yield it, its requests and its complaints."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page, requests, complaints = context.new_page(), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(built.path.as_uri())
    yield page, requests, complaints
    context.close()


def drawn(page: Page) -> int:
    return page.locator(".js-plotly-plot:has(.main-svg)").count()


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_is_drawn_and_nothing_is_loaded(browser, pages, name) -> None:
    built = pages[name]
    with opened(browser, built) as (page, requests, complaints):
        assert drawn(page) == built.charts
        assert requests == [built.path.as_uri()]
        assert complaints == []
    assert built.path.stat().st_size <= 2_000_000


def test_the_reports_have_charts_and_the_empty_ones_none(pages) -> None:
    assert {name: pages[name].charts for name in NAMES} == CHARTS


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_scrolls_sideways(browser, pages, name, width) -> None:
    with opened(browser, pages[name], width=width) as (page, _, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_strangers_text_is_text(browser, pages) -> None:
    with opened(browser, pages["compliance"]) as (page, _, complaints):
        assert page.title() == "compliance"
        assert page.locator("img").count() == 0
        assert page.get_by_text("<img src=x onerror=").count() >= 1
        assert page.get_by_text("{{ 7*7 }}").count() >= 1
        assert page.locator(".meta .hot").count() == 1
        assert complaints == []


@pytest.mark.parametrize("name", ["due", "index"])
def test_strangers_text_is_text_on_pages_without_charts(browser, pages, name) -> None:
    with opened(browser, pages[name]) as (page, _, complaints):
        assert page.title() == ("All runs, sellerkit" if name == "index" else name)
        assert page.locator("img").count() == 0
        assert page.get_by_text("<img src=x onerror=").count() >= 1
        assert complaints == []


def test_a_draft_opens_by_keyboard_and_none_is_cut(browser, pages) -> None:
    with opened(browser, pages["due"], width=390) as (page, _, _):
        closed = page.locator(".duties details:not([open]) summary").first
        closed.focus()
        page.keyboard.press("Enter")
        assert page.locator(".duties details[open] pre.draft").count() >= 2
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_phone_gets_narrow_charts(browser, pages) -> None:
    with opened(browser, pages["compliance"], width=390) as (page, _, _):
        widths = page.locator(".js-plotly-plot .main-svg").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().right)"
        )
        assert max(widths) <= 390


@pytest.mark.parametrize("name", FULL)
def test_dark_charts_follow_the_page(browser, pages, name) -> None:
    for dark, colour in ((False, "rgb(255, 255, 255)"), (True, "rgb(16, 18, 20)")):
        with opened(browser, pages[name], dark=dark) as (page, _, _):
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert ground == colour
            faint = page.evaluate(
                "getComputedStyle(document.querySelector('.xtick text')).fill"
            )  # the chart's own labels
            assert faint == ("rgb(151, 157, 165)" if dark else "rgb(101, 107, 116)")


def test_a_window_made_narrower_redraws(browser, pages) -> None:
    with opened(browser, pages["compliance"]) as (page, _, complaints):
        page.set_viewport_size({"width": 390, "height": 900})
        page.wait_for_function(
            "document.querySelector('.main-svg').getBoundingClientRect().right <= 390"
        )
        assert complaints == []


@pytest.mark.parametrize("name", FULL)
def test_paper_is_light_and_nothing_sticks_out(browser, pages, name) -> None:
    with opened(browser, pages[name], dark=True) as (page, _, _):
        # what a browser does before it prints; the chart then has a page's width
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 680, "height": 900})
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 680
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("name", NAMES)
def test_headings_and_names_are_in_order(browser, pages, name) -> None:
    with opened(browser, pages[name]) as (page, _, _):
        assert page.locator("h1").count() == 1
        assert page.locator("[role=img]:not([aria-label])").count() == 0
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
        assert len(ids) == len(set(ids))
        targets = page.locator(".side a, .headline a").evaluate_all(
            "all => all.map(one => one.getAttribute('href').slice(1))"
        )
        assert set(targets) <= set(ids)
