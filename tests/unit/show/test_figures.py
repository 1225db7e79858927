"""Waits, what next, cover hours and Amazon's figures as words, tables and charts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import MARKETPLACE, histories, instant, order

from sellerkit import measure
from sellerkit.policy import Policy
from sellerkit.show import (
    Chart,
    View,
    plot_ahead,
    plot_trend,
    table_beside,
    table_cover,
    table_leaving,
    table_order_performance,
    table_waits,
)
from sellerkit.show.trend import signals
from sellerkit.show.waits import words_compared
from sellerkit.tables import CONTACTS, conform

AS_OF = instant("2026-10-05T06:00")
HOSTILE = "<img src=x>%{x}"


@pytest.fixture
def view() -> View:
    since = AS_OF - pd.Timedelta(days=30)
    return View(AS_OF, since, AS_OF, "Europe/Berlin", Policy.default(), histories(), ("shop",))


def contacts(*rows, **others):
    listed = []
    for n, (days, waited) in enumerate(rows):
        sent = AS_OF - pd.Timedelta(days=days)
        status = "missed" if waited is None else "met" if waited <= 24 else "late"
        answered = pd.NaT if waited is None else sent + pd.Timedelta(hours=waited)
        listed.append(
            {"message_id": f"m{n}", "thread_id": "t", "account": "shop", "order_id": HOSTILE,
             "marketplace": MARKETPLACE, "sent_at": sent, "due_at": sent + pd.Timedelta(hours=24),
             "answered_at": answered, "response_hours": waited, "status": status, "counted": True,
             "topic": "inquiry", "rule": "r"} | others
        )  # fmt: skip
    return conform(pd.DataFrame(listed), CONTACTS)


def weeks(of, view):
    return measure.control_chart(measure.weekly(of, zone=view.zone, as_of=AS_OF))


def test_a_week_beyond_chance_is_named_and_quiet_weeks_are_not(view):
    quiet = contacts(*[(n / 4, 2.0) for n in range(1, 300)])
    assert signals(weeks(quiet, view)) == "no week moved by more than chance"
    bad = contacts(*[(n / 4, 40.0 if 120 < n < 140 else 2.0) for n in range(1, 300)])
    found = plot_trend(weeks(bad, view), view, target=0.9)
    assert isinstance(found, Chart)
    words = found.layout.meta
    assert "the week of 31 Aug was worse than chance alone makes it" in words["finding"]
    assert dict(words["key"])["band"]
    told = [row for row in words["rows"] if row[-1]]
    assert [row[0] for row in told] == ["31 Aug 2026"]
    low, high = told[0][-2].split(" to ")
    assert float(low) < float(high)


def test_waits_of_few_say_so_and_groups_of_nothing_are_left_out():
    many = contacts(*[(5, float(n % 30)) for n in range(1, 41)])
    few = contacts((5, 3.0), (5, 4.0), topic="return")
    none = contacts((5, 3.0), topic="claim", counted=False)
    given = pd.concat([many, few, none], ignore_index=True)
    by = [measure.medians_by(given, c, as_of=AS_OF) for c in ("topic", "marketplace")]
    compared = measure.log_rank(many, given, as_of=AS_OF)
    page = table_waits(*by, compared).html
    assert page.count("<small>few</small>") == 1 and "Returns" in page and "Claims" not in page
    assert "Other questions" in page and MARKETPLACE in page
    assert "nan" not in page.lower().replace("nantes", "")
    assert table_waits(*(frame[:0] for frame in by), compared).html == ""


@pytest.mark.parametrize(
    ("p_value", "seen", "said"),
    [
        (None, 0, "no window before"),
        (0.05, 60, "neither faster nor slower"),
        (0.04, 60, "faster by more than chance"),
        (0.0001, 40, "slower by more than chance (log-rank p below 0.001"),
    ],
)
def test_the_comparison_claims_no_more_than_it_knows(p_value, seen, said):
    told = {"contacts_before": 60, "contacts_after": 70, "answers_expected": 50.2,
            "answers_seen": seen, "chi_square": 1.0, "p_value": p_value}  # fmt: skip
    assert said in words_compared(told)


def test_what_leaves_next_is_listed_and_escaped(view):
    given = contacts((29.5, 30.0), (3, None), (60, 30.0), (5, 2.0), (95, None))
    leaves = measure.leaves_windows(given, as_of=AS_OF)
    page = table_leaving(leaves, view).html
    assert "1 late or missed inquiry counts in the last 7 days, 2 in the last 30 and 3" in page
    assert "1 of the 30 days’ leaves within" in page
    assert "<img" not in page and "&lt;img" in page
    first, second = page.split('<tr><th scope="row"')[1:]
    assert "5 Oct" in first and ">left<" in first and "4 Dec" in first
    assert "1 Nov" in second and "9 Oct" in second
    calm = table_leaving(measure.leaves_windows(contacts((5, 2.0)), as_of=AS_OF), view).html
    assert "Nothing late to wait for" in calm


def test_the_share_ahead_with_what_is_open_and_without_anything(view):
    given = contacts((29.5, 30.0), (5, 2.0), (4, 2.0))
    ahead = measure.shares_ahead(given, as_of=AS_OF, target=0.9)
    found = plot_ahead(ahead, view, target=0.9)
    assert found.layout.meta["finding"] == (
        "With nothing new, the share of the 30 days goes from 66.7\u202f% to 100.0\u202f% in 14 "
        "days; 7 more answers in time would reach the target now"
    )
    assert len(found.layout.meta["rows"]) == 15
    none = measure.shares_ahead(given[:0], as_of=AS_OF, target=None)
    assert plot_ahead(none, view, target=None).html == ""
    # the last one leaves before the fortnight is over: the line ends there
    short = measure.shares_ahead(contacts((25, 2.0)), as_of=AS_OF, target=None)
    assert "in 5 days" in plot_ahead(short, view, target=None).layout.meta["finding"]


def cover(given, text, target=0.9):
    return measure.cover(given, text, zone="Europe/Berlin", target=target)


def test_cover_hours_are_shown_where_a_roster_was_asked_about():
    given = contacts(*[(n + 0.3, 40.0) for n in range(14)])
    assert table_cover(None, target=0.9).html == "" and cover(given, " ") is None
    page = table_cover(cover(given, "Mon 08:00-09:00"), target=0.9).html
    assert '<b class="nw2">Mon 08:00-09:00</b>' in page and "would reach the target" in page
    assert "<tbody>" in page and "few" not in page
    page = table_cover(cover(given, "Mon-Sun 00:00-24:00"), target=0.9).html
    assert "That reaches the target of 90" in page and "<tbody>" not in page
    page = table_cover(cover(given[:3], "Mon-Sun 00:00-24:00", None), target=None).html
    assert "; few" in page and "target" not in page
    assert "nothing to answer" in table_cover(cover(given[:0], "Mon 08:00-09:00"), target=0.9).html


def performance(view, *orders):
    listed = [
        row if row["order_id"] == HOSTILE else row | {"order_id": str(n)}
        for n, row in enumerate(orders)
    ]
    rows = measure.performance_orders(histories(orders=listed), as_of=AS_OF, policy=view.policy)
    figures = measure.order_performance(rows, as_of=AS_OF, policy=view.policy)
    return figures.astype("object").to_dict("records"), rows


def test_order_figures_name_their_orders_in_the_data_table_only(view):
    late = {"latest_ship_at": "2026-10-01", "shipped_at": "2026-10-02", "status": "shipped"}
    fine = late | {"shipped_at": "2026-09-30"}
    lost = late | {"shipped_at": None}
    figures, rows = performance(
        view, order(**late, order_id=HOSTILE), *[order(**fine)] * 15, order(**lost)
    )
    page = table_order_performance(figures, rows, view).html
    shown, named = page.split("The orders as a table")
    assert "<img" not in page and HOSTILE.replace("<", "&lt;").replace(">", "&gt;") in named
    assert "&lt;img" not in shown and "1 late of" in shown
    assert "below 4\u202f%" in shown and "1: " in shown  # one unknown, with what it could do
    assert "nan" not in page


def test_order_figures_of_nothing(view):
    assert "No order of the periods" in table_order_performance(*performance(view), view).html


def test_few_orders_are_counts_and_a_null_verdict_is_a_dash(view):
    figures, rows = performance(view, order("2026-10-01", status="shipped"))
    page = table_order_performance(figures, rows, view).html
    assert "0 of 1" in page and "Every figure that has a target meets it" in page
    unknown = [row | {"is_met": pd.NA, "target": np.nan} for row in figures]
    assert 'faint">–' in table_order_performance(unknown, rows, view).html


def beside(metric, amazon, ours, n=20, why=None, days=30):
    end = instant("2026-10-05")
    return {
        "account": "shop", "marketplace": "DE", "period_start": end - pd.Timedelta(days=days),
        "period_end": end, "metric": metric, "amazon": amazon, "amazon_numerator": np.nan,
        "amazon_denominator": float(n), "ours": ours, "numerator": np.nan, "denominator": n,
        "difference": ours - amazon, "explained_by": why,
    }  # fmt: skip


def test_amazons_figures_beside_ours(view):
    rows = [
        beside("responseUnder24Hours", 0.9, 0.9),
        beside("responseUnder24Hours", 0.5, 0.6, why="mail delay or missing mail", days=7),
        beside("averageResponseTimeInHours", 5.0, 7.5),
        beside("lateShipmentRate", 0.1, float("nan")),
    ]
    page = table_beside(rows, view).html
    assert "2 of 3 figures" in page and "could explain 1 of them" in page
    assert "Mail delay or missing mail" in page and "+10.0 points" in page
    assert "+2.5 h" in page and "nothing on file" in page and "alike" in page
    assert "7 days to 4 Oct" in page or "7 days to 5 Oct" in page
    assert page.index("Average response") < page.index("Mail delay or") < page.index("alike")
    same = table_beside(rows[:1], view).html
    assert "All 1 figure that Amazon reported" in same
    assert "nothing on file of their stores" in table_beside(rows[3:], view).html
    assert "No report of Amazon’s own figures" in table_beside([], view).html
