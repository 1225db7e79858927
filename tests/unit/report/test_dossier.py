"""A dossier tells what is on file about one order, and nothing else: page by page, text, times."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pandas as pd
import pytest
from small_shop import BARE, CLAIMED, HOSTILE, SECRET, UNSEEN

import sellerkit as sk
from sellerkit import show
from sellerkit.errors import InputError, UsageError
from sellerkit.report.dossier import items_said, load_dossier
from sellerkit.show.story import story_of

DISPLAYS = (
    show.headline_dossier, show.cards_dossier, show.timeline_dossier, show.table_deadlines,
    show.checklist_dossier, show.statement_dossier, show.findings_dossier, show.table_exhibits,
    show.limits_dossier,
)  # fmt: skip


@pytest.fixture(scope="module")
def case(run: sk.Run) -> show.Dossier:
    return load_dossier(run, CLAIMED)


def view_of(run: sk.Run, case: show.Dossier, *, texts: bool = False) -> show.View:
    return show.View.of(run, texts=texts).at(case.zone)


def page(run: sk.Run, case: show.Dossier, *, texts: bool = False) -> str:
    view = view_of(run, case, texts=texts)
    return "\n".join(display(case, view).html for display in DISPLAYS)


def text_of(run: sk.Run, case: show.Dossier, *, texts: bool = False) -> str:
    return show.format_statement(show.statement_of(case, view_of(run, case, texts=texts)))


def test_everything_about_the_order_is_there_and_nothing_of_another(case: show.Dossier) -> None:
    sizes = {name: len(rows) for name, rows in case.histories.items()}
    assert sizes == {
        "order_items": 1, "notices": 0, "messages": 2, "returns": 1, "claims": 2, "calls": 1,
    }  # fmt: skip
    told = [(one.what, one.title, one.verdict) for one in case.derivations]
    assert ("obligation", "Inquiry", "late") in told
    assert ("obligation", "Return request", "missed") in told
    assert [one.id for one in case.derivations if one.what == "claim"] == ["Z1", "Z2"]
    assert case.zone == "Europe/Berlin"


def test_the_text_is_what_is_on_file_in_amazons_order(run: sk.Run, case: show.Dossier) -> None:
    """Worked by hand: Berlin is an hour ahead; what no file says stands in brackets."""
    assert (
        text_of(run, case)
        == """\
Order ID: 302-0000001-0000001
A-to-z Guarantee claim Z1, filed 12 Jan 2020 11:00, reason: not received, amount: €49.90
Decided 20 Jan 2020 11:00: granted, paid by the seller
A-to-z Guarantee claim Z2, filed 19 Feb 2020 11:00, reason: refund not issued, amount: €49.90
All times are those of Europe/Berlin. Exhibits are attached by number.

