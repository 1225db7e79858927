"""What a report of one's own shows: any frame, cards, bars; strangers' text escaped."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from sellerkit import show
from sellerkit.errors import UsageError
from sellerkit.report.page import _figure
from sellerkit.show.chart import PLOTLY_MIME

HOSTILE = "<img src=x onerror=alert(1)>"


def view(*, texts: bool = False) -> show.View:
    at = pd.Timestamp("2026-10-05T06:00Z")
    no_rules = SimpleNamespace()
    return show.View(at, at, at, "Europe/Berlin", no_rules, {}, texts=texts)


def frame(**columns: list) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_cells_are_told_as_the_house_tells_them() -> None:
    rows = frame(
        order_id=[HOSTILE], sent_at=[pd.Timestamp("2026-10-04T22:30Z")], on_time_share=[0.9996],
        messages=[1284], response_hours=[3.25], ok=[True], why=[None], kinds=[["a", "b"]],
    )  # fmt: skip
    text = show.table(rows, view(), caption=HOSTILE, names={"why": "Why"}).html
    assert "<img" not in text and "&lt;img" in text
    for said in ("5 Oct 00:30", "99.9\u202f%", "1,284", "3.25", ">yes<", ">–<", "a, b", "On time"):
        assert said in text, said


def test_what_is_cut_is_counted() -> None:
    shown = show.table(frame(n=list(range(1200))), view(), caption="Rows", limit=3)
    assert shown.html.count("<tr>") == 4 and "3 of 1,200 shown" in shown.html
    assert shown.note == {"count": 1200}
    assert "Rows: none." in show.table(frame(n=[]), view(), caption="Rows").html


@pytest.mark.parametrize("column", ["body", "subject", "buyer_id"])
def test_what_is_the_buyers_is_refused_without_texts(column: str) -> None:
    rows = frame(order_id=["1"], **{column: ["x"]})
    with pytest.raises(UsageError, match=f"the column {column} is the buyers"):
        show.table(rows, view(), caption="Messages")
    assert ">x<" in show.table(rows, view(texts=True), caption="Messages").html


def test_bars_keep_strangers_labels_as_text() -> None:
    values = pd.Series({HOSTILE: 3, "b": None, "c": 1234.0})
    chart = show.bars(values, finding="So many", measured="Messages")
    bundle = chart._repr_mimebundle_()[PLOTLY_MIME]
    assert bundle["layout"]["yaxis"]["ticktext"][0] == "&lt;img src=x onerror=alert(1)&gt;"
    assert [row[1] for row in chart.layout.meta["rows"]] == ["3", "–", "1,234"]
    assert "nothing to draw" in show.bars(values[:0], finding="So many", measured="").html


def test_cards_and_limits_escape() -> None:
    text = show.cards(show.Card(HOSTILE, HOSTILE, HOSTILE, HOSTILE)).html
    assert "<img" not in text and text.count("&lt;img") == 4
    assert "<img" not in show.limits((HOSTILE, HOSTILE)).html


def test_a_drawn_caption_is_text_in_a_page() -> None:
    """In JupyterLab nothing stands beside a chart; in a page its caption does."""
    chart = show.bars(pd.Series({"a": 1}), finding="So <many>", measured="word " * 60)
    plain = _figure(chart._repr_mimebundle_()[PLOTLY_MIME], 1)
    drawn = chart.titled()._repr_mimebundle_()[PLOTLY_MIME]
    assert drawn["layout"]["title"]["text"] == "<b>So &lt;many&gt;</b>"
    assert drawn["layout"]["height"] > chart.layout.height
    again = _figure(drawn, 1)
    assert again.layout.pop("title") is None
    assert (again.layout, again.caption, again.data) == (plain.layout, plain.caption, plain.data)
