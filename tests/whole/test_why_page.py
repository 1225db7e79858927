"""docs/why.md is what the command prints of the sample shop now."""

from __future__ import annotations

from pathlib import Path

import why_page

from sellerkit.report.load import load_run
from sellerkit.sample import Sample


def test_the_page_is_current(lake: tuple[Path, dict], sample: Sample) -> None:
    run = load_run(lake[0], as_of=sample.as_of, timezone=sample.zone)
    assert why_page.PAGE.read_text("utf-8") == why_page.page(run, sample), (
        "run `python tests/why_page.py`"
    )
