"""The figures of docs/topics.md are those that the labelled set gives now, and do not fall."""

from __future__ import annotations

import json

import pytest

# the benchmarks stand beside the package: they are there in a checkout only
topics = pytest.importorskip("benchmarks.topics")

#: Amazon's subject or header: at most one of 24 wrong. The buyer's words: what is wanted.
FLOORS = {
    (code, "words"): topics.WANTED["words"] for code in ("en", "de", "fr", "es", "it", "nl", "ja")
}


@pytest.fixture(scope="module")
def held():
    return topics.answers("held")


def test_the_page_says_what_the_command_finds(held):
    said, found = (
        text.splitlines() for text in (topics.PAGE.read_text("utf-8"), topics.page(held))
    )
    # by line: pytest takes minutes to compare two such pages
    stale = [line for line in found if line not in said]
    assert not stale and len(said) == len(found), "run make accuracy"


def test_no_language_falls_below_its_floor(held):
    shares = topics.accuracies(held).set_index(["written_in", "told_by"])["accuracy"]
    low = {
        key: share
        for key, share in shares.items()
        if share < FLOORS.get(key, topics.WANTED["amazon"] - 0.02)
    }
    assert not low


def test_every_message_is_labelled_once_and_no_part_shares_a_text():
    seen: dict[str, str] = {}
    for file in sorted(topics.LABELLED.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            label = json.loads(line)
            words = " ".join(label["body"].casefold().split())
            key = f"{label['subject']}|{words}" if label["told_by"] == "amazon" else words
            part = file.name.split(".")[1]
            assert label["id"].split("-")[1] == part
            # what is learned from may repeat itself; what is measured stands nowhere else
            place = label["id"] if part == "held" else "learned"
            assert seen.setdefault(key, place) == place, f"{label['id']} stands in both parts"


def test_the_command_prints_no_message(tmp_path, monkeypatch):
    monkeypatch.setattr(topics, "PAGE", tmp_path / "docs" / "topics.md")
    topics.PAGE.parent.mkdir()
    printed = []
    monkeypatch.setattr("builtins.print", lambda *words: printed.append(" ".join(map(str, words))))
    topics.main()
    bodies = [
        json.loads(line)["body"]
        for line in (topics.LABELLED / "en.held.jsonl").read_text("utf-8").splitlines()
    ]
    text = "\n".join(printed) + topics.PAGE.read_text("utf-8")
    assert "held" in text
    assert not any(len(body) > 20 and body in text for body in bodies)
