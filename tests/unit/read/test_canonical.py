"""Canonical CSV of messages: what it leaves out is told from its words, what it says stands."""

from __future__ import annotations

import pandas as pd
import pytest

from sellerkit.read.canonical import FORMATS
from sellerkit.read.source import Context, Source
from sellerkit.tables import MESSAGES, conform

ORDER = "302-0000001-0000001"
HEAD = "message_id,sent_at,sender,order_id,subject,body,language,topic\n"
MESSAGES_CSV = next(form for form in FORMATS if form.name == "messages_csv")


def rows(text: str) -> pd.DataFrame:
    parsed = MESSAGES_CSV.parse(Source("messages.csv", text.encode()), Context("shop"))
    return conform(parsed.tables["messages"], MESSAGES)


BARE = "message_id,sent_at,sender,order_id,subject,body\n"


def test_language_and_topic_are_told_from_the_words_where_the_file_has_no_such_columns():
    found = rows(f"{BARE}1,2026-01-01T00:00Z,buyer,{ORDER},,Ich möchte den Artikel zurückschicken.")
    (row,) = found.to_dict("records")
    assert (row["language"], row["topic"]) == ("de", "return")
    assert row["topic_rule"].startswith("words:")


def test_what_the_file_says_stands():
    found = rows(
        f"{HEAD}1,2026-01-01T00:00Z,buyer,{ORDER},,Ich möchte es zurückschicken.,nl,refund"
    )
    (row,) = found.to_dict("records")
    assert (row["language"], row["topic"], row["topic_rule"]) == ("nl", "refund", "given")


def test_a_blank_in_a_column_that_is_there_stands():
    found = rows(f"{HEAD}1,2026-01-01T00:00Z,buyer,{ORDER},,Ich möchte es zurückschicken.,,")
    assert found[["topic", "topic_rule", "language"]].isna().all().all()


def test_a_message_without_words_has_no_topic():
    found = rows(f"{BARE}1,2026-01-01T00:00Z,buyer,{ORDER},,\n2,2026-01-01T00:00Z,seller,,,")
    assert found[["topic", "topic_rule", "language"]].isna().all().all()


@pytest.mark.parametrize("text", [HEAD, "message_id,sent_at,sender\n"])
def test_a_header_alone_gives_no_rows(text: str):
    assert rows(text).empty
