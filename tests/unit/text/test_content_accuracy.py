"""The figures of docs/content.md are those that the labelled answers give now, and do not fall."""

from __future__ import annotations

import json

import pytest

# the benchmarks stand beside the package: they are there in a checkout only
content = pytest.importorskip("benchmarks.content")

#: Short of what is wanted (`content.WANTED`) in most languages, which the page says; these are the
#: floors below which no change may fall.
FLOORS = {
    "en": 0.90, "de": 0.81, "fr": 0.86, "es": 0.81, "it": 0.85, "nl": 0.81, "ja": 0.85,
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return {part: content.answers(part) for part in ("tune", "held")}


def test_the_page_says_what_the_command_finds(found):
    said, now = (
        text.splitlines() for text in (content.PAGE.read_text("utf-8"), content.page(found))
    )
    stale = [line for line in now if line not in said]
    assert not stale and len(said) == len(now), "run make accuracy"


def test_no_language_falls_below_its_floor(found):
    shares = content.figures(found["held"], "written_in").set_index("written_in")
    assert {code for code, floor in FLOORS.items() if shares["accuracy"][code] < floor} == set()
    assert (shares["precision"] >= 0.85).all()


def test_the_command_prints_no_message(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "PAGE", tmp_path / "docs" / "content.md")
    content.PAGE.parent.mkdir()
    printed = []
    monkeypatch.setattr("builtins.print", lambda *words: printed.append(" ".join(map(str, words))))
    content.main()
    text = "\n".join(printed) + content.PAGE.read_text("utf-8")
    lines = (content.LABELLED / "en.content.held.jsonl").read_text("utf-8").splitlines()
    assert "held" in text
    assert not any(json.loads(line)["body"] in text for line in lines)
