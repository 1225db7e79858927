"""axe-core finds nothing to complain of, in either theme, on a desk and on a phone."""

from __future__ import annotations

import pytest
from look import narrowed, opened

from sellerkit.report.run import REPORTS

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_RUN = """(rules) => axe.run({runOnly: {type: "tag", values: rules}, resultTypes: ["violations"],
  preload: false})"""


@pytest.mark.parametrize("name", REPORTS)
def test_axe_finds_no_violation(browser, pages, axe, name) -> None:
    # the page's own policy would refuse axe too; what is tested here is what the page shows
    with opened(browser, pages[name].path, bypass_csp=True) as (page, _, _):
        page.evaluate(axe)
        for width in (1440, 390):
            narrowed(page, width)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found = page.evaluate(_RUN, RULES)["violations"]
                assert [
                    (one["id"], [node["target"] for node in one["nodes"]]) for one in found
                ] == [], (width, scheme)
