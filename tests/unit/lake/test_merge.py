"""Merging rows by key: new, updated, same; newest non-null value wins."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sellerkit import tables
from sellerkit.lake import ORDER_PARTS, merge, merge_orders
from sellerkit.tables import CLAIMS, ORDERS


def claims(*rows: dict, file: int = 0) -> pd.DataFrame:
    base = {"account": "A", "order_id": "o", "filed_at": "2026-01-01", "reason": "other"}
    frame = tables.conform(pd.DataFrame([base | row for row in rows]), CLAIMS)
    return frame.assign(file=file)


def none_on_file() -> pd.DataFrame:
    return tables.empty(CLAIMS)


def test_rows_of_a_new_key_are_new() -> None:
    merged = merge(CLAIMS, none_on_file(), claims({"claim_id": "1"}, {"claim_id": "2"}))
    assert merged.outcomes["outcome"].tolist() == ["new", "new"]
    assert len(merged.changed) == 2


def test_the_same_row_again_is_the_same_and_nothing_is_written() -> None:
    first = merge(CLAIMS, none_on_file(), claims({"claim_id": "1", "amount": 5}))
    again = merge(CLAIMS, first.changed, claims({"claim_id": "1", "amount": 5}))
    assert again.outcomes["outcome"].tolist() == ["same"]
    assert again.changed.empty


def test_a_null_does_not_erase_and_a_value_replaces() -> None:
    on_file = claims({"claim_id": "1", "amount": 5, "outcome": "open"}).drop(columns="file")
    merged = merge(CLAIMS, on_file, claims({"claim_id": "1", "outcome": "withdrawn"}))
    assert merged.outcomes["outcome"].tolist() == ["updated"]
    assert merged.changed[["amount", "outcome"]].iloc[0].tolist() == [5, "withdrawn"]


def test_files_of_one_ingest_count_one_after_the_other() -> None:
    incoming = pd.concat(
        [
            claims({"claim_id": "1", "amount": 5}, file=0),
            claims({"claim_id": "1", "amount": 6}, file=1),
            claims({"claim_id": "1", "amount": 6}, file=2),
        ],
        ignore_index=True,
    )
    merged = merge(CLAIMS, none_on_file(), incoming)
    assert merged.outcomes.sort_values("file")["outcome"].tolist() == ["new", "updated", "same"]
    assert merged.changed["amount"].tolist() == [6]


def test_a_key_that_a_file_has_twice_counts_once() -> None:
    merged = merge(
        CLAIMS, none_on_file(), claims({"claim_id": "1", "amount": 5}, {"claim_id": "1"})
    )
    assert merged.outcomes["outcome"].tolist() == ["new"]
    assert merged.changed["amount"].tolist() == [5]


def test_a_row_keeps_the_provenance_of_the_file_that_changed_it() -> None:
    on_file = claims({"claim_id": "1", "amount": 5, "source": "a", "source_pos": 1})
    same = claims({"claim_id": "1", "amount": 5, "source": "b", "source_pos": 2})
    assert merge(CLAIMS, on_file.drop(columns="file"), same).changed.empty
    other = claims({"claim_id": "1", "amount": 7, "source": "c", "source_pos": 3}, file=1)
    both = pd.concat([same, other], ignore_index=True)
    changed = merge(CLAIMS, on_file.drop(columns="file"), both).changed
    assert changed[["source", "source_pos"]].iloc[0].tolist() == ["c", 3]


amounts = st.lists(
    st.tuples(st.sampled_from("123"), st.none() | st.integers(1, 3), st.integers(0, 3)), max_size=12
)


@given(amounts)
def test_merging_at_once_or_one_by_one_comes_to_the_same(rows: list) -> None:
    rows = sorted(rows, key=lambda row: row[2])
    batch = [claims({"claim_id": key, "amount": amount}, file=file) for key, amount, file in rows]
    at_once = merge(CLAIMS, none_on_file(), pd.concat([none_on_file().assign(file=0), *batch]))
    by_hand: dict[str, float | None] = {}
    for key, amount, _ in rows:
        by_hand[key] = amount if amount is not None else by_hand.get(key)
    found = dict(zip(at_once.changed["claim_id"], at_once.changed["amount"], strict=True))
    assert {k: None if v != v else v for k, v in found.items()} == by_hand
    assert len(at_once.outcomes) == len({(key, file) for key, _, file in rows})


def orders(*rows: dict, file: int = 0) -> pd.DataFrame:
    base = {"account": "A", "order_id": "o"}
    frame = tables.conform(pd.DataFrame([base | row for row in rows]), ORDERS)
    dated = pd.to_datetime([row.get("updated_at") for row in rows], utc=True)
    return frame.assign(file=file, updated_at=pd.Series(dated).dt.as_unit("us"))


def ingest_orders(*batches: pd.DataFrame) -> tuple[pd.DataFrame, list[list[str]]]:
    on_file, parts, said = tables.empty(ORDERS), tables.empty(ORDER_PARTS), []
    for arrived, batch in enumerate(batches):
        merged, fresh = merge_orders(on_file, parts, batch, arrived)
        parts = pd.concat([parts, tables.conform(fresh, ORDER_PARTS)], ignore_index=True)
        kept = on_file[~on_file["order_id"].isin(merged.changed["order_id"])]
        on_file = pd.concat([kept, merged.changed], ignore_index=True)
        said.append(merged.outcomes["outcome"].tolist())
    return on_file, said


def test_reports_that_each_know_a_part_make_one_order() -> None:
    on_file, said = ingest_orders(
        orders({"status": "unshipped", "total": 9.5}),
        orders({"latest_ship_at": "2026-01-02"}),
        orders({"status": "shipped", "carrier": "DHL"}),
    )
    row = on_file.iloc[0]
    assert (row["status"], row["total"], row["carrier"]) == ("shipped", 9.5, "DHL")
    assert row["latest_ship_at"] == pd.Timestamp("2026-01-02", tz="UTC")
    assert said == [["new"], ["updated"], ["updated"]]


def test_an_older_report_that_comes_later_does_not_set_an_order_back() -> None:
    new = {"status": "shipped", "updated_at": "2026-03-02"}
    old = {"status": "unshipped", "total": 4, "updated_at": "2026-03-01"}
    for batches in ((orders(new), orders(old)), (orders(old), orders(new))):
        on_file, _ = ingest_orders(*batches)
        assert on_file[["status", "total"]].iloc[0].tolist() == ["shipped", 4]


def test_a_file_without_a_date_counts_by_arrival_and_once() -> None:
    a, b = orders({"status": "unshipped"}), orders({"status": "shipped"})
    on_file, said = ingest_orders(a, b, a, b)
    assert on_file["status"].tolist() == ["shipped"]
    assert said == [["new"], ["updated"], ["same"], ["same"]]


def test_a_day_without_a_time_does_not_replace_the_minute_of_that_day() -> None:
    minute, day = "2026-07-10T08:15:00Z", "2026-07-10T21:59:59.999999Z"
    for first, second in ((minute, day), (day, minute)):
        incoming = pd.concat(
            [
                claims({"claim_id": "1", "filed_at": first}, file=0),
                claims({"claim_id": "1", "filed_at": second}, file=1),
            ]
        )
        merged = merge(CLAIMS, none_on_file(), incoming)
        assert merged.changed["filed_at"].tolist() == [pd.Timestamp(minute)]
    another = claims({"claim_id": "1", "filed_at": "2026-07-12T21:59:59.999999Z"}, file=1)
    on_file = claims({"claim_id": "1", "filed_at": minute}).drop(columns="file")
    assert merge(CLAIMS, on_file, another).outcomes["outcome"].tolist() == ["updated"]
