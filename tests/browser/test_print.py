"""`report --static --pdf` as the command does it: a page without script, A4 from a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sellerkit.report.pdf import print_page
from sellerkit.report.run import Form, build_reports

pytestmark = pytest.mark.browser


def test_a_report_is_printed_beside_its_page_the_same_each_time(
    chromium: str, shop: dict[str, Any], tmp_path: Path
) -> None:
    asked = {key: shop[key] for key in ("lake", "as_of")}
    form = Form(static=True, browser=Path(chromium))
    (report,) = build_reports(["atoz"], tmp_path, parameters=asked, form=form)
    assert report.files == [report.page, report.pdf]
    assert report.pdf.with_suffix(".html") == report.page
    assert "<button" not in report.page.read_text("utf-8")
    left = {path.name for path in report.page.parent.iterdir()}
    record = report.page.with_suffix(".run.json").name
    assert left == {report.page.name, report.pdf.name, report.findings.name, record}
    printed = report.pdf.read_bytes()
    again = tmp_path / "again.pdf"
    print_page(report.page, again, browser=form.browser, made=report.run.audit.as_of)
    assert again.read_bytes() == printed and b"file:" not in printed
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed))
    assert [(round(float(w)), round(float(h))) for w, h in sizes] == [(595, 842)]
    assert 2 <= len(re.findall(rb"/Type /Page\b", printed)) <= 8
