"""docs/figures.md: its one-line examples run, and what it says of intervals is what is found."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import histories, instant, message, order

from benchmarks.coverage import shares, tables, waiting
from sellerkit import measure
from sellerkit.audit import audit
from sellerkit.report.load import Run

PAGE = (Path(__file__).parents[3] / "docs" / "figures.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
AS_OF = "2026-10-05T06:00:00Z"


@pytest.fixture(scope="module")
def run() -> Run:
    """Return an audited shop of a dozen threads with order and performance reports."""
    messages, day = [], pd.Timestamp("2026-09-10T08:00")
    for n in range(24):
        at = day + pd.Timedelta(days=n, hours=n % 5)
        own = {"thread_id": f"t{n}", "order_id": f"302-0000001-00000{n:02}"}
        messages.append(message(at.isoformat(), **own, message_id=f"b{n}"))
        if n % 4:
            back = at + pd.Timedelta(hours=3 * n)
            messages.append(message(back.isoformat(), "seller", **own, message_id=f"s{n}"))
    frames = histories(
        messages=messages,
        orders=[order("2026-09-20", latest_ship_at="2026-09-22", shipped_at="2026-09-23")],
        performance=[{"account": "shop", "marketplace": "DE", "metric": "responseUnder24Hours",
                      "period_start": instant("2026-09-28"), "period_end": instant("2026-10-05"),
                      "value": 0.8, "numerator": 4, "denominator": 5}],
    )  # fmt: skip
    return Run(audit(frames, as_of=AS_OF), "Europe/Berlin", 1, ["shop"], {})


def lines() -> list[str]:
    return [line for block in BLOCKS[1:] for line in block.splitlines() if line]


def test_every_example_runs_and_gives_something_to_look_at(run: Run) -> None:
    known = {"measure": measure, "run": run}
    # all of the first but the opening of a lake, which this one stands for
    exec("\n".join(BLOCKS[0].splitlines()[-2:]), known)
    for line in lines():
        if isinstance(ast.parse(line).body[0], ast.Assign):
            exec(line, known)
        else:
            assert eval(line, known) is not None, line


def test_every_figure_function_of_this_page_is_shown() -> None:
    asked = {
        "contact_figures", "quantile_interval", "mean_interval", "control_chart", "survival_by",
        "medians_by", "log_rank", "leaves_windows", "shares_ahead", "answers_to_target", "arrivals",
        "roster", "replay", "late_share", "added_hours", "cover", "performance_orders",
        "order_performance", "beside_amazon", "as_seen", "newest_reported",
    }  # fmt: skip
    shown = {name for line in lines() for name in re.findall(r"measure\.(\w+)\(", line)}
    assert asked <= shown and asked <= set(measure.__all__)


def test_the_page_says_that_intervals_hold_between_93_and_97_of_100() -> None:
    held = [float(text) for text in re.findall(r"\| (\d\d\.\d)% \|\n", PAGE)]
    assert len(held) >= 15 and all(93 <= value <= 97 for value in held)
    # the mean of a dozen and of fifty, and twice the median with those that wait of a dozen
    assert len(re.findall(r"\| \d+ \| none is stated \|", PAGE)) == 4


def test_a_small_simulation_says_the_same_anew() -> None:
    random = np.random.default_rng(7)
    assert all(0.94 <= row.held <= 0.965 for row in shares(random, 5000))
    held, biases = waiting(random, 100)
    large = [row for row in biases if row.n == 500]
    assert all(abs(row.km_median) < 0.06 and row.plain_median < -0.2 for row in large)
    assert all(row.plain_mean is None or row.plain_mean < -0.2 for row in large)
    assert "none is stated" in tables(held, biases, 100)


def test_the_simulation_is_the_same_for_the_same_seed() -> None:
    one, other = (shares(np.random.default_rng(3), 500) for _ in range(2))
    assert one == other
