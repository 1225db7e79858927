"""The scan of a finished page: what it finds, whatever the page did to it, and what it leaves."""

from __future__ import annotations

import html
import json
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import call, message

from sellerkit import tables
from sellerkit.errors import ReportError
from sellerkit.lake import QUARANTINE, Lake
from sellerkit.report.leaks import Leak, leaks, mask, names_in, refuse_leaks
from sellerkit.report.leaks.words import Words

PHRASE = "the blue kettle whistles under a crooked moon every Tuesday"
GREETING = "Dear Ms. Theodora Quillfeather,\nyour lamp left us today.\nYours, the lamp shop"
SIGNED = "Where is it? I live at Gerstenweg 14, 80331 Murnau.\n\nViele Grüße\nÇelik Örnekoğlu"

ROWS = [
    message("2025-03-01T10:00", buyer_id="q7zkpw2mxn", subject="Kettle", body=f"Hi, {PHRASE}. Bye"),
    message("2025-03-01T11:00", "seller", body=GREETING),
    message("2025-03-01T12:00", buyer_id="4711", body=SIGNED),
    message("2025-03-01T13:00", buyer_id="906417713255", body="Ask quentin@postbox.example please"),
    message("2025-03-01T14:00", buyer_id="order", body="配送はいつになりますか、急いでいます"),
    message("2025-03-01T15:00", subject="One two three four grey herons stood beside nine wells"),
    message("2025-03-01T16:00", body="1 2 3 4 5 6 7 8 9 10 of 12"),
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    noted = "he said that his aunt keeps seven old clocks at home"
    raw = "302-1\tgold watch sent to the third house behind the mill\t9"
    aside = {"account": "shop", "reason": "no date", "raw": raw, "source": "f"}
    log = {
        "account": "shop", "source": "f", "source_sha256": "0", "reading": "", "read": 1, "used": 1,
        "skipped": "{}", "quarantined": 0, "tables": "{}", "seconds": 0.0,
    }  # fmt: skip
    rows = {
        tables.MESSAGES: ROWS,
        tables.CALLS: [call("2025-03-01T10:00", notes=noted)],
        QUARANTINE: [aside | {"source_sha256": "0", "source_pos": 1}],
    }
    with Lake.open_or_new(tmp_path_factory.mktemp("lake")).writing() as writer:
        for table, own in rows.items():
            writer.upsert(table, tables.conform(pd.DataFrame(own), table))
        return writer.commit(pd.DataFrame([log]))


def page(body: str) -> str:
    return f'<html><body><section id="trend"><h2>Trend</h2>{body}</section></body></html>'


def kinds(body: str, lake: Lake, **asked: Any) -> set[str]:
    found = leaks(page(body), lake, **asked)
    assert {leak.section for leak in found} <= {"section trend"}
    return {leak.kind for leak in found}


TEXT, ID, NAME = "words of a message", "a buyer’s id", "a buyer’s name"


def split_by_tags(text: str) -> str:
    return text.replace("kettle", "ket<b>t</b>le").replace(" under ", "</td><td>under<i> ")


def as_json(text: str) -> str:
    data = json.dumps({"x": [1, 2], "labels": text.split(" ")}).replace("k", "\\u006b")
    return f'<script type="application/json">{data}</script>'


HIDDEN = {
    "as it is": str,
    "upper case": str.upper,
    "other signs": lambda text: f"«{text.replace(' ', ' – ')}»".replace(" – a", ";\n\ta"),
    "escaped": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "escaped twice": lambda text: html.escape("".join(f"&#x{ord(sign):x};" for sign in text)),
    "split by tags": split_by_tags,
    "soft hyphens": lambda text: text.replace("whistles", "whis\u00adt\u200bles"),
    "full width": lambda text: text.replace("moon", "ｍｏｏｎ"),
    "an attribute": lambda text: f'<p title="{text}">x</p>',
    "a comment": lambda text: f"<!-- {text} -->",
    "labels of a chart": as_json,
    "html in json": lambda text: as_json(f"<b>{text}</b>".replace("ettle", "&#101;ttle")),
    "a script": lambda text: f"<script>var a = '{text}'</script>",
    "a link": lambda text: f'<a href="mailto:x?body={text.replace(" ", "%20")}">x</a>',
    "a part of it": lambda text: text.removeprefix("the blue "),
}  # fmt: skip


@pytest.mark.parametrize("how", HIDDEN)
def test_words_of_a_message_are_found_however_they_stand_in_the_page(how: str, lake: Lake):
    assert kinds(HIDDEN[how](PHRASE), lake) == {TEXT}
    assert kinds(HIDDEN[how](PHRASE), lake, texts=True) == set()


@pytest.mark.parametrize(
    "text",
    [
        "three four grey herons stood beside nine wells",
        "his aunt keeps seven old clocks at home",
        "gold watch sent to the third house behind the mill",
        "配送はいつになりますか",
    ],
)
def test_subjects_calls_quarantine_and_words_without_blanks_are_looked_at(text: str, lake: Lake):
    assert kinds(f"<p>{text}</p>", lake) == {TEXT}


PEOPLE = {
    "q7zkpw2mxn": ID,
    "Q7ZKPW2MXN": ID,
    "906417713255": ID,
    "Theodora Quillfeather": NAME,
    "çelik&nbsp;ÖRNEKOĞLU": NAME,
    "anyone@marketplace.amazon.de": "a relay address",
    "quentin@postbox.example": "a mail address",
    "Gerstenweg 14": "a postal address",
    "80331 Murnau": "a postal address",
}


@pytest.mark.parametrize("text", PEOPLE)
def test_who_a_buyer_is_is_found(text: str, lake: Lake):
    assert PEOPLE[text] in kinds(f"<td>{text}</td>", lake)
    assert PEOPLE[text] in kinds(f"<td>{text}</td>", lake, texts=True)
    assert kinds(f"<td>{text}</td>", lake, names=True) == set()


@pytest.mark.parametrize(
    "text",
    [
        "the blue kettle whistles under a crooked",  # seven words
        "the red kettle whistles under a tall moon every Tuesday",
        "crooked moon every Tuesday hi the blue kettle whistles under",
        "4711, order, Theodora",  # short ids and first names are met by accident
        "your lamp",  # no capitals: no name
        "1 2 3 4 5 6 7 8 9 10 of 12",
        "anna@elsewhere.example, Haferweg 3",  # nobody of the lake
    ],
)
def test_what_is_met_by_accident_is_no_leak(text: str, lake: Lake):
    assert kinds(f"<p>{text}</p>", lake) == set()


def test_messages_that_end_and_begin_are_not_one(lake: Lake):
    assert kinds("under a crooked moon every Tuesday bye dear ms", lake) == set()


def test_what_sellerkit_says_itself_is_no_leak(lake: Lake, tmp_path: Path):
    own = "Several messages in a row before the answer are one, on the first one’s clock."
    with Lake.open_or_new(tmp_path).writing() as writer:
        rows = [message("2025-03-01T10:00", body=f"{own} {PHRASE}")]
        writer.upsert(tables.MESSAGES, tables.conform(pd.DataFrame(rows), tables.MESSAGES))
        quoting = writer.commit(pd.DataFrame([dict.fromkeys(log_columns(), "{}") | numbers()]))
    assert kinds(f"<p>{own}</p>", quoting) == set()
    assert kinds(f"<p>{PHRASE}</p>", quoting) == {TEXT}
    assert kinds(f"<p>{PHRASE}</p>", quoting, own=[PHRASE]) == set()


def log_columns() -> list[str]:
    return ["account", "source", "source_sha256", "reading", "skipped", "tables"]


def numbers() -> dict[str, float]:
    return {"read": 1, "used": 1, "quarantined": 0, "seconds": 0.0}


def test_the_section_is_named_and_the_thing_itself_is_not(lake: Lake):
    whole = f"<title>{PHRASE}</title>" + page("") + page(PHRASE).replace("trend", "due-now")
    assert leaks(whole, lake) == [
        Leak("section due-now", TEXT), Leak("the head of the page", TEXT),
    ]  # fmt: skip
    with pytest.raises(ReportError, match="words of a message in section due-now") as told:
        refuse_leaks(whole, lake, name="compliance of shop")
    assert "kettle" not in str(told.value) and told.value.exit_code == 4


def test_the_pages_own_scripts_are_not_looked_at(lake: Lake):
    assert kinds(f"<script>{PHRASE}</script>", lake, scripts=[PHRASE]) == set()


def test_a_broken_page_is_looked_at_to_its_end(lake: Lake):
    for broken in (
        "<p <b <!-- <script>",
        "<script>",
        "<script type='application/json'>{",
        "<![CDATA[",
    ):
        assert TEXT in {leak.kind for leak in leaks(f"<p>x{broken}{PHRASE}", lake)}, broken


@pytest.mark.parametrize("texts", [[], [""], ["a"], ["", "a b", "", "c"], ["…"]])
def test_words_of_few_texts(texts: list[str]):
    words = Words.of(texts)
    assert len(words.hashes) == sum(len(text.replace("…", "").split()) for text in texts)
    assert [texts[place].count(" ") >= 0 for place in words.texts] == [True] * len(words.hashes)
    assert len(words.runs(8)) == len(words.within(8)) == len(words.lettered_in(8)) == 0


def test_names_are_told_by_what_stands_before_them_and_by_capitals():
    assert set(names_in("Dear Ann Lee, thanks for Big Boxes.\nBest,\nBo van Dam")) == {
        ("ann", "lee")
    }
    assert set(names_in("it broke\nJosé Ñandú Ibáñez")) == {("josé", "ñandú", "ibáñez")}
    assert not set(names_in("Hi Ann,\nwhere is my Red Lamp?"))


def test_a_text_is_masked_of_who_wrote_it():
    text = "Hello Mr. John Smith, I am Ann at ann@x.example, 12 Mill Road. id k3f9aa, Zoe Kay"
    told = mask(text, {("k3f9aa",), ("zoe", "kay")})
    assert told == "Hello [name], I am Ann at [address], [address]. id [name], [name]"


def test_a_letter_is_known_as_one_wherever_unicode_has_it() -> None:
    elsewhere = (*range(0x40000, 0xE0000), *range(0xE1000, 0x110000))
    assert not any(unicodedata.category(chr(point))[0] in "LM" for point in elsewhere)
    words = Words.of(["a ß 漢 𠀀 𞤀 \U000e0101"])
    assert words.lettered.all() and len(words.hashes) == 6