1. Order and item
Ordered 1 Jan 2020 10:00 in the Amazon store DE (exhibit 1)
Item: </pre><script>alert(1)</script> [2J  tent, ASIN [to be filled in: asin], SKU S1, quantity 1
Order total: €49.90
Fulfilled by the seller

2. Proof of shipment
To be shipped by 3 Jan 2020 23:59
Shipped 2 Jan 2020 11:00, 36 h 59 min before that time
Carrier: DHL
Tracking number: 00340
[to be filled in: delivery address, as Seller Central shows it]

3. Delivery
Delivery promised by 7 Jan 2020 23:59
[to be filled in: date of delivery, as the carrier’s tracking page shows it]
[to be filled in: whether there is a signature confirmation]
[to be filled in: carrier’s proof of delivery, attached]

4. Communication with the buyer
6 Jan 2020 11:00  The buyer wrote (exhibit 3)
7 Jan 2020 16:00  We called (exhibit 4)
8 Jan 2020 11:00  We wrote (exhibit 5), 48 h after the buyer’s message

5. Return and refund
9 Jan 2020 13:00  The buyer requested a return (exhibit 6): R1
[to be filled in: refund: date and amount, or that none was made]
[to be filled in: return address and label given to the buyer]

6. Policy basis
A-to-z claim: due 14 Jan 2020 11:00 (the date that the claim states), done 13 Jan 2020 11:00. \
Source: the claim
The order was shipped with tracking, and the number is given above.

7. What is asked
[to be filled in: what Amazon is asked to decide, and why, in one or two sentences]

Exhibits
 1  Order record, orders.csv
 2  Item record, order_items.csv
 3  Message from the buyer, 6 Jan 2020 11:00
 4  Call record, 7 Jan 2020 16:00
 5  Message from the seller, 8 Jan 2020 11:00
 6  Return record, 9 Jan 2020 13:00
 7  Claim record, 12 Jan 2020 11:00
 8  Claim record, 19 Feb 2020 11:00
"""
    )


def test_time_has_run_out_from_the_due_time_to_the_answer(run: sk.Run, case: show.Dossier) -> None:
    html = show.timeline_dossier(case, view_of(run, case)).html
    rows = re.findall(r'<li class="([^"]*)"><time>([^<]*)</time>.*?</b> ([^<]*)', html)
    red = [(at, words.strip()) for kind, at, words in rows if "past" in kind]
    # the inquiry of the 6th was due on the 7th and answered on the 8th; the return of the 9th was
    # due two days later and never answered, so all that follows until as_of is red
    assert red == [
        ("Tue 7 Jan 11:00", "Due: inquiry"),
        ("Tue 7 Jan 16:00", "The seller called"),
        ("Tue 7 Jan 23:59", "Delivery promised by then"),
        ("Sat 11 Jan 13:00", "Due: return request"),
        ("Sun 12 Jan 11:00", "A-to-z claim filed"),
        ("Mon 13 Jan 11:00", "Claim answered"),
        ("Tue 14 Jan 11:00", "Due: A-to-z claim"),
        ("Mon 20 Jan 11:00", "Claim decided"),
        ("Wed 19 Feb 11:00", "A-to-z claim filed"),
        ("Wed 19 Feb 11:00", "Appeal possible until then"),
    ]


def test_each_event_is_drawn_once_and_on_its_place(run: sk.Run, case: show.Dossier) -> None:
    view = view_of(run, case)
    events = story_of(case, view)
    drawn = show.drawn.draw_story(case, events, view)
    numbers = ",".join(sign["numbers"] for lane in drawn["lanes"] for sign in lane["signs"])
    seen = [n for part in numbers.split(",") for n in _span(part)]
    assert sorted(seen) == list(range(1, len(events) + 1))
    places = [sign["at"] for lane in drawn["lanes"] for sign in lane["signs"]]
    assert min(places) >= 0 and max(places) <= 100
    assert len(drawn["bars"]) == len(case.duties)


def _span(part: str) -> range:
    ends = [int(n) for n in re.split("[–…]", part)]
    return range(ends[0], ends[-1] + 1)


def test_every_duty_has_its_date_rule_certainty_and_source(run: sk.Run, case: show.Dossier) -> None:
    view = view_of(run, case)
    html = show.table_deadlines(case, view).html
    for one in case.duties:
        assert view.moment(one.clock.due_at, weekday=True, year=True) in html
        if "states" not in one.clock.limit:
            rule = one.rules[0]
            assert rule.name in html and rule.source in html.replace("&#39;", "'")
    assert "stated by the claim itself" in html
    # thirty days after the decision, by the policy, since the claim does not say it
    assert "Wed 19 Feb 2020 11:00" in html and "claim.appeal@" in html


def test_the_checklist_says_what_to_do_where_it_fails(run: sk.Run, case: show.Dossier) -> None:
    html = show.checklist_dossier(case, view_of(run, case)).html
    failed = case.readiness["Z1"]["missing"]
    assert "return_answered" in failed and "delivery_proof" in failed
    for name in failed:
        assert show.papers._advice()[name]["fails"][:40] in html
    assert "Claim Z1" in html and "Claim Z2" in html


def test_no_word_of_a_message_is_shown_unless_asked_for(run: sk.Run, case: show.Dossier) -> None:
    closed, opened = page(run, case), page(run, case, texts=True)
    hidden = ("Wilhelmine", "On its way", "Jo", "a1b2c3d4e5f6g7", "@marketplace", "Fink", "cried",
              "her dog")  # fmt: skip
    assert not [words for words in hidden if words in closed]
    assert "no message text" in closed
    assert SECRET[:40] in opened and "buyer’s own words" in opened
    assert "Wilhelmine" not in text_of(run, case)
    assert SECRET in text_of(run, case, texts=True)


def test_strangers_text_stays_text(run: sk.Run, case: show.Dossier) -> None:
    assert "<script" not in page(run, case, texts=True)
    assert HOSTILE[:30] in text_of(run, case)
    assert all(sign.isprintable() or sign == "\n" for sign in text_of(run, case))


def test_the_lines_of_items_are_told_as_the_shops_own_words(
    run: sk.Run, case: show.Dossier
) -> None:
    (line,) = items_said(run, CLAIMED)
    assert line in text_of(run, case).splitlines()
    assert items_said(run, BARE) == []


def test_an_order_with_nothing_but_its_line(run: sk.Run) -> None:
    case = load_dossier(run, BARE)
    assert case.derivations == () and case.latest is None
    html, text = page(run, case), text_of(run, case)
    assert "No A-to-z claim is on file." in html
    for blank in ("date of shipment", "carrier", "tracking number", "none is on file"):
        assert f"{blank}]" in text
    assert "No A-to-z Guarantee claim is on file for this order." in text


def test_an_order_that_only_a_message_names(run: sk.Run) -> None:
    case = load_dossier(run, UNSEEN)
    assert case.order is None and len(case.histories["messages"]) == 1
    html, text = page(run, case), text_of(run, case)
    assert "The order itself is on no file that was read." in html
    assert "the order is on no file that was read]" in text
    assert "10 Jan 2020 10:00  The buyer wrote (exhibit 1)" in text
    assert case.exhibits[0].file == "all.mbox"


def test_an_order_on_no_file_names_what_is_like_it(run: sk.Run) -> None:
    with pytest.raises(InputError, match="302-0000002-0000002"):
        load_dossier(run, "302-0000002-0000009")


@pytest.mark.parametrize(("id", "what"), [("Z1", "a claim"), ("asked@x", "a message")])
def test_the_id_of_something_else_leads_to_its_order(run: sk.Run, id: str, what: str) -> None:
    with pytest.raises(InputError, match=f"{id} is the id of {what}, .* {CLAIMED}"):
        load_dossier(run, id)


def test_an_order_of_later_is_not_yet_there(run: sk.Run) -> None:
    early = sk.load_run(run.parameters["lake"], as_of="2019-01-01")
    with pytest.raises(InputError, match="later --as-of"):
        load_dossier(early, CLAIMED)


def test_an_order_of_two_accounts_wants_one_named(run: sk.Run) -> None:
    orders = run.audit.histories["orders"]
    twice = pd.concat([orders, orders.assign(account="other")], ignore_index=True)
    both = dataclasses.replace(run.audit, histories=run.audit.histories | {"orders": twice})
    with pytest.raises(UsageError, match="other and shop.*--account"):
        load_dossier(dataclasses.replace(run, audit=both), CLAIMED)


def test_nothing_after_as_of_is_told(run: sk.Run) -> None:
    early = sk.load_run(run.parameters["lake"], as_of="2020-01-12T12:00Z")
    case = load_dossier(early, CLAIMED)
    assert [claim["claim_id"] for claim in case.claims] == ["Z1"]
    text: Any = text_of(early, case)
    assert "Decided" not in text and "Z2" not in text
    assert "Answer within 46" in show.headline_dossier(case, view_of(early, case)).html


def test_a_lone_mails_file_is_not_named(run: sk.Run, case: show.Dossier) -> None:
    """Mail programs call it by its subject, and that may name the buyer."""
    one = dataclasses.replace(case.exhibits[2], source="/mail/Jo Smith asks.eml", form="eml")
    named = dataclasses.replace(case, exhibits=(one,))
    assert "Jo Smith" not in page(run, named)
