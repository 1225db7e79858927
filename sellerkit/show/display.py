"""What a cell shows that is no chart: HTML made from a template, every value escaped."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sellerkit.show import words

#: Key of the output metadata in which a display tells the page what stands beside its HTML.
METADATA_KEY = "sellerkit"


@dataclass(frozen=True)
class Html:
    """A piece of a page, safe to show: strangers' text in it has been escaped.

    Attributes
    ----------
    html : str
    note : dict
        What the page wants to know of it: `count` (stands in the contents list).
    """

    html: str
    note: Mapping[str, Any] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return {"text/html": self.html}, {METADATA_KEY: dict(self.note)} if self.note else {}


@functools.cache
def environment() -> Environment:
    """Return the templates of this folder; escaping is on, and an unknown name is an error."""
    made = Environment(
        loader=PackageLoader("sellerkit.show", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        name.removeprefix("format_"): getattr(words, name)
        for name in dir(words)
        if name.startswith("format_")
    }
    return made


def render(template: str, /, *, note: Mapping[str, Any] | None = None, **values: Any) -> Html:
    """Fill a template and return it as something a cell can show."""
    text = environment().get_template(f"{template}.html").render(**values)
    return Html(text, note or {})


#: Shown in the place of a chart whose neighbour already says why there is none.
NOTHING = Html("")


def sentence(text: str) -> Html:
    """Return one running sentence, for the place of a chart or table that would be empty."""
    return render("sentence", text=text)
