"""Figures become charts, tables and words: what a notebook's cells call.

A function returns a plotly Figure (`plot_…`), or a piece of HTML in which every value is escaped.
Frames and plain values come as arguments; nothing is computed here that a figure could rest on.
"""

from sellerkit.show.ahead import plot_ahead, table_leaving
from sellerkit.show.amazon import table_beside, table_order_performance
from sellerkit.show.arrivals import plot_arrivals
from sellerkit.show.calls import table_call_views
from sellerkit.show.cards import cards_atoz, cards_compliance
from sellerkit.show.cases import cases_worst
from sellerkit.show.change import table_change
from sellerkit.show.chart import PLOTLY_MIME, Chart
from sellerkit.show.check_ins import table_check_ins
from sellerkit.show.claims import (
    bars_claims,
    bars_exposure,
    table_checklist,
    table_exposure,
    table_to_answer,
)
from sellerkit.show.cover import table_cover
from sellerkit.show.display import Html
from sellerkit.show.duties import table_due, table_obligations
from sellerkit.show.foot import footer_made, limits_atoz, limits_compliance, limits_due, table_calls
from sellerkit.show.instead import table_conflicts, table_not_credited
from sellerkit.show.masthead import headline_atoz, headline_compliance
from sellerkit.show.missing import note_completeness, table_completeness, words_of_holes
from sellerkit.show.owed import cards_due, headline_due, list_due, table_later
from sellerkit.show.portfolio import (
    headline_portfolio,
    limits_portfolio,
    table_at_risk,
    table_portfolio,
)
from sellerkit.show.runoff import plot_runoff
from sellerkit.show.times import (
    HOUR_EDGES,
    limit_hours,
    plot_response_times,
    plot_survival,
    words_of_waiting,
)
from sellerkit.show.trend import plot_trend
from sellerkit.show.view import View
from sellerkit.show.violations import table_violations
from sellerkit.show.waits import table_waits

__all__ = [
    "Chart",
    "HOUR_EDGES",
    "Html",
    "PLOTLY_MIME",
    "View",
    "bars_claims",
    "bars_exposure",
    "cards_atoz",
    "cards_compliance",
    "cards_due",
    "cases_worst",
    "footer_made",
    "headline_atoz",
    "headline_compliance",
    "headline_due",
    "headline_portfolio",
    "limit_hours",
    "limits_atoz",
    "limits_compliance",
    "limits_due",
    "limits_portfolio",
    "list_due",
    "note_completeness",
    "plot_ahead",
    "plot_arrivals",
    "plot_response_times",
    "plot_runoff",
    "plot_survival",
    "plot_trend",
    "table_call_views",
    "table_at_risk",
    "table_beside",
    "table_calls",
    "table_change",
    "table_check_ins",
    "table_checklist",
    "table_conflicts",
    "table_completeness",
    "table_due",
    "table_exposure",
    "table_not_credited",
    "table_cover",
    "table_due",
    "table_exposure",
    "table_later",
    "table_leaving",
    "table_obligations",
    "table_order_performance",
    "table_portfolio",
    "table_to_answer",
    "table_violations",
    "words_of_holes",
    "table_waits",
    "words_of_waiting",
]
