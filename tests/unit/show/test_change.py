"""The sentence and the table that say what the rules, the mix and the seller did."""

from __future__ import annotations

import html
import re

import pytest
from builders import histories, instant, message

from sellerkit.audit import Audit, audit
from sellerkit.policy import Policy
from sellerkit.report.compare import compare, parse_window
from sellerkit.report.load import Run
from sellerkit.show import View, table_change

Mail = tuple[str, float | None, str, str]


def shop(*mails: Mail, as_of: str, since: str) -> Audit:
    """Audit messages, each of a thread of its own: sent_at, hours to its answer, topic, store."""
    rows = []
    for number, (sent_at, hours, topic, store) in enumerate(mails):
        place = {"thread_id": f"t{number}", "order_id": None, "marketplace": store}
        rows.append(message(sent_at, topic=topic, **place) | {"message_id": f"b{number}"})
        if hours is not None:
            at = str(instant(sent_at) + hours * (instant("2025-01-01T01") - instant("2025-01-01")))
            rows.append(message(at, "seller", **place) | {"message_id": f"s{number}"})
    return audit(histories(messages=rows), as_of=as_of, since=since)


def page(found: Audit, window: str = "previous") -> str:
    """Return what the section says, without its marks."""
    view = View.of(Run(found, "UTC", 1, ["shop"], {}))
    shown = table_change(compare(found, parse_window(window)), view).html
    text = html.unescape(re.sub(r"<[^>]+>", " ", shown)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def days(month: int, first: int, hours: float, count: int, topic: str, store: str) -> list[Mail]:
    dates = range(first, first + count)
    return [(f"2025-{month:02}-{day:02}T08:00", hours, topic, store) for day in dates]


def test_points_lost_to_the_mix_and_to_slower_answers() -> None:
    # before: 16 of 20 in time, all but the 4 about orders gone wrong; now: 8 of 20, where 10 are
    # about those, and 2 of the questions are late
    found = shop(
        *days(3, 1, 2, 16, "inquiry", "DE"), *days(3, 20, 30, 4, "order_problem", "FR"),
        *days(4, 1, 2, 8, "inquiry", "DE"), *days(4, 10, 30, 2, "inquiry", "DE"),
        *days(4, 15, 30, 10, "order_problem", "FR"),
        as_of="2025-05-01", since="2025-04-01",
    )  # fmt: skip
    said = page(found, "2025-03-01..2025-04-01")
    # weights 0.8 and 0.5, shares 1 and 0.8: the mix (0.5 − 0.8) × 0.9, behaviour −0.2 × 0.65
    assert (
        "80.0 % of inquiries were answered in time in the earlier window, 40.0 % in this one. Of "
        "the 40.0 points lost, 0 by the rules, 27.0 by the mix of topics and stores (first of all "
        "more messages about order problems from FR), 13.0 by slower answers."
    ) in said
    assert "Inquiries answered in time 80.0 % 40.0 % −40.0" in said
    assert " 0 −27.0 −13.0 " in said
    assert "No rule behind these figures changed" in said
    # what nothing was owed of has no row
    assert "claims answered" not in said


def test_points_lost_to_a_rule_name_it() -> None:
    def month(number: int) -> list[Mail]:
        return [(f"2015-{number}-{day:02}T08:00", 20, "inquiry", "DE") for day in range(1, 13)]

    said = page(shop(*month(11), *month(12), as_of="2015-12-31", since="2015-12-01"))
    assert "Of the 100.0 points lost, 100.0 by the rules, 0 by the mix" in said
    assert "crt.window@2015-12-01 12 hours since 1 Dec 2015, before 24 hours." in said
    assert "No rule behind these figures changed" not in said


def test_a_change_that_chance_can_make_is_said_to_be_one() -> None:
    found = shop(
        ("2025-03-10T08:00", 2, "inquiry", "DE"), ("2025-03-11T08:00", 30, "inquiry", "DE"),
        ("2025-04-10T08:00", 2, "inquiry", "DE"), ("2025-04-11T08:00", 2, "inquiry", "DE"),
        as_of="2025-05-01", since="2025-04-01",
    )  # fmt: skip
    said = page(found)
    assert "50.0 by faster answers. A change of this size can be chance." in said
    assert "1 of 2 2 of 2 +50.0" in said


@pytest.mark.parametrize(
    ("mails", "which"),
    [
        ([("2025-04-10T08:00", 2, "inquiry", "DE")], "the earlier window, 2 Mar to 1 Apr 2025"),
        ([("2025-03-10T08:00", 2, "inquiry", "DE")], "this window, 1 Apr to 1 May 2025"),
    ],
)
def test_without_one_of_the_windows_there_is_nothing_to_compare(
    mails: list[Mail], which: str
) -> None:
    said = page(shop(*mails, as_of="2025-05-01", since="2025-04-01"))
    assert f"There is nothing to compare: in {which}, nothing" in said


def test_a_store_that_a_stranger_named_is_only_shown() -> None:
    store = "<script>alert(1)</script>"
    found = shop(
        *days(3, 1, 2, 2, "inquiry", "DE"), *days(3, 5, 30, 2, "inquiry", store),
        *days(4, 1, 2, 2, "inquiry", "DE"), *days(4, 5, 30, 9, "inquiry", store),
        as_of="2025-05-01", since="2025-04-01",
    )  # fmt: skip
    view = View.of(Run(found, "UTC", 1, ["shop"], {}))
    shown = table_change(compare(found, parse_window("2025-03-01..2025-04-01")), view).html
    assert "<script" not in shown and "&lt;script&gt;" in shown


def test_the_rules_of_the_run_are_used() -> None:
    mails = [
        ("2025-03-10T08:00", 20, "inquiry", "DE"), ("2025-04-10T08:00", 20, "inquiry", "DE"),
    ]  # fmt: skip
    found = shop(*mails, as_of="2025-05-01", since="2025-04-01")
    strict = audit(
        found.histories, as_of="2025-05-01", since="2025-04-01",
        policy=Policy.of("2015-12-05"),
    )  # fmt: skip
    assert "1 of 1 1 of 1 0" in page(found)
    assert "0 of 1 0 of 1 0" in page(strict)
