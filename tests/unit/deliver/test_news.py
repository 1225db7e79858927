"""What is new between two runs: each thing once, whatever the window of the report is."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sellerkit import tables
from sellerkit.config import Limits
from sellerkit.deliver.news import News, news
from sellerkit.deliver.owed import OWED, read_owed, write_owed
from sellerkit.deliver.quiet import quiet_sources
from sellerkit.errors import InputError
from sellerkit.incidents import Brought

DAY = dt.timedelta(days=1)
FIRST = dt.datetime(2026, 10, 5, 6, tzinfo=dt.UTC)
KINDS = ("inquiry", "return", "order_problem", "claim")


def at(hours: float) -> pd.Timestamp:
    """Return a moment so many hours after the first run."""
    return pd.Timestamp(FIRST + dt.timedelta(hours=hours)).as_unit("us")


def duty(number: int, status: str, due: float, **more: Any) -> dict[str, Any]:
    return {
        "obligation_id": f"o{number}", "kind": "inquiry", "order_id": f"302-{number}", "rule": "r",
        "thread_id": "jo@marketplace.amazon.de", "account": "shop", "marketplace": "DE", "why": "",
        "trigger_at": at(due - 24), "due_at": at(due), "status": status, **more,
    }  # fmt: skip


def look(folder: Path, hours: float, *duties: dict, shares: tuple = (), **kinds: tuple) -> Path:
    """Write findings as of some hours after the first run; shares are lowest and highest."""
    frame = tables.conform(pd.DataFrame(list(duties)), tables.OBLIGATIONS)
    place = folder / f"{hours:g}"
    write_owed(frame, place)

    def bound(pair: tuple) -> dict[str, Any]:
        return dict(zip(("lowest", "highest"), pair or (None, None), strict=True))

    covered = {kind: {"coverage": bound(kinds.get(kind, ()))} for kind in KINDS}
    summary = {
        "as_of": at(hours).isoformat(),
        "window": {"since": at(hours - 720).isoformat(), "until": at(hours).isoformat()},
        "obligations": dict.fromkeys(KINDS),
        "completeness": {"bounds": {
            "contacts": {"window": {"on_time_share": bound(shares)}},
            "obligations": covered | {"late_shipment": {}},
        }},
    }  # fmt: skip
    (place / "summary.json").write_text(json.dumps(summary))
    return place


def told(
    before: Path | None, now: Path, *, hours: float = 24, limits: Limits | None = None,
    fetched: tuple = (), zone: str = "UTC",
) -> News:  # fmt: skip
    moment = pd.Timestamp(json.loads((now / "summary.json").read_text())["as_of"])
    return news(
        before, now, as_of=moment, due_hours=hours, limits=limits or Limits(), fetched=fetched,
        zone=zone,
    )  # fmt: skip


def ids(found: News) -> list[str]:
    """Return what is told: of a duty its kind of news and the number of its order."""
    orders = (re.search(r"302-(\d+)", item.line) for item in found.items)
    pairs = zip(found.items, orders, strict=True)
    return [f"{item.kind}/o{order[1]}" if order else item.id for item, order in pairs]


def test_a_duty_is_told_as_it_comes_near_and_once_its_time_is_over(tmp_path: Path) -> None:
    looks = [
        look(tmp_path, 0, duty(1, "open", 20), duty(2, "open", 40)),
        look(tmp_path, 12, duty(1, "open", 20), duty(2, "open", 40)),
        look(tmp_path, 24, duty(1, "missed", 20), duty(2, "open", 40)),
        look(tmp_path, 48, duty(1, "late", 20), duty(2, "late", 40)),
        look(tmp_path, 72, duty(1, "late", 20), duty(2, "late", 40)),
    ]
    found = [told(before, now) for before, now in zip([None, *looks], looks, strict=False)]
    assert [ids(one) for one in found] == [["due/o1"], [], ["missed/o1", "due/o2"], ["late/o2"], []]
    assert [one.empty for one in found] == [False, True, False, False, True]
    assert found[2].headline() == (
        "1 message to a buyer was not written in time; 1 message to a buyer is due within 24 hours."
    )
    # two of three runs were not told: the third tells all of it
    assert ids(told(looks[0], looks[3])) == ["late/o1", "late/o2"]


def test_what_comes_to_light_later_is_told_apart(tmp_path: Path) -> None:
    first = look(tmp_path, 0, duty(1, "missed", -5))
    old = [duty(number, "missed", -100) for number in (2, 3)]
    now = look(tmp_path, 24, duty(1, "missed", -5), *old, duty(4, "late", -100))
    found = told(first, now)
    assert ids(found) == ["older/o2", "older/o3"]
    assert found.headline() == "2 messages missed before came to light."


def test_a_first_run_tells_what_was_missed_in_its_window(tmp_path: Path) -> None:
    longer_ago = duty(2, "missed", -100, trigger_at=at(-1000))
    now = look(tmp_path, 0, duty(1, "missed", -5), longer_ago, duty(3, "late", -5))
    found = told(None, now)
    assert found.since is None
    assert ids(found) == ["missed/o1"]


def test_the_hours_ahead_are_those_of_the_configuration(tmp_path: Path) -> None:
    before = look(tmp_path, 0, duty(1, "open", 40), duty(2, "open", 49))
    now = look(tmp_path, 1, duty(1, "open", 40), duty(2, "open", 49), duty(3, "open", 49.5))
    assert ids(told(before, now)) == []
    found = told(before, now, hours=48)
    assert ids(found) == ["due/o2"]
    assert found.headline() == "1 more message to a buyer is due within 48 hours (2 in all)."


def test_times_are_those_of_the_zone_and_the_order_is_all_that_is_the_buyers(
    tmp_path: Path,
) -> None:
    problem = {"kind": "order_problem", "problem": "late_shipment", "order_id": None}
    now = look(tmp_path, 0, duty(1, "open", 20), duty(2, "open", 20.5, **problem))
    found = told(None, now, zone="Europe/Berlin")
    assert [item.line for item in found.items] == [
        "due Tue 6 Oct 04:00: Inquiry, order 302-1",
        "due Tue 6 Oct 04:30: Order problem, shipped late",
    ]
    assert "302-" not in found.headline()
    assert not any("jo@" in item.line for item in found.items)
    assert not any(path.stat().st_mode & 0o077 for path in (now / OWED, (now / OWED).parent))


def test_limits_are_told_as_they_are_crossed(tmp_path: Path) -> None:
    limits = Limits(on_time_share=0.9, coverage=0.5)
    shares = [(0.95, 0.95), (0.85, 0.85), (0.8, 0.8), (), (0.8, 0.8), (0.9, 0.9), (0.9, 0.9)]
    looks = [look(tmp_path, n, shares=pair) for n, pair in enumerate(shares)]
    found = [told(a, b, limits=limits) for a, b in zip([None, *looks], looks, strict=False)]
    below, fine = ["limit/on_time_share/below"], ["limit/on_time_share/fine"]
    assert [ids(one) for one in found] == [[], below, [], [], below, fine, []]
    assert found[1].headline() == (
        "The share of inquiries answered in time is 85.0\u202f%, below the limit of 90.0\u202f%."
    )
    assert "is 90.0\u202f% again" in found[5].headline()
    assert ids(told(None, looks[1])) == []


def test_where_mail_is_missing_a_limit_is_crossed_only_if_it_is_for_sure(tmp_path: Path) -> None:
    limits = Limits(coverage=0.5)
    doubt, sure = (look(tmp_path, n, claim=p) for n, p in enumerate([(0.3, 0.6), (0.2, 0.4)]))
    assert ids(told(None, doubt, limits=limits)) == []
    found = told(doubt, sure, limits=limits)
    assert ids(found) == ["limit/claim/below"]
    assert found.headline() == (
        "The coverage of A-to-z claims is 20.0\u202f% to 40.0\u202f%, below the limit of "
        "50.0\u202f%."
    )


def fetches(*news: int | None, hours: float = 24) -> list[Brought]:
    """Return what a source brought, night for night; None where it failed."""
    return [
        Brought("imap me", FIRST + n * dt.timedelta(hours=hours), new or 0, failed=new is None)
        for n, new in enumerate(news)
    ]


def nights_told(rows: list[Brought]) -> list[int]:
    """Return the numbers of the runs that tell that the source is quiet."""
    found = []
    for number, row in enumerate(rows):
        before = rows[number - 1].as_of if number else None
        if quiet_sources(rows[: number + 1], row.as_of, before):
            found.append(number)
    return found


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (fetches(*[5] * 7, 0, 0, 0), [7]),
        (fetches(*[5] * 6, 0, 0), []),  # too little is known of it
        (fetches(*[5, 5, 0] * 4, 0, 0), [12]),  # it is quiet every third night, not for two
        (fetches(*[5] * 7, 0, 5, 0, 5, 0, 0), [7, 12]),
        (fetches(*[5] * 7, None, None, 5), []),  # told as a failure
        (fetches(*[5] * 7, None, 0), [8]),
        (fetches(*[0] * 9), []),
        ([*fetches(*[5] * 8), Brought("imap me", FIRST + 7.1 * DAY, 0)], []),  # asked again soon
    ],
)
def test_a_source_that_is_quiet_for_too_long_is_told_once(rows: list, wanted: list) -> None:
    assert nights_told(rows) == wanted


def test_quiet_is_told_of_the_sources_of_this_run_only(tmp_path: Path) -> None:
    rows = tuple(fetches(*[5] * 7, 0))
    now = look(tmp_path, 7 * 24)
    found = told(None, now, fetched=rows)
    assert found.headline() == (
        "Imap me brought nothing for 24\u202fh; every fetch before brought something."
    )
    assert ids(told(now, look(tmp_path, 8 * 24), fetched=rows)) == []


def test_a_purge_makes_nothing_new(tmp_path: Path) -> None:
    """It leaves no id as it was, and each instant; twins of one instant are two all the same."""
    duties = [duty(1, "missed", -5), duty(2, "missed", -5), duty(3, "open", 20)]
    purged = [{**one, "obligation_id": f"x{9 - n}"} for n, one in enumerate(duties)]
    before, now = look(tmp_path, 0, *duties[1:]), look(tmp_path, 1, *purged[1:])
    assert told(before, now).empty
    assert len(told(before, look(tmp_path, 2, *purged)).items) == 1


def test_findings_without_the_duties_of_all_time_are_read_too(tmp_path: Path) -> None:
    place = look(tmp_path, 0, duty(1, "missed", -5), duty(2, "met", -5))
    assert list(read_owed(place)["obligation_id"]) == ["o1"]
    (place / OWED).rename(place / "obligations.parquet")
    assert list(read_owed(place)["obligation_id"]) == ["o1"]
    (place / "obligations.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="where .* is removed, all is told as in a first run"):
        told(None, place)
    (place / "summary.json").write_text("[]")
    with pytest.raises(InputError, match="summary.json: cannot be read"):
        news(None, place, as_of=at(0), due_hours=1, limits=Limits(), fetched=[])
