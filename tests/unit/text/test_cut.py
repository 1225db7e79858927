"""A person's own words, without fences, footers and quoted history (formats.md 2.4)."""

from __future__ import annotations

import pytest

from sellerkit.text import clean, own_text

FENCES = [
    ("Begin message", "End message"),
    ("Message:", "End message"),
    ("Begin message / Début du message", "End message / Fin du message"),
    ("Anfang der Nachricht", "Ende der Nachricht"),
    ("Début du message", "Fin du message"),
    ("DÃ©but du message", "Fin du message"),
    ("Debut du message", "Fin du message"),
    ("Inizio messaggio", "Fine messaggio"),
    ("Messaggio:", "Fine messaggio"),
    ("Iniciar mensaje", "Finalizar mensaje"),
    ("Message:", "Finalizar mensaje"),
    ("メッセージはここから", "メッセージはここまで"),
    ("Mensagem:", "Encerrar mensagem"),
    ("Iniciar mensagem", "Mensagem final"),
]
DASHES = "-" * 13


@pytest.mark.parametrize(("begin", "end"), FENCES)
@pytest.mark.parametrize("space", [" ", "", "  "])
@pytest.mark.parametrize("line", ["\n", " "])
def test_the_words_between_the_fences(begin, end, space, line):
    text = line.join(
        [
            "Order ID 302-0000001-0000001:",
            f"{DASHES}{space}{begin}{space}{DASHES}",
            "Where is it?",
            f"{DASHES}{space}{end}{space}{DASHES}",
            "For Your Information: To help arbitrate disputes",
        ]
    )
    assert own_text(text, fenced=True) == "Where is it?"


def test_a_missing_end_fence():
    text = f"{DASHES} Begin message {DASHES}\nWhere is it?\n\nWas this email helpful?\nYes"
    assert own_text(text, fenced=True) == "Where is it?"


def test_an_empty_fence_leaves_the_text():
    text = f"Hello\n{DASHES} Begin message {DASHES}\n{DASHES} End message {DASHES}"
    assert own_text(text, fenced=True).startswith("Hello")


def test_a_sellers_reply_stands_before_the_fence_it_quotes():
    quoted = f"{DASHES} Begin message {DASHES}\nWhere is it?\n{DASHES} End message {DASHES}"
    assert own_text(f"On its way.\n\n{quoted}", fenced=False) == "On its way."
    assert own_text(quoted, fenced=False) != ""


@pytest.mark.parametrize(
    "footer",
    [
        "For Your Information: To help arbitrate disputes and preserve trust and safety, we retain all "
        "messages buyers and sellers send through Amazon.",
        "Was this email helpful?",
        "Resolve case",
        "Solucionar o caso",
        "Risolvi caso",
        "Resolver caso",
        "Report questionable activity",
    ],
)
def test_footers_are_cut(footer):
    assert own_text(f"Where is it?\n\n{footer}\nmore", fenced=True) == "Where is it?"


def test_a_footers_words_within_a_sentence_stay():
    text = "Please resolve case 5 soon.\nWas this email helpful? I hope so."
    assert own_text(text, fenced=True) == text


def test_order_and_item_lines_above_the_words_are_cut():
    text = "Order ID 302-0000001-0000001:\n1 of Lamp, red [ASIN: B012345678]\n\nWhere is it?"
    assert own_text(text, fenced=True) == "Where is it?"
    text = "# 302-0000001-0000001:\n1 of Lamp [ASIN: B012345678]\nWhere is 302-0000001-0000001?"
    assert own_text(text, fenced=True) == "Where is 302-0000001-0000001?"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Jan 6, 2020 at 4:49 AM Jo <jo@marketplace.amazon.com> wrote:",
        "On Mon, Jan 6, 2020 at 4:49 AM Jo - Amazon Marketplace\n<jo@marketplace.amazon.com> wrote:",
        "Am 06.01.2020 um 04:49 schrieb Jo - Amazon Marketplace:",
        "Am Mo., 6. Jan. 2020 um 04:49 Uhr schrieb Jo <jo@marketplace.amazon.de>:",
        "Le lun. 6 janv. 2020 à 04:49, Jo <jo@marketplace.amazon.fr> a écrit :",
        "El lun, 6 ene 2020 a las 4:49, Jo (<jo@marketplace.amazon.es>) escribió:",
        "Il giorno lun 6 gen 2020 alle ore 04:49 Jo <jo@marketplace.amazon.it> ha scritto:",
        "Op ma 6 jan. 2020 om 04:49 schreef Jo <jo@marketplace.amazon.nl>:",
        "Em seg., 6 de jan. de 2020 às 04:49, Jo <jo@marketplace.amazon.com.br> escreveu:",
        "2020年1月6日(月) 4:49 Jo <jo@marketplace.amazon.co.jp>:",
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
        "----- Message d’origine -----",
        "-----Mensaje original-----",
        "-----Messaggio originale-----",
        "-----Oorspronkelijk bericht-----",
        "-----Mensagem original-----",
        "From: Jo <jo@x>\nSent: Monday\nTo: shop\nSubject: x",
        "Von: Jo <jo@x>\nGesendet: Montag\nAn: shop\nBetreff: x",
        "De : Jo <jo@x>\nEnvoyé : lundi\nÀ : shop\nObjet : x",
        "*From:* Jo <jo@x>\n*Date:* Monday\n*To:* shop",
    ],
)
def test_quoted_history_is_cut(attribution):
    assert own_text(f"Thank you.\n\n{attribution}\n\nold words", fenced=False) == "Thank you."
    assert own_text(f"Thank you.\n\n{attribution}\n\nold words", fenced=True) == "Thank you."


def test_quoted_lines_go_and_what_stands_below_them_stays():
    text = "On 6 Jan 2020 at 4:49, Jo wrote:\n> Where is it?\n\nIt is on its way.\n> When?\nSoon."
    assert own_text(text, fenced=False) == "It is on its way.\nSoon."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote:\nthe lamp is broken",
        "From: the shop\nI want two lamps",
        "On 6 May you told me it arrives tomorrow.",
        "-- \nJo",
        "Am I right: 3 lamps?",
        "-----\nHello",
        "> only quoted",
        "-----Original Message-----\nold",
    ],
)
def test_what_only_looks_like_history_stays(text):
    assert own_text(text, fenced=True) == text.strip()


def test_clean_text():
    assert clean("a\r\nb\rc\x00\x07\xa0d\ufeff ") == "a\nb\nc d"
    assert clean("x [commMgrTok:AYOWMP58EXOS9] y SPC-USAmazon-1-2") == "x  y"
