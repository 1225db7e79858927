"""Returns and claims that Amazon's notices give, where no report and no list tells of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sellerkit import tables
from sellerkit.read import registry
from sellerkit.read.files import sources
from sellerkit.read.ingest.notices import Concluded, concluded
from sellerkit.read.mail.notices import NOTICES, notice_of
from sellerkit.read.source import Context
from sellerkit.tables import CLAIMS, ORDERS, RETURNS

ORDER, OTHER = "302-0000001-0000001", "302-0000002-0000002"


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


def notice(event: str, sent: str, **facts: Any) -> dict[str, Any]:
    """Return a notice on one order in Germany; its id is its event and instant."""
    row = {
        "account": "shop", "message_id": f"{event} {sent}", "sent_at": at(sent), "event": event,
        "marketplace": "DE", "order_id": ORDER, "source": "all.mbox", "source_sha256": "aa",
        "source_pos": 7,
    }  # fmt: skip
    return row | facts


def asked(sent: str, **facts: Any) -> dict[str, Any]:
    return notice("return_requested", sent, **facts)


def refund(sent: str, amount: float | None = 10.0, **facts: Any) -> dict[str, Any]:
    return notice("refund_issued", sent, **({"amount": amount, "currency": "EUR"} | facts))


def on_file(requested: str | None, **more: Any) -> dict[str, Any]:
    row = {"return_id": "R1", "order_id": ORDER, "account": "shop"}
    return row | {"requested_at": at(requested) if requested else pd.NaT} | more


def filed(moment: str | None, **more: Any) -> dict[str, Any]:
    row = {"claim_id": "C1", "order_id": ORDER, "account": "shop", "reason": "other"}
    return row | {"filed_at": at(moment) if moment else pd.NaT} | more


def conclude(
    *notices: dict[str, Any],
    returns: tuple[dict[str, Any], ...] = (),
    claims: tuple[dict[str, Any], ...] = (),
    orders: tuple[dict[str, Any], ...] = (),
) -> Concluded:
    """Conclude, and check that any other order of the rows gives the same."""

    def frame(rows: Any, table: tables.Table) -> pd.DataFrame:
        return tables.conform(pd.DataFrame(list(rows)), table) if rows else tables.empty(table)

    said, sold = frame(notices, NOTICES), frame(orders, tables.Table("", (), ORDERS.columns[:3]))
    have = frame(returns, RETURNS), frame(claims, CLAIMS)
    found = concluded(said, *have, sold)
    again = concluded(said[::-1], have[0][::-1], have[1][::-1], sold)
    pd.testing.assert_frame_equal(found.returns, again.returns)
    pd.testing.assert_frame_equal(found.claims, again.claims)
    assert found.warnings == again.warnings
    # what was concluded is on file by the next time, and changes nothing
    have = tuple(pd.concat(pair, ignore_index=True) for pair in zip(have, found[:2], strict=True))
    third = concluded(said, *have, sold)
    pd.testing.assert_frame_equal(found.returns, third.returns)
    pd.testing.assert_frame_equal(found.claims, third.claims)
    assert list(found.returns.columns) == RETURNS.names
    assert list(found.claims.columns) == CLAIMS.names
    return found


def one(frame: pd.DataFrame) -> dict[str, Any]:
    assert len(frame) == 1, frame
    row = frame.iloc[0]
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def test_nothing_gives_nothing():
    assert [len(frame) for frame in conclude()[:2]] == [0, 0]


def test_a_return_notice_alone_is_a_return():
    told = asked("2026-03-03 10:00", return_reason="Too small", in_policy=True, tracking_id="1Z")
    row = one(conclude(told).returns)
    assert row == {
        "return_id": f"mail:{ORDER}:2026-03-03", "order_id": ORDER, "account": "shop",
        "requested_at": at("2026-03-03 10:00"), "authorized_at": None, "authorized_by": None,
        "closed_at": None, "reason": "Too small", "in_policy": True, "refunded_at": None,
        "refund_amount": None, "currency": None, "label": None, "tracking_id": "1Z",
        "source": "all.mbox", "source_sha256": "aa", "source_pos": 7,
    }  # fmt: skip


def test_amazons_authorisation_counts_from_the_notice_that_says_it():
    row = one(
        conclude(
            asked("2026-03-03 10:00"),
            asked("2026-03-04 10:00", authorized_by="amazon"),
            asked("2026-03-05 10:00", authorized_by="amazon"),
        ).returns
    )
    assert (row["authorized_at"], row["authorized_by"]) == (at("2026-03-04 10:00"), "amazon")
    assert row["requested_at"] == at("2026-03-03 10:00")


@pytest.mark.parametrize(
    "requested",
    [
        "2026-03-03 22:59:59.999999",  # the day alone: its last microsecond in Berlin
        "2026-03-03 10:00",
        "2026-02-23 23:00",  # midnight of February 24 in Berlin, 7 days before March 3
        "2026-03-10 22:59:59.999999",  # the end of March 10
    ],
)
def test_a_return_on_file_within_seven_days_is_the_same(requested):
    assert len(conclude(asked("2026-03-03 10:00"), returns=(on_file(requested),)).returns) == 0


@pytest.mark.parametrize("requested", ["2026-02-23 22:59:59.999999", "2026-03-10 23:00"])
def test_a_return_on_file_eight_days_off_is_another(requested):
    found = conclude(asked("2026-03-03 10:00"), returns=(on_file(requested),))
    assert one(found.returns)["requested_at"] == at("2026-03-03 10:00")


def test_a_return_on_file_of_another_order_or_account_is_another():
    others = (
        on_file("2026-03-03", order_id=OTHER),
        on_file("2026-03-03", return_id="R2", account="else"),
    )
    assert len(conclude(asked("2026-03-03 10:00"), returns=others).returns) == 1


def test_a_return_on_file_is_told_by_its_id_or_has_no_day():
    far = asked("2026-03-03 10:00", rma_id="R1")
    assert len(conclude(far, returns=(on_file("2025-01-01"),)).returns) == 0
    assert len(conclude(asked("2026-03-03"), returns=(on_file(None),)).returns) == 0


def test_reminders_are_one_return_and_a_later_request_another():
    found = conclude(
        asked("2026-03-01 10:00"), asked("2026-03-08 10:00"), asked("2026-03-15 10:00"),
        asked("2026-03-23 10:00"),
    )  # fmt: skip
    assert list(found.returns["return_id"]) == [
        f"mail:{ORDER}:2026-03-01", f"mail:{ORDER}:2026-03-23",
    ]  # fmt: skip


def test_notices_that_name_their_day_are_one_return_a_day():
    found = conclude(
        asked("2026-03-01 10:00", requested_on="2026-03-01"),
        asked("2026-03-03 10:00", requested_on="2026-03-03"),
        asked("2026-03-05 10:00", requested_on="2026-03-01", return_reason="Too small"),
    ).returns
    assert list(found["requested_at"]) == [at("2026-03-01 10:00"), at("2026-03-03 10:00")]
    assert found["reason"].iloc[0] == "Too small" and pd.isna(found["reason"].iloc[1])


def test_a_notice_without_a_day_belongs_to_the_nearest_return():
    found = conclude(
        asked("2026-03-01 10:00", requested_on="2026-03-01"),
        asked("2026-03-06 10:00", requested_on="2026-03-06"),
        asked("2026-03-05 10:00", authorized_by="amazon"),
    ).returns
    assert list(found["authorized_at"].notna()) == [False, True]


def test_a_request_whose_first_notice_is_missing_was_made_on_the_day_that_it_names():
    row = one(conclude(asked("2026-03-05 10:00", requested_on="2026-03-01")).returns)
    assert row["requested_at"] == at("2026-03-01 22:59:59.999999")
    assert row["return_id"] == f"mail:{ORDER}:2026-03-01"


def test_the_day_is_that_of_the_orders_store():
    late = asked("2026-03-03 05:00", marketplace=None)
    store = {"order_id": ORDER, "account": "shop", "marketplace": "US"}
    row = one(conclude(late, orders=(store,)).returns)
    assert row["return_id"].endswith(":2026-03-02")
    assert one(conclude(late).returns)["return_id"].endswith(":2026-03-03")


def test_refunds_belong_to_the_last_return_before_them():
    found = conclude(
        asked("2026-03-01 10:00"), asked("2026-05-01 10:00"),
        refund("2026-02-01", 1.0), refund("2026-03-09", 10.1), refund("2026-03-10", 5.2),
        refund("2026-05-02", 7.0),
    ).returns  # fmt: skip
    assert list(found["refunded_at"]) == [at("2026-03-09"), at("2026-05-02")]
    assert list(found["refund_amount"]) == [15.3, 7.0]
    assert list(found["currency"]) == ["EUR", "EUR"]


def test_refunds_of_unknown_sum_have_none():
    for other in (refund("2026-03-10", None), refund("2026-03-10", 1.0, currency="USD")):
        row = one(conclude(asked("2026-03-01"), refund("2026-03-09"), other).returns)
        assert (row["refunded_at"], row["refund_amount"]) == (at("2026-03-09"), None)


def test_a_refund_without_a_return_gives_nothing():
    assert len(conclude(refund("2026-03-09")).returns) == 0
    assert len(conclude(refund("2026-03-09"), returns=(on_file("2026-03-01"),)).returns) == 0


def test_a_refund_of_a_return_on_file_is_not_given_to_an_earlier_one():
    found = conclude(
        asked("2026-03-01 10:00"), refund("2026-05-02"), returns=(on_file("2026-05-01"),)
    )
    assert one(found.returns)["refunded_at"] is None


def opened(sent: str, **facts: Any) -> dict[str, Any]:
    return notice("claim_opened", sent, **facts)


def decided(sent: str, **facts: Any) -> dict[str, Any]:
    return notice("claim_decided", sent, **facts)


def test_a_claim_and_its_decision():
    told = opened(
        "2026-03-03 10:00", amount=67.32, currency="USD", respond_by=at("2026-03-06 10:00"),
        claim_reason="not_received",
    )  # fmt: skip
    row = one(conclude(told, decided("2026-03-09 10:00", outcome="amazon_funded")).claims)
    assert row == {
        "claim_id": f"mail:{ORDER}", "order_id": ORDER, "account": "shop",
        "filed_at": at("2026-03-03 10:00"), "reason": "not_received", "amount": 67.32,
        "currency": "USD", "respond_by": at("2026-03-06 10:00"), "responded_at": None,
        "decided_at": at("2026-03-09 10:00"), "outcome": "amazon_funded", "appeal_by": None,
        "appealed_at": None, "source": "all.mbox", "source_sha256": "aa", "source_pos": 7,
    }  # fmt: skip


def test_a_claim_that_does_not_say_why_has_another_reason_and_the_decisions_amount():
    row = one(conclude(opened("2026-03-03"), decided("2026-03-04", amount=5.0)).claims)
    assert (row["reason"], row["amount"], row["outcome"]) == ("other", 5.0, None)
    assert row["decided_at"] == at("2026-03-04")


def test_notices_of_one_order_are_one_claim():
    row = one(conclude(opened("2026-03-03"), opened("2026-05-03", amount=5.0)).claims)
    assert (row["filed_at"], row["amount"]) == (at("2026-03-03"), 5.0)


def test_the_last_decision_that_says_how_it_ended_holds():
    row = one(
        conclude(
            opened("2026-03-03"),
            decided("2026-03-01", outcome="denied"),  # of no claim on file
            decided("2026-03-05", outcome="seller_funded"),
            decided("2026-04-05", outcome="denied"),
            decided("2026-04-06"),
        ).claims
    )
    assert (row["decided_at"], row["outcome"]) == (at("2026-04-05"), "denied")


def test_a_decision_before_the_claim_is_none_of_it():
    row = one(conclude(decided("2026-03-01", amount=5.0), opened("2026-03-03")).claims)
    assert (row["decided_at"], row["amount"]) == (None, None)


@pytest.mark.parametrize("moment", ["2026-02-01 10:00", "2026-03-03", "2026-04-02 10:00", None])
def test_a_claim_on_file_within_thirty_days_or_without_a_date_is_the_same(moment):
    told = opened("2026-03-03 10:00"), decided("2026-03-09")
    found = conclude(*told, claims=(filed(moment),))
    assert len(found.claims) == 0 and not found.warnings


@pytest.mark.parametrize("moment", ["2026-02-01 09:59", "2026-04-02 10:01"])
def test_a_claim_on_file_further_off_is_another(moment):
    assert len(conclude(opened("2026-03-03 10:00"), claims=(filed(moment),)).claims) == 1


def test_a_decision_without_a_claim_is_said_and_gives_nothing():
    found = conclude(decided("2026-03-09", outcome="denied"))
    assert len(found.claims) == 0
    [warning] = found.warnings
    assert warning.startswith(f"all.mbox, byte 7: Amazon decided a claim on order {ORDER}")


def test_a_notice_without_an_order_is_said_and_gives_nothing():
    found = conclude(
        opened("2026-03-03", order_id=None), asked("2026-03-04", order_id=None, source=None),
        notice("opted_out", "2026-03-04", order_id=None),
    )  # fmt: skip
    assert len(found.claims) + len(found.returns) == 0
    assert [w.partition(": ")[0] for w in found.warnings] == [
        "all.mbox, byte 7", "message return_requested 2026-03-04",
    ]  # fmt: skip


def test_cancellations_and_opt_outs_give_no_row():
    found = conclude(notice("cancel_requested", "2026-03-03"), notice("opted_out", "2026-03-03"))
    assert [len(frame) for frame in found[:2]] == [0, 0] and not found.warnings


def test_accounts_are_kept_apart():
    found = conclude(asked("2026-03-03"), asked("2026-03-03", account="else", message_id="x"))
    assert sorted(found.returns["account"]) == ["else", "shop"]


def test_many_notices_of_one_order():
    days = [dt.date(2000, 1, 1) + dt.timedelta(days=n) for n in range(500)]
    named = [asked(f"{day} 10:00", requested_on=str(day)) for day in days]
    unnamed = [asked(f"{day} 11:00") for day in days]
    refunds = [refund(f"{day} 12:00") for day in days]
    found = conclude(*named, *unnamed, *refunds)
    assert len(found.returns) == found.returns["refunded_at"].notna().sum() == 500


SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample"


def read(folder: str, context: Context) -> dict[str, list[pd.DataFrame]]:
    found: dict[str, list[pd.DataFrame]] = {}
    for source in sources([SAMPLE / folder]):
        form = registry.detect(source)
        parsed = form.parse(source, context) if form else None
        for name, rows in parsed.tables.items() if parsed else ():
            frame = pd.DataFrame(rows).assign(source=source.name, account="shop")
            found.setdefault(name, []).append(frame)
    return found


def test_the_sample_shops_notices_tell_what_its_lists_tell_and_no_more():
    context = Context("shop", "DE", frozenset({"service@nordlicht-outdoor.example"}))
    mail, lists = read("mail", context), read("histories", context)
    rows = [
        notice_of(message, said["kind"])
        for messages, mails in zip(mail["messages"], mail["mails"], strict=True)
        for message, said in zip(messages.to_dict("records"), mails.to_dict("records"), strict=True)
    ]
    notices = tables.conform(pd.DataFrame([row for row in rows if row]), NOTICES)
    orders = pd.concat(lists["orders"])
    returns = tables.conform(pd.concat(lists["returns"]), RETURNS)
    claims = tables.conform(pd.concat(lists["claims"]), CLAIMS)
    both = concluded(notices, returns, claims, orders)
    assert [len(frame) for frame in both[:2]] == [0, 0]
    alone = concluded(notices, tables.empty(RETURNS), tables.empty(CLAIMS), orders)
    assert told(alone.returns, "requested_at") == told(returns, "requested_at") != set()
    assert told(alone.claims, "filed_at", "amount") == told(claims, "filed_at", "amount") != set()


def told(rows: pd.DataFrame, *columns: str) -> set[tuple[Any, ...]]:
    return set(rows[["order_id", *columns]].itertuples(index=False, name=None))
