"""Words of SVG: elements with every value escaped, numbers kept short, colours by their tokens."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from sellerkit.errors import ReportError
from sellerkit.show.palette import LIGHT, TOKEN_OF

#: The area that stands for "late" is hatched; the pattern lies in the page's sprite.
_HATCH = "url(#hatch)"

_DASHES = {"solid": None, "dot": "2 3", "dash": "6 4"}
_BOLD = re.compile(r"<b>(.*)</b>\Z", re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/]")


def undrawable(what: str) -> ReportError:
    """Return the error that a figure uses what a static page cannot draw."""
    return ReportError(
        f"a chart uses {what}, which a static page cannot draw; build the page without --static, "
        "or draw the chart by other means"
    )


def refuse_others(given: dict[str, Any], known: Iterable[str], what: str) -> None:
    """Raise where a part of a figure has an entry that would be left out of the drawing.

    Raises
    ------
    ReportError
        Which entry; nothing of a figure vanishes silently.
    """
    others = sorted(set(given) - set(known))
    if others:
        raise undrawable(f"{what}.{others[0]}")


def tag(name: str, *inside: Any, **attributes: Any) -> Markup:
    """Return an element; `stroke_width` is written stroke-width, and what is None is left out."""
    words = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(str(escape(part)) for part in inside)
    end = f">{content}</{name}>" if inside else "/>"
    return Markup(f"<{name}{words}{end}")


def percent(share: float) -> str:
    """Return a share of the width as SVG says it."""
    return f"{_short(share * 100)}%"


def _short(value: Any) -> str:
    """Return a number with at most two digits behind the point."""
    if not isinstance(value, int | float):
        return str(value)
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")  # + 0.0, since -0 is no place


def paint(colour: Any) -> str:
    """Return a colour as the page's custom property of that value, else as it is."""
    return f"var(--{TOKEN_OF[colour]})" if colour in TOKEN_OF else str(colour)


def area(marker: dict[str, Any], colour: Any) -> str:
    """Return the fill of an area: hatched where the figure says so, else its colour.

    Raises
    ------
    ReportError
        A pattern other than that of "late".
    """
    pattern = marker.get("pattern")
    if not pattern:
        return paint(colour)
    if pattern.get("shape") != "/" or colour != LIGHT["late"]:
        raise undrawable("marker.pattern other than the hatching of what is late")
    return _HATCH


def dashes(dash: str | None) -> str | None:
    """Return plotly's name or list of dashes as SVG's list.

    Raises
    ------
    ReportError
        A name that is not known.
    """
    if dash is None or dash in _DASHES:
        return _DASHES.get(dash or "solid")
    if not re.fullmatch(r"[\d.]+px(,[\d.]+px)*", dash):
        raise undrawable(f"dashes {dash!r}")
    return dash.replace("px", "").replace(",", " ")


def text_of(label: str) -> tuple[str, bool]:
    """Return a label of plotly's as plain text, and whether it is bold as a whole.

    Raises
    ------
    ReportError
        Marks of plotly's own HTML other than one pair of ``<b>`` around it all.
    """
    bold = _BOLD.match(label)
    plain = bold[1] if bold else label
    if _TAG.search(plain):
        raise undrawable(f"a label with marks: {label!r}")
    return html.unescape(plain), bool(bold)


def values(given: Any) -> list[Any]:
    """Return an array of a figure: a list as it is, or what plotly packs as base64."""
    if given is None:
        return []
    if not isinstance(given, dict):
        return list(given)
    kind = np.dtype(given["dtype"]).newbyteorder("<")
    flat = np.frombuffer(base64.b64decode(given["bdata"]), dtype=kind)
    shape = [int(n) for n in str(given.get("shape", len(flat))).split(",")]
    return flat.reshape(shape).tolist()


def numbers(given: Any, what: str) -> list[float | None]:
    """Return an array of numbers; what is missing, infinite or no number is None.

    Raises
    ------
    ReportError
        A text, which would want an axis of categories or of dates.
    """
    found = values(given)
    if any(isinstance(value, str) for value in found):
        raise undrawable(f"{what} of words or dates")
    return [
        float(value) if value is not None and np.isfinite(value) else None for value in found
    ]  # fmt: skip


def spread(given: Any, count: int) -> list[Any]:
    """Return one value for each of `count` marks: a list as it is, a single value repeated."""
    return values(given) if isinstance(given, list | dict) else [given] * count
