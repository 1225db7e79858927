"""Which format a file of Amazon's is, and that every unit in it is accounted for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from amazon_samples import (
    ALL_ORDERS_ROW,
    ARCHIVED_ROW,
    FILES,
    MFN_RETURN_ROW,
    ORDER,
    PREAMBLE,
    UNSHIPPED_ROW,
    table,
)

from sellerkit.read import amazon
from sellerkit.read.registry import FORMATS, by_name, detect
from sellerkit.read.source import Context, Format, Parsed, Source

CONTEXT = Context("shop")
PACKAGE = "sellerkit.read.amazon"


def is_format(value: object) -> bool:
    return isinstance(value, Format)


def accounted(parsed: Parsed) -> bool:
    return parsed.read == parsed.used + sum(parsed.skipped.values()) + len(parsed.quarantined) and (
        parsed.used >= 0
    )


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_claimed_by_its_format_alone(name):
    source = Source("download.bin", FILES[name])
    assert [form.name for form in FORMATS if form.matches(source)] == [name]


@pytest.mark.parametrize("name", FILES)
def test_every_unit_is_accounted_for(name):
    parsed = by_name(name).parse(Source("a", FILES[name]), CONTEXT)
    assert parsed.read > 0
    assert accounted(parsed)


def test_every_format_of_amazon_has_a_sample():
    modules = [import_module(found.name) for found in iter_modules(amazon.__path__, f"{PACKAGE}.")]
    own = {form.name for module in modules for form in vars(module).values() if is_format(form)}
    assert own == set(FILES)
    assert own <= {form.name for form in FORMATS}


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_format_says_what_it_is_in_one_line_each(form):
    for text in (form.name, form.about, form.recognised_by, form.example):
        assert text and "\n" not in text


def test_archived_orders_and_any_column_order_are_all_orders():
    backwards = sorted(ARCHIVED_ROW, reverse=True)
    for text in (table(ARCHIVED_ROW), table(ALL_ORDERS_ROW, order=backwards)):
        assert detect(Source("x", text.encode())) is by_name("all_orders")


def test_headers_are_alike_in_any_spelling():
    spelled = {name.upper().replace("-", "_"): cell for name, cell in UNSHIPPED_ROW.items()}
    assert detect(Source("x", table(spelled).encode())) is by_name("unshipped_orders")
    plain = {name.replace(" ", "-").lower(): cell for name, cell in MFN_RETURN_ROW.items()}
    assert detect(Source("x", table(plain, sep=",").encode())) is by_name("mfn_returns")


@pytest.mark.parametrize(
    ("header", "kind", "encoding"),
    [
        ('"Datum/Uhrzeit","Abrechnungsnummer","Typ","Bestellnummer","SKU","Beschreibung"',
         "Erstattung", "cp1252"),
        ('"date/heure","numéro de versement","type","numéro de la commande","sku","description"',
         "Remboursement", "utf-8-sig"),
        ('"Data/Ora:","Numero pagamento","Tipo","Numero ordine","SKU","Descrizione"',
         "Rimborso", "utf-8"),
        ('"fecha y hora","identificador de pago","tipo","número de pedido","sku","descripción"',
         "Reembolso", "cp1252"),
        ('"日付/時間","決済番号","トランザクションの種類","注文番号","SKU","説明"',
         "返金", "cp932"),
        ('"日付/時間","決済番号","トランザクションの種類","注文番号","SKU","説明"',
         "返金", "utf-16"),
    ],
)  # fmt: skip
def test_transactions_of_other_stores_are_known_by_their_own_names(header, kind, encoding):
    title = "ギフト" if kind == "返金" else "é"
    line = f'"1","2","{kind}","{ORDER}","007","{title}"'
    source = Source("x.csv", f"{PREAMBLE}{header}\n{line}\n".encode(encoding))
    form = detect(source)
    assert form is by_name("transactions")
    parsed = form.parse(source, CONTEXT)
    assert parsed.skipped == {"preamble": 4, "refund: it does not say of which return": 1}


def test_feedback_with_a_header_in_another_language_is_known_by_its_lines():
    text = f"Datum\tBewertung\tKommentare\tAntwort\tNr.\tMail\r\n03.04.26\t5\tGut\t\t{ORDER}\tx@y"
    source = Source("x", text.encode())
    assert detect(source) is by_name("feedback")


def test_other_tables_are_not_taken_for_reports():
    for text in (
        "a\tb\n1\t2\n",
        "order_id,sku\n1,2\n",
        "date,rating\n1,2\n",
        "<html></html>",
        "{}",
    ):
        assert detect(Source("x", text.encode())) is None


@pytest.mark.corpus
def test_every_json_of_the_corpus_is_told_or_unknown_and_accounted_for(corpus: Path):
    found = sorted(corpus.rglob("*.json"))
    assert len(found) > 20
    told = 0
    for path in found:
        source = Source(path.name, path.read_bytes())
        form = detect(source)
        if form is not None:
            told += 1
            assert accounted(form.parse(source, CONTEXT)), path
    assert told >= len(found) - 2  # an empty object, and the schema of a report
