from __future__ import annotations

import pandas as pd
from builders import instant
from hypothesis import given
from hypothesis import strategies as st

from sellerkit.measure.arrivals import arrivals

BERLIN = "Europe/Berlin"


def cells(frame):
    """Return the cells that hold a contact: (weekday, hour, contacts, late)."""
    return [tuple(row) for row in frame[frame["contacts"] > 0].to_numpy().tolist()]


def test_by_hand(contacts_of, unchanged):
    contacts = unchanged(
        contacts_of(
            ("2026-10-05T06:10", "met", 1.0),  # Monday 08:10 in Berlin
            ("2026-10-05T06:50", "late", 30.0),
            ("2026-10-04T22:00", "missed"),  # Monday 00:00
            ("2026-10-04T21:59", "open"),  # Sunday 23:59
            ("2026-10-05T06:30", "waived"),
        )
    )
    assert cells(arrivals(contacts, zone=BERLIN)) == [
        (0, 0, 1, 1),
        (0, 8, 2, 1),
        (6, 23, 1, 0),
    ]


def test_of_nothing_has_every_hour(contacts_of):
    frame = arrivals(contacts_of(), zone=BERLIN)
    assert len(frame) == 168 and frame[["contacts", "late"]].eq(0).all(axis=None)
    assert frame[["weekday", "hour"]].iloc[[0, 25, -1]].to_numpy().tolist() == [
        [0, 0],
        [1, 1],
        [6, 23],
    ]


def test_the_hour_that_comes_twice_is_one_cell(contacts_of):
    contacts = contacts_of(
        ("2026-10-25T00:30", "met", 1.0),  # Sunday 02:30, +02:00
        ("2026-10-25T01:30", "met", 1.0),  # Sunday 02:30, +01:00
        ("2026-10-25T02:30", "met", 1.0),  # Sunday 03:30
    )
    assert cells(arrivals(contacts, zone=BERLIN)) == [(6, 2, 2, 0), (6, 3, 1, 0)]


@given(st.lists(st.integers(0, 400 * 24 * 60), max_size=30))
def test_every_counted_contact_is_in_one_cell(contacts_of, minutes):
    base = instant("2026-01-01")
    rows = [((base + pd.Timedelta(minutes=m)).isoformat(), "missed") for m in minutes]
    frame = arrivals(contacts_of(*rows), zone=BERLIN)
    assert frame["contacts"].sum() == frame["late"].sum() == len(minutes)
