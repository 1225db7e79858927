"""Charts of static pages: what is drawn is what the figure says, and nothing is left out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sellerkit.errors import ReportError
from sellerkit.report.drawing import draw_still
from sellerkit.report.page import Figure
from sellerkit.show.chart import axis, draw, label, rule
from sellerkit.show.palette import DARK, LIGHT, contrast, on

WORDS = {"finding": "f", "measured": "m", "sentence": "s", "head": [], "rows": []}
X = axis(range=[0, 4], tickvals=[0, 2, 4], ticktext=["a", "b &lt; c", "d"])
Y = axis(range=[0, 10], tickvals=[0, 5, 10], ticktext=["0", "5", "10"])


def figure(*traces: dict[str, Any], narrow: dict | None = None, **layout: Any) -> Figure:
    """A chart of 100 px height whose plot is 80 px high: ten of them for one unit of y."""
    margin = {"l": 40, "r": 10, "t": 0, "b": 20}
    shape = {"height": 100, "margin": margin, "xaxis": X, "yaxis": Y, **layout}
    return Figure(1, list(traces), shape, {"narrow": narrow or {}})


def marks(drawn: str, name: str) -> list[dict[str, str]]:
    found = re.findall(rf"<{name} ([^>]*?)/?>", drawn)
    return [dict(re.findall(r'([\w-]+)="([^"]*)"', attributes)) for attributes in found]


def bar(**more: Any) -> dict[str, Any]:
    return {
        "type": "bar", "x": [1, 3], "y": [5, 2.5], "width": 1, "marker": {"color": LIGHT["met"]},
    } | more  # fmt: skip


def line(**more: Any) -> dict[str, Any]:
    stroke = {"color": LIGHT["met"], "width": 2}
    return {
        "type": "scatter",
        "x": [0, 2, 4],
        "y": [0, 5, 10],
        "mode": "lines",
        "line": stroke,
    } | more


def test_bars_are_as_high_as_their_figures() -> None:
    first, second = marks(draw_still(figure(bar())), "rect")
    assert (first["x"], first["width"], first["y"], first["height"]) == ("12.5%", "25%", "40", "40")
    assert (second["x"], second["y"], second["height"]) == ("62.5%", "60", "20")
    assert first["fill"] == "var(--met)"


def test_bars_stand_on_one_another_or_on_their_base() -> None:
    hatched = {"color": LIGHT["late"], "pattern": {"shape": "/"}}
    drawn = draw_still(figure(bar(), bar(marker=hatched), barmode="stack"))
    tops = [(rect["y"], rect["fill"]) for rect in marks(drawn, "rect")]
    assert tops == [
        ("40", "var(--met)"), ("60", "var(--met)"), ("0", "url(#hatch)"), ("40", "url(#hatch)"),
    ]  # fmt: skip
    based = marks(draw_still(figure(bar(base=[2, 2]))), "rect")
    assert [(rect["y"], rect["height"]) for rect in based] == [("24", "40"), ("44", "20")]


def test_a_line_breaks_where_a_value_is_missing() -> None:
    (path,) = marks(draw_still(figure(line(x=[0, 1, 2, 3, 4], y=[0, 5, None, 5, 10]))), "path")
    assert path["d"] == "M0.0 80.0L250.0 40.0M750.0 40.0L1000.0 0.0"
    (whole,) = marks(
        draw_still(figure(line(x=[0, 2, 4], y=[0, None, 10], connectgaps=True))), "path"
    )
    assert whole["d"] == "M0.0 80.0L1000.0 0.0"


def test_steps_bands_and_intervals() -> None:
    steps = line(line={"color": LIGHT["met"], "width": 2, "shape": "hv"})
    (path,) = marks(draw_still(figure(steps)), "path")
    assert path["d"] == "M0.0 80.0L500.0 80.0L500.0 40.0L1000.0 40.0L1000.0 0.0"
    low = line(y=[1, 1, 1], line={"width": 0})
    high = line(y=[2, 3, 2], line={"width": 0}, fill="tonexty", fillcolor=LIGHT["met-pale"])
    (band,) = marks(draw_still(figure(low, high)), "path")
    assert band["d"].startswith("M0.0 64.0L500.0 56.0L1000.0 64.0L1000.0 72.0")
    bars = {"array": [1, 1, 1], "arrayminus": [0, 2, 1], "color": LIGHT["met-pale"], "thickness": 8}
    drawn = draw_still(figure(line(mode="markers", marker={"opacity": 0}, error_y=bars)))
    seen = [(one["y1"], one["y2"]) for one in marks(drawn, "line") if "stroke-width" in one]
    assert seen == [("72", "80"), ("32", "56"), ("0", "8")]


def test_dots_labels_rules_and_a_second_axis() -> None:
    dots = line(
        mode="markers+text", text=["", "7 & <8>", ""], textposition="middle left", yaxis="y2",
        marker={"size": 8, "symbol": ["circle", "square", "circle"], "color": LIGHT["ink"]},
    )  # fmt: skip
    target = rule(dashed=True, xref="paper", x0=0, x1=1, yref="y", y0=5, y1=5)
    words = label("ours &lt; 9", strong=True, x=1, xref="paper", xshift=8, y=5)
    second = axis(range=[0, 20], showgrid=False, showticklabels=False)
    drawn = draw_still(figure(dots, yaxis2=second, shapes=[target], annotations=[words]))
    assert [dot["cy"] for dot in marks(drawn, "circle")] == ["80", "40"]
    assert marks(drawn, "rect")[0]["y"] == "60"
    assert "7 &amp; &lt;8&gt;" in drawn and ">b &lt; c</text>" in drawn and "ours &lt; 9" in drawn
    (dashed,) = [one for one in marks(drawn, "line") if "stroke-dasharray" in one]
    assert (dashed["y1"], dashed["stroke-dasharray"]) == ("40", "5 3")


def heat(**more: Any) -> dict[str, Any]:
    scale = [[0, LIGHT["heat0"]], [0.5, LIGHT["heat0"]], [0.5, LIGHT["heat5"]], [1, LIGHT["heat5"]]]
    return {
        "type": "heatmap", "x": [1, 2], "y": [1], "z": [[0, None]], "zmin": 0, "zmax": 1,
        "colorscale": scale, "showscale": False, "text": [["3", ""]], "texttemplate": "%{text}",
    } | more  # fmt: skip


def test_cells_of_a_heat_map_and_their_counts() -> None:
    drawn = draw_still(figure(heat()))
    assert [cell["fill"] for cell in marks(drawn, "rect")] == ["var(--heat0)"]
    assert ">3</text>" in drawn
    assert marks(draw_still(figure(heat(z=[[1, 0]]))), "rect")[0]["fill"] == "var(--heat5)"


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("token", [f"heat{n}" for n in range(6)])
def test_a_count_can_be_read_in_its_cell(token: str, colours: dict[str, str]) -> None:
    assert contrast(colours[on(token)], colours[token]) >= 4.5


def test_a_phone_gets_its_own_drawing() -> None:
    narrow = {"layout": {"xaxis": axis(range=[0, 4], tickvals=[0], ticktext=["only"])}}
    drawn = draw_still(figure(line(), narrow=narrow))
    assert drawn.count("only-w") == drawn.count("only-n") == 1
    assert drawn.count(">only</text>") == 1
    assert "only-n" not in draw_still(figure(line()))


UNDRAWABLE = {
    "a trace of type pie": figure({"type": "pie", "values": [1]}),
    "scatter.stackgroup": figure(line(stackgroup="one")),
    "bar.orientation": figure(bar(orientation="h")),
    "scatter.mode": figure(line(mode="lines+wings")),
    "scatter.fill": figure(line(fill="toself")),
    "scatter.marker.symbol": figure(line(mode="markers", marker={"symbol": "star"})),
    "scatter.line.shape": figure(line(line={"shape": "spline"})),
    "marker.pattern": figure(bar(marker={"color": LIGHT["met"], "pattern": {"shape": "x"}})),
    "words or dates": figure(line(x=["2026-10-05", "b", "c"])),
    "bars side by side": figure(bar(), bar()),
    "heatmap.colorscale": figure(heat(colorscale=[[0, "#ffffff"], [1, "#000000"]])),
    "heatmap.showscale": figure(heat(showscale=True)),
    "layout.images": figure(line(), images=[{}]),
    "layout.showlegend": figure(line(), showlegend=True),
    "xaxis.type": figure(line(), xaxis=X | {"type": "log"}),
    "tickformat": figure(line(), yaxis=axis(range=[0, 1], tickformat=".1%")),
    "a shape of type rect": figure(line(), shapes=[{"type": "rect", "x0": 0}]),
    "annotation.showarrow": figure(line(), annotations=[{"text": "a", "x": 0, "y": 0}]),
    "a label with marks": figure(line(), annotations=[label("<i>a</i>", x=0, y=0)]),
    "dashes": figure(line(line={"color": LIGHT["met"], "dash": "longdash"})),
}


@pytest.mark.parametrize("what", UNDRAWABLE)
def test_what_cannot_be_drawn_is_told_and_never_left_out(what: str) -> None:
    with pytest.raises(ReportError, match="static page cannot draw") as told:
        draw_still(UNDRAWABLE[what])
    assert what in str(told.value)


def test_a_chart_carries_no_template_of_plotlys() -> None:
    chart = draw([], words=WORDS, height=100, layout={})
    assert len(chart.to_json()) < 2_000
