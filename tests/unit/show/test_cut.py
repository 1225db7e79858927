"""Tables of very many findings: cut, counted, and with the name of the file that has them all."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from builders import ORDER, call, claim, histories, message, order, solicitation

from sellerkit import measure, show
from sellerkit.audit import audit, not_credited
from sellerkit.audit.phone import call_views, calls_missing
from sellerkit.report.load import Run

MANY = 300
AS_OF = "2025-03-20T08:00"


@pytest.fixture(scope="module")
def run() -> Run:
    """A shop whose every order has a claim, a late reply, an automatic one and a call."""
    rows: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("messages", "orders", "claims", "calls")
    }
    for n in range(MANY):
        own = {"order_id": f"302-{n:07}-{n:07}"}
        talk = own | {"thread_id": f"t{n}", "buyer_id": f"buyer{n}"}
        rows["messages"] += [
            message("2025-03-10T10:00", message_id=f"a{n}", **talk),
            message("2025-03-10T11:00", "seller", message_id=f"b{n}", automated=True, **talk),
            message("2025-03-20T07:00", message_id=f"c{n}", **talk),
        ]
        rows["orders"] += [
            order("2025-02-20T10:00", delivered_at="2025-03-12T10:00", **own),
            order("2025-02-20T10:00", latest_ship_at="2025-02-22T10:00", order_id=f"{n}"),
            order(
                "2025-02-25T10:00", order_id=f"d{n}", status="shipped",
                latest_ship_at="2025-02-28T10:00", shipped_at="2025-02-26T10:00",
                delivered_at="2025-03-12T10:00",
            ),
        ]  # fmt: skip
        rows["claims"].append(claim("2025-03-19T10:00", claim_id=f"C{n}", **own))
        rows["calls"].append(call("2025-03-10T12:00", call_id=f"T{n}", **own))
    told = histories(**rows, solicitations=[solicitation("2025-03-01", order_id=ORDER)])
    return Run(audit(told, as_of=AS_OF), "UTC", 1, ["shop"], {})


def performance(run: Run, view: show.View) -> show.Html:
    orders = measure.performance_orders(
        run.audit.histories, as_of=run.audit.as_of, policy=run.audit.policy
    )
    return show.table_order_performance(run.summary["order_performance"], orders, view)


def exposed(run: Run, view: show.View) -> show.Html:
    rows = run.audit.findings["exposure"]
    money = measure.exposure_money(rows, run.audit.histories["orders"])
    return show.table_exposure(rows, money, view)


TABLES: dict[str, Callable[[Run, show.View], show.Html]] = {
    "contacts": lambda run, view: show.table_leaving(
        measure.leaves_windows(run.audit.contacts, as_of=run.audit.as_of), view
    ),
    "obligations": lambda run, view: show.table_due(run.audit.obligations, view),
    "obligations, worst": lambda run, view: show.cases_worst(
        run.audit.findings["obligations"], view
    ),
    "obligations, not credited": lambda run, view: show.table_not_credited(
        not_credited(run.audit), view
    ),
    "claims_readiness": lambda run, view: show.table_to_answer(
        run.audit.findings["claims_readiness"], view
    ),
    "exposure": exposed,
    "calls_review": lambda run, view: show.table_calls(run.audit.findings["calls_review"], view),
    "calls_review, views": lambda run, view: show.table_call_views(
        call_views(run.audit), calls_missing(run.audit), view
    ),
    "check_ins": lambda run, view: show.table_check_ins(run.audit.findings["check_ins"], view),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_many_is_cut_and_names_the_file_that_has_all(name: str, run: Run):
    text = TABLES[name](run, show.View.of(run)).html
    file = f"2025-03-20.findings/{name.partition(',')[0]}.parquet"
    assert f'<a href="{file}">{file}</a>' in text
    totals = re.findall(r"[0-9]+ of (?:the )?([0-9,]+)", text)
    assert max(int(total.replace(",", "")) for total in totals) >= MANY
    assert text.count("<tr") <= 2 * 40 + 1


def test_orders_that_count_against_the_seller_are_cut(run: Run):
    text = performance(run, show.View.of(run)).html
    named, total = re.search(r"([0-9]+) of ([0-9,]+) shown. In a notebook", text).groups()
    assert int(named) == 60 and int(total.replace(",", "")) >= MANY
    assert text.count("<tr") < 100
