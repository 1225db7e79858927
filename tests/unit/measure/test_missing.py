"""Holes in the mail, each on both sides of its edge, and the bounds worked by hand."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from builders import histories, instant, message, order
from hypothesis import given
from hypothesis import strategies as st

from sellerkit.audit import audit
from sellerkit.measure.bounds import Whole, bounds_of_contacts, bounds_of_duties
from sellerkit.measure.chances import binomial_tail, combined, share_above, student_below
from sellerkit.measure.hole import as_holes, no_holes
from sellerkit.measure.holes import find_holes
from sellerkit.measure.missing import missing_mail
from sellerkit.measure.quiet import by_day, quiet_runs, silent_days
from sellerkit.measure.replies import (
    aliases_without_order,
    answered_mails,
    references_not_on_file,
    threads_without_beginning,
)
from sellerkit.measure.spans import clock_skew, order_gaps, spans
from sellerkit.tables import MAILS, conform

AS_OF = instant("2026-10-05")
DAY = pd.Timedelta(days=1)


def mail(sent_at: str, kind: str = "seller", **others):
    sender = "buyer" if kind == "buyer" else "seller"
    at = instant(sent_at) if isinstance(sent_at, str) else sent_at
    said = {"message_id": f"{sender}@{sent_at}", "account": "shop", "kind": kind,
            "sent_at": at, "references": [], "voids": [],
            "automated": False, "undelivered": False}  # fmt: skip
    return said | others


def mails(*rows):
    return conform(pd.DataFrame(list(rows)), MAILS)


class TestChances:
    def test_by_hand(self):
        assert binomial_tail(0, 5, 0.3) == 1 and binomial_tail(6, 5, 0.3) == 0
        assert binomial_tail(2, 3, 0.5) == pytest.approx(0.5)
        assert share_above(0, 10, 0.05) == pytest.approx(1 - 0.05 ** (1 / 10))
        assert share_above(3, 3, 0.05) == share_above(0, 0, 0.05) == 1
        assert combined([0.01]) == pytest.approx(0.01)
        assert combined([1.0, 1.0]) == 1

    def test_t_with_one_degree_of_freedom_is_cauchy(self):
        for t in (-5.0, -1.0, 0.0, 2.5):
            assert student_below(t, 1) == pytest.approx(0.5 + math.atan(t) / math.pi, abs=1e-9)

    @given(st.integers(1, 60), st.data())
    def test_the_highest_share_gives_so_few_with_the_risk_only(self, n, data):
        k = data.draw(st.integers(0, n - 1))
        share = share_above(k, n, 0.025)
        assert 1 - binomial_tail(k + 1, n, share) == pytest.approx(0.025, abs=1e-6)


class TestReplies:
    def messages(self, *rows):
        return histories(messages=list(rows))["messages"]

    def test_a_reply_names_a_mail_on_file_or_one_that_is_not(self):
        found = self.messages(
            message("2026-09-01T08:00"), message("2026-09-01T10:00", "seller"),
            message("2026-09-20T10:00", "seller", thread_id="other"),
        )  # fmt: skip
        said = mails(
            mail("2026-09-01T10:00", references=["buyer@2026-09-01T08:00"]),
            mail("2026-09-20T10:00", references=["gone", "buyer@2026-09-01T08:00"]),
        )
        answered = answered_mails(found, said, histories()["orders"])
        assert answered["missing"].tolist() == answered["proven"].tolist() == [False, True]
        # a mail that is not there waited as long as those that are: two hours
        assert answered["at"].tolist() == [instant("2026-09-01T08:00"), instant("2026-09-20T08:00")]
        lost = references_not_on_file(said, found)
        assert lost["reference"].tolist() == ["gone"] and lost["named_by"].tolist() == ["seller"]

    @pytest.mark.parametrize(
        ("bought", "before"), [("2026-08-01", True), ("2026-09-01T08:00", False), (None, True)]
    )
    def test_of_the_first_week_only_answers_about_later_orders_tell(self, bought, before):
        found = self.messages(
            message("2026-09-01T08:00"),
            message("2026-09-03T10:00", "seller", order_id="A", thread_id="A"),
        )
        orders = histories(orders=[order(bought, order_id="A")] if bought else [])["orders"]
        said = mails(mail("2026-09-03T10:00", references=["gone"]))
        answered = answered_mails(found, said, orders)
        assert answered["before_mail"].tolist() == [before]

    def test_ids_that_never_fit_tell_nothing(self):
        for size, usable in ((9, True), (10, False)):
            replies = [f"2026-09-{n + 10}T10:00" for n in range(size)]
            found = self.messages(*[message(at, "seller", thread_id=at) for at in replies])
            said = mails(*[mail(at, references=["ticket-" + at]) for at in replies])
            answered = answered_mails(found, said, histories()["orders"])
            assert bool(answered["proven"].any()) == usable

    def test_without_references_a_thread_that_begins_with_a_reply_is_evidence_and_no_proof(self):
        found = self.messages(
            message("2026-09-01T08:00"),
            message("2026-09-01T10:00", "seller", subject="Re: a question"),
            message("2026-09-02T10:00", "seller", thread_id="t2", subject="AW: Frage"),
            message("2026-09-02T11:00", "seller", thread_id="t3", subject="Your order"),
        )
        answered = answered_mails(found, mails(), histories()["orders"])
        assert answered["missing"].tolist() == [False, True]
        assert not answered["proven"].any()
        begun = threads_without_beginning(found, mails(), references_not_on_file(mails(), found))
        assert begun["thread_id"].tolist() == ["t2"]

    def test_a_thread_whose_first_reply_names_a_mail_on_file_has_its_beginning_elsewhere(self):
        found = self.messages(
            message("2026-09-01T08:00"),
            message("2026-09-02T10:00", "seller", thread_id="t2", subject="Re: x"),
            message("2026-09-02T11:00", "seller", thread_id="t3", subject="Re: y"),
        )
        said = mails(
            mail("2026-09-02T10:00", references=["buyer@2026-09-01T08:00"]),
            mail("2026-09-02T11:00", references=["gone"]),
        )
        begun = threads_without_beginning(found, said, references_not_on_file(said, found))
        assert begun["thread_id"].tolist() == ["t3"]

    def test_aliases_without_order(self):
        found = self.messages(
            message("2026-09-01", buyer_id="a", order_id=None),
            message("2026-09-02", buyer_id="a"),
            message("2026-09-03", buyer_id="b", order_id=None),
            message("2026-09-04", buyer_id="a", order_id=None, account="other"),
            message("2026-09-05", buyer_id=None, order_id=None),
        )
        assert aliases_without_order(found) == 2


class TestSpans:
    @pytest.mark.parametrize(("days", "named"), [(5, False), (6, True)])
    def test_a_gap_between_orders_is_named_where_chance_would_not_leave_it(self, days, named):
        # two a day, about 60 days looked at: 62 · exp(-10) is above a thousandth, exp(-12) below
        first = instant("2026-08-01")
        at = [first + n * DAY / 2 for n in range(120)]
        gone = instant("2026-09-01"), instant("2026-09-01") + days * DAY
        orders = histories(
            orders=[order(str(t), order_id=str(t)) for t in at if not gone[0] <= t < gone[1]]
        )["orders"]
        found = order_gaps(
            orders, since=first, until=instant("2026-10-01"), as_of=instant("2026-09-30")
        )
        assert [(g["since"], g["until"]) for g in found] == (
            [(gone[0].date(), gone[1].date())] if named else []
        )
        if named:
            assert found[0]["expected"] == pytest.approx(2 * days)

    def test_a_shop_that_never_sells_on_weekends_has_no_gaps(self):
        days = pd.bdate_range("2026-07-01", "2026-09-30")
        orders = histories(
            orders=[order(f"{d.date()}T{h}:00", order_id=f"{d}{h}") for d in days
                    for h in range(10, 20)]
        )["orders"]  # fmt: skip
        assert order_gaps(
            orders, since=instant("2026-07-01"), until=AS_OF, as_of=instant("2026-10-01")
        ) == []  # fmt: skip

    def test_what_lies_outside_of_the_others_span(self):
        found = histories(
            messages=[message("2026-09-02"), message("2026-09-03"), message("2026-09-09")],
            orders=[order("2026-09-01", order_id="A"), order("2026-09-03", order_id="B")],
        )
        assert spans(found["messages"], found["orders"]) == [
            {
                "account": "shop",
                "first_message_at": instant("2026-09-02"),
                "last_message_at": instant("2026-09-09"),
                "first_order_at": instant("2026-09-01"),
                "last_order_at": instant("2026-09-03"),
                "orders_before_mail": 1, "orders_after_mail": 0,
                "messages_before_orders": 0, "messages_after_orders": 1,
            }
        ]  # fmt: skip

    def test_clocks_on_both_sides_of_their_edges(self):
        sent = "2026-09-10T10:00"
        received = ["09:55", "09:54:59", "11:00", "11:00:01"]
        said = mails(*[
            mail(sent, "buyer", message_id=at, received_at=instant(f"2026-09-10T{at}"))
            for at in received
        ], mail(sent, "buyer", message_id="none"))  # fmt: skip
        found = clock_skew(said, since=instant("2026-09-10"), until=instant("2026-09-11"))
        assert (found["mails"], found["ahead"], found["behind"]) == (4, 1, 1)
        assert found["most_ahead_hours"] == pytest.approx(301 / 3600)
        assert found["most_behind_hours"] == pytest.approx(3601 / 3600)


class TestSilence:
    def test_expected_is_that_of_the_same_weekdays_beside(self):
        days = pd.date_range("2026-06-01", periods=70, tz="UTC", unit="us")
        counts = pd.Series(np.where(days.day_of_week < 5, 4, 1), index=days)
        counts.iloc[33:37] = 0  # Saturday to Tuesday
        run = quiet_runs(counts)
        assert run["expected"].tolist() == [1 + 1 + 4 + 4]
        assert (run["until"] - run["since"]).tolist() == [4 * DAY]

    @pytest.mark.parametrize(("a_day", "named"), [(9, False), (11, True)])
    def test_two_days_without_mail_are_a_hole_where_that_is_unlikely(self, a_day, named):
        # 60 days looked at: 60 · 3 ** -9 is above 0.002, 60 · 3 ** -11 below it
        days = [d for d in pd.date_range("2026-08-01", periods=60) if d.month != 9 or d.day > 2]
        found = histories(
            messages=[message(f"{d.date()}T{8 + n}:00") for d in days for n in range(a_day)],
            orders=[order(f"{d.date()}", order_id=f"{d}") for d in
                    pd.date_range("2026-08-01", periods=60)],
        )  # fmt: skip
        holes = silent_days(found["messages"], found["orders"], as_of=instant("2026-09-30"))
        assert holes["since"].tolist() == ([instant("2026-09-01")] if named else [])
        if named:
            assert holes["until"].tolist() == [instant("2026-09-03")]
            assert holes["inquiries_missing"].tolist() == [2 * a_day]

    def test_days_on_which_nothing_was_sold_need_no_mail(self):
        days = pd.date_range("2026-08-01", periods=60)
        kept = [d for d in days if not (d.month == 9 and 1 <= d.day <= 4)]
        found = histories(
            messages=[message(f"{d.date()}T{8 + n}:00") for d in kept for n in range(12)],
            orders=[order(f"{d.date()}", order_id=f"{d}") for d in kept],
        )
        assert silent_days(found["messages"], found["orders"], as_of=instant("2026-09-30")).empty

    def test_by_day_counts_days_that_are_over(self):
        sent = pd.Series([instant("2026-09-01T23:59"), instant("2026-09-03T00:00")])
        assert by_day(sent, sent.min(), instant("2026-09-03T12:00")).tolist() == [1, 0]


class TestBounds:
    def test_the_whole_by_hand(self):
        whole = Whole(
            met=80, late=10, missed=10, hidden=20, replacing=5, unbounced=1, may_be_met=6,
            may_be_written=4, more_met=2, more_bad=3, more_missed=1,
        )  # fmt: skip
        on_time = whole.on_time()
        # 5 of the hidden take the place of met ones, 15 come on top, 1 met mail bounced
        assert on_time["lowest"] == (80 - 5 - 1) / (100 + 15 + 3)
        assert on_time["highest"] == (80 + 6 + 20 + 2) / (100 + 20 + 2)
        assert on_time["rate"] == 0.8
        assert on_time["unknown"] == 20 + 6 + 3 + 1
        unanswered = whole.unanswered()
        assert unanswered["lowest"] == (10 - 4) / (100 + 20 + 2)
        assert unanswered["highest"] == (10 + 20 + 1 + 1) / (100 + 20 + 1)

    def test_of_nothing_hidden_all_three_are_the_rate(self):
        bound = Whole(met=3, late=1).on_time()
        assert bound == {"rate": 0.75, "unknown": 0, "lowest": 0.75, "highest": 0.75}
        assert Whole().on_time() == {"rate": None, "unknown": 0, "lowest": None, "highest": None}
        assert Whole(hidden=1).on_time() == {
            "rate": None, "unknown": 1, "lowest": 0.0, "highest": 1.0,
        }  # fmt: skip

    def hole(self, missing=0):
        since = instant("2026-09-07")
        return as_holes(pd.DataFrame([{
            "account": "shop", "kind": "week", "since": since, "until": since + 7 * DAY,
            "reach_since": since, "reach_until": since + 7 * DAY,
            "inquiries_missing_high": missing,
        }]))  # fmt: skip

    def bounds(self, contacts, hole):
        nothing = answered_mails(histories()["messages"], mails(), histories()["orders"])
        return bounds_of_contacts(
            contacts, hole, nothing, since=instant("2026-09-01"), until=AS_OF, as_of=AS_OF
        )

    @pytest.mark.parametrize(
        ("sent", "unknown"),
        [("2026-09-05T23:59", 0), ("2026-09-06T00:00", 1), ("2026-09-13T23:59", 1),
         ("2026-09-14T00:00", 0)],
    )  # fmt: skip
    def test_a_late_contact_is_unknown_where_its_time_meets_the_hole(
        self, contacts_of, sent, unknown
    ):
        found = self.bounds(
            contacts_of((sent, "late", 200.0), ("2026-09-25", "met", 1.0)), self.hole()
        )
        assert found["on_time_share"]["unknown"] == unknown
        assert found["on_time_share"]["lowest"] == 0.5
        assert found["on_time_share"]["highest"] == (1.0 if unknown else 0.5)
        assert found["late_share"]["lowest"] == (0.0 if unknown else 0.5)

    def test_of_another_account_the_hole_says_nothing(self, contacts_of, row):
        contacts = contacts_of(row("2026-09-08", "missed", account="other"))
        assert self.bounds(contacts, self.hole())["no_response_share"]["unknown"] == 0

    def test_a_contact_long_before_may_have_been_answered_in_the_hole(self, contacts_of):
        found = self.bounds(contacts_of(("2026-09-01T08:00", "missed")), self.hole())
        assert found["on_time_share"]["unknown"] == 0  # such an answer would be late
        assert found["no_response_share"]["unknown"] == 1

    def test_duties_from_reports_hide_no_other(self, of):
        rows = of("obligations", [
            {"kind": "order_problem", "problem": "late_shipment", "status": "missed",
             "trigger_at": instant("2026-09-08"), "due_at": instant("2026-09-09")},
            {"kind": "inquiry", "status": "met"}, {"kind": "return", "status": "met"},
        ])  # fmt: skip
        whole = {n: Whole(met=1).on_time() for n in ("on_time_share", "no_response_share")}
        found = bounds_of_duties(
            rows, whole, self.hole(3), since=instant("2026-09-01"), until=AS_OF, as_of=AS_OF
        )
        assert found["order_problem"]["coverage"] == {
            "rate": 0.0, "unknown": 1, "lowest": 0.0, "highest": 1.0,
        }  # fmt: skip
        assert found["late_shipment"] == found["order_problem"]
        # as many returns to an inquiry as on file, 3 and twice their root
        assert found["return"]["coverage"]["unknown"] == math.ceil(3 + 2 * math.sqrt(3))
        assert found["claim"]["coverage"]["unknown"] == 0


def shop(seed: int, weeks: int = 14, a_day: float = 8.0):
    """Return a random shop's messages and mails: questions, most of them answered within a day."""
    rng = np.random.default_rng(seed)
    begin, asked, said = instant("2026-06-29"), [], []
    for day in range(weeks * 7):
        # seasons and bad days: twice as much in one week as in another
        pace = a_day * (1 + 0.3 * math.sin(day / 20)) * rng.gamma(6, 1 / 6)
        for _ in range(rng.poisson(pace)):
            number = len(asked)
            sent = begin + pd.Timedelta(seconds=int(day * 86400 + rng.integers(86400)))
            hours = float(rng.choice([rng.uniform(0.2, 20), rng.uniform(25, 60)], p=[0.85, 0.15]))
            thread = {"thread_id": f"t{number}", "order_id": f"o{number}"}
            asked.append(message(sent, message_id=f"q{number}", **thread))
            said.append(mail(sent, "buyer", message_id=f"q{number}"))
            if rng.random() < 0.96:
                at = sent + pd.Timedelta(hours=hours)
                asked.append(message(at, "seller", message_id=f"a{number}", **thread))
                said.append(mail(at, message_id=f"a{number}", references=[f"q{number}"]))
    orders = [order(begin + n * DAY / 10 - 10 * DAY, order_id=f"x{n}") for n in range(weeks * 70)]
    return histories(messages=asked, orders=orders), mails(*said)


