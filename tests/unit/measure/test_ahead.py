"""What the figures do next, by hand and by asking again later."""

from __future__ import annotations

from random import Random

import pandas as pd
import pytest
from builders import instant
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.measure import by_period, leaves_windows, shares_ahead

AS_OF = instant("2026-10-05T06:00")


@pytest.fixture
def mixed(contacts_of):
    return contacts_of(
        ("2026-10-01T08:00", "met", 2.0),
        ("2026-10-02T08:00", "late", 30.0),
        ("2026-09-27T04:00", "missed"),  # eight days ago: out of the 7 days
        ("2026-10-05T05:00", "open"),
        ("2026-10-03T08:00", "waived"),
        ("2026-06-01T08:00", "late", 40.0),  # out of all periods
    )


class TestLeavesWindows:
    def test_by_hand(self, mixed):
        found = leaves_windows(mixed, as_of=AS_OF)
        assert found[["message_id", "period"]].values.tolist() == [
            ["id-1", 7], ["id-2", 30], ["id-1", 30], ["id-2", 90], ["id-1", 90],
        ]  # fmt: skip
        assert found["leaves_at"].iloc[:2].tolist() == [
            instant("2026-10-09T08:00"), instant("2026-10-27T04:00"),
        ]  # fmt: skip

    def test_the_instant_named_is_the_last_that_holds_the_contact(self, mixed):
        leaves_at = leaves_windows(mixed, as_of=AS_OF)["leaves_at"].iloc[0]
        after = leaves_at + pd.Timedelta(1, unit="us")
        late = [
            by_period(mixed, as_of=now, since=now, until=now)["last_7_days"]["late"]
            for now in (leaves_at, after)
        ]
        assert late == [1, 0]

    def test_of_nothing(self, contacts_of):
        found = leaves_windows(contacts_of(), as_of=AS_OF)
        assert found.empty and str(found["leaves_at"].dtype) == "datetime64[us, UTC]"

    def test_row_order_is_irrelevant(self, mixed):
        one = leaves_windows(mixed, as_of=AS_OF)
        other = leaves_windows(mixed.iloc[::-1], as_of=AS_OF)
        pd.testing.assert_frame_equal(one, other)


class TestSharesAhead:
    def test_by_hand(self, mixed):
        found = shares_ahead(mixed, as_of=AS_OF, days=5, target=0.9)
        week = found[found["period"] == 7].reset_index(drop=True)
        assert week["closed"].tolist() == [2, 2, 2, 2, 1, 0]  # late leaves on the 9th at 08:00
        assert week["open"].tolist() == [1] * 6
        assert week["share"].iloc[0] == 0.5
        assert week["low"].iloc[0] == pytest.approx(1 / 3)
        assert week["high"].iloc[0] == pytest.approx(2 / 3)
        # (1 + x) / (2 + x) >= 0.9
        assert week["answers_to_target"].iloc[0] == 8
        assert pd.isna(week["share"].iloc[5]) and week["high"].iloc[5] == 1

    def test_of_nothing(self, contacts_of):
        found = shares_ahead(contacts_of(), as_of=AS_OF)
        assert len(found) == 3 * 15 and found["share"].isna().all() and found["low"].isna().all()

    def test_without_a_target(self, mixed):
        found = shares_ahead(mixed, as_of=AS_OF)
        assert found["answers_to_target"].isna().all()


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.booleans())
def test_what_is_told_ahead_is_what_is_seen_later(contacts_of, seed, answers):
    """Where all that is open is met in time, or nothing is, the ends come true day by day."""
    random = Random(seed)
    rows = []
    for _ in range(30):
        sent = AS_OF - pd.Timedelta(minutes=random.randrange(1, 100 * 1440))
        waited = (AS_OF - sent) / pd.Timedelta(hours=1)
        choices = ["met", "late", "missed"] if waited > 24 else ["met", "open"]
        status = random.choice(choices)
        hours = {"met": min(waited, 20.0), "late": waited}.get(status)
        rows.append((sent.isoformat(), status, hours))
    contacts = contacts_of(*rows)
    told = shares_ahead(contacts, as_of=AS_OF)
    later = contacts.assign(
        status=contacts["status"].replace("open", "met" if answers else "missed")
    )
    for row in told[told["at"] > AS_OF].iloc[seed % 3 :: 3].itertuples():
        period = f"last_{row.period}_days"
        seen = by_period(later, as_of=row.at, since=row.at, until=row.at)[period]["on_time_share"]
        ahead = row.high if answers else row.low
        assert (pd.isna(ahead) and seen is None) or ahead == pytest.approx(seen)
