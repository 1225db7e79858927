"""Printing: a browser is found or its absence told, and a PDF bears the page's date."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sellerkit.errors import ReportError, UsageError
from sellerkit.report.pdf import BROWSER, find_browser, print_page

MADE = pd.Timestamp("2026-10-05T06:00Z")
PDF = b"%PDF-1.4 /CreationDate (D:20200101000000+00'00') /ModDate (D:20200101000000+00'00') %%EOF"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text('<a href="#due">11</a> <a href="2026.findings/contacts.parquet">all</a>')
    return path


def program(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def test_a_browser_is_found_by_name_by_variable_or_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = program(tmp_path, "google-chrome")
    second = program(tmp_path, "another")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(BROWSER, raising=False)
    assert find_browser() == first
    monkeypatch.setenv(BROWSER, str(second))
    assert find_browser() == second
    assert find_browser("google-chrome") == first


def test_no_browser_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(BROWSER, raising=False)
    with pytest.raises(ReportError, match="none is on the PATH"):
        find_browser()
    with pytest.raises(UsageError, match="nowhere"):
        find_browser("nowhere")


def test_a_pdf_bears_the_moment_of_its_page_and_not_the_clocks(tmp_path: Path, page: Path) -> None:
    kept = tmp_path / "given.pdf"
    kept.write_bytes(PDF)
    out = 'for word; do case "$word" in --print-to-pdf=*) cp '
    browser = program(tmp_path, "browser", f'{out}{kept} "${{word#*=}}";; esac; done')
    target = tmp_path / "page.pdf"
    print_page(page, target, browser=browser, made=MADE)
    assert target.read_bytes() == PDF.replace(b"20200101000000", b"20261005060000")


@pytest.mark.parametrize("lines", [["exit 1"], ["exit 0"], ["echo no display >&2; exit 0"]])
def test_a_browser_that_prints_nothing_is_a_failed_report(
    tmp_path: Path, page: Path, lines: list
) -> None:
    browser = program(tmp_path, "browser", *lines)
    with pytest.raises(ReportError, match="printed no PDF"):
        print_page(page, tmp_path / "a.pdf", browser=browser, made=MADE)


def test_what_is_printed_links_to_no_file(tmp_path: Path, page: Path) -> None:
    kept, seen = tmp_path / "given.pdf", tmp_path / "seen.html"
    kept.write_bytes(PDF)
    out = f'case "$word" in --print-to-pdf=*) cp {kept} "${{word#*=}}";;'
    path = f'file:*) cp "${{word#file://}}" {seen};; esac'
    browser = program(tmp_path, "browser", f"for word; do {out} {path}; done")
    print_page(page, tmp_path / "page.pdf", browser=browser, made=MADE)
    assert seen.read_text() == '<a href="#due">11</a> <a>all</a>'
    left = {"page.html", "page.pdf", "given.pdf", "seen.html", "browser"}
    assert {path.name for path in tmp_path.iterdir()} == left