def concluded(files, said):
    found = audit(files, as_of=AS_OF, since="2026-07-06")
    return found, missing_mail(
        found.histories, said, found.contacts, found.findings["obligations"],
        since=found.since, until=found.until, as_of=found.as_of,
    )  # fmt: skip


def share_of(found, of):
    counted = found.findings["contacts"][lambda c: c["counted"]]
    closed = counted[counted["status"] != "open"]
    return float(closed["status"].isin(of).mean())


@pytest.mark.parametrize("seed", range(3))
def test_a_week_without_a_third_of_its_mails_is_named_and_the_truth_within_the_bounds(seed):
    files, said = shop(seed)
    whole, missing = concluded(files, said)
    assert missing["holes"] == [] and missing["weeks_with_holes"] == []
    bound = missing["bounds"]["contacts"]["window"]["on_time_share"]
    assert bound["unknown"] == 0 and bound["lowest"] == bound["rate"] == bound["highest"]

    rng = np.random.default_rng(seed)
    week = dt.date(2026, 8, 3) + dt.timedelta(days=7 * seed)
    inside = said["sent_at"].dt.date.between(week, week + dt.timedelta(days=6))
    gone = set(said.loc[inside & (rng.random(len(said)) < 0.3), "message_id"])
    kept = files["messages"][~files["messages"]["message_id"].isin(gone)]
    holed, missing = concluded(
        files | {"messages": kept}, said[~said["message_id"].isin(gone)]
    )  # fmt: skip
    assert missing["weeks_with_holes"] == [week]
    bounds = missing["bounds"]["contacts"]["window"]
    truths = {"on_time_share": ["met"], "late_share": ["late", "missed"],
              "no_response_share": ["missed"]}  # fmt: skip
    for name, statuses in truths.items():
        assert bounds[name]["lowest"] <= share_of(whole, statuses) <= bounds[name]["highest"]
        assert bounds[name]["rate"] == pytest.approx(share_of(holed, statuses))
        assert 0 < bounds[name]["highest"] - bounds[name]["lowest"] < 0.25


