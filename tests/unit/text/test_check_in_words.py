"""Check-ins are told from a seller's other mails, in the words of seven languages."""

from __future__ import annotations

import pandas as pd
import pytest

from sellerkit.tables import MESSAGES, conform
from sellerkit.text import topic

#: Each asks the buyer how it went, or for a review.
CHECK_INS = {
    "en": [
        "Your item should have reached you by now and we wanted to be sure it meets your expectations.",
        "Hello, I hope you love your new backpack! Any thoughts you can share on the product page would help other hikers.",
        "Is your order complete and in good condition?",
        "A quick note to ask how your purchase is working out for you.",
        "If you are pleased with our service, please consider leaving feedback for us.",
        "Did your package arrive in good shape?",
        "We'd love your review of the stove.",
        "It has been a week since delivery, and we would like to know if you are satisfied.",
    ],
    "de": [
        "Vor einer Woche haben Sie Ihr Zelt erhalten. Entspricht es Ihren Erwartungen?",
        "Wir hoffen, Ihre Bestellung ist wohlbehalten bei Ihnen eingetroffen.",
        "Wie sind Sie mit dem Kocher zufrieden?",
        "Haben Sie alles vollständig und unbeschädigt erhalten?",
        "Über Ihre ehrliche Rezension bei Amazon würden wir uns sehr freuen.",
        "Wir wollten nur sichergehen, dass Sie mit Ihrem Einkauf glücklich sind.",
        "Ist alles heil angekommen? Ihre Rückmeldung hilft uns weiter.",
        "Sagen Sie uns doch, wie Ihnen die Jacke gefällt.",
    ],
    "fr": [
        "Il y a une semaine, vous avez reçu votre sac. Répond-il à vos attentes ?",
        "J'espère que vous êtes content de votre commande.",
        "Votre commande est-elle arrivée complète et intacte ?",
        "Si vous êtes satisfait, un petit commentaire sur Amazon nous aiderait beaucoup.",
        "Nous voulions nous assurer que tout est en ordre avec votre achat.",
        "Comment trouvez-vous votre réchaud ?",
        "Merci de prendre un instant pour noter votre expérience.",
        "Êtes-vous contente de la livraison ?",
    ],
    "es": [
        "Hace una semana recibió su mochila. ¿Cumple con sus expectativas?",
        "Esperamos que esté contento con su compra.",
        "¿Llegó su pedido completo y sin daños?",
        "Solo queríamos asegurarnos de que todo está en orden con su pedido.",
        "¿Cómo le va con el hornillo?",
        "Si está satisfecho, le agradeceríamos una valoración en Amazon.",
        "Nos gustaría saber si está satisfecho con el producto.",
        "¿Llegó todo en buen estado?",
    ],
    "it": [
        "Una settimana fa ha ricevuto il suo zaino. Soddisfa le sue aspettative?",
        "Speriamo che sia contento del suo acquisto.",
        "Il suo ordine è arrivato completo e intatto?",
        "Volevamo solo assicurarci che tutto sia in ordine con il suo acquisto.",
        "Le piace la sua nuova tenda?",
        "Se è soddisfatto, le saremmo grati per una recensione su Amazon.",
        "Ci piacerebbe sapere cosa ne pensa del fornello.",
        "È rimasto soddisfatto della consegna?",
    ],
    "nl": [
        "Een week geleden heeft u uw rugzak ontvangen. Voldoet hij aan uw verwachtingen?",
        "We hopen dat je blij bent met je aankoop.",
        "Is uw bestelling compleet en onbeschadigd aangekomen?",
        "We wilden er zeker van zijn dat alles in orde is met je aankoop.",
        "Wat vind je van de brander?",
        "Als u tevreden bent, zouden we blij zijn met een review op Amazon.",
        "Ben je blij met je nieuwe tent?",
        "Is alles in goede staat aangekomen?",
    ],
    "ja": [
        "お届けから一週間が経ちましたが、リュックはご期待に沿えましたでしょうか。",
        "商品にご満足いただけておりますでしょうか。",
        "商品は問題なくお手元に届きましたか。",
        "お買い上げいただいたテントはお気に召しましたか。",
        "もしご満足いただけましたら、レビューを書いていただけると嬉しいです。",
        "商品の状態はいかがでしたか。",
        "ストーブのご使用感はいかがでしょうか。",
        "お荷物に破損などはございませんでしたでしょうか。",
    ],
}

#: None of these does.
OTHERS = {
    "en": [
        "We hope the replacement arrives safely this time. It was shipped this morning.",
        "Is the lamp broken or does it only flicker? Please send a photo.",
        "We are glad that everything is OK now. Have a nice weekend.",
        "Please check that the fuse is in good condition before you call an electrician.",
        "Would you like a refund or a replacement? Let us know.",
    ],
    "de": [
        "Wir hoffen, dass der Ersatz diesmal unversehrt ankommt.",
        "Ist die Lampe ganz defekt oder flackert sie nur? Bitte schicken Sie ein Foto.",
        "Schön, dass nun alles in Ordnung ist.",
        "Möchten Sie eine Erstattung oder einen Ersatz?",
        "Die Jacke fällt eher klein aus, wir empfehlen eine Nummer größer.",
    ],
    "fr": [
        "Nous espérons que le remplacement arrivera intact cette fois.",
        "Souhaitez-vous un remboursement ou un échange ?",
        "Ravis que tout soit en ordre maintenant.",
        "Pouvez-vous nous envoyer une photo de l'article ?",
        "La veste taille petit.",
    ],
    "es": [
        "Esperamos que esta vez llegue intacto.",
        "¿Prefiere un reembolso o un cambio?",
        "Nos alegra que todo esté en orden.",
        "¿Puede enviarnos una foto del artículo?",
        "La chaqueta talla pequeño.",
    ],
    "it": [
        "Speriamo che questa volta arrivi intatto.",
        "Preferisce un rimborso o un cambio?",
        "Siamo contenti che ora sia tutto in ordine.",
        "Può inviarci una foto dell'articolo?",
        "La giacca veste piccola.",
    ],
    "nl": [
        "We hopen dat de vervanging deze keer heel aankomt.",
        "Wilt u een terugbetaling of een omruiling?",
        "Fijn dat nu alles in orde is.",
        "Kun je ons een foto van het artikel sturen?",
        "De jas valt klein uit.",
    ],
    "ja": [
        "今回は無事に届くことを願っております。本日発送いたしました。",
        "返金と交換のどちらをご希望ですか。",
        "問題が解決して何よりです。",
        "商品の写真をお送りいただけますか。",
        "ジャケットは小さめの作りです。",
    ],
}


def topics(texts: list[str], language: str) -> list[str]:
    rows = [
        {
            "message_id": f"m{number}", "thread_id": "t", "account": "shop", "sender": "seller",
            "sent_at": "2026-01-01T00:00Z", "body": body, "language": language,
        }
        for number, body in enumerate(texts)
    ]  # fmt: skip
    return topic(conform(pd.DataFrame(rows), MESSAGES))["topic"].tolist()


@pytest.mark.parametrize("language", CHECK_INS)
def test_a_check_in_is_one(language: str) -> None:
    told = dict(zip(CHECK_INS[language], topics(CHECK_INS[language], language), strict=True))
    assert [text for text, found in told.items() if found != "check_in"] == []


@pytest.mark.parametrize("language", OTHERS)
def test_another_mail_is_none(language: str) -> None:
    told = dict(zip(OTHERS[language], topics(OTHERS[language], language), strict=True))
    assert [text for text, found in told.items() if found != "other"] == []
