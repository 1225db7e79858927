"""An executed notebook as a page: what is shown, what is escaped, what is refused."""

from __future__ import annotations

import base64
import hashlib
import re

import nbformat
import pytest

from sellerkit.errors import ReportError
from sellerkit.report.exporter import page_scripts, render_page
from sellerkit.show.chart import PLOTLY_MIME, axis, draw
from sellerkit.show.display import METADATA_KEY, sentence

HOSTILE = "</script><img src=x onerror=alert(1)>"


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))


def shown(data: dict, **metadata: object) -> nbformat.NotebookNode:
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    return nbformat.v4.new_code_cell("secret_code()", outputs=[output])


def chart(finding: str = "It rose") -> dict:
    words = {
        "finding": finding,
        "measured": "per week",
        "sentence": "It rises.",
        "head": ["Week", "Share"],
        "rows": [["1", "90"]],
        "key": {"met": "in time"},
    }
    return draw([], words=words, height=200, layout={"xaxis": axis()})._repr_mimebundle_()


def test_code_is_hidden_and_headings_become_sections() -> None:
    text = nbformat.v4.new_markdown_cell("## When late\n\nSome *words*.")
    page = render_page(notebook(text, shown({"text/html": "<p>shown</p>"})), title="T & T")
    assert "secret_code" not in page
    assert '<section id="when-late"><h2>When late</h2>' in page
    assert '<a href="#when-late">When late</a>' in page
    assert "<em>words</em>" in page and "<p>shown</p>" in page
    assert "<title>T &amp; T</title>" in page


def test_a_cell_for_the_lab_is_left_out() -> None:
    cell = nbformat.v4.new_markdown_cell("# Only here", metadata={"tags": ["lab"]})
    assert "Only here" not in render_page(notebook(cell), title="t")


def test_counts_stand_in_the_contents() -> None:
    heading = nbformat.v4.new_markdown_cell("## Due")
    cell = shown({"text/html": "x"}, **{METADATA_KEY: {"count": 1284}})
    assert "Due<span>1,284</span>" in render_page(notebook(heading, cell), title="t")


@pytest.mark.parametrize("kind", ["text/plain", "stream", "markdown"])
def test_strangers_text_is_escaped(kind: str) -> None:
    if kind == "stream":
        output = nbformat.v4.new_output("stream", text=HOSTILE)
        cell = nbformat.v4.new_code_cell("", outputs=[output])
    elif kind == "markdown":
        cell = nbformat.v4.new_markdown_cell(HOSTILE)
    else:
        cell = shown({kind: HOSTILE})
    assert "<img" not in render_page(notebook(cell), title=HOSTILE)


def test_a_chart_cannot_end_its_script() -> None:
    page = render_page(notebook(shown(chart(HOSTILE))), title="t")
    assert "<img" not in page
    assert page.count("<script>") == len(page_scripts())


def test_charts_of_one_cell_stand_side_by_side() -> None:
    outputs = [nbformat.v4.new_output("display_data", chart()) for _ in range(2)]
    page = render_page(notebook(nbformat.v4.new_code_cell("", outputs=outputs)), title="t")
    assert page.count('<div class="duo">') == 1 and page.count('class="chart"') == 2


def test_plotly_stands_once_and_only_where_a_chart_is() -> None:
    mark = "plotly.js (cartesian - minified)"
    assert render_page(notebook(shown(chart()), shown(chart())), title="t").count(mark) == 1
    without = render_page(notebook(shown({"text/html": "x"})), title="t")
    assert mark not in without and without.count("<script>") == 1


def test_a_static_page_has_no_script_and_allows_none() -> None:
    page = render_page(notebook(shown({"text/html": "x"})), title="t", static=True)
    assert "<script" not in page
    assert "script-src &#39;none&#39;;" in page


def test_only_the_pages_own_scripts_may_run() -> None:
    page = render_page(notebook(shown(chart())), title="t")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    allowed = re.findall(r"sha256-([A-Za-z0-9+/=]+)", policy.replace("&#39;", "'"))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert allowed == hashes and len(hashes) == len(page_scripts())
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_a_failed_cell_is_no_page() -> None:
    output = nbformat.v4.new_output("error", ename="KeyError", evalue="'x'", traceback=[])
    failed = nbformat.v4.new_code_cell("", outputs=[output])
    with pytest.raises(ReportError, match="cell 2 .*KeyError"):
        render_page(notebook(nbformat.v4.new_markdown_cell("a"), failed), title="t")


def test_the_same_outputs_give_the_same_bytes() -> None:
    one = notebook(shown(chart()))
    assert render_page(one, title="t") == render_page(one, title="t")


def test_a_chart_shows_itself_as_data_only() -> None:
    assert set(chart()) == {PLOTLY_MIME, "text/plain"}


def test_a_display_escapes() -> None:
    assert sentence(HOSTILE).html == (
        '<p class="lede">&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;</p>'
    )
