"""The two views of a call, and the calls that were not made, on tables worked by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from builders import ORDER, Row, call, histories, instant, message, order

import sellerkit as sk
from sellerkit.policy import Policy
from sellerkit.tables import CALL_VIEWS, CALLS_MISSING

AS_OF = "2025-04-01"
OLD, NEW = "phone.delivery_only@2012-02-01", "phone.delivery_only@2019-05-01"


def audited(since: str = "2000-01-01", as_of: str = AS_OF, **rows: Any) -> sk.Audit:
    window = {"since": instant(since), "until": instant(as_of)}
    return sk.audit(histories(**rows), as_of=instant(as_of), **window, policy=Policy.default())


def views(*calls: Row, **rows: Any) -> pd.DataFrame:
    return sk.call_views(audited(calls=list(calls), **rows))


def turns(count: int, day: str = "2025-03-10", **others: Any) -> list[Row]:
    """Return messages, one an hour, that change their sender so often; none waits for an answer."""
    return [
        message(f"{day}T{hour:02}:00", "seller" if hour % 2 else "buyer", no_response_needed=True)
        | others
        for hour in range(count + 1)
    ]


BY_PURPOSE = [
    # purpose, the buyer asked, started, Amazon's view, the other view, they disagree
    ("delivery", False, "2025-03-12", "permitted", "not_fit", True),
    (" Scheduling", True, "2025-03-12", "permitted", "fit", False),
    ("question", False, "2025-03-12", "not_permitted", "not_fit", False),
    ("question", True, "2025-03-12", "not_permitted", "fit", True),
    (None, True, "2019-05-01", "not_permitted", "fit", True),
    (None, True, "2019-04-30T23:59:59.999999", "permitted", "fit", False),
    (None, False, "2018-01-01", "permitted", "not_fit", True),
]


@pytest.mark.parametrize(("purpose", "asked", "at", "amazon", "seed", "disagree"), BY_PURPOSE)
def test_the_two_views_of_a_call(
    purpose: str | None, asked: bool, at: str, amazon: str, seed: str, disagree: bool
) -> None:
    (row,) = views(call(at, purpose=purpose, buyer_requested=asked)).to_dict("records")
    assert (row["amazon_view"], row["seed_view"], row["disagree"]) == (amazon, seed, disagree)
    assert row["rule"] == (NEW if at >= "2019-05-01" else OLD)
    assert ("since 2019-05-01" in row["amazon_why"]) == (row["rule"] == NEW)


def test_who_rings_himself_has_asked() -> None:
    row = views(call("2025-03-12", direction="inbound")).iloc[0]
    assert (row["amazon_view"], row["seed_view"]) == ("not_permitted", "fit")
    assert row["seed_why"] == "The buyer rang himself."


def test_a_call_never_fits_while_a_mail_is_owed() -> None:
    asked = call("2025-03-10T13:00", buyer_requested=True)
    row = views(asked, messages=[message("2025-03-10T12:00")]).iloc[0]
    assert (row["verdict"], row["seed_view"]) == ("email_owed", "not_fit")
    assert row["seed_why"] == "A mail was owed (inquiry), and a call never replaces it."


@pytest.mark.parametrize(("count", "seed"), [(3, "not_fit"), (4, "fit")])
def test_four_changes_of_sender_make_a_call_fit(count: int, seed: str) -> None:
    row = views(call("2025-03-11"), messages=turns(count)).iloc[0]
    assert row["seed_view"] == seed
    assert ("taken turns 4 times" in row["seed_why"]) == (seed == "fit")


def test_the_views_are_of_the_windows_calls_in_their_order() -> None:
    calls = [call(at) for at in ("2025-03-12", "2025-03-10", "2025-02-01", "2025-03-11")]
    found = audited(since="2025-03-01", calls=calls)
    both = sk.call_views(found)
    assert both["call_id"].tolist() == found.findings["calls_review"]["call_id"].tolist()
    assert len(both) == 3
    assert list(both.columns) == CALL_VIEWS.names
    empty = sk.call_views(audited())
    assert (len(empty), list(empty.columns)) == (0, CALL_VIEWS.names)


# --- calls that were not made -------------------------------------------------------------------


PLEASE = {"body": "Bitte rufen Sie mich an.", "language": "de"}


def missing(since: str = "2000-01-01", **rows: Any) -> pd.DataFrame:
    return sk.calls_missing(audited(since, **rows))


def test_a_buyer_who_asks_for_a_call_and_gets_none() -> None:
    messages = [
        message("2025-03-10T12:00") | PLEASE,
        message("2025-03-10T13:00") | PLEASE,
        message("2025-03-10T14:00", "seller"),
    ]
    (row,) = missing(messages=messages, orders=[order()]).to_dict("records")
    assert row["order_id"] == ORDER
    assert row["fit_at"] == instant("2025-03-10T12:00")
    assert (row["reasons"], row["changes"]) == (["asked"], 0)
    assert row["written_at"] == instant("2025-03-10T14:00")
    assert (row["amazon_view"], row["rule"]) == ("delivery_only", NEW)
    assert row["why"] == (
        "The buyer asked for a call on 2025-03-10 12:00 UTC, and no call is on file. Amazon "
        "permits calls about a delivery only, since 2019-05-01: the safe way is to write, and the "
        "seller wrote on 2025-03-10 14:00 UTC."
    )


@pytest.mark.parametrize(
    ("calls", "listed"),
    [
        ([call("2025-03-10T11:59:59.999999")], True),
        ([call("2025-03-10T12:00")], False),
        ([call("2025-03-20")], False),
        ([call("2025-03-20", order_id=None)], True),
        ([call("2025-03-20", account="another")], True),
    ],
)
def test_a_call_at_or_after_the_wish_fulfils_it(calls: list[Row], listed: bool) -> None:
    found = missing(messages=[message("2025-03-10T12:00") | PLEASE], calls=calls)
    assert len(found) == listed


@pytest.mark.parametrize(
    "others",
    [{"sender": "seller"}, {"sender": "amazon"}, {"body": "Rufen Sie mich bitte nicht an."}],
)
def test_only_a_buyers_own_wish_counts(others: dict[str, Any]) -> None:
    assert missing(messages=[message("2025-03-10T12:00") | PLEASE | others]).empty


def test_a_long_exchange_without_a_call() -> None:
    (row,) = missing(messages=turns(5)).to_dict("records")
    assert (row["reasons"], row["changes"]) == (["complex"], 4)
    assert row["fit_at"] == instant("2025-03-10T04:00")
    assert row["why"].startswith("The two had taken turns 4 times by 2025-03-10 04:00 UTC")
    assert missing(messages=turns(3)).empty
    assert missing(messages=turns(5), calls=[call("2025-02-01")]).empty


def test_before_may_2019_no_dated_rule_stood_against_it() -> None:
    (row,) = missing(messages=turns(4, "2019-04-30")).to_dict("records")
    assert (row["amazon_view"], row["rule"]) == ("permitted", OLD)
    assert row["why"].endswith("stood against one, and nothing is written yet.")


def test_both_reasons_make_one_row_at_the_earlier_instant() -> None:
    messages = turns(6)
    messages[6] |= PLEASE
    (row,) = missing(messages=messages).to_dict("records")
    assert (row["reasons"], row["fit_at"]) == (["asked", "complex"], instant("2025-03-10T04:00"))
    assert row["why"].startswith("The two had taken turns 4 times by 2025-03-10 04:00 UTC")
    messages[0] |= PLEASE
    (row,) = missing(messages=messages).to_dict("records")
    assert row["fit_at"] == instant("2025-03-10T00:00")
    assert row["why"].startswith("The buyer asked for a call on 2025-03-10 00:00 UTC")


def test_the_window_picks_by_the_instant_at_which_a_call_became_fit() -> None:
    assert len(missing("2025-03-10T04:00", messages=turns(5))) == 1
    assert missing("2025-03-10T04:00:00.000001", messages=turns(5)).empty


def test_a_thread_that_names_no_order_stands_for_itself() -> None:
    alone = turns(4, order_id=None, thread_id="loose")
    (row,) = missing(messages=alone, calls=[call("2025-03-20")]).to_dict("records")
    assert (row["thread_id"], pd.isna(row["order_id"])) == ("loose", True)


def test_nothing_on_file_gives_an_empty_table() -> None:
    found = missing()
    assert (len(found), list(found.columns)) == (0, CALLS_MISSING.names)