def test_a_week_in_which_nobody_answered_is_no_hole():
    files, said = shop(5)
    silent = files["messages"]["sent_at"].between(instant("2026-08-10"), instant("2026-08-17"))
    lazy = files["messages"][~(silent & (files["messages"]["sender"] == "seller"))]
    _, missing = concluded(
        files | {"messages": lazy}, said[said["message_id"].isin(lazy["message_id"])]
    )
    assert missing["weeks_with_holes"] == []


def test_a_single_mail_that_a_reply_names_is_missing_for_sure():
    files, said = shop(6)
    named = said.loc[said["sent_at"] >= instant("2026-08-20"), "references"].str[0].dropna()
    gone = named.iloc[50]
    kept = files["messages"][files["messages"]["message_id"] != gone]
    _, missing = concluded(files | {"messages": kept}, said[said["message_id"] != gone])
    assert [hole["kind"] for hole in missing["holes"]] == ["mails"]
    assert missing["weeks_with_holes"] == [] and missing["references_not_on_file"] == 1
    assert missing["bounds"]["contacts"]["window"]["on_time_share"]["unknown"] >= 1


def test_of_nothing_nothing_is_missing(contacts_of, of):
    nothing = histories()
    found = missing_mail(
        nothing, None, contacts_of(), of("obligations"),
        since=instant("2026-09-01"), until=AS_OF, as_of=AS_OF,
    )  # fmt: skip
    assert found["holes"] == found["spans"] == found["order_gaps"] == []
    empty = answered_mails(nothing["messages"], mails(), nothing["orders"])
    holes = find_holes(nothing["messages"], nothing["orders"], contacts_of(), empty, as_of=AS_OF)
    assert holes.dtypes.to_dict() == no_holes().dtypes.to_dict() and holes.empty
