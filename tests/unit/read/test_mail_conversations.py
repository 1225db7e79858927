"""What all mails together say: threads, orders, copies, bounces, automated mails."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.read.mail.conversations import resolve
from sellerkit.read.mail.evidence import MAILS
from sellerkit.tables import MESSAGES, conform, empty

NOON = pd.Timestamp("2020-01-06T12:00", tz="UTC")
SENDERS = {"buyer": "buyer", "seller": "seller", "copy": "seller"}


def said(message_id: str, kind: str = "buyer", minutes: float = 0, **others) -> dict:
    row = {
        "account": "shop",
        "message_id": message_id,
        "kind": kind,
        "sent_at": NOON + pd.Timedelta(minutes=minutes),
        "buyer_id": "jo" if kind in SENDERS else None,
        "named_order_id": None,
        "references": [],
        "automated": False,
        "undelivered": False,
        "voids": [],
        "text_key": None,
    }
    return row | others


def tables(*rows: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    messages = [
        {
            "message_id": row["message_id"],
            "thread_id": "",
            "account": row["account"],
            "sent_at": row["sent_at"],
            "sender": SENDERS.get(row["kind"], "amazon"),
            "buyer_id": row["buyer_id"],
        }
        for row in rows
    ]
    return conform(pd.DataFrame(messages), MESSAGES), conform(pd.DataFrame(list(rows)), MAILS)


def resolved(*rows: dict) -> pd.DataFrame:
    return resolve(*tables(*rows)).set_index("message_id")


def threads(*rows: dict) -> dict[str, str]:
    return resolved(*rows)["thread_id"].to_dict()


A, B = "302-0000001-0000001", "302-0000002-0000002"


def test_a_thread_is_a_buyer_and_an_order():
    assert threads(
        said("1", named_order_id=A),
        said("2", "seller", named_order_id=A),
        said("3", named_order_id=B),
        said("4", named_order_id=A, buyer_id="flo"),
    ) == {"1": f"jo/{A}", "2": f"jo/{A}", "3": f"jo/{B}", "4": f"flo/{A}"}


def test_a_mail_without_an_order_joins_the_one_it_answers():
    found = resolved(
        said("1", named_order_id=A),
        said("2", named_order_id=B),
        said("3", "seller", references=["1"]),
        said("4", references=["unknown", "3"]),
        said("5"),
    )
    assert found["thread_id"].tolist() == [f"jo/{A}", f"jo/{B}", f"jo/{A}", f"jo/{A}", "jo"]
    assert found["order_id"].isna().tolist() == [False, False, False, False, True]


def test_an_order_of_its_own_goes_before_the_mail_it_answers():
    assert (
        threads(said("1", named_order_id=A), said("2", named_order_id=B, references=["1"]))["2"]
        == f"jo/{B}"
    )


def test_only_mails_of_the_same_account_and_buyer_are_answered():
    found = threads(
        said("1", named_order_id=A, buyer_id="flo"),
        said("1", named_order_id=A, account="other"),
        said("2", references=["1"]),
    )
    assert found["2"] == "jo"


def test_the_aliass_only_order_is_meant():
    assert threads(said("1", named_order_id=A), said("2"), said("3", "seller")) == {
        "1": f"jo/{A}",
        "2": f"jo/{A}",
        "3": f"jo/{A}",
    }
    assert threads(said("1"), said("2", "seller")) == {"1": "jo", "2": "jo"}


def test_amazons_notices_stand_by_their_order_or_themselves():
    found = resolved(
        said("1", named_order_id=A), said("2", "amazon", named_order_id=A), said("3", "amazon"),
        said("4", "bounce"),
    )  # fmt: skip
    assert found["thread_id"].tolist()[1:] == [f"amazon/{A}", "amazon/3", "amazon/4"]
    assert found.loc["2", "order_id"] == A


@pytest.mark.parametrize("length", [1, 2, 3, 50])
def test_answers_in_a_circle_end(length):
    ring = [said(str(n), references=[str((n + 1) % length)]) for n in range(length)]
    assert set(threads(*ring).values()) == {"jo"}


def test_a_long_chain_is_followed_to_its_beginning():
    chain = [said(f"{n:03}", references=[f"{n - 1:03}"]) for n in range(1, 300)]
    found = threads(said("000", named_order_id=A), said("x", named_order_id=B), *chain)
    assert set(found.values()) == {f"jo/{A}", f"jo/{B}"}
    assert found["299"] == f"jo/{A}"


def test_a_bounce_voids_the_sellers_mail_that_it_names():
    found = resolved(
        said("1"), said("2", "seller"), said("3", "seller"), said("4", "bounce", voids=["1", "2"]),
        said("2", "seller", account="other"),
    )  # fmt: skip
    assert found["undelivered"].tolist() == [False, True, False, False, False]


def test_an_opt_out_voids_the_latest_mail_on_the_order_within_a_day():
    day = 24 * 60
    found = resolved(
        said("1", "seller", 0, named_order_id=A),
        said("2", "seller", 10, named_order_id=A),
        said("3", "seller", 20, named_order_id=B),
        said("4", "opt_out", 10 + day, named_order_id=A),
        said("5", "opt_out", 21 + day, named_order_id=B),
    )
    assert found["undelivered"].tolist() == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("minutes", "dropped"), [(-10, True), (-11, False), (0, True), (120, True), (121, False)]
)
def test_a_copy_of_a_mail_that_is_there_is_dropped(minutes, dropped):
    found = threads(
        said("1", "seller", 0, named_order_id=A, text_key="t"),
        said("2", "copy", minutes, named_order_id=A, text_key="t", buyer_id=None),
        said("3", "copy", 0, named_order_id=A, text_key="other"),
    )
    assert ("2" not in found) == dropped
    assert "3" in found


def test_a_copy_is_the_sellers_message_where_the_mail_is_missing():
    found = resolved(
        said("1", named_order_id=A), said("2", "copy", 5, buyer_id=None, named_order_id=A)
    )
    assert found.loc["2", ["thread_id", "buyer_id", "sender"]].tolist() == [
        f"jo/{A}",
        "jo",
        "seller",
    ]


def test_a_contact_that_amazon_passed_on_is_in_the_thread_of_its_orders_only_buyer():
    passed_on = said("1", buyer_id=None, named_order_id=A)
    answer = said("2", "seller", 5, named_order_id=A)
    found = resolved(passed_on, answer)
    assert found["thread_id"].tolist() == [f"jo/{A}", f"jo/{A}"]
    assert found.loc["1", "buyer_id"] == "jo"
    # of two buyers neither is taken
    assert threads(passed_on, answer, said("3", buyer_id="flo", named_order_id=A))["1"] == A
    assert threads(passed_on) == {"1": A}


def test_a_sellers_mail_without_a_buyer_or_an_order_stands_alone():
    found = threads(
        said("1", "copy", buyer_id=None),
        said("2", "copy", buyer_id=None, named_order_id=A),
        said("3", named_order_id=B), said("4", named_order_id=B, buyer_id="flo"),
        said("5", "copy", buyer_id=None, named_order_id=B),
    )  # fmt: skip
    assert (found["1"], found["2"], found["5"]) == ("1", A, B)


def to_many(buyers: int, apart: float, kind: str = "seller") -> list[dict]:
    return [said(f"{n:02}", kind, n * apart, buyer_id=f"b{n}", text_key="t") for n in range(buyers)]


@pytest.mark.parametrize(
    ("rows", "automated"),
    [
        (to_many(5, 2.5), 5),
        (to_many(5, 2.6), 0),
        (to_many(4, 0), 0),
        (to_many(20, 2.5), 20),
        (to_many(5, 0, "buyer"), 0),
        ([row | {"buyer_id": "jo"} for row in to_many(9, 0)], 0),
        ([*to_many(5, 1), said("99", "seller", 60, buyer_id="b99", text_key="t")], 5),
    ],
)
def test_one_text_to_many_buyers_at_once_is_automated(rows, automated):
    assert resolved(*rows)["automated"].sum() == automated


def test_a_mail_says_itself_that_it_is_automated():
    assert resolved(said("1", "seller", automated=True))["automated"].all()


def test_messages_that_were_no_mails_pass_untouched():
    messages, mails = tables(said("1", named_order_id=A), said("2"))
    messages.loc[1, ["thread_id", "message_id", "order_id"]] = ["given", "csv", B]
    found = resolve(messages, mails)
    pd.testing.assert_frame_equal(found.iloc[[1]], messages.iloc[[1]])
    assert resolve(messages, empty(MAILS)).equals(messages)
    assert resolve(empty(MESSAGES), mails).equals(empty(MESSAGES))
    assert resolve(empty(MESSAGES), empty(MAILS)).equals(empty(MESSAGES))


def test_the_input_is_not_changed_and_the_types_are_kept():
    messages, mails = tables(*to_many(6, 0), said("x", named_order_id=A))
    before = messages.copy(), mails.copy()
    found = resolve(messages, mails)
    pd.testing.assert_frame_equal(messages, before[0])
    pd.testing.assert_frame_equal(mails, before[1])
    assert found.dtypes.equals(messages.dtypes)


@st.composite
def lakes(draw: st.DrawFn) -> list[dict]:
    size = draw(st.integers(1, 14))
    ids = st.sampled_from([str(n) for n in range(size)])
    kinds = st.sampled_from(["buyer", "seller", "copy", "amazon", "bounce", "opt_out"])
    return [
        said(
            str(number),
            draw(kinds),
            draw(st.sampled_from([0, 5, 60, 1440])),
            account=draw(st.sampled_from(["shop", "other"])),
            buyer_id=draw(st.sampled_from(["jo", "flo", None])),
            named_order_id=draw(st.sampled_from([A, B, None])),
            references=draw(st.lists(ids, max_size=2)),
            voids=draw(st.lists(ids, max_size=2)),
            text_key=draw(st.sampled_from(["t", "u", None])),
        )
        for number in range(size)
    ]


@settings(max_examples=40)
@given(lakes(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing_and_once_is_as_good_as_twice(rows, rng: random.Random):
    key = ["account", "message_id"]
    messages, mails = tables(*rows)
    found = resolve(messages, mails).sort_values(key, ignore_index=True)
    shuffled = rng.sample(rows, len(rows))
    others = resolve(tables(*rng.sample(rows, len(rows)))[0], tables(*shuffled)[1])
    pd.testing.assert_frame_equal(found, others.sort_values(key, ignore_index=True))
    pd.testing.assert_frame_equal(found, resolve(found, mails))
    assert found["thread_id"].notna().all()
