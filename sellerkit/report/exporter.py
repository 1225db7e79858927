"""Notebook → page: one self-contained HTML file that loads nothing and runs only its own script."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from sellerkit.errors import ReportError
from sellerkit.report.page import Page, read_page
from sellerkit.show.display import environment as show_environment
from sellerkit.show.palette import DARK, LIGHT, TOKEN_OF

_TEMPLATES = Path(__file__).parent / "template"
_PACKAGE = Path(__file__).parents[1]


class PageExporter(TemplateExporter):  # type: ignore[misc]  # nbconvert comes untyped
    """Turn an executed notebook into a page of the house: code hidden, charts drawn inline."""

    file_extension = ".html"
    template_extension = ".html.j2"
    output_mimetype = "text/html"

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            template_name="page", extra_template_basedirs=[str(_TEMPLATES)], **settings
        )

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **settings: Any
    ) -> tuple[str, dict[str, Any]]:
        """Export a notebook; `resources` may hold its ``title``, or a ``page`` made already."""
        page = (resources or {}).get("page") or read_page(nb)
        given = {"title": "sellerkit", **(resources or {}), "page": page, **_scripts(page)}
        given |= {"light": LIGHT, "dark": DARK, "token_of": TOKEN_OF}
        text, found = super().from_notebook_node(nb, given, **settings)
        return text, found

    def _create_environment(self) -> Environment:
        made: Environment = super()._create_environment()
        made.autoescape = True
        made.globals["sprite"] = Markup(show_environment().get_template("sprite.html").render())
        return made


def _scripts(page: Page) -> dict[str, Any]:
    """Return the scripts of a page and the policy that allows these and no others.

    A page without a chart has none, so it does not carry plotly's megabyte either.
    """
    scripts = [_plotly(), _script("page.js")] if page.charts else []
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return {"scripts": [Markup(script) for script in scripts], "policy": policy}


@functools.cache
def _plotly() -> str:
    vendored = files("sellerkit.show").joinpath("vendor/plotly-cartesian.min.js")
    return _closed(vendored.read_text("utf-8"))


@functools.cache
def _script(name: str) -> str:
    return _closed((_TEMPLATES / "page" / name).read_text("utf-8"))


def _closed(script: str) -> str:
    """Return a script that cannot end, or hide the end of, the element that it stands in."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def render_page(nb: NotebookNode, *, title: str) -> str:
    """Turn an executed notebook into one self-contained page.

    Parameters
    ----------
    nb : NotebookNode
        With its outputs.
    title : str
        What the browser's tab says.

    Returns
    -------
    str
        HTML; the same for the same outputs.

    Raises
    ------
    ReportError
        A cell of the notebook failed.
    """
    text, _ = PageExporter().from_notebook_node(nb, {"title": title})
    return text


def render_built(page: Page, *, title: str) -> str:
    """Turn a page that no notebook gave into the same kind of file as those of notebooks.

    Parameters
    ----------
    page : Page
    title : str
        What the browser's tab says.
    """
    nothing = nbformat.v4.new_notebook()
    text, _ = PageExporter().from_notebook_node(nothing, {"title": title, "page": page})
    return text


def notebook_path(name: str) -> Path:
    """Return where a notebook lies: beside the package in a checkout, inside it when installed.

    Raises
    ------
    ReportError
        No notebook of that name.
    """
    places = [_PACKAGE.parent / "notebooks", _PACKAGE / "notebooks"]
    for place in places:
        path = place / f"{name}.ipynb"
        if path.is_file():
            return path
    known = sorted({path.stem for place in places for path in place.glob("*.ipynb")})
    raise ReportError(f"no notebook is called {name}; there are {', '.join(known) or 'none'}")


def read_notebook(name: str) -> NotebookNode:
    """Read a notebook of sellerkit by its name, ``compliance``."""
    return nbformat.read(notebook_path(name), as_version=4)
