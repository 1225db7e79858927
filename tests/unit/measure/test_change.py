"""A change of a share, split: hand-worked, and against each order of change in plain loops."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pandas as pd
import pytest
from builders import instant
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.measure import PARTS, Tallies, change_by_cell, points, split_change, tally_cells
from sellerkit.measure.change import FIGURES

STATUSES = ["met", "late", "missed", "open"]
CELLS = [
    ("inquiry", "inquiry", "DE"), ("inquiry", "return", "DE"), ("inquiry", "", ""),
    ("order_problem", "late_shipment", "DE"), ("order_problem", "out_of_stock", "UK"),
    ("return", "", "DE"), ("return", "", "US"), ("claim", "", "DE"),
]  # fmt: skip

Counts = dict[tuple[str, str, str], tuple[int, int, int, int]]


def tally(counts: Counts) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(counts), names=["kind", "topic", "marketplace"])
    return pd.DataFrame(list(counts.values()), index=index, columns=STATUSES, dtype="int64")


def figure(frame: pd.DataFrame, name: str, kind: str | None = None) -> pd.Series:
    """Return the row of one figure."""
    of_kind = frame["kind"].isna() if kind is None else frame["kind"] == kind
    return frame[(frame["figure"] == name) & of_kind].iloc[0]


def same_rules(before: Counts, now: Counts) -> Tallies:
    return Tallies(tally(before), tally(now), tally(before), tally(now))


# --- by hand ------------------------------------------------------------------------------------

# weights and shares: returns DE 0.8 × 0.75, then 0.4 × 0.5; questions DE 0.2 × 1, then none;
# questions UK none, then 0.6 × 1. Both windows: 0.8.
BEFORE: Counts = {
    ("inquiry", "return", "DE"): (6, 2, 0, 0),
    ("inquiry", "inquiry", "DE"): (2, 0, 0, 1),
}
NOW: Counts = {
    ("inquiry", "return", "DE"): (2, 0, 2, 0),
    ("inquiry", "inquiry", "UK"): (6, 0, 0, 2),
}


def test_mix_and_behaviour_by_hand() -> None:
    row = figure(split_change(same_rules(BEFORE, NOW)), "on_time_share")
    # the mix of now, the shares of before: 0.4 × 0.75 + 0.6; the other way: 0.8 × 0.5 + 0.2
    # mix: (0.9 − 0.8 + 0.8 − 0.6) / 2; behaviour: (0.6 − 0.8 + 0.8 − 0.9) / 2
    assert row[["before", "now", "change"]].tolist() == pytest.approx([0.8, 0.8, 0])
    assert row["due_to_rules"] == 0
    assert row[["due_to_mix", "due_to_behaviour"]].tolist() == pytest.approx([0.15, -0.15])
    assert row[["n_before", "n_now", "open_before", "open_now"]].tolist() == [10, 10, 1, 2]
    assert pd.isna(row["why_null"])


def test_where_it_comes_from_by_hand() -> None:
    cells = change_by_cell(same_rules(BEFORE, NOW))
    rows = cells[cells["figure"] == "on_time_share"].set_index(["topic", "marketplace"])
    # weight gained or lost × how far the cell lies from 0.8: −0.4 × (−0.05 − 0.3) / 2,
    # −0.2 × 0.2 and 0.6 × 0.2; a cell that one window lacks has the other's share there
    assert rows.loc[("return", "DE"), PARTS].tolist() == pytest.approx([0, 0.07, -0.15])
    assert rows.loc[("inquiry", "DE"), PARTS].tolist() == pytest.approx([0, -0.04, 0])
    assert rows.loc[("inquiry", "UK"), PARTS].tolist() == pytest.approx([0, 0.12, 0])
    assert math.isnan(rows.loc[("inquiry", "UK"), "before"])
    assert rows["n_now"].tolist() == [0, 6, 4]


def test_rules_and_behaviour_by_hand() -> None:
    cell = ("inquiry", "inquiry", "DE")
    found = split_change(
        Tallies(
            before=tally({cell: (3, 1, 0, 0)}),
            now=tally({cell: (2, 2, 0, 0)}),
            before_by_now=tally({cell: (1, 3, 0, 0)}),
            now_by_before=tally({cell: (3, 1, 0, 0)}),
        )
    )
    row = figure(found, "coverage", "inquiry")
    # rules: (0.25 − 0.75 + 0.5 − 0.75) / 2; behaviour: (0.75 − 0.75 + 0.5 − 0.25) / 2
    assert row[PARTS].tolist() == pytest.approx([-0.375, 0, 0.125])
    assert row["change"] == pytest.approx(-0.25)


def test_the_interval_is_newcombes() -> None:
    cell = ("claim", "", "DE")
    found = split_change(same_rules({cell: (48, 32, 0, 0)}, {cell: (56, 14, 0, 0)}))
    row = figure(found, "coverage", "claim")
    # Newcombe 1998, table II, method 10: 56/70 − 48/80 lies between 0.0524 and 0.3339
    assert row["change"] == pytest.approx(0.2)
    assert row[["low", "high"]].tolist() == pytest.approx([0.0524, 0.3339], abs=5e-5)


def test_undefined_is_null_and_says_why() -> None:
    problem, claim, sent = CELLS[3], CELLS[7], CELLS[0]
    # of the inquiries now the rules of before leave all open
    before, now = (
        {sent: (1, 0, 0, 0), claim: (1, 0, 0, 0)},
        {sent: (0, 0, 2, 0), problem: (1, 0, 0, 0)},
    )
    open_ones = {sent: (0, 0, 0, 2), problem: (1, 0, 0, 0)}
    found = split_change(Tallies(tally(before), tally(now), tally(before), tally(open_ones)))
    why = {
        k: figure(found, "coverage", k)["why_null"]
        for k in ("inquiry", "order_problem", "claim", "return")
    }
    assert why == {
        "inquiry": "none_by_other_rules",
        "order_problem": "none_before",
        "claim": "none_now",
        "return": "none_before",
    }
    row = figure(found, "on_time_share")
    assert row["change"] == -1 and row[PARTS].isna().all()
    row = figure(found, "written_share", "claim")
    assert row["before"] == 1 and row[["now", "change", "low", "high", *PARTS]].isna().all()
    assert change_by_cell(Tallies(*[tally(before)] * 4))["kind"].dropna().unique().tolist() == [
        "inquiry", "claim",
    ]  # fmt: skip


def test_nothing_on_file_is_all_null() -> None:
    nothing = tally({}).set_axis(
        pd.MultiIndex.from_arrays([[], [], []], names=["kind", "topic", "marketplace"])
    )
    tallies = Tallies(*[nothing] * 4)
    found = split_change(tallies)
    assert len(found) == len(FIGURES)
    assert found[["before", "now", "change", *PARTS]].isna().all(axis=None)
    assert change_by_cell(tallies).empty


def test_cells_are_counted_contacts_and_what_else_is_owed(
    of: Callable[..., pd.DataFrame],
) -> None:
    at, later = instant("2026-10-01"), instant("2026-10-02")
    contacts = of(
        "contacts",
        [
            {"sent_at": at, "due_at": later, "status": "met"},
            {"sent_at": at, "due_at": later, "status": "met", "counted": False},
            {"sent_at": at, "due_at": later, "status": "open", "topic": None, "marketplace": None},
            {"sent_at": later, "due_at": later, "status": "missed"},
        ],
    )
    obligations = of(
        "obligations",
        [
            {"kind": "inquiry", "status": "met"},
            {"kind": "order_problem", "problem": "late_shipment", "status": "late"},
            {"kind": "order_problem", "problem": "late_shipment", "status": "not_applicable"},
            {"kind": "claim", "status": "missed", "trigger_at": later},
        ],
    )
    cells = tally_cells(contacts, obligations, since=at, until=later)
    assert cells.to_dict("index") == {
        ("inquiry", "", ""): {"met": 0, "late": 0, "missed": 0, "open": 1},
        ("inquiry", "inquiry", "DE"): {"met": 1, "late": 0, "missed": 0, "open": 0},
        ("order_problem", "late_shipment", ""): {"met": 0, "late": 1, "missed": 0, "open": 0},
    }


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ([0.0, 0.0014, 0.1493], (15.1, [0.0, 0.2, 14.9])),
        ([-0.0004, 0.0004, 0.0], (0.0, [0.0, 0.0, 0.0])),
        ([0.0, 0.0, 0.0], (0.0, [0.0, 0.0, 0.0])),
        ([0.00033, 0.00033, 0.00034], (0.1, [0.0, 0.0, 0.1])),
        ([-0.5, 0.25, 0.0], (-25.0, [-50.0, 25.0, 0.0])),
    ],
)
def test_points_add_up(exact: list[float], rounded: tuple[float, list[float]]) -> None:
    found = points(sum(exact), exact)
    assert found == rounded
    assert sum(found[1]) == pytest.approx(found[0])


# --- for any counts -----------------------------------------------------------------------------

few = st.integers(0, 4)
counted = st.dictionaries(st.sampled_from(CELLS), st.tuples(few, few, few, few), min_size=1)


def slow_parts(
    worlds: dict[tuple[int, int], Counts], kind: str, hits: list[str]
) -> list[float] | None:
    """Return what rules, mix and behaviour did, by walking each order in which they can change.

    `worlds` holds the counts by whose rules, and of whose window: 0 before, 1 now.
    """

    def closed(rules: int, window: int, cell: tuple[str, str, str]) -> int:
        return sum(worlds[rules, window].get(cell, (0, 0, 0, 0))[:3])

    def share(rules: int, window: int, cell: tuple[str, str, str]) -> float:
        if not closed(rules, window, cell):
            window = 1 - window
        row = dict(zip(STATUSES, worlds[rules, window].get(cell, (0, 0, 0, 0)), strict=True))
        return sum(row[name] for name in hits) / (closed(rules, window, cell) or 1)

    def whole(rules: int, mix: int, behaviour: int) -> float:
        total = sum(closed(rules, mix, cell) for cell in cells)
        return sum(closed(rules, mix, c) / total * share(rules, behaviour, c) for c in cells)

    cells = [cell for cell in CELLS if cell[0] == kind]
    if not all(any(closed(*world, cell) for cell in cells) for world in worlds):
        return None
    effects = [0.0, 0.0, 0.0]
    for order in itertools.permutations(range(3)):
        at = [0, 0, 0]
        for part in order:
            was = whole(*at)
            at[part] = 1
            effects[part] += (whole(*at) - was) / 6
    return effects


@settings(max_examples=30)
@given(counted, counted, counted, counted)
def test_parts_add_up_and_agree_with_each_order_of_change(
    before: Counts, now: Counts, before_by_now: Counts, now_by_before: Counts
) -> None:
    tallies = Tallies(*map(tally, (before, now, before_by_now, now_by_before)))
    worlds = {(0, 0): before, (1, 1): now, (1, 0): before_by_now, (0, 1): now_by_before}
    found, cells = split_change(tallies), change_by_cell(tallies)
    for (name, kind), hits in FIGURES.items():
        row, slow = figure(found, name, kind), slow_parts(worlds, kind or "inquiry", hits)
        assert (slow is None) == isinstance(row["why_null"], str) == row[PARTS].isna().all()
        if slow is not None:
            assert row[PARTS].tolist() == pytest.approx(slow, abs=1e-9)
            assert row[PARTS].sum() == pytest.approx(row["change"], abs=1e-9)
            here = cells[(cells["figure"] == name) & (cells["kind"].fillna("") == (kind or ""))]
            assert here[PARTS].sum().tolist() == pytest.approx(slow, abs=1e-9)


@settings(max_examples=20)
@given(counted, counted)
def test_without_a_change_of_rules_they_do_exactly_nothing(before: Counts, now: Counts) -> None:
    found = split_change(same_rules(before, now))
    split = found["why_null"].isna()
    assert (found.loc[split, "due_to_rules"] == 0).all()
    back = split_change(same_rules(now, before))
    assert back.loc[split, PARTS].to_numpy() == pytest.approx(
        -found.loc[split, PARTS].to_numpy(), abs=1e-9
    )


@settings(max_examples=20)
@given(counted)
def test_the_same_window_twice_has_no_change(counts: Counts) -> None:
    found = split_change(same_rules(counts, counts))
    split = found["why_null"].isna()
    assert (found.loc[split, ["change", *PARTS]] == 0).all(axis=None)


@settings(max_examples=20)
@given(counted, counted)
def test_other_names_of_topics_change_nothing_else(before: Counts, now: Counts) -> None:
    def renamed(counts: Counts) -> Counts:
        return {(kind, names[topic], store): row for (kind, topic, store), row in counts.items()}

    topics = sorted({topic for _, topic, _ in CELLS})
    names = dict(zip(topics, [*topics[1:], topics[0]], strict=True))
    tallies, others = same_rules(before, now), same_rules(renamed(before), renamed(now))
    pd.testing.assert_frame_equal(split_change(tallies), split_change(others))
    mapped = change_by_cell(tallies).assign(topic=lambda c: c["topic"].fillna("").map(names))
    key = ["figure", "kind", "topic", "marketplace"]
    again = change_by_cell(others).assign(topic=lambda c: c["topic"].fillna(""))
    pd.testing.assert_frame_equal(
        mapped.sort_values(key, ignore_index=True),
        again.sort_values(key, ignore_index=True),
        check_dtype=False,
    )
