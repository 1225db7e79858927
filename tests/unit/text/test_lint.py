"""Each rule on both sides of its edge: what breaks it, and what only looks so."""

from __future__ import annotations

import pandas as pd
import pytest

from sellerkit.text.lint import lint, review_requests, rules
from sellerkit.text.lint.addresses import addresses, is_amazons
from sellerkit.text.lint.folding import fold_with_places

ORDER = "302-1234567-1234567"


def checked(
    body: str | None,
    *,
    subject: str | None = None,
    proactive: bool = False,
    language: str | None = "en",
    store: str | None = "US",
) -> pd.DataFrame:
    message = {"subject": subject, "body": body, "language": language, "marketplace": store}
    frame = pd.DataFrame([message]).astype("str").assign(proactive=proactive)
    return lint(frame)


def told(body: str | None, **others: object) -> list[str]:
    return list(dict.fromkeys(checked(body, **others)["rule"]))  # type: ignore[arg-type]


def places(body: str, rule: str, **others: object) -> list[str]:
    found = checked(body, **others)  # type: ignore[arg-type]
    found = found[found["rule"] == rule]
    return [body[start:end] for start, end in zip(found["start"], found["end"], strict=True)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("see shop.example.com for it", "shop.example.com"),
        ("go to https://www.dpd.de/track?id=1.", "https://www.dpd.de/track?id=1"),
        ("(http://10.0.0.1/x)", "http://10.0.0.1/x"),
        ("here: bit.ly/3xShelf!", "bit.ly/3xShelf"),
        ("amazon.com.evil.net", "amazon.com.evil.net"),
        ("notamazon.com", "notamazon.com"),
        ("https://amazon.com@evil.net/x", "https://amazon.com@evil.net/x"),
        ("https://amazon.evil.com", "https://amazon.evil.com"),
        ("our shop (dot) com", "shop (dot) com"),
        ("our flowjet dot com now", "flowjet dot com"),
        ("詳細はshop.example.comをご覧ください", "shop.example.com"),
        ("ｓｈｏｐ．ｅｘａｍｐｌｅ．ｃｏｍ", "ｓｈｏｐ．ｅｘａｍｐｌｅ．ｃｏｍ"),
        ("www . shop . de", "www . shop . de"),
    ],
)
def test_external_links(text, place):
    assert places(text, "external_link") == [place]


@pytest.mark.parametrize(
    "text",
    [
        "https://www.amazon.de/gp/css/order-history", "amazon.co.jp/returns", "https://a.co/d/x1",
        "sellercentral.amazon.com", "https://m.media-amazon.com/images/1.jpg", "amzn.to/3abc",
        "It arrived.It was broken.so we sent", "manual.pdf, setup.exe, v2.0.1, 12.95, e.g. this",
        "ASP.NET and node.js", "z.B. d.h. i.e. U.S.A. Dr.Oetker", "look at the dot in the corner",
        "Open 192.168.1.100 in the browser",
    ],
)  # fmt: skip
def test_no_external_links(text):
    assert told(text) == []


def test_a_word_of_the_language_is_no_top_level_domain_in_it():
    assert places("visita negozio.it", "external_link", language="it") == ["negozio.it"]
    assert told("the shop.it was closed") == []
    assert told("la commande.de plus", language="fr") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("write to ken@trail.example.net, please", "ken@trail.example.net"),
        ("a.b+c@x.co", "a.b+c@x.co"),
        ("name [at] shop [dot] de", "name [at] shop [dot] de"),
        ("help at shop dot co dot uk", "help at shop dot co dot uk"),
        ("garantie arobase velo.fr", "garantie arobase velo.fr"),
        ("領収書はkeiri＠tool.jpまで", "keiri＠tool.jp"),
        ("x@marketplace.amazon.com.evil.net", "x@marketplace.amazon.com.evil.net"),
        ("support@amazon.com", "support@amazon.com"),
    ],
)
def test_mail_addresses(text, place):
    assert places(text, "email_address") == [place]


