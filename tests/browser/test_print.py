"""`report --static --pdf` as the command does it: a page without script, A4 from a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sellerkit.report.run import Form, build_reports

pytestmark = pytest.mark.browser


def test_a_report_is_printed_beside_its_page_the_same_each_time(
    chromium: str, shop: dict[str, Any], tmp_path: Path
) -> None:
    asked = {key: shop[key] for key in ("lake", "as_of")}
    form = Form(static=True, browser=Path(chromium))
    printed = []
    for n in range(2):
        (report,) = build_reports(["atoz"], tmp_path / str(n), parameters=asked, form=form)
        assert report.files == [report.page, report.pdf]
        assert report.pdf.with_suffix(".html") == report.page
        assert "<button" not in report.page.read_text("utf-8")
        left = {path.name for path in report.page.parent.iterdir()}
        record = report.page.with_suffix(".run.json").name
        assert left == {report.page.name, report.pdf.name, report.findings.name, record}
        printed.append(report.pdf.read_bytes())
    assert printed[0] == printed[1]
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed[0]))
    assert [(round(float(w)), round(float(h))) for w, h in sizes] == [(595, 842)]
    assert 2 <= len(re.findall(rb"/Type /Page\b", printed[0])) <= 8
