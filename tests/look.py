"""What the tests of pages look at: a page from disk with the network off, and its charts' words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

#: Labels of each chart that is shown: their words, and their boxes within the chart's.
_LABELS = """() => [...document.querySelectorAll(".chart")].map((chart) => {
  const frame = chart.getBoundingClientRect();
  return [...chart.querySelectorAll("text")]
    .filter((text) => text.getClientRects().length && text.textContent.trim())
    .map((text) => {
      const box = text.getBoundingClientRect();
      return {
        text: text.textContent,
        left: box.left - frame.left, right: box.right - frame.left,
        top: box.top - frame.top, bottom: box.bottom - frame.top,
        wide: frame.width, high: frame.height,
      };
    });
})"""


@contextmanager
def opened(
    browser: Browser, path: Path, *, width: int = 1440, dark: bool = False, **more: object
) -> Iterator[tuple[Page, list[str], list[str]]]:
    """Open a page from disk with the network off; yield it, its requests and its complaints."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **more
    )
    page, requests, complaints = context.new_page(), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    yield page, requests, complaints
    context.close()


def narrowed(page: Page, width: int) -> None:
    """Change the window's width, and wait until the page's script has drawn anew."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def labels(page: Page) -> list[list[dict]]:
    return page.evaluate(_LABELS)


def ugly(charts: list[list[dict]]) -> list[str]:
    """Return which labels leave their chart, and which lie on another."""
    found = []
    for chart in charts:
        for n, one in enumerate(chart):
            if (
                min(one["left"], one["top"]) < -1
                or one["right"] > one["wide"] + 1
                or one["bottom"] > one["high"] + 1
            ):
                found.append(f"{one['text']} leaves its chart")
            found += [
                f"{one['text']} lies on {two['text']}" for two in chart[n + 1 :] if _meet(one, two)
            ]
    return found


def _meet(one: dict, two: dict) -> bool:
    across = min(one["right"], two["right"]) - max(one["left"], two["left"])
    down = min(one["bottom"], two["bottom"]) - max(one["top"], two["top"])
    return across > 0 and down > 2  # a line's box is a little higher than its letters
