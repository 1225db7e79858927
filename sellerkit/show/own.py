"""Headline, cards, bars and limits for a report of one's own: the words come from its notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from sellerkit.show.chart import Chart, axis, draw
from sellerkit.show.display import Html, render, sentence
from sellerkit.show.masthead import window_of
from sellerkit.show.palette import LIGHT
from sellerkit.show.view import View
from sellerkit.show.words import DASH, format_count, known

_BAR = 34  # pixels for one


@dataclass(frozen=True)
class Card:
    """One figure in the band under the headline.

    Attributes
    ----------
    title : str
        What it is.
    figure : str
        As it is shown, with ``format_…`` of `sellerkit.show.words` or as you write it.
    unit : str
        Small, behind the figure.
    words : str
        A sentence beneath: of how many, how sure, what it means.
    """

    title: str
    figure: str
    unit: str = ""
    words: str = ""


def headline(question: str, answer: str, view: View) -> Html:
    """Begin a page: the question, its answer in one sentence, window, moment, stores and buyers.

    Parameters
    ----------
    question, answer : str
        Plain text; it is escaped.
    view : View
    """
    return render(
        "masthead", question=question, answer=answer, action="", target="", view=view,
        window=window_of(view),
    )  # fmt: skip


def cards(*shown: Card) -> Html:
    """Show figures side by side, four to a row."""
    return render("cards_own", cards=shown)


def bars(values: pd.Series, *, finding: str, measured: str) -> Chart | Html:
    """Plot one bar for each row, the first on top.

    Parameters
    ----------
    values : pd.Series
        Numbers from 0 on; the index names the bars. A missing number has no bar and a dash.
    finding : str
        The chart's title: what it shows, as a sentence.
    measured : str
        The line under it: what is drawn, and in which unit.

    Returns
    -------
    Chart, or Html where there is no row.
    """
    if values.empty:
        return sentence(f"{finding}: nothing to draw.")
    # plotly reads some tags in a label, and a label may be a stranger's
    names = [html.escape(str(name), quote=False) for name in values.index]
    texts = [_number(value) for value in values]
    places = list(range(len(values)))
    words = {
        "finding": finding,
        "measured": measured,
        "sentence": f"{finding}. The longest bar: {_longest(values)}.",
        "head": [str(values.index.name or ""), str(values.name or "")],
        "rows": [[str(name), text] for name, text in zip(values.index, texts, strict=True)],
    }
    layout = {
        "margin": {"l": 150, "r": 60, "t": 4, "b": 8},
        "xaxis": axis(showgrid=False, showticklabels=False, rangemode="tozero"),
        "yaxis": axis(showgrid=False, autorange="reversed", tickvals=places, ticktext=names),
    }
    bar = go.Bar(
        x=values.astype("float64"), y=places, orientation="h", width=0.62, text=texts,
        textposition="outside", cliponaxis=False, hoverinfo="skip", marker={"color": LIGHT["met"]},
    )  # fmt: skip
    return draw([bar], words=words, height=20 + _BAR * len(values), layout=layout)


def _number(value: float) -> str:
    if not known(value):
        return DASH
    return format_count(value) if float(value).is_integer() else f"{value:,.1f}"


def _longest(values: pd.Series) -> str:
    if not values.notna().any():
        return "none is known"
    return f"{values.idxmax()}, {_number(values.max())}"


def limits(*said: tuple[str, str]) -> Html:
    """Say what the page cannot know: pairs of a short bold sentence and what it means."""
    return render("limits", limits=said)