def test_amazons_relay_is_no_mail_address():
    for store in ("com", "de", "co.uk", "co.jp", "com.br"):
        assert told(f"write to a1b2c3@marketplace.amazon.{store}") == []
    assert told("follow @ the corner, 2 @ 5.99 each") == []


@pytest.mark.parametrize(
    ("store", "text", "place"),
    [
        ("US", "add our whatsapp +1 646 555 0143 now", "+1 646 555 0143"),
        ("US", "Summit Gear | (303) 555-0117", "(303) 555-0117"),
        ("UK", "ring us on 020 7946 0318, Mon-Fri", "020 7946 0318"),
        ("UK", "call 07700 900123", "07700 900123"),
        ("DE", "unter der Nummer 030 1234567 erreichen", "030 1234567"),
        ("FR", "au 01.23.45.67.89", "01.23.45.67.89"),
        ("NL", "bel 06-12345678", "06-12345678"),
        ("ES", "llame al 912345678", "912345678"),
        ("JP", "お電話は03-1234-5678まで", "03-1234-5678"),
        ("JP", "電話０３－１２３４－５６７８まで", "０３－１２３４－５６７８"),
        ("AT", "null sechs sechs null, 12 34 567", "null sechs sechs null, 12 34 567"),
        ("FR", "zéro six, douze, trente-quatre, dix", "zéro six, douze, trente-quatre, dix"),
        ("NL", "stuur een foto naar 0612345678", "0612345678"),
        ("US", "646 555 0143 is my cell", "646 555 0143"),
    ],
)
def test_phone_numbers(store, text, place):
    assert places(text, "phone_number", store=store, language=None) == [place]


@pytest.mark.parametrize(
    ("store", "text"),
    [
        ("US", f"Order {ORDER}, thanks"), ("US", "UPS 1Z999AA10123456784"),
        ("US", "FedEx tracking 7712 3456 7890"), ("UK", "invoice no. 07700-2024-0193"),
        ("US", "SKU 555-0199-2210, UPC 0 72512 90034 1"), ("DE", "EAN 4006381333931"),
        ("DE", "am 12.05.2026 um 14:30, 129,00 EUR"), ("US", "Mon 0900-1730, Sat 1000-1300"),
        ("DE", "Sendungsnummer 00340434161234567890"), ("JP", "伝票番号0300-0012-3401"),
        ("IT", "ordine 3471234567"), ("ES", "la 910-000-123, no la 910-000-132"),
        ("IT", "0376-000-118 maggiorato"), ("US", "B0ABCD1234 costs $1,299.00"),
        ("DE", "IBAN DE89 3704 0044 0532 0130 00"), ("UK", "192.168.100.200"), ("NL", "zending 0612345678"),
        ("UK", "count five, four, three, two, one"), ("UK", "in sizes one, two, three, four"),
    ],
)  # fmt: skip
def test_no_phone_numbers(store, text):
    assert told(text, store=store) == []


