"""An executed notebook as the parts of a page: sections, prose, displays and charts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import mistune
from markupsafe import Markup
from nbformat import NotebookNode

from sellerkit.errors import ReportError
from sellerkit.show.chart import PLOTLY_MIME
from sellerkit.show.display import METADATA_KEY

#: A cell of this tag is for a person in JupyterLab and is left out of the page.
LAB_TAG = "lab"

#: A heading of this tag begins the page's footer.
FOOTER_TAG = "footer"

#: The output type of a control of ipywidgets.
_CONTROL = "application/vnd.jupyter.widget-view+json"

_HEADING = re.compile(r"\A## +([^\n]+)(?:\n|\Z)")
_NO_WORD = re.compile(r"[^a-z0-9]+")

_markdown = mistune.create_markdown(escape=True)


@dataclass(frozen=True)
class Figure:
    """A chart: its data and layout for plotly, and its caption."""

    number: int
    data: list[Any]
    layout: dict[str, Any]
    caption: dict[str, Any]


#: Charts of one cell stand side by side; HTML stands alone.
Part = Markup | list[Figure]


@dataclass
class Section:
    """A heading and what follows it, to the next one."""

    title: str
    slug: str
    footer: bool = False
    parts: list[Part] = field(default_factory=list)
    count: int | None = None


@dataclass
class Page:
    """All that the template needs of a notebook: the head and the sections."""

    head: Section
    sections: list[Section] = field(default_factory=list)
    charts: int = 0

    @property
    def last(self) -> Section:
        """The section that is being filled."""
        return self.sections[-1] if self.sections else self.head


def read_page(notebook: NotebookNode) -> Page:
    """Read an executed notebook into a page.

    Parameters
    ----------
    notebook : NotebookNode
        Cells of code are hidden; their outputs are shown. A Markdown cell that begins with
        ``## Heading`` begins a section.

    Raises
    ------
    ReportError
        A cell that failed; the message names it.
    """
    page = Page(Section("", ""))
    for number, cell in enumerate(notebook.cells, start=1):
        if LAB_TAG in cell.metadata.get("tags", []):
            _refuse_errors(cell, number)
        elif cell.cell_type == "markdown":
            _add_markdown(page, cell)
        elif cell.cell_type == "code":
            _refuse_errors(cell, number)
            _add_outputs(page, cell.outputs)
    return page


def _refuse_errors(cell: NotebookNode, number: int) -> None:
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            raise ReportError(
                f"cell {number} of the notebook failed: {output.ename}: {output.evalue}"
            )


def _add_markdown(page: Page, cell: NotebookNode) -> None:
    heading = _HEADING.match(cell.source)
    text = cell.source
    if heading:
        title = heading[1].strip()
        footer = FOOTER_TAG in cell.metadata.get("tags", [])
        page.sections.append(Section(title, _slug(title), footer))
        text = text[heading.end() :]
    if text.strip():
        page.last.parts.append(Markup('<div class="prose">{}</div>').format(_prose(text)))


def _prose(text: str) -> Markup:
    # mistune escapes raw HTML and refuses script addresses, so what it gives is safe
    return Markup(_markdown(text))


def _slug(title: str) -> str:
    return _NO_WORD.sub("-", title.lower()).strip("-")


def _add_outputs(page: Page, outputs: list[NotebookNode]) -> None:
    charts: list[Figure] = []
    for output in outputs:
        _note(page, output)
        bundle = output.get("data", {})
        if PLOTLY_MIME in bundle:
            page.charts += 1
            charts.append(_figure(bundle[PLOTLY_MIME], page.charts))
            continue
        if charts:
            page.last.parts.append(charts)
            charts = []
        page.last.parts += _texts(output)
    if charts:
        page.last.parts.append(charts)


def _note(page: Page, output: NotebookNode) -> None:
    """Take up what a display tells the page beside its HTML."""
    note = output.get("metadata", {}).get(METADATA_KEY, {})
    page.last.count = note.get("count", page.last.count)


def _texts(output: NotebookNode) -> Iterator[Markup]:
    """Yield an output as HTML: a display's own, which is escaped already, or plain text."""
    bundle = output.get("data", {})
    if _CONTROL in bundle:
        return  # nobody could turn it in a page; what it was set to is an output of its own
    if "text/html" in bundle:
        yield Markup(bundle["text/html"])
    elif "text/plain" in bundle:
        yield Markup("<pre>{}</pre>").format(bundle["text/plain"])
    elif output.output_type == "stream":
        yield Markup("<pre>{}</pre>").format(output.text)


def _figure(bundle: dict[str, Any], number: int) -> Figure:
    layout = dict(bundle["layout"])
    meta = layout.pop("meta", {})
    layout |= meta.get("plain", {})  # a caption drawn for the lab is text in a page
    words = ("finding", "measured", "sentence", "head", "rows", "key", "narrow")
    return Figure(number, bundle["data"], layout, {word: meta.get(word, "") for word in words})
