"""The colours, once: pages take them as custom properties, charts as the light values.

A chart carries the light colours, so that it is right in JupyterLab and on paper. The page's
script puts the value that the custom property of that name has on the screen in their place.
"""

from __future__ import annotations

import functools

#: Token → colour on white paper.
LIGHT = {
    "paper": "#ffffff",
    "wash": "#f6f6f3",
    "band": "#f0f0ec",
    "ink": "#16191d",
    "soft": "#494f57",
    "faint": "#656b74",
    "line": "#e4e4df",
    "line2": "#bfc2c1",
    "link": "#0c587f",
    "met": "#1f6f96",
    "met-ink": "#165877",
    "met-tint": "#e6f0f5",
    "met-pale": "#c3dae4",
    "late": "#c58300",
    "late-ink": "#7c5100",
    "late-tint": "#fbf1dc",
    "late-hatch": "#8f5f00",
    "missed": "#8c1c13",
    "missed-ink": "#8c1c12",
    "missed-tint": "#f9e9e6",
    "on-missed": "#fffffe",
    "waived": "#d3d5d3",
    "waived-edge": "#868b91",
    "heat0": "#f5f5f2",
    "heat1": "#f8e8c8",
    "heat2": "#eec679",
    "heat3": "#d39526",
    "heat4": "#98590f",
    "heat5": "#5a2c0a",
}

#: Token → colour on a dark screen.
DARK = {
    "paper": "#101214",
    "wash": "#191c20",
    "band": "#1d2125",
    "ink": "#ebecea",
    "soft": "#b9bec5",
    "faint": "#979da5",
    "line": "#292d32",
    "line2": "#4d535b",
    "link": "#86c8ea",
    "met": "#57abd1",
    "met-ink": "#86c6e4",
    "met-tint": "#13252f",
    "met-pale": "#28485a",
    "late": "#f0c262",
    "late-ink": "#f2cd85",
    "late-tint": "#2b2211",
    "late-hatch": "#9a7021",
    "missed": "#de5a46",
    "missed-ink": "#f58f7e",
    "missed-tint": "#331714",
    "on-missed": "#101214",
    "waived": "#3a3f45",
    "waived-edge": "#8b9199",
    "heat0": "#1d2125",
    "heat1": "#3f3213",
    "heat2": "#624716",
    "heat3": "#8a5f14",
    "heat4": "#dda641",
    "heat5": "#fbe3ae",
}

#: Light colour → token, by which a page's script finds what to replace in a chart.
TOKEN_OF = {colour: token for token, colour in LIGHT.items()}


@functools.cache
def on(token: str) -> str:
    """Return the token in which words stand on an area of this one: ``ink`` or ``paper``."""
    return max(("ink", "paper"), key=lambda words: contrast(LIGHT[words], LIGHT[token]))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