@pytest.mark.parametrize(
    ("rule", "language", "text"),
    [
        ("incentive", "en", "We refund half once your review is online."),
        ("incentive", "de", "Gegen eine Rezension verlängern wir die Garantie auf fünf Jahre."),
        ("incentive", "fr", "Si vous publiez un avis, nous vous offrons une gourde."),
        ("incentive", "es", "En cuanto publiques tu opinión te devolvemos 5 € por Bizum."),
        ("incentive", "it", "Chi lascia una recensione riceve un buono regalo."),
        ("incentive", "nl", "Zet er een review op en ik stort je een tientje terug."),
        ("incentive", "ja", "レビューを投稿していただけましたら、ブラシを無料でお送りします。"),
        ("review_pressure", "en", "Would you kindly remove the one-star review?"),
        ("review_pressure", "de", "Bitte überdenken Sie Ihre Bewertung."),
        ("review_pressure", "fr", "Pourriez-vous retirer votre commentaire ?"),
        ("review_pressure", "es", "¿Podría quitar la reseña de una estrella?"),
        ("review_pressure", "it", "Potrebbe modificare la recensione?"),
        ("review_pressure", "nl", "Zou je de review eraf willen halen?"),
        ("review_pressure", "ja", "星1レビューの削除をお願いできませんでしょうか。"),
        ("marketing", "en", "Code SPRING15 takes 15% off your next order."),
        ("marketing", "de", "5 % Rabatt auf Ihre nächste Bestellung!"),
        ("marketing", "fr", "Suivez-nous sur Facebook."),
        ("marketing", "es", "Síguenos en Instagram."),
        ("marketing", "it", "Usi il codice BOTTEGA15, sconto sul prossimo ordine."),
        ("marketing", "nl", "Volg ons op Instagram voor acties."),
        ("marketing", "ja", "次回のお買い物で使える10%OFFクーポンをどうぞ。"),
        ("asks_to_cancel", "en", "Please cancel the order from your side."),
        ("asks_to_cancel", "de", "Bitte stornieren Sie die Bestellung selbst."),
        ("asks_to_cancel", "fr", "Pourriez-vous annuler la commande de votre côté ?"),
        ("asks_to_cancel", "es", "Le pedimos que cancele usted su pedido."),
        ("asks_to_cancel", "it", "Faccia lei l'annullamento dell'ordine."),
        ("asks_to_cancel", "nl", "Kun je de bestelling annuleren?"),
        ("asks_to_cancel", "ja", "お客様側でキャンセル手続きをしていただけますでしょうか。"),
    ],
)
def test_worded_rules(rule, language, text):
    found = checked(text, language=language, store=None)
    assert rule in set(found["rule"])
    # the place is within the text, and English words do not hide it where the language is unknown
    assert rule in told(text, language=None, store=None)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We have refunded you in full, $34.99, on November 3."),
        ("en", "We'd be glad if you left a review, whatever you think of it."),
        ("en", "Would you accept 20% back as a partial refund and keep it?"),
        ("en", "As you requested: to cancel, open Your Orders and confirm."),
        ("en", "We will cancel the order for you today."),
        ("en", "We can't give discounts or vouchers outside Amazon's promotions."),
        ("en", "The red cable goes to the positive pole."),
        ("en", "I read your review and you're right about the lid."),
        ("de", "Ich storniere von hier aus, Sie müssen nichts tun."),
        ("de", "Einen eigenen Rabatt räumen wir nicht ein."),
        ("fr", "Le facteur a laissé un avis de passage."),
        ("fr", "Nous n'avons pas de code promo à vous donner."),
        ("es", "No tenemos cupones ni descuentos."),
        ("it", "Abbiamo annullato noi l'ordine."),
        ("nl", "Je vroeg hoe je annuleert: Mijn bestellingen, Artikelen annuleren."),
        ("ja", "レビューはそのままで結構でございます。"),
        ("ja", "お値引きやクーポンのご用意はございません。"),
    ],
)
def test_words_that_only_look_so(language, text):
    assert told(text, language=language) == []


def test_the_buyers_subject_is_not_the_sellers():
    assert told("It is done.", subject="Re: please cancel my order, call 020 7946 0318") == []
    found = checked("It is done.", subject="Visit shop.example.com")
    assert list(found["rule"]) == ["external_link"]
    assert list(found[["excerpt", "start", "end"]].iloc[0]) == ["shop.example.com", -1, -1]


@pytest.mark.parametrize(
    ("rule", "body", "others", "holds"),
    [
        ("no_order_id", "Which name shall we engrave?", {}, True),
        ("no_order_id", f"Which name for {ORDER}?", {}, False),
        ("no_order_id", "Which name?", {"subject": f"Re: {ORDER}"}, False),
        ("no_order_id", "Which name for 30212345671234567?", {}, False),
        ("no_order_id", "Which name for 302-123456-1234567?", {}, True),
        ("no_order_id", None, {"subject": "Hello"}, False),
        ("unneeded", "Your order has been dispatched.", {}, True),
        ("unneeded", "Thank you so much for your purchase.", {}, True),
        ("unneeded", "Your order has shipped. If any problem comes up, write.", {}, True),
        ("unneeded", "Your order has been dispatched. Is the gate open?", {}, False),
        ("unneeded", "Your order is delayed until Friday. Thank you.", {}, False),
        ("emoji", "Which colour? \U0001f436", {}, True),
        ("emoji", "Done \u2714\ufe0f", {}, True),
        ("emoji", "CleanPad\u2122 \u00a9 1 # * (^_^) \u2714 \u2606 \u266a", {}, False),
        ("blank_lines", "a\n\n\nb", {}, True),
        ("blank_lines", "a\r\n \r\n\t\r\nb", {}, True),
        ("blank_lines", "a\n\nb", {}, False),
    ],
)
def test_rules_for_messages_unasked(rule, body, others, holds):
    assert (rule in told(body, proactive=True, **others)) is holds
    assert told(body, proactive=False, **others) == []


