"""Rules of a user's own: laid over ours, and refused by file, line, row and field where wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sellerkit.errors import InputError, UsageError
from sellerkit.policy import Policy, Rule

ROW = {
    "id": '"crt.window_hours"', "value": "12", "from": "2026-01-01", "mark": '"U"',
    "source": '"ours"',
}  # fmt: skip
SEASON = {
    "basis": '"shipped"', "first": "2026-11-01", "last": "2026-12-31",
    "returns_until": "2027-01-31", "marketplaces": '["DE"]', "mark": '"A"', "source": '"x"',
}  # fmt: skip


def row(table: str = "rule", **fields: str | None) -> str:
    """One row as TOML; a field that is null is left out."""
    base = ROW if table == "rule" else SEASON
    lines = [f"{k.rstrip('_')} = {v}" for k, v in (base | fields).items() if v is not None]
    return "\n".join([f"[[{table}]]", *lines, ""])


def with_rows(folder: Path, *rows: str, base: Policy | None = None, name: str = "my.toml"):
    path = folder / name
    path.write_text("\n".join(rows), "utf-8")
    return (base or Policy.default()).with_file(path)


def value(policy: Policy, when: str, store: str | None = None, rule_id="crt.window_hours") -> Any:
    return policy.value(rule_id, pd.Timestamp(when, tz="UTC"), store)[0]


def test_a_row_holds_from_its_day_on_and_ours_before(tmp_path) -> None:
    policy = with_rows(tmp_path, row())
    assert value(policy, "2015-12-05") == 12 and value(policy, "2025-12-31") == 24
    assert value(policy, "2026-01-01") == 12 and value(policy, "2030-01-01") == 12
    assert "my.toml" in policy.name and policy.name != Policy.default().name


def test_a_season_ends_and_ours_hold_on_after_it(tmp_path) -> None:
    policy = with_rows(tmp_path, row(to="2026-02-01"))
    held = [policy.row("crt.window_hours", pd.Timestamp(day, tz="UTC")).name
            for day in ("2026-01-31T23:59:59.999999", "2026-02-01")]  # fmt: skip
    assert held == ["crt.window@2026-01-01", "crt.window@2016-01-01"]


def test_a_row_from_the_first_day_takes_the_place_of_all_of_ours(tmp_path) -> None:
    policy = with_rows(tmp_path, row(**{"from": "2012-02-01"}))
    days = ("2010-01-01", "2015-06-01", "2015-12-05", "2016-01-01", "2026-01-01")
    assert [value(policy, day, store) for day in days for store in (None, "US")] == [12] * 10


def test_a_row_with_stores_holds_there_alone(tmp_path) -> None:
    policy = with_rows(tmp_path, row(marketplaces='["DE", "FR"]'))
    stores = ("DE", "FR", "US", None)
    assert [value(policy, "2026-01-01", store) for store in stores] == [12, 12, 24, 24]


def test_a_row_for_all_stores_goes_before_one_of_ours_with_stores(tmp_path) -> None:
    policy = with_rows(tmp_path, row(id='"cancel.max_share"', value="0.01"))
    assert value(policy, "2026-01-01", "IN", "cancel.max_share") == 0.01
    assert value(policy, "2025-12-31", "IN", "cancel.max_share") == 0.02


def test_a_second_file_lies_over_the_first(tmp_path) -> None:
    first = with_rows(tmp_path, row(value="12"))
    second = with_rows(tmp_path, row(value="6", to="2026-02-01"), base=first, name="b.toml")
    assert [value(second, day) for day in ("2026-01-15", "2026-02-01")] == [6, 12]


@pytest.mark.parametrize("order", ["{file},2026-03-01", "2026-03-01, {file}"])
def test_a_file_and_a_day_together(tmp_path, order) -> None:
    path = tmp_path / "my.toml"
    path.write_text(row(), "utf-8")
    policy = Policy.of(order.format(file=path))
    assert value(policy, "2015-06-01") == 12
    assert "rules of 2026-03-01" in policy.name and "my.toml" in policy.name


def test_a_file_whose_name_has_a_comma_is_one_file(tmp_path) -> None:
    path = tmp_path / "mine,2.toml"
    path.write_text(row(), "utf-8")
    assert value(Policy.of(str(path)), "2026-01-01") == 12


@pytest.mark.parametrize(
    "what", ["nonsense", "2018-13-01", "2018-10-01,2019-10-01", "x" * 5000, "a\0b", ",", "/"]
)
def test_neither_a_date_nor_a_file(what) -> None:
    with pytest.raises(UsageError, match="--policy"):
        Policy.of(what)


def test_units_and_byte_order_mark_are_forgiven(tmp_path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(b"\xef\xbb\xbf" + row(unit='"h"').encode())
    units = {rule.unit for rule in Policy.default().with_file(path).rules if rule.layer}
    assert units == {"hours"}


def test_none_where_there_may_be_no_rule(tmp_path) -> None:
    policy = with_rows(tmp_path, row(id='"claim.silence_hours"', value='"none"'))
    assert value(policy, "2026-01-01", None, "claim.silence_hours") is None


def test_a_return_season_of_the_users(tmp_path) -> None:
    policy = with_rows(tmp_path, row("holiday"))
    assert policy.holidays[-1].returns_until == dt.date(2027, 1, 31)


#: What is wrong, and what the one sentence must name of it.
WRONG = [
    (row(id='"crt.windows_hours"'), ["line 2", "rule 1", "id", "near it: crt.window_hours"]),
    (row(id='"window"'), ["line 2", "id", "no id like crt.window_hours"]),
    (row(id="7"), ["line 2", "id", "string"]),
    (row() + row(id='"odr.max_share"', value="1.5"),
     ["line 9", "rule 2 (odr.max_share)", "value", "1.5", "between 0 and 1"]),
    (row(value="-1"), ["line 3", "value", "-1"]),
    (row(value="nan"), ["value", "nan"]),
    (row(value="inf"), ["value", "inf"]),
    (row(value="1e300"), ["value"]),
    (row(value="0x" + "f" * 6000), ["value", "a number of that size"]),
    (row(value="1" * 5000), ["not a TOML file"]),
    (row(value="876001"), ["value", "hundred years"]),
    (row(value="true"), ["value", "true is no number"]),
    (row(value='"12"'), ["value", "'12' is no number"]),
    (row(value='"none"'), ["value", "'none' is no number"]),
    (row(value="[12]"), ["line 3", "value", "a list"]),
    (row(value="2026-01-01"), ["line 3", "value"]),
    (row(id='"crt.autoreply_counts"', value='"yes"'), ["value", "'yes' is not true or false"]),
    (row(id='"crt.autoreply_counts"', value="1"), ["value", "1 is not true or false"]),
    (row(id='"crt.unit"', value='"runs"'), ["value", "'runs' is not run or message"]),
    (row(id='"message.review_requests_max"', value="1.5"), ["value", "no whole number"]),
    (row(id='"crt.periods"', value="7"), ["value", "no words"]),
    (row(unit='"days"'), ["unit", "in hours, not in days"]),
    (row(unit='"minutes"'), ["unit", "in hours, not in minutes"]),
    (row(to="2025-01-01"), ["line 7", "to", "2025-01-01 is not after from"]),
    (row(to="2026-01-01"), ["to", "is not after from"]),
    (row(**{"from": '"soon"'}), ["line 4", "from", "'soon'"]),
    (row(**{"from": None}), ["line 1", "from", "it is missing"]),
    (row(source=None), ["source", "it is missing"]),
    (row(source='""'), ["line 6", "source"]),
    (row(mark='"D"'), ["line 5", "mark", "'D'"]),
    (row(marketplaces='["GB"]'), ["line 7", "marketplaces", "'GB'", "near it: UK"]),
    (row(marketplaces='["de"]'), ["marketplaces", "'de'", "near it: DE"]),
    (row(marketplaces='"DE"'), ["marketplaces"]),
    (row(form="2026-01-01"), ["line 7", "form", "no such field", "near it: from"]),
    (row(layer="1"), ["line 7", "layer", "no such field"]),
    (row() + row(), ["line 10", "rule 2", "from", "lies within rule 1"]),
    (row(to="2026-06-01") + row(**{"from": "2026-05-31"}), ["rule 2", "lies within rule 1"]),
    (row(marketplaces='["DE", "FR"]') + row(marketplaces='["FR"]'), ["lies within rule 1"]),
    ("rules = []", ["rules", "no such field", "near it: rule"]),
    ("rule = 7", ["rule", "list"]),
    ("[[rule]]\n[[rule]]", ["line 1", "rule 1", "id", "it is missing"]),
    ("rule = [7]", ["rule 1"]),
    ("", ["no [[rule]] in it"]),
    ("name = 'x'", ["no [[rule]] in it"]),
    ("[[rule", ["not a TOML file", "']]'"]),
    ("x = " + "[" * 100_000, ["nested too deeply"]),
    ("#" * 1_000_001, ["larger than 1 MB"]),
    ("[[event]]\ndate=2020-01-01\nwhen='2020'\nwhat='x'\nmark='A'\nsource='x'", ["events"]),
    (row("holiday", last="2026-10-01"), ["line 4", "holiday 1", "last", "is before first"]),
    (row("holiday", returns_until="2026-12-01"), ["line 5", "returns_until", "is before last"]),
    (row("holiday", marketplaces="[]"), ["line 6", "marketplaces", "names no store"]),
    (row("holiday", basis='"bought"'), ["line 2", "basis"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_refused_in_one_sentence(tmp_path, text, told) -> None:
    with pytest.raises(InputError) as error:
        with_rows(tmp_path, text)
    sentence = str(error.value)
    assert "my.toml" in sentence
    for words in told:
        assert words in sentence, sentence
    assert len(sentence) < 600 + len(str(tmp_path))


def test_bytes_that_are_no_text_and_a_folder_are_refused(tmp_path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"my\.toml: not a TOML file"):
        Policy.default().with_file(path)
    with pytest.raises(InputError, match="cannot be read"):
        Policy.default().with_file(tmp_path)


def test_rows_that_follow_each_other_are_fine(tmp_path) -> None:
    policy = with_rows(
        tmp_path,
        row(to="2026-02-01"),
        row(value="6", **{"from": "2026-02-01"}),
        row(value="3", **{"from": "2027-01-01", "to": "2027-02-01"}),
    )
    days = ("2026-01-31", "2026-02-01", "2027-01-31", "2027-02-01")
    assert [value(policy, day) for day in days] == [12, 6, 3, 6]


# --- against a slow second version --------------------------------------------------------------

IDS = ("crt.window_hours", "cancel.max_share", "claim.silence_hours")
DAYS = st.dates(dt.date(2011, 1, 1), dt.date(2027, 12, 31))
ROWS = st.lists(
    st.tuples(
        st.sampled_from(IDS), DAYS, st.none() | DAYS, st.sampled_from([(), ("IN",), ("US", "IN")])
    ),
    min_size=1,
    max_size=4,
)


def slow(rules: tuple[Rule, ...], rule_id: str, day: dt.date, store: str | None) -> Rule:
    """The rows above first, of them those of the store, of them the latest that holds."""
    own = [r for r in rules if r.id == rule_id and (not r.marketplaces or store in r.marketplaces)]
    holding = [r for r in own if r.from_ <= day and (r.to is None or day < r.to)]
    if holding:
        return max(holding, key=lambda r: (r.layer, bool(r.marketplaces), r.from_))
    return min((r for r in own if not r.marketplaces), key=lambda r: r.from_)


@given(ROWS, DAYS, st.sampled_from([None, "US", "IN"]))
def test_the_lookup_agrees_with_a_slow_one(tmp_path_factory, rows, day, store) -> None:
    texts = [
        row(id=f'"{i}"', value="0.5", marketplaces=str(list(codes)).replace("'", '"'),
            **{"from": str(first), "to": str(to) if to else None})
        for i, first, to, codes in rows
    ]  # fmt: skip
    try:
        policy = with_rows(tmp_path_factory.getbasetemp(), *texts)
    except InputError as error:
        assume("lies within" not in str(error) and "is not after from" not in str(error))
        raise
    for rule_id in IDS:
        moment = pd.Timestamp(day, tz="UTC")
        found, expected = (
            policy.row(rule_id, moment, store),
            slow(policy.rules, rule_id, day, store),
        )
        assert found == expected
        held, name = policy.value(rule_id, moment, store)
        assert (held, name) == (None if found.value == "none" else found.value, found.name)
