"""The labelled seller messages are whole: their fields, names and counts are what their page says."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks" / "labelled_seller"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja")
PARTS = ("tune", "held")
PROACTIVE_ONLY = {"no_order_id", "unneeded", "emoji", "blank_lines"}
RULES = PROACTIVE_ONLY | {
    "external_link", "email_address", "phone_number", "incentive", "review_pressure", "marketing",
    "asks_to_cancel", "important_tag",
}  # fmt: skip
EXPECTED = {
    "return_information", "outside_window", "late_shipment", "late_delivery", "out_of_stock",
    "claim",
}  # fmt: skip
LINT_FIELDS = {"id", "kind", "marketplace", "subject", "body", "rules", "note"}
CONTENT_FIELDS = {"id", "expected", "body", "ok", "note"}
ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}")

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the benchmarks are in a checkout only")


def rows(language: str, task: str, part: str) -> list[dict]:
    text = (FOLDER / f"{language}.{task}.{part}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_lint_messages_are_whole(language, part):
    messages = rows(language, "lint", part)
    ids = [message["id"] for message in messages]
    assert ids == [f"{language}-lint-{part}-{i:03d}" for i in range(1, len(ids) + 1)]
    for message in messages:
        assert set(message) == LINT_FIELDS, message["id"]
        assert message["body"].strip() and message["note"], message["id"]
        assert message["kind"] in ("reply", "proactive"), message["id"]
        rules = set(message["rules"])
        assert len(rules) == len(message["rules"]) and rules <= RULES, message["id"]
        assert message["kind"] == "proactive" or not rules & PROACTIVE_ONLY, message["id"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_can_be_counted_in_a_text_is_labelled_so(language, part):
    for message in rows(language, "lint", part):
        text = message["subject"] + "\n" + message["body"]
        tagged = "[important]" in message["subject"].lower()
        assert ("important_tag" in message["rules"]) == tagged, message["id"]
        if message["kind"] == "proactive":
            unnamed = ORDER_ID.search(text) is None
            assert ("no_order_id" in message["rules"]) == unnamed, message["id"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_lint_has_every_rule_and_about_as_many_clean_messages(language):
    counts: Counter[str] = Counter()
    for part in PARTS:
        messages = rows(language, "lint", part)
        clean = sum(not message["rules"] for message in messages)
        assert len(messages) >= 40 and 0.4 <= clean / len(messages) <= 0.6
        of_part = Counter(rule for message in messages for rule in message["rules"])
        assert all(of_part[rule] >= 2 for rule in RULES)
        counts += of_part
    assert all(counts[rule] >= 5 for rule in RULES)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_content_messages_are_whole_and_balanced(language, part):
    messages = rows(language, "content", part)
    ids = [message["id"] for message in messages]
    assert ids == [f"{language}-content-{part}-{i:03d}" for i in range(1, len(ids) + 1)]
    assert len(messages) >= 36
    for message in messages:
        assert set(message) == CONTENT_FIELDS, message["id"]
        assert message["body"].strip() and message["note"], message["id"]
        assert isinstance(message["ok"], bool), message["id"]
    kinds = Counter((message["expected"], message["ok"]) for message in messages)
    assert {expected for expected, _ in kinds} == EXPECTED
    assert all(kinds[expected, ok] >= 3 for expected in EXPECTED for ok in (True, False))


def test_no_text_stands_in_both_parts():
    for task in ("lint", "content"):
        bodies = {
            part: {row["body"] for language in LANGUAGES for row in rows(language, task, part)}
            for part in PARTS
        }
        assert not bodies["tune"] & bodies["held"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_counts_what_there_is(language, part):
    lint, content = (rows(language, task, part) for task in ("lint", "content"))
    clean = sum(not message["rules"] for message in lint)
    ok = sum(message["ok"] for message in content)
    line = f"| {language} | {part} | {len(lint)} | {clean} | {len(content)} | {ok} |"
    assert line in (FOLDER / "README.md").read_text("utf-8").splitlines()