def test_the_tag_counts_in_answers_too_and_in_its_brackets_only():
    for subject in ("[Important] x", "Re: [ important ]", "a [IMPORTANT] b"):
        assert told("Navy or black?", subject=subject) == ["important_tag"]
    assert told("Navy or black?", subject="Important: x") == []


def test_places_are_of_the_text_as_it_stands():
    text = "Ｈéllo\u200b  ½ ﬁne!\n\nPlease   le\u00adave us a 5\u00a0star review \u30cf\u309a"
    found = checked(text)
    row = found[found["rule"] == "review_pressure"].iloc[0]
    assert row["excerpt"] == text[row["start"] : row["end"]]
    assert row["excerpt"].startswith("Please   le\u00adave us")


def test_every_place_is_told_and_each_once():
    body = "shop.example.com and other.example.org, shop.example.com"
    assert places(body, "external_link") == [
        "shop.example.com", "other.example.org", "shop.example.com",
    ]  # fmt: skip


def test_why_is_one_sentence_with_the_rule_and_its_source():
    for name, rule in rules().items():
        sentence = rule.sentence()
        assert sentence.startswith(f"{name}: ")
        assert rule.source in sentence
        assert sentence.endswith(").")
        assert "\n" not in sentence


def test_requests_for_a_review_neutral_or_not():
    bodies = ["Please leave a review.", "We will review your case.", "Leave 5 stars!", "Danke"]
    frame = pd.DataFrame({"body": bodies, "subject": None, "language": "en", "marketplace": None})
    found = review_requests(frame.astype("str").assign(proactive=False))
    assert list(found["row"]) == [0, 2]


def test_hosts_that_are_amazons():
    assert all(map(is_amazons, ("amazon.de", "www.amazon.com.br", "a.co", "m.media-amazon.com")))
    assert not any(map(is_amazons, ("amazon", "amazon.evil.com", "xa.co", "amazon.de.com")))
    assert addresses("amazon.de", "de") == ([], [])


def test_folding_remembers_places():
    folded = fold_with_places("  A\u0301\u200bß  ｶﾞ\n\n\nx ")
    assert folded.text == "ass が\nx"
    assert folded.origin(0, 1) == (2, 4)
    assert folded.origin(1, 3) == (5, 6)
    assert folded.origin(4, 5) == (8, 10)
    assert folded.origin(6, 7) == (13, 14)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Did everything arrive safely? If you like, please leave a review."),
        ("de", "Ist alles gut angekommen? Wenn Sie mögen, bewerten Sie bitte Ihren Kauf."),
        ("fr", "Tout est-il bien arrivé ? Si vous le souhaitez, laissez un avis."),
        ("es", "¿Ha llegado todo bien? Si lo desea, deje una opinión."),
        ("it", "È arrivato tutto bene? Se vuole, lasci una recensione."),
        ("nl", "Is alles goed aangekomen? Als je wilt, laat dan een beoordeling achter."),
    ],
)
def test_a_neutral_check_in_presses_nobody(language, text):
    assert told(text, language=language) == []
    assert list(review_requests(frame_of(text, language))["row"]) == [0]


def frame_of(body: str, language: str) -> pd.DataFrame:
    columns = {"body": [body], "subject": None, "language": language, "marketplace": None}
    return pd.DataFrame(columns).astype("str").assign(proactive=False)
