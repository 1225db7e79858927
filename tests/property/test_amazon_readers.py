"""Whatever stands in a report, it becomes rows that the tables take, or an error of ours."""

from __future__ import annotations

import json
import os

import amazon_samples as samples
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sellerkit.errors import SellerkitError
from sellerkit.read.registry import FORMATS, by_name
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import HISTORIES, to_arrow

#: Few in CI; a long run asks for more.
FEW = settings(
    max_examples=int(os.environ.get("SELLERKIT_EXAMPLES", "10")),
    suppress_health_check=[HealthCheck.too_slow],
)

CONTEXTS = st.builds(Context, st.just("shop"), st.sampled_from([None, "DE", "US", "JP"]))

ROWS = {
    "all_orders": samples.ALL_ORDERS_ROW,
    "unshipped_orders": samples.UNSHIPPED_ROW,
    "new_orders": samples.NEW_ORDERS_ROW,
    "fba_shipments": samples.SHIPMENT_ROW,
    "mfn_returns": samples.MFN_RETURN_ROW,
    "fba_returns": samples.FBA_RETURN_ROW,
    "fba_reimbursements": samples.REIMBURSEMENT_ROW,
    "feedback": samples.FEEDBACK_ROW,
    "settlement": samples.SETTLEMENT_ROW,
    "settlement_v2": samples.SETTLEMENT_V2_ROW,
}

ODD = st.sampled_from(
    [
        "", " ", "N/A", "04-30-22", "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31",
        "31-Dec-9999", "2026-03-01T24:00:00Z", "9999-12-31T23:00:00-08:00",
        "0001-01-01T00:00:00+09:00", "2262-04-12T00:00:00Z", "1,234", "1.234", "1e400", "NaN",
        "inf", "9" * 40, "٣", "1/2", "+-1", '"', '""', "é\u0301", "\u202e", "\x1f", "\ufffd",
        "amazon.de", "Y", "y n", "-",
    ]
)  # fmt: skip
CELLS = ODD | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def parse(name: str, data: bytes, context: Context) -> Parsed | None:
    """Read a file; null where it was refused with an error of ours."""
    try:
        parsed = by_name(name).parse(Source("file", data), context)
    except SellerkitError as error:
        assert str(error)
        assert "\n" not in str(error)
        return None
    assert parsed.read == parsed.used + sum(parsed.skipped.values()) + len(parsed.quarantined)
    assert parsed.used >= 0
    for table, rows in parsed.tables.items():
        if len(rows):
            to_arrow(rows.assign(account="shop"), HISTORIES[table])
    for unit in parsed.quarantined:
        assert unit.reason
    return parsed


@pytest.mark.parametrize("name", ROWS)
@FEW
@given(data=st.data())
def test_any_cells_in_any_order_of_columns(name, data):
    columns = data.draw(st.permutations(list(ROWS[name])))
    own = st.fixed_dictionaries({column: CELLS | st.just(ROWS[name][column]) for column in columns})
    rows = data.draw(st.lists(own, min_size=1, max_size=4))
    sep = data.draw(st.sampled_from("\t,;"))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp932"]))
    text = samples.table(*rows, sep=sep, order=columns)
    parse(name, text.encode(encoding, "replace"), data.draw(CONTEXTS))


@pytest.mark.parametrize("name", ROWS)
@FEW
@given(data=st.data())
def test_the_order_of_columns_changes_nothing(name, data):
    columns = data.draw(st.permutations(list(ROWS[name])))
    expected = parse(name, samples.table(ROWS[name]).encode(), Context("shop"))
    found = parse(name, samples.table(ROWS[name], order=columns).encode(), Context("shop"))
    assert expected is not None and found is not None
    assert found.skipped == expected.skipped and not found.quarantined
    for table, rows in expected.tables.items():
        own = [to_arrow(frame.assign(account="shop"), HISTORIES[table]) for frame in (
            rows, found.tables[table],
        )]  # fmt: skip
        assert own[0].equals(own[1])


@pytest.mark.parametrize("name", samples.FILES)
@FEW
@given(data=st.data())
def test_bytes_that_are_cut_or_changed(name, data):
    whole = bytearray(samples.FILES[name])
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + 1] = data.draw(st.binary(max_size=3))
    begin = data.draw(st.integers(0, 40) | st.just(0))
    end = data.draw(st.integers(begin, len(whole)) | st.just(len(whole)))
    parse(name, bytes(whole[begin:end]), data.draw(CONTEXTS))


JSONS = {
    "performance_v2": samples.PERFORMANCE_V2,
    "orders_v0": samples.ORDERS_V0,
    "order_items_v0": samples.ORDER_ITEMS_V0,
    "orders_2026_01_01": samples.ORDERS_2026,
    "amazon_api_other": samples.REPORT_STATE,
}

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | ODD | st.text(max_size=6)
    | st.just("\ud800")
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=5,
)


def altered(value: object, data: st.DataObject) -> object:
    """Return a JSON value of the same shape, with something else here and there."""
    if data.draw(st.integers(0, 9)) == 0:
        return data.draw(VALUES)
    if isinstance(value, dict):
        return {name: altered(own, data) for name, own in value.items()}
    return [altered(own, data) for own in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", JSONS)
@FEW
@given(data=st.data())
def test_any_values_in_the_place_of_others(name, data):
    parse(name, json.dumps(altered(JSONS[name], data)).encode(), data.draw(CONTEXTS))


@FEW
@given(data=st.binary(max_size=200))
def test_any_bytes_are_told_without_an_error_but_ours(data):
    for form in FORMATS:
        form.matches(Source("x", data))
